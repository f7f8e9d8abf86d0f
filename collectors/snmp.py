"""The SNMP collector: asks a device for what its profile names, and answers with one Reading.

Order: system group, profile, scalars, interfaces, all other tables. What was read before a timeout or the deadline
is kept. Rows are found by walking one of the `rows_from` columns of a table; all other columns are asked for by GET on
the rows that exist: fewer round trips than walking each, and a table that an agent ends half-way doesn't pass as whole.
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass, field

from collectors._ports import Collector, Doors, Target
from noc.clock import Clock
from noc.inventory.layers import AUTO_PROFILE
from noc.inventory.profile import Object, Profile, Table
from noc.inventory.profiles import GENERIC, INTERFACE_TABLES, pick
from noc.model.reading import Failure, FailureKind, Index, PartFailure, Raw, Reading, SnmpAnswer
from noc.wire.errors import WireError
from noc.wire.snmp import Agent, SnmpSession, Walk, WalkEnd

_ENDINGS = {
    WalkEnd.LOOP: "the agent repeats itself or goes backwards after {rows} rows; it has a fault",
    WalkEnd.LIMIT: "left out: more than {rows} rows, larger than any real table",
    WalkEnd.GARBAGE: "a value after {rows} rows can't be decoded; it has a fault",
}


@dataclass(frozen=True, slots=True)
class SnmpTarget:
    """What to ask, and how long it may take. profile: a name, or None to find the one that fits."""

    agent: Agent
    deadline_s: float
    profile: str | None = None


def build(doors: Doors) -> Collector:
    """Return the collector."""
    return Snmp(doors)


@dataclass(frozen=True, slots=True)
class Snmp:
    """Reads a device by its profile."""

    doors: Doors

    async def collect(self, target: Target) -> Reading:
        """Ask for all that the profile names, within the check's deadline."""
        device, doors = target.device, self.doors
        if target.snmp is None:
            raise ValueError(f"device '{device.id}' has no SNMP credentials")
        watch = device.watch
        agent = Agent(str(device.address), target.snmp, device.snmp_port, watch.timeout.total_seconds(), watch.retries)
        profile = None if watch.profile == AUTO_PROFILE else watch.profile
        return await collect(
            SnmpTarget(agent, target.check.deadline_s, profile), doors.profiles, doors.clock, doors.poller
        )


async def collect(target: SnmpTarget, profiles: Mapping[str, Profile], clock: Clock, poller: str) -> Reading:
    """Ask a device once. Whatever the device does, the answer is a Reading."""
    started_at, started = clock.now(), clock.monotonic()
    conversation = _Conversation(target, profiles)
    failure: Failure | None = None
    try:
        async with asyncio.timeout(target.deadline_s):
            await conversation.run()
    except TimeoutError:
        reason = f"not finished in {target.deadline_s:g} s, the deadline of a poll"
        failure = conversation.interrupted(Failure(FailureKind.TIMEOUT, f"{target.agent.address}: {reason}"))
    except WireError as error:
        failure = conversation.interrupted(error.failure)
    finally:
        conversation.close()
    return Reading(
        check="snmp",
        address=target.agent.address,
        poller=poller,
        started_at=started_at,
        duration_s=clock.monotonic() - started,
        failure=failure,
        parts=tuple(conversation.parts),
        snmp=None if failure else conversation.answer(),
    )


@dataclass(slots=True)
class _Found:
    rows: dict[Index, dict[str, Raw]] = field(default_factory=dict)
    ended_early: list[Object] = field(default_factory=list)


