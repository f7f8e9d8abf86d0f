"""Words of 64 bits and how they get small: zigzag, planes of bytes of equal rank, deflate; varints. Pure."""

from __future__ import annotations

import struct
import zlib
from collections.abc import Sequence
from typing import Final

import numpy as np
import numpy.typing as npt

Whole = npt.NDArray[np.int64]
Bits = npt.NDArray[np.uint64]
Flags = npt.NDArray[np.bool_]
Planes = npt.NDArray[np.uint8]

_LEVEL: Final = 6
_RAW: Final = -15
_WINDOW: Final = -12
_MEMORY: Final = 6
_STORED: Final = struct.Struct("<BHH")

WORD_BYTES: Final = 8


def zigzag(whole: Whole) -> Bits:
    """Return small words for numbers near zero, negative ones too."""
    words = whole << 1
    words ^= whole >> 63
    return words.view(np.uint64)


def unzigzag(words: Bits) -> Whole:
    """Return the numbers of `zigzag`."""
    return (words >> np.uint64(1)).view(np.int64) ^ -(words & np.uint64(1)).view(np.int64)


def plane_rows(words: Bits) -> list[bytes]:
    """Return each row of words as bytes: which planes (all lowest bytes, and so on) have anything but zero, then those.

    words: rows × numbers.
    """
    rows, numbers = words.shape
    by_number = words.astype("<u8", copy=False).view(np.uint8).reshape(rows, numbers, WORD_BYTES)
    merged = np.bitwise_or.reduce(words, axis=1).astype("<u8").view(np.uint8).reshape(rows, WORD_BYTES)
    used = merged != 0
    top = int(np.flatnonzero(used.any(axis=0)).max(initial=-1)) + 1
    planes = np.ascontiguousarray(by_number[:, :, :top].transpose(0, 2, 1))
    counts = used.sum(axis=1)
    lowest = (used == (np.arange(WORD_BYTES) < counts[:, None])).all(axis=1)  # mostly so: no plane between is zero
    flags = np.packbits(used, axis=1).tobytes()
    return [
        flags[n : n + 1] + (planes[n, :count] if low else planes[n, used[n, :top]]).tobytes()
        for n, (count, low) in enumerate(zip(counts.tolist(), lowest.tolist(), strict=True))
    ]


def read_planes(data: bytes, count: int) -> Bits:
    """Return the words of a row of `plane_rows`, so many. Raises ValueError."""
    used = np.flatnonzero(np.unpackbits(np.frombuffer(data, np.uint8, 1)))
    planes = np.frombuffer(data, np.uint8, used.size * count, 1).reshape(used.size, count)
    by_number = np.zeros((count, WORD_BYTES), np.uint8)
    for plane, rank in zip(planes, used.tolist(), strict=True):
        by_number[:, rank] = plane
    return by_number.view("<u8").reshape(-1).astype(np.uint64, copy=False)


def deflated(data: bytes) -> bytes:
    """Return data compressed. Planes are runs of equal bytes: looking for nothing else is quicker, and no larger."""
    packer = zlib.compressobj(_LEVEL, zlib.DEFLATED, _WINDOW, _MEMORY, zlib.Z_RLE)
    return packer.compress(data) + packer.flush()


def stored(data: bytes) -> bytes:
    """Return data, fewer than 65,536 bytes, in the form of `deflated`, without any effort (RFC 1951, 3.2.4)."""
    return _STORED.pack(1, len(data), 0xFFFF ^ len(data)) + data


def inflated(data: bytes) -> bytes:
    """Return what was deflated. Raises zlib.error."""
    return zlib.decompress(data, _RAW)


def zigzag_one(number: int) -> int:
    """Return a whole number as one that isn't negative."""
    return number << 1 if number >= 0 else ~(number << 1)


def unzigzag_one(word: int) -> int:
    """Return the number of `zigzag_one`."""
    return ~(word >> 1) if word & 1 else word >> 1


def varints(numbers: Sequence[int]) -> bytes:
    """Return whole numbers, none negative, seven bits a byte."""
    found = bytearray()
    for number in numbers:
        while number > 0x7F:
            found.append(0x80 | number & 0x7F)
            number >>= 7
        found.append(number)
    return bytes(found)


def read_varints(data: bytes, position: int, count: int) -> tuple[int, list[int]]:
    """Return the position behind so many numbers, and those. Raises IndexError where the data end."""
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
