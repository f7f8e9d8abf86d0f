"""Segment files: where records lie on disk, and an index of them in memory. Blocking; one call at a time.

A segment is named by the number of its first record. A process never appends to a segment that an earlier one left:
its end may be torn, and what is sealed is only read and deleted.
"""

from __future__ import annotations

import contextlib
import errno
import logging
import os
from array import array
from bisect import bisect_left
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final, NamedTuple

from noc import crashpoints
from noc.spool import quarantine
from noc.spool.cursor import sync_folder
from noc.spool.payload import PEEK_BYTES, values_in, values_of
from noc.spool.record import HEADER_BYTES, Damage, Record, decode, encode, head, scan

log = logging.getLogger(__name__)

SEGMENT_BYTES: Final = 16 * 1024 * 1024
"""A segment that is larger is sealed, and a new one begun."""

_SUFFIX: Final = ".seg"
_HALF: Final = "spool.append.half-written"


class Entry(NamedTuple):
    """Where a record is: offset of its head, length of its payload, values in it."""

    seq: int
    time_ms: int
    offset: int
    length: int
    values: int


@dataclass(slots=True)
class Segment:
    """One file. first: the number in its name; bytes: its size. The records of its index are in order of their numbers.

    settled_s: since when, on the monotonic clock, all consumers have all of it; None: they don't.
    """

    path: Path
    first: int
    bytes: int = 0
    settled_s: float | None = None
    _columns: tuple[array[int], ...] = field(default_factory=lambda: tuple(array("q") for _ in Entry._fields))

    def __len__(self) -> int:
        return len(self._columns[0])

    @property
    def seqs(self) -> Sequence[int]:
        """Return the numbers of its records, ascending."""
        return self._columns[0]

    def entry(self, at: int) -> Entry:
        """Return a record's place by its position, from 0."""
        return Entry(*(column[at] for column in self._columns))

    def entries(self) -> Iterator[Entry]:
        """Yield the places of all records."""
        return map(Entry, *self._columns)

    def add(self, entry: Entry) -> None:
        """Append a place."""
        for column, value in zip(self._columns, entry, strict=True):
            column.append(value)

    def cut(self, seq: int) -> None:
        """Forget records of this number and above: they were written anew to the next segment."""
        at = bisect_left(self.seqs, seq)
        for column in self._columns:
            del column[at:]


