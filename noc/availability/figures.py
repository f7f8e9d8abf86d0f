"""Figures over a period, exact (docs/availability.md, "Figures"). Pure.

Durations are milliseconds, whole for one entity and fractions for weighted sums; percentages are fractions.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from fractions import Fraction
from typing import TypeAlias

from noc.availability.policy import Period
from noc.availability.spans import Spans, contains, intersect, length, subtract
from noc.availability.timeline import BAD, State, Timeline, intervals, spans_in

Exact: TypeAlias = int | Fraction


@dataclass(frozen=True, slots=True)
class Durations:
    """How long an entity, or many together, were in each state inside the period, in milliseconds.

    Only in-service time counts, and planned time is cut out of the four states. The percentages are None where nothing
    is below the line.
    """

    up: Exact = 0
    down: Exact = 0
    unreachable: Exact = 0
    unknown: Exact = 0
    planned: Exact = 0

    @property
    def agreed(self) -> Exact:
        """In-service time that wasn't planned to be down."""
        return self.up + self.down + self.unreachable + self.unknown

    @property
    def failed(self) -> Exact:
        """Time down or unreachable."""
        return self.down + self.unreachable

    @property
    def availability_pct(self) -> Fraction | None:
        """Up time as a share of the time that we saw."""
        return percent(self.up, self.agreed - self.unknown)

    @property
    def floor_pct(self) -> Fraction | None:
        """Up time as a share of the agreed time: unknown counted as down."""
        return percent(self.up, self.agreed)

    @property
    def ceiling_pct(self) -> Fraction | None:
        """As `floor_pct`, unknown counted as up."""
        return percent(self.agreed - self.failed, self.agreed)

    @property
    def coverage_pct(self) -> Fraction | None:
        """The share of the agreed time that we saw."""
        return percent(self.agreed - self.unknown, self.agreed)


def percent(part: Exact, whole: Exact) -> Fraction | None:
    """Return 100 part / whole, None where nothing is below the line."""
    return Fraction(100 * part) / whole if whole else None


@dataclass(frozen=True, slots=True)
class Outage:
    """A longest stretch down or unreachable, in service and outside planned time; `[start, end)` in milliseconds.

    is_open: it reaches the end of what is known, so that nobody knows its end.
    """

    start: int
    end: int
    is_open: bool


@dataclass(frozen=True, slots=True)
class Figures:
    """All figures of one entity over a period. Durations in milliseconds.

    outages: how many overlap the period. longest_outage: the longest of them, inside the period. mttr: mean whole
    length of those that ended in it, None where none did. mtbf: up time for each outage, None without outages.
    """

    durations: Durations
    outages: int
    longest_outage: int
    mttr: Fraction | None
    mtbf: Fraction | None


def figures(timeline: Timeline, service: Spans, planned: Spans, period: Period, end: int) -> Figures:
    """Return the figures of one entity.

    timeline: its states, also outside the period, unknown from `end` on. service: when it counts. planned: its
    windows and those of all above it. end: until when evidence was gathered, in milliseconds.
    """
    states = durations(timeline, service, planned, period)
    inside = [outage for outage in outages(timeline, service, planned, end) if _overlaps(outage, period)]
    ended = [outage.end - outage.start for outage in inside if not outage.is_open and outage.end <= period.end]
    lengths = [min(outage.end, period.end) - max(outage.start, period.start) for outage in inside]
    return Figures(
        durations=states,
        outages=len(inside),
        longest_outage=max(lengths, default=0),
        mttr=Fraction(sum(ended), len(ended)) if ended else None,
        mtbf=Fraction(states.up) / len(inside) if inside else None,
    )


def durations(timeline: Timeline, service: Spans, planned: Spans, period: Period) -> Durations:
    """Return how long an entity was in each state; arguments as for `figures`."""
    in_service = intersect(service, period.spans)
    totals = dict.fromkeys(State, 0)
    for span in subtract(in_service, planned):
        for start, end, state in intervals(timeline, *span):
            totals[state] += end - start
    return Durations(
        up=totals[State.UP],
        down=totals[State.DOWN],
        unreachable=totals[State.UNREACHABLE],
        unknown=totals[State.UNKNOWN],
        planned=length(intersect(in_service, planned)),
    )


def outages(timeline: Timeline, service: Spans, planned: Spans, end: int) -> list[Outage]:
    """Return all outages of an entity, in order; arguments as for `figures`.

    A window that begins at `end`, or service that stops there, ends an outage; else one that reaches `end` is open.
    """
    counted = subtract(service, planned)
    is_counted_at_end = contains(counted, end)
    return [
        Outage(span.start, span.end, is_open=span.end >= end and is_counted_at_end)
        for span in intersect(spans_in(timeline, BAD), counted)
    ]


def add_up(parts: Iterable[tuple[Durations, Fraction]]) -> Durations:
    """Return the sum of durations, each times its weight."""
    up: Exact = 0
    down: Exact = 0
    unreachable: Exact = 0
    unknown: Exact = 0
    planned: Exact = 0
    for part, weight in parts:
        up += part.up * weight
        down += part.down * weight
        unreachable += part.unreachable * weight
        unknown += part.unknown * weight
        planned += part.planned * weight
    return Durations(up, down, unreachable, unknown, planned)


def _overlaps(outage: Outage, period: Period) -> bool:
    return outage.start < period.end and outage.end > period.start
