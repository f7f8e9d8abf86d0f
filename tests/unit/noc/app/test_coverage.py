"""Coverage in the daemon: each hour becomes one record, and its rows stand beside it, also after a crash."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime
from pathlib import Path

import pytest

from noc.app.coverage import CHECKPOINT, LOOK_EVERY_S, CoverageWatch
from noc.availability.policy import ProbePolicy
from noc.clock import ManualClock
from noc.inventory.inventory import Inventory
from noc.model.coverage import HOUR_MS, Coverage
from noc.model.instants import to_ms
from noc.pipeline.coverage import GRACE_MS
from noc.pipeline.status import Result, Statuses
from noc.state import checkpoint, coverage, ledger
from noc.state.committer import Committer
from noc.state.database import Database
from tests.database import empty_database

START = datetime(2026, 3, 1, tzinfo=UTC)
START_MS = to_ms(START)
POLICY = ProbePolicy.probed_every(600_000)
NOBODY = Inventory({}, {}, {}, {}, {})
DUE_S = (HOUR_MS + GRACE_MS) / 1000 + LOOK_EVERY_S


class House:
    """What counts, and what writes, over one database. crash: leaves it as a kill would."""

    def __init__(self, database: Database, clock: ManualClock) -> None:
        self.database, self.clock = database, clock
        self.watch = CoverageWatch(database, clock, lambda: self.committer, "hq", lambda: NOBODY)
        self.committer = Committer(database, clock, list, beside={CHECKPOINT: self.watch.rows})
        self.statuses = Statuses(self.watch.heard)
        self.statuses.watch({"device/a": POLICY, "device/b": POLICY})

    async def start(self) -> None:
        await self.watch.start()
        await self.committer.start()

    async def stop(self) -> None:
        await self.watch.stop()
        await self.committer.stop()

    def take(self, entity: str, *minutes: int) -> None:
        for minute in minutes:
            self.statuses.take(Result(entity, START_MS + minute * 60_000, True, "icmp", "hq"))

    async def passes(self, seconds: float) -> None:
        """Let time pass, until what is due by then is with the committer: a thread packs it, in its own time."""
        await self.clock.advance(seconds)
        async with asyncio.timeout(30):
            while self.watch.counts.due(to_ms(self.clock.now())):
                await asyncio.sleep(0)

    async def rows(self, hour: int) -> list[Coverage]:
        async with self.database.read() as connection:
            found = await coverage.read(connection, START_MS + hour * HOUR_MS, "poller/hq")
        return [] if found is None else list(found.rows())


def row(entity: str, first: int, last: int, count: int, gap: int) -> Coverage:
    return Coverage(entity, START_MS + first * 60_000, START_MS + last * 60_000, count, gap * 60_000, 0)


async def test_each_hour_is_a_record_with_its_rows_beside_it(tmp_path: Path) -> None:
    database = empty_database(tmp_path / "noc.db")
    await database.start()
    house = House(database, ManualClock(START))
    await house.start()
    house.take("device/a", 1, 11, 31, 61)
    house.take("device/b", 59)
    await house.passes(DUE_S)
    await house.passes(HOUR_MS / 1000)
    await house.stop()
    assert await house.rows(0) == [row("device/a", 1, 31, 3, 20), row("device/b", 59, 59, 1, 0)]
    assert await house.rows(1) == [row("device/a", 61, 61, 1, 30)]
    async with database.read() as connection:
        records = [record async for record in ledger.read(connection)]
    assert [(record.kind, record.since_ms) for record in records] == [
        ("coverage", START_MS),
        ("coverage", START_MS + HOUR_MS),
    ]
    await database.stop()


async def test_an_hour_is_written_once_whatever_checkpoint_a_restart_finds(tmp_path: Path) -> None:
    database = empty_database(tmp_path / "noc.db")
    await database.start()
    first = House(database, ManualClock(START))
    await first.start()
    first.take("device/a", 1, 11)
    await first.stop()
    second = House(database, ManualClock(START))
    await second.start()
    second.take("device/a", 21)
    earlier = list(second.watch.rows())
    await second.passes(DUE_S)
    await second.stop()
    async with database.write() as connection:  # killed right after the hour was written
        await checkpoint.save(connection, CHECKPOINT, START_MS, earlier)
    third = House(database, ManualClock(START))
    await third.start()
    await third.passes(DUE_S)
    await third.stop()
    assert [(each.entity, each.count) for each in await third.rows(0)] == [("device/a", 3)]
    async with database.read() as connection:
        assert [record.kind async for record in ledger.read(connection)] == ["coverage"]
    await database.stop()


async def test_a_damaged_checkpoint_is_told_and_noc_starts(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    database = empty_database(tmp_path / "noc.db")
    await database.start()
    async with database.write() as connection:
        await checkpoint.save(connection, CHECKPOINT, START_MS, [("names",), ("hour", START_MS, "?")])
    house = House(database, ManualClock(START))
    await house.start()
    await house.stop()
    assert "the checkpoint of coverage is left out" in caplog.text
    await database.stop()


async def test_results_go_to_the_time_series_as_they_are(tmp_path: Path) -> None:
    house = House(Database(tmp_path / "noc.db"), ManualClock(START))
    house.take("device/a", 1)
    house.statuses.take(Result("device/b", START_MS + 60_000, False, "tcp", "hq"))
    [table] = house.watch.samples()
    assert (table.measurement, to_ms(table.time), table.field_keys) == ("noc_liveness", START_MS + 60_000, ("ok",))
    assert table.tag_keys == ("device", "site", "region", "entity", "check", "poller")
    assert table.tags == (("a", "", "", "device/a", "icmp", "hq"), ("b", "", "", "device/b", "tcp", "hq"))
    assert table.values == ((1.0,), (0.0,))
    assert house.watch.samples() == ()
