"""Copies of configurations: versions of each device, and how its copies go."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

SEQUENCE = sa.BigInteger().with_variant(sa.Integer, "sqlite")


def upgrade() -> None:
    """Make the two tables."""
    op.create_table(
        "configuration",
        sa.Column("id", SEQUENCE, primary_key=True),
        sa.Column("device", sa.String(200), nullable=False),
        sa.Column("digest", sa.LargeBinary(32), nullable=False),
        sa.Column("first_ms", sa.BigInteger, nullable=False),
        sa.Column("last_ms", sa.BigInteger, nullable=False),
        sa.Column("changed", sa.String(200)),
        sa.Column("author", sa.String(200)),
        sa.Column("lines", sa.Integer, nullable=False),
        sa.Column("body", sa.LargeBinary, nullable=False),
        sqlite_autoincrement=True,
    )
    op.create_index("configuration_by_device", "configuration", ["device", "id"])
    op.create_table(
        "configuration_backup",
        sa.Column("device", sa.String(200), primary_key=True),
        sa.Column("first_ms", sa.BigInteger, nullable=False),
        sa.Column("tried_ms", sa.BigInteger, nullable=False),
        sa.Column("good_ms", sa.BigInteger),
        sa.Column("error", sa.Text, nullable=False),
    )


def downgrade() -> None:
    """Take both tables away, with all that is in them."""
    op.drop_table("configuration_backup")
    op.drop_table("configuration")
