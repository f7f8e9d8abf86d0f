"""When sites were last looked at for drift, and from where services were served."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None

SEQUENCE = sa.BigInteger().with_variant(sa.Integer, "sqlite")


def upgrade() -> None:
    """Make the two tables."""
    op.create_table(
        "drift_look",
        sa.Column("site", sa.String(200), primary_key=True),
        sa.Column("at_ms", sa.BigInteger, nullable=False),
        sa.Column("looked_at", sa.Integer, nullable=False),
        sa.Column("devices", sa.Integer, nullable=False),
    )
    op.create_table(
        "service_switch",
        sa.Column("id", SEQUENCE, primary_key=True),
        sa.Column("service", sa.String(200), nullable=False),
        sa.Column("before", sa.String(200)),
        sa.Column("after", sa.String(200), nullable=False),
        sa.Column("since_ms", sa.BigInteger, nullable=False),
        sa.Column("poller", sa.String(200), nullable=False),
        sa.Column("evidence", sa.Text, nullable=False),
        sqlite_autoincrement=True,
    )
    op.create_index("service_switch_by_service", "service_switch", ["service", "id"])


def downgrade() -> None:
    """Take the two tables away, with all that is in them."""
    for name in ("service_switch", "drift_look"):
        op.drop_table(name)
