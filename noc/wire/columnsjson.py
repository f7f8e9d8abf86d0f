"""The first form of samples in columns, heads as JSON: read for ever, and written where a text holds a separator. Pure.

A body is `S1`, then compressed: the length of the heads, the heads as JSON (measurement, time in ms, tag keys,
field keys, rows of tags), and all numbers in their order as little-endian doubles, NaN for what wasn't read.
"""

from __future__ import annotations

import json
import math
import struct
import sys
import zlib
from array import array
from collections.abc import Sequence
from typing import Final

from noc.model.instants import from_ms, to_ms
from noc.model.samples import Samples

VERSION: Final = b"S1"
LEVEL: Final = 1  # the highest level saves a fifth more and costs three times as much
_LENGTH: Final = struct.Struct("<I")
_LARGEST: Final = 256 * 1024 * 1024


class BodyError(ValueError):
    """Bytes that are no body of the form that they are said to have, or of a newer noc."""


def inflated(data: bytes) -> bytes:
    """Return what a body holds behind its version. Raises BodyError, zlib.error."""
    unpacker = zlib.decompressobj()
    found = unpacker.decompress(data, _LARGEST)
    if not unpacker.eof:
        raise BodyError("cut off, or larger than any batch of noc")
    return found


def encode(batch: Sequence[Samples]) -> bytes:
    """Return a batch as a body. A number that is not finite is like one that wasn't read."""
    heads = [[entry.measurement, to_ms(entry.time), entry.tag_keys, entry.field_keys, entry.tags] for entry in batch]
    numbers = array("d", (_number(value) for entry in batch for row in entry.values for value in row))
    if sys.byteorder == "big":
        numbers.byteswap()
    text = json.dumps(heads, separators=(",", ":")).encode()  # ASCII: a name may hold half a surrogate pair
    return VERSION + zlib.compress(_LENGTH.pack(len(text)) + text + numbers.tobytes(), LEVEL)


def decode(body: bytes) -> list[Samples]:
    """Return the batch of a body. Raises BodyError."""
    if body[:2] != VERSION:
        raise BodyError(f"a body of another form ({body[:2]!r})")
    try:
        data = inflated(body[2:])
        (length,) = _LENGTH.unpack_from(data)
        heads = json.loads(data[_LENGTH.size : _LENGTH.size + length])
        numbers = array("d", data[_LENGTH.size + length :])
        if sys.byteorder == "big":
            numbers.byteswap()
        return _tables(heads, numbers.tolist())
    except (zlib.error, struct.error, ValueError, TypeError, IndexError, OverflowError) as error:
        raise BodyError(f"not a batch of samples: {error}") from error


def _tables(heads: list[tuple[str, int, list[str], list[str], list[list[str]]]], numbers: list[float]) -> list[Samples]:
    found = []
    at = 0
    for measurement, time_ms, tag_keys, field_keys, tags in heads:
        width = len(field_keys)
        end = at + width * len(tags)
        if end > len(numbers):
            raise ValueError("fewer numbers than its heads speak of")
        rows = (numbers[start : start + width] for start in range(at, end, width)) if width else ([] for _ in tags)
        found.append(
            Samples(
                measurement=measurement,
                time=from_ms(time_ms),
                tag_keys=tuple(tag_keys),
                field_keys=tuple(field_keys),
                tags=tuple(map(tuple, tags)),
                values=tuple(tuple(None if value != value else value for value in row) for row in rows),
            )
        )
        at = end
    return found


def _number(value: float | None) -> float:
    return value if value is not None and math.isfinite(value) else math.nan
