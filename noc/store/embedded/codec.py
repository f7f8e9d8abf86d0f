"""A chunk as bytes: the numbers of several columns at common times. Pure.

version (1 byte) · CRC-32 of all but itself (4) · varints: rows, columns, first time, length of the times' stream,
number of groups, columns and length of each group · the streams, raw deflate. A group holds neighbouring columns and
can be read without the others. Of each column its stream tells how it is written (noc/store/embedded/decimals.py), for
those with gaps a bitmap, and then the words of all as planes of bytes of equal rank. Below a gap stands the number
before, which costs nothing. Numbers come back bit for bit.

Chunks of many devices are made at once: numpy takes as long to begin as it takes for a hundred numbers.
"""

from __future__ import annotations

import zlib
from collections.abc import Sequence
from typing import Final

import numpy as np
import numpy.typing as npt

from noc.store.embedded.decimals import Matrix, coded, filled, uncoded
from noc.store.embedded.words import (
    deflated,
    inflated,
    plane_rows,
    read_planes,
    read_varints,
    stored,
    unzigzag,
    unzigzag_one,
    varints,
    zigzag,
    zigzag_one,
)

VERSION: Final = 1
GROUP_NUMBERS: Final = 4096
"""Columns are grouped until they have so many numbers: less, and deflate has nothing to find."""

AT_ONCE: Final = 65_536
"""Numbers that are encoded at once: as many as a processor keeps near."""

SHORT_ROWS: Final = 64
"""Times of a chunk that has fewer are not compressed: that chunk is merged into a longer one when its day is over."""

_HEAD_BYTES: Final = 5
_GAPPY: Final = 0x80

Times = npt.NDArray[np.int64]
Cube = npt.NDArray[np.float64]


class ChunkError(Exception):
    """Bytes that are no chunk, or not one that was written whole. The text says why."""


def encode(times: Times, matrix: Matrix, starts: Sequence[int]) -> bytes:
    """Return a chunk.

    times: strictly increasing, at least one. matrix: columns × times, NaN where there is no number, no infinities.
    starts: the columns at which a group may begin, in order, the first is 0.
    """
    return encode_many(times[None], matrix[None], starts)[0]


