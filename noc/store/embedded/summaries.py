"""The summaries of a chunk file: of what is in its chunks, in steps of five minutes, measurement by measurement.

member: the series of a piece, their keys and texts; many pieces have the same ones. summary: of one field of a piece
its bounds, or, without a field, when its rows were seen. Summaries say something only where all chunks have theirs: a
file keeps the number of its last chunk that has, as its state; an older noc that writes into it leaves that behind.
Blocking; every call may raise sqlite3.Error.
"""

from __future__ import annotations

import sqlite3
import zlib
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from hashlib import blake2b
from typing import Final

import numpy as np

from noc.store.embedded.bounds import Cells
from noc.store.embedded.summary import (
    KEY_BYTES,
    Keys,
    PackedTexts,
    Piece,
    Seen,
    SummaryError,
    packed_cells,
    packed_seen,
    unpacked_cells,
    unpacked_seen,
)

SUMMARISED: Final = "summarised"
"""State of a day file: the highest number of a chunk up to which all have summaries."""

SCHEMA: Final = """
CREATE TABLE member (id INTEGER PRIMARY KEY, measurement TEXT NOT NULL, digest BLOB NOT NULL, keys BLOB NOT NULL,
    texts BLOB NOT NULL);
CREATE INDEX member_digest ON member (measurement, digest);
CREATE TABLE summary (id INTEGER PRIMARY KEY, measurement TEXT NOT NULL, field TEXT NOT NULL,
    generation INTEGER NOT NULL, first INTEGER NOT NULL, last INTEGER NOT NULL, member INTEGER NOT NULL,
    seen INTEGER NOT NULL, data BLOB NOT NULL);
CREATE INDEX summary_field ON summary (measurement, field, first);
CREATE INDEX summary_generation ON summary (generation);
"""

_SUM_BYTES: Final = 4
_COPIED_AT_ONCE: Final = 200

Row = tuple[int, str, str, int, int, int, int, int, bytes]


@dataclass(frozen=True, slots=True)
class Told:
    """A summary as it was read: of one field. begin: its first step. texts: of the series, in the order of keys."""

    begin: int
    keys: Keys
    texts: Callable[[], Sequence[bytes]]
    seen: Seen
    cells: Cells


