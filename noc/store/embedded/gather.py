"""From rows of a memtable to frames: of one block for a reader, of a whole shard for the chunks. Pure."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from noc.store._rows import DAY_MS
from noc.store.embedded.frame import Frame, Matrix, Shape, Times, merged
from noc.store.embedded.kinds import Block, Kind, Places
from noc.store.embedded.memtable import Memtable, Orders, Shard

Cube = npt.NDArray[np.float64]
Flags = npt.NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class Alike:
    """Tables of a kind that have equally many rows in a day, and numbers in the same columns.

    tables: their numbers. times: tables × rows, increasing. cube: tables × columns × rows. present: the columns of a
    whole row, in the order of a shape, that are there.
    """

    kind: Kind
    tables: list[int]
    times: Times
    cube: Cube
    present: Flags


@dataclass(frozen=True, slots=True)
class Harvest:
    """The rows of a shard in one day. odd: frames of tables whose rows must be sorted, or are too many for a chunk."""

    alike: list[Alike]
    odd: list[tuple[int, Frame]]


@dataclass(frozen=True, slots=True)
class _Sorted:
    """Rows of a shard, table by table. values: width × rows."""

    tables: Places
    times: Times
    values: Matrix


def harvest(shard: Shard, skipped: Flags, most_rows: int) -> dict[int, Harvest]:
    """Return the rows of a shard by day. skipped: of its 256 tables. most_rows: of a chunk."""
    rows = _in_order(shard, skipped)
    if not rows.tables.size:
        return {}
    days = rows.times // DAY_MS
    found = {}
    for day in np.unique(days).tolist():
        of_day = days == day
        part = rows if of_day.all() else _Sorted(rows.tables[of_day], rows.times[of_day], rows.values[:, of_day])
        found[day] = _harvest(shard, part, most_rows)
    return found


def _in_order(shard: Shard, skipped: Flags) -> _Sorted:
    """Return the rows that have a number table by table, of each as they came."""
    if not shard.slabs:
        return _Sorted(np.empty(0, np.intp), np.empty(0, np.int64), np.empty((shard.kind.width, 0)))
    tables = np.concatenate([slab.tables[: slab.count] for slab in shard.slabs])
    order = np.argsort(tables, kind="stable")
    if skipped.any():
        order = order[~skipped[tables[order]]]
    times = np.concatenate([slab.times[: slab.count] for slab in shard.slabs])
    values = np.concatenate([slab.values[:, : slab.count] for slab in shard.slabs], axis=1)
    empty = np.isnan(values).all(axis=0)
    if empty.any():
        order = order[~empty[order]]
    return _Sorted(tables[order].astype(np.intp), times[order], values[:, order])


def _harvest(shard: Shard, rows: _Sorted, most_rows: int) -> Harvest:
    begins = np.flatnonzero(np.diff(rows.tables, prepend=-1))
    counts = np.diff(np.append(begins, rows.tables.size))
    late = np.zeros(rows.tables.size, np.bool_)
    late[1:] = rows.times[1:] <= rows.times[:-1]
    late[begins] = False
    odd = np.logical_or.reduceat(late, begins) | (counts > most_rows)
    alike: list[Alike] = []
    for count in np.unique(counts[~odd]).tolist():
        same = np.flatnonzero((counts == count) & ~odd)
        alike += _alike(shard, rows, begins[same], count)
    frames = [
        (table, frame)
        for begin, count in zip(begins[odd].tolist(), counts[odd].tolist(), strict=True)
        for table in (shard.first + int(rows.tables[begin]),)
        for frame in _frames(
            shard.kind, table, rows.times[begin : begin + count], rows.values[:, begin : begin + count]
        )
    ]
    return Harvest(alike, frames)


def _alike(shard: Shard, rows: _Sorted, begins: Places, count: int) -> Iterator[Alike]:
    """Yield groups of tables of `count` rows, which begin at these."""
    kind = shard.kind
    tables = shard.first + rows.tables[begins]
    places = begins[:, None] + np.arange(count)
    if kind.rows == 1:
        cube = rows.values[kind.order(int(tables[0]))][:, places].transpose(1, 0, 2)
    else:
        orders = np.stack([kind.order(table) for table in tables.tolist()])
        cube = rows.values[orders[:, :, None], places[:, None, :]]
    present = ~np.isnan(cube).all(axis=2)
    patterns, members = np.unique(present, axis=0, return_inverse=True)
    for number, pattern in enumerate(patterns):
        chosen = np.flatnonzero(members.reshape(-1) == number)
        part = np.ascontiguousarray(cube[chosen] if pattern.all() else cube[chosen][:, pattern])
        yield Alike(kind, tables[chosen].tolist(), rows.times[places[chosen]], part, pattern)


# --- one table after the other ----------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _Rows:
    """The rows of one table. values: width × rows."""

    kind: Kind
    table: int
    times: Times
    orders: Orders
    values: Matrix

    def frames(self, begin: int, end: int) -> list[Frame]:
        """Return some of the rows as a frame; none where they have no number."""
        return _frames(self.kind, self.table, self.times[begin:end], self.values[:, begin:end])


def frames_of(memtable: Memtable, block: Block) -> list[Frame]:
    """Return the rows of a block that are in no chunk as frames; where two tell of the same time, the later counts."""
    parts = []
    for kind, table in memtable.registry.of_block(block):
        shard = memtable.shard(kind, table)
        if shard is not None and not shard.is_cut:
            times, orders, values = shard.of_table(table)
            if times.size:
                parts.append(_Rows(kind, table, times, orders, values))
    if _conflict(parts):
        return merged(_runs(parts))
    return merged([frame for part in parts for frame in part.frames(0, part.times.size)])


def _frames(kind: Kind, table: int, times: Times, values: Matrix) -> list[Frame]:
    if times.size > 1 and not (times[1:] > times[:-1]).all():
        times, values = _sorted(times, values)
    columns = kind.columns(table)
    order = kind.order(table)
    shape = Shape(tuple(columns[n] for n in order.tolist()))
    frame = Frame(times, shape, values[order]).trimmed()
    return [] if frame is None else [frame]


def _conflict(parts: Sequence[_Rows]) -> bool:
    """Return whether two tables have a column and a time in common: then the order of their rows matters."""
    if len(parts) < 2:
        return False
    columns = [part.kind.columns(part.table) for part in parts]
    counted = Counter(column for one in columns for column in one)
    sharing = [
        np.unique(part.times)
        for part, one in zip(parts, columns, strict=True)
        if any(counted[column] > 1 for column in one)
    ]
    if not sharing:
        return False
    times = np.concatenate(sharing)
    return np.unique(times).size < times.size


def _runs(parts: Sequence[_Rows]) -> list[Frame]:
    """Return the rows as they came: a frame for each run of rows that went to the same table."""
    numbers = np.concatenate([np.full(part.times.size, n) for n, part in enumerate(parts)])
    rows = np.concatenate([np.arange(part.times.size) for part in parts])
    order = np.argsort(np.concatenate([part.orders for part in parts]), kind="stable")
    numbers, rows = numbers[order], rows[order]
    begins = np.flatnonzero(np.diff(numbers, prepend=-1)).tolist()
    frames: list[Frame] = []
    for begin, end in zip(begins, [*begins[1:], numbers.size], strict=True):
        frames += parts[int(numbers[begin])].frames(int(rows[begin]), int(rows[end - 1]) + 1)
    return frames


def _sorted(times: Times, values: Matrix) -> tuple[Times, Matrix]:
    """Return rows in order of time; of those of one time the last number of each column. values: width × rows."""
    order = np.argsort(times, kind="stable")
    times, values = times[order], values[:, order]
    repeats = np.flatnonzero(times[1:] == times[:-1]) + 1
    for row in repeats.tolist():
        values[:, row] = np.where(np.isnan(values[:, row]), values[:, row - 1], values[:, row])
    last = np.append(times[1:] != times[:-1], np.True_)
    return times[last], values[:, last]
