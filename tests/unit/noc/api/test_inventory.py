"""Regions, sites, devices and interfaces."""

from __future__ import annotations

from itertools import product

import pytest

from noc.model.reading import PartFailure
from noc.model.snapshot import Counters, DeviceIdentity, Interface, Sensor, Snapshot
from tests.unit.noc.api.answers import get, refused, whole
from tests.unit.noc.http.house import House

IDENTITY = DeviceIdentity(
    "192.0.2.1", "1.3.6.1", "nbo", "a router\x00", 1.5, "cisco", "ios-xe", "17", None, None, "router", "cisco-iosxe"
)
NO_COUNTERS = Counters(*[None] * 12)


def interface(number: int, name: str) -> Interface:
    state = "up" if number % 2 else "down"
    return Interface(number, name, None, "عربي <b>", 6, 10**9, 1500, None, "up", state, None, None, True, NO_COUNTERS)


SENSOR = Sensor("temperature", "1", "inlet", 21.5, None, "celsius", "1.3.6.1.4", "ok", limit_high=40)
SNAPSHOT = Snapshot(
    IDENTITY,
    interfaces=tuple(interface(number, f"Gi0/{number}") for number in (3, 1, 2)),
    sensors=(SENSOR,),
    errors=(PartFailure("bgp_peers", "timeout"),),
)


async def test_regions_count_their_sites(house: House) -> None:
    house.saw("nbo-rtr-1", ok=False)
    house.saw("bds-rtr-1", ok=True)
    answer = await get(house, "/regions")
    assert [(item["id"], item["sites"]) for item in answer["items"]] == [
        ("africa", {"up": 0, "down": 1, "unreachable": 0, "unknown": 1}),
        ("europe", {"up": 1, "down": 0, "unreachable": 0, "unknown": 0}),
    ]
    assert await get(house, "/regions/africa") == answer["items"][0]


async def test_sites_tell_their_status(house: House) -> None:
    house.saw("nbo-rtr-1", ok=False)
    house.saw("bds-rtr-1", ok=False)
    assert [(item["id"], item["status"]) for item in (await get(house, "/sites"))["items"]] == [
        ("bangui", "unknown"),
        ("brindisi", "down"),
        ("nairobi", "unreachable"),
    ]
    site = await get(house, "/sites/nairobi")
    assert (site["entity"], site["class"], site["devices"], site["edge_devices"]) == (
        "site/nairobi",
        "rtc",
        2,
        ["nbo-rtr-1"],
    )


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("region=africa", ["bangui", "nairobi"]),
        ("class=rtc&region=europe", ["brindisi"]),
        ("status=down", ["brindisi"]),
        ("status=down&status=unknown", ["bangui", "brindisi"]),
    ],
)
async def test_sites_are_filtered(house: House, query: str, expected: list[str]) -> None:
    house.saw("nbo-rtr-1", ok=True)
    house.saw("bds-rtr-1", ok=False)
    assert [item["id"] for item in await whole(house, f"/sites?{query}", 1)] == expected


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("", ["bds-rtr-1", "bgf-rtr-1", "nbo-rtr-1", "nbo-ups-1"]),
        ("site=nairobi", ["nbo-rtr-1", "nbo-ups-1"]),
        ("region=europe", ["bds-rtr-1"]),
        ("class=router&tag=core&status=up", ["nbo-rtr-1"]),
        ("class=ups", []),
        ("status=unknown&status=up&site=nairobi", ["nbo-rtr-1", "nbo-ups-1"]),
    ],
)
async def test_devices_are_filtered_and_paged(house: House, query: str, expected: list[str]) -> None:
    house.saw("nbo-rtr-1", ok=True)
    for limit in (1, 3, 1000):
        assert [item["id"] for item in await whole(house, f"/devices?{query}", limit)] == expected


async def test_a_device_is_shown_as_it_was_last_read(house: House) -> None:
    before = await get(house, "/devices/nbo-rtr-1")
    assert (before["identity"], before["sensors"], before["interfaces"], before["seen"]) == (None, [], 0, None)
    assert (await get(house, "/devices/nbo-rtr-1/interfaces")) == {"items": [], "next": None}
    house.presence.keep("device/nbo-rtr-1", SNAPSHOT)
    house.saw("nbo-rtr-1", ok=True, offset_ms=500)
    device = await get(house, "/devices/nbo-rtr-1")
    assert (device["status"], device["seen"]) == ("up", "2026-03-01T12:00:00.500Z")
    assert (device["address"], device["region"], device["liveness"]) == ("192.0.2.1", "africa", "icmp")
    assert device["identity"]["sys_descr"] == "a router\x00"
    assert device["sensors"][0]["value"] == 21.5
    rows = await whole(house, "/devices/nbo-rtr-1/interfaces", 2)
    assert [(row["if_index"], row["name"], row["oper_status"]) for row in rows] == [
        (1, "Gi0/1", "up"),
        (2, "Gi0/2", "down"),
        (3, "Gi0/3", "up"),
    ]
    assert rows[0]["alias"] == "عربي <b>"


