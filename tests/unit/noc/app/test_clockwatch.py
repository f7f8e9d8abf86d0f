"""The clock of the machine is set back: judging goes on at once, by a time that the ledger can be proud of."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from noc.app.build import build
from noc.app.clockwatch import ClockWatch
from noc.app.figures import answer_of
from noc.availability.policy import Period
from noc.clock import ManualClock, SteadyClock
from noc.inventory.inventory import Inventory
from noc.model.clockstep import ClockStep
from noc.model.instants import to_ms
from noc.pipeline.policy import probe_policy
from noc.pipeline.status import Result, Statuses
from noc.state import checkpoint, ledger
from noc.state.committer import Committer
from noc.state.database import Database
from noc.state.records import recorded_of
from noc.state.timelines import changes
from tests.database import empty_database
from tests.things import device

from .conftest import Checking

NOON = datetime(2026, 1, 1, 12, tzinfo=UTC)
DEVICE = device()


@pytest.fixture
async def database(tmp_path: Path) -> AsyncIterator[Database]:
    database = empty_database(tmp_path / "noc.db")
    await database.start()
    yield database
    await database.stop()


class House:
    """A machine's clock, noc's own, and what watches and judges by it."""

    def __init__(self, database: Database, now: datetime = NOON) -> None:
        self.database = database
        self.machine = ManualClock(now)
        self.clock = SteadyClock(self.machine)
        self.committer = Committer(database, self.clock, list)
        self.watch = ClockWatch(self.clock, database, self.committer, "hq")
        self.statuses = Statuses()
        self.statuses.watch({DEVICE.entity: probe_policy(DEVICE.watch)})

    async def probe(self, times: int, ok: bool) -> None:
        for _ in range(times):
            await self.machine.advance(60)
            result = Result(DEVICE.entity, to_ms(self.clock.now()), ok, "icmp", "hq")
            self.committer.put([*self.statuses.expire(result.time_ms), *self.statuses.take(result)])

    async def written(self) -> list[ledger.Record]:
        await self.committer.start()
        await self.committer.stop()
        async with self.database.read() as connection:
            assert (await ledger.verify(connection)).broken is None
            return [record async for record in ledger.read(connection)]


async def test_an_hour_back_stops_no_judging_and_the_ledger_stays_in_order(database: Database) -> None:
    house = House(database)
    await house.watch.start()
    await house.probe(60, ok=True)
    house.machine.step(-3600)
    await house.probe(3, ok=False)
    assert house.statuses.status_of(DEVICE.entity) == "down"
    await house.probe(60, ok=True)
    assert house.statuses.tally.late == 0
    records = await house.written()
    assert [record.kind for record in records] == ["transition", "clock", "transition", "transition"]
    assert [record.since_ms for record in records] == sorted(record.since_ms for record in records)
    step = recorded_of(records[1].kind, records[1].body)
    assert isinstance(step, ClockStep)
    assert step.entity == "poller/hq"
    assert 3_598_000 <= step.since_ms - step.machine_ms <= 3_600_000
    async with database.read() as connection:
        assert list(await ledger.latest(connection)) == [DEVICE.entity]
        rows = await changes(connection, 0)
    period = Period(to_ms(NOON), to_ms(house.clock.now()))
    inventory = Inventory(devices={DEVICE.id: DEVICE})
    figures = answer_of(rows, inventory, period, period.end).entities[DEVICE.entity].figures
    # Down from the first bad probe to the first good one, three minutes, by a clock that is slower by a twelfth.
    assert figures.durations.down == 165_000
    assert figures.durations.unknown == 60_000
    assert figures.durations.up == period.end - period.start - 225_000
    await house.watch.stop()


async def test_it_is_told_until_the_lead_is_worked_off(database: Database, caplog: pytest.LogCaptureFixture) -> None:
    house = House(database)
    await house.watch.start()
    await house.machine.advance(100)
    assert house.watch.failing is None
    house.machine.step(-60)
    await house.machine.advance(1)
    assert house.watch.failing is not None
    assert "says 2026-01-01T12:00:41Z" in house.watch.failing
    assert "60 s ahead" in house.watch.failing
    await house.machine.advance(60 * 12 - 10)
    assert house.watch.failing is not None
    await house.machine.advance(20)
    assert house.watch.failing is None
    assert len(caplog.records) == 2
    steps = [recorded_of(record.kind, record.body) for record in await house.written()]
    assert [isinstance(step, ClockStep) and step.since_ms == step.machine_ms for step in steps] == [False, True]
    await house.watch.stop()


@pytest.mark.parametrize("seconds", [3600.0, -1.5])
async def test_a_step_forward_and_what_ntp_does_is_no_reason(database: Database, seconds: float) -> None:
    house = House(database)
    await house.watch.start()
    house.machine.step(seconds)
    await house.machine.advance(10)
    assert house.watch.failing is None
    assert await house.written() == []
    await house.watch.stop()


async def test_a_start_among_records_of_the_future_goes_on_behind_them(database: Database) -> None:
    async with database.write() as connection:
        await checkpoint.save(connection, "statuses", to_ms(NOON + timedelta(hours=1)), [])
        await ledger.append(connection, [ClockStep("poller/hq", to_ms(NOON + timedelta(hours=2)), 0)])
    house = House(database)
    await house.watch.start()
    assert house.clock.now() == NOON + timedelta(hours=2)
    assert house.watch.failing is not None
    await house.probe(1, ok=True)
    assert house.statuses.status_of(DEVICE.entity) == "up"
    records = await house.written()
    assert [record.kind for record in records] == ["clock", "clock", "transition"]
    await house.watch.stop()


async def test_a_damaged_time_holds_up_no_start(database: Database) -> None:
    async with database.write() as connection:
        await checkpoint.save(connection, "statuses", 10**18, [])
    house = House(database)
    await house.watch.start()
    assert house.clock.now() == NOON
    await house.watch.stop()


def test_the_whole_daemon_goes_by_a_time_that_never_goes_back(checking: Checking) -> None:
    machine = ManualClock(NOON)
    daemon = build(checking.run({}), machine)
    machine.step(-3600)
    assert daemon.clock is daemon.doors.clock
    assert daemon.clock.now() == NOON
    assert daemon.services.index(daemon.keepers.watch) < daemon.services.index(daemon.alerting)
