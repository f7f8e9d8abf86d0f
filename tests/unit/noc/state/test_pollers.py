"""What is kept of remote pollers."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path

import pytest

from noc.model.poller import RemotePoller
from noc.state import pollers
from noc.state.database import Database
from tests.database import empty_database

NBO = RemotePoller("nbo-1", "nbo", "here", "00ff", "1.0", 1, 2, 3, 4, -5, 6, "abc", readings=2**40)


@pytest.fixture
async def database(tmp_path: Path) -> AsyncIterator[Database]:
    found = empty_database(tmp_path / "noc.db")
    await found.start()
    yield found
    await found.stop()


async def test_a_poller_comes_back_and_orders_of_people_stay(database: Database) -> None:
    bko = RemotePoller("bko-1", "bko")
    async with database.write() as connection:
        await pollers.write(connection, [NBO, bko])
        assert await pollers.order(connection, "nbo-1", drain=True)
        assert not await pollers.order(connection, "nbo-2", drain=True)
    async with database.write() as connection:
        await pollers.write(connection, [replace(NBO, state="gone", quarantine="the daemon may not say so here")])
    async with database.read() as connection:
        assert await pollers.everyone(connection) == (bko, replace(NBO, state="gone", drain=True))
    async with database.write() as connection:
        assert await pollers.order(connection, "nbo-1", drain=False, quarantine="cloned")
    async with database.read() as connection:
        assert await pollers.one(connection, "nbo-1") == replace(NBO, state="gone", quarantine="cloned")
        assert await pollers.one(connection, "x") is None


async def test_which_frames_are_there(database: Database) -> None:
    first = {("nbo-1", "00ff"): ((1, 5), (7, 2**40)), ("bko-1", "00ff"): ((1, 1),)}
    async with database.write() as connection:
        await pollers.store(connection, first, 1_000)
        await pollers.store(connection, {("nbo-1", "00ff"): ((1, 2**41),)}, 2_000)
    async with database.write() as connection:
        assert await pollers.stored(connection) == {**first, ("nbo-1", "00ff"): ((1, 2**41),)}
        assert await pollers.forget_before(connection, 2_000) == 1
        assert (await pollers.stored(connection)).keys() == {("nbo-1", "00ff")}
        await pollers.write(connection, [NBO])
        await pollers.forget(connection, "nbo-1")
        assert await pollers.stored(connection) == {}
        assert await pollers.everyone(connection) == ()
