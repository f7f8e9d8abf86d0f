"""Parts of devices and circuits, as the API tells them."""

from __future__ import annotations

from dataclasses import replace

from noc.model.snapshot import Counters, DeviceIdentity, Interface, Snapshot
from tests.unit.noc.api.answers import get, refused, whole
from tests.unit.noc.http.house import House

IDENTITY = DeviceIdentity("192.0.2.1", *(None,) * 10, "generic")  # type: ignore[arg-type]
PORT = Interface(
    1, "Gi0/0", "Gi0/0", "to Brindisi", 6, None, None, None, "up", "up", None, None, False, Counters(*(None,) * 12)
)
UP = {"peer": "192.0.2.9", "state": "established", "admin_status": "start", "vrf": None}
STOPPED = {"peer": "192.0.2.10", "state": "idle", "admin_status": "stop", "vrf": None}
NEIGHBOUR = {"neighbor": "192.0.2.7", "router_id": "1.1.1.1", "state": "full", "vrf": None}
TAKEN = Snapshot(IDENTITY, (PORT,), records={"bgp_peers": (UP, STOPPED), "ospf_neighbors": (NEIGHBOUR,)})
MINUTE_MS = 60_000


async def test_parts_tell_what_they_are_and_since_when(house: House) -> None:
    house.saw("bds-rtr-1", ok=True)
    house.saw("nbo-rtr-1", ok=True)
    house.read("nbo-rtr-1", TAKEN)
    answer = await get(house, "/devices/nbo-rtr-1/parts")
    assert [(item["entity"], item["state"], item["status"], item["judged"]) for item in answer["items"]] == [
        ("interface/nbo-rtr-1/Gi0/0", "up", "up", True),
        ("peer/nbo-rtr-1/bgp:192.0.2.10", "idle", "unknown", False),
        ("peer/nbo-rtr-1/bgp:192.0.2.9", "established", "up", True),
        ("peer/nbo-rtr-1/ospf:192.0.2.7", "full", "up", True),
    ]
    peer = answer["items"][2]
    assert (peer["kind"], peer["name"], peer["since"], peer["told"]) == (
        "bgp",
        "192.0.2.9",
        "2026-03-01T12:00:00Z",
        True,
    )
    assert await whole(house, "/devices/nbo-rtr-1/parts", 1) == answer["items"]


async def test_parts_by_kind_and_status(house: House) -> None:
    house.saw("bds-rtr-1", ok=True)
    house.saw("nbo-rtr-1", ok=True)
    house.read("nbo-rtr-1", TAKEN)

    async def names(query: str) -> list[str]:
        return [item["name"] for item in (await get(house, f"/devices/nbo-rtr-1/parts?{query}"))["items"]]

    assert await names("kind=ospf&kind=interface") == ["Gi0/0", "192.0.2.7"]
    assert await names("status=unknown") == ["192.0.2.10"]
    assert "eigrp" in await refused(house, "/devices/nbo-rtr-1/parts?kind=eigrp", "/query/kind")
    assert (await get(house, "/devices/nbo-ups-1/parts"))["items"] == []


async def test_of_a_part_that_is_no_longer_told_only_its_name_is_known(house: House) -> None:
    house.saw("bds-rtr-1", ok=True)
    house.saw("nbo-rtr-1", ok=True)
    house.read("nbo-rtr-1", TAKEN)
    gone = replace(TAKEN, records={"bgp_peers": (UP,)})
    for number in range(1, 4):
        house.read("nbo-rtr-1", gone, number * MINUTE_MS)
    (item,) = (await get(house, "/devices/nbo-rtr-1/parts?kind=ospf"))["items"]
    assert (item["name"], item["status"], item["state"], item["told"]) == ("192.0.2.7", "down", None, False)


async def test_parts_of_a_device_that_is_down_are_unknown(house: House) -> None:
    house.saw("bds-rtr-1", ok=True)
    house.saw("nbo-rtr-1", ok=True)
    house.read("nbo-rtr-1", TAKEN)
    house.saw("nbo-rtr-1", ok=False, offset_ms=1)
    answer = await get(house, "/devices/nbo-rtr-1/parts")
    assert {item["status"] for item in answer["items"]} == {"unknown"}


async def test_circuits_tell_their_status(house: House) -> None:
    answer = await get(house, "/circuits")
    (circuit,) = answer["items"]
    assert (circuit["id"], circuit["status"], circuit["site"], circuit["region"]) == (
        "nbo-sat",
        "unknown",
        "nairobi",
        "africa",
    )
    assert (circuit["a"], circuit["z"], circuit["probe"]) == ({"device": "nbo-rtr-1", "interface": "Gi0/0"}, None, None)
    house.read("nbo-rtr-1", TAKEN)
    assert (await get(house, "/circuits/nbo-sat"))["status"] == "up"
    down = replace(TAKEN, interfaces=(replace(PORT, oper_status="down"),))
    for number in range(1, 4):
        house.read("nbo-rtr-1", down, number * MINUTE_MS)
    found = await get(house, "/circuits/nbo-sat")
    assert (found["status"], found["since"]) == ("down", "2026-03-01T12:01:00Z")
    assert [item["id"] for item in (await get(house, "/circuits?status=down&kind=satellite"))["items"]] == ["nbo-sat"]
    assert (await get(house, "/circuits?region=europe"))["items"] == []
    assert (await get(house, "/circuits?kind=mpls"))["items"] == []
    await house.asks("/api/v1/circuits/none", status=404)
