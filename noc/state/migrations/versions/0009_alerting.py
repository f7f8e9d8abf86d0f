"""Alerting: root causes with their symptoms, the life of incidents, people on call, alerts of other systems."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None

_NUMBER = sa.BigInteger().with_variant(sa.Integer, "sqlite")


def upgrade() -> None:
    """Add columns to incidents and notices, and make the tables."""
    _columns()
    _symptom()
    _beside_incidents()
    _known()
    _people()
    _others()
    _proofs()


def _columns() -> None:
    for name, kind, default in (
        ("key", sa.String(64), ""),
        ("cause", sa.String(40), ""),
        ("impact", sa.Integer, "3"),
        ("urgency", sa.Integer, "3"),
        ("priority", sa.Integer, "4"),
        ("reopened", sa.Integer, "0"),
    ):
        op.add_column("incident", sa.Column(name, kind, nullable=False, server_default=default))
    for name in ("parent", "problem"):
        op.add_column("incident", sa.Column(name, _NUMBER))
    for name in (
        "respond_by_ms",
        "restore_by_ms",
        "acknowledged_until_ms",
        "progress_ms",
        "closed_ms",
        "reopened_ms",
        "major_ms",
        "begun_ms",
        "life_ms",
    ):
        op.add_column("incident", sa.Column(name, sa.BigInteger))
    for name in ("key", "parent", "problem"):
        op.create_index(f"incident_by_{name}", "incident", [name])
    op.create_index("incident_by_life", "incident", ["life_ms"])
    op.execute("UPDATE incident SET life_ms = resolved_ms WHERE resolved_ms IS NOT NULL")
    for name in ("delivered_ms", "read_ms", "acted_ms"):
        op.add_column("outbox", sa.Column(name, sa.BigInteger))
    op.add_column("outbox", sa.Column("instead_of", _NUMBER))
    op.create_index("outbox_by_instead", "outbox", ["instead_of"])


def _symptom() -> None:
    op.create_table(
        "symptom",
        sa.Column("id", _NUMBER, primary_key=True),
        sa.Column("incident", _NUMBER, sa.ForeignKey("incident.id"), nullable=False),
        sa.Column("entity", sa.String(200), nullable=False),
        sa.Column("rule", sa.String(200), nullable=False),
        sa.Column("origin", sa.String(20), nullable=False),
        sa.Column("severity", sa.String(20), nullable=False),
        sa.Column("policy", sa.String(200), nullable=False),
        sa.Column("since_ms", sa.BigInteger, nullable=False),
        sa.Column("joined_ms", sa.BigInteger, nullable=False),
        sa.Column("left_ms", sa.BigInteger),
        sa.Column("look_ms", sa.BigInteger),
        sa.Column("facts", sa.Text, nullable=False),
        sqlite_autoincrement=True,
    )
    op.create_index("symptom_by_incident", "symptom", ["incident", "id"])
    op.create_index("symptom_by_entity", "symptom", ["entity", "id"])
    op.create_index("symptom_by_look", "symptom", ["look_ms"])
    still = sa.text("left_ms IS NULL")
    op.create_index(
        "symptom_open", "symptom", ["rule", "entity"], unique=True, sqlite_where=still, postgresql_where=still
    )


def _beside_incidents() -> None:
    op.create_table(
        "diagnostic",
        sa.Column("id", _NUMBER, primary_key=True),
        sa.Column("incident", _NUMBER, sa.ForeignKey("incident.id"), nullable=False),
        sa.Column("device", sa.String(200), nullable=False),
        sa.Column("question", sa.String(200), nullable=False),
        sa.Column("state", sa.String(20), nullable=False),
        sa.Column("asked_ms", sa.BigInteger, nullable=False),
        sa.Column("took_ms", sa.BigInteger),
        sa.Column("answer", sa.Text, nullable=False),
    )
    op.create_index("diagnostic_by_incident", "diagnostic", ["incident", "id"])
    op.create_index("diagnostic_by_state", "diagnostic", ["state", "id"])
    op.create_table(
        "ticket",
        sa.Column("id", _NUMBER, primary_key=True),
        sa.Column("incident", _NUMBER, sa.ForeignKey("incident.id"), nullable=False),
        sa.Column("channel", sa.String(200), nullable=False),
        sa.Column("reference", sa.String(200), nullable=False),
        sa.Column("state", sa.String(40), nullable=False),
        sa.Column("url", sa.Text),
        sa.Column("opened_ms", sa.BigInteger, nullable=False),
        sa.Column("changed_ms", sa.BigInteger, nullable=False),
    )
    op.create_index("ticket_by_incident", "ticket", ["incident", "id"])
    op.create_index("ticket_by_reference", "ticket", ["channel", "reference"])


def _known() -> None:
    op.create_table(
        "entity_note",
        sa.Column("id", _NUMBER, primary_key=True),
        sa.Column("entity", sa.String(200), nullable=False),
        sa.Column("at_ms", sa.BigInteger, nullable=False),
        sa.Column("who", sa.String(200), nullable=False),
        sa.Column("text", sa.Text, nullable=False),
        sa.Column("until_ms", sa.BigInteger),
        sa.Column("removed_ms", sa.BigInteger),
        sa.Column("removed_by", sa.String(200)),
        sqlite_autoincrement=True,
    )
    op.create_index("entity_note_by_entity", "entity_note", ["entity", "id"])
    op.create_table(
        "problem",
        sa.Column("id", _NUMBER, primary_key=True),
        sa.Column("title", sa.Text, nullable=False),
        sa.Column("state", sa.String(20), nullable=False),
        sa.Column("cause", sa.Text, nullable=False),
        sa.Column("workaround", sa.Text, nullable=False),
        sa.Column("opened_ms", sa.BigInteger, nullable=False),
        sa.Column("opened_by", sa.String(200), nullable=False),
        sa.Column("changed_ms", sa.BigInteger, nullable=False),
        sa.Column("closed_ms", sa.BigInteger),
        sqlite_autoincrement=True,
    )


def _people() -> None:
    op.create_table(
        "oncall_override",
        sa.Column("id", _NUMBER, primary_key=True),
        sa.Column("schedule", sa.String(200), nullable=False),
        sa.Column("start_ms", sa.BigInteger, nullable=False),
        sa.Column("end_ms", sa.BigInteger, nullable=False),
        sa.Column("person", sa.String(200), nullable=False),
        sa.Column("instead_of", sa.String(200)),
        sa.Column("why", sa.Text, nullable=False),
        sa.Column("who", sa.String(200), nullable=False),
        sa.Column("made_ms", sa.BigInteger, nullable=False),
        sa.Column("cancelled_ms", sa.BigInteger),
        sa.Column("cancelled_by", sa.String(200)),
        sa.Column("source", sa.String(300), nullable=False, server_default=""),
        sqlite_autoincrement=True,
    )
    op.create_index("oncall_override_by_time", "oncall_override", ["schedule", "end_ms"])
    op.create_table(
        "handover",
        sa.Column("id", _NUMBER, primary_key=True),
        sa.Column("schedule", sa.String(200), nullable=False),
        sa.Column("at_ms", sa.BigInteger, nullable=False),
        sa.Column("outgoing", sa.String(200), nullable=False),
        sa.Column("incoming", sa.String(200), nullable=False),
        sa.Column("body", sa.Text, nullable=False),
        sa.Column("written_ms", sa.BigInteger, nullable=False),
        sa.Column("written_by", sa.String(200), nullable=False),
        sa.Column("accepted_ms", sa.BigInteger),
        sa.Column("accepted_by", sa.String(200)),
        sqlite_autoincrement=True,
    )
    op.create_index("handover_by_schedule", "handover", ["schedule", "at_ms"])


def _others() -> None:
    op.create_table(
        "heartbeat",
        sa.Column("name", sa.String(200), primary_key=True),
        sa.Column("last_ms", sa.BigInteger, nullable=False),
        sa.Column("source", sa.String(200), nullable=False),
        sa.Column("count", sa.BigInteger, nullable=False),
    )
    op.create_table(
        "external_alert",
        sa.Column("fingerprint", sa.String(64), primary_key=True),
        sa.Column("source", sa.String(200), nullable=False),
        sa.Column("entity", sa.String(200), nullable=False),
        sa.Column("rule", sa.String(200), nullable=False),
        sa.Column("first_ms", sa.BigInteger, nullable=False),
        sa.Column("last_ms", sa.BigInteger, nullable=False),
        sa.Column("ends_ms", sa.BigInteger, nullable=False),
        sa.Column("body", sa.Text, nullable=False),
    )
    op.create_index("external_alert_by_end", "external_alert", ["ends_ms"])
    op.create_table(
        "answered",
        sa.Column("key", sa.String(300), primary_key=True),
        sa.Column("at_ms", sa.BigInteger, nullable=False),
        sa.Column("request", sa.String(64), nullable=False),
        sa.Column("status", sa.Integer, nullable=False),
        sa.Column("body", sa.Text, nullable=False),
    )
    op.create_index("answered_by_time", "answered", ["at_ms"])


def _proofs() -> None:
    op.create_table(
        "segment_proof",
        sa.Column("id", _NUMBER, primary_key=True),
        sa.Column("statement", sa.String(200), nullable=False),
        sa.Column("at_ms", sa.BigInteger, nullable=False),
        sa.Column("kind", sa.String(20), nullable=False),
        sa.Column("who", sa.String(200), nullable=False),
        sa.Column("source", sa.String(64), nullable=False),
        sa.Column("to", sa.String(64), nullable=False),
        sa.Column("port", sa.Integer),
        sa.Column("answer", sa.String(20), nullable=False),
        sa.Column("by", sa.String(64), nullable=False),
        sa.Column("said", sa.Text, nullable=False),
    )
    op.create_index("segment_proof_by_statement", "segment_proof", ["statement", "kind", "id"])
