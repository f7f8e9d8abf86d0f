"""Windows, corrections, coverage, policies and reports: what stands beside changes of status in the ledger."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None

_NUMBER = sa.BigInteger().with_variant(sa.Integer, "sqlite")


def upgrade() -> None:
    """Make the tables."""
    op.create_index(
        "ledger_of_other_kinds",
        "ledger",
        ["kind", "seq"],
        sqlite_where=sa.text("kind != 'transition'"),
        postgresql_where=sa.text("kind != 'transition'"),
    )
    _decisions()
    _kept()


def _decisions() -> None:
    op.create_table(
        "window",
        sa.Column("number", _NUMBER, primary_key=True),
        sa.Column("entity", sa.String(200), nullable=False),
        sa.Column("state", sa.String(20), nullable=False),
        sa.Column("start_ms", sa.BigInteger, nullable=False),
        sa.Column("end_ms", sa.BigInteger, nullable=False),
        sa.Column("rrule", sa.Text, nullable=False),
        sa.Column("zone", sa.String(64), nullable=False),
        sa.Column("without", sa.Text, nullable=False),
        sa.Column("source", sa.String(300), nullable=False),
        sa.Column("who", sa.String(200), nullable=False),
        sa.Column("why", sa.Text, nullable=False),
        sa.Column("requested_ms", sa.BigInteger, nullable=False),
        sa.Column("decided_by", sa.String(200)),
        sa.Column("decided_ms", sa.BigInteger),
        sa.Column("decided_why", sa.Text),
        sa.Column("seq", sa.BigInteger, nullable=False),
        sqlite_autoincrement=True,
    )
    op.create_index("window_by_state", "window", ["state", "start_ms"])
    op.create_table(
        "correction",
        sa.Column("number", _NUMBER, primary_key=True),
        sa.Column("entity", sa.String(200), nullable=False),
        sa.Column("state", sa.String(20), nullable=False),
        sa.Column("start_ms", sa.BigInteger, nullable=False),
        sa.Column("end_ms", sa.BigInteger, nullable=False),
        sa.Column("cause", sa.String(20), nullable=False),
        sa.Column("proposed_by", sa.String(200), nullable=False),
        sa.Column("proposed_ms", sa.BigInteger, nullable=False),
        sa.Column("why", sa.Text, nullable=False),
        sa.Column("evidence", sa.Text, nullable=False),
        sa.Column("decided_by", sa.String(200)),
        sa.Column("decided_ms", sa.BigInteger),
        sa.Column("decided_why", sa.Text),
        sa.Column("seq", sa.BigInteger, nullable=False),
        sqlite_autoincrement=True,
    )
    op.create_index("correction_by_state", "correction", ["state", "start_ms"])
    op.create_index("correction_by_entity", "correction", ["entity", "start_ms"])


def _kept() -> None:
    op.create_table(
        "coverage",
        sa.Column("hour_ms", sa.BigInteger, primary_key=True),
        sa.Column("poller", sa.String(200), primary_key=True),
        sa.Column("rows", sa.Integer, nullable=False),
        sa.Column("digest", sa.String(64), nullable=False),
        sa.Column("body", sa.LargeBinary, nullable=False),
        sa.Column("seq", sa.BigInteger, nullable=False),
    )
    op.create_table(
        "policy",
        sa.Column("digest", sa.String(64), primary_key=True),
        sa.Column("first_ms", sa.BigInteger, nullable=False),
        sa.Column("body", sa.LargeBinary, nullable=False),
    )
    op.create_table(
        "report",
        sa.Column("id", _NUMBER, primary_key=True),
        sa.Column("name", sa.String(100), nullable=False),
        sa.Column("subject", sa.String(300), nullable=False),
        sa.Column("number", sa.Integer, nullable=False),
        sa.Column("issued_ms", sa.BigInteger, nullable=False),
        sa.Column("seq", sa.BigInteger, nullable=False),
        sa.Column("hash", sa.LargeBinary(32), nullable=False),
        sa.Column("digest", sa.String(64), nullable=False),
        sa.Column("asked", sa.Text, nullable=False),
        sa.Column("body", sa.LargeBinary, nullable=False),
        sa.UniqueConstraint("name", "subject", "number"),
        sqlite_autoincrement=True,
    )


def downgrade() -> None:
    """Take the tables away, with all that is in them."""
    op.drop_index("ledger_of_other_kinds", "ledger")
    for table in ("report", "policy", "coverage", "correction", "window"):
        op.drop_table(table)
