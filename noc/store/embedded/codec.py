"""A chunk as bytes: the numbers of several columns at common times. Pure.

version (1 byte) · CRC-32 of all but itself (4) · varints: rows, columns, first time, length of the times' stream,
number of groups, columns and length of each group · the streams, raw deflate. A group holds neighbouring columns and
can be read without the others. Of each column its stream tells how it is written:

- decimals: multiplied by 1, 10, 100 or 1000 the numbers are whole and below 2**53; kept as they are, as differences, or
  as differences of differences, whichever is shortest, zigzag coded;
- anything else (also -0.0): bits, XORed with those of the number before.

Both are 8 bytes a number with mostly zeros in the high ones; the bytes of equal rank stand together, so that deflate
finds runs. Gaps are a bitmap; below it stands the number before, which costs nothing. Numbers come back bit for bit.
"""

from __future__ import annotations

import zlib
from collections.abc import Sequence
from typing import Final

import numpy as np
import numpy.typing as npt

VERSION: Final = 1
GROUP_NUMBERS: Final = 4096
"""Columns are grouped until they have so many numbers: less, and deflate has nothing to find."""

_LEVEL: Final = 6
_RAW: Final = -15
_HEAD_BYTES: Final = 5
_SCALES: Final = (1.0, 10.0, 100.0, 1000.0)
_XOR: Final = len(_SCALES)
_ORDERS: Final = 3
_LARGEST: Final = 2.0**53

Times = npt.NDArray[np.int64]
Matrix = npt.NDArray[np.float64]
_Whole = npt.NDArray[np.int64]
_Bits = npt.NDArray[np.uint64]
_Flags = npt.NDArray[np.bool_]


class ChunkError(Exception):
    """Bytes that are no chunk, or not one that was written whole. The text says why."""


def encode(times: Times, matrix: Matrix, starts: Sequence[int]) -> bytes:
    """Return a chunk.

    times: strictly increasing, at least one. matrix: columns × times, NaN where there is no number, no infinities.
    starts: the columns at which a group may begin, in order, the first is 0.
    """
    columns, rows = matrix.shape
    bounds = _bounds(starts, columns, rows)
    streams = [_times_stream(times)]
    head = [rows, columns, _zigzag_one(int(times[0])), len(streams[0]), len(bounds)]
    for begin, end in bounds:
        streams.append(_deflated(_group_bytes(matrix[begin:end])))
        head += [end - begin, len(streams[-1])]
    rest = b"".join((_varints(head), *streams))
    version = bytes((VERSION,))
    return version + zlib.crc32(rest, zlib.crc32(version)).to_bytes(4, "little") + rest


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
    position, (rows, columns, first, length, groups) = _read_varints(chunk, _HEAD_BYTES, 5)
    position, sizes = _read_varints(chunk, position, 2 * groups)
    times = _read_times(zlib.decompress(chunk[position : position + length], _RAW), rows, _unzigzag_one(first))
    position += length
    if wanted and not 0 <= wanted[0] <= wanted[-1] < columns:
        raise IndexError(f"columns {wanted[0]} to {wanted[-1]} of {columns}")
    parts = [np.empty((0, rows))]
    begin = 0
    for count, length in zip(sizes[::2], sizes[1::2], strict=True):
        inside = [number - begin for number in wanted if begin <= number < begin + count]
        if inside:
            group = _read_group(zlib.decompress(chunk[position : position + length], _RAW), count, rows)
            parts.append(group[inside])
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


# --- times ----------------------------------------------------------------------------------------------------------


def _times_stream(times: Times) -> bytes:
    differences = np.diff(times, prepend=times[0])
    differences[2:] = np.diff(differences[1:])
    return _deflated(_planes(_zigzag(differences)))


def _read_times(data: bytes, rows: int, first: int) -> Times:
    differences = _unzigzag(_read_planes(data, rows))
    differences[1:] = np.cumsum(differences[1:])
    return np.cumsum(differences) + first


# --- a group of columns: kinds, bitmaps of the columns with gaps, planes ----------------------------------------------


def _group_bytes(matrix: Matrix) -> bytes:
    gaps = np.isnan(matrix)
    gappy = gaps.any(axis=1)
    if gappy.any():
        matrix = matrix.copy()
        matrix[gappy] = _filled(matrix[gappy], gaps[gappy])
    kinds, words = _coded(matrix)
    kinds |= gappy.astype(np.uint8) << 7
    return kinds.tobytes() + np.packbits(gaps[gappy], axis=1).tobytes() + _planes(words.reshape(-1))


def _read_group(data: bytes, columns: int, rows: int) -> Matrix:
    kinds = np.frombuffer(data, np.uint8, columns)
    gappy = (kinds & 0x80) != 0
    count, width = int(gappy.sum()), (rows + 7) // 8
    bitmaps = np.frombuffer(data, np.uint8, count * width, columns).reshape(count, width)
    words = _read_planes(data[columns + count * width :], columns * rows).reshape(columns, rows)
    matrix = _uncoded(kinds & np.uint8(0x7F), words)
    if count:
        gaps = np.unpackbits(bitmaps, axis=1, count=rows).astype(np.bool_)
        matrix[gappy] = np.where(gaps, np.nan, matrix[gappy])
    return matrix


