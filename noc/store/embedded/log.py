"""The log: what was written and is not in chunks yet, on disk. Blocking file calls.

A file `<generation>-<part>.log` holds records: magic with version, length, CRC-32, payload. The payload names the
layouts that no earlier record of the file named, then rows: number of the table, time, numbers. A process never appends
to a file that an earlier one left, whose end may be torn. A damaged place costs its record, and rows of layouts that
only it named; files with one are kept under another name.
"""

from __future__ import annotations

import contextlib
import logging
import os
import struct
import zlib
from array import array
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from noc.store.embedded.memtable import Memtable, Table

log = logging.getLogger(__name__)

MAGIC: Final = b"\xf5ts\x01"  # 0xf5 occurs in no UTF-8 text; the last byte is the version
PART_BYTES: Final = 64 * 1024 * 1024
"""A file that is larger is followed by another: damage costs at most the layouts of one file."""

_SUFFIX: Final = ".log"
_CUT: Final = ".cut"
"""The first log of a generation that is in chunks, while all its logs are being deleted."""

_HEADER: Final = struct.Struct("<4sII")
_COUNTS: Final = struct.Struct("<qIIQ")
_LAYOUT: Final = struct.Struct("<I16sIIII")


@dataclass(frozen=True, slots=True)
class Rows:
    """Rows for a record. values: the numbers of all rows, one behind the other."""

    tables: Sequence[Table]
    times: array[int]
    values: array[float]


@dataclass(frozen=True, slots=True)
class _Part:
    path: Path
    generation: int


class Log:
    """The files of one folder."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._parts: list[_Part] = []
        self._next_part = 0
        self._file: int | None = None
        self._size = 0
        self._declared: set[int] = set()
        self._damaged: set[Path] = set()

    def open(self) -> list[int]:
        """Find the files that are there; return the generations, ascending. Raises OSError."""
        self.folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        for path in sorted(self.folder.glob(f"*-*{_SUFFIX}")):
            generation, _, part = path.stem.partition("-")
            if generation.isdigit() and part.isdigit():
                self._parts.append(_Part(path, int(generation)))
                self._next_part = max(self._next_part, int(part) + 1)
        for marker in self.folder.glob(f"*{_CUT}"):
            self.drop(int(marker.stem))
        return sorted({part.generation for part in self._parts})

    def begin(self, generation: int) -> None:
        """Begin a file for a generation, and have it on disk, empty. Raises OSError."""
        self.seal()
        path = self.folder / f"{generation:010d}-{self._next_part:010d}{_SUFFIX}"
        self._file = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_APPEND, 0o600)
        self._next_part += 1
        self._size = 0
        self._declared.clear()
        self._parts.append(_Part(path, generation))
        sync_folder(self.folder)

    def seal(self) -> None:
        """End the current file; the next `append` begins another."""
        if self._file is not None:
            os.close(self._file)
            self._file = None

    def append(self, generation: int, now_ms: int, rows: Rows) -> None:
        """Write rows, and have them on disk (fdatasync) when this returns. Raises OSError; then none is promised."""
        if self._file is None or self._size >= PART_BYTES:
            self.begin(generation)
        fresh = {table.number: table for table in rows.tables if table.number not in self._declared}
        data = _record(now_ms, fresh, rows)
        try:
            self._write(data)
        except OSError:
            self._give_up()
            raise
        self._size += len(data)
        self._declared |= fresh.keys()

    def _write(self, data: bytes) -> None:
        if self._file is not None:
            view = memoryview(data)
            while view:
                view = view[os.write(self._file, view) :]
            os.fdatasync(self._file)

    def _give_up(self) -> None:
        """After a failed write or sync nobody knows what the file holds: go on in a new one, never sync this again."""
        if self._file is not None:
            with contextlib.suppress(OSError):
                os.ftruncate(self._file, self._size)
        self.seal()
        if not self._size:
            with contextlib.suppress(OSError):
                self._parts.pop().path.unlink()

    def replay(self, memtable: Memtable) -> None:
        """Put all rows of a generation into its memtable, in the order they were written. Raises OSError."""
        for part in [part for part in self._parts if part.generation == memtable.generation]:
            tables: dict[int, Table] = {}
            unknown = 0
            for payload in self._records(part.path):
                unknown += _take(payload, tables, memtable)
            if unknown:
                log.error("%s: %d rows are lost, what they mean was in a damaged place", part.path, unknown)

    def _records(self, path: Path) -> Iterator[memoryview]:
        data = memoryview(path.read_bytes())
        offset, end = 0, len(data)
        while offset < end:
            payload = _at(data, offset)
            if payload is not None:
                yield payload
                offset += _HEADER.size + len(payload)
                continue
            behind = _next_record(data, offset + 1)
            if behind == end:
                log.warning("%s: ends in %d bytes of an unfinished write", path, end - offset)
            else:
                self._damaged.add(path)
                log.error("%s: %d bytes at %d are damaged and left out", path, behind - offset, offset)
            offset = behind

    def drop(self, generation: int) -> None:
        """Delete the files of a generation that is in chunks; those with a damaged place are kept. Raises OSError.

        All or none: from half of its files a generation would be cut anew, over chunks that have all of it.
        """
        marker = self.folder / f"{generation:010d}{_CUT}"
        parts = [part.path for part in self._parts if part.generation == generation]
        if parts and parts[0].exists():
            parts[0].rename(marker)  # a new file might find no room on a full disk
            sync_folder(self.folder)
        for path in parts[1:]:
            self._remove(path, path)
        sync_folder(self.folder)
        self._remove(marker, parts[0] if parts else marker)
        self._parts = [part for part in self._parts if part.generation != generation]

    def _remove(self, path: Path, named: Path) -> None:
        """Delete a file; keep it under another name where it was damaged while it was `named`."""
        if named in self._damaged and path.exists():
            path.rename(named.with_suffix(".damaged"))
        else:
            path.unlink(missing_ok=True)

    def bytes(self) -> int:
        """Return the size of all files."""
        return sum(part.path.stat().st_size for part in self._parts)


def sync_folder(folder: Path) -> None:
    """Have a folder's entries on disk: a new or renamed file survives a power cut only then."""
    handle = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def _record(now_ms: int, fresh: dict[int, Table], rows: Rows) -> bytes:
    parts = [_COUNTS.pack(now_ms, len(fresh), len(rows.tables), len(rows.values))]
    for number, table in fresh.items():
        device, measurement = (text.encode() for text in table.block)
        head = _LAYOUT.pack(number, table.key, table.width, len(device), len(measurement), len(table.packed))
        parts += (head, device, measurement, table.packed)
    parts += (
        array("I", [table.number for table in rows.tables]).tobytes(),
        rows.times.tobytes(),
        rows.values.tobytes(),
    )
    payload = b"".join(parts)
    return _HEADER.pack(MAGIC, len(payload), zlib.crc32(payload)) + payload


