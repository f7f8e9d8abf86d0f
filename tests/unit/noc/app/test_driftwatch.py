"""The daemon's rhythm of looking for drift: who is looked at when, what is said of whom, and that it goes on."""

from __future__ import annotations

import logging
import math
from collections import Counter
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from noc.app.check import CheckResult
from noc.app.driftwatch import FIRST_AFTER_S, DriftWatch, due_ms, pace_of
from noc.clock import ManualClock
from noc.discovery.pace import Pace
from noc.model.discovery import Drift
from noc.model.instants import to_ms
from noc.model.present import StatusNow
from noc.model.snapshot import DeviceIdentity, Snapshot
from noc.state import drifts
from noc.state.database import Database
from tests.database import empty_database

from .conftest import Checking

NOW = datetime(2026, 3, 1, tzinfo=UTC)
NOW_MS = to_ms(NOW)
DAY = timedelta(days=1)
DAY_MS = 86_400_000
SETTINGS = """\
credentials: {standard: {snmp: {version: 2c, community: !secret file:community}}}
defaults: {credentials: standard}
"""
INVENTORY = """\
regions: {africa: {}}
sites:
  nairobi: {region: africa, class: rtc}
  bangui: {region: africa, class: field, budget: 64KiB/h}
  empty: {region: africa, class: field}
devices:
  nbo-rtr-1: {site: nairobi, address: 192.0.2.1, class: router}
  bgf-rtr-1: {site: bangui, address: 192.0.2.2, class: router}
"""
GONE = "\n".join(line for line in INVENTORY.splitlines() if "bgf-rtr-1" not in line)


class Seen:
    """What the daemon knows of devices."""

    def __init__(self) -> None:
        self.words = {
            "device/nbo-rtr-1": StatusNow("down", NOW_MS - 2 * DAY_MS),
            "device/bgf-rtr-1": StatusNow("up", NOW_MS),
        }
        self.snapshots: dict[str, Snapshot] = {}

    def status(self, entity: str) -> StatusNow:
        return self.words[entity]

    def snapshot(self, entity: str) -> Snapshot | None:
        return self.snapshots.get(entity)

    def parts(self, _: str) -> tuple[()]:
        return ()

    def reads(self, serial: str) -> None:
        unknown = (None,) * 6
        said = DeviceIdentity("192.0.2.2", "1.3.6", "bgf-rtr-1", *unknown, serial, None, "generic")  # type: ignore[arg-type]
        self.snapshots["device/bgf-rtr-1"] = Snapshot(said)


@pytest.fixture
async def database(tmp_path: Path) -> AsyncIterator[Database]:
    made = empty_database(tmp_path / "noc.db")
    await made.start()
    yield made
    await made.stop()


class House:
    """A drift watch over two sites with a device each; one has a byte budget."""

    def __init__(self, checking: Checking, database: Database, settings: str = "", inventory: str = INVENTORY) -> None:
        self.checking = checking
        self.database = database
        self.clock = ManualClock(NOW)
        self.seen = Seen()
        self.watch = self.make(self.checked(settings, inventory))

    def checked(self, settings: str = "", inventory: str = INVENTORY) -> CheckResult:
        return self.checking.run({"noc.yaml": SETTINGS + settings, "inventory/all.yaml": inventory})

    def make(self, checked: CheckResult) -> DriftWatch:
        return DriftWatch(checked, self.database, self.clock, self.seen, lambda entity: entity == "device/bgf-rtr-1")

    async def learn(self) -> None:
        """Start and end it, so that it knows what is in the database; nothing is due so soon."""
        await self.watch.start()
        await self.watch.stop()
        await self.clock.advance(FIRST_AFTER_S)

    async def all_that_is_due(self) -> float:
        """Look at what is due; return the seconds until the next is."""
        for _ in range(10):
            wait_s = await self.watch.turn()
            if wait_s > 0:
                return wait_s
        raise AssertionError("there is no end to what is due")

    async def drifts(self) -> list[tuple[str, str]]:
        async with self.database.read() as connection:
            return [(one.device, one.kind) for one in await drifts.everything(connection)]


async def test_every_site_has_its_turn_once_a_day_and_not_at_once(checking: Checking, database: Database) -> None:
    house = House(checking, database)
    house.seen.reads("S1")
    await house.learn()
    assert math.isnan(house.watch.oldest_s)
    assert 0 < await house.all_that_is_due() <= 3600
    assert house.watch.oldest_s == 0
    assert house.watch.looked_at == 2
    assert await house.drifts() == [("nbo-rtr-1", "silent")]
    assert house.watch.kinds == {"silent": 1}
    seen: Counter[str] = Counter()
    for _ in range(3 * 24 * 4):
        await house.clock.advance(900)
        before = house.watch.looked_at
        await house.all_that_is_due()
        seen[house.clock.now().strftime("%H:%M")] += house.watch.looked_at - before
    assert sorted(number for number in seen.values() if number) == [3, 3], "each site at its own time of the day"
    assert house.watch.oldest_s <= DAY_MS / 1000


