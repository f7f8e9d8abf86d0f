"""What a chunk file's tables are, and were: what an older file has is told by its columns.

Format 1 had pages of 4 KiB and knew neither site nor class. Format 2 came by and by: at first it had no patterns, then
no seals. Files of both are read and written as they are, and made anew when their day is merged. Format 3 had no
summaries (noc/store/embedded/summaries.py) at first: such a file stays without.
"""

from __future__ import annotations

import sqlite3
from dataclasses import dataclass
from typing import Final

from noc.store.embedded import summaries

FORMAT: Final = 3
READABLE: Final = (1, 2, FORMAT)
PAGE_BYTES: Final = 16_384
"""Chunks have 1 to 3 kB: pages of 4 KiB were a quarter empty."""

APPLICATION_ID: Final = 0x6E6F6373
"""`nocs`, for file(1)."""

SCHEMA: Final = f"""
BEGIN IMMEDIATE;
PRAGMA application_id = {APPLICATION_ID};
PRAGMA user_version = {FORMAT};
CREATE TABLE block (id INTEGER PRIMARY KEY, device TEXT NOT NULL, measurement TEXT NOT NULL,
    site TEXT NOT NULL, class TEXT NOT NULL, UNIQUE (device, measurement));
CREATE INDEX block_site ON block (site);
CREATE TABLE pattern (id INTEGER PRIMARY KEY, data BLOB NOT NULL UNIQUE);
CREATE TABLE shape (id INTEGER PRIMARY KEY, block INTEGER NOT NULL, digest BLOB NOT NULL, data BLOB NOT NULL,
    pattern INTEGER, UNIQUE (block, digest));
CREATE TABLE chunk (id INTEGER PRIMARY KEY, block INTEGER NOT NULL, generation INTEGER NOT NULL, part INTEGER NOT NULL,
    first INTEGER NOT NULL, last INTEGER NOT NULL, shape INTEGER NOT NULL, data BLOB NOT NULL, seal INTEGER NOT NULL,
    UNIQUE (block, generation, part));
CREATE TABLE state (key TEXT PRIMARY KEY, value INTEGER NOT NULL);
{summaries.SCHEMA}
COMMIT;
"""


@dataclass(frozen=True, slots=True)
class Columns:
    """What a file has. places: site and class of a block; patterns: of shapes; seals: of chunks."""

    places: bool = True
    patterns: bool = True
    seals: bool = True

    @staticmethod
    def of(sql: sqlite3.Connection) -> Columns:
        """Return what a file has. Raises sqlite3.Error."""

        def has(table: str, column: str) -> bool:
            names = sql.execute("SELECT name FROM pragma_table_info(?)", (table,)).fetchall()
            return (column,) in names

        return Columns(has("block", "site"), has("shape", "pattern"), has("chunk", "seal"))
