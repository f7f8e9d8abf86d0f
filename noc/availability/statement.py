"""A statement: figures as measured, figures as corrected beside them, and the causes of what was down. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import NamedTuple

from noc.availability.corrections import Correction, Corrections, Explained
from noc.availability.degraded import Degraded, degraded
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


class KnownAt(NamedTuple):
    """What a statement was made from: the ledger up to this record. hash: of it, hexadecimal. time_ms: its time."""

    record: int
    hash: str
    time_ms: int


@dataclass(frozen=True, slots=True)
class Statement:
    """All that can be said of a period.

    measured: what the evidence gives. adjusted: the same without what people corrected. causes: of the measured down
    time of each entity that has any, regions, and the network, whose name is `network`. degraded: how long sites were
    up with a redundant path gone; as measured. known_at: None where the ledger is empty, or it isn't of a ledger.
    """

    measured: Answer
    adjusted: Answer
    causes: Mapping[str, Causes]
    degraded: Degraded
    known_at: KnownAt | None = None

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
    causes = causes_of(measured, rules.causes(timelines), policy)
    return Statement(measured, adjusted, causes, degraded(timelines, policy, period))


def causes_of(answer: Answer, explained: Mapping[str, Explained], policy: Policy) -> dict[str, Causes]:
    """Return the causes of the down time of an answer. explained: when which entity failed because of what."""
    planned = Planned.by(policy)
    found: dict[str, Causes] = {}
    for name, entity in answer.entities.items():
        failed = entity.figures.durations.failed
        if failed and name not in explained:
            found[name] = {"unknown": failed}
        elif failed:
            counted = subtract(intersect(policy.service_of(name), answer.period.spans), planned.of(name))
            found[name] = _split(failed, explained[name], counted)
    for region in answer.regions:
        _put(found, region, policy.regions.get(region, ()), policy)
    kind = "site" if policy.sites else "device"
    _put(found, "network", [name for name in answer.entities if kind_of(name) == kind], policy)
    return found


def _split(failed: Exact, pieces: Explained, counted: Spans) -> Causes:
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
