"""One number of each of many series, from rows in memory: the highest of a fleet, the last of a site. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from typing import Final

import numpy as np
import numpy.typing as npt

from noc.model.series import Aggregate, Latest, LatestQuery, Ranked, TopAnswer, TopQuery
from noc.store._answers import few_enough, ranked
from noc.store._rows import Tags, asked, asked_of_place, ceil_ms, device_of
from noc.store.embedded.kinds import Kind, Places
from noc.store.embedded.memtable import SHARD_TABLES, Matrix, Memtable, Shard, Slab

BY_MATRIX: Final = frozenset[Aggregate](("mean", "min", "max", "last", "count"))
"""Aggregates that are worked out here; the others need the numbers of a series in order."""


@dataclass
class _Column:
    """Of each table of a kind one number of one row of samples. kind, row: whose."""

    kind: Kind
    row: int
    best: Matrix = field(init=False)
    sum: Matrix = field(init=False)
    count: Matrix = field(init=False)

    def __post_init__(self) -> None:
        tables = -(-len(self.kind.heads) // SHARD_TABLES) * SHARD_TABLES
        self.best = np.full(tables, np.nan)
        self.sum = np.zeros(tables)
        self.count = np.zeros(tables)

    def add(self, first: int, tables: Places, values: Matrix, aggregate: Aggregate) -> None:
        """Add numbers of tables, numbered from `first`; of one table the later stand behind the earlier."""
        here = slice(first, first + SHARD_TABLES)
        self.count[here] += np.bincount(tables, minlength=SHARD_TABLES)
        if aggregate == "last":
            self.best[here][tables] = values
        elif aggregate in ("min", "max"):
            reduced = np.fmin if aggregate == "min" else np.fmax
            reduced.at(self.best[here], tables, values)
        else:
            self.sum[here] += np.bincount(tables, weights=values, minlength=SHARD_TABLES)


def top(query: TopQuery, memtables: Sequence[Memtable]) -> TopAnswer | None:
    """Return the highest of a fleet from memory, which must have all of the time; None where that has no short way.

    No short way: an aggregate that needs numbers in order, series that were numbered anew in the meantime, or a
    measurement of which a device has several tables.
    """
    registry = memtables[-1].registry
    filled = [memtable for memtable in memtables if any(shard.slabs for shard in memtable.shards())]
    others = any(memtable.registry is not registry for memtable in filled)
    shared = any(measurement == query.measurement for _, measurement in registry.shared)
    if query.aggregate not in BY_MATRIX or others or shared:
        return None
    start, stop = ceil_ms(query.start), ceil_ms(query.stop)
    shards: dict[tuple[int, int], list[Shard]] = {}
    for memtable in filled:
        for shard in memtable.shards():
            if shard.kind.measurement == query.measurement and query.field in shard.kind.fields:
                shards.setdefault((shard.kind.number, shard.first), []).append(shard)
    columns: dict[tuple[int, int], _Column] = {}
    for found in shards.values():
        kind = found[0].kind
        for row in range(kind.rows):
            column = columns.get((kind.number, row))
            if column is None:
                column = columns[kind.number, row] = _Column(kind, row)
            place = row * len(kind.fields) + kind.fields.index(query.field)
            parts = [
                _numbers_of(slab, place, start, stop)
                for shard in found
                for slab in shard.slabs
                if slab.newest >= start and slab.oldest < stop
            ]
            for part in parts if _in_order(found) else _once(parts):
                column.add(found[0].first, part.tables, part.values, query.aggregate)
    return _answer(query, list(columns.values()))


@dataclass(frozen=True, slots=True)
class _Numbers:
    """Numbers of one column: of which table, when, what."""

    tables: Places
    times: npt.NDArray[np.int64]
    values: Matrix


def _numbers_of(slab: Slab, place: int, start: int, stop: int) -> _Numbers:
    values, tables, times = slab.values[place, : slab.count], slab.tables[: slab.count], slab.times[: slab.count]
    chosen = ~np.isnan(values)
    if slab.oldest < start or slab.newest >= stop:
        chosen &= (times >= start) & (times < stop)
    if not chosen.all():
        values, tables, times = values[chosen], tables[chosen], times[chosen]
    return _Numbers(tables.astype(np.intp), times, values)


def _in_order(shards: Sequence[Shard]) -> bool:
    """Return whether of each table the times go up, in all shards one behind the other, none twice."""
    if not all(shard.in_order for shard in shards):
        return False
    # Where a shard has no row of a table, its first time is never reached and its latest always passed.
    return all((later.oldest > earlier.newest).all() for earlier, later in pairwise(shards))


def _once(parts: Sequence[_Numbers]) -> list[_Numbers]:
    """Return numbers in order of time, of those of one table and time the last alone."""
    if not parts:
        return []
    tables = np.concatenate([part.tables for part in parts])
    times = np.concatenate([part.times for part in parts])
    order = np.lexsort((times, tables))  # stable: what was written later stands behind
    tables, times = tables[order], times[order]
    last = np.append((tables[1:] != tables[:-1]) | (times[1:] != times[:-1]), np.True_)
    values = np.concatenate([part.values for part in parts])[order]
    return [_Numbers(tables[last], times[last], values[last])] if tables.size else []


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
    return column.best


def _foremost(tables: Places, numbers: Matrix, query: TopQuery) -> Places:
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
