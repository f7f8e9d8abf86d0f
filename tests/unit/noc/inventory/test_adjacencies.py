"""The two ends of one adjacency, by the addresses that routers name."""

from __future__ import annotations

import pytest

from noc.inventory.adjacencies import carried_by, other_ends

KNOWN = {"10.0.0.1": "a", "10.0.0.2": "b", "2001:db8::a": "a", "2001:db8::b": "b"}


@pytest.mark.parametrize(
    "peers",
    [
        ("peer/a/bgp:10.0.0.2", "peer/b/bgp:10.0.0.1"),
        ("peer/a/bgp:2001:db8::b", "peer/b/bgp:2001:db8::a"),
        ("peer/a/bgp:red/10.0.0.2", "peer/b/bgp:red/10.0.0.1"),
        ("peer/a/ospf:192.0.2.2", "peer/b/ospf:192.0.2.1"),
        ("peer/a/bgp:192.0.2.4", "peer/b/bgp:192.0.2.5"),
        ("peer/a/bgp:192.0.2.6", "peer/b/bgp:192.0.2.7"),
        ("peer/a/bgp:2001:db8:1::1", "peer/b/bgp:2001:db8:1::2"),
    ],
    ids=["by loopbacks", "IPv6", "in an instance", "of a /30", "of a /31", "of another /31", "of a /126"],
)
def test_two_that_name_each_other_are_the_ends_of_one(peers: tuple[str, str]) -> None:
    one, other = peers
    others = ["peer/c/bgp:198.51.100.1", "interface/a/eth0", "peer/c/isis:0100.0000.0001", "peer/a/ldp:10.0.0.9"]
    assert other_ends([*peers, *others], KNOWN.get) == {one: other, other: one}


@pytest.mark.parametrize(
    "peers",
    [
        ("peer/a/bgp:192.0.2.2",),
        ("peer/a/bgp:192.0.2.2", "peer/b/ospf:192.0.2.1"),
        ("peer/a/bgp:192.0.2.2", "peer/b/bgp:192.0.2.5"),
        ("peer/a/bgp:192.0.2.2", "peer/b/bgp:192.0.2.1", "peer/c/bgp:192.0.2.3"),
        ("peer/a/bgp:192.0.2.2", "peer/b/bgp:192.0.2.1", "peer/c/bgp:192.0.2.1"),
        ("peer/a/bgp:192.0.2.1", "peer/a/bgp:192.0.2.2"),
        ("peer/a/bgp:10.0.0.2", "peer/b/bgp:192.0.2.1"),
        ("peer/a/bgp:10.0.0.2", "peer/b/bgp:red/10.0.0.1", "peer/b/bgp:10.0.0.1"),
        ("peer/a/bgp:10.0.0.1",),
    ],
    ids=[
        "one",
        "two protocols",
        "of different lines",
        "a /30 or a /31",
        "named twice",
        "one device",
        "elsewhere",
        "instances",
        "itself",
    ],
)
def test_what_is_not_certain_is_left_out(peers: tuple[str, ...]) -> None:
    assert other_ends(peers, KNOWN.get) == {}


def test_a_protocol_is_carried_by_those_with_the_same_address_or_else_the_same_device() -> None:
    peers = [
        "peer/a/bgp:192.0.2.2",
        "peer/a/bgp:10.0.0.2",
        "peer/a/ospf:192.0.2.2",
        "peer/a/ospf:192.0.2.6",
        "peer/a/ldp:10.0.0.2",
        "peer/a/isis:10.9.9.9",
        "peer/b/ospf:192.0.2.2",
    ]
    at = {"192.0.2.2": "b", "192.0.2.6": "b", "10.0.0.2": "b"}.get
    found = carried_by(peers, at, {})
    both = ("peer/a/ospf:192.0.2.2", "peer/a/ospf:192.0.2.6")
    assert found == {
        "peer/a/bgp:192.0.2.2": ((both[0],), ("peer/a/ldp:10.0.0.2",)),
        "peer/a/bgp:10.0.0.2": (both, ("peer/a/ldp:10.0.0.2",)),
        "peer/a/ldp:10.0.0.2": (both,),
    }
