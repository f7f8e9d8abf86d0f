"""Segment files: where records lie on disk. Blocking file calls; the spool makes them in a thread.

A segment is named by the number of its first record. A process never appends to a segment that an earlier one left:
its end may be torn, and what is sealed is only read and deleted.
"""

from __future__ import annotations

import contextlib
import os
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from noc.spool.record import Damage, Record, encode, scan

SEGMENT_BYTES: Final = 16 * 1024 * 1024
"""A segment that is larger is sealed, and a new one begun."""

_SUFFIX: Final = ".seg"


@dataclass(slots=True)
class Segment:
    """One file. first: number of its first record; bytes: its size."""

    path: Path
    first: int
    bytes: int


class Segments:
    """The segments of one folder, oldest first."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.all: list[Segment] = []
        self._file: int | None = None
        self._unsynced = False

    def open(self) -> int:
        """Find the segments that are there; return the number of the last record, 0 for none. Raises OSError."""
        self.folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        found = [path for path in self.folder.glob(f"*{_SUFFIX}") if path.stem.isdigit()]
        self.all = [Segment(path, int(path.stem), path.stat().st_size) for path in sorted(found)]
        if not self.all:
            return 0
        newest = self.all[-1]
        # It may hold nothing whole; its name is taken all the same, and with it the number that it tells.
        return max((record.seq for record in self.read(newest)), default=newest.first)

    def append(self, records: Sequence[Record]) -> None:
        """Write records and have them on disk (fdatasync) when this returns. Raises OSError; then none is promised."""
        try:
            file = self._current(records[0].seq)
            data = b"".join(encode(record) for record in records)
            _write_all(file, data)
            os.fdatasync(file)
        except OSError:
            # After a failed write or sync nobody knows what the file holds: go on in a new one (never sync this again).
            self.seal()
            self._drop_unpromised(records[0].seq)
            raise
        self.all[-1].bytes += len(data)

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

    def read(self, segment: Segment, after: int = 0) -> Iterator[Record]:
        """Yield the whole records of a segment with numbers above `after`."""
        for entry in self.entries(segment):
            if isinstance(entry, Record) and entry.seq > after:
                yield entry

    def entries(self, segment: Segment) -> Iterator[Record | Damage]:
        """Yield records and damaged places of a segment. Raises OSError."""
        yield from scan(segment.path.read_bytes())

    def delete(self, segment: Segment) -> None:
        """Remove a sealed segment."""
        segment.path.unlink(missing_ok=True)
        self.all.remove(segment)

    def is_current(self, segment: Segment) -> bool:
        """Return whether records are being appended to it."""
        return self._file is not None and segment is self.all[-1]

    def _current(self, first: int) -> int:
        if self._file is not None and self.all[-1].bytes >= SEGMENT_BYTES:
            self.seal()
        if self._file is None:
            path = self.folder / f"{first:020d}{_SUFFIX}"
            self._file = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_APPEND, 0o600)
            self.all.append(Segment(path, first, 0))
            sync_folder(self.folder)
        return self._file


def sync_folder(folder: Path) -> None:
    """Have a folder's entries on disk: a new file survives a power cut only then."""
    handle = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def _write_all(file: int, data: bytes) -> None:
    view = memoryview(data)
    while view:
        view = view[os.write(file, view) :]
