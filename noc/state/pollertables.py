"""Tables of remote pollers."""

from __future__ import annotations

from sqlalchemy import BigInteger, Boolean, Column, Integer, String, Table, Text

from noc.state.tables import metadata

poller = Table(
    "poller",
    metadata,
    Column("name", String(100), primary_key=True),
    Column("group", String(100), nullable=False),
    Column("state", String(20), nullable=False),
    Column("boot", String(32), nullable=False),
    Column("version", String(50), nullable=False),
    Column("since_ms", BigInteger, nullable=False),
    Column("seen_ms", BigInteger),
    Column("waiting", Integer, nullable=False),
    Column("oldest_ms", BigInteger),
    Column("offset_us", BigInteger),
    Column("error_us", BigInteger),
    Column("plan", String(64), nullable=False),
    Column("quarantine", Text, nullable=False),
    Column("drain", Boolean, nullable=False),
    Column("readings", BigInteger, nullable=False),
    Column("events", BigInteger, nullable=False),
    Column("refused", BigInteger, nullable=False),
)
"""Pollers as noc.model.poller has them. All but `quarantine` and `drain`, which people write too, is the daemon's."""

poller_frame = Table(
    "poller_frame",
    metadata,
    Column("poller", String(100), primary_key=True),
    Column("boot", String(32), primary_key=True),
    Column("at_ms", BigInteger, nullable=False),
    Column("stored", Text, nullable=False),
)
"""Which frames of a boot the centre has. stored: ranges of numbers, JSON. at_ms: of the last one."""
