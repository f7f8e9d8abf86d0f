"""From memory to chunks: a memtable is cut block by block, a slice at a time. Blocking."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable
from typing import Final

from noc.store.embedded.dayfile import DayFile
from noc.store.embedded.days import Days, is_damage
from noc.store.embedded.frame import Frame
from noc.store.embedded.memtable import Block, Memtable, frames_of

SLICE_CELLS: Final = 150_000
"""Numbers that are cut at once, about 50 ms: so long may a write or a read have to wait."""

CHUNK_ROWS: Final = 1440
"""Times that a chunk has at most: a day of minutes."""


def cut_slice(memtable: Memtable, days: Days, first_kept: int) -> int:
    """Write some blocks of a memtable as chunks and drop them from it; return how many chunks.

    first_kept: rows of days before it are forgotten. A block that was cut before, as far as that came before a crash,
    is written in the same place. A damaged day file is put aside. Raises sqlite3.Error, OSError: then nothing was
    dropped.
    """
    done: list[Block] = []
    files: dict[int, DayFile] = {}
    cells = chunks = 0
    day = first_kept
    try:
        for block, tables in memtable.blocks.items():
            for day, pieces in by_day(frames_of(tables)).items():
                if day < first_kept:
                    continue
                if day not in files:
                    files[day] = days.writable(day)
                    files[day].begin()
                for part, frame in enumerate(pieces):
                    files[day].put(block, memtable.generation, part, frame)
                    cells += frame.matrix.size
                chunks += len(pieces)
            done.append(block)
            if cells >= SLICE_CELLS:
                break
        for day, file in files.items():  # noqa: B007 the handler below needs the day
            file.commit()
    except (sqlite3.Error, OSError) as error:
        for touched in files:
            days.roll_back(touched)
        if not is_damage(error):
            raise
        days.put_aside(day, error)
        return 0
    for block in done:
        memtable.drop(block)
    return chunks


def by_day(frames: Iterable[Frame]) -> dict[int, list[Frame]]:
    """Return frames cut at midnight, and into pieces no longer than a chunk, in the order they were given."""
    found: dict[int, list[Frame]] = {}
    for frame in frames:
        for day, of_day in frame.days():
            trimmed = of_day.trimmed()
            if trimmed is not None:
                found.setdefault(day, []).extend(trimmed.pieces(CHUNK_ROWS))
    return found
