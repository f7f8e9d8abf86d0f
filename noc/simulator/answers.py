"""What a poll by SNMP brings of a device of the world at any moment: its agent's answer, without a network. Pure.

The agent's objects are read by the profile that a poll would find, by the rules of `collectors._snmp_discovery`: rows
are those of the first column of `rows_from` that has any, and all other columns are asked for on these. What is the
same at every moment is read once.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from noc.inventory.profiles.compiled import Object, Profile, Table
from noc.inventory.profiles.load import GENERIC, pick, probes
from noc.model.reading import Index, Raw, SnmpAnswer
from noc.simulator.moment import Moment
from noc.simulator.objects import View, Worked
from noc.wire.ber import Oid
from noc.wire.snmp.answers import numbers, raw

_SYSTEM_GROUP: Final = "1.3.6.1.2.1.1."


@dataclass(frozen=True, slots=True)
class _Row:
    """What of a row is always the same, and the columns that are worked out of a moment."""

    fixed: Mapping[str, Raw]
    worked: Sequence[tuple[str, Worked]]

    def at(self, now: Moment) -> Mapping[str, Raw]:
        """Return the row at a moment."""
        if not self.worked:
            return self.fixed
        found = dict(self.fixed)
        for column, work in self.worked:
            found[column] = raw(work(now))
        return found


class Answers:
    """The answers of all agents of one model, by the profile that fits them. now: any moment of one of them."""

    def __init__(self, view: View, profiles: Mapping[str, Profile], now: Moment) -> None:
        system = [thing for thing in profiles[GENERIC].scalars if thing.oid.startswith(_SYSTEM_GROUP)]
        profile = _profile(view, profiles, _scalars(view, system).at(now))
        others = [thing for thing in profile.scalars if thing not in system]
        self.profile: Final = profile.name
        self._scalars = _scalars(view, (*system, *others))
        self._tables = {table.name: rows for table in profile.tables if (rows := _rows(view, table))}

    def at(self, now: Moment) -> SnmpAnswer:
        """Return what an agent answers at a moment."""
        tables = {name: {index: row.at(now) for index, row in rows.items()} for name, rows in self._tables.items()}
        return SnmpAnswer(self.profile, self._scalars.at(now), tables)


def _profile(view: View, profiles: Mapping[str, Profile], system: Mapping[str, Raw]) -> Profile:
    """Return the profile by which a poll reads an agent."""
    identifier, descr = system.get("sysObjectID"), system.get("sysDescr")
    known = identifier if isinstance(identifier, str) else None
    text = descr.decode("utf-8", "replace") if isinstance(descr, bytes) else None
    picked = pick(profiles, known, text)
    families = probes(profiles, known, text, picked)
    return next((family for oid, family in families.items() if numbers(oid) in view.position), picked)


def _scalars(view: View, things: Iterable[Object]) -> _Row:
    named = ((thing.name, numbers(thing.oid) if thing.bare else (*numbers(thing.oid), 0)) for thing in things)
    return _row(view, ((name, oid) for name, oid in named if oid in view.position))


def _rows(view: View, table: Table) -> Mapping[Index, _Row]:
    indexes: list[Index] = []
    for column in table.rows_from:
        indexes = list(_indexes(view, numbers(column.oid)))
        if indexes:
            break
    if table.at_most is not None and len(indexes) > table.at_most:
        return {}
    columns = {thing.name: numbers(thing.oid) for thing in (*table.rows_from, *table.columns)}
    return {
        index: _row(view, ((name, (*oid, *index)) for name, oid in columns.items() if (*oid, *index) in view.position))
        for index in indexes
    }


def _indexes(view: View, column: Oid) -> Iterator[Index]:
    for oid in view.oids[bisect_left(view.oids, column) :]:
        if oid[: len(column)] != column:
            return
        yield oid[len(column) :]


def _row(view: View, cells: Iterable[tuple[str, Oid]]) -> _Row:
    fixed: dict[str, Raw] = {}
    worked: list[tuple[str, Worked]] = []
    for name, oid in cells:
        how = view.how(oid)
        if callable(how):
            worked.append((name, how))
        else:
            fixed[name] = raw(how)
    return _Row(fixed, worked)
