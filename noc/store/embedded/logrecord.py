"""A record of the log as bytes, and rows out of it. Pure.

magic (0xF5 `ts`) with version · length · CRC-32 · payload. The payload of version 2: time of writing, how many kinds,
groups of tables and sections; the kinds that no earlier record of the file named (number, rows, tag keys, fields,
text); the tables, kind by kind (numbers, and their tags as texts); then rows, kind by kind: numbers of the tables,
orders, times (ms), numbers (doubles). All little-endian. Version 1, a row after the other, is read, no longer written.
"""

from __future__ import annotations

import struct
import zlib
from array import array
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from mmap import mmap
from typing import Final

import numpy as np

from noc.store.embedded.kinds import ODD, Kind, first_form
from noc.store.embedded.memtable import Memtable, Section
from noc.store.embedded.registry import Numbers
from noc.wire.columns import BETWEEN

MAGIC: Final = b"\xf5ts"  # 0xf5 occurs in no UTF-8 text
VERSION: Final = 2
HEADER: Final = struct.Struct("<3sBII")
_COUNTS: Final = struct.Struct("<qIII")
_KIND: Final = struct.Struct("<IIIII")
_TABLES: Final = struct.Struct("<III")
_ROWS: Final = struct.Struct("<II")
_FIRST_COUNTS: Final = struct.Struct("<qIIQ")
_FIRST_LAYOUT: Final = struct.Struct("<I16sIIII")
_BETWEEN: Final = BETWEEN.encode()

INSERTED_AT_ONCE: Final = 4_000_000
"""Numbers that a replay gathers from many records before it puts them into memory."""


def record(
    now_ms: int, kinds: Sequence[Kind], tables: Sequence[tuple[Kind, Numbers]], rows: Sequence[Section]
) -> bytes:
    """Return a record. kinds, tables: those that the file doesn't name yet."""
    parts: list[bytes] = [_COUNTS.pack(now_ms, len(kinds), len(tables), len(rows))]
    for kind in kinds:
        parts += (_KIND.pack(kind.number, kind.rows, len(kind.tag_keys), len(kind.fields), len(kind.text)), kind.text)
    for kind, numbers in tables:
        heads = _BETWEEN.join([kind.heads[number] for number in numbers.tolist()])
        parts += (_TABLES.pack(kind.number, numbers.size, len(heads)), numbers.astype("<u4").tobytes(), heads)
    for section in rows:
        parts += (
            _ROWS.pack(section.kind.number, section.numbers.size),
            section.numbers.astype("<u4").tobytes(),
            section.orders.astype("<u4", copy=False).tobytes(),
            section.times.astype("<i8", copy=False).tobytes(),
            section.values.astype("<f8", copy=False).tobytes(),
        )
    payload = b"".join(parts)
    return HEADER.pack(MAGIC, VERSION, len(payload), zlib.crc32(payload)) + payload


@dataclass(frozen=True, slots=True)
class Entry:
    """A whole record."""

    version: int
    payload: memoryview


@dataclass(frozen=True, slots=True)
class Damage:
    """Bytes that are no record. torn: they reach to the end of the file."""

    offset: int
    length: int
    torn: bool


def records(data: bytes | mmap) -> Iterator[Entry | Damage]:
    """Yield what a file holds, in order."""
    view = memoryview(data)
    offset, end = 0, len(data)
    while offset < end:
        entry = _at(view, offset)
        if entry is not None:
            yield entry
            offset += HEADER.size + len(entry.payload)
            continue
        behind = _next(data, view, offset + 1)
        yield Damage(offset, behind - offset, torn=behind == end)
        offset = behind


def _at(view: memoryview, offset: int) -> Entry | None:
    if offset + HEADER.size > len(view):
        return None
    magic, version, length, checksum = HEADER.unpack_from(view, offset)
    begin = offset + HEADER.size
    if magic != MAGIC or version not in (1, VERSION) or begin + length > len(view):
        return None
    payload = view[begin : begin + length]
    return Entry(version, payload) if zlib.crc32(payload) == checksum else None


def _next(data: bytes | mmap, view: memoryview, offset: int) -> int:
    """Return where the next whole record begins, else the end."""
    while (offset := data.find(MAGIC, offset)) >= 0:
        if _at(view, offset) is not None:
            return offset
        offset += 1
    return len(data)


