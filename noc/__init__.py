"""noc: the monitoring system of an enterprise network operations centre.

The plan of the house is docs/architecture.md; read noc/app/build.py first to see how the rooms are joined.
"""

__version__ = "0.1.0"
