"""Numbers that tell whether a table has changed, counted by triggers.

Whatever makes `incident` or `problem` anew (a batch migration copies a table) has to make its triggers anew, too.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0015"
down_revision = "0014"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make the table and the triggers that count."""
    made = op.create_table(
        "revision", sa.Column("name", sa.String(40), primary_key=True), sa.Column("number", sa.Integer, nullable=False)
    )
    op.bulk_insert(made, [{"name": name, "number": 0} for name in ("incident", "problem")])
    for name in ("incident", "problem"):
        for change in ("insert", "update", "delete"):
            counts = f"UPDATE revision SET number = number + 1 WHERE name = '{name}'"  # noqa: S608 names of ours
            op.execute(f"CREATE TRIGGER {name}_{change}_counts AFTER {change.upper()} ON {name} BEGIN {counts}; END")
