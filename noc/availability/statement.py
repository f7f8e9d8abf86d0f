"""A statement: figures as measured, figures as corrected beside them, and the causes of what was down. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import NamedTuple

from noc.availability.causes import Causes, CausesOf
from noc.availability.corrections import Correction, Corrections, failing
from noc.availability.degraded import Degraded, degraded
from noc.availability.policy import Period, Policy
from noc.availability.replay import Answer, derived, figures_of
from noc.availability.timeline import Timeline
from noc.availability.windows import Planned
from noc.model.correction import ADJUSTING


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
    until_ms: until when evidence was gathered that it is made from; None where nobody says so.
    """

    measured: Answer
    adjusted: Answer
    causes: Mapping[str, Causes]
    degraded: Degraded
    known_at: KnownAt | None = None
    until_ms: int | None = None

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
    timelines, planned = derived(raw, policy), Planned.by(policy)
    measured = figures_of(timelines, policy, period, end)
    adjusted = measured
    if any(one.cause in ADJUSTING for one in held):
        adjusted = figures_of(derived(rules.adjusted(raw), policy), policy, period, end, (), rules.planned_of)
    causes = CausesOf(measured, rules.explainer(lambda name: failing(timelines.get(name, ()))), policy, planned)
    return Statement(measured, adjusted, causes, degraded(timelines, policy, period))