async def test_interfaces_of_the_fleet_are_filtered_and_paged(house: House) -> None:
    assert await get(house, "/interfaces") == {"items": [], "next": None}
    for name in ("nbo-rtr-1", "bds-rtr-1"):
        house.presence.keep(f"device/{name}", SNAPSHOT)
    rows = await whole(house, "/interfaces", 2)
    assert [(row["device"], row["if_index"]) for row in rows] == [
        (name, number) for name in ("bds-rtr-1", "nbo-rtr-1") for number in (1, 2, 3)
    ]
    down = await whole(house, "/interfaces?oper_status=down&device=nbo-rtr-1", 1)
    assert [(row["site"], row["name"]) for row in down] == [("nairobi", "Gi0/2")]
    assert [row["device"] for row in await whole(house, "/interfaces?region=africa&oper_status=up", 1)] == [
        "nbo-rtr-1"
    ] * 2
    assert "nbo-rtr-1" in await refused(house, "/interfaces?device=nbo-rtr-9", "/query/device")


async def test_what_is_not_there_is_not_found(house: House) -> None:
    keys = ["none", "..%2f..%2fetc%2fpasswd", "%00", "%F0%9F%92%A9", "x" * 3_000, "a%20b", "nbo-rtr-1/interfaces/x"]
    for noun, key in product(["regions", "sites", "devices"], keys):
        answer = await house.asks(f"/api/v1/{noun}/{key}", status=404)
        assert str(answer["detail"]).startswith("there is no"), (noun, key)
        assert len(str(answer)) < 500


async def test_bad_limits_are_refused(house: House) -> None:
    for limit in ("0", "1001", "-1", "x", "", "1e3", "9" * 40, "１", "1&limit=2"):
        assert await refused(house, f"/devices?limit={limit}", "/query/limit"), limit


CURSORS = ("x", "%00", "bm9uZQ", "WzFd", "MQ", "bnVsbA", "=", "a" * 501, "ImFcdTAwMDAi", "%F0%9F%92%A9", "+/+/", "")


@pytest.mark.parametrize(
    "path", ["/regions", "/sites", "/devices", "/interfaces", "/devices/nbo-rtr-1/interfaces", "/ledger", "/incidents"]
)
async def test_bad_cursors_are_refused(house: House, path: str) -> None:
    for cursor in CURSORS:
        assert await refused(house, f"{path}?cursor={cursor}", "/query/cursor"), cursor


async def test_a_cursor_of_another_list_is_refused_or_harmless(house: House) -> None:
    cursor = (await get(house, "/devices?limit=1"))["next"]
    assert "another list" in await refused(house, f"/ledger?cursor={cursor}", "/query/cursor")
    assert [item["id"] for item in (await get(house, f"/sites?cursor={cursor}"))["items"]] == ["brindisi", "nairobi"]


@pytest.mark.parametrize(
    ("query", "pointer", "said"),
    [
        ("sit=nairobi", "/query/sit", "unknown parameter (did you mean 'site'?)"),
        ("status=dawn", "/query/status", "'dawn' is not one of up, down, unreachable, unknown (did you mean 'down'?)"),
        ("limit=1&limit=2", "/query/limit", "is given more than once"),
        ("site=" + "x" * 501, "/query/site", "is longer than 500 characters"),
    ],
)
async def test_what_is_wrong_with_a_query_is_named(house: House, query: str, pointer: str, said: str) -> None:
    assert (await refused(house, f"/devices?{query}", pointer)).startswith(said)


async def test_who_asks_again_is_told_that_nothing_changed(house: House) -> None:
    url = f"{house.url}/api/v1/devices"
    async with house.http.get(url, headers=house.bearer) as response:
        tag = response.headers["ETag"]
        assert response.headers["Cache-Control"] == "private, no-cache"
    again = {**house.bearer, "If-None-Match": tag}
    async with house.http.get(url, headers=again) as response:
        assert (response.status, await response.read(), response.headers["ETag"]) == (304, b"", tag)
    house.saw("nbo-rtr-1", ok=True)
    async with house.http.get(url, headers=again) as response:
        assert response.status == 200
