"""Incidents: who set the priority by hand, and by when a major incident's next status update is due."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add two columns to incidents."""
    op.add_column("incident", sa.Column("priority_by", sa.String(200)))
    op.add_column("incident", sa.Column("update_by_ms", sa.BigInteger))
