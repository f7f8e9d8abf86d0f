"""A day that is over is written anew, in chunks as long as they may be: a third smaller, and read in one piece.

The new file takes the place of the old one when it is whole; until then the old one is read. Blocking.
"""

from __future__ import annotations

import logging
import sqlite3
from itertools import islice
from pathlib import Path
from typing import Final

from noc.store._rows import DAY_MS
from noc.store.embedded.codec import ChunkError, decode
from noc.store.embedded.cut import CHUNK_ROWS, SLICE_CELLS
from noc.store.embedded.dayfile import MERGED_PART, Chunk, DayFile
from noc.store.embedded.days import Days, is_damage
from noc.store.embedded.frame import Frame, Shape, merged
from noc.store.embedded.memtable import Block

log = logging.getLogger(__name__)

MERGE_AFTER_MS: Final = 3 * 3_600_000
"""How long after its end a day is merged: when its last generation has been cut."""

RETRY_AFTER_MS: Final = 3_600_000
BLOCKS_AT_ONCE: Final = 100

_MERGED: Final = "merged"


class _Merge:
    """One day on its way."""

    def __init__(self, days: Days, source: DayFile) -> None:
        self.day = source.day
        self._days = days
        self._version = days.version(self.day)
        self._blocks = iter(source.blocks())
        self._path = source.path.with_suffix(".merging")
        delete(self._path)
        self._target = DayFile(self._path, self.day, create=True)

    def step(self) -> bool:
        """Merge some blocks; return whether the day is done, or was overtaken by a write and must begin anew.

        Raises sqlite3.Error, OSError, ChunkError, ValueError: then nothing has changed.
        """
        source = self._days.current(self.day)
        if source is None or self._days.version(self.day) != self._version:
            self.give_up()
            return True
        self._target.begin()
        cells = 0
        for block in islice(self._blocks, BLOCKS_AT_ONCE):
            cells += self._merge(source, block)
            if cells >= SLICE_CELLS:
                break
        if cells:
            self._target.commit()
            return False
        self._target.keep_state(_MERGED, 1)
        self._target.commit()
        self._target.close()
        _journal(self._path).unlink(missing_ok=True)
        self._days.replace(self.day, self._path)
        return True

    def give_up(self) -> None:
        """Leave the day as it was."""
        self._target.close()
        delete(self._path)

    def _merge(self, source: DayFile, block: Block) -> int:
        chunks = source.chunks(block, self.day * DAY_MS, (self.day + 1) * DAY_MS)
        frames = merged([_frame(chunk) for chunk in chunks])
        pieces = [piece for frame in frames for piece in frame.pieces(CHUNK_ROWS)]
        generation = max((chunk.generation for chunk in chunks), default=0)
        for number, piece in enumerate(pieces):
            self._target.put(block, generation, MERGED_PART + number, piece)
        return sum(piece.matrix.size for piece in pieces) + 1


def _frame(chunk: Chunk) -> Frame:
    shape = Shape.unpack(chunk.shape)
    times, matrix = decode(chunk.data, range(len(shape.columns)))
    return Frame(times, shape, matrix)


class Merger:
    """Merges one day after the other, a slice at a time."""

    def __init__(self, days: Days) -> None:
        self._days = days
        self._work: _Merge | None = None
        self._left_alone: set[int] = set()
        self._not_before_ms: dict[int, int] = {}

    def step(self, now_ms: int) -> bool:
        """Do a slice; return whether there was anything to do."""
        day = -1
        try:
            if self._work is None:
                for day in self._candidates(now_ms):
                    self._work = self._begin(day)
                    if self._work is not None:
                        break
            if self._work is None:
                return False
            day = self._work.day
            if self._work.step():
                self._work = None
        except (ChunkError, ValueError) as error:
            self._left_alone.add(day)  # what is whole in it is read as before
            self._failed(day, error)
        except (sqlite3.Error, OSError) as error:
            if is_damage(error):
                self._left_alone.add(day)
            self._not_before_ms[day] = now_ms + RETRY_AFTER_MS
            self._failed(day, error)
        return True

    def stop(self) -> None:
        """Leave the day that is on its way as it was."""
        if self._work is not None:
            self._work.give_up()
            self._work = None

    def _failed(self, day: int, error: Exception) -> None:
        log.warning("%s: can't be merged now, and is read as it is: %s", self._days.path(day), error)
        self.stop()

    def _candidates(self, now_ms: int) -> list[int]:
        last = (now_ms - MERGE_AFTER_MS) // DAY_MS - 1
        return [
            day
            for day in self._days.numbers(0, last)
            if day not in self._left_alone and self._not_before_ms.get(day, now_ms) <= now_ms
        ]

    def _begin(self, day: int) -> _Merge | None:
        source = self._days.current(day)
        if source is None or source.state(_MERGED):
            self._left_alone.add(day)
            return None
        return _Merge(self._days, source)


def delete(path: Path) -> None:
    """Remove a file and its journal, where they are."""
    path.unlink(missing_ok=True)
    _journal(path).unlink(missing_ok=True)


def _journal(path: Path) -> Path:
    return path.with_name(f"{path.name}-journal")
