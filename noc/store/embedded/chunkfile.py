"""One SQLite file: the chunks of one day (or month), UTC, with all it takes to read them. Blocking.

block: a device and a measurement, with site and class of the device. shape: what the columns of chunks are: the text
of a table's tags, and the pattern that it is read with, which many devices share; or, without one, as JSON. chunk:
generation and part say in which order chunks were written; of two numbers of the same series and time the later chunk's
counts. `first` and `last` are milliseconds since the file's beginning. The rollback journal, not a write-ahead log: a
file that is only appended to has little to journal, and a write-ahead log would write all of it twice. The tables, and
those of older formats: noc/store/embedded/chunktables.py.
"""

from __future__ import annotations

import sqlite3
import zlib
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from hashlib import blake2b
from pathlib import Path
from typing import Final

from noc.store.embedded.chunktables import FORMAT, PAGE_BYTES, READABLE, SCHEMA, Columns
from noc.store.embedded.codec import encode
from noc.store.embedded.frame import Frame, Shape
from noc.store.embedded.kinds import Block, shape_of
from noc.store.embedded.summaries import Summaries

MERGED_PART: Final = 1_000_000
"""Parts of chunks that were merged from others are numbered from here: a log that is replayed can't write over them."""

FOREVER_MS: Final = 10**15
SHAPES_AT_HAND: Final = 32
"""Of a few devices; one with 48 interfaces takes half a megabyte."""

_SEALED_BYTES: Final = 5
"""Of a chunk: its version and its own checksum."""


class ChunkFileError(Exception):
    """A file that is there and can't be used as it is: damaged, or of another format. The text says why."""


class EmptyFileError(ChunkFileError):
    """A file that another process has only just begun: nothing is in it yet."""


@dataclass(frozen=True, slots=True)
class PackedShape:
    """Text of a shape, the pattern it is read with (None: it is JSON, compressed), and a digest of both."""

    data: bytes
    pattern: bytes | None
    digest: bytes

    @staticmethod
    def of(data: bytes, pattern: bytes | None) -> PackedShape:
        """Return a shape to be stored."""
        return PackedShape(data, pattern, _digest(data, pattern))

    def unpack(self) -> Shape:
        """Return the shape. Raises ValueError for bytes that are none, or not those that were stored."""
        return _unpacked(self)


@lru_cache(SHAPES_AT_HAND)
def _unpacked(packed: PackedShape) -> Shape:
    """Return the shape; that of a switch takes milliseconds, and a page asks for it a dozen times."""
    if packed.pattern is None:
        return Shape.unpack(packed.data)
    if _digest(packed.data, packed.pattern) != packed.digest:
        raise ValueError("no shape of a chunk: its checksum is wrong")
    return shape_of(packed.pattern, packed.data)


def _digest(data: bytes, pattern: bytes | None) -> bytes:
    return blake2b((pattern or b"") + b"\x00" + data, digest_size=16).digest()


@dataclass(frozen=True, slots=True)
class Chunk:
    """A chunk as it is stored. is_sealed: whether all that stands beside its data is as it was written."""

    number: int
    generation: int
    part: int
    shape: PackedShape
    data: bytes
    is_sealed: bool = True


@dataclass(frozen=True, slots=True)
class Owner:
    """Whose a block is. site, device_class: empty for none."""

    block: Block
    site: str = ""
    device_class: str = ""


@dataclass(frozen=True, slots=True)
class Written:
    """A chunk to be stored. owner: asked where the block is new. times_ms: the first and the last."""

    block: Block
    owner: Callable[[], Owner]
    shape: PackedShape
    times_ms: tuple[int, int]
    data: bytes


