"""News of incidents: everybody hears of those of their regions, and of no other."""

from __future__ import annotations

import asyncio
import json
import logging
from collections.abc import Callable

import pytest

from noc.http.incidentnews import AT_ONCE, RETRY_AFTER_S
from noc.http.scope import EVERYTHING, Scope
from tests.unit.noc.http.house import House

INCIDENTS = frozenset({"incidents"})


def heard(house: House, *regions: str) -> list[int]:
    """Return the incidents of which somebody with these regions hears; with none, who sees everything."""
    seen = Scope(frozenset(regions)) if regions else EVERYTHING
    return [json.loads(event.data)["incident"] for event in house.server.hub.after(0, INCIDENTS, seen).events]


async def told(house: House, number: int) -> None:
    """Wait until this many events were published."""
    await until(lambda: house.server.hub.last >= number)


async def until(is_so: Callable[[], bool]) -> None:
    async with asyncio.timeout(5):
        while not is_so():
            await asyncio.sleep(0)


async def test_each_region_hears_of_its_own(house: House) -> None:
    african = [
        await house.raises(entity=entity)
        for entity in ("device/nbo-rtr-1", "interface/nbo-rtr-1/Gi0/0", "site/nairobi", "circuit/nbo-sat")
    ]
    european = await house.raises(entity="device/bds-rtr-1")
    nobodys = [await house.raises(entity=entity) for entity in ("poller/centre", "device/gone")]
    for number in [*african, european, *nobodys, 99]:
        house.server.hub.incident(number)
    await told(house, 8)
    assert heard(house, "africa") == african
    assert heard(house, "europe") == [european]
    assert heard(house, "africa", "europe") == [*african, european]
    assert heard(house) == [*african, european, *nobodys, 99]


async def test_what_changes_often_before_it_is_told_is_told_once(house: House) -> None:
    number = await house.raises()
    for _ in range(5):
        house.server.hub.incident(number)
    await told(house, 1)
    house.server.hub.incident(number)
    await told(house, 2)
    assert heard(house, "africa") == [number, number]


async def test_many_come_in_several_rounds(house: House) -> None:
    for number in range(1, AT_ONCE * 2 + 2):
        house.server.hub.incident(number)
    await told(house, AT_ONCE * 2 + 1)
    assert heard(house) == list(range(1, AT_ONCE * 2 + 2))


async def test_what_can_not_be_looked_up_is_told_later(house: House, caplog: pytest.LogCaptureFixture) -> None:
    number = await house.raises()
    await house.database.stop()
    with caplog.at_level(logging.WARNING):
        house.server.hub.incident(number)
        await until(lambda: "hear later" in caplog.text)
        for _ in range(20):
            await asyncio.sleep(0)
    assert caplog.text.count("hear later") == 1  # it waits, and doesn't ask again and again
    assert heard(house) == []
    await house.database.start()
    await house.clock.advance(RETRY_AFTER_S)
    await told(house, 1)
    assert heard(house, "africa") == [number]


async def test_it_goes_on_after_the_server_stood_still(house: House) -> None:
    await house.server.stop()
    number = await house.raises()
    house.server.hub.incident(number)
    await house.server.start()
    await told(house, 1)
    assert heard(house, "africa") == [number]
