"""The schema of the state database is known without alembic, and says the same."""

from __future__ import annotations

import os
import sqlite3
import subprocess
import sys
from contextlib import closing
from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, create_engine

from noc.state import schema
from noc.state.database import Database

OPEN = """
import asyncio, sys
from pathlib import Path
from noc.state.database import Database

async def opened():
    database = Database(Path(sys.argv[1]))
    await database.start()
    await database.stop()

asyncio.run(opened())
sys.exit("alembic" in sys.modules)
"""


def configured() -> Config:
    config = Config()
    config.set_main_option("script_location", str(schema.MIGRATIONS))
    return config


def scripts() -> ScriptDirectory:
    return ScriptDirectory.from_config(configured())


def test_the_files_of_migrations_are_numbered_as_alembic_orders_them() -> None:
    walked = [script.revision for script in scripts().walk_revisions()]
    assert schema.revisions() == tuple(reversed(walked))
    assert schema.revisions()[-1] == scripts().get_current_head()


async def test_the_schema_of_a_file_is_what_alembic_says_it_is(database: Database) -> None:
    def said(connection: Connection) -> tuple[str | None, str | None]:
        return schema.current(connection), MigrationContext.configure(connection).get_current_revision()

    async with database.read() as connection:
        assert await connection.run_sync(said) == (schema.revisions()[-1],) * 2


def test_an_empty_file_has_none(tmp_path: Path) -> None:
    engine = create_engine(f"sqlite:///{tmp_path / 'noc.db'}")
    with engine.connect() as connection:
        assert schema.current(connection) is None
    engine.dispose()


def test_an_older_file_is_brought_up_to_date_and_a_present_one_needs_no_alembic(tmp_path: Path) -> None:
    path, environment = tmp_path / "noc.db", os.environ | {"PYTHONPATH": os.pathsep.join(sys.path)}
    engine, config = create_engine(f"sqlite:///{path}"), configured()
    with engine.begin() as connection:
        config.attributes["connection"] = connection
        command.upgrade(config, schema.revisions()[0])
    engine.dispose()

    def opened() -> int:
        return subprocess.run([sys.executable, "-c", OPEN, str(path)], check=False, env=environment).returncode

    assert opened() == 1
    assert opened() == 0
    with closing(sqlite3.connect(path)) as raw:
        assert raw.execute("SELECT version_num FROM alembic_version").fetchall() == [(schema.revisions()[-1],)]