class _Connection(sqlite3.Connection):
    """Tells of a damaged schema as of any other damage: SQLite quotes its bytes, which Python can't decode."""

    def execute(self, sql: str, parameters: Sequence[object] = (), /) -> sqlite3.Cursor:  # type: ignore[override]
        """Raise sqlite3.Error, and no UnicodeDecodeError."""
        try:
            return super().execute(sql, parameters)
        except UnicodeDecodeError as error:
            damage = sqlite3.DatabaseError(f"malformed database schema: {error}")
            damage.sqlite_errorcode = sqlite3.SQLITE_CORRUPT
            raise damage from error


def _seal(block: Block, digest: bytes, numbers: tuple[int, int, int, int], data: bytes) -> int:
    """Return a checksum of whose a chunk is, of its columns and its place: of bits that its own checksum doesn't see.

    numbers: generation, part, first, last.
    """
    text = "\x00".join((*block, *map(str, numbers))).encode("utf-8", "surrogatepass")
    return zlib.crc32(data[:_SEALED_BYTES], zlib.crc32(digest, zlib.crc32(text)))


class ChunkFile:
    """An open file. number: of its day or month. format: of the file as it is. Every call may raise sqlite3.Error."""

    def __init__(self, path: Path, number: int, begin_ms: int, *, create: bool, read_only: bool = False) -> None:
        """Open a file, or make it. read_only: for a process beside the daemon. Raises ChunkFileError, sqlite3.Error."""
        self.path = path
        self.number = number
        self.begin_ms = begin_ms
        self.format = FORMAT
        self._has = Columns()
        self._patterns: dict[bytes, int] = {}
        mode = "rwc" if create else "rw"
        self._sql = sqlite3.connect(
            f"{path.absolute().as_uri()}?mode={mode}",
            uri=True,
            isolation_level=None,
            check_same_thread=False,
            factory=_Connection,
        )
        try:
            self._sql.execute("PRAGMA busy_timeout = 5000")
            if read_only:
                self._sql.execute("PRAGMA query_only = ON")  # of a writer that was killed SQLite may still roll back
            else:
                self._prepare()
            self.format = self._known_format()
            if self.format < FORMAT:
                self._has = Columns.of(self._sql)
            self.summaries = Summaries(self._sql)
        except (ChunkFileError, sqlite3.Error):
            self._sql.close()
            raise

    def _prepare(self) -> None:
        self._sql.execute(f"PRAGMA page_size = {PAGE_BYTES}")  # of no effect on a file that is there
        self._sql.execute("PRAGMA journal_mode = TRUNCATE")
        self._sql.execute("PRAGMA synchronous = FULL")
        self._sql.execute("PRAGMA cache_size = -1024")
        if self._is_empty:
            self._sql.executescript(SCHEMA)

    def _known_format(self) -> int:
        version = 0
        for _ in range(2):  # it may have been made between two looks
            (version,) = self._sql.execute("PRAGMA user_version").fetchone()
            if version in READABLE:
                return int(version)
            if self._is_empty:
                raise EmptyFileError("has nothing in it yet")
        raise ChunkFileError(f"has format {version}, this noc knows {READABLE[0]} to {FORMAT}")

    @property
    def _is_empty(self) -> bool:
        (version,) = self._sql.execute("PRAGMA user_version").fetchone()
        return version == 0 and not self._sql.execute("SELECT 1 FROM sqlite_master").fetchone()

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
        self._patterns.clear()
        if self._sql.in_transaction:
            self._sql.execute("ROLLBACK")

    def put(self, owner: Owner, generation: int, part: int, frame: Frame) -> int:
        """Write a frame of this file's time as a chunk, in place of one with the same numbers; return its size."""
        data = encode(frame.times, frame.matrix, frame.shape.starts)
        shape = PackedShape.of(frame.shape.pack(), None)
        times_ms = int(frame.times[0]), int(frame.times[-1])
        self.put_all(generation, part, [Written(owner.block, lambda: owner, shape, times_ms, data)])
        return len(data)

    def put_all(self, generation: int, part: int, chunks: Iterable[Written]) -> None:
        """Write chunks of as many blocks, in place of those with the same numbers."""
        begin = self.begin_ms
        rows = []
        for chunk in chunks:
            block, shape = self._numbers(chunk)
            first, last = chunk.times_ms
            place = generation, part, first - begin, last - begin
            row = (block, *place, shape, chunk.data)
            sealed = self._has.seals
            rows.append((*row, _seal(chunk.block, chunk.shape.digest, place, chunk.data)) if sealed else row)
        columns = "block, generation, part, first, last, shape, data"
        if self._has.seals:
            columns = f"{columns}, seal"
        marks = ", ".join("?" * (columns.count(",") + 1))
        self._sql.executemany(f"INSERT OR REPLACE INTO chunk ({columns}) VALUES ({marks})", rows)  # noqa: S608

    def _numbers(self, chunk: Written) -> tuple[int, int]:
        """Return the ids of a chunk's block and shape; makes those that are new."""
        known = self._sql.execute(
            "SELECT block.id, shape.id FROM block LEFT JOIN shape ON shape.block = block.id AND digest = ?"
            " WHERE device = ? AND measurement = ?",
            (chunk.shape.digest, *chunk.block),
        ).fetchone()
        block, shape = known or (None, None)
        if block is None:
            block = self._add_block(chunk.owner())
        if shape is None:
            shape = self._add_shape(block, chunk.shape)
        return block, shape

    def _add_shape(self, block: int, shape: PackedShape) -> int:
        if not self._has.patterns:
            insert = "INSERT INTO shape (block, digest, data) VALUES (?, ?, ?) RETURNING id"
            (found,) = self._sql.execute(insert, (block, shape.digest, shape.unpack().pack())).fetchone()
            return int(found)
        pattern = None if shape.pattern is None else self._pattern(shape.pattern)
        (found,) = self._sql.execute(
            "INSERT INTO shape (block, digest, data, pattern) VALUES (?, ?, ?, ?) RETURNING id",
            (block, shape.digest, shape.data, pattern),
        ).fetchone()
        return int(found)

    def _pattern(self, pattern: bytes) -> int:
        found = self._patterns.get(pattern)
        if found is None:
            self._sql.execute("INSERT OR IGNORE INTO pattern (data) VALUES (?)", (pattern,))
            (found,) = self._sql.execute("SELECT id FROM pattern WHERE data = ?", (pattern,)).fetchone()
            self._patterns[pattern] = found
        return int(found)

    def _add_block(self, owner: Owner) -> int:
        if not self._has.places:
            insert, values = "INSERT INTO block (device, measurement) VALUES (?, ?)", owner.block
            (number,) = self._sql.execute(f"{insert} RETURNING id", values).fetchone()
        else:
            (number,) = self._sql.execute(
                "INSERT INTO block (device, measurement, site, class) VALUES (?, ?, ?, ?) RETURNING id",
                (*owner.block, owner.site, owner.device_class),
            ).fetchone()
        return int(number)

    def chunks(self, block: Block, start: int, stop: int) -> list[Chunk]:
        """Return the chunks of a block that may have something in `[start, stop)`, in the order they were written."""
        rows = self._sql.execute(
            f"SELECT chunk.id, generation, part, first, last, shape.data, {self._pattern_data}, digest,"  # noqa: S608
            f" {'seal' if self._has.seals else 'NULL'}, chunk.data FROM block"
            f" JOIN chunk ON chunk.block = block.id JOIN shape ON shape.id = chunk.shape {self._with_pattern}"
            " WHERE device = ? AND measurement = ? AND last >= ? AND first < ? ORDER BY generation, part",
            (*block, start - self.begin_ms, stop - self.begin_ms),
        )
        return [self._chunk(block, *row) for row in rows]

    def _chunk(
        self,
        block: Block,
        number: int,
        generation: int,
        part: int,
        first: int,
        last: int,
        text: bytes,
        pattern: bytes | None,
        digest: bytes,
        seal: int | None,
        data: bytes,
    ) -> Chunk:
        is_sealed = seal is None or seal == _seal(block, digest, (generation, part, first, last), data)
        return Chunk(number, generation, part, PackedShape(text, pattern, digest), data, is_sealed)

    @property
    def _pattern_data(self) -> str:
        return "pattern.data" if self._has.patterns else "NULL"

    @property
    def _with_pattern(self) -> str:
        return "LEFT JOIN pattern ON pattern.id = shape.pattern" if self._has.patterns else ""

    def chunks_of(self, block: Block) -> list[Chunk]:
        """Return all chunks of a block, in the order they were written."""
        return self.chunks(block, self.begin_ms - FOREVER_MS, self.begin_ms + FOREVER_MS)

    def shapes(self, device: str) -> list[tuple[str, PackedShape]]:
        """Return measurement and packed shape of all chunks of a device."""
        rows = self._sql.execute(
            f"SELECT measurement, shape.data, {self._pattern_data}, digest FROM block"  # noqa: S608 fixed texts
            f" JOIN shape ON shape.block = block.id {self._with_pattern} WHERE device = ?",
            (device,),
        )
        return [(measurement, PackedShape(*packed)) for measurement, *packed in rows]

    def blocks(self) -> list[Block]:
        """Return all blocks, in the order they were first written."""
        return self._sql.execute("SELECT device, measurement FROM block ORDER BY id").fetchall()

    def owners(self) -> list[Owner]:
        """Return all blocks with site and class, in the order they were first written."""
        columns = "device, measurement, site, class" if self._has.places else "device, measurement, '', ''"
        rows = self._sql.execute(f"SELECT {columns} FROM block ORDER BY id")  # noqa: S608 fixed texts
        return [Owner((device, measurement), site, of_class) for device, measurement, site, of_class in rows]

    def devices_of_site(self, site: str) -> set[str] | None:
        """Return the devices of a site that have chunks; None where the file can't tell."""
        if not self._has.places:
            return None
        rows = self._sql.execute("SELECT DISTINCT device FROM block WHERE site = ?", (site,))
        return {device for (device,) in rows}

    def class_of(self, device: str) -> str | None:
        """Return the class of a device; None where the file doesn't have it."""
        if not self._has.places:
            return None
        row = self._sql.execute("SELECT class FROM block WHERE device = ? LIMIT 1", (device,)).fetchone()
        return None if row is None else str(row[0])

    def classes(self) -> set[str]:
        """Return the classes of the devices that have chunks."""
        if not self._has.places:
            return {""}
        return {of_class for (of_class,) in self._sql.execute("SELECT DISTINCT class FROM block")}

    def sizes(self) -> list[tuple[str, str, int, int]]:
        """Return device, class, number of chunks and bytes in them, device by device."""
        of_class = "class" if self._has.places else "''"
        return self._sql.execute(
            f"SELECT device, {of_class}, count(*), sum(length(data)) FROM block"  # noqa: S608 fixed texts
            " JOIN chunk ON chunk.block = block.id GROUP BY device"
        ).fetchall()

    def last_generation(self) -> int:
        """Return the highest generation that has a chunk here; 0 for none."""
        (number,) = self._sql.execute("SELECT max(generation) FROM chunk").fetchone()
        return int(number or 0)

    def state(self, key: str) -> int:
        """Return a number that was kept; 0 for none."""
        row = self._sql.execute("SELECT value FROM state WHERE key = ?", (key,)).fetchone()
        return int(row[0]) if row else 0

    def states(self) -> dict[str, int]:
        """Return all numbers that were kept."""
        return dict(self._sql.execute("SELECT key, value FROM state"))

    def keep_state(self, key: str, value: int) -> None:
        """Keep a number."""
        self._sql.execute("INSERT OR REPLACE INTO state (key, value) VALUES (?, ?)", (key, value))
