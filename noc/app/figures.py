"""Figures of availability from the ledger, for pages, API and reports."""

from __future__ import annotations

import asyncio
from collections import OrderedDict
from collections.abc import Callable, Iterable
from dataclasses import replace
from typing import Final, NamedTuple

from noc.app.policykept import PoliciesKept
from noc.availability.columns.statement import names_for, statement
from noc.availability.columns.timelines import from_timelines
from noc.availability.policy import Period, Policy
from noc.availability.replay import Answer
from noc.availability.statement import Statement
from noc.availability.statement import statement as entity_by_entity
from noc.availability.timeline import known_until
from noc.availability.windows import Above
from noc.clock import Clock
from noc.inventory.inventory import Inventory
from noc.maintenance.below import self_and_above
from noc.maintenance.occurrences import occurrences
from noc.maintenance.planned import planned_times
from noc.model.instants import to_ms
from noc.model.part import owner_of
from noc.pipeline.policy import availability_policy
from noc.state.chronicle import Chronicle
from noc.state.corrections import approved
from noc.state.database import Database, Transaction
from noc.state.looked import looked_until
from noc.state.statuses import known_at, restatements, said, spoken
from noc.state.timelines import Row, restated, timelines
from noc.state.windows import approved as planned

FRESH_FOR_S: Final = 30.0
KEPT: Final = 8
"""Answers that are kept for a moment: many pages ask for the same period."""


class Ground(NamedTuple):
    """The inventory, what it says of how figures are worked out, and who is above whom by that."""

    inventory: Inventory
    policy: Policy
    above: Above


