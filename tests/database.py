"""A state database for tests of everything above it: the migrations, which take longer than most tests, run once."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path

import pytest
from sqlalchemy import Connection, create_engine

from noc.state import schema, upgrade
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


def empty_database(path: Path, *, lasting: bool = True) -> Database:
    """Return a state database, not started, whose file has all tables and no rows. Makes the folder if need be.

    lasting: see Database. A world in virtual time, in which one thing is done after the other, does without: each
    statement would wait for a thread.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(_empty())
    return Database(path, lasting=lasting)


@contextmanager
def remembered_schema() -> Iterator[None]:
    """Let new state databases get what the migrations made once, as statements, for as long as this is open.

    For worlds that make several databases by themselves: each would run all migrations, a tenth of a second.
    """
    engine = create_engine("sqlite://")
    with engine.connect() as connection:
        driver = connection.connection.driver_connection
        assert isinstance(driver, sqlite3.Connection)
        driver.deserialize(_empty())
        made = [line for line in driver.iterdump() if line not in ("BEGIN TRANSACTION;", "COMMIT;")]
    engine.dispose()
    migrations = upgrade.upgrade

    def from_nothing(connection: Connection) -> None:
        if schema.current(connection) is not None:
            migrations(connection)
            return
        for line in made:
            connection.exec_driver_sql(line)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(upgrade, "upgrade", from_nothing)
        yield
