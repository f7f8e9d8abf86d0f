"""Known rows: a poll that asks for exactly what an earlier discovery found, and what is to be known for the next.

Nothing is looked for, so what appears is seen by the signs that the first answer brings (another device, a restart, a
table that says that it changed), by cells that vanish, or at the discovery that is due after a time (ADR 0008).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from functools import lru_cache
from types import MappingProxyType
from typing import Final

from collectors._snmp_discovery import MARK_OCTETS, SYSTEM_GROUP
from collectors._snmp_talk import SCALARS, Cell, Talk, dotted, octets_of_index, octets_of_name
from noc.inventory.profiles.compiled import Object, Profile
from noc.inventory.profiles.load import INTERFACE_TABLES
from noc.model.budget import Extent
from noc.model.reading import Block, Cells, Index, Known, Raw

Place = tuple[str, Index, str]
"""Table, row and column."""

_Row = tuple[str, Index, dict[str, Raw], list[tuple[str, str, int]]]
"""Table, index, where the values belong; of each column the OID, the name, and the octets of a varbind."""

_TEXT_STEP: Final = 16


@dataclass(frozen=True, slots=True)
class Changed:
    """Why an agent is to be discovered anew. vanished: cells that it has no more, the rest was read."""

    vanished: frozenset[Place] = frozenset()
    marks: frozenset[str] = frozenset()
    other: bool = False


def fits(known: Known, profiles: Mapping[str, Profile], named: str | None) -> bool:
    """Return whether a poll can go by what is known: found by the same profile, all of whose objects it still has."""
    profile = profiles.get(known.profile)
    if profile is None or named not in (None, known.profile) or known.named is not (named is not None):
        return False
    has = _objects(profile)
    return all(
        column in has.get(table, {})
        for cells in (known.cells, known.gone)
        for table, blocks in cells.items()
        for block in blocks
        for column in block.columns
    )


async def poll_known(talk: Talk, profile: Profile, known: Known, extent: Extent = Extent.ALL) -> Changed | None:
    """Read what is known. Return why the agent is to be discovered anew; None when this is all that it has.

    extent: where it is not all, there will be no discovery: then all of what is known is read, whatever has changed,
    unless it is another agent.

    Raises WireError when the agent is gone, with what was read until then in the talk.
    """
    talk.scalar_names = ", ".join(column for block in known.cells.get(SCALARS, ()) for column in block.columns)
    known = _narrowed(known, profile, extent)
    talk.waiting = [talk.label(table) for table in _order(known)]
    for mark in known.marks:
        talk.want(mark, (SCALARS, (), talk.marks, mark), MARK_OCTETS)
    session, asked, total, begun = talk.session, talk.asked, talk.octets, False
    most, room = session.oids_per_request, session.octets_per_answer
    changed: Changed | None = None
    for table, index, row, wanted in _rows(talk, known, _objects(profile)):
        where, longer = dotted(index), octets_of_index(index)
        for oid, column, octets in wanted:
            asked[oid + where if oid[-1] == "." else oid] = (table, index, row, column)
            total += octets + longer
            if total >= room or len(asked) >= most:
                await talk.ask(known=True)
                asked, total = talk.asked, 0
                most, room = session.oids_per_request, session.octets_per_answer
                if not begun and table != SCALARS:  # all scalars were asked for
                    begun, changed = True, signs(talk, known)
                    if changed is not None and (extent is Extent.ALL or changed.other):
                        return changed
    await talk.ask(known=True)
    changed = changed if begun else signs(talk, known)
    if changed is not None:
        return changed
    vanished = _places_of(talk.missing) - _places(known.gone) if talk.missing else frozenset()
    return Changed(vanished=vanished) if vanished else None


def signs(talk: Talk, known: Known) -> Changed | None:
    """Return what the first answer shows: another device, a restart, a table that changed."""
    identity = (talk.scalars.get("sysObjectID"), talk.scalars.get("sysDescr"))
    uptime = talk.scalars.get("sysUpTime")
    if identity != known.identity or _went_back(known.uptime, uptime):
        return Changed(other=True)
    marks = frozenset(mark for mark, value in known.marks.items() if talk.marks.get(mark) != value)
    return Changed(marks=marks) if marks else None


def _went_back(before: Raw, now: Raw) -> bool:
    return isinstance(before, int) and (not isinstance(now, int) or now < before)


def _narrowed(known: Known, profile: Profile, extent: Extent) -> Known:
    """Return what is known of the device's name and its interfaces alone, where no more may be asked for."""
    if extent is not Extent.STATUS:
        return known
    system = {thing.name for thing in profile.scalars if thing.oid.startswith(SYSTEM_GROUP)}
    cells = {table: blocks for table, blocks in known.cells.items() if table in INTERFACE_TABLES}
    for block in known.cells.get(SCALARS, ()):
        kept = [(name, octets) for name, octets in zip(block.columns, block.octets, strict=True) if name in system]
        names, sizes = tuple(name for name, _ in kept), tuple(octets for _, octets in kept)
        cells[SCALARS] = (Block(names, block.rows, sizes),)
    return replace(known, cells=cells, gone={})


def likely(known: Known) -> dict[str, int]:
    """Return the tables that an agent had, with how many rows."""
    cells = (known.cells, known.left_out)
    tables = {table: 0 for of in cells for table in of}
    for of in cells:
        for table, blocks in of.items():
            tables[table] = max(tables[table], sum(len(block.rows) for block in blocks))
    return tables