class Figures:
    """Works out figures, one period at a time. inventory: as it is now.

    What the ledger told is kept in memory, some 40 bytes a change of state, and read on from there.
    """

    def __init__(self, database: Database, inventory: Callable[[], Inventory], clock: Clock) -> None:
        self._database = database
        self._inventory = inventory
        self._clock = clock
        self._lock = asyncio.Lock()
        self._kept: OrderedDict[Period, tuple[float, Statement]] = OrderedDict()
        self._chronicle = Chronicle()
        self._ground: Ground | None = None
        self._policies = PoliciesKept()

    async def of(self, period: Period) -> Answer:
        """Return all measured figures of a period; of the part of it that is still to come, everything is unknown.

        At most half a minute old. Raises StateError.
        """
        return (await self.fresh(period)).measured

    async def fresh(self, period: Period) -> Statement:
        """Return the statement of a period, at most half a minute old. Raises StateError."""
        async with self._lock:  # a second caller waits for the first one's answer instead of working it out again
            kept = self._kept.get(period)
            if kept is not None and self._clock.monotonic() - kept[0] < FRESH_FOR_S:
                return kept[1]
            found = await self._now(period)
            self._kept[period] = (self._clock.monotonic(), found)
            self._kept.move_to_end(period)
            while len(self._kept) > KEPT:
                self._kept.popitem(last=False)
            return found

    async def warm(self) -> int:
        """Read what the ledger tells, so that the first question needs not wait for that; return how many records.

        Raises StateError.
        """
        async with self._lock, self._database.read() as connection:
            last = await known_at(connection)
            await self._chronicle.read(connection, 0 if last is None else last.record)
            policy = self._ground_now().policy
            names = await asyncio.to_thread(names_for, self._chronicle.names, policy)
            await asyncio.to_thread(self._chronicle.columns, names)
            return self._chronicle.number

    async def statement(self, period: Period, known: int | None = None, until_ms: int | None = None) -> Statement:
        """Return all figures of a period, as measured and as corrected, with the causes of what was down.

        known: from records of the ledger up to this number alone, and by what the inventory said then; what is behind
        the time of that record is unknown, so that it is the same whenever it is asked. until_ms: until when evidence
        was gathered, for who knows it; else until noc looked last. Raises StateError.
        """
        if known is None:
            async with self._lock:
                return await self._now(period, until_ms)
        async with self._database.read() as connection:
            now_ms = await time_of(connection, known, to_ms(self._clock.now()))
            policy = await self._policies.at(connection, known, self._ground_now().policy)
            above = Above.by(policy)
            return await _from(connection, Chronicle(), policy, above, period, now_ms, known)

    async def told_in_time(self, period: Period) -> Answer | None:
        """Return the measured figures of a period as they were told in time, without evidence that came late.

        None where none came late of it, nor of what is behind it: they are those of now. Raises StateError.
        """
        async with self._lock, self._database.read() as connection:
            end_ms, ground = await looked_until(connection, to_ms(self._clock.now())), self._ground_now()
            last = await known_at(connection)
            await self._chronicle.read(connection, 0 if last is None else last.record)
            if not self._chronicle.late_since(period.start):
                return None
            plans = await planned(connection)

        def work() -> Answer:
            policy = replace(ground.policy, windows=planned_times(plans, 0, max(period.end, end_ms)))
            columns = self._chronicle.as_told(names_for(self._chronicle.names, policy))
            return statement(columns, policy, (), period, end_ms, ground.above).measured

        return await asyncio.to_thread(work)

    async def stated(self, entity: str, period: Period, known: int | None = None) -> Statement | None:
        """Return a statement that holds the figures of an entity, or of `network`; None where there are none of it.

        Of a part of a device it holds those of that part alone. known: as for `statement`; without it, the statement is
        at most half a minute old. Raises StateError.
        """
        if owner_of(entity) is not None:
            async with self._database.read() as connection:
                now_ms = await time_of(connection, known, to_ms(self._clock.now()))
                ground = self._ground_now()
                return await _part_from(connection, ground, self._policies, entity, period, now_ms, known)
        found = await (self.fresh(period) if known is None else self.statement(period, known))
        measured = found.measured
        return found if entity == "network" or entity in measured.regions or entity in measured.entities else None

    async def _now(self, period: Period, until_ms: int | None = None) -> Statement:
        now_ms, ground = to_ms(self._clock.now()), self._ground_now()
        async with self._database.read() as connection:
            end_ms = await looked_until(connection, now_ms) if until_ms is None else until_ms
            return await _from(connection, self._chronicle, ground.policy, ground.above, period, end_ms, None)

    def _ground_now(self) -> Ground:
        inventory = self._inventory()
        if self._ground is None or self._ground.inventory is not inventory:
            self._ground = _ground_of(inventory)
        return self._ground


class Retold:
    """Statements as known at one record after the other; the ledger is read once.

    policy: that of now. kept: where policies that were read stay.
    """

    def __init__(self, policy: Policy, kept: PoliciesKept | None = None) -> None:
        self._policy = policy
        self._policies = kept or PoliciesKept()
        self._chronicle = Chronicle()

    async def policy(self, connection: Transaction, known: int) -> Policy:
        """Return what figures were made by at a record. Raises StateError."""
        return await self._policies.at(connection, known, self._policy)

    async def statement(self, connection: Transaction, period: Period, known: int, now_ms: int) -> Statement:
        """Return the statement of a period; now_ms: until when evidence was gathered. Raises StateError."""
        if known < self._chronicle.number:
            self._chronicle = Chronicle()
        policy = await self.policy(connection, known)
        return await _from(connection, self._chronicle, policy, Above.by(policy), period, now_ms, known)


async def statement_from(
    connection: Transaction,
    inventory: Inventory,
    period: Period,
    now_ms: int,
    known: int | None = None,
) -> Statement:
    """Return the statement of a period from a state database; now_ms: until when evidence was gathered.

    known: up to this record of the ledger, and by what the inventory said then. Raises StateError.
    """
    policy = availability_policy(inventory)
    if known is not None:
        policy = await PoliciesKept().at(connection, known, policy)
    return await _from(connection, Chronicle(), policy, Above.by(policy), period, now_ms, known)


