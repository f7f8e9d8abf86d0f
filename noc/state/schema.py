"""Which schema the state database has, and which are known, without the library that brings it up to date.

Alembic and what it brings along take 15 MB of memory and a third of a second, and most starts need nothing of it.
"""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Final

from sqlalchemy import Connection, String, column, inspect, select, table

MIGRATIONS: Final = Path(__file__).parent / "migrations"
VERSION: Final = table("alembic_version", column("version_num", String))
"""The table in which alembic keeps it."""


@cache
def revisions() -> tuple[str, ...]:
    """Return all schemas that this noc knows, oldest first: files of migrations begin with their number."""
    return tuple(sorted(path.stem.partition("_")[0] for path in (MIGRATIONS / "versions").glob("[0-9]*_*.py")))


def current(connection: Connection) -> str | None:
    """Return the schema of a database; None where it has none yet."""
    if not inspect(connection).has_table(VERSION.name):
        return None
    found: str | None = connection.execute(select(VERSION.c.version_num)).scalar()
    return found
