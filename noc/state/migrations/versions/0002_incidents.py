"""Incidents: the queue of transitions to handle, incidents, their timelines, the outbox."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

SEQUENCE = sa.BigInteger().with_variant(sa.Integer, "sqlite")


def upgrade() -> None:
    """Make the four tables."""
    _handling()
    _incident()
    _timeline()
    _outbox()


def downgrade() -> None:
    """Take the four tables away, with all that is in them."""
    for name in ("outbox", "timeline", "incident", "handling"):
        op.drop_table(name)


def _handling() -> None:
    op.create_table(
        "handling",
        sa.Column("id", SEQUENCE, primary_key=True),
        sa.Column("due_ms", sa.BigInteger, nullable=False),
        sa.Column("kind", sa.String(20), nullable=False),
        sa.Column("entity", sa.String(200), nullable=False),
        sa.Column("seq", sa.BigInteger),
        sa.Column("body", sa.Text, nullable=False),
        sqlite_autoincrement=True,
    )
    op.create_index("handling_by_due", "handling", ["due_ms", "id"])


def _incident() -> None:
    op.create_table(
        "incident",
        sa.Column("id", SEQUENCE, primary_key=True),
        sa.Column("entity", sa.String(200), nullable=False),
        sa.Column("rule", sa.String(200), nullable=False),
        sa.Column("origin", sa.String(20), nullable=False),
        sa.Column("severity", sa.String(20), nullable=False),
        sa.Column("policy", sa.String(200), nullable=False),
        sa.Column("since_ms", sa.BigInteger, nullable=False),
        sa.Column("opened_ms", sa.BigInteger, nullable=False),
        sa.Column("facts", sa.Text, nullable=False),
        sa.Column("acknowledged_ms", sa.BigInteger),
        sa.Column("acknowledged_by", sa.String(200)),
        sa.Column("resolved_ms", sa.BigInteger),
        sa.Column("resolved_by", sa.String(200)),
        sa.Column("next_ms", sa.BigInteger),
        sqlite_autoincrement=True,
    )
    op.create_index("incident_by_entity", "incident", ["entity", "id"])
    op.create_index("incident_by_next", "incident", ["next_ms"])
    # At most one open incident for a rule and an entity, whoever writes: the database itself refuses a second.
    op.create_index(
        "incident_open",
        "incident",
        ["rule", "entity"],
        unique=True,
        sqlite_where=sa.text("resolved_ms IS NULL"),
        postgresql_where=sa.text("resolved_ms IS NULL"),
    )


def _timeline() -> None:
    op.create_table(
        "timeline",
        sa.Column("id", SEQUENCE, primary_key=True),
        sa.Column("incident", SEQUENCE, sa.ForeignKey("incident.id"), nullable=False),
        sa.Column("at_ms", sa.BigInteger, nullable=False),
        sa.Column("kind", sa.String(20), nullable=False),
        sa.Column("who", sa.String(200)),
        sa.Column("facts", sa.Text, nullable=False),
    )
    op.create_index("timeline_by_incident", "timeline", ["incident", "id"])


def _outbox() -> None:
    op.create_table(
        "outbox",
        sa.Column("id", SEQUENCE, primary_key=True),
        sa.Column("key", sa.String(100), nullable=False, unique=True),
        sa.Column("incident", SEQUENCE, sa.ForeignKey("incident.id"), nullable=False),
        sa.Column("step", sa.Integer, nullable=False),
        sa.Column("person", sa.String(200), nullable=False),
        sa.Column("channel", sa.String(200), nullable=False),
        sa.Column("kind", sa.String(20), nullable=False),
        sa.Column("created_ms", sa.BigInteger, nullable=False),
        sa.Column("state", sa.String(20), nullable=False),
        sa.Column("attempts", sa.Integer, nullable=False),
        sa.Column("next_ms", sa.BigInteger, nullable=False),
        sa.Column("claimed_until", sa.BigInteger),
        sa.Column("sent_ms", sa.BigInteger),
        sa.Column("error", sa.Text),
    )
    op.create_index("outbox_by_incident", "outbox", ["incident", "id"])
    op.create_index("outbox_by_state", "outbox", ["state", "next_ms"])
