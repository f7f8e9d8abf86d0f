"""A state database for tests of everything above it: the migrations, which take longer than most tests, run once."""

from __future__ import annotations

import sqlite3
from functools import cache
from pathlib import Path

from sqlalchemy import create_engine

from noc.state.database import Database, migrate


@cache
def _empty() -> bytes:
    engine = create_engine("sqlite://")
    with engine.connect() as connection:
        migrate(connection)
        connection.commit()
        driver = connection.connection.driver_connection
        assert isinstance(driver, sqlite3.Connection)
        content = driver.serialize()
    engine.dispose()
    return content


def empty_database(path: Path) -> Database:
    """Return a state database, not started, whose file has all tables and no rows. Makes the folder if need be."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(_empty())
    return Database(path)
