"""What is known of series in a range: from the summaries of files, and from rows in memory. Blocking."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, fields
from typing import Final

import numpy as np
import numpy.typing as npt

from noc.model.series import TopQuery
from noc.store._rows import DAY_MS
from noc.store.embedded.bounds import ROUNDING, SLACK, Matrix, bounds_of
from noc.store.embedded.kinds import Kind, Places
from noc.store.embedded.memtable import Memtable, Shard, Times
from noc.store.embedded.summaries import Told
from noc.store.embedded.summary import LENGTH_MS, SECOND_MS, Keys, Seen, SummaryError
from noc.store.embedded.wanted import Source, Wanted

MAYBE: Final = 1
YES: Final = 2

Flags = npt.NDArray[np.bool_]


@dataclass(slots=True)
class Column:
    """What is known of some series in a range, all arrays as long as `keys`.

    is_there: 0 for no number in the range, 1 for perhaps, 2 for surely. begin, end: of the rows it is known from, s.
    Of steps that lie in the range: count, total_lo, total_hi: of the numbers; max_lo, max_hi, min_lo, min_hi. Of a step
    at each edge (2 × series): edge_count, edge_min, edge_max.
    """

    keys: Keys
    is_there: npt.NDArray[np.int8]
    begin: Matrix
    end: Matrix
    count: Matrix
    total_lo: Matrix
    total_hi: Matrix
    max_lo: Matrix
    max_hi: Matrix
    min_lo: Matrix
    min_hi: Matrix
    edge_count: Matrix
    edge_min: Matrix
    edge_max: Matrix

    def only(self, chosen: Flags | npt.NDArray[np.intp]) -> Column:
        """Return some of the series."""
        return Column(*(getattr(self, each.name)[..., chosen] for each in fields(self)))


@dataclass(frozen=True, slots=True)
class Part:
    """Series from one place. texts: their tags. places: which of the texts each series has."""

    column: Column
    texts: Callable[[], Sequence[bytes]]
    places: npt.NDArray[np.intp]


class UntoldError(Exception):
    """Files don't tell enough."""


# --- from files -------------------------------------------------------------------------------------------------------