def after_poll(talk: Talk, known: Known, changed: Changed | None = None) -> Known:
    """Return what is known after a poll that went by it; no longer valid where that brought less than it should."""
    return replace(
        known,
        valid=known.valid and not talk.parts and changed is None,
        uptime=talk.scalars.get("sysUpTime"),
        oids_per_request=talk.session.oids_per_request,
    )


def after_discovery(
    talk: Talk, named: bool, at: datetime, before: Known | None, changed: Changed | None
) -> Known | None:
    """Return what is known after a discovery; None when parts got no answer: then there may be more than was read.

    What is missing for a fault of the agent is believed to last when it was the same at the discovery before. What the
    agent gives to a walk but not to a GET is no ground to go by.
    """
    if talk.lost or talk.waiting:
        return None
    parts = tuple(talk.parts)
    cells = _blocks(talk)
    marks = dict(talk.marks)
    gone: frozenset[Place] = frozenset()
    came_back = False
    if before is not None and changed is not None and changed.marks and _same(before, cells):
        for mark in changed.marks:  # it tells of changes that are none
            marks.pop(mark, None)
    if before is not None and not (changed is not None and changed.other):
        vanished = changed.vanished if changed is not None else frozenset()
        there = _places(cells)
        came_back = bool(vanished & there)
        gone = (vanished | _places(before.gone)) - there
    again = before is not None and not before.valid and before.parts == parts
    return Known(
        profile=talk.profile,
        named=named,
        discovered_at=at,
        valid=not came_back and (again or not parts),
        identity=(talk.scalars.get("sysObjectID"), talk.scalars.get("sysDescr")),
        uptime=talk.scalars.get("sysUpTime"),
        marks=marks,
        cells=cells,
        gone=_grouped(gone),
        parts=parts,
        oids_per_request=talk.session.oids_per_request,
    )


def _objects(profile: Profile) -> dict[str, dict[str, Object]]:
    return {
        SCALARS: {thing.name: thing for thing in profile.scalars},
        **{table.name: {thing.name: thing for thing in (*table.rows_from, *table.columns)} for table in profile.tables},
    }


def _order(known: Known) -> list[str]:
    """Return the tables in the order of a discovery: scalars, interfaces, all others."""
    return sorted({**known.cells, **known.gone}, key=lambda table: (table != SCALARS, table not in INTERFACE_TABLES))


def _rows(talk: Talk, known: Known, objects: Mapping[str, Mapping[str, Object]]) -> Iterator[_Row]:
    """Yield the rows to ask for."""
    for table in _order(known):
        scalars: dict[Index, dict[str, Raw]] = {(): talk.scalars}
        rows = scalars if table == SCALARS else talk.tables.setdefault(table, {})
        for block in (*known.cells.get(table, ()), *known.gone.get(table, ())):
            things = [objects[table][column] for column in block.columns]
            wanted = [
                (thing.oid if thing.bare else f"{thing.oid}.", thing.name, octets_of_name(thing) + octets)
                for thing, octets in zip(things, block.octets, strict=True)
            ]
            for index in block.rows:
                if table in talk.lost:
                    break
                yield table, index, rows.setdefault(index, {}), wanted
        talk.all_wanted(table)


def _blocks(talk: Talk) -> Cells:
    found = {SCALARS: _blocks_of({(): talk.scalars})} if talk.scalars else {}
    found |= {table: _blocks_of(rows) for table, rows in talk.tables.items() if rows}
    return _shared_cells(tuple(found.items()))


def _blocks_of(rows: Mapping[Index, Mapping[str, Raw]]) -> tuple[Block, ...]:
    alike: dict[tuple[str, ...], list[Index]] = {}
    for index, row in rows.items():
        if row:
            alike.setdefault(tuple(row), []).append(index)
    return tuple(
        _shared(
            Block(
                columns,
                tuple(indexes),
                tuple(max(_octets(rows[index][column]) for index in indexes) for column in columns),
            )
        )
        for columns, indexes in alike.items()
    )


@lru_cache(maxsize=4096)
def _shared(block: Block) -> Block:
    """Return the same object for equal blocks: many devices are built alike."""
    return block


@lru_cache(maxsize=2048)
def _shared_cells(items: tuple[tuple[str, tuple[Block, ...]], ...]) -> Cells:
    """Return the same mapping for equal ones."""
    return MappingProxyType(dict(items))


def _octets(value: Raw) -> int:
    """Return the octets of a value, rounded up."""
    if isinstance(value, int):
        return 5 if -(2**31) <= value < 2**32 else 9
    length = len(value) if isinstance(value, bytes | str) else 0
    return (length // _TEXT_STEP + 1) * _TEXT_STEP


def _places_of(cells: list[Cell]) -> frozenset[Place]:
    """Return where cells belong."""
    return frozenset((table, index, column) for table, index, _, column in cells)


def _places(cells: Cells) -> frozenset[Place]:
    return frozenset(
        (table, index, column)
        for table, blocks in cells.items()
        for block in blocks
        for index in block.rows
        for column in block.columns
    )


def _grouped(places: frozenset[Place]) -> Cells:
    rows: dict[str, dict[Index, list[str]]] = {}
    for table, index, column in sorted(places):
        rows.setdefault(table, {}).setdefault(index, []).append(column)
    return {
        table: tuple(Block(tuple(columns), (index,), (_TEXT_STEP,) * len(columns)) for index, columns in found.items())
        for table, found in rows.items()
    }


def _same(before: Known, cells: Cells) -> bool:
    return _places(before.cells) | _places(before.left_out) == _places(cells)
