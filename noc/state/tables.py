"""All tables. Times are milliseconds of the Unix epoch, UTC, as integers: SQLite would give back naive datetimes."""

from __future__ import annotations

from sqlalchemy import BigInteger, Column, Index, Integer, LargeBinary, MetaData, String, Table, Text

metadata = MetaData()

Sequence = BigInteger().with_variant(Integer, "sqlite")

ledger = Table(
    "ledger",
    metadata,
    Column("seq", Sequence, primary_key=True, autoincrement=False),
    Column("entity", String(200), nullable=False),
    Column("kind", String(20), nullable=False),
    Column("since_ms", BigInteger, nullable=False),
    Column("body", Text, nullable=False),
    Column("hash", LargeBinary(32), nullable=False),
    Index("ledger_by_entity", "entity", "since_ms"),
    Index("ledger_by_time", "since_ms"),
)
"""The ledger (docs/ledger.md): append-only; body is canonical JSON, hash covers the hash before it and the body."""

checkpoint = Table(
    "checkpoint",
    metadata,
    Column("name", String(100), primary_key=True),
    Column("at_ms", BigInteger, nullable=False),
    Column("body", LargeBinary, nullable=False),
)
"""What is kept in memory, written now and then so that a restart goes on where it was; replaced, never history."""
