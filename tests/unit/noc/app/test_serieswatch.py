"""What of the way of samples people are told, from the parts that know it."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from noc.app.series import Series
from noc.app.serieswatch import series_concerns
from noc.clock import ManualClock
from noc.model.errors import StoreError
from noc.pipeline.fanout import Fanout
from noc.spool import spool as spool_module
from noc.spool.clerk import Clerk
from noc.spool.drain import Drain
from noc.spool.letters import Letters
from noc.spool.spool import Spool
from noc.store.memory import MemoryStore
from tests.spools import TIME, driven, numbered


class House:
    def __init__(self, folder: Path) -> None:
        self.clock = ManualClock(TIME)
        self.spool = Spool(folder, self.clock, 2_000)
        letters, store = Letters(folder), MemoryStore(1000)
        self.drain = Drain(self.spool, store, self.clock, letters)
        clerk = Clerk(self.spool, letters, self.clock)
        self.series = Series(store, self.spool, self.drain, clerk, Fanout(self.clock, self.spool.take))
        self.concerns = series_concerns(self.series, self.clock)

    def told(self) -> dict[str, str]:
        said = {concern.rule.name: concern.why() for concern in self.concerns}
        return {rule: why for rule, why in said.items() if why is not None}


@pytest.fixture
async def house(tmp_path: Path) -> AsyncIterator[House]:
    house = House(tmp_path)
    await house.spool.start()
    yield house
    await driven(house.clock, house.spool.stop())


async def test_nothing_is_told_while_all_is_well(house: House) -> None:
    house.spool.put(numbered(1.0))
    await driven(house.clock, house.spool.durable(1))
    assert house.told() == {}


async def test_a_store_that_is_away_is_another_concern_than_one_that_refuses_us(house: House) -> None:
    house.drain._fails(StoreError("influx: connection refused"))
    assert house.told() == {"store-away": "influx: connection refused"}
    house.drain._fails(StoreError("influx: refuses the log-in: check token", refused=True))
    assert house.told() == {"store-refuses": "influx: refuses the log-in: check token"}
    house.drain._works(1)
    assert house.told() == {}


async def test_samples_are_said_to_wait_on_disk_only_where_they_do(house: House) -> None:
    house.drain._fails(StoreError("influx: connection refused"))
    assert house.series.failing == "samples wait in the spool: influx: connection refused"
    assert house.series.is_safe
    house.spool._wait_with((), (), "No space left on device")
    assert not house.series.is_safe
    spool, _, store = house.series.failing.partition("; ")
    assert spool.endswith("can't be written, batches wait in memory: No space left on device")
    assert store == "none is taken to the store: influx: connection refused"


async def test_a_spool_that_fills_and_one_that_sheds(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(spool_module, "TIDY_EVERY_S", 0.0)
    house.drain._fails(StoreError("influx: connection refused"))
    number = 0
    while "spool-fills" not in house.told():
        number = house.spool.put(numbered(1.0))
        await driven(house.clock, house.spool.durable(number))
        assert house.spool.size < house.spool.budget_bytes
    assert "% of its budget; beyond it" in house.told()["spool-fills"]
    assert "connection refused" in house.told()["spool-fills"]
    async with asyncio.timeout(10):
        while "spool-sheds" not in house.told():
            number = house.spool.put(numbered(1.0))
            await driven(house.clock, house.spool.durable(number))
            await driven(house.clock, house.spool._tidy())
    assert "were shed for want of room: see to the store (influx: connection refused)" in house.told()["spool-sheds"]
    await house.clock.advance(601)
    assert "spool-sheds" not in house.told()
