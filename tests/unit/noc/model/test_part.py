"""Names of parts: what a device calls them becomes an entity, and is found in it again."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from noc.availability.entities import PROBED, check_entity
from noc.model.part import NAME_AT_MOST, PART_KINDS, PART_WORDS, PartName, owner_of, part_entity, part_name


@pytest.mark.parametrize(
    ("kind", "name", "entity", "words"),
    [
        ("bgp", "2001:db8::1", "peer/r1/bgp:2001:db8::1", "BGP peer 2001:db8::1"),
        ("ospf", "192.0.2.1", "peer/r1/ospf:192.0.2.1", "OSPF neighbour 192.0.2.1"),
        ("ldp", "10.0.0.1", "peer/r1/ldp:10.0.0.1", "LDP session with 10.0.0.1"),
        ("vrf", "customer a", "vrf/r1/customer a", "VRF customer a"),
        ("interface", "ge-0/0/1", "interface/r1/ge-0/0/1", "interface ge-0/0/1"),
        ("probe", "brindisi", "probe/r1/brindisi", "probe brindisi"),
    ],
)
def test_names(kind: str, name: str, entity: str, words: str) -> None:
    made = next(one for one in PART_KINDS if one == kind)
    assert part_entity(made, "r1", name) == entity
    found = part_name(entity)
    assert found == PartName(made, "r1", name)
    assert found is not None
    assert (found.words, owner_of(entity)) == (words, "device/r1")


@pytest.mark.parametrize(
    "entity", ["device/r1", "peer/r1", "peer/r1/", "peer/r1/eigrp:1", "peer/r1/bgp:", "vrf//x", ""]
)
def test_what_is_no_part(entity: str) -> None:
    assert part_name(entity) is None
    assert owner_of(entity) is None


@given(st.sampled_from(PART_KINDS), st.text(max_size=400))
def test_whatever_a_device_writes_becomes_a_sound_name(kind: str, name: str) -> None:
    made = next(one for one in PART_KINDS if one == kind)
    entity = part_entity(made, "r1", name)
    assert check_entity(entity, PROBED) == entity
    found = part_name(entity)
    assert found is not None
    assert (found.kind, found.device) == (kind, "r1")
    assert len(found.name) <= NAME_AT_MOST


@given(st.text(max_size=400), st.text(max_size=400))
def test_two_names_stay_two(one: str, other: str) -> None:
    assert (part_entity("vrf", "r1", one) == part_entity("vrf", "r1", other)) is (one == other)


def test_every_kind_has_words() -> None:
    assert set(PART_WORDS) == set(PART_KINDS)
