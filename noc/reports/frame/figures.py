"""Figures as an answer holds them: rows of a table, outages, gaps, steps in time. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from fractions import Fraction
from typing import Final, Literal

from noc.availability.causes import Causes
from noc.availability.corrections import Corrections
from noc.availability.document import sum_fields
from noc.availability.figures import Durations, Exact, Figures, add_up, durations, outages
from noc.availability.periods import Named, before, days_of, holding
from noc.availability.policy import Period, Policy
from noc.availability.replay import EntityAnswer
from noc.availability.spans import Spans, intersect, length, subtract, union
from noc.availability.statement import Statement
from noc.availability.target import verdict
from noc.availability.timeline import NEVER_SEEN, Change, State, Timeline, spans_in
from noc.availability.windows import Planned
from noc.model.instants import from_ms
from noc.reports.frame.asked import Frozen

DAYS_AT_MOST: Final = 62
"""A longer period is told month by month."""


class Sums(Frozen):
    """Percentages and seconds in each state; null: nothing to divide by. docs/availability.md defines them."""

    availability_pct: float | None
    floor_pct: float | None
    ceiling_pct: float | None
    coverage_pct: float | None
    up_s: float
    down_s: float
    unreachable_s: float
    unknown_s: float
    planned_s: float

    @property
    def failed_s(self) -> float:
        """Return how long it was down or unreachable."""
        return self.down_s + self.unreachable_s


class Line(Frozen):
    """The figures of one entity, of a region, or of the network.

    measured: as the evidence gives it; adjusted: as corrected. outages and what follows: measured; null for sums.
    causes: seconds of measured down time by cause; they add up to it. degraded_s: how long it was up with a redundant
    path gone; sites, and sums of sites.
    """

    entity: str
    name: str
    measured: Sums
    adjusted: Sums
    target_pct: float | None
    verdict: Literal["met", "missed", "not shown"] | None
    outages: int | None = None
    longest_outage_s: float | None = None
    mttr_s: float | None = None
    mtbf_s: float | None = None
    causes: dict[str, float]
    degraded_s: float = 0.0


class OutageRow(Frozen):
    """An outage, as far as it lies in the period. state: the worse part of it was down, or unreachable.

    began_before, goes_on: it reaches over the beginning of the period, or its end. causes: seconds by cause.
    """

    entity: str
    name: str
    start_ms: int
    end_ms: int
    began_before: bool
    goes_on: bool
    state: Literal["down", "unreachable"]
    causes: dict[str, float]

    @property
    def length_s(self) -> float:
        """Return how long it was inside the period."""
        return (self.end_ms - self.start_ms) / 1000


class Gap(Frozen):
    """A time that nobody saw, outside planned time."""

    entity: str
    name: str
    start_ms: int
    end_ms: int


class Step(Frozen):
    """A day, or a month, of the period. sums: measured."""

    start_ms: int
    end_ms: int
    sums: Sums


def sums_of(found: Durations) -> Sums:
    """Return durations as an answer holds them."""
    return Sums.model_validate(sum_fields(found))


def line_of(
    entity: str,
    name: str,
    figures: tuple[Durations, Durations],
    causes: Causes | None,
    target: Fraction | None,
    told: Figures | None = None,
    degraded: Exact = 0,
) -> Line:
    """Return a row. figures: measured, adjusted. told: the measured figures with outages, None for sums.

    degraded: milliseconds.
    """
    measured, adjusted = figures
    return Line(
        entity=entity,
        name=name,
        measured=sums_of(measured),
        adjusted=sums_of(adjusted),
        target_pct=None if target is None else float(target),
        verdict=None if target is None else verdict(measured, target).value,
        outages=None if told is None else told.outages,
        longest_outage_s=None if told is None else told.longest_outage / 1000,
        mttr_s=None if told is None or told.mttr is None else float(told.mttr / 1000),
        mtbf_s=None if told is None or told.mtbf is None else float(told.mtbf / 1000),
        causes={cause: float(Fraction(spent) / 1000) for cause, spent in sorted((causes or {}).items())},
        degraded_s=float(Fraction(degraded) / 1000),
    )


class Looked:
    """What happened inside a period, moment by moment: outages, gaps and steps.

    known_ms: the end of the evidence. explained: whether any correction bears on the period.
    """

    def __init__(
        self, found: Statement, policy: Policy, corrections: Corrections, known_ms: int, *, explained: bool = True
    ) -> None:
        self._policy = policy
        self._period = found.period
        self._known_ms = known_ms
        self._planned = Planned.by(policy)
        self._entities = found.measured.entities
        # Whose a correction is shows only by looking at all; where there is none, those that are told of are enough.
        whole = {name: _timeline(entity) for name, entity in self._entities.items()} if explained else {}
        self._explained = corrections.causes(whole)

    def outages(self, entity: str, name: str, shortest_ms: int) -> Iterator[OutageRow]:
        """Yield the outages of an entity that have at least this length inside the period."""
        timeline, service = self._timeline(entity), self._policy.service_of(entity)
        planned, period = self._planned.of(entity), self._period
        for one in outages(timeline, intersect(service, period.spans), planned, self._known_ms):
            if one.end - one.start < shortest_ms:
                continue
            inside = Period(one.start, one.end)
            split = durations(timeline, service, planned, inside)
            yield OutageRow(
                entity=entity,
                name=name,
                start_ms=one.start,
                end_ms=one.end,
                began_before=one.start == period.start,
                goes_on=one.end == period.end or one.end >= self._known_ms,
                state="down" if split.down >= split.unreachable else "unreachable",
                causes=self._causes(entity, inside),
            )

    def gaps(self, entity: str, name: str) -> Iterator[Gap]:
        """Yield the times in which an entity counted and nobody saw it."""
        counted = subtract(intersect(self._policy.service_of(entity), self._seen_until), self._planned.of(entity))
        seen = spans_in(self._timeline(entity), (State.UP, State.DOWN, State.UNREACHABLE))
        for start, end in subtract(counted, seen):
            yield Gap(entity=entity, name=name, start_ms=start, end_ms=end)

    def steps(self, members: Sequence[str], periods: Iterable[Period]) -> Iterator[Step]:
        """Yield the measured sums of entities over parts of the period, each with its weight."""
        parts = {
            name: (self._timeline(name), self._policy.service_of(name), self._planned.of(name)) for name in members
        }
        for period in periods:
            weighed = ((durations(*part, period), self._policy.weight_of(name)) for name, part in parts.items())
            yield Step(start_ms=period.start, end_ms=period.end, sums=sums_of(add_up(weighed)))

    def _timeline(self, entity: str) -> Timeline:
        found = self._entities.get(entity)
        return NEVER_SEEN if found is None else _timeline(found)

    @property
    def _seen_until(self) -> Spans:
        return union([(self._period.start, min(self._period.end, self._known_ms))])

    def _causes(self, entity: str, inside: Period) -> dict[str, float]:
        found: dict[str, int] = {}
        for spans, cause in self._explained.get(entity, ()):
            hit = length(intersect(spans, inside.spans))
            if hit:
                found[cause] = found.get(cause, 0) + hit
        rest = inside.end - inside.start - sum(found.values())
        if rest:
            found["unknown"] = found.get("unknown", 0) + rest
        return {cause: spent / 1000 for cause, spent in sorted(found.items())}


def parts_of(named: Named, until_ms: int) -> list[Period]:
    """Return the days of a period, its months where it is long; up to the end of the evidence."""
    days = [period for _, period in days_of(named)]
    found = days if len(days) <= DAYS_AT_MOST else _months(named)
    return [Period(one.start, min(one.end, until_ms)) for one in found if one.start < until_ms]


def _months(named: Named) -> list[Period]:
    found: list[Period] = []
    month = holding("month", from_ms(named.period.end - 1), named.zone)
    while month.period.end > named.period.start:
        start, end = max(month.period.start, named.period.start), min(month.period.end, named.period.end)
        found.append(Period(start, end))
        month = before(month)
    return found[::-1]


def _timeline(entity: EntityAnswer) -> Timeline:
    return [Change(one.start, one.state) for one in entity.intervals]