class _Conversation:
    def __init__(self, target: SnmpTarget, profiles: Mapping[str, Profile]) -> None:
        self._session = SnmpSession(target.agent)
        self._target = target
        self._profiles = profiles
        self._profile = profiles[target.profile or GENERIC]
        self._scalars: dict[str, Raw] = {}
        self._tables: dict[str, _Found] = {}
        self._highest: tuple[int, ...] = ()
        self._waiting: list[str] = []
        self.parts: list[PartFailure] = []

    def answer(self) -> SnmpAnswer:
        """Return all that was read so far."""
        tables = {name: found.rows for name, found in self._tables.items()}
        return SnmpAnswer(self._profile.name, dict(self._scalars), tables)

    def close(self) -> None:
        self._session.close()

    def interrupted(self, failure: Failure) -> Failure | None:
        """Return the failure if nothing was read; else note what is missing and keep the rest."""
        if not self._scalars and not any(found.rows for found in self._tables.values()):
            return failure
        if self._waiting:
            self.parts.append(PartFailure(", ".join(self._waiting), f"not read: {failure.reason}"))
        return None

    async def run(self) -> None:
        await self._session.open()
        await self._system()
        if self._target.profile is None:
            self._profile = pick(self._profiles, *(self._text(name) for name in ("sysObjectID", "sysDescr")))
        scalars = [thing for thing in self._profile.scalars if thing.name not in self._scalars]
        tables = sorted(self._profile.tables, key=lambda table: table.name not in INTERFACE_TABLES)
        self._waiting = [table.name for table in tables] + [thing.name for thing in scalars]
        await self._read_scalars(scalars)
        for table in tables:
            await self._guarded(table)
            self._waiting.remove(table.name)
        self._tell_early_ends()

    async def _system(self) -> None:
        system = [thing for thing in self._profiles[GENERIC].scalars if thing.oid.startswith("1.3.6.1.2.1.1.")]
        await self._get_scalars(system)

    async def _read_scalars(self, scalars: list[Object]) -> None:
        await self._get_scalars(scalars)
        for thing in scalars:
            self._waiting.remove(thing.name)

    async def _get_scalars(self, scalars: list[Object]) -> None:
        values = await self._session.get([f"{thing.oid}.0" for thing in scalars])
        for thing in scalars:
            if f"{thing.oid}.0" in values:
                self._scalars[thing.name] = values[f"{thing.oid}.0"]
        self._saw(*values)

    async def _guarded(self, table: Table) -> None:
        """Read a table; if it alone does not answer, note it and go on, if the whole agent fell silent, stop."""
        try:
            await self._read(table)
        except WireError as error:
            if error.kind is not FailureKind.TIMEOUT:
                raise
            await self._still_there()
            self.parts.append(PartFailure(table.name, error.reason))

    async def _still_there(self) -> None:
        known = next((thing for thing in self._profile.scalars if thing.name in self._scalars), None)
        if known is not None:
            await self._session.get([f"{known.oid}.0"])

    async def _read(self, table: Table) -> None:
        found = self._tables[table.name] = _Found()
        if await self._session.exists(table.oid) is False:
            return
        if not self._session.batched:
            for column in table.columns:
                await self._walk(table, column, found)
            return
        walked: list[Object] = []
        for column in (*table.rows_from, *(column for column in table.columns if column not in table.rows_from)):
            walked.append(column)
            end = await self._walk(table, column, found)
            if end is WalkEnd.LIMIT:
                found.rows.clear()
                return
            if end is WalkEnd.COMPLETE and found.rows:
                break
        await self._fill(found, [column for column in table.columns if column not in walked])

    async def _walk(self, table: Table, column: Object, found: _Found) -> WalkEnd:
        walk: Walk = await self._session.walk(column.oid)
        for index, value in walk.rows:
            found.rows.setdefault(index, {})[column.name] = value
        if walk.rows:
            self._saw(f"{column.oid}.{'.'.join(map(str, walk.rows[-1][0]))}")
        if walk.end in _ENDINGS:
            reason = _ENDINGS[walk.end].format(rows=len(walk.rows))
            self.parts.append(PartFailure(f"{table.name}.{column.name}", reason))
        elif walk.end is WalkEnd.END_OF_VIEW and self._session.batched:
            found.ended_early.append(column)
        return walk.end

    async def _fill(self, found: _Found, columns: list[Object]) -> None:
        places = {
            f"{column.oid}.{'.'.join(map(str, index))}": (index, column.name)
            for column in columns
            for index in found.rows
        }
        values = await self._session.get(list(places))
        for oid, value in values.items():
            index, name = places[oid]
            found.rows[index][name] = value
        self._saw(*values)

    def _saw(self, *oids: str) -> None:
        self._highest = max([self._highest, *(tuple(map(int, oid.split("."))) for oid in oids)])

    def _tell_early_ends(self) -> None:
        """Note each walk that the agent ended with "nothing more exists" although it showed objects beyond."""
        for name, found in self._tables.items():
            for column in found.ended_early:
                got = sum(column.name in row for row in found.rows.values())
                behind = tuple(map(int, column.oid.split("."))) < self._highest
                if behind and (got < len(found.rows) or not found.rows):
                    reason = f"the agent ended its view after {got} rows, though it shows objects beyond"
                    self.parts.append(PartFailure(f"{name}.{column.name}", f"{reason}: rows may be missing"))

    def _text(self, name: str) -> str | None:
        value = self._scalars.get(name)
        return value.decode("utf-8", "replace") if isinstance(value, bytes) else None if value is None else str(value)
