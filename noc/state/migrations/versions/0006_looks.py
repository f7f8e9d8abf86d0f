"""When sites were last looked at for drift."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make the table."""
    op.create_table(
        "drift_look",
        sa.Column("site", sa.String(200), primary_key=True),
        sa.Column("at_ms", sa.BigInteger, nullable=False),
        sa.Column("looked_at", sa.Integer, nullable=False),
        sa.Column("devices", sa.Integer, nullable=False),
    )


def downgrade() -> None:
    """Take the table away, with all that is in it."""
    op.drop_table("drift_look")
