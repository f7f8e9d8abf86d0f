"""Objects that seldom change: read at a rhythm of their own, and kept in between (ADR 16). Pure, with a memory.

A profile says `every` of them. A poll by known rows leaves out those whose values are still good, and what was read
last is put into its answer again, with its age. A discovery reads everything.
"""

from __future__ import annotations

import zlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Final, cast

from noc.inventory.profiles.compiled import EntitySensorSpec, Object, Profile, RecordSpec, SensorSpec
from noc.model.reading import Block, Cells, Index, Known, Raw, Reading, Row, SnmpAnswer
from noc.pipeline.packed import FASTEST, pack, unpack

SCALARS: Final = ""
"""What scalars stand under among tables."""

_ALWAYS: Final = frozenset({"sysObjectID", "sysDescr", "sysUpTime"})
"""By these a poll sees that it talks to another device, or to one that started anew (ADR 8)."""


_Values = tuple[tuple[Index, ...], tuple[Raw, ...]]
"""The values of an object, by row."""

_NONE: Final[frozenset[str]] = frozenset()
_NAMES_AT_MOST: Final = 4096


@dataclass(frozen=True, slots=True)
class _Kept:
    """Objects that were read at one time. packed: `_Values` by name, of these and of some that were read since."""

    at: datetime
    names: frozenset[str]
    packed: bytes


@dataclass(slots=True)
class _Device:
    """kept: no object stands in two of them. Of the poll under way, known: all that it could have asked for, None where
    it was not narrowed; left_out: by it; whole_tables: those of which it asks for nothing.
    """

    kept: tuple[_Kept, ...] = ()
    known: Known | None = None
    left_out: frozenset[str] = _NONE
    whole_tables: frozenset[str] = _NONE


class SlowObjects:
    """Remembers the values of objects that are not read at each poll. profiles: by name."""

    def __init__(self, profiles: Mapping[str, Profile]) -> None:
        self._profiles = profiles
        self._devices: dict[str, _Device] = {}
        self._slow: dict[str, Mapping[str, Object]] = {}
        self._names: dict[frozenset[str], frozenset[str]] = {}

    def narrowed(self, entity: str, known: Known | None, now: datetime, interval: timedelta) -> Known | None:
        """Return what to ask for at this poll: all that is known, less what is good for half an interval more.

        interval: the time between two polls. A value is never kept for longer than its rhythm.
        """
        device = self._devices.get(entity)
        if device is None:
            return known
        device.left_out, device.whole_tables, device.known = _NONE, _NONE, None
        if known is None or not known.valid:
            return known
        slow = self._slow_of(known.profile)
        good = frozenset(
            name
            for kept in device.kept
            for name in slow.keys() & kept.names
            if timedelta(0) <= now - kept.at <= timedelta(seconds=slow[name].every_s) - interval / 2
        )
        if not good:
            return known
        asked, left = _split(known.cells, good)
        device.left_out, device.known = good, known
        device.whole_tables = frozenset(left.keys() - asked.keys())
        return replace(known, cells=asked, left_out=left)

    def completed(self, entity: str, reading: Reading) -> Reading:
        """Return a Reading with what it left out, as it was read last, and keep what it brought.

        What is known of the agent is whole again in it.
        """
        if reading.check != "snmp":
            return reading  # a ping between question and answer is not the end of the poll
        answer = reading.snmp
        slow = {} if answer is None else self._slow_of(answer.profile)
        device = self._devices.get(entity)
        if answer is None or not slow:
            return reading if device is None else _whole(device, reading)
        if device is None:
            device = self._devices[entity] = _Device()
        went_by, known = device.known, reading.known
        anew = known is not None and (went_by is None or known.discovered_at != went_by.discovered_at)
        left_out = _NONE if anew else device.left_out
        filled = _filled(answer, slow, device, left_out, reading.started_at)
        if anew:
            device.kept = ()
        self._keep(device, answer, [thing for name, thing in slow.items() if name not in left_out], reading.started_at)
        return replace(_whole(device, reading), snmp=filled)

    def forget(self, entity: str) -> None:
        """Drop a device that is no longer watched, or is asked otherwise."""
        self._devices.pop(entity, None)

    def _keep(self, device: _Device, answer: SnmpAnswer, asked: Iterable[Object], at: datetime) -> None:
        """Keep the values of objects that were asked for; of those that brought none the last ones stay."""
        found: dict[str, _Values] = {}
        shared: dict[tuple[Index, ...], tuple[Index, ...]] = {}
        for thing in asked:
            rows = {(): answer.scalars} if thing.table is None else answer.tables.get(thing.table, {})
            read = {index: row[thing.name] for index, row in rows.items() if thing.name in row}
            if read:
                places = tuple(read)
                found[thing.name] = shared.setdefault(places, places), tuple(read.values())
        if not found:
            return
        older = (replace(one, names=self._one(one.names.difference(found))) for one in device.kept)
        newest = _Kept(at, self._one(frozenset(found)), zlib.compress(pack(found), FASTEST))
        device.kept = (*(one for one in older if one.names), newest)

    def _one(self, names: frozenset[str]) -> frozenset[str]:
        """Return the same object for equal names: devices of one family have the same."""
        if len(self._names) >= _NAMES_AT_MOST:
            self._names.clear()
        return self._names.setdefault(names, names)

    def _slow_of(self, name: str) -> Mapping[str, Object]:
        if name not in self._slow:
            profile = self._profiles.get(name)
            self._slow[name] = {} if profile is None else slow_objects(profile)
        return self._slow[name]


