"""The audit's chain: it holds, shows what was changed, and goes on holding when old records are taken out."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from sqlalchemy import delete, update

from noc.state import auditlog
from noc.state.accounttables import audit
from noc.state.auditlog import Done
from noc.state.database import Database
from tests.database import empty_database

DAY_MS = 86_400_000
DAYS = 10


@pytest.fixture
async def database(tmp_path: Path) -> AsyncIterator[Database]:
    """A state with a record of each of ten days."""
    made = empty_database(tmp_path / "noc.db")
    await made.start()
    async with made.write() as connection:
        for day in range(DAYS):
            await auditlog.append(connection, Done(day * DAY_MS, "achieng", "admin", "session", f"POST /{day}", 200))
    yield made
    await made.stop()


async def pruned(database: Database, before_days: int) -> int:
    async with database.write() as connection:
        return await auditlog.prune(connection, before_days * DAY_MS, DAYS * DAY_MS)


async def verified(database: Database) -> auditlog.Verified:
    async with database.read() as connection:
        return await auditlog.verify(connection)


async def test_what_is_old_goes_and_the_chain_says_so(database: Database) -> None:
    before = await verified(database)
    assert (before.records, before.pruned, before.broken) == (DAYS, 0, None)
    assert await pruned(database, 4) == 4
    after = await verified(database)
    assert (after.records, after.pruned, after.broken) == (7, 4, None)
    async with database.read() as connection:
        newest, *rest = await auditlog.page(connection)
    assert newest.done.what == auditlog.PRUNED
    assert newest.done.detail["up_to"] == 4
    assert newest.done.detail["records"] == 4
    assert [one.seq for one in rest] == [10, 9, 8, 7, 6, 5]
    assert await pruned(database, 4) == 0


async def test_pruned_again_and_again_it_holds(database: Database) -> None:
    for days in (2, 5, 9, 30):
        await pruned(database, days)
        found = await verified(database)
        assert found.broken is None, days
    assert found.pruned == DAYS + 2  # and the word on the times before, but for the newest
    async with database.read() as connection:
        assert [one.done.what for one in await auditlog.page(connection)] == [auditlog.PRUNED] * 2


async def test_the_newest_record_stays_however_old_it_is(database: Database) -> None:
    assert await pruned(database, 1_000) == DAYS - 1
    found = await verified(database)
    assert (found.records, found.pruned, found.broken) == (2, DAYS - 1, None)


async def test_some_thousands_go_at_once(database: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(auditlog, "PRUNED_AT_ONCE", 3)
    assert [await pruned(database, 8) for _ in range(4)] == [3, 3, 2, 0]
    found = await verified(database)
    assert (found.pruned, found.broken) == (8, None)


async def test_what_somebody_else_takes_out_shows(database: Database) -> None:
    await pruned(database, 3)
    async with database.write() as connection:
        await connection.execute(delete(audit).where(audit.c.seq <= 5))
    found = await verified(database)
    assert found.broken == (6, "record 4 is missing")


async def test_what_is_taken_out_with_no_word_on_it_shows(database: Database) -> None:
    async with database.write() as connection:
        await connection.execute(delete(audit).where(audit.c.seq <= 2))
    assert (await verified(database)).broken == (3, "record 1 is missing")


async def test_a_word_that_was_changed_shows(database: Database) -> None:
    await pruned(database, 3)
    async with database.write() as connection:
        body = f'{{"what":"{auditlog.PRUNED}","detail":{{}}}}'
        await connection.execute(update(audit).where(audit.c.seq == DAYS + 1).values(body=body))
    assert (await verified(database)).broken == (4, "record 1 is missing")


async def test_what_fits_a_pattern_is_found_beside_what_has_the_text(database: Database) -> None:
    async with database.read() as connection:
        found = await auditlog.page(connection, text="POST /7", like=('%/3"%',))
        assert [one.done.what for one in found] == ["POST /7", "POST /3"]
        assert await auditlog.page(connection, text="%") == []
