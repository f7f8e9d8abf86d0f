"""One threshold over one series: pending, raised, cleared. Pure.

A rule is raised when every number of an unbroken stretch is at the raise limit or beyond, and the stretch is at least
`hold_ms` long; it is dated back to the first of them. It is cleared by the first number at the clear limit or better,
at once. Between the limits nothing changes, except that a stretch which is not yet raised ends there.

A gap longer than `stale_ms` between two numbers ends a stretch too: nobody saw what happened in it. It never clears a
rule: no number is no good news. What is no number (NaN, infinity) is as if it weren't there, and so is what is not
later than the number before it: a second copy, or a clock that went back.
"""

from __future__ import annotations

import math
from typing import Literal, NamedTuple

from alerts.rules.compiled import Judged


class Memory(NamedTuple):
    """All that is kept of a series. Times in milliseconds of the Unix epoch.

    last_ms: of the last number. since_ms: where the stretch began that is pending or raised; None while all is well.
    """

    last_ms: int | None = None
    since_ms: int | None = None
    raised: bool = False


class Change(NamedTuple):
    """What is now certain. since_ms: since when it is so."""

    status: Literal["raised", "cleared"]
    since_ms: int


def step(memory: Memory, value: float, time_ms: int, rule: Judged, stale_ms: int) -> tuple[Memory, Change | None]:
    """Take one number; return what to remember, and the change that it makes certain.

    time_ms: when it was read. stale_ms: the longest time between two numbers that leaves a stretch unbroken.
    """
    last_ms, since_ms, raised = memory
    if not math.isfinite(value) or (last_ms is not None and time_ms <= last_ms):
        return memory, None
    if raised:
        if rule.clears(value):
            return Memory(time_ms), Change("cleared", time_ms)
        return Memory(time_ms, since_ms, raised=True), None
    if not rule.raises(value):
        return Memory(time_ms), None
    if since_ms is None or last_ms is None or time_ms - last_ms > stale_ms:
        since_ms = time_ms
    if time_ms - since_ms >= rule.hold_ms:
        return Memory(time_ms, since_ms, raised=True), Change("raised", since_ms)
    return Memory(time_ms, since_ms), None
