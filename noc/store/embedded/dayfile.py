"""One SQLite file: the chunks of one day, UTC, with all it takes to read them. Blocking.

block: a device and a measurement. shape: what the columns of chunks are. chunk: generation and part say in which order
chunks were written; of two numbers of the same series and time the later chunk's counts. `first` and `last` are
milliseconds of the day. The rollback journal, not a write-ahead log: a file that is only appended to has little to
journal, and a write-ahead log would write all of it twice.
"""

from __future__ import annotations

import sqlite3
from dataclasses import dataclass
from hashlib import blake2b
from pathlib import Path
from typing import Final

from noc.store._rows import DAY_MS
from noc.store.embedded.codec import encode
from noc.store.embedded.frame import Frame
from noc.store.embedded.memtable import Block

FORMAT: Final = 1
APPLICATION_ID: Final = 0x6E6F6373
"""`nocs`, for file(1)."""

MERGED_PART: Final = 1_000_000
"""Parts of chunks that were merged from others are numbered from here: a log that is replayed can't write over them."""

_SCHEMA: Final = f"""
BEGIN IMMEDIATE;
PRAGMA application_id = {APPLICATION_ID};
PRAGMA user_version = {FORMAT};
CREATE TABLE block (id INTEGER PRIMARY KEY, device TEXT NOT NULL, measurement TEXT NOT NULL,
    UNIQUE (device, measurement));
CREATE TABLE shape (id INTEGER PRIMARY KEY, block INTEGER NOT NULL, digest BLOB NOT NULL, data BLOB NOT NULL,
    UNIQUE (block, digest));
CREATE TABLE chunk (id INTEGER PRIMARY KEY, block INTEGER NOT NULL, generation INTEGER NOT NULL, part INTEGER NOT NULL,
    first INTEGER NOT NULL, last INTEGER NOT NULL, shape INTEGER NOT NULL, data BLOB NOT NULL,
    UNIQUE (block, generation, part));
CREATE TABLE state (key TEXT PRIMARY KEY, value INTEGER NOT NULL);
COMMIT;
"""


class DayFileError(Exception):
    """A file that is there and can't be used as it is: damaged, or of another format. The text says why."""


@dataclass(frozen=True, slots=True)
class Chunk:
    """A chunk as it is stored."""

    number: int
    generation: int
    part: int
    shape: bytes
    data: bytes


class DayFile:
    """An open file. day: since the epoch. Every call may raise sqlite3.Error."""

    def __init__(self, path: Path, day: int, *, create: bool) -> None:
        """Open a file, or make it. Raises DayFileError, sqlite3.Error."""
        self.path = path
        self.day = day
        self._begin_ms = day * DAY_MS
        mode = "rwc" if create else "rw"
        self._sql = sqlite3.connect(
            f"{path.absolute().as_uri()}?mode={mode}", uri=True, isolation_level=None, check_same_thread=False
        )
        try:
            self._prepare()
        except (DayFileError, sqlite3.Error):
            self._sql.close()
            raise

    def _prepare(self) -> None:
        self._sql.execute("PRAGMA busy_timeout = 5000")
        self._sql.execute("PRAGMA journal_mode = TRUNCATE")
        self._sql.execute("PRAGMA synchronous = FULL")
        self._sql.execute("PRAGMA cache_size = -1024")
        (version,) = self._sql.execute("PRAGMA user_version").fetchone()
        if version == 0 and not self._sql.execute("SELECT 1 FROM sqlite_master").fetchone():
            self._sql.executescript(_SCHEMA)
        elif version != FORMAT:
            raise DayFileError(f"has format {version}, this noc knows {FORMAT}")

    def close(self) -> None:
        """Close the file."""
        self._sql.close()

    @property
    def busy(self) -> bool:
        """Return whether something was put that is not committed."""
        return self._sql.in_transaction

    def begin(self) -> None:
        """Begin a transaction."""
        if not self._sql.in_transaction:
            self._sql.execute("BEGIN IMMEDIATE")

    def commit(self) -> None:
        """Have on disk what was put since `begin`."""
        if self._sql.in_transaction:
            self._sql.execute("COMMIT")

    def rollback(self) -> None:
        """Forget what was put since `begin`."""
        if self._sql.in_transaction:
            self._sql.execute("ROLLBACK")

    def put(self, block: Block, generation: int, part: int, frame: Frame) -> int:
        """Write a frame of this day as a chunk, in place of one with the same numbers; return its size."""
        number = self._block(block)
        data = encode(frame.times, frame.matrix, frame.shape.starts)
        first, last = int(frame.times[0]) - self._begin_ms, int(frame.times[-1]) - self._begin_ms
        self._sql.execute(
            "INSERT OR REPLACE INTO chunk (block, generation, part, first, last, shape, data)"
            " VALUES (?, ?, ?, ?, ?, ?, ?)",
            (number, generation, part, first, last, self._shape(number, frame.shape.pack()), data),
        )
        return len(data)

    def _block(self, block: Block) -> int:
        known = self._sql.execute("SELECT id FROM block WHERE device = ? AND measurement = ?", block).fetchone()
        if known is None:
            known = self._sql.execute(
                "INSERT INTO block (device, measurement) VALUES (?, ?) RETURNING id", block
            ).fetchone()
        return int(known[0])

    def _shape(self, block: int, packed: bytes) -> int:
        digest = blake2b(packed, digest_size=16).digest()
        known = self._sql.execute("SELECT id FROM shape WHERE block = ? AND digest = ?", (block, digest)).fetchone()
        if known is None:
            known = self._sql.execute(
                "INSERT INTO shape (block, digest, data) VALUES (?, ?, ?) RETURNING id", (block, digest, packed)
            ).fetchone()
        return int(known[0])

    def chunks(self, block: Block, start: int, stop: int) -> list[Chunk]:
        """Return the chunks of a block that may have something in `[start, stop)`, in the order they were written."""
        rows = self._sql.execute(
            "SELECT chunk.id, generation, part, shape.data, chunk.data FROM block"
            " JOIN chunk ON chunk.block = block.id JOIN shape ON shape.id = chunk.shape"
            " WHERE device = ? AND measurement = ? AND last >= ? AND first < ? ORDER BY generation, part",
            (*block, start - self._begin_ms, stop - self._begin_ms),
        )
        return [Chunk(*row) for row in rows]

    def shapes(self, device: str) -> list[tuple[str, bytes]]:
        """Return measurement and packed shape of all chunks of a device."""
        return self._sql.execute(
            "SELECT measurement, shape.data FROM block JOIN shape ON shape.block = block.id WHERE device = ?", (device,)
        ).fetchall()

    def blocks(self) -> list[Block]:
        """Return all blocks, in the order they were first written."""
        return self._sql.execute("SELECT device, measurement FROM block ORDER BY id").fetchall()

    def last_generation(self) -> int:
        """Return the highest generation that has a chunk here; 0 for none."""
        (number,) = self._sql.execute("SELECT max(generation) FROM chunk").fetchone()
        return int(number or 0)

    def state(self, key: str) -> int:
        """Return a number that was kept; 0 for none."""
        row = self._sql.execute("SELECT value FROM state WHERE key = ?", (key,)).fetchone()
        return int(row[0]) if row else 0

    def keep_state(self, key: str, value: int) -> None:
        """Keep a number."""
        self._sql.execute("INSERT OR REPLACE INTO state (key, value) VALUES (?, ?)", (key, value))
