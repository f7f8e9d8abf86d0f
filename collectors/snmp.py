"""The SNMP collector: asks a device for what its profile names, and answers with one Reading.

Order: system group, profile, scalars, interfaces, all other tables. What was read before a timeout or the deadline
is kept. Rows are found by walking one of the `rows_from` columns of a table; all other columns are asked for by GET on
the rows that exist: fewer round trips than walking each, and a table that an agent ends half-way doesn't pass as whole.
Parts name what is missing: a fault of the agent that another question made good is not told.
"""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine, Mapping
from dataclasses import dataclass, field
from itertools import islice

from collectors._ports import Collector, Doors, Target
from noc.clock import Clock
from noc.inventory.layers import AUTO_PROFILE
from noc.inventory.profiles.compiled import Object, Profile, Table
from noc.inventory.profiles.load import GENERIC, INTERFACE_TABLES, pick
from noc.model.reading import Failure, FailureKind, Index, PartFailure, Raw, Reading, SnmpAnswer
from noc.wire.errors import WireError
from noc.wire.snmp import MAX_ROWS, Agent, Fault, SnmpSession, WalkEnd

_ENDINGS = {
    WalkEnd.LOOP: "the agent begins to repeat itself after {rows} rows: rows may be missing",
    WalkEnd.GARBAGE: "the agent's answer after {rows} rows can't be decoded: rows may be missing",
    WalkEnd.END_OF_VIEW: "the agent ends its view after {rows} rows but shows objects beyond: rows may be missing",
}
_TOO_LONG = f"left out: more than {MAX_ROWS} rows, larger than any real table"
_FAULTS = {
    Fault.ERROR: "the agent answers with an error{where}",
    Fault.GARBAGE: "the agent's answer{where} can't be decoded: a value of no known type, or too large",
}

GIVE_UP = 3
"""Faulty cells of one column, after which its other rows are not asked for."""


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
    if failure is None:
        conversation.tell_faults()
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
    """What was found of a table. whole: a walk saw all rows; ends: how the others ended, with the column's OID."""

    rows: dict[Index, dict[str, Raw]] = field(default_factory=dict)
    whole: bool = False
    ends: list[tuple[WalkEnd, str]] = field(default_factory=list)


@dataclass(slots=True)
class _Faults:
    """What an agent did not give of one column or scalar. unasked: cells that were not asked for after those."""

    cells: list[tuple[Index, Fault]] = field(default_factory=list)
    unasked: int = 0


