"""Parts of devices: each has a status of its own, by the same state machine as its device."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from noc.inventory.entities import Circuit
from noc.model.part import Part, PartKind
from noc.model.reading import PartFailure
from noc.pipeline.parts import STANDS_AFTER_S
from noc.pipeline.partwatch import FLAP_CONFIRM_UP, FLAP_WITHIN_MS, LOST_FOR_MS
from noc.pipeline.passing import GAP_MS, Passing
from tests.parted import (
    MINUTE_MS,
    POLL_MS,
    Rows,
    World,
    bgp,
    ospf,
    port,
    probe,
    vpn,
)
from tests.things import watch


@pytest.mark.parametrize(
    ("records", "entity"),
    [
        ({"bgp_peers": [bgp("10.0.0.1")]}, "peer/d/bgp:10.0.0.1"),
        ({"bgp_peers": [bgp("10.0.0.1", vrf="red")]}, "peer/d/bgp:red/10.0.0.1"),
        ({"ospf_neighbors": [ospf("10.0.0.1", vrf="red")]}, "peer/d/ospf:red/10.0.0.1"),
        ({"ospf_neighbors": [ospf("10.0.0.1")]}, "peer/d/ospf:10.0.0.1"),
        ({"ospf_neighbors": [ospf("10.0.0.1", "twoWay")]}, "peer/d/ospf:10.0.0.1"),
        ({"ospf_neighbors": [ospf("0.0.0.0")]}, "peer/d/ospf:10.0.0.9"),
        ({"isis_adjacencies": [{"neighbor": "10.0.0.1", "system_id": "x", "state": "up"}]}, "peer/d/isis:10.0.0.1"),
        ({"mpls_ldp_sessions": [{"peer": "10.0.0.1", "state": "operational"}]}, "peer/d/ldp:10.0.0.1"),
        ({"mpls_vrfs": [{"name": "red", "oper_status": "up", "active_interfaces": 2}]}, "vrf/d/red"),
        ({"mpls_te_tunnels": [{"name": "t1", "oper_status": "up", "admin_status": "up"}]}, "tunnel/d/t1"),
        ({"vpn_tunnels": [vpn("to-nbo")]}, "tunnel/d/to-nbo"),
        ({"ip_sla": [probe("hub", ok=True)]}, "probe/d/hub"),
    ],
)
def test_what_works_is_up(records: dict[str, Rows], entity: str) -> None:
    world = World()
    (change,) = world.poll(**records).transitions  # type: ignore[arg-type]
    assert (change.entity, change.status, change.check, change.poller) == (entity, "up", "snmp", "here")
    assert world.status(entity) == "up"


def test_a_configured_vpn_tunnel_is_down_when_its_device_says_so_and_withdrawn_when_it_is_gone() -> None:
    world = World()
    world.poll(vpn_tunnels=[vpn("to-nbo")])
    world.polls(3, vpn_tunnels=[vpn("to-nbo", "down")])
    assert world.status("tunnel/d/to-nbo") == "down"
    world.polls(3)
    assert not world.parts.number


def test_a_vpn_tunnel_that_is_told_only_while_it_is_up_is_lost_when_it_stood_for_a_day() -> None:
    world = World()
    line, traveller = (vpn(name, configured=False, uptime_s=s) for name, s in (("line", 86_400.0), ("guest", 86_399.0)))
    world.poll(vpn_tunnels=[line, traveller])
    assert set(world.parts.entities("d")) == {"tunnel/d/line"}
    world.polls(3)
    assert world.status("tunnel/d/line") == "down"
    world.poll(vpn_tunnels=[vpn("line", configured=False, uptime_s=60.0)])  # it is back, though it does not stand yet
    assert world.status("tunnel/d/line") == "up"
    world.polls(2)
    world.poll(after_ms=LOST_FOR_MS)
    assert not world.parts.number


def test_of_a_vpn_tunnel_without_an_age_it_is_seen_for_how_long_it_stands() -> None:
    world = World()
    line, guest = vpn("line", configured=False), vpn("guest", configured=False)
    polls_a_day = 24 * 3_600_000 // POLL_MS
    world.polls(polls_a_day - 2, vpn_tunnels=[line, guest])
    world.polls(2, vpn_tunnels=[line])  # the last log-in ends just before its day is over
    assert not world.parts.number
    world.poll(vpn_tunnels=[line])
    assert world.status("tunnel/d/line") == "up"
    assert world.parts.number == 1


def test_a_vpn_tunnel_stands_while_new_keys_are_agreed_upon_and_its_table_cannot_be_read() -> None:
    passing, part = Passing(), Part("tunnel/d/line", "tunnel", "line", "up", ok=True, is_fleeting=True, stands=False)
    day_ms = STANDS_AFTER_S * 1000

    def take(time_ms: int, *parts: Part, unread: tuple[PartKind, ...] = ()) -> frozenset[str]:
        return passing.take("d", "snmp", parts, unread, time_ms, at_most=10)

    for time_ms in range(0, day_ms, GAP_MS):
        assert not take(time_ms, part)
        assert not take(time_ms + GAP_MS // 2)
    assert not take(day_ms, unread=("tunnel",))
    assert take(day_ms + GAP_MS, part) == {"tunnel/d/line"}
    take(0, part)
    assert not take(day_ms, part)
    take(2 * day_ms - 1, part)
    passing.keep([])
    assert take(9 * day_ms, part) == frozenset()


def test_one_address_in_two_routing_instances_is_two_peers() -> None:
    world = World()
    both = [bgp("10.0.0.1"), bgp("10.0.0.1", vrf="red"), bgp("10.0.0.1", vrf="blue")]
    world.polls(1, bgp_peers=both)
    world.polls(3, bgp_peers=[both[0], bgp("10.0.0.1", "idle", vrf="red"), both[2]])
    of = ("10.0.0.1", "red/10.0.0.1", "blue/10.0.0.1")
    assert [world.status(f"peer/d/bgp:{name}") for name in of] == ["up", "down", "up"]


@pytest.mark.parametrize(
    ("records", "entity"),
    [
        ({"bgp_peers": [bgp("10.0.0.1", "active")]}, "peer/d/bgp:10.0.0.1"),
        ({"ospf_neighbors": [ospf("10.0.0.1", "exchange")]}, "peer/d/ospf:10.0.0.1"),
        ({"isis_adjacencies": [{"neighbor": "", "system_id": "x", "state": "initializing"}]}, "peer/d/isis:x"),
        ({"mpls_ldp_sessions": [{"peer": "10.0.0.1", "state": "openrec"}]}, "peer/d/ldp:10.0.0.1"),
        ({"mpls_vrfs": [{"name": "red", "oper_status": "down", "interfaces": 2}]}, "vrf/d/red"),
        ({"mpls_te_tunnels": [{"name": "t1", "oper_status": "lowerLayerDown", "admin_status": "up"}]}, "tunnel/d/t1"),
        ({"ip_sla": [probe("hub", ok=False)]}, "probe/d/hub"),
    ],
)
def test_what_does_not_work_is_down_when_it_is_sure_and_dated_back(records: dict[str, Rows], entity: str) -> None:
    world = World()
    first_ms = world.now_ms + POLL_MS
    assert world.polls(2, **records) == []
    (change,) = world.poll(**records).transitions  # type: ignore[arg-type]
    assert (change.entity, change.status, change.since_ms) == (entity, "down", first_ms)


@pytest.mark.parametrize(
    "records",
    [
        {"bgp_peers": [bgp("10.0.0.1", "idle", "stop")]},
        {"mpls_te_tunnels": [{"name": "t1", "oper_status": "down", "admin_status": "down"}]},
        {"mpls_vrfs": [{"name": "red", "oper_status": "down", "interfaces": 0}]},
        {"bgp_peers": [bgp("10.0.0.1", None)]},
        {"ip_sla": [probe("hub", ok=None)]},
    ],
)
def test_what_is_switched_off_or_not_told_is_not_judged(records: dict[str, Rows]) -> None:
    assert World().polls(5, **records) == []


def test_what_is_switched_off_later_is_withdrawn_and_begins_anew() -> None:
    world = World()
    world.polls(4, bgp_peers=[bgp("10.0.0.1")])
    world.polls(3, bgp_peers=[bgp("10.0.0.1", "idle")])
    (change,) = world.poll(bgp_peers=[bgp("10.0.0.1", "idle", "stop")]).transitions
    assert (change.status, change.before, change.reason) == ("unknown", "down", "withdrawn")
    assert world.polls(2, bgp_peers=[bgp("10.0.0.1", "idle", "stop")]) == []
    (change,) = world.poll(bgp_peers=[bgp("10.0.0.1")]).transitions
    assert (change.status, change.reason) == ("up", "confirmed")


def test_a_neighbour_that_vanishes_is_lost_and_after_a_day_no_more() -> None:
    world = World()
    world.poll(ospf_neighbors=[ospf("10.0.0.1"), ospf("10.0.0.2")])
    (change,) = world.polls(3, ospf_neighbors=[ospf("10.0.0.2")])
    assert (change.entity, change.status) == ("peer/d/ospf:10.0.0.1", "down")
    assert world.polls(10, ospf_neighbors=[ospf("10.0.0.2")]) == []
    changes = world.polls(LOST_FOR_MS // POLL_MS, ospf_neighbors=[ospf("10.0.0.2")])
    assert [(one.status, one.reason) for one in changes] == [("unknown", "withdrawn")]
    assert list(world.parts.entities("d")) == ["peer/d/ospf:10.0.0.2"]


def test_a_bgp_peer_that_vanishes_alone_was_taken_out_of_the_configuration() -> None:
    world = World()
    world.poll(bgp_peers=[bgp("10.0.0.1"), bgp("10.0.0.2")])
    (change,) = world.polls(4, bgp_peers=[bgp("10.0.0.2")])
    assert (change.entity, change.status, change.reason) == ("peer/d/bgp:10.0.0.1", "unknown", "withdrawn")
    assert list(world.parts.entities("d")) == ["peer/d/bgp:10.0.0.2"]


def test_bgp_peers_that_vanish_all_at_once_are_lost() -> None:
    world = World()
    world.poll(bgp_peers=[bgp("10.0.0.1"), bgp("10.0.0.2")])
    assert [change.status for change in world.polls(4)] == ["down", "down"]


def test_what_could_not_be_read_is_not_missing() -> None:
    world = World()
    world.poll(ospf_neighbors=[ospf("10.0.0.1")], bgp_peers=[bgp("10.0.0.1")])
    failed = (PartFailure("ospfNbrTable, bgpPeerTable", "not read: no answer"),)
    assert world.polls(3, errors=failed) == []
    failed = (PartFailure("ospfNbrTable.ospfNbrState", "a fault"),)
    changes = world.polls(5, errors=failed, bgp_peers=[bgp("10.0.0.1")])
    assert "down" not in [change.status for change in changes]
    changes = world.polls(3, bgp_peers=[bgp("10.0.0.1")])
    assert [change.entity for change in changes if change.status == "down"] == ["peer/d/ospf:10.0.0.1"]


def test_a_device_that_is_not_read_makes_its_parts_unknown() -> None:
    world = World()
    world.poll(bgp_peers=[bgp("10.0.0.1")])
    assert world.statuses.expire(world.now_ms + 3 * POLL_MS) == []
    (change,) = world.statuses.expire(world.now_ms + 3 * POLL_MS + 1)
    assert (change.entity, change.status, change.reason) == ("peer/d/bgp:10.0.0.1", "unknown", "stale")


def test_a_part_that_flaps_has_to_be_well_for_longer() -> None:
    world = World(watch(confirm_down=1))
    changes = []
    for _ in range(40):
        changes += world.polls(1, after_ms=MINUTE_MS, bgp_peers=[bgp("10.0.0.1", "idle")])
        changes += world.polls(1, after_ms=MINUTE_MS, bgp_peers=[bgp("10.0.0.1")])
    assert len(changes) <= 8
    assert changes[-1].status == "down"
    (change,) = world.polls(FLAP_CONFIRM_UP, after_ms=MINUTE_MS, bgp_peers=[bgp("10.0.0.1")])
    assert change.status == "up"
    world.polls(3, after_ms=FLAP_WITHIN_MS // 4, bgp_peers=[bgp("10.0.0.1")])
    world.polls(3, after_ms=FLAP_WITHIN_MS // 4, bgp_peers=[bgp("10.0.0.1")])
    calm = world.polls(1, bgp_peers=[bgp("10.0.0.1", "idle")]) + world.polls(1, bgp_peers=[bgp("10.0.0.1")])
    assert [one.status for one in calm] == ["down", "up"]


def test_a_part_that_begins_to_fail_asks_for_another_look() -> None:
    world = World()
    assert not world.poll(bgp_peers=[bgp("10.0.0.1"), bgp("10.0.0.2", "idle")]).failing
    assert world.poll(bgp_peers=[bgp("10.0.0.1", "idle")]).failing
    assert world.poll(bgp_peers=[bgp("10.0.0.1", "idle")]).failing
    assert not world.poll(bgp_peers=[bgp("10.0.0.1", "idle")]).failing


def test_so_many_parts_and_no_more_and_what_the_inventory_names_first() -> None:
    end = Circuit.model_validate(
        {"id": "c", "name": "c", "kind": "mpls", "site": "s", "a": {"device": "d", "interface": "Gi9"}}
    )
    world = World(watch(max_parts=3, watch_interfaces=("all",)), {"c": end})
    ports = tuple(port(f"Gi{number}") for number in range(10))
    world.poll(ports=ports, ospf_neighbors=[ospf("10.0.0.1")])
    assert set(world.parts.entities("d")) == {"interface/d/Gi9", "peer/d/ospf:10.0.0.1", "interface/d/Gi0"}
    assert world.parts.left_out == {"d": 8}


NAMES = ("Gi0", "Gi1", "Gi2", "Lo0")


@pytest.mark.parametrize(
    ("setting", "device_class", "expected"),
    [
        (("uplinks",), "router", {"Gi0", "Gi1"}),
        (("uplinks",), "switch", {"Gi1"}),
        (("all",), "switch", {"Gi0", "Gi1", "Gi2", "Lo0"}),
        (("none",), "router", set()),
        (("gi[02]", "lo*"), "switch", {"Gi0", "Gi2", "Lo0"}),
    ],
)
def test_which_interfaces_are_watched(setting: tuple[str, ...], device_class: str, expected: set[str]) -> None:
    world = World(watch(watch_interfaces=setting), device_class=device_class)
    ports = (port("Gi0"), port("Gi1"), port("Gi2", alias=""), port("Lo0", alias=""))
    heard: Rows = [{"protocol": "lldp", "local_port": "Gi1", "remote_name": "x", "remote_port": "y"}]
    changes = world.poll(ports=ports, neighbors=heard).transitions
    assert {change.entity for change in changes} == {f"interface/d/{name}" for name in expected}


def test_an_uplink_stays_one_when_its_neighbour_is_no_longer_heard() -> None:
    world = World(device_class="switch")
    heard: Rows = [{"protocol": "lldp", "local_port": "Gi1", "remote_name": "x", "remote_port": "y"}]
    world.poll(ports=(port("Gi1"),), neighbors=heard)
    (change,) = world.polls(3, ports=(port("Gi1", "down"),))
    assert (change.entity, change.status) == ("interface/d/Gi1", "down")


@pytest.mark.parametrize(("oper", "admin"), [("unknown", "up"), ("dormant", "up"), ("testing", "up"), ("down", "down")])
def test_interfaces_that_are_neither_up_nor_down(oper: str, admin: str) -> None:
    assert World().polls(5, ports=(port("Gi0", oper, admin),)) == []


def test_after_a_restart_what_was_watched_still_is() -> None:
    before, after = World(), World()
    before.poll(ospf_neighbors=[ospf("10.0.0.1")])
    names = ("peer/d/ospf:10.0.0.1", "peer/gone/ospf:10.0.0.1", "device/d", "circuit/gone")
    after.parts.take_up(dict.fromkeys(names, "snmp"))
    assert list(after.parts.policies()) == ["peer/d/ospf:10.0.0.1"]
    after.statuses.watch(after.parts.policies())
    after.statuses.restore(before.statuses.memories(), {})
    after.now_ms = before.now_ms
    (change,) = after.polls(3, bgp_peers=[])
    assert (change.status, change.before) == ("down", "up")


def test_parts_of_a_device_that_leaves_leave_with_it() -> None:
    world = World()
    world.poll(ospf_neighbors=[ospf("10.0.0.1")], ports=(port("Gi0"),))
    world.devices = {"d": replace(world.devices["d"], watch=watch(watch_interfaces=("none",)))}
    (change,) = world.parts.replace(world.inventory, world.now_ms, "here")
    assert (change.entity, change.status, change.reason) == ("interface/d/Gi0", "unknown", "withdrawn")
    world.devices = {}
    (change,) = world.parts.replace(world.inventory, world.now_ms, "here")
    assert (change.entity, change.status) == ("peer/d/ospf:10.0.0.1", "unknown")
    assert world.parts.policies() == {}


def test_the_policy_of_parts_is_the_devices_at_the_rhythm_of_polls() -> None:
    world = World(watch(poll_interval=timedelta(minutes=10), stale_after=timedelta(minutes=2), confirm_down=2))
    world.poll(ospf_neighbors=[ospf("10.0.0.1")])
    (policy,) = world.parts.policies().values()
    assert (policy.stale_after, policy.confirm_down) == (20 * MINUTE_MS, 2)


def test_what_ssh_tells_is_judged_at_its_own_rhythm_and_not_missing_from_polls() -> None:
    world = World()
    quarter_ms = 15 * MINUTE_MS
    (change,) = world.told_by_ssh(bgp_peers=[bgp("10.0.0.1"), bgp("10.0.0.2")]).transitions[:1]
    assert (change.entity, change.status, change.check) == ("peer/d/bgp:10.0.0.1", "up", "ssh")
    assert world.polls(3, ospf_neighbors=[ospf("10.0.0.9")])[1:] == []
    assert world.statuses.expire(world.now_ms) == []
    assert {policy.stale_after for policy in world.parts.policies().values()} == {3 * quarter_ms, 3 * POLL_MS}
    idle = [bgp("10.0.0.1", "idle"), bgp("10.0.0.2")]
    found = [world.told_by_ssh(quarter_ms, bgp_peers=idle) for _ in range(3)]
    assert [change.status for one in found for change in one.transitions if "bgp" in change.entity] == ["down"]
    assert not any(one.failing for one in found)


def test_after_a_restart_polls_do_not_miss_what_ssh_told() -> None:
    world = World()
    world.parts.take_up({"peer/d/bgp:10.0.0.1": "ssh"})
    world.statuses.watch(world.parts.policies())
    world.polls(5, ospf_neighbors=[ospf("10.0.0.9")])
    assert "peer/d/bgp:10.0.0.1" in world.parts.entities("d")
