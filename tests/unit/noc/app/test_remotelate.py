"""Late evidence of remote pollers waits on disk until it is ripe, restates the ledger once, and fills the series."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from noc.app.probing import Answered
from noc.app.remotelate import LOOK_EVERY_S, QUIET_MS, Ground, Late
from noc.clock import ManualClock
from noc.inventory.endpoints import Endpoint, TcpProbe
from noc.inventory.entities import Region, Site
from noc.inventory.inventory import Inventory
from noc.model.check import Check
from noc.model.instants import to_ms
from noc.model.reading import Failure, FailureKind, PingAnswer, Reading
from noc.model.replies import TcpReply
from noc.model.samples import Samples
from noc.model.series import SeriesQuery
from noc.pipeline.endpointseries import endpoint_samples, endpoint_tags
from noc.pipeline.liveness import LivenessSeries
from noc.pipeline.policy import availability_policy
from noc.pipeline.status import Result, Statuses
from noc.state import ledger, restating
from noc.state.database import Database
from noc.state.records import RESTATEMENT
from noc.store.memory import MemoryStore
from tests.database import empty_database
from tests.stores import put
from tests.things import device, watch

START = datetime(2026, 11, 22, 5, 0, tzinfo=UTC)
MS = to_ms(START)
WATCHED = watch(interval=timedelta(seconds=10), stale_after=timedelta(seconds=30), skew=timedelta(seconds=10))
INVENTORY = Inventory(
    regions={"r": Region(id="r", name="R")},
    sites={"s": Site.model_validate({"id": "s", "name": "S", "region": "r", "class": "hub"})},
    devices={"a": replace(device("a", watched=WATCHED), site="s")},
    endpoints={"web": Endpoint("web", "web", "s", None, "tcp", TcpProbe(host="192.0.2.9", port=1), WATCHED, (), ())},
)
CHECK = Check("device/a", "icmp", 10.0, 5.0, liveness=True)
RIPE_S = 5 * 30 + 60


class House:
    """A ledger that was cut off from its device between two moments, and what is late of them."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.clock = ManualClock(START)
        self.database: Database = empty_database(folder / "noc.db")
        self.store = MemoryStore(10_000)
        self.samples: list[Samples] = []
        self.sick = ""
        self.statuses = Statuses()
        self.statuses.watch(availability_policy(INVENTORY).probes)

    def late(self) -> Late:
        ground = Ground(
            database=self.database,
            clock=self.clock,
            inventory=lambda: INVENTORY,
            profiles={},
            context=lambda _: {"site": "s", "region": "r", "device": "a"},
            store=self.store,
            numbers=self._numbers,
            filled=self._filled,
            sick=lambda: self.sick,
            answered=answered,
        )
        return Late(self.folder, ground)

    def _numbers(self, samples: Iterable[Samples]) -> None:
        self.samples += samples

    async def _filled(self) -> None:
        samples, self.samples = self.samples, []
        await put(self.store, samples)

    async def saw(self, start_s: int, end_s: int, entity: str = "device/a") -> None:
        """Have the centre see results of a time, each of them good."""
        series, changes = LivenessSeries(lambda _: {"site": "s", "region": "r"}), []
        for at_s in range(start_s, end_s, 10):
            result = Result(entity, MS + at_s * 1000, True, "icmp", "p")
            series.take(result)
            changes += [*self.statuses.expire(result.time_ms), *self.statuses.take(result)]
        self._numbers(series.samples())
        await self._filled()
        async with self.database.write() as connection:
            await ledger.append(connection, changes)

    async def advance(self, seconds: float) -> None:
        """Let time pass; files are written meanwhile."""
        for _ in range(int(seconds)):
            await self.clock.advance(1)
            await asyncio.sleep(0.002)

    async def restatements(self) -> int:
        async with self.database.read() as connection:
            return sum([record.kind == RESTATEMENT async for record in ledger.read(connection)])

    async def said(self, entity: str = "device/a") -> list[tuple[str, int]]:
        """Return what the ledger says now: what the device was, and since how many seconds after the start."""
        async with self.database.read() as connection:
            found = await restating.said_of(connection, [entity], MS)
        states = [(change.state.value, (change.time - MS) // 1000) for change in found[entity].timeline]
        return [one for number, one in enumerate(states) if number == 0 or states[number - 1][0] != one[0]]

    async def results(self) -> int:
        query = SeriesQuery("noc_liveness", ("ok",), {"entity": "device/a"}, START, START + timedelta(hours=2))
        return sum(len(one.values) for one in (await self.store.read(query)).series)


def answered(reading: Reading, entity: str) -> Answered | None:
    """Judge an end point: an answer that took longer than a second is wrong."""
    endpoint = INVENTORY.endpoints[entity.removeprefix("endpoint/")]
    wrong = ("slow",) if reading.duration_s > 1 else ()
    return Answered(endpoint, wrong, endpoint_samples(endpoint, reading, endpoint_tags(endpoint, "r"), wrong))


def reading(at_s: int, *, ok: bool = True) -> Reading:
    failure = None if ok else Failure(FailureKind.TIMEOUT, "no reply")
    ping = PingAnswer((0.01,) if ok else (None,))
    return Reading("icmp", "192.0.2.1", "p", START + timedelta(seconds=at_s), 0.01, failure, ping=ping)


@pytest.fixture
async def house(tmp_path: Path) -> AsyncIterator[House]:
    house = House(tmp_path)
    await house.database.start()
    yield house
    await house.database.stop()


@pytest.mark.parametrize(("now_s", "pieces"), [(800, 1), (500, 2)])
async def test_what_is_late_restates_the_ledger_when_it_is_ripe_and_quiet(
    house: House, now_s: int, pieces: int
) -> None:
    await house.saw(0, 100)
    await house.saw(400, now_s)
    await house.clock.advance(now_s)
    late = house.late()
    await late.start()
    for at_s in range(100, 400, 10):
        late.take(CHECK, reading(at_s, ok=not 200 <= at_s < 250))
        if at_s % 100 == 0:
            await asyncio.wait_for(_while_time_passes(house, late), 10)
    await asyncio.wait_for(_while_time_passes(house, late), 10)
    assert await house.restatements() == 0
    assert [one.measurement for one in house.samples] == ["ping"] * 30
    await house.advance(RIPE_S + QUIET_MS // 1000 + 2 * LOOK_EVERY_S)
    assert late.restated == await house.restatements() == pieces
    assert await house.results() == now_s // 10
    assert await house.said() == [("up", 0), ("down", 200), ("up", 250)]
    assert late.waiting == 0
    await asyncio.wait_for(_stop(house, late), 10)


async def test_an_end_point_is_restated_by_what_its_answers_were_worth(house: House) -> None:
    await house.saw(0, 100, "endpoint/web")
    await house.saw(400, 800, "endpoint/web")
    await house.clock.advance(800)
    late = house.late()
    await late.start()
    check = Check("endpoint/web", "tcp", 10.0, 5.0, liveness=True)
    for at_s in range(100, 400, 10):
        took_s = 2.0 if 200 <= at_s < 250 else 0.1
        at = START + timedelta(seconds=at_s)
        late.take(check, Reading("tcp", "192.0.2.9:1", "p", at, took_s, reply=TcpReply(took_s)))
    await asyncio.wait_for(_while_time_passes(house, late), 10)
    assert [one.measurement for one in house.samples] == ["net_response"] * 30
    await house.advance(RIPE_S + QUIET_MS // 1000 + 2 * LOOK_EVERY_S)
    assert await house.said("endpoint/web") == [("up", 0), ("down", 200), ("up", 250)]
    await asyncio.wait_for(_stop(house, late), 10)


async def test_it_waits_over_a_restart_and_while_the_store_is_away(house: House) -> None:
    await house.saw(0, 100)
    await house.saw(400, 500)
    await house.clock.advance(500)
    late = house.late()
    await late.start()
    for at_s in range(100, 400, 10):
        late.take(CHECK, reading(at_s))
    await asyncio.wait_for(_while_time_passes(house, late), 10)
    await asyncio.wait_for(_stop(house, late), 10)
    house.sick = "the store is away"
    again = house.late()
    await again.start()
    await house.advance(RIPE_S + QUIET_MS // 1000 + 2 * LOOK_EVERY_S)
    assert await house.restatements() == 0
    house.sick = ""
    await house.advance(2 * LOOK_EVERY_S)
    assert await house.restatements() == 1
    await asyncio.wait_for(_stop(house, again), 10)


async def test_the_same_again_changes_nothing(house: House) -> None:
    await house.saw(0, 500)
    await house.clock.advance(500)
    late = house.late()
    await late.start()
    for at_s in range(100, 200, 10):
        late.take(CHECK, reading(at_s))
    await asyncio.wait_for(_while_time_passes(house, late), 10)
    await house.advance(RIPE_S + QUIET_MS // 1000 + 2 * LOOK_EVERY_S)
    assert (late.results, late.restated, late.waiting) == (10, 0, 0)
    assert await house.restatements() == 0
    assert await house.results() == 50
    await asyncio.wait_for(_stop(house, late), 10)


async def _while_time_passes(house: House, late: Late) -> None:
    waiting = asyncio.create_task(late.on_disk())
    while not waiting.done():
        await house.clock.advance(0.1)
        await asyncio.sleep(0.002)
    await waiting


async def _stop(house: House, late: Late) -> None:
    stopping = asyncio.create_task(late.stop())
    while not stopping.done():
        await house.clock.advance(0.1)
        await asyncio.sleep(0.002)
    await stopping
