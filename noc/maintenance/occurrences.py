"""When a window really is planned time: what was decided about it, and when. Pure.

A decision holds from the moment at which it was made, so that nobody can improve the past: an approval after the
beginning counts from then, and what is shortened or cancelled was planned time until then.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from noc.availability.policy import Window
from noc.availability.spans import FOREVER
from noc.maintenance.recurrence import beginnings
from noc.model.window import PlannedWindow, WindowDecision


class _Held(NamedTuple):
    """In `[start, end)`, milliseconds, a window was approved, and as this decision says."""

    start: int
    end: int
    decision: WindowDecision


def occurrences(window: PlannedWindow, start_ms: int, end_ms: int) -> list[Window]:
    """Return the planned times of a window that overlap `[start_ms, end_ms)`, in order, each whole.

    `entered` is the moment of its approval. A window that nobody approved has none.
    """
    approval = window.approval
    if approval is None:
        return []
    entered = approval.since_ms
    ends: dict[int, int] = {}
    for held in _held(window):
        decision = held.decision
        long = decision.end_ms - decision.start_ms
        before = min(held.end, end_ms)
        for start in beginnings(decision.start_ms, decision.rrule, decision.zone, before):
            end = min(start + long, held.end)
            if start not in decision.without and end > max(held.start, start_ms):
                ends[start] = max(end, ends.get(start, end))
    asked = window.decisions[0]
    return [
        Window(window.entity, start, end, entered, asked.who, asked.why)
        for start, end in sorted(ends.items())
        if end > start_ms
    ]


def foreseen(window: PlannedWindow, start_ms: int, end_ms: int) -> list[Window]:
    """Return the times of a window that overlap `[start_ms, end_ms)`: planned ones, or those that are asked for."""
    if window.state != "requested":
        return occurrences(window, start_ms, end_ms)
    asked = window.now
    long = asked.end_ms - asked.start_ms
    return [
        Window(window.entity, start, start + long, None, asked.who, asked.why)
        for start in beginnings(asked.start_ms, asked.rrule, asked.zone, end_ms)
        if start not in asked.without and start + long > start_ms
    ]


def running(window: PlannedWindow, at_ms: int) -> Window | None:
    """Return the planned time of a window that a moment is in; None where there is none."""
    for found in occurrences(window, at_ms, at_ms + 1):
        if max(found.start, found.entered or found.start) <= at_ms < found.end:
            return found
    return None


def _held(window: PlannedWindow) -> Iterator[_Held]:
    """Yield what held from when to when; times of decisions that a clock set back made earlier count as the last."""
    last: WindowDecision | None = None
    since = 0
    for decision in window.decisions:
        at = max(decision.since_ms, since)
        if last is not None and at > since:
            yield _Held(since, at, last)
        if decision.step in ("cancelled", "rejected"):
            return
        last = decision if decision.step in ("approved", "shortened") else None
        since = at
    if last is not None:
        yield _Held(since, FOREVER, last)
