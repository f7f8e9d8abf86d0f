"""Discovery: finds out what an agent has by looking for all that a profile names, and reads it.

Order: system group, profile, scalars, interfaces, all other tables. Rows are found by walking one of the `rows_from`
columns of a table; all other columns are asked for by GET on the rows that exist: fewer round trips than walking each,
and a table that an agent ends half-way doesn't pass as whole. What is left to ask of one table goes with the first
cells of the next. Parts name what is missing: a fault of the agent that another question made good is not told.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final

from collectors._snmp_talk import SCALARS, Talk, dotted, numbers, octets_of_index, octets_of_name
from noc.inventory.profiles.compiled import Object, Profile, Table
from noc.inventory.profiles.load import GENERIC, INTERFACE_TABLES, pick, probes
from noc.model.reading import FailureKind, Index, PartFailure, Raw
from noc.wire.errors import WireError
from noc.wire.snmp import MAX_ROWS, WalkEnd

IF_NUMBER: Final = "1.3.6.1.2.1.2.1.0"

MARKS: Final = (
    IF_NUMBER,
    "1.3.6.1.2.1.31.1.5.0",  # ifTableLastChange
    "1.3.6.1.2.1.47.1.4.1.0",  # entLastChangeTime
    "1.0.8802.1.1.2.1.2.1.0",  # lldpStatsRemTablesLastChangeTime
)
"""Objects that change when rows of a table come or go (RFC 2863, RFC 6933, IEEE 802.1AB)."""

MARK_OCTETS: Final = 25

SYSTEM_GROUP: Final = "1.3.6.1.2.1.1."

_ENDINGS: Final = {
    WalkEnd.LOOP: "the agent begins to repeat itself after {rows} rows: rows may be missing",
    WalkEnd.GARBAGE: "the agent's answer after {rows} rows can't be decoded: rows may be missing",
    WalkEnd.END_OF_VIEW: "the agent ends its view after {rows} rows but shows objects beyond: rows may be missing",
}
_TOO_LONG: Final = f"left out: more than {MAX_ROWS} rows, larger than any real table"
_OVER: Final = "left out: more than {most} rows, which its profile reads at most (`at_most`)"

_OCTETS_OF_TEXT: Final = 24  # a guess: nothing was read yet
_OCTETS: Final = {"counter64": 9, "string": _OCTETS_OF_TEXT, "hex": _OCTETS_OF_TEXT, "oid": _OCTETS_OF_TEXT}
_OCTETS_OF_NUMBER: Final = 5


@dataclass(slots=True)
class _Found:
    """What was found of a table. whole: a walk saw all rows; ends: how the others ended, with the column's OID."""

    rows: dict[Index, dict[str, Raw]] = field(default_factory=dict)
    whole: bool = False
    ends: list[tuple[WalkEnd, str]] = field(default_factory=list)


