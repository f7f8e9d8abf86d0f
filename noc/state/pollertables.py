"""Tables of remote pollers."""

from __future__ import annotations

from sqlalchemy import BigInteger, Boolean, Column, Index, Integer, String, Table, Text

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
    Column("alone_ms", BigInteger),
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

tale_incident = Table(
    "tale_incident",
    metadata,
    Column("poller", String(100), primary_key=True),
    Column("there", BigInteger, primary_key=True, autoincrement=False),
    Column("key", String(64), primary_key=True),
    Column("incident", BigInteger, nullable=False),
    Column("at_ms", BigInteger, nullable=False),
    Index("tale_incident_by_time", "at_ms"),
)
"""Which incident one of a poller's is here. there: its number at the poller. at_ms: when it was told last."""

tale_part = Table(
    "tale_part",
    metadata,
    Column("incident", BigInteger, primary_key=True, autoincrement=False),
    Column("mark", String(32), primary_key=True),
    Column("row", BigInteger),
    Column("at_ms", BigInteger, nullable=False),
    Index("tale_part_by_time", "at_ms"),
)
"""What was taken of what pollers told of an incident: lines, symptoms, notices. mark: a digest of what was told. row:
of the symptom or notice that it became, where there is one."""