class Summaries:
    """Of one file, by its connection. there: whether the file has any: older ones don't."""

    def __init__(self, sql: sqlite3.Connection) -> None:
        self._sql = sql
        found = sql.execute("SELECT 1 FROM sqlite_master WHERE type = 'table' AND name = 'summary'").fetchone()
        self.there = found is not None

    def last_chunk(self) -> int:
        """Return the highest number of a chunk; 0 for none."""
        (number,) = self._sql.execute("SELECT max(id) FROM chunk").fetchone()
        return int(number or 0)

    def complete(self) -> bool:
        """Return whether all chunks that are here have summaries."""
        if not self.there:
            return False
        row = self._sql.execute("SELECT value FROM state WHERE key = ?", (SUMMARISED,)).fetchone()
        return (int(row[0]) if row else 0) == self.last_chunk()

    def forget(self, generation: int) -> None:
        """Delete those of a generation that is written once more."""
        self._sql.execute("DELETE FROM summary WHERE generation = ?", (generation,))

    def clear(self) -> None:
        """Delete all."""
        self._sql.execute("DELETE FROM summary")
        self._sql.execute("DELETE FROM member")

    def put(self, measurement: str, generation: int, piece: Piece) -> None:
        """Write a piece."""
        member = self._member(measurement, piece)
        last = piece.begin + len(piece.seen.count) - 1
        place = generation, piece.begin, last, member
        seen = self._put(measurement, "", *place, 0, packed_seen(piece.seen))
        for field, cells in piece.fields.items():
            self._put(measurement, field, *place, seen, packed_cells(cells, piece.seen))

    def _put(
        self, measurement: str, field: str, generation: int, first: int, last: int, member: int, seen: int, data: bytes
    ) -> int:
        sealed = _sealed((measurement, field, first, last, member), data)
        row = (measurement, field, generation, first, last, member, seen, sealed)
        insert = "INSERT INTO summary (measurement, field, generation, first, last, member, seen, data)"
        (number,) = self._sql.execute(f"{insert} VALUES (?, ?, ?, ?, ?, ?, ?, ?) RETURNING id", row).fetchone()
        return int(number)

    def _member(self, measurement: str, piece: Piece) -> int:
        keys = piece.keys.astype("<u8").tobytes()
        digest = _digest(keys)
        row = measurement, digest
        known = self._sql.execute("SELECT id FROM member WHERE measurement = ? AND digest = ?", row).fetchone()
        if known is None:
            texts = _sealed(row, PackedTexts.pack(piece.texts()))
            insert = "INSERT INTO member (measurement, digest, keys, texts) VALUES (?, ?, ?, ?) RETURNING id"
            known = self._sql.execute(insert, (*row, keys, texts)).fetchone()
        return int(known[0])

    def told(self, measurement: str, field: str, first: int, last: int) -> Iterator[Told]:
        """Yield the summaries of a field that tell of a step from `first` to `last`. Raises SummaryError."""
        rows = self._sql.execute(
            "SELECT own.first, own.last, own.member, own.data, other.data, digest, keys FROM summary AS own"
            " JOIN summary AS other ON other.id = own.seen JOIN member ON member.id = own.member"
            " WHERE own.measurement = ? AND own.field = ? AND own.first <= ? AND own.last >= ?",
            (measurement, field, last, first),
        ).fetchall()
        for begin, end, member, data, seen_data, digest, keys in rows:
            if _digest(keys) != digest:
                raise SummaryError("names of series are not those that were written")
            size = end - begin + 1, len(keys) // KEY_BYTES
            seen = unpacked_seen(_unsealed((measurement, "", begin, end, member), seen_data), *size)
            cells = unpacked_cells(_unsealed((measurement, field, begin, end, member), data), *size, seen.count)
            yield Told(begin, np.frombuffer(keys, "<u8"), self._texts_of(member, size[1]), seen, cells)

    def _texts_of(self, member: int, count: int) -> Callable[[], Sequence[bytes]]:
        def texts() -> Sequence[bytes]:
            query = "SELECT measurement, digest, texts FROM member WHERE id = ?"
            measurement, digest, data = self._sql.execute(query, (member,)).fetchone()
            found = _texts_in((measurement, digest), data)
            if len(found) != count:
                raise SummaryError(f"{len(found)} names of {count} series")
            return found

        return texts

    # --- for a file that takes the place of this one ------------------------------------------------------------------

    def members(self) -> list[int]:
        """Return the numbers of all lists of series."""
        return [number for (number,) in self._sql.execute("SELECT id FROM member ORDER BY id")]

    def copy_member(self, number: int, into: Summaries, is_gone: Callable[[str, bytes], bool] | None) -> None:
        """Write a list of series into another file. is_gone: by measurement and text, whether a series is left out.

        Its place stays, without a key. Raises SummaryError.
        """
        query = "SELECT measurement, digest, keys, texts FROM member WHERE id = ?"
        measurement, digest, keys, texts = self._sql.execute(query, (number,)).fetchone()
        if is_gone is not None:
            found = _texts_in((measurement, digest), texts)
            gone = np.array([is_gone(measurement, text) for text in found], np.bool_)
            keys = np.where(gone, np.uint64(0), np.frombuffer(keys, "<u8")).astype("<u8").tobytes()
            kept = [b"" if left else text for text, left in zip(found, gone.tolist(), strict=True)]
            digest = _digest(keys)
            texts = _sealed((measurement, digest), PackedTexts.pack(kept))
        row = (number, measurement, digest, keys, texts)
        into._sql.execute("INSERT INTO member (id, measurement, digest, keys, texts) VALUES (?, ?, ?, ?, ?)", row)

    def copy(self, after: int, into: Summaries) -> int:
        """Write some summaries, those behind a number, into another file; return the number of the last, 0 for none."""
        rows: list[Row] = self._sql.execute(
            "SELECT id, measurement, field, generation, first, last, member, seen, data FROM summary WHERE id > ?"
            " ORDER BY id LIMIT ?",
            (after, _COPIED_AT_ONCE),
        ).fetchall()
        into._sql.executemany("INSERT INTO summary VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)", rows)
        return rows[-1][0] if rows else 0


def _digest(keys: bytes) -> bytes:
    return blake2b(keys, digest_size=16).digest()


def _sealed(whose: tuple[object, ...], data: bytes) -> bytes:
    return _checksum(whose, data).to_bytes(_SUM_BYTES, "little") + data


def _unsealed(whose: tuple[object, ...], data: bytes) -> bytes:
    if _checksum(whose, data[_SUM_BYTES:]) != int.from_bytes(data[:_SUM_BYTES], "little"):
        raise SummaryError("a summary's checksum is wrong")
    return data[_SUM_BYTES:]


def _checksum(whose: tuple[object, ...], data: bytes) -> int:
    return zlib.crc32(data, zlib.crc32(repr(whose).encode()))


def _texts_in(row: tuple[str, bytes], data: bytes) -> PackedTexts:
    return PackedTexts(_unsealed(row, data))
