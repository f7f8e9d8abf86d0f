"""What is said later about a time that is over, laid over a timeline. Pure."""

from __future__ import annotations

from collections.abc import Iterable

from noc.availability.spans import Spans, contains
from noc.availability.timeline import Change, State, Timeline, append


def overlay(timeline: Timeline, start: int, end: int, states: Iterable[tuple[int, State]]) -> Timeline:
    """Return the timeline with `[start, end)` (milliseconds) replaced by other states.

    states: from when on which, in order of time, the first at `start`; before it, unknown.
    """
    found: list[Change] = []
    after = State.UNKNOWN
    for time, state in timeline:
        if time < start:
            append(found, time, state)
        if time <= end:
            after = state
    append(found, start, State.UNKNOWN)
    for time, state in states:
        if start <= time < end:
            append(found, time, state)
    append(found, end, after)
    for time, state in timeline:
        if time > end:
            append(found, time, state)
    return _tidy(found)


def turned(timeline: Timeline, inside: Spans, what: State, into: State) -> Timeline:
    """Return the timeline with one state turned into another inside spans."""
    if not inside:
        return timeline
    edges = {time for time, _ in timeline} | {edge for span in inside for edge in span}
    found: list[Change] = []
    index, state = 0, State.UNKNOWN
    for time in sorted(edges):
        while index < len(timeline) and timeline[index].time <= time:
            state = timeline[index].state
            index += 1
        append(found, time, into if state is what and contains(inside, time) else state)
    return found


def _tidy(changes: list[Change]) -> Timeline:
    """Of changes at one moment only the last counts, and one that changes nothing is none."""
    found: list[Change] = []
    for index, (time, state) in enumerate(changes):
        if index + 1 < len(changes) and changes[index + 1].time == time:
            continue
        append(found, time, state)
    return found
