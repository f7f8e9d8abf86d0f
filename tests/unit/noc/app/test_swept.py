"""What a sweep of another process spends of byte budgets, and the daemon counts."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from ipaddress import ip_network
from pathlib import Path

from noc.app.sweepcost import Line
from noc.app.swept import SWEPT, Spending, SweptWatch, spent_by_sweeps
from noc.clock import ManualClock
from noc.model.instants import to_s
from noc.state import checkpoint
from noc.state.database import Database
from tests.database import empty_database

START = datetime(2026, 3, 1, 12, 0, 30, tzinfo=UTC)
MINUTE = int(to_s(START) // 60)
VSAT = Line("circuit/vsat", 1000, (ip_network("10.7.0.0/24"), ip_network("10.8.0.0/24")), ())
JUBA = Line("site/juba", 1000, (ip_network("10.7.0.0/24"),), ())


async def written(database: Database, *spendings: Spending) -> dict[str, dict[int, int]]:
    for spending in spendings:
        async with database.write() as connection:
            await spending.write(connection)
    async with database.read() as connection:
        return await spent_by_sweeps(connection)


async def test_an_address_counts_on_every_line_that_it_is_behind_by_the_minute(tmp_path: Path) -> None:
    database, clock = empty_database(tmp_path / "noc.db"), ManualClock(START)
    spending = Spending((VSAT, JUBA), clock)
    await database.start()
    spending.take("10.7.0.1", 100)
    spending.take("10.8.0.1", 10)
    spending.take("10.9.0.1", 1)
    clock.stall(60)
    spending.take("10.7.0.2", 50)
    found = await written(database, spending, spending)
    assert found == {"circuit/vsat": {MINUTE: 110, MINUTE + 1: 50}, "site/juba": {MINUTE: 100, MINUTE + 1: 50}}
    await database.stop()


async def test_sweeps_add_up_and_are_forgotten_after_an_hour(tmp_path: Path) -> None:
    database, clock = empty_database(tmp_path / "noc.db"), ManualClock(START)
    await database.start()
    first = Spending((JUBA,), clock)
    first.take("10.7.0.1", 100)
    clock.stall(1)
    second = Spending((JUBA,), clock)
    second.take("10.7.0.1", 7)
    assert await written(database, first, second, first) == {"site/juba": {MINUTE: 107}}
    clock.stall(62 * 60)
    third = Spending((JUBA,), clock)
    third.take("10.7.0.1", 1)
    assert await written(database, third) == {"site/juba": {MINUTE + 62: 1}}
    await database.stop()


async def test_rows_without_sense_count_nothing(tmp_path: Path) -> None:
    database = empty_database(tmp_path / "noc.db")
    await database.start()
    rows = [
        (1, "site/juba", MINUTE, 5),
        (1, "site/juba", MINUTE),
        (1, 2, 3, 4),
        (1, "site/juba", "x", 4),
        (1, "s", 1, -4),
    ]
    async with database.write() as connection:
        await checkpoint.save(connection, SWEPT, 0, rows)
        assert await spent_by_sweeps(connection) == {"site/juba": {MINUTE: 5}}
    await database.stop()


async def test_the_daemon_takes_it_up_at_its_start(tmp_path: Path) -> None:
    database, clock = empty_database(tmp_path / "noc.db"), ManualClock(START)
    await database.start()
    spending = Spending((JUBA,), clock)
    spending.take("10.7.0.1", 100)
    await written(database, spending)
    taken: list[Mapping[str, Mapping[int, int]]] = []
    watch = SweptWatch(database, clock, taken.append)
    await watch.start()
    assert taken[0] == {"site/juba": {MINUTE: 100}}
    await watch.stop()
    await database.stop()