def on_disk(query: TopQuery, wanted: Wanted, source: Source) -> Iterator[Part]:
    """Yield what the summaries of files tell. Raises UntoldError; what is damaged is told."""
    shelf = source.shelves.raw
    for number in shelf.numbers(wanted.start // DAY_MS, (wanted.stop - 1) // DAY_MS):
        file = shelf.whole(number)
        if file is None or not file.summaries.complete():
            raise UntoldError
        begin, end = wanted.start - file.begin_ms, wanted.stop - file.begin_ms
        first, last = begin // LENGTH_MS, (end - 1) // LENGTH_MS
        try:
            for told in file.summaries.told(query.measurement, query.field, first, last):
                yield _of_told(told, file.begin_ms, begin, end)
        except sqlite3.Error as error:
            shelf.failed_read(file, error)
            raise UntoldError from error
        except SummaryError as error:
            shelf.tell(file.path, f"has damaged summaries, the whole fleet is read instead: {error}")
            raise UntoldError from error


def _of_told(told: Told, day_ms: int, begin: int, end: int) -> Part:
    """Return what a summary tells of a range. begin, end: ms since the day's beginning."""
    steps, series = told.cells.count.shape
    first = min(max(0, begin // LENGTH_MS - told.begin), steps)
    after = max(first, min(steps, -(-end // LENGTH_MS) - told.begin))
    cells, seen = told.cells.of(first, after), told.seen.of(first, after)
    begins = (np.arange(first, after) + told.begin) * LENGTH_MS
    whole = (begins >= begin) & (begins + LENGTH_MS <= end)
    bounds = bounds_of(cells)
    none = np.zeros((2, series))
    column = Column(
        told.keys,
        np.zeros(series, np.int8),
        *_rows_seen(seen, (day_ms + begins) // SECOND_MS),
        cells.count[whole].sum(axis=0, dtype=np.float64),
        np.nansum(cells.count[whole] * bounds.mean_lo[whole], axis=0),
        np.nansum(cells.count[whole] * bounds.mean_hi[whole], axis=0),
        np.fmax.reduce(bounds.max_lo[whole], axis=0, initial=-np.inf),
        np.fmax.reduce(bounds.max_hi[whole], axis=0, initial=-np.inf),
        np.fmin.reduce(bounds.min_lo[whole], axis=0, initial=np.inf),
        np.fmin.reduce(bounds.min_hi[whole], axis=0, initial=np.inf),
        none,
        none + np.inf,
        none - np.inf,
    )
    column.is_there[column.count > 0] = YES
    for step in np.flatnonzero(~whole).tolist():
        at = int(begins[step])
        out = np.zeros(series, np.bool_)
        sure = cells.count[step] == seen.count[step]
        if at < begin:
            out |= at + seen.last[step] * SECOND_MS < begin
            sure &= at + (seen.last[step] - 1) * SECOND_MS >= begin
        if at + LENGTH_MS > end:
            out |= at + seen.first[step] * SECOND_MS >= end
            sure &= at + (seen.first[step] + 1) * SECOND_MS <= end
        sure &= not (at < begin and at + LENGTH_MS > end)
        there = (cells.count[step] > 0) & ~out
        side = int(at >= begin)
        column.edge_count[side, there] = cells.count[step, there]
        column.edge_min[side, there] = bounds.min_lo[step, there]
        column.edge_max[side, there] = bounds.max_hi[step, there]
        np.maximum(column.is_there, np.where(sure, YES, MAYBE) * there, out=column.is_there, casting="unsafe")
    return _there(column, told.texts)


def _rows_seen(seen: Seen, begins: Times) -> tuple[Matrix, Matrix]:
    """Return when the first and the last rows of series were, seconds, rounded outward."""
    there = seen.count > 0
    return (
        np.where(there, begins[:, None] + seen.first, np.inf).min(axis=0, initial=np.inf),
        np.where(there, begins[:, None] + seen.last, -np.inf).max(axis=0, initial=-np.inf),
    )


def _there(column: Column, texts: Callable[[], Sequence[bytes]]) -> Part:
    """Return the series that may have a number."""
    there = (column.is_there > 0) & (column.keys != 0)
    places = np.flatnonzero(there)
    return Part(column if there.all() else column.only(places), texts, places)


# --- from memory ------------------------------------------------------------------------------------------------------


def in_memory(query: TopQuery, wanted: Wanted, memtables: Sequence[Memtable]) -> Iterator[Part]:
    """Yield what memory has and no chunk has."""
    for memtable in memtables:
        kinds: dict[int, list[Shard]] = {}
        for shard in memtable.uncut():
            if shard.kind.measurement == query.measurement and query.field in shard.kind.fields:
                kinds.setdefault(shard.kind.number, []).append(shard)
        for shards in kinds.values():
            kind = shards[0].kind
            for row in range(kind.rows):
                place = row * len(kind.fields) + kind.fields.index(query.field)
                found = [rows for shard in shards for rows in _rows_of(shard, place, wanted.start, wanted.stop)]
                if found:
                    tables, times, values = (np.concatenate(each) for each in zip(*found, strict=True))
                    yield _of_rows(kind, row, tables, times, values)


def _rows_of(shard: Shard, place: int, start: int, stop: int) -> Iterator[tuple[Places, Times, Matrix]]:
    """Yield tables, times and numbers of a column of a shard; of one table and time the last alone."""
    slabs = [slab for slab in shard.slabs if slab.newest >= start and slab.oldest < stop]
    if not slabs:
        return
    tables = np.concatenate([slab.tables[: slab.count] for slab in slabs])
    times = np.concatenate([slab.times[: slab.count] for slab in slabs])
    values = np.concatenate([slab.values[place, : slab.count] for slab in slabs])
    chosen = ~np.isnan(values) & (times >= start) & (times < stop)
    tables, times, values = tables[chosen].astype(np.intp) + shard.first, times[chosen], values[chosen]
    if not shard.in_order:
        order = np.lexsort((times, tables))  # stable: what was written later stands behind
        tables, times, values = tables[order], times[order], values[order]
        last = np.append((tables[1:] != tables[:-1]) | (times[1:] != times[:-1]), np.True_)[: tables.size]
        tables, times, values = tables[last], times[last], values[last]
    yield tables, times, values


def _of_rows(kind: Kind, row: int, tables: Places, times: Times, values: Matrix) -> Part:
    size = int(tables.max(initial=-1)) + 1
    count = np.bincount(tables, minlength=size).astype(np.float64)
    greatest, least = np.full(size, -np.inf), np.full(size, np.inf)
    begin, end = least.copy(), greatest.copy()
    np.maximum.at(greatest, tables, values)
    np.minimum.at(least, tables, values)
    np.minimum.at(begin, tables, (times // SECOND_MS).astype(np.float64))
    np.maximum.at(end, tables, (-(-times // SECOND_MS)).astype(np.float64))
    with np.errstate(over="ignore", invalid="ignore"):
        total = np.bincount(tables, weights=values, minlength=size)
        apart = np.fmax(abs(greatest), abs(least)) * (ROUNDING * (count + SLACK) * count)
        apart[greatest == least] = 0.0
    found = np.flatnonzero(count)
    places = [_sorted_place(kind, table, row) for table in found.tolist()]
    keys = b"".join([kind.keys(n)[8 * at : 8 * at + 8] for n, at in zip(found.tolist(), places, strict=True)])
    none = np.zeros((2, found.size))
    lows, highs = least[found], greatest[found]
    column = Column(
        np.frombuffer(keys, "<u8"),
        np.full(found.size, YES, np.int8),
        begin[found],
        end[found],
        count[found],
        (total - apart)[found],
        (total + apart)[found],
        highs,
        highs,
        lows,
        lows,
        none,
        none + np.inf,
        none - np.inf,
    )

    def texts() -> list[bytes]:
        return [kind.texts(table)[place] for table, place in zip(found.tolist(), places, strict=True)]

    return Part(column, texts, np.arange(found.size))


def _sorted_place(kind: Kind, table: int, row: int) -> int:
    """Return the place of a row of a table among its texts, which are sorted."""
    if kind.rows == 1:
        return 0
    rows = kind.order(table)[: kind.rows] // len(kind.fields)
    return int(np.flatnonzero(rows == row)[0])
