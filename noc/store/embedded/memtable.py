"""What was written and is not in chunks yet: rows in memory, one table for each layout of samples. Pure."""

from __future__ import annotations

import json
import zlib
from array import array
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Final

import numpy as np

from noc.store._rows import Tags, device_of
from noc.store.embedded.frame import Column, Frame, Matrix, Shape, Times, merged

TABLE_BYTES: Final = 900
"""What a table takes without its rows and its layout."""

ROW_BYTES: Final = 16


@dataclass(frozen=True, slots=True)
class Layout:
    """What samples of one kind say, row by row and field by field. All series are of one device, none twice."""

    measurement: str
    series: tuple[Tags, ...]
    fields: tuple[str, ...]

    @property
    def block(self) -> Block:
        """Return the device and the measurement: what is cut, and kept, together."""
        return device_of(self.series[0]), self.measurement

    @property
    def width(self) -> int:
        """Return how many numbers a row has."""
        return len(self.series) * len(self.fields)

    def columns(self) -> list[Column]:
        """Return what the numbers of a row are, in order."""
        return [(name, tags) for tags in self.series for name in self.fields]

    def pack(self) -> bytes:
        """Return the layout as bytes."""
        return zlib.compress(json.dumps([self.measurement, self.series, self.fields]).encode(), 1)

    @staticmethod
    def unpack(data: bytes) -> Layout:
        """Return the layout that `pack` made these bytes of."""
        measurement, series, fields = json.loads(zlib.decompress(data))
        tags = tuple(tuple((key, value) for key, value in pairs) for pairs in series)
        return Layout(measurement, tags, tuple(fields))


Block = tuple[str, str]
"""Device and measurement."""


@dataclass(slots=True)
class Table:
    """Rows of one layout. packed: the layout; as an object it would take ten times the memory.

    key: what finds the table for samples. orders: when each row came, counted over all tables. values: rows one behind
    the other, NaN for a gap.
    """

    number: int
    key: bytes
    width: int
    block: Block
    packed: bytes
    times: array[int] = field(default_factory=lambda: array("q"))
    orders: array[int] = field(default_factory=lambda: array("q"))
    values: array[float] = field(default_factory=lambda: array("d"))


class Memtable:
    """The tables of one generation. generation: the number of its logs and of the chunks that it will be cut into.

    began_ms: when the first row came; None while there is none. bytes: what it takes, about.
    """

    def __init__(self, generation: int) -> None:
        self.generation = generation
        self.began_ms: int | None = None
        self.bytes = 0
        self.tables: dict[bytes, Table] = {}
        self.blocks: dict[Block, list[Table]] = {}
        self._measurements: dict[str, list[str]] = {}
        self._next_order = 0
        self._next_number = 0

    def table(self, key: bytes, block: Block, width: int, packed: bytes) -> Table:
        """Return a new, empty table, which `tables` has under this key. packed: its layout."""
        self._next_number += 1
        table = Table(self._next_number, key, width, block, packed)
        self.tables[key] = table
        if block not in self.blocks:
            device, measurement = block
            self.blocks[block] = []
            self._measurements.setdefault(device, []).append(measurement)
        self.blocks[block].append(table)
        self.bytes += TABLE_BYTES + len(table.packed)
        return table

    def freeze(self) -> None:
        """Take no more rows: what finds tables for them is given back."""
        self.tables = {}

    def add(self, table: Table, time_ms: int, values: memoryview | bytes, now_ms: int) -> None:
        """Append a row: the bytes of as many doubles as the table is wide."""
        table.times.append(time_ms)
        table.orders.append(self._next_order)
        table.values.frombytes(values)
        self._next_order += 1
        self.bytes += ROW_BYTES + len(values)
        if self.began_ms is None:
            self.began_ms = now_ms

    def measurements(self, device: str) -> list[str]:
        """Return the measurements that a device has rows of."""
        return self._measurements.get(device, [])

    def drop(self, block: Block) -> None:
        """Forget a block that is in chunks."""
        device, measurement = block
        self._measurements[device].remove(measurement)
        for table in self.blocks.pop(block):
            self.bytes -= TABLE_BYTES + len(table.packed) + len(table.times) * (ROW_BYTES + 8 * table.width)


def frames_of(tables: Iterable[Table]) -> list[Frame]:
    """Return the rows of a block's tables as frames; where two frames tell of the same time, the later one counts."""
    parts = [_Rows(table) for table in tables if table.times]
    if _conflict(parts):
        return merged(_runs(parts))
    return merged([frame for part in parts for frame in part.frames(0, len(part.times))])


class _Rows:
    """The rows of one table."""

    def __init__(self, table: Table) -> None:
        columns = Layout.unpack(table.packed).columns()
        self._order = sorted(range(table.width), key=columns.__getitem__)
        self._table = table
        self.columns = tuple(columns[n] for n in self._order)
        self.times = np.array(table.times, np.int64)
        self.orders = np.array(table.orders, np.int64)

    def frames(self, begin: int, end: int) -> list[Frame]:
        """Return some of the rows as a frame; none where they have no number."""
        times = self.times[begin:end]
        # A view: what is kept of it below is a copy, for the table must be free to grow.
        by_row = np.frombuffer(self._table.values).reshape(-1, self._table.width)[begin:end]
        if times.size > 1 and not (times[1:] > times[:-1]).all():
            times, by_row = _sorted(times, by_row)
        frame = Frame(times, Shape(self.columns), np.ascontiguousarray(by_row.T[self._order])).trimmed()
        return [] if frame is None else [frame]


def _conflict(parts: Sequence[_Rows]) -> bool:
    """Return whether two tables have a column and a time in common: then the order of their rows matters."""
    if len(parts) < 2:
        return False
    counted = Counter(column for part in parts for column in part.columns)
    sharing = [np.unique(part.times) for part in parts if any(counted[column] > 1 for column in part.columns)]
    if not sharing:
        return False
    times = np.concatenate(sharing)
    return np.unique(times).size < times.size


def _runs(parts: Sequence[_Rows]) -> list[Frame]:
    """Return the rows as they came: a frame for each run of rows that went to the same table."""
    numbers = np.concatenate([np.full(part.times.size, n) for n, part in enumerate(parts)])
    rows = np.concatenate([np.arange(part.times.size) for part in parts])
    order = np.argsort(np.concatenate([part.orders for part in parts]))
    numbers, rows = numbers[order], rows[order]
    begins = np.flatnonzero(np.diff(numbers, prepend=-1)).tolist()
    frames: list[Frame] = []
    for begin, end in zip(begins, [*begins[1:], numbers.size], strict=True):
        frames += parts[int(numbers[begin])].frames(int(rows[begin]), int(rows[end - 1]) + 1)
    return frames


def _sorted(times: Times, by_row: Matrix) -> tuple[Times, Matrix]:
    """Return rows in order of time; of those of one time the last number of each column."""
    order = np.argsort(times, kind="stable")
    times, by_row = times[order], by_row[order]
    repeats = np.flatnonzero(times[1:] == times[:-1]) + 1
    for row in repeats.tolist():
        by_row[row] = np.where(np.isnan(by_row[row]), by_row[row - 1], by_row[row])
    last = np.append(times[1:] != times[:-1], np.True_)
    return times[last], by_row[last]
