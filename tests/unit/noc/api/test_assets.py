"""Assets by the API: ranked, filtered, paged, as CSV, and only what the caller may see."""

from __future__ import annotations

from noc.api._endpoint import ROOT
from noc.http.scope import Scope
from tests.unit.noc.api.answers import get, refused
from tests.unit.noc.api.test_parts import TAKEN
from tests.unit.noc.http.house import House, transition


async def test_devices_are_ranked_by_what_hangs_on_them_and_by_downtime(house: House) -> None:
    await house.write(transition("device/bgf-rtr-1", 60, "down"), transition("device/bgf-rtr-1", 30, "up"))
    found = await get(house, "/assets")
    ids = [one["id"] for one in found["items"]]
    assert (ids[0], [one["rank"] for one in found["items"]]) == ("bds-rtr-1", [1, 2, 3, 4])
    first = found["items"][0]
    assert first["endangers"] == ["nairobi", "brindisi"]
    assert (first["state"], first["left_days"], first["installed"]) == ("unknown", None, None)
    assert next(one for one in found["items"] if one["id"] == "bgf-rtr-1")["down_s"] == 1_800
    by_down = await get(house, "/assets?sort=down&limit=1")
    assert [one["id"] for one in by_down["items"]] == ["bgf-rtr-1"]
    rest = await get(house, f"/assets?sort=down&limit=9&cursor={by_down['next']}")
    assert ([one["rank"] for one in rest["items"]], rest["next"]) == ([2, 3, 4], None)


async def test_what_a_device_said_of_itself_stands_there_and_is_filtered_by(house: House) -> None:
    house.read("nbo-rtr-1", TAKEN)
    maker = TAKEN.device.vendor
    (one,) = (await get(house, "/assets?id=nbo-rtr-1"))["items"]
    assert (one["maker"], one["model"], one["serial"]) == (maker, TAKEN.device.model, TAKEN.device.serial)
    assert [one["id"] for one in (await get(house, "/assets?site=nairobi&sort=id"))["items"]] == [
        "nbo-rtr-1",
        "nbo-ups-1",
    ]
    assert [one["id"] for one in (await get(house, "/assets?endangered_sites__gte=2"))["items"]] == ["bds-rtr-1"]
    assert (await get(house, "/assets?state=past"))["items"] == []
    await refused(house, "/assets?state=old", "/query/state")
    await refused(house, "/assets?from=now&to=now-1d", "/query/to")


async def test_as_a_table(house: House) -> None:
    async with house.http.get(f"{house.url}{ROOT}/assets?format=csv", headers=house.bearer) as answer:
        lines = (await answer.text()).splitlines()
    assert lines[0].startswith('"rank","id","name"')
    assert len(lines) == 5


async def test_other_regions_are_not_there(house: House) -> None:
    await house.log_in_as(Scope(frozenset({"africa"})))
    found = await get(house, "/assets", bearer=False)
    assert "brindisi" not in str(found)
    assert len(found["items"]) == 3
