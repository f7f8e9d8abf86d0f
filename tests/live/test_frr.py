"""The daemon on a living network: three routers of FRR, a line that is cut, what noc sees of it, and its return."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.live.frr_network import LINES, ROUTERS, FrrNetwork, frr_network
from tests.live.house import House

pytestmark = pytest.mark.live

RHYTHM = """\
regions: {here: {name: Here}}
sites:
  lab: {region: here, class: field, edge_devices: [r1, r2, r3]}
devices:
"""
DEVICE = """\
  {router}: {{site: lab, address: {address}, class: router, liveness: snmp, interval: 1s, poll_interval: 1s,
    timeout: 400ms, retries: 1, confirm_down: 2, stale_after: 20s, rediscover: 2s}}
"""
CIRCUITS = """\
circuits:
  line-12:
    {name: r1 to r2, kind: fibre, site: lab, a: {device: r1, interface: to-r2}, z: {device: r2, interface: to-r1}}
"""
PEERS = {
    "peer/r1/bgp:10.0.1.2",
    "peer/r2/bgp:10.0.1.1",
    "peer/r1/ospf:10.0.1.2",
    "peer/r2/ospf:10.0.1.1",
    "peer/r1/isis:10.0.1.2",
    "peer/r2/isis:10.0.1.1",
    "peer/r1/ldp:10.255.0.2",
    "peer/r2/ldp:10.255.0.1",
}
"""What the line between r1 and r2 carries."""
LINE = "circuit/line-12"


@pytest.fixture(scope="module")
def network() -> Iterator[FrrNetwork]:
    with frr_network() as found:
        yield found


@pytest.fixture
def house(tmp_path: Path, network: FrrNetwork) -> Iterator[House]:
    found = House(tmp_path)
    devices = "".join(DEVICE.format(router=router, address=network.address(router)) for router in ROUTERS)
    (tmp_path / "inventory" / "all.yaml").write_text(RHYTHM + devices + CIRCUITS)
    yield found
    found.close()
    network.join("r1", "r2")
    network.heard("r1")


def parts(house: House) -> dict[str, str]:
    """Return the status of all parts of all routers, as the API tells it."""
    found: dict[str, str] = {}
    for router in ROUTERS:
        items = house.ask(f"/devices/{router}/parts")["items"]
        assert isinstance(items, list)
        found.update((item["entity"], item["status"]) for item in items)
    return found


def of_line(house: House) -> dict[str, str]:
    known = parts(house)
    return {name: known.get(name, "") for name in PEERS}


def circuit(house: House) -> object:
    return house.ask("/circuits/line-12")["status"]


def incidents(house: House, state: str) -> set[object]:
    items = house.ask(f"/incidents?state={state}&limit=100")["items"]
    assert isinstance(items, list)
    return {item["entity"] for item in items}


def explained(house: House, root: str) -> set[object]:
    """Return the symptoms of the open incident of a root that haven't left."""
    items = house.ask("/incidents?state=unresolved&limit=100")["items"]
    assert isinstance(items, list)
    shown = [house.ask(f"/incidents/{one['id']}") for one in items if one["entity"] == root]
    return {symptom["entity"] for one in shown for symptom in one["symptoms"] if symptom["left"] is None}  # type: ignore[attr-defined]


def ever(house: House) -> set[object]:
    """Return what incidents were ever about, resolved ones too."""
    items = house.ask("/incidents?limit=100")["items"]
    assert isinstance(items, list)
    return {item["entity"] for item in items}


def test_a_line_that_is_cut_and_back(network: FrrNetwork, house: House) -> None:
    house.start()
    network.until(lambda: set(of_line(house).values()) == {"up"}, "all neighbours up")
    network.until(lambda: sum(name.startswith("peer/") for name in parts(house)) >= 2 * len(LINES) * 4, "all lines")
    network.until(lambda: circuit(house) == "up", "the circuit up")
    assert incidents(house, "open") == set()

    network.cut("r1", "r2")
    network.until(lambda: set(of_line(house).values()) == {"down"}, "the neighbours of this line down")
    network.until(lambda: circuit(house) == "down", "the circuit down")

    def others() -> set[str]:
        """Return the neighbours of other lines that aren't up. An LDP session may have gone by way of this line."""
        found = {name for name, status in parts(house).items() if name.startswith("peer/") and status != "up"}
        return {name for name in found - set(PEERS) if "ldp:" not in name}

    # A router is busy with the change for a moment, and may not answer in time.
    network.until(lambda: others() == set(), "the neighbours of other lines up")
    page = house.page("/devices/r1")
    assert all(text in page for text in ("BGP peer", "OSPF neighbour", "IS-IS neighbour", "LDP session", "10.0.1.2"))
    assert "r1 to r2" in house.page("/sites/lab")
    network.until(lambda: explained(house, LINE) >= PEERS, "an incident of the line, with what it takes along")
    assert LINE in incidents(house, "unresolved")
    assert not ever(house) & PEERS, "no neighbour across the line was an incident of its own"
    assert not any(str(entity).startswith("device/") for entity in ever(house))

    network.join("r1", "r2")
    network.until(lambda: set(of_line(house).values()) == {"up"}, "all neighbours back")
    network.until(lambda: LINE not in incidents(house, "unresolved"), "the incident of the line over")
    assert not ever(house) & PEERS
    for entity in {*PEERS, LINE}:
        assert [word for word in house.statuses(entity) if word != "unknown"][-3:] == ["up", "down", "up"]


def test_a_router_that_falls_silent_makes_its_neighbours_unknown_and_opens_no_incident_of_them(
    network: FrrNetwork, house: House
) -> None:
    house.start()
    network.until(lambda: set(of_line(house).values()) == {"up"}, "all neighbours up")
    network.silence("r1")
    network.until(lambda: house.ask("/devices/r1")["status"] == "down", "r1 down")
    mine = {name for name in PEERS if name.startswith("peer/r1/")}
    assert {parts(house)[name] for name in mine} == {"unknown"}
    network.until(lambda: "device/r1" in incidents(house, "open"), "an incident of r1")
    assert not incidents(house, "open") & mine
    network.heard("r1")
    network.until(lambda: set(of_line(house).values()) == {"up"}, "r1 heard again")
    assert not incidents(house, "resolved") & mine


def test_a_daemon_of_routing_that_dies_takes_its_peers_with_it(network: FrrNetwork, house: House) -> None:
    house.start()
    network.until(lambda: set(of_line(house).values()) == {"up"}, "all neighbours up")
    network.stop_daemon("r1", "bgpd")
    lost = ("peer/r1/bgp:10.0.1.2", "peer/r1/bgp:10.0.3.2", "peer/r2/bgp:10.0.1.1", "peer/r3/bgp:10.0.3.1")
    network.until(lambda: {parts(house).get(name) for name in lost} == {"down"}, "its sessions down")
    network.start_daemon("r1", "bgpd")
    network.until(lambda: {parts(house).get(name) for name in lost} == {"up"}, "its sessions back")
