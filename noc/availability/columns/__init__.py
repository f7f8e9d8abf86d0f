"""The same arithmetic for many entities at once, in columns of numbers: a network over years in less than a second.

It gives the answers of noc.availability.replay and noc.availability.statement, to the last digit; a property test keeps
it so. What is few (windows, dates in service, corrections) stays with the other modules.
"""
