"""What chunks hold, in steps of five minutes, as columns: of one measurement and field the bounds of many series. Pure.

A `Piece` is what is written at once of one measurement and day: its series, named by the text of their tags and a key
of that; when the rows of each began and ended in each step; and of each field the bounds of its numbers. As bytes,
planes of bytes of equal rank that are not all zero, deflated: most of what stands there repeats the step before.
"""

from __future__ import annotations

import struct
import zlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from hashlib import blake2b
from itertools import chain
from typing import Final, overload

import numpy as np
import numpy.typing as npt

from noc.store._rollup import STEP_MS
from noc.store._rows import Tags
from noc.store.embedded.bounds import Cells, Counts, Matrix, cells_of
from noc.wire.columns import BETWEEN, WITHIN

LENGTH_MS: Final = STEP_MS["5m"]
SECOND_MS: Final = 1_000
KEY_BYTES: Final = 8
TOGETHER: Final = 64
"""Texts that are deflated together."""

_COUNTS: Final = struct.Struct("<II")
_BETWEEN: Final = BETWEEN.encode()
_WITHIN: Final = WITHIN.encode()
_NEVER: Final = LENGTH_MS // SECOND_MS
_RAW: Final = -15

Keys = npt.NDArray[np.uint64]
Times = npt.NDArray[np.int64]
Cube = npt.NDArray[np.float64]
Whole = npt.NDArray[np.int32]


@dataclass(frozen=True, slots=True)
class Seen:
    """Rows of series in steps, steps × series. count: how many; first, last: seconds into the step, rounded outward."""

    count: Whole
    first: Whole
    last: Whole

    def of(self, first: int, after: int) -> Seen:
        """Return what was seen in some steps."""
        chosen = slice(first, after)
        return Seen(self.count[chosen], self.first[chosen], self.last[chosen])


@dataclass(frozen=True, slots=True)
class Piece:
    """begin: the first step, since the day's beginning. keys, texts: of the series; one may be there twice."""

    begin: int
    keys: Keys
    texts: Callable[[], Sequence[bytes]]
    seen: Seen
    fields: Mapping[str, Cells]


def text_of(tags: Tags) -> bytes:
    """Return the tags of a series as a text; texts are in the order of their tags."""
    return WITHIN.join(chain.from_iterable(tags)).encode("utf-8", "surrogatepass")


def tags_in(text: bytes) -> Tags:
    """Return the tags of a `text_of`."""
    texts = text.decode("utf-8", "surrogatepass").split(WITHIN)
    return tuple(zip(texts[::2], texts[1::2], strict=True))


def key_of(text: bytes) -> bytes:
    """Return what stands for a series: no two of a fleet have the same, but that somebody looks for such for years."""
    return blake2b(text, digest_size=KEY_BYTES).digest()


# --- from rows --------------------------------------------------------------------------------------------------------


def stepped(times: Times, cube: Cube, day_ms: int) -> list[tuple[npt.NDArray[np.intp], int, Seen, list[Cells]]]:
    """Return what rows of some tables come to in steps, those together whose rows lie in the same steps.

    times: tables × rows, increasing. cube: tables × columns × rows. Of each group: its tables, the first step, when
    its rows were seen (steps × tables), and the cells of each column (steps × tables).
    """
    steps = (times - day_ms) // LENGTH_MS
    found = []
    left = np.arange(len(steps))
    while left.size:
        alike = (steps[left] == steps[left[0]]).all(axis=1)
        tables = left[alike]
        found.append((tables, int(steps[left[0], 0]), *_of_group(times, cube, tables, steps[left[0]], day_ms)))
        left = left[~alike]
    return found


