"""Down, or only unreachable because everything before it is down (docs/availability.md, "Unreachable"). Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from graphlib import CycleError, TopologicalSorter

from noc.availability.spans import ALWAYS, NEVER, Span, Spans, intersect
from noc.availability.timeline import BAD, Change, State, Timeline, append, spans_in, stretches


def all_failed(upstreams: Iterable[Timeline]) -> Spans:
    """Return when every upstream is down or unreachable; never, where there is none."""
    failed: Spans | None = None
    for timeline in upstreams:
        failed = intersect(ALWAYS if failed is None else failed, spans_in(timeline, BAD))
        if not failed:
            return NEVER
    return NEVER if failed is None else failed


def blame(timeline: Timeline, failed: Spans, skew: int) -> Timeline:
    """Return the timeline with down time turned to unreachable while all upstreams failed.

    failed: see `all_failed`. skew: a piece at either end of a down interval that is at most so long (milliseconds)
    and next to an unreachable piece is unreachable too, because probes aren't simultaneous.
    """
    if not failed:
        return timeline
    changes: list[Change] = []
    first = 0
    for start, end, state in stretches(timeline):
        append(changes, start, state)
        if state is not State.DOWN:
            continue
        while first < len(failed) and failed[first].end <= start:
            first += 1
        for piece in _pieces(Span(start, end), failed, first, skew):
            if piece.start == start:
                changes.pop()
            append(changes, piece.start, State.UNREACHABLE)
            if piece.end < end:
                append(changes, piece.end, State.DOWN)
    return changes


def _pieces(down: Span, failed: Spans, first: int, skew: int) -> list[Span]:
    """Return the unreachable pieces of a down interval. failed[first] is the first that may reach into it."""
    pieces: list[Span] = []
    for index in range(first, len(failed)):
        start, end = failed[index]
        if start >= down.end:
            break
        pieces.append(Span(max(start, down.start), min(end, down.end)))
    if pieces:
        if pieces[0].start - down.start <= skew:
            pieces[0] = Span(down.start, pieces[0].end)
        if down.end - pieces[-1].end <= skew:
            pieces[-1] = Span(pieces[-1].start, down.end)
    return pieces


class CircleError(ValueError):
    """Entities that wait for one another, so that none can be judged.

    chain: each one's state depends on the next; the last is the first again.
    """

    def __init__(self, chain: Sequence[str]) -> None:
        self.chain = tuple(chain)
        super().__init__(" -> ".join(self.chain))


def in_order(needs: Mapping[str, Iterable[str]]) -> list[str]:
    """Return entities in an order in which each comes after those whose states it needs. Raises CircleError."""
    try:
        return list(TopologicalSorter(needs).static_order())
    except CycleError as error:
        raise CircleError(tuple(reversed(error.args[1]))) from error


def dependencies(upstream: Mapping[str, Sequence[str]], sites: Mapping[str, Sequence[str]]) -> dict[str, list[str]]:
    """Return whose states each entity's state is made of: its upstreams' and, for a site, its devices'."""
    needs = {entity: list(names) for entity, names in upstream.items()}
    for site, devices in sites.items():
        needs.setdefault(site, []).extend(devices)
    return needs
