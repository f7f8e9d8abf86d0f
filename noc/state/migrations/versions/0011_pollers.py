"""Remote pollers, and which of their frames the centre has."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make two tables."""
    op.create_table(
        "poller",
        sa.Column("name", sa.String(100), primary_key=True),
        sa.Column("group", sa.String(100), nullable=False),
        sa.Column("state", sa.String(20), nullable=False),
        sa.Column("boot", sa.String(32), nullable=False),
        sa.Column("version", sa.String(50), nullable=False),
        sa.Column("since_ms", sa.BigInteger, nullable=False),
        sa.Column("seen_ms", sa.BigInteger),
        sa.Column("waiting", sa.Integer, nullable=False),
        sa.Column("oldest_ms", sa.BigInteger),
        sa.Column("offset_us", sa.BigInteger),
        sa.Column("error_us", sa.BigInteger),
        sa.Column("plan", sa.String(64), nullable=False),
        sa.Column("quarantine", sa.Text, nullable=False),
        sa.Column("drain", sa.Boolean, nullable=False),
        sa.Column("readings", sa.BigInteger, nullable=False),
        sa.Column("events", sa.BigInteger, nullable=False),
        sa.Column("refused", sa.BigInteger, nullable=False),
    )
    op.create_table(
        "poller_frame",
        sa.Column("poller", sa.String(100), primary_key=True),
        sa.Column("boot", sa.String(32), primary_key=True),
        sa.Column("at_ms", sa.BigInteger, nullable=False),
        sa.Column("stored", sa.Text, nullable=False),
    )
