"""Brings the schema of the state database up to date. Imported only where there is something to do."""

from __future__ import annotations

from alembic import command
from alembic.config import Config
from sqlalchemy import Connection

from noc.state.schema import MIGRATIONS


def upgrade(connection: Connection) -> None:
    """Run the migrations that a database lacks, in the transaction of its connection."""
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS))
    config.attributes["connection"] = connection
    command.upgrade(config, "head")