async def time_of(connection: Transaction, known: int | None, now_ms: int) -> int:
    """Return until when evidence was gathered, in milliseconds: up to now, or a record's time, while noc looked."""
    last = None if known is None else await known_at(connection, known)
    return await looked_until(connection, now_ms if last is None else min(now_ms, last.time_ms))


async def part_from(
    connection: Transaction, inventory: Inventory, part: str, period: Period, now_ms: int, known: int | None = None
) -> Statement | None:
    """Return the figures of a part of a device; None where the ledger never told of it. Arguments as above.

    Its windows, its corrections and its dates in service are those of all that it is below, too. Raises StateError.
    """
    return await _part_from(connection, _ground_of(inventory), PoliciesKept(), part, period, now_ms, known)


async def _part_from(
    connection: Transaction,
    ground: Ground,
    kept: PoliciesKept,
    part: str,
    period: Period,
    now_ms: int,
    known: int | None,
) -> Statement | None:
    inventory, whole, _ = ground
    owner = owner_of(part)
    last = await known_at(connection, known)
    if owner is None or last is None:
        return None
    rows = [row async for _, some in said(connection, 0, last.record, part) for row in some]
    raw = restated(spoken(rows), await restatements(connection, 0, last.record, part))
    if not raw:
        return None
    above = set(self_and_above(inventory, part))
    if known is not None:
        then = await kept.at(connection, known, whole)
        above = above if then is whole else _above(then, part, owner)
        whole = then
    windows = [
        replace(one, entity=part)
        for plan in await planned(connection, known)
        if plan.entity in above
        for one in occurrences(plan, 0, max(period.end, now_ms))
    ]
    held = [replace(one, entity=part) for one in await approved(connection, known) if one.entity in above]
    policy = Policy(whole.probe, windows=windows, in_service={part: whole.service_of(owner)}, named=frozenset((part,)))
    until = {part: known_until(raw[part], now_ms)}
    return replace(entity_by_entity(until, policy, held, period, now_ms), known_at=last)


async def _from(
    connection: Transaction,
    chronicle: Chronicle,
    policy: Policy,
    above: Above,
    period: Period,
    now_ms: int,
    known: int | None,
) -> Statement:
    last = await known_at(connection, known)
    await chronicle.read(connection, 0 if last is None else last.record)
    held = await approved(connection, known)
    plans = await planned(connection, known)

    def work() -> Statement:
        # An outage that began long before the period has its length from what was planned then.
        windows = planned_times(plans, 0, max(period.end, now_ms))
        with_windows = replace(policy, windows=windows) if windows else policy
        columns = chronicle.columns(names_for(chronicle.names, with_windows))
        return statement(columns, with_windows, held, period, now_ms, above)

    return replace(await asyncio.to_thread(work), known_at=last, until_ms=min(now_ms, period.end))


def _ground_of(inventory: Inventory) -> Ground:
    policy = availability_policy(inventory)
    return Ground(inventory, policy, Above.by(policy))


def _above(policy: Policy, part: str, owner: str) -> set[str]:
    """Return a part, its device, and the sites and regions above it, as a policy says."""
    groups = (policy.sites, policy.below)
    sites = {site for group in groups for site, members in group.items() if owner in members}
    return {part, owner, *sites, *(region for region, members in policy.regions.items() if sites & set(members))}


def answer_of(rows: Iterable[Row], inventory: Inventory, period: Period, now_ms: int) -> Answer:
    """Return all measured figures of a period from the ledger's transitions alone. Pure. now_ms: as above."""
    counted = (row for row in rows if owner_of(row[0]) is None)
    raw = {entity: known_until(timeline, now_ms) for entity, timeline in timelines(counted).items()}
    policy = availability_policy(inventory)
    return statement(from_timelines(names_for(raw, policy), raw), policy, (), period, now_ms).measured
