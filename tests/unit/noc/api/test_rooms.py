"""Power, cooling and temperature of a room, as the API and the page of its site tell them."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path

import pytest

from noc.api.routes import routes as api_routes
from noc.http.sources import Sources
from noc.model.snapshot import DeviceIdentity, Sensor, Snapshot
from noc.web.pages import WebPages
from noc.web.routes import routes as page_routes
from tests.unit.noc.api.answers import get
from tests.unit.noc.http.house import FREE_PORT, House, build

IN_ROW = "1.3.6.1.4.1.318.1.1.13.3.3.1.2.2"
IDENTITY = DeviceIdentity("192.0.2.2", *(None,) * 10, "apc-cooling")  # type: ignore[arg-type]
SENSORS = (
    Sensor("state", "0", "Unit", 2, "on", None, f"{IN_ROW}.1.0", "ok"),
    Sensor("temperature", "0", "Unit, supply air", 17.2, None, "celsius", f"{IN_ROW}.5.0", "ok"),
    Sensor("temperature", "0", "Unit, return air", 33.9, None, "celsius", f"{IN_ROW}.7.0", "ok"),
    Sensor("power", "0", "Unit, cooling demand", 9500.0, None, "watts", f"{IN_ROW}.13.0", "ok"),
    Sensor("power", "0", "Unit, cooling output", 9100.0, None, "watts", f"{IN_ROW}.14.0", "ok"),
    Sensor("temperature", "0", "Unit, rack inlet 1", 22.5, None, "celsius", f"{IN_ROW}.24.0", "ok"),
)


def with_room(sources: Sources) -> Sources:
    known = sources.inventory()
    unit = replace(known.devices["nbo-ups-1"], device_class="other", room="hall")
    inventory = replace(known, devices={**known.devices, unit.id: unit})
    return replace(sources, inventory=lambda: inventory)


@pytest.fixture
async def cooled(tmp_path: Path) -> AsyncIterator[House]:
    def both(sources: Sources) -> list[object]:
        return [*api_routes(sources), *page_routes(sources, WebPages(sources))]

    house = await build(tmp_path, FREE_PORT, both, change=with_room)  # type: ignore[arg-type]
    yield house
    await house.stack.aclose()


async def test_a_room_tells_of_its_cooling_and_of_its_air(cooled: House) -> None:
    (item,) = (await get(cooled, "/rooms"))["items"]
    assert (item["cooling"], item["supply_air_c"], item["unread"]) == (None, None, 1)
    cooled.presence.keep("device/nbo-ups-1", Snapshot(IDENTITY, (), SENSORS))
    (item,) = (await get(cooled, "/rooms"))["items"]
    silent = {"units": 1, "well": 0, "running": 0, "failed": ["nbo-ups-1"]}
    assert item["cooling"] == {**silent, "output_w": None, "demand_w": None, "capacity_pct": None}
    assert item["temperature_c"] == {"value": 22.5, "device": "nbo-ups-1", "sensor": "Unit, rack inlet 1"}
    assert (item["supply_air_c"]["value"], item["return_air_c"]["value"]) == (17.2, 33.9)
    assert (item["pdu_power_w"], item["ups_power_w"], item["generator_power_w"]) == (None, None, None)


async def shown(house: House) -> str:
    """Return the panel of rooms as text, without tags."""
    async with house.http.get(f"{house.url}/sites/nairobi") as answer:
        text = await answer.text()
        assert answer.status == 200, text
    panel = text.partition('id="rooms"')[2].partition("</section>")[0]
    return " ".join(re.sub(r"<[^<>]*>", " ", panel).split())


async def test_the_page_shows_cooling_and_who_has_failed(cooled: House) -> None:
    await cooled.log_in()
    cooled.presence.keep("device/nbo-ups-1", Snapshot(IDENTITY, (), SENSORS))
    cooled.saw("nbo-ups-1", ok=True)
    text = await shown(cooled)
    assert "hall 22.5 °C 17.2 °C 33.9 °C 9,100 W of 9,500 W 1 well" in text
    assert '"' not in text.partition("hall")[2]
    alarm = Sensor("state", "0", "Unit, output", 2, "closed", None, f"{IN_ROW}.22.0", "critical")
    cooled.presence.keep("device/nbo-ups-1", Snapshot(IDENTITY, (), (*SENSORS, alarm)))
    assert "0 of 1 well" in await shown(cooled)
