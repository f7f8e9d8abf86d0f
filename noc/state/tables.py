"""All tables. Times are milliseconds of the Unix epoch, UTC, as integers: SQLite would give back naive datetimes."""

from __future__ import annotations

from sqlalchemy import (
    BigInteger,
    Column,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    String,
    Table,
    Text,
    UniqueConstraint,
)

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
"""The ledger (docs/availability.md): append-only; body is canonical JSON, hash covers it and the hash before it."""

Index(
    "ledger_of_other_kinds",
    ledger.c.kind,
    ledger.c.seq,
    sqlite_where=ledger.c.kind != "transition",
    postgresql_where=ledger.c.kind != "transition",
)

checkpoint = Table(
    "checkpoint",
    metadata,
    Column("name", String(100), primary_key=True),
    Column("at_ms", BigInteger, nullable=False),
    Column("body", LargeBinary, nullable=False),
)
"""What is kept in memory, written now and then so that a restart goes on where it was; replaced, never history."""

event = Table(
    "event",
    metadata,
    Column("id", Sequence, primary_key=True, autoincrement=False),
    Column("source", String(64), nullable=False),
    Column("device", String(200)),
    Column("kind", String(20), nullable=False),
    Column("name", String(300), nullable=False),
    Column("class", String(20), nullable=False, key="event_class"),
    Column("severity", String(20), nullable=False),
    Column("key", LargeBinary(16), nullable=False),
    Column("first_ms", BigInteger, nullable=False),
    Column("last_ms", BigInteger, nullable=False),
    Column("device_ms", BigInteger),
    Column("count", BigInteger, nullable=False),
    Column("facts", Text, nullable=False),
    Column("text", Text, nullable=False),
    Index("event_by_time", "last_ms", "id"),
    Index("event_by_device", "device", "last_ms", "id"),
)
"""What devices sent by themselves (docs/operate.md); repetitions within a window are one row with a count."""

sender = Table(
    "sender",
    metadata,
    Column("address", String(64), primary_key=True),
    Column("kind", String(20), primary_key=True),
    Column("first_ms", BigInteger, nullable=False),
    Column("last_ms", BigInteger, nullable=False),
    Column("count", BigInteger, nullable=False),
    Column("sample", Text, nullable=False),
)
"""Who sends traps or syslog and is no device of the inventory."""

configuration = Table(
    "configuration",
    metadata,
    Column("id", Sequence, primary_key=True),
    Column("device", String(200), nullable=False),
    Column("digest", LargeBinary(32), nullable=False),
    Column("first_ms", BigInteger, nullable=False),
    Column("last_ms", BigInteger, nullable=False),
    Column("changed", String(200)),
    Column("author", String(200)),
    Column("lines", Integer, nullable=False),
    Column("body", LargeBinary, nullable=False),
    Index("configuration_by_device", "device", "id"),
    sqlite_autoincrement=True,
)
"""Versions of the configurations of devices, without secrets. body: the text, compressed by zlib."""

configuration_backup = Table(
    "configuration_backup",
    metadata,
    Column("device", String(200), primary_key=True),
    Column("first_ms", BigInteger, nullable=False),
    Column("tried_ms", BigInteger, nullable=False),
    Column("good_ms", BigInteger),
    Column("error", Text, nullable=False),
)
"""How the copies of each device go: the first try, the last, the last good one, what was wrong with the last."""

proposal = Table(
    "proposal",
    metadata,
    Column("id", Sequence, primary_key=True),
    Column("state", String(20), nullable=False),
    Column("address", String(64), nullable=False),
    Column("device", String(200)),
    Column("who", String(200)),
    Column("first_ms", BigInteger, nullable=False),
    Column("last_ms", BigInteger, nullable=False),
    Column("decided_ms", BigInteger),
    Column("found", Text, nullable=False),
    Index("proposal_by_state", "state", "id"),
    sqlite_autoincrement=True,
)
"""Devices that discovery found (docs/discover.md), and what people decided about each."""

drift = Table(
    "drift",
    metadata,
    Column("device", String(200), primary_key=True),
    Column("kind", String(20), primary_key=True),
    Column("subject", String(300), primary_key=True),
    Column("expected", Text),
    Column("seen", Text),
    Column("since_ms", BigInteger, nullable=False),
    Column("last_ms", BigInteger, nullable=False),
)
"""In what inventory and network disagree, as of the last look at each device."""

baseline = Table(
    "baseline",
    metadata,
    Column("device", String(200), primary_key=True),
    Column("at_ms", BigInteger, nullable=False),
    Column("said", Text, nullable=False),
)
"""What devices said of themselves when people last took their word for it: drift is a difference from this."""