def _filled(matrix: Matrix, gaps: _Flags) -> Matrix:
    """Return columns with the number before in each gap; before the first number that, and zero where there is none."""
    rows = np.arange(matrix.shape[1])
    firsts = np.argmin(gaps, axis=1)
    last_seen = np.maximum.accumulate(np.where(gaps, firsts[:, None], rows), axis=1)
    return np.nan_to_num(np.take_along_axis(matrix, last_seen, axis=1), nan=0.0)


def _coded(matrix: Matrix) -> tuple[npt.NDArray[np.uint8], _Bits]:
    """Return how each column is written (scale × orders + order, or XOR), and its words."""
    bits = matrix.view(np.uint64)
    words = bits.copy()
    words[:, 1:] ^= bits[:, :-1]
    kinds = np.full(len(matrix), _XOR * _ORDERS, np.uint8)
    left = ~(np.signbit(matrix) & (matrix == 0.0)).any(axis=1)
    for scale_number, scale in enumerate(_SCALES):
        candidates = np.flatnonzero(left)
        if not candidates.size:
            break
        chosen = matrix[candidates]
        with np.errstate(over="ignore"):
            scaled = np.rint(chosen * scale)
            whole = ((np.abs(scaled) <= _LARGEST) & (scaled / scale == chosen)).all(axis=1)
        fits = candidates[whole]
        if fits.size:
            orders, words[fits] = _shortest(scaled[whole].astype(np.int64))
            kinds[fits] = scale_number * _ORDERS + orders
            left[fits] = False
    return kinds, words


def _shortest(whole: _Whole) -> tuple[npt.NDArray[np.uint8], _Bits]:
    """Return for each column the order of differences that has the fewest bits, and those differences."""
    first = whole.copy()
    first[:, 1:] -= whole[:, :-1]
    second = first.copy()
    second[:, 2:] -= first[:, 1:-1]
    variants = np.stack([_zigzag(whole), _zigzag(first), _zigzag(second)])
    orders = np.log2(variants.astype(np.float64) + 1.0).sum(axis=2).argmin(axis=0)
    return orders.astype(np.uint8), variants[orders, np.arange(len(whole))]


def _uncoded(kinds: npt.NDArray[np.uint8], words: _Bits) -> Matrix:
    matrix = np.empty(words.shape)
    for kind in np.unique(kinds).tolist():
        chosen = kinds == kind
        scale_number, order = divmod(kind, _ORDERS)
        if scale_number >= _XOR:
            matrix[chosen] = np.bitwise_xor.accumulate(words[chosen], axis=1).view(np.float64)
            continue
        whole = _unzigzag(words[chosen])
        if order == 2:
            whole[:, 1:] = np.cumsum(whole[:, 1:], axis=1)
        if order >= 1:
            whole = np.cumsum(whole, axis=1)
        matrix[chosen] = whole / _SCALES[scale_number]
    return matrix


# --- words of 64 bits -------------------------------------------------------------------------------------------------


def _planes(words: _Bits) -> bytes:
    """Return a byte that tells which of the eight planes are there, and those: all lowest bytes, and so on."""
    planes = words.astype("<u8", copy=False).view(np.uint8).reshape(-1, 8).T
    used = planes.any(axis=1)
    return np.packbits(used).tobytes() + planes[used].tobytes()


def _read_planes(data: bytes, count: int) -> _Bits:
    used = np.unpackbits(np.frombuffer(data, np.uint8, 1)).astype(np.bool_)
    planes = np.zeros((8, count), np.uint8)
    planes[used] = np.frombuffer(data, np.uint8, int(used.sum()) * count, 1).reshape(-1, count)
    return np.ascontiguousarray(planes.T).view("<u8").reshape(-1).astype(np.uint64, copy=False)


def _zigzag(whole: _Whole) -> _Bits:
    return ((whole << 1) ^ (whole >> 63)).view(np.uint64)


def _unzigzag(words: _Bits) -> _Whole:
    return (words >> np.uint64(1)).view(np.int64) ^ -(words & np.uint64(1)).view(np.int64)


def _deflated(data: bytes) -> bytes:
    packer = zlib.compressobj(_LEVEL, zlib.DEFLATED, _RAW)
    return packer.compress(data) + packer.flush()


# --- small whole numbers ----------------------------------------------------------------------------------------------


def _zigzag_one(number: int) -> int:
    return number << 1 if number >= 0 else ~(number << 1)


def _unzigzag_one(word: int) -> int:
    return ~(word >> 1) if word & 1 else word >> 1


def _varints(numbers: Sequence[int]) -> bytes:
    found = bytearray()
    for number in numbers:
        while number > 0x7F:
            found.append(0x80 | number & 0x7F)
            number >>= 7
        found.append(number)
    return bytes(found)


def _read_varints(data: bytes, position: int, count: int) -> tuple[int, list[int]]:
    found = []
    for _ in range(count):
        number, shift = 0, 0
        while data[position] & 0x80:
            number |= (data[position] & 0x7F) << shift
            shift += 7
            position += 1
        found.append(number | data[position] << shift)
        position += 1
    return position, found
