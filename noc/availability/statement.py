"""A statement: figures as measured, figures as corrected beside them, and the causes of what was down. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction

from noc.availability.corrections import Correction, Corrections
from noc.availability.entities import kind_of
from noc.availability.figures import Exact
from noc.availability.policy import Period, Policy
from noc.availability.replay import Answer, derived, figures_of
from noc.availability.spans import Spans, intersect, length, subtract
from noc.availability.timeline import Timeline
from noc.availability.windows import Planned
from noc.model.correction import ADJUSTING, Cause

Causes = Mapping[Cause, Exact]
"""How many milliseconds of down and unreachable time have each cause; the sum is all of it."""


@dataclass(frozen=True, slots=True)
class Statement:
    """All that can be said of a period.

    measured: what the evidence gives. adjusted: the same without what people corrected. causes: of the measured down
    time of each entity that has any, regions, and the network, whose name is `network`.
    """

    measured: Answer
    adjusted: Answer
    causes: Mapping[str, Causes]

    @property
    def period(self) -> Period:
        """Return the period."""
        return self.measured.period


def statement(
    raw: Mapping[str, Timeline], policy: Policy, corrections: Iterable[Correction], period: Period, end: int
) -> Statement:
    """Return the statement of a period.

    raw: up, down and unknown of each entity over all time, sites not among them. policy: with all windows. end: until
    when evidence was gathered, in milliseconds. Raises CircleError.
    """
    held = list(corrections)
    rules = Corrections(held, policy)
    timelines = derived(raw, policy)
    measured = figures_of(timelines, policy, period, end)
    adjusted = measured
    if any(one.cause in ADJUSTING for one in held):
        adjusted = figures_of(derived(rules.adjusted(raw), policy), policy, period, end, (), rules.planned_of)
    return Statement(measured, adjusted, _causes(measured, timelines, policy, rules))


def _causes(answer: Answer, timelines: Mapping[str, Timeline], policy: Policy, rules: Corrections) -> dict[str, Causes]:
    explained = rules.causes(timelines)
    planned = Planned(policy.windows, policy.sites, policy.regions)
    found: dict[str, Causes] = {}
    for name, entity in answer.entities.items():
        failed = entity.figures.durations.failed
        if failed:
            counted = subtract(intersect(policy.service_of(name), answer.period.spans), planned.of(name))
            found[name] = _split(failed, explained.get(name, ()), counted)
    for region in answer.regions:
        _put(found, region, policy.regions.get(region, ()), policy)
    kind = "site" if policy.sites else "device"
    _put(found, "network", [name for name in answer.entities if kind_of(name) == kind], policy)
    return found


def _split(failed: Exact, pieces: Sequence[tuple[Spans, Cause]], counted: Spans) -> Causes:
    totals: dict[Cause, Exact] = {}
    for spans, cause in pieces:
        hit = length(intersect(spans, counted))
        if hit:
            totals[cause] = totals.get(cause, 0) + hit
    rest = failed - sum(totals.values())
    if rest:
        totals["unknown"] = totals.get("unknown", 0) + rest
    return totals


def _put(found: dict[str, Causes], name: str, members: Sequence[str], policy: Policy) -> None:
    totals: dict[Cause, Exact] = {}
    for member in dict.fromkeys(members):
        weight = policy.weight_of(member)
        for cause, spent in found.get(member, {}).items():
            totals[cause] = totals.get(cause, Fraction(0)) + spent * weight
    if totals:
        found[name] = totals
