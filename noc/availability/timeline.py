"""The states of one entity over all time. Pure."""

from __future__ import annotations

from collections.abc import Container, Iterator, Sequence
from enum import StrEnum
from typing import Final, NamedTuple, TypeAlias

from noc.availability.spans import FOREVER, Span, Spans


class State(StrEnum):
    """What an entity is at a moment."""

    UP = "up"
    DOWN = "down"
    UNREACHABLE = "unreachable"
    UNKNOWN = "unknown"


class Change(NamedTuple):
    """From `time` (milliseconds) on, the state is `state`."""

    time: int
    state: State


Timeline: TypeAlias = Sequence[Change]
"""Changes in order of time. Before the first the state is unknown, and the last state lasts for ever; each changes the
state that was before it. So intervals cover all time, without gap or overlap, whatever the list holds."""


class Interval(NamedTuple):
    """The state in `[start, end)`, in milliseconds."""

    start: int
    end: int
    state: State


BAD: Final = (State.DOWN, State.UNREACHABLE)
NEVER_SEEN: Final[Timeline] = ()


def append(changes: list[Change], time: int, state: State) -> None:
    """Add a change at the end; one that changes nothing isn't added."""
    if state is not (changes[-1].state if changes else State.UNKNOWN):
        changes.append(Change(time, state))


def known_until(timeline: Timeline, end: int) -> Timeline:
    """Return the timeline with everything from `end` on unknown."""
    kept = [change for change in timeline if change.time < end]
    append(kept, end, State.UNKNOWN)
    return kept


def stretches(timeline: Timeline) -> Iterator[Interval]:
    """Yield each interval from the first change on, in order; the last one ends at FOREVER."""
    for index in range(len(timeline) - 1):
        start, state = timeline[index]
        yield Interval(start, timeline[index + 1].time, state)
    if timeline:
        yield Interval(timeline[-1].time, FOREVER, timeline[-1].state)


def intervals(timeline: Timeline, start: int, end: int) -> list[Interval]:
    """Return the intervals inside `[start, end)`: from one end to the other, neighbours different."""
    found: list[Interval] = []
    since, current = start, State.UNKNOWN
    for time, state in timeline:
        if time >= end:
            break
        if time > since:
            found.append(Interval(since, time, current))
            since = time
        current = state
    if since < end:
        found.append(Interval(since, end, current))
    return found


def spans_in(timeline: Timeline, states: Container[State]) -> Spans:
    """Return when the state is one of `states` (none of which is unknown: unknown time has no beginning)."""
    found: list[Span] = []
    start: int | None = None
    for time, state in timeline:
        if state in states:
            start = time if start is None else start
        elif start is not None:
            found.append(Span(start, time))
            start = None
    if start is not None:
        found.append(Span(start, FOREVER))
    return found
