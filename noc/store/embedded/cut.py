"""From memory to chunks: a memtable is cut shard by shard, some at a time. Blocking."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from collections.abc import Set as AbstractSet
from functools import partial
from typing import Final

import numpy as np

from noc.crashpoints import reached
from noc.store.embedded.chunkfile import ChunkFile, Owner, PackedShape, Written
from noc.store.embedded.codec import encode_many
from noc.store.embedded.frame import Frame
from noc.store.embedded.gather import Alike, Flags, frames_of, harvest
from noc.store.embedded.kinds import Block, Kind
from noc.store.embedded.memtable import SHARD_TABLES, Memtable, Shard
from noc.store.embedded.shelf import Shelf, is_damage
from noc.store.embedded.summaries import SUMMARISED
from noc.store.embedded.summing import Summing

SLICE_CELLS: Final = 300_000
"""Numbers that are cut at once, about 50 ms: so long may a write or a read have to wait."""

CHUNK_ROWS: Final = 1440
"""Times that a chunk has at most: a day of minutes."""

LATE: Final = "late"
"""State of a day file: whether it was written after it had been merged."""

NEWEST: Final = "newest"
"""State of a day file: the latest time in it, milliseconds."""


class Cutting:
    """One memtable on its way into chunks. chunks: written so far."""

    def __init__(self, memtable: Memtable, shelf: Shelf) -> None:
        self.memtable = memtable
        self.chunks = 0
        self._shelf = shelf
        self._shared = list(memtable.registry.shared)
        self._skipped: dict[tuple[int, int], Flags] = {}
        self._summed: set[int] = set()
        for block in self._shared:
            for kind, table in memtable.registry.of_block(block):
                shard = memtable.shard(kind, table)
                if shard is None:
                    continue
                flags = self._skipped.setdefault((kind.number, shard.first), np.zeros(SHARD_TABLES, np.bool_))
                flags[table - shard.first] = True

    @property
    def done(self) -> bool:
        """Return whether all of it is in chunks."""
        return not self._shared and next(self.memtable.uncut(), None) is None

    def step(self, first_kept: int) -> list[Shard]:
        """Write some of it as chunks, and return the shards that are all in chunks now.

        first_kept: rows of days before it are forgotten. What was cut before, as far as that came before a crash, is
        written in the same place. A damaged day file is put aside. Raises sqlite3.Error, OSError: then nothing changed.
        """
        writer = _Writer(self._shelf, self.memtable.generation, first_kept, self._summed)
        shared: list[Block] = []
        shards: list[Shard] = []
        try:
            for block in self._shared:
                writer.put_shared(self.memtable, block)
                shared.append(block)
                if writer.cells >= SLICE_CELLS:
                    break
            if len(shared) == len(self._shared):
                for shard in self.memtable.uncut():
                    writer.put_shard(shard, self._skipped.get((shard.kind.number, shard.first)))
                    shards.append(shard)
                    if writer.cells >= SLICE_CELLS:
                        break
            writer.commit()
        except (sqlite3.Error, OSError) as error:
            writer.roll_back()
            if not is_damage(error):
                raise
            self._shelf.put_aside(writer.day, error)
            return []
        self.chunks += writer.chunks
        self._summed |= writer.days
        self._shared = self._shared[len(shared) :]
        return shards


class _Writer:
    """Writes into day files. cells, chunks: written so far; day: of the file that was touched last.

    summed: days that summaries of this generation were written of, by this process.
    """

    def __init__(self, shelf: Shelf, generation: int, first_kept: int, summed: AbstractSet[int]) -> None:
        self.cells = self.chunks = 0
        self.day = first_kept
        self._shelf = shelf
        self._generation = generation
        self._first_kept = first_kept
        self._files: dict[int, ChunkFile] = {}
        self._newest: dict[int, int] = {}
        self._summed = summed
        self._sums: dict[int, dict[str, Summing]] = {}

    @property
    def days(self) -> AbstractSet[int]:
        """Return the days that were written."""
        return self._files.keys()

    def put_shared(self, memtable: Memtable, block: Block) -> None:
        """Write a block that has several tables."""
        owner = _owner(*memtable.registry.of_block(block)[0])
        parts: dict[int, int] = {}
        for frame in frames_of(memtable, block):
            self._put_frame(owner, frame, parts)

    def put_shard(self, shard: Shard, skipped: Flags | None) -> None:
        """Write a shard. skipped: of its tables."""
        kind = shard.kind
        none = np.zeros(SHARD_TABLES, np.bool_)
        for day, found in harvest(shard, none if skipped is None else skipped, CHUNK_ROWS).items():
            if day < self._first_kept:
                continue
            file = self._file(day)
            for alike in found.alike:
                file.put_all(self._generation, 0, _chunks(alike))
                if day in self._sums:
                    self._sums[day].setdefault(kind.measurement, Summing()).add_alike(alike, day)
                self._count(day, alike.cube.size, len(alike.tables), int(alike.times[:, -1].max()))
            for table, frame in found.odd:
                self._put_frame(_owner(kind, table), frame, {})

    def _put_frame(self, owner: Owner, frame: Frame, parts: dict[int, int]) -> None:
        """Write a frame, cut at midnight and into pieces no longer than a chunk. parts: how many each day has."""
        for day, of_day in frame.days():
            trimmed = of_day.trimmed()
            if trimmed is None or day < self._first_kept:
                continue
            for piece in trimmed.pieces(CHUNK_ROWS):
                part = parts.get(day, 0)
                self._file(day).put(owner, self._generation, part, piece)
                if day in self._sums:
                    self._sums[day].setdefault(owner.block[1], Summing()).add_frame(piece, day)
                self._count(day, piece.matrix.size, 1, int(piece.times[-1]))
                parts[day] = part + 1

    def _count(self, day: int, cells: int, chunks: int, newest: int) -> None:
        self.cells += cells
        self.chunks += chunks
        self._newest[day] = max(newest, self._newest.get(day, newest))

    def _file(self, day: int) -> ChunkFile:
        self.day = day
        if day not in self._files:
            file = self._files[day] = self._shelf.writable(day)
            file.begin()
            if file.summaries.complete():  # else some chunks have none, and others would say nothing
                self._sums[day] = {}
                if day not in self._summed:
                    file.summaries.forget(self._generation)
        return self._files[day]

    def commit(self) -> None:
        """Have all of it on disk."""
        reached("store.cut.before-commit")
        for day, file in self._files.items():
            self.day = day
            if file.state(NEWEST) < self._newest.get(day, 0):
                file.keep_state(NEWEST, self._newest[day])
            file.keep_state(LATE, 1)
            self._sum_up(day, file)
            file.commit()
            reached("store.cut.committed")

    def _sum_up(self, day: int, file: ChunkFile) -> None:
        if day not in self._sums:
            return
        for measurement, summing in self._sums[day].items():
            for piece in summing.pieces():
                file.summaries.put(measurement, self._generation, piece)
        file.keep_state(SUMMARISED, file.summaries.last_chunk())

    def roll_back(self) -> None:
        """Forget what was not committed."""
        for day in self._files:
            self._shelf.roll_back(day)


def _chunks(alike: Alike) -> Iterator[Written]:
    kind, present = alike.kind, alike.present
    fields = np.repeat(np.arange(len(kind.fields)), kind.rows)[present]
    starts = np.flatnonzero(np.diff(fields, prepend=-1)).tolist()
    blobs = encode_many(alike.times, alike.cube, starts)
    pattern = kind.pattern(present)
    firsts, lasts = alike.times[:, 0].tolist(), alike.times[:, -1].tolist()
    for table, first, last, blob in zip(alike.tables, firsts, lasts, blobs, strict=True):
        shape = PackedShape.of(kind.heads[table], pattern)
        yield Written(kind.block(table), partial(_owner, kind, table), shape, (first, last), blob)


def _owner(kind: Kind, table: int) -> Owner:
    return Owner(kind.block(table), *kind.site_and_class(table))