def _of_group(
    times: Times, cube: Cube, tables: npt.NDArray[np.intp], steps: Times, day_ms: int
) -> tuple[Seen, list[Cells]]:
    every = tables.size == len(times)
    rows = np.ascontiguousarray((cube if every else cube[tables]).transpose(2, 1, 0))
    own = (times if every else times[tables]).T
    first, span = int(steps[0]), int(steps[-1] - steps[0]) + 1
    begins = np.flatnonzero(np.diff(steps, prepend=-1))
    ends = np.append(begins[1:], steps.size)
    places = (steps[begins] - first).tolist()
    seen = Seen(*(np.zeros((span, tables.size), np.int32) for _ in range(3)))
    gaps = np.isnan(rows)
    summed, low, high = rows, rows, rows
    if gaps.any():
        summed, low, high = (np.where(gaps, filled, rows) for filled in (0.0, np.inf, -np.inf))
    shape = (span, *rows.shape[1:])
    total, least, greatest = np.zeros(shape), np.zeros(shape), np.zeros(shape)
    count = np.zeros(shape, np.int32)
    for place, begin, end in zip(places, begins.tolist(), ends.tolist(), strict=True):
        origin = day_ms + (first + place) * LENGTH_MS
        seen.count[place] = end - begin
        seen.first[place] = (own[begin] - origin) // SECOND_MS
        seen.last[place] = -((origin - own[end - 1]) // SECOND_MS)
        count[place] = end - begin
        if low is not rows:
            count[place] -= np.add.reduce(gaps[begin:end], axis=0, dtype=np.int32)
        _reduce(np.add, summed, begin, end, total[place])
        _reduce(np.minimum, low, begin, end, least[place])
        _reduce(np.maximum, high, begin, end, greatest[place])
    return seen, _columns(cells_of(count, total, greatest, least))


def _columns(cells: Cells) -> list[Cells]:
    """Return cells of steps × columns × tables column by column."""
    return [
        Cells(cells.count[:, n], cells.codes[:, n], cells.ups[:, n], cells.downs[:, n])
        for n in range(cells.count.shape[1])
    ]


def _reduce(do: np.ufunc, rows: Cube, begin: int, end: int, into: Matrix) -> None:
    """Take rows together: row by row, which is quicker than numpy's own way for a few."""
    into[:] = rows[begin]
    with np.errstate(over="ignore", invalid="ignore"):
        for row in range(begin + 1, end):
            do(into, rows[row], out=into)


# --- as bytes ---------------------------------------------------------------------------------------------------------


class SummaryError(Exception):
    """Bytes that are no summary, or not one that was written whole. The text says why."""


def packed_seen(seen: Seen) -> bytes:
    """Return when rows were seen as bytes."""
    return _packed([_changes(seen.count), _changes(seen.first), seen.last - seen.first])


def packed_cells(cells: Cells, seen: Seen) -> bytes:
    """Return the cells of a field as bytes. seen: of the same series and steps."""
    return _packed([seen.count - cells.count, _changes(cells.codes), cells.ups, cells.downs])


def unpacked_seen(data: bytes, steps: int, series: int) -> Seen:
    """Return what `packed_seen` made. Raises SummaryError."""
    count, first, length = _unpacked(data, 3, steps, series)
    first = _sums(first)
    return Seen(_sums(count), first, first + length)


def unpacked_cells(data: bytes, steps: int, series: int, seen: Counts) -> Cells:
    """Return what `packed_cells` made. seen: count of the rows. Raises SummaryError."""
    missing, codes, ups, downs = _unpacked(data, 4, steps, series)
    return Cells(seen - missing, _sums(codes), ups.astype(np.uint16), downs.astype(np.uint16))


def _changes(numbers: Whole) -> Whole:
    changes = numbers.copy()
    changes[1:] -= numbers[:-1]
    return np.asarray((changes << 1) ^ (changes >> 31), np.int32)


def _sums(changes: Whole) -> Whole:
    return np.cumsum((changes >> 1) ^ -(changes & 1), axis=0, dtype=np.int32)


def _packed(columns: Sequence[npt.NDArray[np.int32] | npt.NDArray[np.uint16]]) -> bytes:
    words = np.stack([np.asarray(column, "<i4") for column in columns])
    planes = words.view(np.uint8).reshape(*words.shape, 4)
    used = planes.reshape(len(columns), -1, 4).any(axis=1)
    chosen = planes.transpose(0, 3, 1, 2)[used]
    packer = zlib.compressobj(1, zlib.DEFLATED, _RAW, 8, zlib.Z_RLE)
    return np.packbits(used).tobytes() + packer.compress(chosen.tobytes()) + packer.flush()


def _unpacked(data: bytes, columns: int, steps: int, series: int) -> list[Whole]:
    flags = -(-4 * columns // 8)
    try:
        used = np.unpackbits(np.frombuffer(data, np.uint8, flags), count=4 * columns).reshape(columns, 4)
        planes = np.frombuffer(zlib.decompress(data[flags:], _RAW), np.uint8).reshape(int(used.sum()), steps, series)
    except (zlib.error, ValueError) as error:
        raise SummaryError(str(error)) from error
    found = []
    plane = iter(planes)
    for column in used:
        words = np.zeros((steps, series), np.int32)
        for rank in np.flatnonzero(column).tolist():
            own = next(plane)
            words = own.astype(np.int32) if rank == 0 else np.bitwise_or(words, own.astype(np.int32) << (8 * rank))
        found.append(words)
    return found


class PackedTexts(Sequence[bytes]):
    """Texts of series, deflated some at a time: to look at one takes no more than these. Raises SummaryError."""

    def __init__(self, data: bytes) -> None:
        self._data = data
        self._at: tuple[int, list[bytes]] = -1, []
        self._count: int
        try:
            self._count, groups = _COUNTS.unpack_from(data)
            lengths = np.frombuffer(data, "<u4", groups, _COUNTS.size)
        except (struct.error, ValueError) as error:
            raise SummaryError(str(error)) from error
        self._ends = (_COUNTS.size + 4 * groups + np.cumsum(lengths)).tolist()
        self._begins = [_COUNTS.size + 4 * groups, *self._ends]

    @staticmethod
    def pack(texts: Sequence[bytes]) -> bytes:
        """Return texts as bytes."""
        groups = [
            zlib.compress(_BETWEEN.join(texts[begin : begin + TOGETHER]), 1) for begin in range(0, len(texts), TOGETHER)
        ]
        lengths = np.array([len(group) for group in groups], "<u4").tobytes()
        return b"".join((_COUNTS.pack(len(texts), len(groups)), lengths, *groups))

    def __len__(self) -> int:
        """Return how many there are."""
        return self._count

    @overload
    def __getitem__(self, place: int) -> bytes: ...
    @overload
    def __getitem__(self, place: slice) -> Sequence[bytes]: ...
    def __getitem__(self, place: int | slice) -> bytes | Sequence[bytes]:
        """Return one, or some."""
        if isinstance(place, slice):
            return [self[n] for n in range(*place.indices(self._count))]
        if not 0 <= place < self._count:
            raise IndexError(place)
        group, within = divmod(place, TOGETHER)
        if self._at[0] != group:
            try:
                data = zlib.decompress(self._data[self._begins[group] : self._ends[group]])
            except (zlib.error, IndexError) as error:
                raise SummaryError(str(error)) from error
            self._at = group, data.split(_BETWEEN)
        return self._at[1][within]
