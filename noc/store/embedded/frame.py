"""Frames: the numbers of one measurement of one device at common times, and how several become one. Pure."""

from __future__ import annotations

import json
import zlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Final

import numpy as np
import numpy.typing as npt

from noc.store._rows import DAY_MS, Tags

Times = npt.NDArray[np.int64]
Matrix = npt.NDArray[np.float64]

Column = tuple[str, Tags]
"""Field and tags of a series."""

WASTE: Final = 2
"""A frame of several has at most so many times the cells that they had; else they stay apart."""

SMALL_CELLS: Final = 4096
"""A frame may have so many cells, however empty."""


@dataclass(frozen=True)
class Shape:
    """What the columns of a frame are, sorted: a field's columns stand together."""

    columns: tuple[Column, ...]

    @cached_property
    def starts(self) -> list[int]:
        """Return the columns that begin another field."""
        return [n for n, (field, _) in enumerate(self.columns) if n == 0 or field != self.columns[n - 1][0]]

    @cached_property
    def fields(self) -> Mapping[Tags, Sequence[str]]:
        """Return which fields each series has."""
        found: dict[Tags, list[str]] = {}
        for field, tags in self.columns:
            found.setdefault(tags, []).append(field)
        return found

    def pack(self) -> bytes:
        """Return the shape as bytes."""
        series = sorted({tags for _, tags in self.columns})
        numbers = {tags: number for number, tags in enumerate(series)}
        fields: dict[str, list[int]] = {}
        for field, tags in self.columns:
            fields.setdefault(field, []).append(numbers[tags])
        return zlib.compress(json.dumps([series, fields]).encode())

    @staticmethod
    def unpack(data: bytes) -> Shape:
        """Return the shape that `pack` made these bytes of. Raises ValueError for any others."""
        try:
            series, fields = json.loads(zlib.decompress(data))
            tags = [tuple((key, value) for key, value in pairs) for pairs in series]
            return Shape(tuple((field, tags[number]) for field, numbers in fields.items() for number in numbers))
        except (zlib.error, TypeError, LookupError) as error:
            raise ValueError(f"no shape of a chunk: {error}") from error

    def only(self, columns: Sequence[int]) -> Shape:
        """Return the shape of some columns, given ascending."""
        return Shape(tuple(self.columns[n] for n in columns))

    def select(self, fields: frozenset[str] | None, wanted: frozenset[tuple[str, str]]) -> list[int]:
        """Return the columns of these fields (None: all) whose series have these tags, ascending."""
        return [
            n
            for n, (field, tags) in enumerate(self.columns)
            if (fields is None or field in fields) and wanted.issubset(tags)
        ]


@dataclass(frozen=True)
class Frame:
    """times: strictly increasing milliseconds. matrix: columns × times, NaN where there is no number."""

    times: Times
    shape: Shape
    matrix: Matrix

    def between(self, start: int, stop: int) -> Frame:
        """Return what lies in `[start, stop)`."""
        first, end = np.searchsorted(self.times, (start, stop)).tolist()
        if first == 0 and end == self.times.size:
            return self
        return Frame(self.times[first:end], self.shape, self.matrix[:, first:end])

    def only(self, columns: Sequence[int]) -> Frame:
        """Return the frame of some of its columns, given ascending."""
        return Frame(self.times, self.shape.only(columns), self.matrix[list(columns)])

    def trimmed(self) -> Frame | None:
        """Return the frame without the times and columns that have no number; None where nothing is left."""
        there = ~np.isnan(self.matrix)
        rows, columns = there.any(axis=0), there.any(axis=1)
        if rows.all() and columns.all():
            return self if self.times.size and len(self.matrix) else None
        if not rows.any():
            return None
        shape = self.shape.only(np.flatnonzero(columns).tolist())
        return Frame(self.times[rows], shape, self.matrix[columns][:, rows])

    def days(self) -> Iterator[tuple[int, Frame]]:
        """Yield the days (since the epoch, UTC) and what lies in each."""
        days = self.times // DAY_MS
        for day in np.unique(days).tolist():
            yield day, self.between(day * DAY_MS, (day + 1) * DAY_MS)

    def pieces(self, rows: int) -> Iterator[Frame]:
        """Yield the frame in pieces of so many times at most."""
        for first in range(0, self.times.size, rows):
            yield Frame(self.times[first : first + rows], self.shape, self.matrix[:, first : first + rows])


def merged(frames: Sequence[Frame]) -> list[Frame]:
    """Return fewer frames that say the same, in order: at the same time the number of the later frame counts.

    Frames that have little in common stay apart.
    """
    if len(frames) < 2:
        return list(frames)
    joined = _joined(frames)
    if len(joined) == 1:
        return joined
    shape = Shape(tuple(sorted({column for frame in joined for column in frame.shape.columns})))
    times = np.unique(np.concatenate([frame.times for frame in joined]))
    cells = len(shape.columns) * times.size
    if cells > max(SMALL_CELLS, WASTE * sum(frame.matrix.size for frame in joined)):
        return joined
    matrix = np.full((len(shape.columns), times.size), np.nan)
    numbers = {column: number for number, column in enumerate(shape.columns)}
    for frame in joined:
        columns = np.array([numbers[column] for column in frame.shape.columns])
        place = np.ix_(columns, np.searchsorted(times, frame.times))
        matrix[place] = np.where(np.isnan(frame.matrix), matrix[place], frame.matrix)
    return [Frame(times, shape, matrix)]


def _joined(frames: Sequence[Frame]) -> list[Frame]:
    """Return the frames, neighbours of the same shape made one where the later begins behind the earlier."""
    runs: list[list[Frame]] = []
    for frame in frames:
        before = runs[-1][-1] if runs else None
        follows = before is not None and before.shape.columns == frame.shape.columns
        if before is not None and follows and before.times[-1] < frame.times[0]:
            runs[-1].append(frame)
        else:
            runs.append([frame])
    return [run[0] if len(run) == 1 else _end_to_end(run) for run in runs]


def _end_to_end(run: Sequence[Frame]) -> Frame:
    times = np.concatenate([frame.times for frame in run])
    return Frame(times, run[0].shape, np.concatenate([frame.matrix for frame in run], axis=1))


def numbers_by_column(frames: Sequence[Frame]) -> dict[Column, tuple[Times, Matrix]]:
    """Return the times and numbers of each column; at the same time the number of the later frame counts."""
    parts: dict[Column, list[tuple[Times, Matrix]]] = {}
    for frame in merged(frames):
        for column, values, gaps in zip(frame.shape.columns, frame.matrix, np.isnan(frame.matrix), strict=True):
            if not gaps.any():
                parts.setdefault(column, []).append((frame.times, values))
            elif not gaps.all():
                parts.setdefault(column, []).append((frame.times[~gaps], values[~gaps]))
    return {column: found[0] if len(found) == 1 else _in_order(found) for column, found in parts.items()}


def _in_order(parts: Sequence[tuple[Times, Matrix]]) -> tuple[Times, Matrix]:
    times = np.concatenate([part[0] for part in parts])
    values = np.concatenate([part[1] for part in parts])
    order = np.argsort(times, kind="stable")
    times, values = times[order], values[order]
    last = np.append(times[1:] != times[:-1], np.True_)
    return times[last], values[last]
