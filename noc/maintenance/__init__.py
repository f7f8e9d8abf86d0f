"""Planned maintenance: when windows are, whom they touch, and what carriers announce. No I/O."""