class _Conversation:
    def __init__(self, target: SnmpTarget, profiles: Mapping[str, Profile]) -> None:
        self._session = SnmpSession(target.agent)
        self._target = target
        self._profiles = profiles
        self._profile = profiles[target.profile or GENERIC]
        self._scalars: dict[str, Raw] = {}
        self._tables: dict[str, _Found] = {}
        self._faults: dict[str, _Faults] = {}
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
        system = [thing for thing in self._profiles[GENERIC].scalars if thing.oid.startswith("1.3.6.1.2.1.1.")]
        await self._get_scalars(system)
        if self._target.profile is None:
            identifier = self._scalars.get("sysObjectID")
            self._profile = pick(
                self._profiles, identifier if isinstance(identifier, str) else None, self._text("sysDescr")
            )
        scalars = [thing for thing in self._profile.scalars if thing not in system]
        tables = sorted(self._profile.tables, key=lambda table: table.name not in INTERFACE_TABLES)
        names = ", ".join(thing.name for thing in scalars) or "scalars"
        self._waiting = [*(table.name for table in tables), names]
        await self._guarded(names, self._get_scalars(scalars))
        for table in tables:
            await self._guarded(table.name, self._read(table))

    async def _get_scalars(self, scalars: list[Object]) -> None:
        values = await self._session.get([f"{thing.oid}.0" for thing in scalars])
        for thing in scalars:
            oid = f"{thing.oid}.0"
            if oid in values:
                self._scalars[thing.name] = values[oid]
            elif oid in self._session.faults:
                self._faults[thing.name] = _Faults([((), self._session.faults[oid])])
        self._saw(*values)

    async def _guarded(self, what: str, reading: Coroutine[None, None, None]) -> None:
        """Read a part; if it alone does not answer, note it and go on, if the whole agent fell silent, stop."""
        try:
            await reading
        except WireError as error:
            if error.kind is not FailureKind.TIMEOUT:
                raise
            await self._session.check()
            self.parts.append(PartFailure(what, error.reason))
        self._waiting.remove(what)

    async def _read(self, table: Table) -> None:
        found = self._tables[table.name] = _Found()
        if await self._session.exists(table.oid) is False:
            return
        batched = self._session.batched
        others = [column for column in table.columns if column not in table.rows_from]
        walked: set[str] = set()
        for column in (*table.rows_from, *others) if batched else table.columns:
            if batched and column in others and any(end is not WalkEnd.END_OF_VIEW for end, _ in found.ends):
                break  # the other columns will fare no better
            end = await self._walk(column, found)
            if end is WalkEnd.LIMIT:
                self.parts.append(PartFailure(table.name, _TOO_LONG))
                found.rows.clear()
                return
            if end is WalkEnd.COMPLETE:
                walked.add(column.name)
                found.whole |= bool(found.rows)
                if batched and found.rows:
                    break
        await self._fill(table, found, [column for column in table.columns if column.name not in walked])

    async def _walk(self, column: Object, found: _Found) -> WalkEnd:
        walk = await self._session.walk(column.oid)
        for index, value in walk.rows:
            found.rows.setdefault(index, {})[column.name] = value
        if walk.rows:
            self._saw(f"{column.oid}.{_dotted(walk.rows[-1][0])}")
        if walk.end is not WalkEnd.COMPLETE:
            found.ends.append((walk.end, column.oid))
        return walk.end

    async def _fill(self, table: Table, found: _Found, columns: list[Object]) -> None:
        """Ask for the cells that no walk brought, row by row: a column with a fault shows before many are asked."""
        cells = (
            (f"{column.oid}.{dotted}", (index, row, column))
            for index, row, dotted in [(index, row, _dotted(index)) for index, row in found.rows.items()]
            for column in columns
            if column.name not in row and not self._given_up(table, column)
        )
        size = max(self._target.agent.oids_per_request, 1)
        while asked := dict(islice(cells, size)):
            values = await self._session.get(list(asked))
            for oid, (index, row, column) in asked.items():
                if oid in values:
                    row[column.name] = values[oid]
                elif oid in self._session.faults:
                    faults = self._faults.setdefault(f"{table.name}.{column.name}", _Faults())
                    faults.cells.append((index, self._session.faults[oid]))
        from_the_end = sorted(found.rows, reverse=True)
        for column in columns:
            last = next((index for index in from_the_end if column.name in found.rows[index]), None)
            if last is not None:
                self._saw(f"{column.oid}.{_dotted(last)}")

    def _given_up(self, table: Table, column: Object) -> bool:
        # Asked for each cell of a table: mostly there are no faults at all.
        faults = self._faults.get(f"{table.name}.{column.name}") if self._faults else None
        if faults is None or len(faults.cells) < GIVE_UP:
            return False
        faults.unasked += 1
        return True

    def _saw(self, *oids: str) -> None:
        self._highest = max([self._highest, *map(_numbers, oids)])

    def tell_faults(self) -> None:
        """Note what faults of the agent took away: rows behind the end of all walks of a table, and single values."""
        told = {*self._waiting, *(part.what for part in self.parts)}
        for name, found in self._tables.items():
            # An agent that has nothing behind a table rightly ends its view there.
            ends = [end for end, oid in found.ends if end is not WalkEnd.END_OF_VIEW or _numbers(oid) < self._highest]
            if ends and not found.whole and name not in told:
                self.parts.append(PartFailure(name, _ENDINGS[ends[0]].format(rows=len(found.rows))))
        for what, faults in self._faults.items():
            rows = [_dotted(index) for index, _ in faults.cells if index]
            more = f" and {len(rows) - 5} more" if len(rows) > 5 else ""
            where = f" for row{'s' * (len(rows) > 1)} {', '.join(rows[:5])}{more}" if rows else ""
            rest = f"; {faults.unasked} further rows were not asked for" if faults.unasked else ""
            self.parts.append(PartFailure(what, _FAULTS[faults.cells[0][1]].format(where=where) + rest))

    def _text(self, name: str) -> str | None:
        value = self._scalars.get(name)
        return value.decode("utf-8", "replace") if isinstance(value, bytes) else None if value is None else str(value)


def _numbers(oid: str) -> tuple[int, ...]:
    return tuple(map(int, oid.split(".")))


def _dotted(index: Index) -> str:
    return ".".join(map(str, index))
