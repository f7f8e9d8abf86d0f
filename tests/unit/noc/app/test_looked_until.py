"""Until when somebody looked: what comes after is in no report, for by the last states it would be up."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from noc.app.reports import BETWEEN_SIGNS_MS, looked_until
from noc.state import checkpoint
from noc.state.committer import CHECKPOINT
from noc.state.database import Database
from tests.database import empty_database

AT_MS = 1_800_000_000_000


@pytest.fixture
async def database(tmp_path: Path) -> AsyncIterator[Database]:
    found = empty_database(tmp_path / "noc.db")
    await found.start()
    yield found
    await found.stop()


async def test_where_no_daemon_ever_was_it_is_now(database: Database) -> None:
    async with database.read() as connection:
        assert await looked_until(connection, AT_MS) == AT_MS


@pytest.mark.parametrize(
    ("since_ms", "until_ms"),
    [(0, AT_MS), (BETWEEN_SIGNS_MS, AT_MS + BETWEEN_SIGNS_MS), (BETWEEN_SIGNS_MS + 1, AT_MS), (-5_000, AT_MS - 5_000)],
)
async def test_it_is_now_or_when_a_daemon_wrote_last(database: Database, since_ms: int, until_ms: int) -> None:
    async with database.write() as connection:
        await checkpoint.save(connection, "older", AT_MS - 1, [])
        await checkpoint.save(connection, CHECKPOINT, AT_MS, [])
    async with database.read() as connection:
        assert await looked_until(connection, AT_MS + since_ms) == until_ms