class Replay:
    """Puts the rows of one file into a memtable. unknown: rows of tables that were named in a damaged place."""

    def __init__(self, memtable: Memtable) -> None:
        self._memtable = memtable
        self._kinds: dict[int, Kind] = {}
        self._numbers: dict[int, Numbers] = {}
        self._first: dict[int, tuple[Kind, int]] = {}
        self._waiting: dict[int, list[Section]] = {}
        self._cells = 0
        self._now_ms = 0
        self.unknown = 0

    def take(self, entry: Entry) -> None:
        """Take a record."""
        if entry.version == 1:
            self._take_first(entry.payload)
        else:
            self._take(entry.payload)
        if self._cells >= INSERTED_AT_ONCE:
            self.finish()

    def finish(self) -> None:
        """Have all that was taken in the memtable."""
        for sections in self._waiting.values():
            joined = sections[0]
            if len(sections) > 1:
                joined = Section(
                    joined.kind,
                    np.concatenate([section.numbers for section in sections]),
                    np.concatenate([section.times for section in sections]),
                    np.concatenate([section.orders for section in sections]),
                    np.concatenate([section.values for section in sections]),
                )
            self._memtable.insert(joined, self._now_ms)
        self._waiting.clear()
        self._cells = 0

    def _wait(self, section: Section, now_ms: int) -> None:
        if self._memtable.began_ms is None:
            self._memtable.began_ms = now_ms
        self._now_ms = now_ms
        self._waiting.setdefault(section.kind.number, []).append(section)
        self._cells += section.values.size

    def _take(self, payload: memoryview) -> None:
        now_ms, kinds, tables, sections = _COUNTS.unpack_from(payload)
        position = _COUNTS.size
        for _ in range(kinds):
            number, rows, tag_keys, fields, length = _KIND.unpack_from(payload, position)
            position += _KIND.size
            text = bytes(payload[position : position + length])
            position += length
            self._kinds[number] = self._memtable.registry.kind(text, rows, tag_keys, fields)
        for _ in range(tables):
            number, count, length = _TABLES.unpack_from(payload, position)
            position += _TABLES.size
            numbers = np.frombuffer(payload, "<u4", count, position).astype(np.int64)
            position += 4 * count
            heads = bytes(payload[position : position + length]).split(_BETWEEN)
            position += length
            if number in self._kinds:
                self._name(number, numbers, self._memtable.registry.numbers(self._kinds[number], heads))
        for _ in range(sections):
            position = self._take_rows(payload, position, now_ms)

    def _take_rows(self, payload: memoryview, position: int, now_ms: int) -> int:
        number, count = _ROWS.unpack_from(payload, position)
        kind = self._kinds.get(number)
        if kind is None:
            self.unknown += count
            return len(payload)  # how wide they are nobody knows, so neither where the next ones begin
        position += _ROWS.size
        numbers = np.frombuffer(payload, "<u4", count, position).astype(np.int64)
        orders = np.frombuffer(payload, "<u4", count, position + 4 * count)
        times = np.frombuffer(payload, "<i8", count, position + 8 * count)
        cells = count * kind.width
        values = np.frombuffer(payload, "<f8", cells, position + 16 * count).reshape(count, kind.width)
        known = self._numbers.get(number, np.empty(0, np.int64))
        own = np.full(count, ODD, np.int64)
        within = numbers < known.size
        own[within] = known[numbers[within]]
        there = own >= 0
        if not there.all():
            self.unknown += int(np.count_nonzero(~there))
            own, orders, times, values = own[there], orders[there], times[there], values[there]
        if own.size:
            self._wait(Section(kind, own, times, orders, values), now_ms)
        return int(position) + 16 * int(count) + 8 * int(cells)

    def _name(self, kind: int, numbers: Numbers, own: Numbers) -> None:
        known = self._numbers.get(kind, np.empty(0, np.int64))
        if numbers.size and int(numbers.max()) >= known.size:
            grown = np.full(max(2 * known.size, int(numbers.max()) + 1), ODD, np.int64)
            grown[: known.size] = known
            known = self._numbers[kind] = grown
        known[numbers] = own

    # --- the first version --------------------------------------------------------------------------------------------

    def _take_first(self, payload: memoryview) -> None:
        now_ms, layouts, count, _ = _FIRST_COUNTS.unpack_from(payload)
        position = _FIRST_COUNTS.size
        for _ in range(layouts):
            number, _, _, *lengths = _FIRST_LAYOUT.unpack_from(payload, position)
            begin = position + _FIRST_LAYOUT.size + lengths[0] + lengths[1]
            position = begin + lengths[2]
            text, rows, tag_keys, fields, head = first_form(bytes(payload[begin:position]))
            kind = self._memtable.registry.kind(text, rows, tag_keys, fields)
            self._first[number] = kind, self._memtable.registry.number(kind, head)
        numbers, times = array("I"), array("q")
        numbers.frombytes(payload[position : position + 4 * count])
        position += 4 * count
        times.frombytes(payload[position : position + 8 * count])
        position += 8 * count
        for row, (number, time_ms) in enumerate(zip(numbers, times, strict=True)):
            place = self._first.get(number)
            if place is None:
                self.unknown += count - row
                return
            kind, own = place
            values = np.frombuffer(payload, "<f8", kind.width, position).reshape(1, -1)
            position += 8 * kind.width
            order = np.array([self._memtable.next_order], np.uint32)
            self._memtable.next_order += 1
            self._wait(Section(kind, np.array([own], np.int64), np.array([time_ms], np.int64), order, values), now_ms)
