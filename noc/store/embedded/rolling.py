"""Roll-ups on disk: made of days that are merged, five minutes in a file a day, hours in a file a month. Blocking.

Of each column the least, the greatest, the last number, the sum and the count of each step are kept as columns of their
own: `in_bps`, 0x00, `max`. The sum, and not the mean: that of decimals is a decimal, and compresses.
"""

from __future__ import annotations

import logging
import sqlite3
from collections.abc import Callable, Mapping, Sequence
from itertools import islice
from typing import Final

import numpy as np

from noc.crashpoints import reached
from noc.store._rollup import Rolled, coarser, roll
from noc.store._rows import DAY_MS
from noc.store.embedded.chunkfile import ChunkFile, Owner
from noc.store.embedded.codec import ChunkError
from noc.store.embedded.cut import LATE, SLICE_CELLS
from noc.store.embedded.frame import Column, Frame, Matrix, Shape, merged, numbers_by_column
from noc.store.embedded.merge import MERGED, whole
from noc.store.embedded.shelf import Shelf

log = logging.getLogger(__name__)

BETWEEN: Final = "\x00"
"""Between a field and what is kept of it; no field has it."""

STORED: Final = ("count", "last", "max", "min", "sum")
BLOCKS_AT_ONCE: Final = 100
_DECIMALS: Final = 3
_SAME: Final = 1e-12


def rolled_key(day: int) -> str:
    """Return the state of a file of roll-ups that tells which merge of a day they were made of."""
    return f"rolled {day}"


def rolled_day(key: str) -> int | None:
    """Return the day of a `rolled_key`; None for any other state."""
    word, _, day = key.partition(" ")
    return int(day) if word == "rolled" and day.isdigit() else None


def rolled_frame(rolled: Rolled, shape: Shape) -> Frame:
    """Return a roll-up of the columns of a shape as a frame."""
    counts = rolled.numbers["count"]
    by_kept: dict[str, Matrix] = {
        "count": np.where(counts > 0, counts, np.nan),
        "last": rolled.numbers["last"],
        "max": rolled.numbers["max"],
        "min": rolled.numbers["min"],
        "sum": _sums(rolled.numbers["mean"], counts),
    }
    columns: list[Column] = [(f"{field}{BETWEEN}{kept}", tags) for kept in STORED for field, tags in shape.columns]
    order = sorted(range(len(columns)), key=columns.__getitem__)
    matrix = np.concatenate([by_kept[kept] for kept in STORED])[order]
    return Frame(rolled.begins, Shape(tuple(columns[n] for n in order)), matrix)


def _sums(means: Matrix, counts: Matrix) -> Matrix:
    """Return sums; as decimals where they are, but for the last bits of a double, decimals."""
    with np.errstate(over="ignore", invalid="ignore"):
        sums = means * counts
        sums = np.where(np.isfinite(sums) | np.isnan(means), sums, np.sign(means) * np.finfo(np.float64).max)
        rounded = np.round(sums, _DECIMALS)
        return np.where(np.abs(rounded - sums) <= _SAME * np.abs(sums), rounded, sums)


def one_frame(frames: Sequence[Frame]) -> Frame | None:
    """Return frames as one: of the same time the number of the later frame counts. None for none."""
    joined = merged(frames)
    if len(joined) < 2:
        return joined[0] if joined else None
    numbers = numbers_by_column(joined)
    columns = sorted(numbers)
    times = np.unique(np.concatenate([own for own, _ in numbers.values()]))
    matrix = np.full((len(columns), times.size), np.nan)
    for row, column in enumerate(columns):
        own, values = numbers[column]
        matrix[row, np.searchsorted(times, own)] = values
    return Frame(times, Shape(tuple(columns)), matrix)


class Rolling:
    """One day on its way into roll-ups.

    targets: step in milliseconds and shelf. wants: whether devices of a class have roll-ups of a step.
    """

    def __init__(self, source: ChunkFile, targets: Mapping[int, Shelf], wants: Callable[[int, str], bool]) -> None:
        self.day = source.number
        self._merge = source.state(MERGED)
        self._owners = iter(source.owners())
        self._targets = targets
        self._wants = wants
        self._generations: dict[int, int] = {}

    def step(self, source: ChunkFile) -> bool:
        """Roll some blocks; return whether the day is done. Raises sqlite3.Error, OSError, ChunkError, ValueError."""
        files = {step: self._file(step) for step in self._targets}
        try:
            done = self._roll_some(source, files)
            reached("store.roll.before-commit")
            for file in files.values():
                file.commit()
                reached("store.roll.committed")
        except (sqlite3.Error, OSError, ChunkError, ValueError):
            for step, shelf in self._targets.items():
                shelf.roll_back(shelf.period.number(self.day * DAY_MS))
                files[step].rollback()
            raise
        return done

    def _roll_some(self, source: ChunkFile, files: Mapping[int, ChunkFile]) -> bool:
        cells = 0
        for owner in islice(self._owners, BLOCKS_AT_ONCE):
            cells += 1 + self._roll(source, owner, files)
            if cells >= SLICE_CELLS:
                break
        if cells:
            return False
        for file in files.values():
            file.keep_state(rolled_key(self.day), self._merge)
            file.keep_state(LATE, 1)
        return True

    def _file(self, step: int) -> ChunkFile:
        shelf = self._targets[step]
        file = shelf.writable(shelf.period.number(self.day * DAY_MS))
        if step not in self._generations:
            self._generations[step] = file.last_generation() + 1
        file.begin()
        return file

    def _roll(self, source: ChunkFile, owner: Owner, files: Mapping[int, ChunkFile]) -> int:
        frame = one_frame([whole(chunk) for chunk in source.chunks_of(owner.block)])
        if frame is None:
            return 0
        rolled: Rolled | None = None
        for step in sorted(files):
            rolled = roll(frame.times, frame.matrix, step) if rolled is None else coarser(rolled, step)
            if self._wants(step, owner.device_class):
                found = rolled_frame(rolled, frame.shape).trimmed()
                if found is not None:
                    files[step].put(owner, self._generations[step], self.day, found)
        return frame.matrix.size
