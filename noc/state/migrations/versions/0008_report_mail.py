"""Reports that go to people."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None

_NUMBER = sa.BigInteger().with_variant(sa.Integer, "sqlite")


def upgrade() -> None:
    """Make the table."""
    op.create_table(
        "report_mail",
        sa.Column("id", _NUMBER, primary_key=True),
        sa.Column("report", _NUMBER, nullable=False),
        sa.Column("schedule", sa.String(200), nullable=False),
        sa.Column("period", sa.String(100), nullable=False),
        sa.Column("person", sa.String(200), nullable=False),
        sa.Column("state", sa.String(20), nullable=False),
        sa.Column("attempts", sa.Integer, nullable=False),
        sa.Column("created_ms", sa.BigInteger, nullable=False),
        sa.Column("next_ms", sa.BigInteger),
        sa.Column("sent_ms", sa.BigInteger),
        sa.Column("error", sa.Text),
        sa.UniqueConstraint("schedule", "period", "person"),
        sqlite_autoincrement=True,
    )
    op.create_index("report_mail_by_next", "report_mail", ["next_ms"])
