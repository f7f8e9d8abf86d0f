"""Availability: from probe results to figures that anyone can recompute (docs/availability.md).

Arithmetic on whole milliseconds, exact until the last step; no clock, no loop, no chance. The order of reading is the
order of working: evidence (raw states) -> unreachable -> rollup (sites) -> windows (planned time) -> figures -> target;
replay joins them. Only events and policyfile read files, and none of the others imports these two.
"""
