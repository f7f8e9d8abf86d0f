"""Records of the spool, as bytes. Pure.

A record is magic, payload length, CRC-32C, sequence number, time, payload. The magic lets a reader find the next
record behind a damaged place, so a flipped bit costs one record, and a torn tail nothing that was whole.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from crc32c import crc32c

MAGIC: Final = b"\xf5noc"  # 0xf5 occurs in no UTF-8 text
_HEADER: Final = struct.Struct(">4sIIQq")
_GUARDED: Final = struct.Struct(">IQq")
HEADER_BYTES: Final = _HEADER.size
MAX_PAYLOAD_BYTES: Final = 64 * 1024 * 1024


@dataclass(frozen=True, slots=True)
class Record:
    """One batch. time_ms: when it was put into the spool, milliseconds of the Unix epoch."""

    seq: int
    time_ms: int
    payload: bytes


@dataclass(frozen=True, slots=True)
class Damage:
    """Bytes of a file that are no whole record. torn: they are its end, as a crash leaves it."""

    offset: int
    length: int
    torn: bool


def encode(record: Record) -> bytes:
    """Return a record as bytes. Raises ValueError when the payload is larger than a record may be."""
    payload = record.payload
    if len(payload) > MAX_PAYLOAD_BYTES:
        raise ValueError(f"a payload of {len(payload)} bytes is more than the {MAX_PAYLOAD_BYTES} a record may have")
    guard = _checksum(len(payload), record.seq, record.time_ms, payload)
    return _HEADER.pack(MAGIC, len(payload), guard, record.seq, record.time_ms) + payload


@dataclass(frozen=True, slots=True)
class Head:
    """What stands before a payload. Not looked at is whether the checksum is right."""

    length: int
    seq: int
    time_ms: int


def head(data: bytes) -> Head | None:
    """Return the head of a record that begins here; None where none does."""
    if len(data) < HEADER_BYTES:
        return None
    magic, length, _, seq, time_ms = _HEADER.unpack_from(data)
    return Head(length, seq, time_ms) if magic == MAGIC and length <= MAX_PAYLOAD_BYTES else None


def decode(data: bytes) -> Record | None:
    """Return the record that these bytes are, no fewer and no more; None where they are none."""
    found = _at(data, 0)
    return found if found is not None and len(data) == HEADER_BYTES + len(found.payload) else None


def checksum(data: bytes) -> int:
    """Return the CRC-32C of bytes."""
    return crc32c(data)


def scan(data: bytes) -> Iterator[Record | Damage]:
    """Yield all whole records of a file's bytes, and what lies between them, in order."""
    offset, end = 0, len(data)
    while offset < end:
        found = _at(data, offset)
        if found is not None:
            yield found
            offset += HEADER_BYTES + len(found.payload)
            continue
        behind = _next_record(data, offset + 1)
        yield Damage(offset, behind - offset, torn=behind == end)
        offset = behind


def _at(data: bytes, offset: int) -> Record | None:
    if offset + HEADER_BYTES > len(data):
        return None
    magic, length, guard, seq, time_ms = _HEADER.unpack_from(data, offset)
    begin = offset + HEADER_BYTES
    if magic != MAGIC or length > MAX_PAYLOAD_BYTES or begin + length > len(data):
        return None
    payload = data[begin : begin + length]
    return Record(seq, time_ms, payload) if _checksum(length, seq, time_ms, payload) == guard else None


def _next_record(data: bytes, offset: int) -> int:
    """Return where the next whole record begins, else the end."""
    while (offset := data.find(MAGIC, offset)) >= 0:
        if _at(data, offset) is not None:
            return offset
        offset += 1
    return len(data)


def _checksum(length: int, seq: int, time_ms: int, payload: bytes) -> int:
    return crc32c(payload, crc32c(_GUARDED.pack(length, seq, time_ms)))
