"""Explains a figure: its sum, the intervals that it adds up, and the records of the ledger that these stand on."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction

from noc.app.figures import part_from, statement_from
from noc.app.policykept import policy_of
from noc.availability.entities import kind_of
from noc.availability.figures import Durations, Exact, Figures
from noc.availability.policy import Period, Policy
from noc.availability.spans import Spans, intersect, union
from noc.availability.statement import KnownAt, Statement
from noc.availability.timeline import Interval
from noc.availability.windows import Planned
from noc.inventory.inventory import Inventory
from noc.maintenance.below import below, self_and_above
from noc.maintenance.planned import planned_times
from noc.model.away import Away
from noc.model.correction import Cause, CorrectionDecision
from noc.model.errors import UsageError
from noc.model.part import owner_of
from noc.model.restatement import Restatement
from noc.model.window import WindowDecision
from noc.pipeline.policy import availability_policy
from noc.state.database import Transaction
from noc.state.evidence import decisions_about, evidence_of
from noc.state.ledger import Record
from noc.state.records import recorded_of
from noc.state.windows import approved as planned

NETWORK = "network"


@dataclass(frozen=True, slots=True)
class Member:
    """What a figure adds up, or is made of. weight: what it counts in a sum; None for a device of a site."""

    entity: str
    weight: Fraction | None
    durations: Durations


@dataclass(frozen=True, slots=True)
class Explanation:
    """All that a figure stands on. measured, adjusted: the sums; figures: with outages, None for regions and network.

    until_ms: until when evidence was gathered. intervals: the states, windows not cut out; planned: what is cut out.
    members: of a region or the network its sites, of a site its edge devices. evidence: the changes of state, those of
    the members of a site, and of upstreams where something was unreachable. decisions: corrections, windows,
    restatements, and times in which noc was away, that bear on it.
    """

    figure: str
    period: Period
    until_ms: int
    known_at: KnownAt | None
    measured: Durations
    adjusted: Durations
    figures: Figures | None
    causes: Mapping[Cause, Exact]
    degraded: Exact
    intervals: Sequence[Interval]
    planned: Spans
    members: Sequence[Member]
    evidence: Sequence[Record]
    decisions: Sequence[Record]


async def explain(
    connection: Transaction, inventory: Inventory, figure: str, period: Period, until_ms: int, known: int | None = None
) -> Explanation:
    """Return what a figure stands on. figure: an entity, or `network`. until_ms: until when evidence was gathered.

    known: as of this record of the ledger. Raises UsageError where there is no such figure, StateError.
    """
    if owner_of(figure) is not None:
        said = await part_from(connection, inventory, figure, period, until_ms, known)
    else:
        said = await statement_from(connection, inventory, period, until_ms, known)
    if known is not None and said is not None and (said.known_at is None or said.known_at.record != known):
        raise UsageError(f"the ledger has no record {known}; `noc ledger list --last 1` shows the last")
    if said is None or not _has(said, figure):
        raise UsageError(
            f"{figure!r} has no figure: it is not in the inventory, nor in the ledger; write network, "
            "region/africa, site/nairobi, device/nbo-rtr-1, interface/nbo-rtr-1/Gi0/1, …"
        )
    measured, adjusted = _durations(said, figure)
    entity = said.measured.entities.get(figure)
    members = _members(said, await policy_of(connection, inventory, known), figure)
    until = 0 if said.known_at is None else said.known_at.record
    names = [] if entity is None else _stood_on(inventory, figure, measured)
    concerned = None if figure == NETWORK else {*names, *below(inventory, figure)}
    if concerned is not None:
        concerned |= {above for name in (figure, *names) for above in self_and_above(inventory, name)}
    decided = await decisions_about(connection, concerned, until)
    return Explanation(
        figure=figure,
        period=period,
        until_ms=until_ms,
        known_at=said.known_at,
        measured=measured,
        adjusted=adjusted,
        figures=None if entity is None else entity.figures,
        causes=said.causes.get(figure, {}),
        degraded=said.degraded.get(figure, 0),
        intervals=() if entity is None else list(entity.intervals),
        planned=() if entity is None else await _planned(connection, inventory, figure, period, known),
        members=members,
        evidence=await evidence_of(connection, names, period.start, period.end, until),
        decisions=[record for record in decided if _bears_on(record, period)],
    )


def _has(said: Statement, figure: str) -> bool:
    return figure == NETWORK or figure in said.measured.regions or figure in said.measured.entities


def _durations(said: Statement, figure: str) -> tuple[Durations, Durations]:
    if figure == NETWORK:
        return said.measured.network, said.adjusted.network
    if figure in said.measured.regions:
        return said.measured.regions[figure], said.adjusted.regions[figure]
    both = (said.measured.entities[figure], said.adjusted.entities[figure])
    return both[0].figures.durations, both[1].figures.durations


def _members(said: Statement, policy: Policy, figure: str) -> list[Member]:
    """Return what a figure is made of, who failed longest first."""
    entities = said.measured.entities
    is_sum = figure == NETWORK or figure in said.measured.regions
    if figure == NETWORK:
        names = [name for name in entities if kind_of(name) == ("site" if policy.sites else "device")]
    else:
        names = [*policy.regions.get(figure, ()), *policy.sites.get(figure, ())]
    found = [
        Member(name, policy.weight_of(name) if is_sum else None, entities[name].figures.durations)
        for name in dict.fromkeys(names)
        if name in entities
    ]
    return sorted(found, key=lambda one: (-one.durations.failed, -one.durations.unknown, one.entity))


def _stood_on(inventory: Inventory, figure: str, measured: Durations) -> list[str]:
    """Return whose changes of state an entity's states are made of: its own, of a site those of its edge devices."""
    policy = availability_policy(inventory)
    found = dict.fromkeys(policy.sites.get(figure, (figure,)))
    if measured.unreachable:
        behind = [name for one in (figure, *found) for name in policy.upstream.get(one, ())]
        found |= dict.fromkeys(device for name in behind for device in policy.sites.get(name, (name,)))
    return list(found)


async def _planned(
    connection: Transaction, inventory: Inventory, figure: str, period: Period, known: int | None
) -> Spans:
    """Return the planned time of an entity inside the period."""
    policy, owner = availability_policy(inventory), owner_of(figure)
    windows = planned_times(await planned(connection, known), period.start, period.end)
    of_all = Planned.by(replace(policy, windows=windows))
    service = policy.service_of(owner or figure)
    return intersect(
        intersect(union((*of_all.of(figure), *(of_all.of(owner) if owner else ()))), service), period.spans
    )


def _bears_on(record: Record, period: Period) -> bool:
    match recorded_of(record.kind, record.body):
        case CorrectionDecision() as one:
            return one.start_ms < period.end and one.end_ms > period.start
        case WindowDecision() as one:
            return one.start_ms < period.end and (bool(one.rrule) or one.end_ms > period.start)
        case Restatement() as one:
            return one.since_ms < period.end and one.end_ms > period.start
        case Away() as one:
            return one.since_ms < period.end and one.until_ms > period.start
        case _:
            return False