class Discovery:
    """Reads an agent by a profile, or by the one that fits. likely: the tables that it is known to have, with
    how many rows.

    whole: else only who the device is, and its interfaces.
    """

    def __init__(
        self,
        talk: Talk,
        profiles: Mapping[str, Profile],
        named: str | None,
        likely: Mapping[str, int] | None = None,
        *,
        whole: bool = True,
    ) -> None:
        self._whole = whole
        self._talk = talk
        self._profiles = profiles
        self._named = named
        self._rows = dict(likely or {})
        self._likely = frozenset({*self._rows, *INTERFACE_TABLES})
        self._looked: dict[str, bool] = {}
        self._profile = profiles[named or GENERIC]
        self._found: dict[str, _Found] = {}

    @property
    def profile(self) -> Profile:
        """Return the profile by which the agent is read."""
        return self._profile

    async def run(self) -> None:
        """Read all there is. Raises WireError when the agent is gone, with what was read until then in the talk."""
        talk = self._talk
        system = [thing for thing in self._profiles[GENERIC].scalars if thing.oid.startswith(SYSTEM_GROUP)]
        await self._get_scalars(system)
        if self._named is None:
            told = talk.scalars.get("sysObjectID")
            identifier, descr = told if isinstance(told, str) else None, talk.text("sysDescr")
            self._profile = pick(self._profiles, identifier, descr)
            talk.waiting = [
                table.name for table in self._tables_to_read()
            ]  # so that it is told, should the agent fall silent now
            if self._whole:
                self._profile = await self._probed(probes(self._profiles, identifier, descr, self._profile))
            talk.profile = self._profile.name
        scalars = [thing for thing in self._profile.scalars if thing not in system and self._whole]
        tables = self._tables_to_read()
        talk.scalar_names = ", ".join(thing.name for thing in scalars) or "scalars"
        talk.waiting = [*(table.name for table in tables), talk.scalar_names]
        # Before any table is walked: what changes meanwhile is seen at the next poll.
        for mark in MARKS if talk.session.batched and self._whole else ():
            talk.want(mark, (SCALARS, (), talk.marks, mark), MARK_OCTETS)
        talk.all_wanted(SCALARS)
        await self._get_scalars(scalars)
        number = talk.marks.get(IF_NUMBER)
        if isinstance(number, int) and number >= 0:  # of ifTable's rows; agents are known to lie here
            self._rows = {**dict.fromkeys(INTERFACE_TABLES, number), **self._rows}
        self._looked = await talk.session.look([table.oid for table in tables if table.name not in self._likely])
        for table in tables:
            await self._guarded(table)
        await talk.ask()

    def _tables_to_read(self) -> list[Table]:
        """Return the tables in the order of reading: interfaces first."""
        tables = (table for table in self._profile.tables if self._whole or table.name in INTERFACE_TABLES)
        return sorted(tables, key=lambda table: table.name not in INTERFACE_TABLES)

    async def _probed(self, families: Mapping[str, Profile]) -> Profile:
        """Return the profile of a family that is known by an object of its own; else the one that was picked."""
        session = self._talk.session
        try:
            there = await session.get(list(families)) if families else {}
        except WireError as error:
            if error.kind is not FailureKind.TIMEOUT:
                raise
            await session.check()  # an agent that is silent on what it lacks has none of them
            there = {}
        return next((family for oid, family in families.items() if oid in there), self._profile)

    async def _get_scalars(self, scalars: list[Object]) -> None:
        for thing in scalars:
            cell = (SCALARS, (), self._talk.scalars, thing.name)
            oid = thing.oid if thing.bare else f"{thing.oid}.0"
            if self._talk.want(oid, cell, octets_of_name(thing) + _octets(thing)):
                await self._talk.ask()
        await self._talk.ask()

    async def _guarded(self, table: Table) -> None:
        """Read a table; if it alone does not answer, note it and go on, if the whole agent fell silent, stop."""
        try:
            await self._read(table)
        except WireError as error:
            if error.kind is not FailureKind.TIMEOUT:
                raise
            await self._talk.session.check()
            self._talk.lose(table.name, error.reason)
        self._talk.all_wanted(table.name)

    async def _read(self, table: Table) -> None:
        session = self._talk.session
        found = self._found[table.name] = _Found()
        self._talk.tables[table.name] = found.rows
        looked = table.name not in self._likely
        there = self._looked.get(table.oid)
        if there is None and looked:
            there = await session.exists(table.oid)
        if there is False:
            return
        batched = session.batched
        others = [column for column in table.columns if column not in table.rows_from]
        walked: set[str] = set()
        for column in (*table.rows_from, *others) if batched else table.columns:
            if batched and column in others and any(end is not WalkEnd.END_OF_VIEW for end, _ in found.ends):
                break  # the other columns will fare no better
            end = await self._walk(column, found, table)
            if end is WalkEnd.LIMIT or (table.at_most is not None and len(found.rows) > table.at_most):
                reason = _TOO_LONG if table.at_most is None else _OVER.format(most=table.at_most)
                self._talk.parts.append(PartFailure(table.name, reason))
                found.rows.clear()
                return
            if end is WalkEnd.COMPLETE:
                walked.add(column.name)
                found.whole |= bool(found.rows)
                if batched and found.rows:
                    break
                if not looked and not found.rows:
                    looked = True
                    if await session.exists(table.oid) is False:
                        return
        await self._fill(table, found, [column for column in table.columns if column.name not in walked])

    async def _walk(self, column: Object, found: _Found, table: Table) -> WalkEnd:
        walk = await self._talk.session.walk(column.oid, table.at_most or MAX_ROWS, self._expected(table, found))
        for index, value in walk.rows:
            found.rows.setdefault(index, {})[column.name] = value
        if walk.end is not WalkEnd.COMPLETE:
            found.ends.append((walk.end, column.oid))
        return walk.end

    def _expected(self, table: Table, found: _Found) -> int | None:
        """Return how many rows a table has, if one can tell: by another column, a table like it, an earlier poll."""
        if found.rows:
            return len(found.rows)
        alike = (self._found[name].rows for name in INTERFACE_TABLES if name in self._found)
        like = max(map(len, alike), default=0) if table.name in INTERFACE_TABLES else 0
        return like or self._rows.get(table.name)

    async def _fill(self, table: Table, found: _Found, columns: list[Object]) -> None:
        """Ask for the cells that no walk brought, row by row: a column with a fault shows before many are asked."""
        talk, name = self._talk, table.name
        wanted = [(f"{column.oid}.", column.name, octets_of_name(column) + _octets(column)) for column in columns]
        for index, row in found.rows.items():
            where, longer = dotted(index), octets_of_index(index)
            for oid, column, octets in wanted:
                if column in row or talk.given_up(name, column):
                    continue
                if talk.want(oid + where, (name, index, row, column), octets + longer):
                    await talk.ask()
                    if name in talk.lost:
                        return

    def tell_ends(self) -> None:
        """Note the tables of which rows may be missing, behind the end of all walks."""
        told = {*self._talk.waiting, *(part.what for part in self._talk.parts)}
        highest: tuple[int, ...] | None = None
        for name, found in self._found.items():
            if found.whole or name in told:
                continue
            for end, oid in found.ends:
                if end is WalkEnd.END_OF_VIEW:
                    # An agent that has nothing behind a table rightly ends its view there.
                    highest = self._highest() if highest is None else highest
                    column = numbers(oid)
                    if highest[: len(column)] <= column:
                        continue
                self._talk.parts.append(PartFailure(name, _ENDINGS[end].format(rows=len(found.rows))))
                break

    def _highest(self) -> tuple[int, ...]:
        """Return the last name that the agent has shown."""
        talk, profile = self._talk, self._profile
        names = [(*numbers(thing.oid), 0) for thing in profile.scalars if thing.name in talk.scalars]
        for table in profile.tables:
            rows = talk.tables.get(table.name, {})
            for column in (*table.rows_from, *table.columns):
                last = max((index for index, row in rows.items() if column.name in row), default=None)
                if last is not None:
                    names.append((*numbers(column.oid), *last))
        return max(names, default=())


def _octets(thing: Object) -> int:
    return _OCTETS.get(thing.type, _OCTETS_OF_NUMBER)
