"""What pollers that were cut off told of incidents, and since when one calls people by itself."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make two tables, and a column."""
    op.add_column("poller", sa.Column("alone_ms", sa.BigInteger))
    op.create_table(
        "tale_incident",
        sa.Column("poller", sa.String(100), primary_key=True),
        sa.Column("there", sa.BigInteger, primary_key=True, autoincrement=False),
        sa.Column("key", sa.String(64), primary_key=True),
        sa.Column("incident", sa.BigInteger, nullable=False),
        sa.Column("at_ms", sa.BigInteger, nullable=False),
        sa.Index("tale_incident_by_time", "at_ms"),
    )
    op.create_table(
        "tale_part",
        sa.Column("incident", sa.BigInteger, primary_key=True, autoincrement=False),
        sa.Column("mark", sa.String(32), primary_key=True),
        sa.Column("row", sa.BigInteger),
        sa.Column("at_ms", sa.BigInteger, nullable=False),
        sa.Index("tale_part_by_time", "at_ms"),
    )
