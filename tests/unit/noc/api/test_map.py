"""The map by the API: where things are, and how they are."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from pathlib import Path

import pytest

from noc.api import map as world_map
from noc.api._endpoint import ROOT
from noc.api.routes import routes
from noc.http.scope import EVERYTHING, Scope
from tests.unit.noc.api.answers import get
from tests.unit.noc.http.house import FREE_PORT, INVENTORY, House, build


async def test_the_states_are_in_the_order_of_the_map(house: House) -> None:
    for name, ok in (("nbo-rtr-1", True), ("nbo-ups-1", False), ("bds-rtr-1", True), ("bgf-rtr-1", False)):
        house.saw(name, ok)
    shape, states = await get(house, "/map"), await get(house, "/map/states")
    assert [site["id"] for site in shape["sites"]] == ["bangui", "brindisi", "nairobi"]
    assert shape["words"] == ["up", "unmeasured", "degraded", "unknown", "unreachable", "down"]
    assert shape["circuits"] == [
        {"id": "nbo-sat", "name": "Nairobi by satellite", "kind": "satellite", "site": 2, "to": [1]}
    ]
    assert shape["sites"][1] == {
        "id": "brindisi", "name": "Brindisi", "region": "europe", "lat": None, "lon": None, "hub": True
    }  # fmt: skip
    assert states == {"map": shape["version"], "sites": "502", "circuits": "1"}


async def test_the_map_is_sent_once_and_the_same_for_all_who_ask_again(house: House) -> None:
    await house.log_in_as(EVERYTHING)
    for path in (f"{ROOT}/map", f"{ROOT}/map/states"):
        async with house.http.get(house.url + path) as answer:
            tag = answer.headers["ETag"]
            assert answer.status == 200
        async with house.http.get(house.url + path, headers={"If-None-Match": tag}) as answer:
            assert answer.status == 304


async def test_who_has_the_map_costs_nothing_until_the_inventory_is_another(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    held = [INVENTORY]
    home = await build(tmp_path, FREE_PORT, routes, change=lambda one: replace(one, inventory=lambda: held[0]))
    async with home.http.get(f"{home.url}{ROOT}/map", headers=home.bearer) as answer:
        known, shape = {"If-None-Match": answer.headers["ETag"]}, await answer.json()
    monkeypatch.setattr(world_map, "_shape", lambda _: pytest.fail("it was made again"))
    async with home.http.get(f"{home.url}{ROOT}/map", headers={**home.bearer, **known}) as answer:
        assert (answer.status, await answer.read(), answer.headers["ETag"]) == (304, b"", known["If-None-Match"])
    monkeypatch.undo()
    held[0] = replace(INVENTORY, circuits={})
    async with home.http.get(f"{home.url}{ROOT}/map", headers={**home.bearer, **known}) as answer:
        assert (answer.status, (await answer.json())["circuits"]) == (200, [])
        assert shape["circuits"] != []
    await home.stack.aclose()


async def test_states_are_worked_out_once_a_second_and_nobody_misses_a_change(tmp_path: Path) -> None:
    number = [7]
    house = await build(tmp_path, FREE_PORT, routes, change=lambda sources: replace(sources, changes=lambda: number[0]))
    async with house.stack:
        house.saw("bgf-rtr-1", ok=True)
        before = await get(house, "/map/states")
        house.saw("bgf-rtr-1", ok=False, offset_ms=10_000)
        assert await get(house, "/map/states") == before  # nobody was told of it yet
        number[0] += 1
        both = [asyncio.create_task(get(house, "/map/states")) for _ in range(2)]
        done, _ = await asyncio.wait(both, timeout=0.3)
        assert not done
        await house.clock.advance(1.1)
        assert [answer["sites"] for answer in await asyncio.gather(*both)] == ["5" + before["sites"][1:]] * 2


async def test_who_sees_one_region_gets_no_more(house: House) -> None:
    await house.log_in_as(Scope(frozenset({"europe"})))
    shape, states = await get(house, "/map", bearer=False), await get(house, "/map/states", bearer=False)
    assert [site["id"] for site in shape["sites"]] == ["brindisi"]
    assert shape["circuits"] == []
    assert (len(states["sites"]), states["circuits"]) == (1, "")
