"""What entities hang on: as written, as devices tell, and what they share."""

from __future__ import annotations

from dataclasses import replace

from noc.topology import Topology, Vantage, nearer
from tests.flows.world import circuit, device, inventory, site

KNOWN = inventory(
    [site("hub", "hub-1"), site("f", "f-1", shares={"beam": "c3"})],
    [device("hub-1", "hub", 1), device("f-1", "f", 2), device("f-2", "f", 3), device("f-3", "f", 4)],
    [circuit("l", "f", "f-1", "hub-1", provider="SES")],
)


def test_an_edge_hangs_on_the_circuits_and_these_on_their_far_ends() -> None:
    topology = Topology(KNOWN)
    assert topology.parents("device/f-1") == (("circuit/l",),)
    assert topology.parents("circuit/l") == (("device/hub-1",),)
    assert topology.parents("device/f-2") == (("device/f-1",),)
    assert topology.parents("interface/f-2/eth0") == (("device/f-2",),)
    assert topology.parents("device/hub-1") == ()
    assert topology.upstream("site/f") == ("device/f-1",)


def test_neighbours_refine_the_inside_of_a_site() -> None:
    topology = Topology(KNOWN, links=lambda name: {"f-3": {"f-2"}, "f-2": {"f-1"}} if name == "f" else {})
    assert topology.parents("device/f-3") == (("device/f-2",),)
    assert nearer({"a": ["b"], "b": ["c"], "x": ["y"]}, ["a"]) == {"b": ("device/a",), "c": ("device/b",)}


def test_all_hangs_on_the_uplink_but_what_that_hangs_on() -> None:
    devices = {**KNOWN.devices, "gate": replace(device("gate", "hub", 9), upstream=("device/hub-1",))}
    topology = Topology(replace(KNOWN, devices=devices), Vantage("centre", ("device/gate",)))
    assert topology.parents("device/hub-1") == ()
    assert topology.parents("device/gate") == (("device/hub-1",),)


def test_what_is_shared_has_members() -> None:
    topology = Topology(KNOWN)
    assert topology.shares("site/f") == (("beam", "c3"), ("provider", "SES"), ("region", "africa"))
    assert topology.members(("provider", "SES")) == ("circuit/l",)
    assert topology.members(("region", "africa")) == ("site/hub", "site/f")


def test_a_peer_by_an_address_of_the_line_hangs_on_the_lines_that_end_at_its_device() -> None:
    topology = Topology(KNOWN)
    assert topology.parents("peer/f-1/bgp:192.0.2.77") == (("device/f-1",), ("circuit/l",))
    lines = [circuit(f"l{number}", "f", "f-1", "hub-1") for number in range(9)]
    hub = Topology(inventory(KNOWN.sites.values(), KNOWN.devices.values(), lines))
    assert hub.parents("peer/hub-1/bgp:192.0.2.77") == (("device/hub-1",),)
