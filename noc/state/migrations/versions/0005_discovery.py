"""Discovery: proposals, where inventory and network disagree, what devices said of themselves, sweeps."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None

SEQUENCE = sa.BigInteger().with_variant(sa.Integer, "sqlite")


def upgrade() -> None:
    """Make the four tables."""
    op.create_table(
        "proposal",
        sa.Column("id", SEQUENCE, primary_key=True),
        sa.Column("state", sa.String(20), nullable=False),
        sa.Column("address", sa.String(64), nullable=False),
        sa.Column("device", sa.String(200)),
        sa.Column("who", sa.String(200)),
        sa.Column("first_ms", sa.BigInteger, nullable=False),
        sa.Column("last_ms", sa.BigInteger, nullable=False),
        sa.Column("decided_ms", sa.BigInteger),
        sa.Column("found", sa.Text, nullable=False),
        sqlite_autoincrement=True,
    )
    op.create_index("proposal_by_state", "proposal", ["state", "id"])
    op.create_table(
        "drift",
        sa.Column("device", sa.String(200), primary_key=True),
        sa.Column("kind", sa.String(20), primary_key=True),
        sa.Column("subject", sa.String(300), primary_key=True),
        sa.Column("expected", sa.Text),
        sa.Column("seen", sa.Text),
        sa.Column("since_ms", sa.BigInteger, nullable=False),
        sa.Column("last_ms", sa.BigInteger, nullable=False),
    )
    op.create_table(
        "baseline",
        sa.Column("device", sa.String(200), primary_key=True),
        sa.Column("at_ms", sa.BigInteger, nullable=False),
        sa.Column("said", sa.Text, nullable=False),
    )
    op.create_table(
        "sweep",
        sa.Column("id", SEQUENCE, primary_key=True),
        sa.Column("started_ms", sa.BigInteger, nullable=False),
        sa.Column("ended_ms", sa.BigInteger),
        sa.Column("position", sa.BigInteger, nullable=False),
        sa.Column("total", sa.BigInteger, nullable=False),
        sa.Column("asked", sa.Text, nullable=False),
        sqlite_autoincrement=True,
    )


def downgrade() -> None:
    """Take the four tables away, with all that is in them."""
    for name in ("sweep", "baseline", "drift", "proposal"):
        op.drop_table(name)