def encode_many(times: Times, cube: Cube, starts: Sequence[int]) -> list[bytes]:
    """Return chunks of the same shape. times: chunks × times; cube: chunks × columns × times; starts: as above."""
    chunks, columns, rows = cube.shape
    step = max(1, AT_ONCE // max(1, columns * rows))
    found: list[bytes] = []
    for begin in range(0, chunks, step):
        found += _encoded(times[begin : begin + step], cube[begin : begin + step], starts)
    return found


def _encoded(times: Times, cube: Cube, starts: Sequence[int]) -> list[bytes]:
    chunks, columns, rows = cube.shape
    bounds = _bounds(starts, columns, rows)
    first = _times_streams(times)
    groups = [_group_streams(np.ascontiguousarray(cube[:, begin:end])) for begin, end in bounds]
    widths = [end - begin for begin, end in bounds]
    version = bytes((VERSION,))
    seed = zlib.crc32(version)
    found = []
    for n in range(chunks):
        streams = [group[n] for group in groups]
        head = [rows, columns, zigzag_one(int(times[n, 0])), len(first[n]), len(bounds)]
        for width, stream in zip(widths, streams, strict=True):
            head += [width, len(stream)]
        rest = b"".join((varints(head), first[n], *streams))
        found.append(version + zlib.crc32(rest, seed).to_bytes(4, "little") + rest)
    return found


def decode(chunk: bytes, wanted: Sequence[int]) -> tuple[Times, Matrix]:
    """Return the times and the wanted columns (ascending numbers) of a chunk. Raises ChunkError."""
    check(chunk)
    try:
        return _decoded(chunk, wanted)
    except (ValueError, IndexError, OverflowError, zlib.error) as error:
        raise ChunkError(f"its contents are broken: {error}") from error


def check(chunk: bytes) -> None:
    """Raise ChunkError where a chunk isn't as it was written, or of a version that is not known here."""
    if len(chunk) <= _HEAD_BYTES:
        raise ChunkError(f"it has only {len(chunk)} bytes")
    if zlib.crc32(chunk[_HEAD_BYTES:], zlib.crc32(chunk[:1])) != int.from_bytes(chunk[1:_HEAD_BYTES], "little"):
        raise ChunkError("its checksum is wrong")
    if chunk[0] != VERSION:
        raise ChunkError(f"it has version {chunk[0]}, this noc knows {VERSION}")


def _decoded(chunk: bytes, wanted: Sequence[int]) -> tuple[Times, Matrix]:
    position, (rows, columns, first, length, groups) = read_varints(chunk, _HEAD_BYTES, 5)
    position, sizes = read_varints(chunk, position, 2 * groups)
    times = _read_times(inflated(chunk[position : position + length]), rows, unzigzag_one(first))
    position += length
    if wanted and not 0 <= wanted[0] <= wanted[-1] < columns:
        raise IndexError(f"columns {wanted[0]} to {wanted[-1]} of {columns}")
    parts = [np.empty((0, rows))]
    begin = 0
    for count, length in zip(sizes[::2], sizes[1::2], strict=True):
        inside = [number - begin for number in wanted if begin <= number < begin + count]
        if inside:
            group = _read_group(inflated(chunk[position : position + length]), count, rows, inside)
            parts.append(group)
        begin += count
        position += length
    return times, np.concatenate(parts)


def _bounds(starts: Sequence[int], columns: int, rows: int) -> list[tuple[int, int]]:
    bounds = []
    begin = 0
    for end in (*starts[1:], columns):
        if (end - begin) * rows >= GROUP_NUMBERS or end == columns:
            bounds.append((begin, end))
            begin = end
    return [bound for bound in bounds if bound[0] < bound[1]]


def _times_streams(times: Times) -> list[bytes]:
    differences = np.zeros_like(times)
    differences[:, 1:] = times[:, 1:] - times[:, :-1]
    differences[:, 2:] -= differences[:, 1:-1].copy()
    packed = deflated if times.shape[1] >= SHORT_ROWS else stored  # to begin takes deflate longer than all else here
    return [packed(row) for row in plane_rows(zigzag(differences))]


def _read_times(data: bytes, rows: int, first: int) -> Times:
    differences = unzigzag(read_planes(data, rows))
    differences[1:] = np.cumsum(differences[1:])
    return np.cumsum(differences) + first


def _group_streams(cube: Cube) -> list[bytes]:
    """Return for each chunk a stream: kinds of its columns, bitmaps of those with gaps, planes."""
    chunks, columns, rows = cube.shape
    matrix = cube.reshape(chunks * columns, rows)
    gaps = np.isnan(matrix)
    gappy = gaps.any(axis=1)
    bitmaps = np.empty((0, 0), np.uint8)
    if gappy.any():
        matrix = matrix.copy()
        matrix[gappy] = filled(matrix[gappy], gaps[gappy])
        bitmaps = np.packbits(gaps[gappy], axis=1)
    kinds, words = coded(matrix)
    kinds |= gappy.view(np.uint8) << np.uint8(7)
    ends = np.cumsum(gappy.reshape(chunks, columns).sum(axis=1)).tolist()
    planes = plane_rows(words.reshape(chunks, columns * rows))
    found, begin = [], 0
    for n, end in enumerate(ends):
        bitmap = bitmaps[begin:end].tobytes()
        own = kinds[n * columns : (n + 1) * columns].tobytes()
        found.append(deflated(b"".join((own, bitmap, planes[n]))))
        begin = end
    return found


def _read_group(data: bytes, columns: int, rows: int, wanted: Sequence[int]) -> Matrix:
    kinds = np.frombuffer(data, np.uint8, columns)
    gappy = (kinds & _GAPPY) != 0
    count, width = int(gappy.sum()), (rows + 7) // 8
    bitmaps = np.frombuffer(data, np.uint8, count * width, columns).reshape(count, width)
    words = read_planes(data[columns + count * width :], columns * rows).reshape(columns, rows)
    chosen = np.array(wanted)
    matrix = uncoded(kinds[chosen] & np.uint8(_GAPPY - 1), words[chosen])
    holes = gappy[chosen]
    if holes.any():
        places = (np.cumsum(gappy) - 1)[chosen[holes]]
        gaps = np.unpackbits(bitmaps[places], axis=1, count=rows).astype(np.bool_)
        matrix[holes] = np.where(gaps, np.nan, matrix[holes])
    return matrix
