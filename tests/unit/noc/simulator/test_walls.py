"""The wall of a world: it is stated, and the firewalls' lines prove it as noc reads them."""

from __future__ import annotations

from ipaddress import IPv4Network, ip_network

from noc.pipeline.segmentation import Wall, is_denial
from noc.pipeline.segmentation import refused as read
from noc.simulator.telling import Line, Saying, Teller
from noc.simulator.walls import CORE, EVERY_MS, FIELD, FIRST_AFTER_MS, STATEMENT, refused, segmentation_of, tag_of
from tests.unit.noc.simulator.simulated import NOW_MS, scene, world


def tagged(tag: str) -> tuple[IPv4Network, ...]:
    return tuple(IPv4Network(f"{one.address}/32") for one in world().devices if tag_of(world(), one) == tag)


def test_what_firewalls_say_proves_the_wall() -> None:
    wall = Wall(STATEMENT, FIELD, CORE, tagged(FIELD), tagged(CORE), (22,), icmp=False, pairs=(), every_ms=3_600_000)
    told = list(refused(world(), 7))
    assert {one.firewall.device_class for one in told} == {"firewall"}
    for one in told:
        found = read(wall, one.text)
        assert is_denial(one.text)
        assert found is not None
        assert found.port == 22
        assert ip_network(found.source) in wall.origin
    assert told != list(refused(world(), 8)), "always the same site tries"


def test_it_is_told_soon_and_then_now_and_then() -> None:
    teller = Teller(scene())

    def said(one: Saying) -> bool:
        return isinstance(one.what, Line) and "Deny" in one.what.text

    at = [when for when in range(0, 2 * EVERY_MS, 5_000) if any(map(said, teller.look(NOW_MS + when)))]
    assert at == [FIRST_AFTER_MS, FIRST_AFTER_MS + EVERY_MS]


def test_a_world_without_two_such_parts_states_nothing() -> None:
    assert segmentation_of(world(1, 2)) == {}
    assert "segmentation" in segmentation_of(world())
