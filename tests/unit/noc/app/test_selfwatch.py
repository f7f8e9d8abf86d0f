"""What is wrong with noc itself becomes an incident, over restarts, and is over when all is well for a while."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterable
from datetime import UTC, datetime
from pathlib import Path

import pytest

from alerts.rules.made import MADE
from noc.app.selfwatch import CLEAR_AFTER_S, Concern, Grown, SelfWatch
from noc.clock import ManualClock
from noc.model.incident import RuleTransition
from noc.state import incidents
from noc.state.database import Database
from noc.state.incidents import Opening
from tests.database import empty_database

NOON = datetime(2026, 1, 1, 12, tzinfo=UTC)


@pytest.fixture
async def database(tmp_path: Path) -> AsyncIterator[Database]:
    database = empty_database(tmp_path / "noc.db")
    await database.start()
    yield database
    await database.stop()


class House:
    def __init__(self, database: Database, hold_s: float = 60.0) -> None:
        self.clock = ManualClock(NOON)
        self.why: str | None = None
        self.told: list[RuleTransition] = []
        concern = Concern(MADE["store-away"], "major", hold_s, lambda: self.why)
        self.watch = SelfWatch(self.clock, database, "hq", self.take, [concern])

    def take(self, changes: Iterable[RuleTransition]) -> None:
        self.told += changes

    def words(self) -> list[tuple[str, str, str]]:
        return [(change.rule, change.entity, change.status) for change in self.told]


async def test_what_lasts_is_told_once_and_is_over_when_all_is_well_for_a_while(database: Database) -> None:
    house = House(database)
    await house.watch.start()
    await house.clock.advance(100)
    house.why = "influx: connection refused"
    await house.clock.advance(55)
    assert house.told == []
    await house.clock.advance(20)
    (raised,) = house.told
    assert (raised.rule, raised.entity, raised.status, raised.severity) == (
        "store-away",
        "poller/hq",
        "raised",
        "major",
    )
    assert raised.facts == {
        "summary": "The store of time series takes nothing",
        "runbook": "/help/runbooks/noc-itself#store-away",
        "said": "influx: connection refused",
    }
    assert 60_000 <= raised.decided_ms - raised.since_ms <= 65_000
    assert house.watch.troubles == ("influx: connection refused",)
    house.why = None
    await house.clock.advance(CLEAR_AFTER_S - 10)
    house.why = "influx: timed out"
    await house.clock.advance(300)
    assert len(house.told) == 1
    assert house.watch.troubles == ("influx: timed out",)
    house.why = None
    await house.clock.advance(CLEAR_AFTER_S + 5)
    assert [change.status for change in house.told] == ["raised", "cleared"]
    assert house.watch.troubles == ()
    await house.watch.stop()


async def test_what_was_open_before_a_restart_is_taken_up_and_what_nobody_asks_is_cleared(database: Database) -> None:
    async with database.write() as connection:
        for rule, entity in (("store-away", "poller/hq"), ("of-old", "poller/hq"), ("store-away", "poller/elsewhere")):
            await incidents.insert(connection, Opening(entity, rule, "rule", "major", "", 1, 1, {"said": "away"}, 1))
    house = House(database)
    house.why = "still away"
    await house.watch.start()
    assert sorted(house.words()) == [
        ("of-old", "poller/hq", "cleared"),
        ("store-away", "poller/elsewhere", "cleared"),
    ]
    await house.clock.advance(500)
    assert len(house.told) == 2  # it is open already
    house.why = None
    await house.clock.advance(CLEAR_AFTER_S + 5)
    assert house.words()[2:] == [("store-away", "poller/hq", "cleared")]
    await house.watch.stop()


async def test_a_count_that_grew_is_told_for_a_while() -> None:
    clock, count = ManualClock(NOON), [0]
    grown = Grown(clock, lambda: count[0], 60.0)
    assert grown.lately() == 0
    count[0] = 3
    assert grown.lately() == 3
    await clock.advance(59)
    assert grown.lately() == 3
    await clock.advance(2)
    assert grown.lately() == 0
    count[0] = 4
    assert grown.lately() == 4
