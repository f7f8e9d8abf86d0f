"""The audit has a bound: what is older than it is kept goes once a day."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime, timedelta
from pathlib import Path

from noc.app.auditkept import AuditKept
from noc.clock import ManualClock
from noc.model.instants import to_ms
from noc.state import auditlog
from noc.state.auditlog import Done
from noc.state.database import Database
from tests.database import empty_database

NOW = datetime(2026, 11, 1, tzinfo=UTC)


async def left(database: Database) -> list[str]:
    async with database.read() as connection:
        return [one.done.what for one in await auditlog.page(connection)]


async def test_old_records_go_day_by_day(tmp_path: Path) -> None:
    database, clock = empty_database(tmp_path / "noc.db"), ManualClock(NOW)
    await database.start()
    async with database.write() as connection:
        for days in (100, 91, 89, 1):
            at_ms = to_ms(NOW - timedelta(days=days))
            await auditlog.append(connection, Done(at_ms, "a", "", "session", f"of {days}"))
    keeper = AuditKept(database, clock, timedelta(days=90))
    await keeper.start()
    async with asyncio.timeout(10):
        while "of 91" in await left(database):
            await asyncio.sleep(0.01)
        assert await left(database) == [auditlog.PRUNED, "of 1", "of 89"]
        while "of 89" in await left(database):
            await clock.advance(86_400)
            await asyncio.sleep(0.01)
    await keeper.stop()
    assert (await left(database))[-1] == "of 1"
    async with database.read() as connection:
        found = await auditlog.verify(connection)
    assert (found.pruned, found.broken) == (3, None)
    await database.stop()
