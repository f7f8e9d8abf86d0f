"""Simulator: a network that does not exist, at the wire. For the demo, tests, training and benchmarks."""