class Segments:
    """The segments of one folder, oldest first. damages: places that were found damaged when it was opened."""

    def __init__(self, folder: Path, segment_bytes: int = SEGMENT_BYTES) -> None:
        self.folder = folder
        self.all: list[Segment] = []
        self.damages: list[tuple[Path, Damage]] = []
        self._segment_bytes = segment_bytes
        self._file: int | None = None

    @property
    def size(self) -> int:
        """Return what all files take together."""
        return sum(segment.bytes for segment in self.all)

    def open(self) -> None:
        """Find the segments that are there, and index them. Raises OSError where the folder can't be used.

        A file that the disk doesn't give back is told and left alone.
        """
        self.folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        self.all = []
        for path in sorted(filter(_is_segment, self.folder.glob(f"*{_SUFFIX}"))):
            segment = Segment(path, int(path.stem))
            try:
                segment.bytes = path.stat().st_size
                self._index(segment)
            except OSError as error:
                if error.errno != errno.EIO:
                    raise
                log.error("%s: the disk doesn't give it back, it is left alone: %s", path, error.strerror)
                continue
            if self.all:
                self.all[-1].cut(segment.first)
            self.all.append(segment)
        while self.all and not len(self.all[-1]):
            # The end of the last process, before its first record was whole: it promised nothing, and its name is free.
            self.delete(self.all[-1])

    def last(self) -> int:
        """Return the highest number of a record; 0 for none."""
        return max((segment.seqs[-1] for segment in self.all if len(segment)), default=0)

    def append(self, records: Sequence[Record], values: Sequence[int]) -> None:
        """Write records and have them on disk (fdatasync) when this returns. Raises OSError; then none is promised.

        values: in each record.
        """
        try:
            file = self._current(records[0].seq)
            encoded = [encode(record) for record in records]
            _write_all(file, b"".join(encoded))
            crashpoints.reached("spool.append.before-sync")
            os.fdatasync(file)
        except OSError:
            # After a failed write or sync nobody knows what the file holds: go on in a new one (never sync this again).
            self._cut_unpromised()
            self.seal()
            self._drop_unpromised(records[0].seq)
            raise
        crashpoints.reached("spool.append.synced")
        segment = self.all[-1]
        for record, data, number in zip(records, encoded, values, strict=True):
            segment.add(Entry(record.seq, record.time_ms, segment.bytes, len(record.payload), number))
            segment.bytes += len(data)

    def _cut_unpromised(self) -> None:
        """Give the room back that a group takes which is not promised; on a full disk it is needed."""
        if self._file is not None:
            with contextlib.suppress(OSError):
                os.ftruncate(self._file, self.all[-1].bytes)

    def _drop_unpromised(self, first: int) -> None:
        """Remove a segment begun for this record; it promises nothing, and the next try needs its name."""
        if self.all and self.all[-1].first == first:
            with contextlib.suppress(OSError):
                self.delete(self.all[-1])

    def seal(self) -> None:
        """End the current segment; the next append begins a new one."""
        if self._file is not None:
            os.close(self._file)
            self._file = None
            with contextlib.suppress(OSError):  # what was not promised takes room as well
                self.all[-1].bytes = self.all[-1].path.stat().st_size

    def read(self, segment: Segment, entry: Entry) -> Record | None:
        """Return a record; None where it is damaged by now. Raises OSError."""
        with segment.path.open("rb", buffering=0) as file:
            data = os.pread(file.fileno(), HEADER_BYTES + entry.length, entry.offset)
        record = decode(data)
        if record is not None and record.seq == entry.seq:
            return record
        damage = Damage(entry.offset, HEADER_BYTES + entry.length, torn=False)
        log.warning("%s: %d bytes at %d are damaged", segment.path, damage.length, damage.offset)
        quarantine.keep(self.folder, segment.path, damage, data)
        return None

    def delete(self, segment: Segment) -> None:
        """Remove a sealed segment. Raises OSError."""
        crashpoints.reached("spool.segment.before-delete")
        segment.path.unlink(missing_ok=True)
        self.all.remove(segment)
        crashpoints.reached("spool.segment.deleted")

    def is_current(self, segment: Segment) -> bool:
        """Return whether records are being appended to it."""
        return self._file is not None and segment is self.all[-1]

    def _current(self, first: int) -> int:
        if self._file is not None and self.all[-1].bytes >= self._segment_bytes:
            self.seal()
        if self._file is None:
            path = self.folder / f"{first:020d}{_SUFFIX}"
            self._file = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_APPEND | os.O_CLOEXEC, 0o600)
            self.all.append(Segment(path, first))
            crashpoints.reached("spool.segment.made")
            sync_folder(self.folder)
        return self._file

    def _index(self, segment: Segment) -> None:
        """Index a segment by the heads of its records; where these don't follow one another, by all of its bytes."""
        if _walk(segment):
            return
        segment.cut(0)
        data = segment.path.read_bytes()
        offset = 0
        for found in scan(data):
            if isinstance(found, Damage):
                offset = found.offset + found.length
                self.damages.append((segment.path, found))
                copied = quarantine.keep(self.folder, segment.path, found, data[found.offset : offset])
                if found.torn and copied:
                    _cut_off(segment, found.offset)
                continue
            # Numbers ascend; a record that repeats one was written anew behind a failed sync.
            if not len(segment) or found.seq > segment.seqs[-1]:
                length = len(found.payload)
                segment.add(Entry(found.seq, found.time_ms, offset, length, values_of(found.payload)))
            offset += HEADER_BYTES + len(found.payload)


def _is_segment(path: Path) -> bool:
    return path.stem.isdigit() and path.is_file()


def _cut_off(segment: Segment, length: int) -> None:
    """Cut a torn end off, as every crash may leave one: it was not promised, or its number tells that it is lost."""
    with contextlib.suppress(OSError):
        os.truncate(segment.path, length)
        segment.bytes = length


def _walk(segment: Segment) -> bool:
    """Index by heads alone; False where anything is not as it was written."""
    offset = 0
    with segment.path.open("rb", buffering=0) as file:
        while offset < segment.bytes:
            beginning = os.pread(file.fileno(), HEADER_BYTES + PEEK_BYTES, offset)
            found = head(beginning)
            if found is None or offset + HEADER_BYTES + found.length > segment.bytes:
                return False
            if found.seq != (segment.seqs[-1] + 1 if len(segment) else segment.first):
                return False
            values = values_in(beginning[HEADER_BYTES:])
            if values is None:
                values = values_of(os.pread(file.fileno(), found.length, offset + HEADER_BYTES))
            segment.add(Entry(found.seq, found.time_ms, offset, found.length, values))
            offset += HEADER_BYTES + found.length
    return True


def _write_all(file: int, data: bytes) -> None:
    view = memoryview(data)
    if crashpoints.armed(_HALF):
        os.write(file, view[: len(view) // 2])
        crashpoints.reached(_HALF)
        view = view[len(view) // 2 :]
    while view:
        view = view[os.write(file, view) :]
