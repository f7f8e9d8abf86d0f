"""Copies of configurations: each version once, a bound on how many, and how the copies go."""

from __future__ import annotations

from noc.state import configurations
from noc.state.configurations import Fetched
from noc.state.database import Database


def fetched(text: str, author: str | None = None) -> Fetched:
    return Fetched(text, text.encode().ljust(32, b"."), None, author)


async def keep(database: Database, text: str, at_ms: int, most: int = 10, device: str = "a") -> bool:
    async with database.write() as connection:
        return await configurations.keep(connection, device, fetched(text, "ops"), at_ms, most)


async def test_a_version_is_kept_once_and_seen_again(database: Database) -> None:
    assert await keep(database, "one\ntwo", 1000)
    assert not await keep(database, "one\ntwo", 2000)
    assert await keep(database, "one", 3000)
    assert await keep(database, "one\ntwo", 4000)  # back to what it was is a version of its own
    async with database.read() as connection:
        found = await configurations.versions(connection, "a", 10)
        assert [(one.first_ms, one.last_ms, one.lines, one.author) for one in found] == [
            (4000, 4000, 2, "ops"),
            (3000, 3000, 1, "ops"),
            (1000, 2000, 2, "ops"),
        ]
        assert await configurations.text_of(connection, "a", found[1].id) == "one"
        assert await configurations.text_of(connection, "b", found[1].id) is None
        assert await configurations.versions(connection, "a", 1, before=found[0].id) == [found[1]]


async def test_the_oldest_versions_go(database: Database) -> None:
    for number in range(6):
        await keep(database, f"version {number}", number, most=3)
        await keep(database, "other", number, most=3, device="b")
    async with database.read() as connection:
        assert [one.first_ms for one in await configurations.versions(connection, "a", 10)] == [5, 4, 3]
        assert await configurations.count(connection, "a") == 3
        assert await configurations.count(connection, "b") == 1


async def test_how_the_copies_go_is_remembered(database: Database) -> None:
    async with database.write() as connection:
        await configurations.failed(connection, "a", 1000, "the log-in was refused")
    await keep(database, "one", 2000)
    async with database.write() as connection:
        await configurations.failed(connection, "a", 3000, "x" * 1000)
    async with database.read() as connection:
        (state,) = (await configurations.states(connection)).values()
    assert (state.first_ms, state.tried_ms, state.good_ms) == (1000, 3000, 2000)
    assert len(state.error) == 500


async def test_any_text_comes_back_as_it_was(database: Database) -> None:
    text = "é \x00 \udcff " * 1000
    async with database.write() as connection:
        await configurations.keep(connection, "a", Fetched(text, b"d" * 32, None, None), 1, 2)
    async with database.read() as connection:
        (version,) = await configurations.versions(connection, "a", 1)
        assert await configurations.text_of(connection, "a", version.id) == text
