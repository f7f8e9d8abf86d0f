"""The chunk files of a folder: opened when they are asked for, put aside when damaged, deleted when too old. Blocking.

A file holds a day, or a month of roll-ups, UTC (noc/store/embedded/periods.py), and has that period's number.
A damaged file is written no more: it gets another name, and a new one is begun. What can be read of it still is.
"""

from __future__ import annotations

import contextlib
import logging
import re
import sqlite3
from collections import Counter, OrderedDict
from pathlib import Path
from typing import Final

from noc.store.embedded.chunkfile import ChunkFile, ChunkFileError, EmptyFileError
from noc.store.embedded.log import sync_folder
from noc.store.embedded.periods import DAY, Period

log = logging.getLogger(__name__)

OPEN_AT_MOST: Final = 40
"""Files that are held open; a month is read without opening any."""

_NAME: Final = re.compile(r"([-\d]+)\.(db|damaged\d+|db-journal|merging|merging-journal)\Z")
_DAMAGED: Final = (sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB)


class Shelf:
    """The files of one folder. damaged: how many files and chunks were found so since the start."""

    def __init__(self, folder: Path, period: Period = DAY, *, read_only: bool = False) -> None:
        self.folder = folder
        self.period = period
        self._read_only = read_only
        self.damaged = 0
        self._paths: dict[int, Path] = {}
        self._aside: dict[int, list[Path]] = {}
        self._suspect: dict[int, Exception] = {}
        self._versions: Counter[int] = Counter()
        self._open: OrderedDict[Path, ChunkFile] = OrderedDict()
        self._told: set[Path] = set()
        self._bad_chunks: set[tuple[int, int]] = set()

    def open(self) -> None:
        """Find the files; none is opened yet. Raises OSError."""
        self._paths.clear()
        self._aside.clear()
        if self._read_only and not self.folder.exists():
            return
        self.folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        for path in sorted(self.folder.iterdir()):
            match = _NAME.match(path.name)
            number = self._number_of(path)
            if match is None or number is None:
                continue
            if match[2] == "db":
                self._paths[number] = path
            elif match[2].startswith("merging") and not self._read_only:
                path.unlink(missing_ok=True)
            elif match[2].startswith("damaged"):
                self._aside.setdefault(number, []).append(path)

    def close(self) -> None:
        """Close all files."""
        for file in self._open.values():
            file.close()
        self._open.clear()

    def numbers(self, first: int, last: int) -> list[int]:
        """Return the numbers from `first` to `last` that have a file, ascending."""
        return [number for number in self.all() if first <= number <= last]

    def all(self) -> list[int]:
        """Return all numbers that have a file, ascending."""
        return sorted(self._paths.keys() | self._aside.keys())

    def path(self, number: int) -> Path:
        """Return where the file of a number is, or would be."""
        return self.folder / f"{self.period.name(number)}.db"

    def readable(self, number: int) -> list[ChunkFile]:
        """Return the files of a number, oldest first. One that can't be used is left out, with a line in the log."""
        found = []
        for path in (*self._aside.get(number, ()), *([self._paths[number]] if number in self._paths else ())):
            try:
                found.append(self._file(path, number, create=False))
            except EmptyFileError:
                continue  # what will be in it was in the log when that was read
            except (ChunkFileError, sqlite3.Error) as error:
                if self._read_only and not path.exists():
                    continue  # deleted meanwhile, when its time was over
                self.tell(path, f"can't be read, its series are left out: {error}")
        return found

    def current(self, number: int) -> ChunkFile | None:
        """Return the file of a number where it is sound as a whole, as far as is known. Raises sqlite3.Error."""
        if number not in self._paths or number in self._aside or number in self._suspect:
            return None
        try:
            return self._file(self._paths[number], number, create=False)
        except ChunkFileError:
            return None

    def whole(self, number: int) -> ChunkFile | None:
        """Return the file of a number where nothing in it is known to be damaged. Raises sqlite3.Error."""
        is_told = self.path(number) in self._told or any(entry[0] == number for entry in self._bad_chunks)
        return None if is_told else self.current(number)

    def version(self, number: int) -> int:
        """Return a number that changes whenever the file of a number was written, replaced or deleted."""
        return self._versions[number]

    def replace(self, number: int, fresh: Path) -> None:
        """Put another file, closed and whole, in the place of a number's. Raises OSError."""
        self.forget(self.path(number))
        fresh.rename(self.path(number))
        self._versions[number] += 1
        sync_folder(self.folder)

    def writable(self, number: int) -> ChunkFile:
        """Return the file of a number; a damaged one is put aside, a new one begun. Raises sqlite3.Error, OSError."""
        path = self.path(number)
        self._versions[number] += 1
        if number in self._suspect:
            self.put_aside(number, self._suspect[number])
        try:
            file = self._file(path, number, create=True)
        except (ChunkFileError, sqlite3.Error) as error:
            if not is_damage(error):
                raise
            self.put_aside(number, error)
            file = self._file(path, number, create=True)
        self._paths[number] = path
        return file

    def put_aside(self, number: int, why: Exception) -> None:
        """Rename a damaged file. Raises OSError."""
        path = self.path(number)
        self.forget(path)
        others = self._aside.setdefault(number, [])
        aside = path.with_suffix(f".damaged{len(others) + 1}")
        path.rename(aside)
        path.with_name(f"{path.name}-journal").unlink(missing_ok=True)
        others.append(aside)
        self._paths.pop(number, None)
        self._suspect.pop(number, None)
        self.damaged += 1
        log.error("%s: is damaged (%s) and was put aside as %s, a new file is begun", path, why, aside.name)

    def failed_read(self, file: ChunkFile, error: sqlite3.Error) -> None:
        """Log that a file can't be read in part, once; if it is damaged, it is put aside before it is written again."""
        if is_damage(error) and file.path == self.path(file.number):
            self._suspect[file.number] = error
        self.tell(file.path, f"can't be read in part, what is there is left out: {error}")

    def roll_back(self, number: int) -> None:
        """Forget what was put into the file of a number and not committed."""
        path = self.path(number)
        file = self._open.get(path)
        try:
            if file is not None:
                file.rollback()
        except sqlite3.Error:
            self.forget(path)  # SQLite rolls back when the file is opened again

    def forget(self, path: Path) -> None:
        """Close a file."""
        file = self._open.pop(path, None)
        if file is not None:
            file.close()

    def _file(self, path: Path, number: int, *, create: bool) -> ChunkFile:
        file = self._open.get(path)
        if file is None:
            file = ChunkFile(path, number, self.period.begin_ms(number), create=create, read_only=self._read_only)
            self._open[path] = file
            if len(self._open) > OPEN_AT_MOST:
                self._close_one()
        self._open.move_to_end(path)
        return file

    def _close_one(self) -> None:
        for path, file in self._open.items():
            if not file.busy:
                self.forget(path)
                return

    def tell(self, path: Path, what: str) -> None:
        """Log what is wrong with a file, once."""
        if path not in self._told:
            self._told.add(path)
            self.damaged += 1
            log.error("%s: %s", path, what)

    def tell_chunk(self, file: ChunkFile, number: int, what: str) -> None:
        """Log that a chunk is damaged, once a file; count it, once a chunk."""
        if (file.number, number) in self._bad_chunks:
            return
        self._bad_chunks.add((file.number, number))
        if file.path in self._told:
            self.damaged += 1
        self.tell(file.path, f"{what}; left out, and others like it in this file without a further line")

    def expire(self, first_kept: int) -> list[Path]:
        """Delete the files of numbers before `first_kept`, those put aside too; return them. Raises OSError."""
        gone = []
        for path in list(self.folder.iterdir()):
            number = self._number_of(path)
            if number is not None and number < first_kept:
                self.forget(path)
                path.unlink(missing_ok=True)
                self._versions[number] += 1
                self._paths.pop(number, None)
                self._aside.pop(number, None)
                self._suspect.pop(number, None)
                gone.append(path)
        self._bad_chunks = {entry for entry in self._bad_chunks if entry[0] >= first_kept}
        return gone

    def _number_of(self, path: Path) -> int | None:
        match = _NAME.match(path.name)
        return None if match is None else self.period.named(match[1])

    def bytes(self) -> int:
        """Return the size of all files."""
        size = 0
        for path in (*self._paths.values(), *(path for paths in self._aside.values() for path in paths)):
            with contextlib.suppress(FileNotFoundError):
                size += path.stat().st_size
        return size


def is_damage(error: Exception) -> bool:
    """Return whether an error says that the file itself is bad, and not the disk, its room or its permissions."""
    if isinstance(error, ChunkFileError):
        return True
    return isinstance(error, sqlite3.Error) and (getattr(error, "sqlite_errorcode", 0) & 0xFF) in _DAMAGED