def _at(data: memoryview, offset: int) -> memoryview | None:
    if offset + _HEADER.size > len(data):
        return None
    magic, length, checksum = _HEADER.unpack_from(data, offset)
    begin = offset + _HEADER.size
    if magic != MAGIC or begin + length > len(data):
        return None
    payload = data[begin : begin + length]
    return payload if zlib.crc32(payload) == checksum else None


def _next_record(data: memoryview, offset: int) -> int:
    """Return where the next whole record begins, else the end."""
    text = data.obj
    while isinstance(text, bytes) and (offset := text.find(MAGIC, offset)) >= 0:
        if _at(data, offset) is not None:
            return offset
        offset += 1
    return len(data)


def _take(payload: memoryview, tables: dict[int, Table], memtable: Memtable) -> int:
    """Put the rows of a record into a memtable; return how many are of tables that nobody named."""
    now_ms: int
    count: int
    now_ms, layouts, count, _ = _COUNTS.unpack_from(payload)
    position = _COUNTS.size
    for _ in range(layouts):
        number, key, width, *lengths = _LAYOUT.unpack_from(payload, position)
        position += _LAYOUT.size
        texts = []
        for length in lengths:
            texts.append(bytes(payload[position : position + length]))
            position += length
        block = texts[0].decode(), texts[1].decode()
        tables[number] = memtable.tables.get(key) or memtable.table(key, block, width, texts[2])
    numbers, times = array("I"), array("q")
    numbers.frombytes(payload[position : position + 4 * count])
    position += 4 * count
    times.frombytes(payload[position : position + 8 * count])
    position += 8 * count
    for row, (number, time_ms) in enumerate(zip(numbers, times, strict=True)):
        table = tables.get(number)
        if table is None:
            return count - row  # how wide it is nobody knows, so neither where the next one begins
        memtable.add(table, time_ms, payload[position : position + 8 * table.width], now_ms)
        position += 8 * table.width
    return 0