async def test_a_restart_looks_at_nothing_that_was_looked_at(checking: Checking, database: Database) -> None:
    house = House(checking, database)
    await house.learn()
    await house.all_that_is_due()
    house.watch = house.make(house.checked())
    await house.learn()
    await house.all_that_is_due()
    assert house.watch.looked_at == 0
    assert house.watch.kinds == {"silent": 1}
    assert house.watch.oldest_s == pytest.approx(FIRST_AFTER_S)


async def test_an_outage_is_no_drift_and_says_nothing_of_what_was_known(checking: Checking, database: Database) -> None:
    house = House(checking, database)
    async with database.write() as connection:
        await drifts.write(connection, ["nbo-rtr-1"], [Drift("nbo-rtr-1", "serial", "", "S1", "S2")], NOW_MS - DAY_MS)
    await house.learn()
    for word, since_ms in (("unreachable", NOW_MS - 3 * DAY_MS), ("unknown", None), ("down", NOW_MS - 1000)):
        house.seen.words["device/nbo-rtr-1"] = StatusNow(word, since_ms)  # type: ignore[arg-type]
        house.watch = house.make(house.checked())
        await house.clock.advance(FIRST_AFTER_S)
        await house.all_that_is_due()
        assert await house.drifts() == [("nbo-rtr-1", "serial")]
        assert house.watch.looked_at == 0, "the device with a budget was not polled yet"


async def test_behind_a_byte_budget_what_polls_told_is_compared_and_nobody_asked(
    checking: Checking, database: Database, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO, "noc.app.driftwatch")
    house = House(checking, database)
    house.seen.reads("S1")
    await house.learn()
    await house.all_that_is_due()
    house.seen.reads("S2")
    house.seen.words["device/nbo-rtr-1"] = StatusNow("unknown")
    for _ in range(25):
        await house.clock.advance(3600)
        await house.all_that_is_due()
    assert await house.drifts() == [("bgf-rtr-1", "serial"), ("nbo-rtr-1", "silent")]
    said = [record.getMessage() for record in caplog.records]
    assert [text.partition(":")[0] for text in said] == ["site/nairobi", "site/bangui"], (
        "a line where something changed"
    )


async def test_never_means_never_and_a_reload_takes_effect_and_forgets_what_left(
    checking: Checking, database: Database
) -> None:
    house = House(checking, database, "discovery: {drift_every: never}\n")
    await house.learn()
    assert house.watch.every is None
    assert await house.watch.turn() > 0
    assert await house.drifts() == []
    async with database.write() as connection:
        await drifts.write(connection, ["bgf-rtr-1"], [Drift("bgf-rtr-1", "serial")], NOW_MS)
    house.watch.replace(house.checked("discovery: {drift_every: 2h}\n", GONE))
    assert house.watch.every == timedelta(hours=2)
    await house.all_that_is_due()
    assert await house.drifts() == [("nbo-rtr-1", "silent")]


async def test_a_database_that_fails_holds_up_nothing_and_is_told_once(
    checking: Checking, database: Database, caplog: pytest.LogCaptureFixture
) -> None:
    house = House(checking, database)
    await house.learn()
    await database.stop()
    waits = [await house.watch.turn() for _ in range(3)]
    assert waits[:2] == [60.0, 60.0]
    assert waits[2] > 60, "each site had its turn"
    assert house.watch.failing is not None
    assert len([record for record in caplog.records if record.levelno == logging.ERROR]) == 1
    await database.start()
    await house.clock.advance(DAY_MS / 1000)
    await house.all_that_is_due()
    assert house.watch.failing is None


def test_a_wrong_rhythm_is_one_finding_with_its_place(checking: Checking) -> None:
    (said,) = checking.messages({"noc.yaml": SETTINGS + "discovery: {drift_every: often}\n"})
    assert said.startswith("noc.yaml:3:26: error: ")
    assert "30s, 5m, 2h, 1d" in said


@given(st.text("abc", min_size=1, max_size=3), st.integers(60_000, 3 * DAY_MS), st.integers(0, 30 * DAY_MS))
def test_each_look_is_followed_by_one_within_the_rhythm(site: str, every_ms: int, last_ms: int) -> None:
    every = timedelta(milliseconds=every_ms)
    first_ms = due_ms(site, last_ms, last_ms, every)
    assert last_ms < first_ms <= last_ms + every_ms
    assert due_ms(site, first_ms, first_ms, every) == first_ms + every_ms
    assert due_ms(site, None, last_ms, every) == last_ms
    assert due_ms(site, last_ms + 10 * DAY_MS, last_ms, every) == first_ms, "a clock that went back delays nothing"


def test_the_pace_is_as_slow_as_the_rhythm_allows() -> None:
    most = Pace(50, 256)
    assert pace_of(20_303, DAY, most) == Pace(1, 8)
    assert pace_of(20_303, timedelta(hours=1), most) == Pace(23, 8)
    assert pace_of(20_303, timedelta(minutes=1), Pace(50, 4)) == Pace(50, 4)
