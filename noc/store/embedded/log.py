"""The log: what was written and is not in chunks yet, on disk. Blocking file calls.

A file `<generation>-<part>.log` holds records (noc/store/embedded/logrecord.py). A process never appends to a file that
an earlier one left, whose end may be torn. A damaged place costs its record, and rows of tables that only it named;
files with one are kept under another name.
"""

from __future__ import annotations

import contextlib
import logging
import os
from collections.abc import Sequence
from dataclasses import dataclass
from mmap import ACCESS_READ, mmap
from pathlib import Path
from typing import Final

import numpy as np
import numpy.typing as npt

from noc.crashpoints import armed, reached
from noc.store.embedded.kinds import Kind
from noc.store.embedded.logrecord import Entry, Replay, record, records
from noc.store.embedded.memtable import Memtable, Section
from noc.store.embedded.registry import Numbers, Registry

log = logging.getLogger(__name__)

PART_BYTES: Final = 128 * 1024 * 1024
"""A file that is larger is followed by another: damage costs at most the layouts of one file."""

_SUFFIX: Final = ".log"
_CUT: Final = ".cut"
"""The first log of a generation that is in chunks, while all its logs are being deleted."""

_KEPT: Final = ".kept"
"""A log that is in chunks, and stays for its newest rows: memory has copies of them, after a restart too."""


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
        self._declared: dict[int, npt.NDArray[np.bool_]] = {}
        self._damaged: set[Path] = set()
        self._written_ms: dict[Path, int] = {}

    def open(self) -> list[int]:
        """Find the files that are there; return the generations, ascending. Raises OSError."""
        self.folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        self._parts.clear()
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

    def append(self, generation: int, now_ms: int, sections: Sequence[Section]) -> None:
        """Write rows, and have them on disk (fdatasync) when this returns. Raises OSError; then none is promised."""
        if self._file is None or self._size >= PART_BYTES:
            self.begin(generation)
        kinds = [section.kind for section in sections if section.kind.number not in self._declared]
        tables = [(section.kind, fresh) for section in sections if (fresh := self._fresh(section)).size]
        data = record(now_ms, kinds, tables, sections)
        try:
            self._write(data)
        except OSError:
            self._give_up()
            raise
        self._size += len(data)
        self._written_ms[self._parts[-1].path] = now_ms
        for kind, numbers in tables:
            self._declare(kind, numbers)

    def _fresh(self, section: Section) -> Numbers:
        """Return the tables that this file doesn't name yet."""
        known = self._declared.get(section.kind.number)
        if known is None:
            return np.unique(section.numbers)
        named = np.zeros(section.numbers.size, np.bool_)
        within = section.numbers < known.size
        named[within] = known[section.numbers[within]]
        return np.unique(section.numbers[~named])

    def _declare(self, kind: Kind, numbers: Numbers) -> None:
        known = self._declared.get(kind.number, np.zeros(0, np.bool_))
        most = int(numbers.max()) + 1
        if most > known.size:
            grown = np.zeros(max(most, 2 * known.size), np.bool_)
            grown[: known.size] = known
            known = self._declared[kind.number] = grown
        known[numbers] = True

    def _write(self, data: bytes) -> None:
        if self._file is not None:
            view = memoryview(data)
            if armed("store.log.half-written"):
                view = view[os.write(self._file, view[: len(view) // 2]) :]
                reached("store.log.half-written")
            while view:
                view = view[os.write(self._file, view) :]
            reached("store.log.before-sync")
            os.fdatasync(self._file)
            reached("store.log.synced")

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
            self._damaged |= {part.path} if replay(part.path, memtable) else set()

    def drop(self, generation: int, kept_from_ms: int | None = None) -> None:
        """Delete the files of a generation that is in chunks; those with a damaged place are kept. Raises OSError.

        All or none: from half of its files a generation would be cut anew, over chunks that have all of it.
        kept_from_ms: files that were written since then stay, under another name, until `let_go`.
        """
        marker = self.folder / f"{generation:010d}{_CUT}"
        parts = [part.path for part in self._parts if part.generation == generation]
        if parts and parts[0].exists():
            parts[0].rename(marker)  # a new file might find no room on a full disk
            sync_folder(self.folder)
            reached("store.log.marked")
        for path in parts[1:]:
            self._remove(path, path, kept_from_ms)
            reached("store.log.deleted")
        sync_folder(self.folder)
        self._remove(marker, parts[0] if parts else marker, kept_from_ms)
        self._parts = [part for part in self._parts if part.generation != generation]

    def _remove(self, path: Path, named: Path, kept_from_ms: int | None) -> None:
        """Delete a file; keep it under another name where it was damaged while it was `named`, or is new enough."""
        written_ms = self._written_ms.pop(named, None)
        is_new = kept_from_ms is not None and written_ms is not None and written_ms >= kept_from_ms
        if named in self._damaged and path.exists():
            path.rename(named.with_suffix(".damaged"))
        elif is_new and path.exists():
            path.rename(named.with_suffix(_KEPT))
        else:
            path.unlink(missing_ok=True)

    def kept(self, registry: Registry) -> list[tuple[Memtable, int]]:
        """Return the rows of files that stayed though they are in chunks, and when the first of them was written.

        Damaged ones are deleted: what they hold is in chunks, and half of it would pass for all. Raises OSError.
        """
        found: dict[int, Memtable] = {}
        damaged: set[int] = set()
        for path in sorted(self.folder.glob(f"*-*{_KEPT}")):
            generation = int(path.stem.partition("-")[0])
            if replay(path, found.setdefault(generation, Memtable(generation, registry)), told=False):
                damaged.add(generation)
        for generation in damaged:
            self.let_go(generation)
        return [
            (memtable, memtable.began_ms)
            for generation, memtable in found.items()
            if generation not in damaged and memtable.began_ms is not None
        ]

    def let_go(self, generation: int) -> None:
        """Delete what stayed of a generation. Raises OSError."""
        for path in self.folder.glob(f"{generation:010d}-*{_KEPT}"):
            path.unlink(missing_ok=True)

    def bytes(self) -> int:
        """Return the size of all files."""
        return sum(path.stat().st_size for path in self.folder.iterdir())


def sync_folder(folder: Path) -> None:
    """Have a folder's entries on disk: a new or renamed file survives a power cut only then."""
    handle = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def snapshot(folder: Path, registry: Registry) -> list[Memtable]:
    """Return the rows of all logs, oldest generation first, while another process may write them. Raises OSError.

    A log that goes in the meantime is in chunks: so whoever looks at the files afterwards misses nothing.
    """
    generations: dict[int, Memtable] = {}
    for path in sorted(folder.glob(f"*-*{_SUFFIX}")):
        generation = path.stem.partition("-")[0]
        if generation.isdigit() and not (folder / f"{generation}{_CUT}").exists():
            memtable = generations.setdefault(int(generation), Memtable(int(generation), registry))
            with contextlib.suppress(FileNotFoundError):
                replay(path, memtable, told=False)
    return list(generations.values())


def replay(path: Path, memtable: Memtable, *, told: bool = True) -> bool:
    """Put the rows of a file into a memtable; return whether a place in it was damaged. Raises OSError.

    told: whether the log says what was wrong; false beside the process that writes it, and may cut it short.
    """
    rows = Replay(memtable)
    damaged = False
    for entry in records(_mapped(path) if told else path.read_bytes()):
        if isinstance(entry, Entry):
            rows.take(entry)
            continue
        damaged |= not entry.torn
        if told and entry.torn:
            log.warning("%s: ends in %d bytes of an unfinished write", path, entry.length)
        elif told:
            log.error("%s: %d bytes at %d are damaged and left out", path, entry.length, entry.offset)
    rows.finish()
    if rows.unknown and told:
        log.error("%s: %d rows are lost, what they mean was in a damaged place", path, rows.unknown)
    return damaged


def _mapped(path: Path) -> bytes | mmap:
    """Return what a file holds, without a copy. It is let go with the last view of it."""
    with path.open("rb") as file:
        return mmap(file.fileno(), 0, access=ACCESS_READ) if path.stat().st_size else b""
