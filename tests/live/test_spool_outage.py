"""The store is away, six hours of virtual time and ten real minutes: nothing is lost, and pages are fresh at once."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path

import pytest

from noc.clock import ManualClock, SystemClock
from noc.model.errors import StoreError
from noc.model.instants import to_s
from noc.model.samples import Samples
from noc.model.series import Refusal, SeriesQuery
from noc.service import running
from noc.spool.drain import Drain
from noc.spool.letters import Letters
from noc.spool.report import report
from noc.spool.spool import Spool, packer
from noc.store._ports import Surroundings
from noc.store.influx import Settings, build
from noc.wire import columns
from noc.wire.bodies import COLUMNS
from tests.live.influx_server import DATABASE, Influxds
from tests.live.influx_server import influxds as influxds  # noqa: PLC0414 a fixture
from tests.spools import TIME, conserved, driven
from tests.spools import every_spool_adds_up as every_spool_adds_up  # noqa: PLC0414 a fixture

pytestmark = pytest.mark.live

BUDGET = 4_000_000_000
FRESH_S = 60.0


@dataclass
class Distant:
    """A store that is there or not; each write takes a moment. came_s: by time of a batch, when it came."""

    clock: ManualClock
    there: bool = True
    took_s: float = 0.05
    came_s: dict[float, float] = field(default_factory=dict)
    again: int = 0
    values: int = 0
    tries: int = 0

    @property
    def form(self) -> str:
        return COLUMNS

    def encode(self, batch: Sequence[Samples]) -> bytes:
        return columns.encode(batch)

    async def write(self, body: bytes) -> tuple[Refusal, ...]:
        self.tries += 1
        await self.clock.sleep(self.took_s)
        if not self.there:
            raise StoreError("influx: connection refused")
        for samples in columns.decode(body):
            at_s = to_s(samples.time)
            self.again += at_s in self.came_s
            self.came_s.setdefault(at_s, to_s(self.clock.now()))
            self.values += sum(len(row) for row in samples.values)
        return ()


def batch(clock: ManualClock) -> list[Samples]:
    fields = tuple(f"f{number}" for number in range(50))
    second = to_s(clock.now())
    return [Samples("m", clock.now(), ("device",), fields, (("d",),), (tuple(second + n for n in range(50)),))]


async def worked(spool: Spool, clock: ManualClock, seconds: float, rounds: int = 2) -> None:
    """Let virtual time pass, and what it set in motion in other threads come to an end."""
    await clock.advance(seconds)
    for _ in range(rounds):
        await spool.recounted()
        await asyncio.sleep(0)


@pytest.mark.parametrize("hours", [1 / 3, pytest.param(6, marks=(pytest.mark.slow, pytest.mark.timeout(900)))], ids=str)
async def test_hours_without_a_store(tmp_path: Path, hours: float, capsys: pytest.CaptureFixture[str]) -> None:
    clock = ManualClock(TIME)
    store, spool = Distant(clock), Spool(tmp_path, clock, BUDGET)
    drain = Drain(spool, store, clock, Letters(tmp_path))
    await spool.start()
    await drain.start()
    put: list[float] = []

    def take() -> None:
        put.append(to_s(clock.now()))
        spool.take(batch(clock))

    store.there = False
    for _ in range(round(3600 * hours)):
        take()
        await clock.advance(1)
    await driven(clock, spool.durable(len(put)))
    waited = spool.queued
    assert waited == len(put)
    assert spool._pending_bytes == 0
    assert store.tries < 3600 * hours / 14 + 20  # every 15 s at the latest, and not more often
    store.there, back_s = True, to_s(clock.now())
    while spool.queued > 100:
        take()
        for _ in range(20):
            await worked(spool, clock, 0.05)
        late_s = to_s(clock.now()) - max(store.came_s, default=0.0)
        assert to_s(clock.now()) < back_s + FRESH_S or late_s <= FRESH_S
    drained_s = to_s(clock.now()) - back_s
    rate = waited / drained_s
    assert rate >= 3  # one batch a second comes in
    for at_s in put:
        if back_s < at_s < to_s(clock.now()) - FRESH_S:
            assert store.came_s[at_s] - at_s <= FRESH_S
    fresh_s = min(came for at, came in store.came_s.items() if at >= back_s - 1) - back_s
    while spool.queued:
        await worked(spool, clock, 0.05)
    await conserved(spool)
    await driven(clock, drain.stop())
    await driven(clock, spool.stop())
    assert sorted(store.came_s) == put
    assert (store.again, store.values, spool.tally.stored.values) == (0, 50 * len(put), 50 * len(put))
    assert report(tmp_path).adds_up
    with capsys.disabled():
        said = f"{store.values:,} values, fresh after {fresh_s:.1f} s, the backlog at {rate:.0f} times the intake"
        sys.stdout.write(f"\n{hours:.1f} h without a store: {said}\n")


@pytest.mark.parametrize(
    ("away_s", "values"),
    [(6.0, 500), pytest.param(600.0, 500, marks=(pytest.mark.slow, pytest.mark.timeout(900)))],
)
async def test_minutes_without_influxd(
    influxds: Influxds, tmp_path: Path, away_s: float, values: int, capsys: pytest.CaptureFixture[str]
) -> None:
    clock = SystemClock()
    server, stop = await asyncio.to_thread(influxds.start)
    settings = Settings.model_validate({"url": server.url, "dialect": "v1", "database": DATABASE})
    store = build(settings, Surroundings(tmp_path, tmp_path, clock))
    spool = Spool(tmp_path / "spool", clock, BUDGET, pack=packer(store.form, store.encode))
    drain = Drain(spool, store, clock, Letters(spool.folder))
    begin, put = clock.now().replace(microsecond=0), 0

    async def feed() -> None:
        nonlocal put
        while True:
            at = begin + timedelta(milliseconds=put)
            rows = tuple((float(put + row),) for row in range(values))
            names = tuple(("d", str(row)) for row in range(values))
            spool.take([Samples("m", at, ("device", "n"), ("v",), names, rows)])
            put += 1
            await clock.sleep(0.25)

    async def newest() -> float:
        query = SeriesQuery("m", ("v",), {"device": "d", "n": "0"}, begin, begin + timedelta(days=1))
        answer = await store.read(query)
        return max((value for series in answer.series for value in series.values), default=-1.0)

    async with running([store, spool, drain]):
        feeding = asyncio.create_task(feed())
        await clock.sleep(2)
        stop()
        await clock.sleep(away_s)
        waited = spool.queued
        before = put
        await asyncio.to_thread(influxds.start, port=server.port)
        back_s = clock.monotonic()
        while await newest() < before:
            await clock.sleep(0.2)
        fresh_s = clock.monotonic() - back_s
        assert fresh_s < FRESH_S
        while spool.queued > 8:
            await clock.sleep(0.05)
        drained_s = clock.monotonic() - back_s
        feeding.cancel()
        async with asyncio.timeout(60):
            while spool.queued:
                await clock.sleep(0.05)
        await conserved(spool)
        query = SeriesQuery("m", ("v",), {"device": "d", "n": "0"}, begin, begin + timedelta(days=1))
        answer = await store.read(query)
        assert [value for series in answer.series for value in series.values] == [float(n) for n in range(put)]
        counted = server.tell('SELECT count("v") FROM "m"')
        assert counted[0]["values"] == [[0, put * values]]
    assert spool.tally.shed.batches == spool.tally.dead.batches == 0
    rate = waited / max(drained_s - fresh_s, 0.25) / 4
    assert rate >= 3
    with capsys.disabled():
        said = f"{put * values:,} values, fresh after {fresh_s:.1f} s, the backlog at {rate:.0f} times the intake"
        sys.stdout.write(f"\n{away_s:g} s without influxd: {said}\n")