def slow_objects(profile: Profile) -> Mapping[str, Object]:
    """Return the objects of a profile that have a rhythm of their own, by name."""
    columns = [thing for table in profile.tables for thing in (*table.rows_from, *table.columns)]
    slow = (thing for thing in (*profile.scalars, *columns) if thing.every_s > 0)
    return {thing.name: thing for thing in slow if thing.name not in _ALWAYS}


def without(profile: Profile, names: Iterable[str]) -> Profile:
    """Return a profile less the sensors and records whose values are these objects alone: the old is no sample."""
    old = frozenset(names)

    def fresh(spec: SensorSpec | EntitySensorSpec | RecordSpec) -> bool:
        objects = (spec.value,) if isinstance(spec, EntitySensorSpec) else spec.objects
        return not objects or any(thing.name not in old for thing in objects)

    records = {name: tuple(spec for spec in specs if fresh(spec)) for name, specs in profile.records.items()}
    return replace(profile, sensors=tuple(spec for spec in profile.sensors if fresh(spec)), records=records)


def _whole(device: _Device, reading: Reading) -> Reading:
    """Return a Reading whose known rows are all of them: those in memory, which devices of one kind share.

    The poll is over: what it left out is dropped.
    """
    known, went_by = reading.known, device.known
    device.known, device.left_out, device.whole_tables = None, _NONE, _NONE
    if known is None or went_by is None or not known.left_out:
        return reading
    return replace(reading, known=replace(known, cells=went_by.cells, left_out={}))


def _split(cells: Cells, names: frozenset[str]) -> tuple[Cells, Cells]:
    """Return the cells that are not of these columns, and those that are."""
    asked: dict[str, tuple[Block, ...]] = {}
    left: dict[str, tuple[Block, ...]] = {}
    for table, blocks in cells.items():
        for into, wanted in ((asked, False), (left, True)):
            found = tuple(part for block in blocks if (part := _part(block, names, wanted=wanted)) is not None)
            if found:
                into[table] = found
    return asked, left


def _part(block: Block, names: frozenset[str], *, wanted: bool) -> Block | None:
    kept = [n for n, column in enumerate(block.columns) if (column in names) is wanted]
    if len(kept) == len(block.columns):
        return block
    if not kept:
        return None
    return Block(tuple(block.columns[n] for n in kept), block.rows, tuple(block.octets[n] for n in kept))


def _filled(
    answer: SnmpAnswer, slow: Mapping[str, Object], device: _Device, names: frozenset[str], now: datetime
) -> SnmpAnswer:
    """Return an answer with the kept values of these objects: in the rows that it has, or all rows of a table of which
    nothing was asked.
    """
    if not names:
        return answer
    kept: dict[str, _Values] = {}
    ages_s: dict[str, float] = {}
    for one in device.kept:
        wanted = one.names & names
        if wanted:
            values = cast("dict[str, _Values]", unpack(zlib.decompress(one.packed)))
            kept |= {name: values[name] for name in wanted}
            ages_s |= dict.fromkeys(wanted, (now - one.at).total_seconds())
    scalars: dict[str, Raw] = dict(answer.scalars)
    tables: dict[str, Mapping[Index, Row]] = dict(answer.tables)
    for table in {slow[name].table or SCALARS for name in names}:
        here = {name: kept[name] for name in sorted(names) if (slow[name].table or SCALARS) == table}
        if table == SCALARS:
            scalars |= {name: found[0] for name, (_, found) in here.items()}
        else:
            tables[table] = _rows(answer.tables.get(table, {}), here, whole=table in device.whole_tables)
    ages_s = {name: ages_s[name] for name in sorted(names)}
    return replace(answer, scalars=scalars, tables=tables, ages_s=ages_s)


def _rows(read: Mapping[Index, Row], kept: Mapping[str, _Values], *, whole: bool) -> Mapping[Index, Row]:
    rows: dict[Index, dict[str, Raw]] = {index: dict(row) for index, row in read.items()}
    for name, (places, found) in kept.items():
        for index, value in zip(places, found, strict=True):
            if whole or index in read:
                rows.setdefault(index, {}).setdefault(name, value)
    return rows
