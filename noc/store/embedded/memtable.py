"""What was written and is not in chunks yet: rows in memory, matrix by matrix. Pure.

Tables of a kind stand together, 256 to a shard; a shard's rows lie in slabs in the order in which they came, so that
thousands of rows are added, searched and sorted by a few calls of numpy.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt

from noc.store.embedded.kinds import Kind
from noc.store.embedded.registry import Numbers, Registry

SHARD_BITS: Final = 8
SHARD_TABLES: Final = 1 << SHARD_BITS
SLAB_BYTES: Final = 256 * 1024
"""A slab begins small and is followed by larger ones, up to this."""

ROW_BYTES: Final = 14
_FIRST_ROWS: Final = 32
_GROWTH: Final = 3
_NEVER: Final = np.iinfo(np.int64).min
_EVER: Final = np.iinfo(np.int64).max

Times = npt.NDArray[np.int64]
Matrix = npt.NDArray[np.float64]
Orders = npt.NDArray[np.uint32]
Tables = npt.NDArray[np.uint8]


@dataclass(frozen=True, slots=True)
class Section:
    """Rows of one kind. numbers: of their tables. orders: in which they came. values: rows × width, NaN for a gap."""

    kind: Kind
    numbers: Numbers
    times: Times
    orders: Orders
    values: Matrix

    def only(self, chosen: npt.NDArray[np.bool_] | npt.NDArray[np.intp]) -> Section:
        """Return some of the rows."""
        return Section(self.kind, self.numbers[chosen], self.times[chosen], self.orders[chosen], self.values[chosen])


class Slab:
    """Room for rows. count: how many there are; values: width × rows; oldest, newest: of their times."""

    __slots__ = ("count", "newest", "oldest", "orders", "tables", "times", "values")

    def __init__(self, room: int, width: int) -> None:
        self.count = 0
        self.oldest: int = _EVER
        self.newest: int = _NEVER
        self.tables = np.empty(room, np.uint8)
        self.times = np.empty(room, np.int64)
        self.orders = np.empty(room, np.uint32)
        self.values = np.empty((width, room))

    def add(self, tables: Tables, section: Section, begin: int) -> int:
        """Append rows of a section from `begin` on, as many as there is room for; return where they end."""
        end = min(len(tables), begin + len(self.tables) - self.count)
        first, last = self.count, self.count + end - begin
        times = section.times[begin:end]
        self.tables[first:last] = tables[begin:end]
        self.times[first:last] = times
        self.orders[first:last] = section.orders[begin:end]
        self.values[:, first:last] = section.values[begin:end].T
        self.count = last
        self.oldest = min(self.oldest, int(times.min()))
        self.newest = max(self.newest, int(times.max()))
        return end

    @property
    def is_full(self) -> bool:
        """Return whether no further row finds room."""
        return self.count == len(self.tables)


class Shard:
    """Up to 256 tables of a kind, numbered from `first`.

    oldest, newest: first and latest time of each table. in_order: whether each table's times went up, none twice.
    is_cut: its rows are in chunks, and what is left is a copy.
    """

    __slots__ = ("first", "in_order", "is_cut", "kind", "newest", "oldest", "slabs")

    def __init__(self, kind: Kind, first: int) -> None:
        self.kind = kind
        self.first = first
        self.slabs: list[Slab] = []
        self.oldest = np.full(SHARD_TABLES, _EVER, np.int64)
        self.newest = np.full(SHARD_TABLES, _NEVER, np.int64)
        self.in_order = True
        self.is_cut = False

    def add(self, section: Section) -> None:
        """Append rows, all of them of this shard."""
        tables = (section.numbers & (SHARD_TABLES - 1)).astype(np.uint8)
        if self.in_order:
            self._see(tables, section.times)
        begin = 0
        while begin < len(tables):
            if not self.slabs or self.slabs[-1].is_full:
                self.slabs.append(Slab(self._next_room(), self.kind.width))
            begin = self.slabs[-1].add(tables, section, begin)

    def _see(self, tables: Tables, times: Times) -> None:
        if len(tables) > 1 and np.bincount(tables).max() > 1:
            order = np.argsort(tables, kind="stable")
            same = tables[order][1:] == tables[order][:-1]
            self.in_order = not (same & (np.diff(times[order]) <= 0)).any()
            self.in_order &= bool((times > self.newest[tables]).all())
            np.minimum.at(self.oldest, tables, times)
            np.maximum.at(self.newest, tables, times)
            return
        before = self.newest[tables]
        self.in_order = bool((times > before).all())
        self.newest[tables] = times
        if (before == _NEVER).any():
            self.oldest[tables] = np.minimum(self.oldest[tables], times)

    def _next_room(self) -> int:
        most = max(_FIRST_ROWS, SLAB_BYTES // (8 * self.kind.width + ROW_BYTES))
        return min(most, max(_FIRST_ROWS, _GROWTH * self.rows))

    @property
    def used(self) -> int:
        """Return how many tables have a row, as far as that is known: else all."""
        return int((self.newest != _NEVER).sum()) if self.in_order else SHARD_TABLES

    @property
    def rows(self) -> int:
        """Return how many rows it holds."""
        return sum(slab.count for slab in self.slabs)

    def of_table(self, table: int) -> tuple[Times, Orders, Matrix]:
        """Return times, orders and values (width × rows) of one table, as they came; copies."""
        own = np.uint8(table - self.first)
        found = [(slab, np.flatnonzero(slab.tables[: slab.count] == own)) for slab in self.slabs]
        parts = [(slab, rows) for slab, rows in found if rows.size]
        if not parts:
            return np.empty(0, np.int64), np.empty(0, np.uint32), np.empty((self.kind.width, 0))
        return (
            np.concatenate([slab.times[rows] for slab, rows in parts]),
            np.concatenate([slab.orders[rows] for slab, rows in parts]),
            np.concatenate([slab.values[:, rows] for slab, rows in parts], axis=1),
        )


class Memtable:
    """The rows of one generation. generation: the number of its logs and of the chunks that it will be cut into.

    began_ms: when the first row came; None while there is none. bytes: what its rows take, about.
    """

    def __init__(self, generation: int, registry: Registry) -> None:
        self.generation = generation
        self.registry = registry
        self.began_ms: int | None = None
        self.bytes = 0
        self.next_order = 0
        self._shards: dict[tuple[int, int], Shard] = {}

    def insert(self, section: Section, now_ms: int) -> None:
        """Append rows of tables that the registry knows."""
        if not section.numbers.size:
            return
        numbers = section.numbers >> SHARD_BITS
        if (numbers == numbers[0]).all():
            self._shard(section.kind, int(numbers[0])).add(section)
        else:
            order = np.argsort(numbers, kind="stable")
            for rows in np.split(order, np.flatnonzero(np.diff(numbers[order])) + 1):
                self._shard(section.kind, int(numbers[rows[0]])).add(section.only(rows))
        self.bytes += numbers.size * (8 * section.kind.width + ROW_BYTES)
        self.next_order = max(self.next_order, int(section.orders.max()) + 1)
        if self.began_ms is None:
            self.began_ms = now_ms

    def _shard(self, kind: Kind, number: int) -> Shard:
        found = self._shards.get((kind.number, number))
        if found is None:
            found = self._shards[kind.number, number] = Shard(kind, number << SHARD_BITS)
        return found

    def shard(self, kind: Kind, table: int) -> Shard | None:
        """Return the shard of a table; None where it has no row."""
        return self._shards.get((kind.number, table >> SHARD_BITS))

    def shards(self) -> Iterator[Shard]:
        """Yield all shards."""
        yield from self._shards.values()

    def uncut(self) -> Iterator[Shard]:
        """Yield the shards whose rows are in no chunk yet."""
        return (shard for shard in self._shards.values() if not shard.is_cut)

    def idle_tables(self) -> int:
        """Return how many tables of the registry have no row here."""
        used = sum(shard.used for shard in self._shards.values())
        return max(0, self.registry.tables - used)

    def let_go(self, shard: Shard, kept_from_ms: int) -> int | None:
        """Forget rows of a shard that is in chunks, but not slabs with times from `kept_from_ms` on.

        Return the latest time that was forgotten, None for none.
        """
        kept = [slab for slab in shard.slabs if slab.newest >= kept_from_ms]
        gone = [slab for slab in shard.slabs if slab.newest < kept_from_ms]
        shard.slabs = kept
        shard.is_cut = True
        self.bytes -= sum(slab.count for slab in gone) * (8 * shard.kind.width + ROW_BYTES)
        return max((slab.newest for slab in gone), default=None)
