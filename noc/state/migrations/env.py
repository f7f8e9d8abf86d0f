"""Alembic's environment: runs on the connection that noc.state.database hands over."""

from __future__ import annotations

from alembic import context
from sqlalchemy import Connection

from noc.state.tables import metadata

connection: Connection = context.config.attributes["connection"]
context.configure(connection=connection, target_metadata=metadata, render_as_batch=True)
with context.begin_transaction():
    context.run_migrations()
