from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

from noc.model.samples import Samples
from noc.model.series import SeriesQuery
from noc.store.memory import MemoryStore
from tests.stores import put

BEGIN = datetime(2026, 11, 20, tzinfo=UTC)
QUERY = SeriesQuery("m", ("v",), {"device": "d"}, BEGIN, BEGIN + timedelta(days=1))


def row(minute: int, value: float, device: str = "d") -> Samples:
    return Samples("m", BEGIN + timedelta(minutes=minute), ("device",), ("v",), ((device,),), ((value,),))


async def test_the_oldest_make_room() -> None:
    store = MemoryStore(20)
    for minute in (*range(10), 40, *range(10, 30)):
        await put(store, [row(minute, float(minute))])
    (series,) = (await store.read(QUERY)).series
    assert series.values == (*(float(minute) for minute in range(15, 30)), 40.0)
    assert store.dropped == 15


async def test_the_same_again_takes_no_room() -> None:
    store = MemoryStore(5)
    for _ in range(10):
        await put(store, [row(minute, 1.0) for minute in range(5)])
    (series,) = (await store.read(QUERY)).series
    assert len(series.values) == 5
    assert store.dropped == 0


async def test_a_row_without_a_device_is_refused() -> None:
    store = MemoryStore(5)
    (refusal,) = await put(store, [row(0, 1.0, device=""), row(0, 2.0)])
    assert (refusal.values, refusal.reason) == (1, "a row has no tag 'device'")
    (series,) = (await store.read(QUERY)).series
    assert series.values == (2.0,)


async def test_it_is_gone_after_a_stop() -> None:
    store = MemoryStore(5)
    await put(store, [row(0, 1.0)])
    await store.stop()
    assert (await store.read(replace(QUERY, stop=BEGIN + timedelta(days=9)))).series == ()
