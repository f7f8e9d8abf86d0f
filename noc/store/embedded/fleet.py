"""One number of each of many series, from rows in memory: the highest of a fleet, the last of a site. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

import numpy as np
import numpy.typing as npt

from noc.model.series import Aggregate, Latest, LatestQuery, Ranked, TopAnswer, TopQuery
from noc.store._answers import few_enough, ranked
from noc.store._rows import Tags, asked, asked_of_place, ceil_ms, device_of
from noc.store.embedded.kinds import Kind
from noc.store.embedded.memtable import SHARD_TABLES, Matrix, Memtable, Shard, Slab

BY_MATRIX: Final = frozenset[Aggregate](("mean", "min", "max", "last", "count"))
"""Aggregates that are worked out here; the others need the numbers of a series in order."""


@dataclass
class _Column:
    """Of each table of a kind one number of one row of samples. kind, row: whose."""

    kind: Kind
    row: int
    total: Matrix = field(init=False)
    sum: Matrix = field(init=False)
    count: Matrix = field(init=False)

    def __post_init__(self) -> None:
        tables = -(-len(self.kind.heads) // SHARD_TABLES) * SHARD_TABLES
        self.total = np.full(tables, np.nan)
        self.sum = np.zeros(tables)
        self.count = np.zeros(tables)


def top(query: TopQuery, memtables: Sequence[Memtable]) -> TopAnswer | None:
    """Return the highest of a fleet from memory, which must have all of the time; None where that has no short way.

    No short way: an aggregate that needs numbers in order, times that went back or came twice, series that were told
    apart anew in the meantime, or that several tables have.
    """
    registry = memtables[-1].registry
    filled = [memtable for memtable in memtables if any(shard.slabs for shard in memtable.shards())]
    others = any(memtable.registry is not registry for memtable in filled)
    shared = any(measurement == query.measurement for _, measurement in registry.shared)
    if query.aggregate not in BY_MATRIX or others or shared:
        return None
    start, stop = ceil_ms(query.start), ceil_ms(query.stop)
    columns: dict[tuple[int, int], _Column] = {}
    for memtable in filled:
        for shard in memtable.shards():
            kind = shard.kind
            if kind.measurement != query.measurement or query.field not in kind.fields:
                continue
            if not shard.in_order:
                return None
            for row in range(kind.rows):
                column = columns.get((kind.number, row))
                if column is None:
                    column = columns[kind.number, row] = _Column(kind, row)
                for slab in shard.slabs:
                    if slab.newest >= start and slab.oldest < stop:
                        _add(column, shard, slab, query, (start, stop))
    return _answer(query, list(columns.values()))


def _add(column: _Column, shard: Shard, slab: Slab, query: TopQuery, between: tuple[int, int]) -> None:
    """Add the numbers of a slab in a time. They are in order: a table's later ones come behind its earlier ones."""
    kind = column.kind
    values = slab.values[column.row * len(kind.fields) + kind.fields.index(query.field), : slab.count]
    tables = slab.tables[: slab.count]
    chosen = ~np.isnan(values)
    if slab.oldest < between[0] or slab.newest >= between[1]:
        times = slab.times[: slab.count]
        chosen &= (times >= between[0]) & (times < between[1])
    if not chosen.all():
        values, tables = values[chosen], tables[chosen]
    here = slice(shard.first, shard.first + SHARD_TABLES)
    places = tables.astype(np.intp)
    column.count[here] += np.bincount(places, minlength=SHARD_TABLES)
    total = column.total[here]
    if query.aggregate == "last":
        total[places] = values
    elif query.aggregate in ("min", "max"):
        reduced = np.fmin if query.aggregate == "min" else np.fmax
        reduced.at(total, places, values)
    else:
        column.sum[here] += np.bincount(places, weights=values, minlength=SHARD_TABLES)


def _answer(query: TopQuery, columns: Sequence[_Column]) -> TopAnswer:
    tags = frozenset(asked(query.where))
    found: list[Ranked] = []
    compared = 0
    for column in columns:
        numbers = _numbers(query.aggregate, column)
        tables = np.flatnonzero(column.count > 0)
        if tags:
            matching = [tags.issubset(_tags(column, table)) for table in tables.tolist()]
            tables = tables[np.array(matching, np.bool_)]
        compared += tables.size
        found += [
            Ranked(dict(_tags(column, table)), float(numbers[table]))
            for table in _foremost(tables, numbers[tables], query).tolist()
        ]
    best = ranked(found, query)
    return TopAnswer(best.items, compared)


def _numbers(aggregate: Aggregate, column: _Column) -> Matrix:
    if aggregate == "count":
        return column.count
    if aggregate == "mean":
        with np.errstate(invalid="ignore", over="ignore"):
            return column.sum / np.maximum(column.count, 1.0)
    return column.total


def _foremost(tables: npt.NDArray[np.intp], numbers: Matrix, query: TopQuery) -> npt.NDArray[np.intp]:
    """Return the tables that may be in the answer: all with numbers as good as that of the last in it."""
    if tables.size <= query.count:
        return tables
    signed = -numbers if query.order == "highest" else numbers
    last = np.partition(signed, query.count - 1)[query.count - 1]
    return np.asarray(tables[signed <= last])


def _tags(column: _Column, table: int) -> Tags:
    return column.kind.series_of(column.kind.heads[table])[column.row]


# --- the last numbers -------------------------------------------------------------------------------------------------

Last = dict[tuple[str, Tags, str], tuple[int, float]]
"""Time and number, by measurement, tags and field."""


def latest(query: LatestQuery, memtables: Sequence[Memtable]) -> Last:
    """Return last numbers from memory, copies of what is in chunks too. Raises TooManySeriesError, UsageError."""
    tags = asked_of_place(query.where)
    named = dict(tags)
    between = ceil_ms(query.since), ceil_ms(query.until)
    found: Last = {}
    for memtable in memtables:
        registry = memtable.registry
        device = device_of(tags)
        for owner in [device] if device else list(registry.devices(named.get("site", ""))):
            for kind, table in registry.of_device(owner):
                if not query.measurements or kind.measurement in query.measurements:
                    _take(found, kind, table, memtable, frozenset(tags), between)
            few_enough(len(found), query.at_most)
    return found


def _take(
    found: Last, kind: Kind, table: int, memtable: Memtable, tags: frozenset[tuple[str, str]], between: tuple[int, int]
) -> None:
    shard = memtable.shard(kind, table)
    if shard is None:
        return
    times, _, values = shard.of_table(table)
    inside = (times >= between[0]) & (times < between[1])
    if not inside.any():
        return
    times, values = times[inside], values[:, inside]
    order = np.argsort(times, kind="stable")
    times, values = times[order], values[:, order]
    there = ~np.isnan(values)
    last = np.where(there.any(axis=1), times.size - 1 - there[:, ::-1].argmax(axis=1), -1)
    for (name, series), row, place in zip(kind.columns(table), values, last.tolist(), strict=True):
        if place >= 0 and tags.issubset(series):
            key = kind.measurement, series, name
            if found.get(key, (0, 0.0))[0] <= times[place]:
                found[key] = int(times[place]), float(row[place])


def answer(found: Mapping[tuple[str, Tags, str], tuple[int, float]]) -> Iterator[Latest]:
    """Yield last numbers, sorted by measurement, tags and field."""
    for (measurement, tags, name), (time_ms, value) in sorted(found.items()):
        yield Latest(measurement, dict(tags), name, time_ms, value)