sweep = Table(
    "sweep",
    metadata,
    Column("id", Sequence, primary_key=True),
    Column("started_ms", BigInteger, nullable=False),
    Column("ended_ms", BigInteger),
    Column("position", BigInteger, nullable=False),
    Column("total", BigInteger, nullable=False),
    Column("asked", Text, nullable=False),
    sqlite_autoincrement=True,
)
"""Sweeps of the network; one without an end can be gone on with."""

drift_look = Table(
    "drift_look",
    metadata,
    Column("site", String(200), primary_key=True),
    Column("at_ms", BigInteger, nullable=False),
    Column("looked_at", Integer, nullable=False),
    Column("devices", Integer, nullable=False),
)
"""When all devices of a site were last looked at for drift, and how many of them something could be said of."""

window = Table(
    "window",
    metadata,
    Column("number", Sequence, primary_key=True),
    Column("entity", String(200), nullable=False),
    Column("state", String(20), nullable=False),
    Column("start_ms", BigInteger, nullable=False),
    Column("end_ms", BigInteger, nullable=False),
    Column("rrule", Text, nullable=False),
    Column("zone", String(64), nullable=False),
    Column("without", Text, nullable=False),
    Column("source", String(300), nullable=False),
    Column("who", String(200), nullable=False),
    Column("why", Text, nullable=False),
    Column("requested_ms", BigInteger, nullable=False),
    Column("decided_by", String(200)),
    Column("decided_ms", BigInteger),
    Column("decided_why", Text),
    Column("seq", BigInteger, nullable=False),
    Index("window_by_state", "state", "start_ms"),
    sqlite_autoincrement=True,
)
"""Planned maintenance as it stands. seq: of the record of the ledger that said so last."""

correction = Table(
    "correction",
    metadata,
    Column("number", Sequence, primary_key=True),
    Column("entity", String(200), nullable=False),
    Column("state", String(20), nullable=False),
    Column("start_ms", BigInteger, nullable=False),
    Column("end_ms", BigInteger, nullable=False),
    Column("cause", String(20), nullable=False),
    Column("proposed_by", String(200), nullable=False),
    Column("proposed_ms", BigInteger, nullable=False),
    Column("why", Text, nullable=False),
    Column("evidence", Text, nullable=False),
    Column("decided_by", String(200)),
    Column("decided_ms", BigInteger),
    Column("decided_why", Text),
    Column("seq", BigInteger, nullable=False),
    Index("correction_by_state", "state", "start_ms"),
    Index("correction_by_entity", "entity", "start_ms"),
    sqlite_autoincrement=True,
)
"""Corrections as they stand. seq: of the record of the ledger that said so last."""

coverage = Table(
    "coverage",
    metadata,
    Column("hour_ms", BigInteger, primary_key=True),
    Column("poller", String(200), primary_key=True),
    Column("rows", Integer, nullable=False),
    Column("digest", String(64), nullable=False),
    Column("body", LargeBinary, nullable=False),
    Column("seq", BigInteger, nullable=False),
)
"""What was seen of each entity in an hour, packed; digest is in the ledger's record of number seq."""

policy = Table(
    "policy",
    metadata,
    Column("digest", String(64), primary_key=True),
    Column("first_ms", BigInteger, nullable=False),
    Column("body", LargeBinary, nullable=False),
)
"""What figures were made by, as the policy file of a replay, compressed by zlib; digest is in records of the ledger."""

report = Table(
    "report",
    metadata,
    Column("id", Sequence, primary_key=True),
    Column("name", String(100), nullable=False),
    Column("subject", String(300), nullable=False),
    Column("number", Integer, nullable=False),
    Column("issued_ms", BigInteger, nullable=False),
    Column("seq", BigInteger, nullable=False),
    Column("hash", LargeBinary(32), nullable=False),
    Column("digest", String(64), nullable=False),
    Column("asked", Text, nullable=False),
    Column("body", LargeBinary, nullable=False),
    UniqueConstraint("name", "subject", "number"),
    sqlite_autoincrement=True,
)
"""Reports that were issued. subject: period and of whom; number: of the issue, from 1. seq, hash: of the last record
of the ledger that was known. digest: SHA-256, hexadecimal, of the answer, which body holds, compressed by zlib."""

report_mail = Table(
    "report_mail",
    metadata,
    Column("id", Sequence, primary_key=True),
    Column("report", Sequence, nullable=False),
    Column("schedule", String(200), nullable=False),
    Column("period", String(100), nullable=False),
    Column("person", String(200), nullable=False),
    Column("state", String(20), nullable=False),
    Column("attempts", Integer, nullable=False),
    Column("created_ms", BigInteger, nullable=False),
    Column("next_ms", BigInteger),
    Column("sent_ms", BigInteger),
    Column("error", Text),
    UniqueConstraint("schedule", "period", "person"),
    Index("report_mail_by_next", "next_ms"),
    sqlite_autoincrement=True,
)
"""Reports that go to people. report: of the table of that name. period: of which time; a schedule sends a person one
report of it. next_ms: when it is tried next; null: it was sent, or given up."""
