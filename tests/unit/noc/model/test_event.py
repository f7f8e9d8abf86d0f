from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from noc.model.event import TEXT_AT_MOST, Event, clean

EVENT = Event("192.0.2.1", "device/d", "syslog", "%X-1-Y", "link", "info", 0, 0, text="port 17 is bad")


@pytest.mark.parametrize(
    ("facts", "about"),
    [
        ({"peer": "192.0.2.9", "protocol": "bgp", "interface": "Gi1"}, "peer/d/bgp:192.0.2.9"),
        ({"peer": "192.0.2.9", "protocol": "bgp", "vrf": "CUST-A"}, "peer/d/bgp:CUST-A/192.0.2.9"),
        ({"peer": "192.0.2.9", "protocol": "ospf", "vrf": "default"}, "peer/d/ospf:192.0.2.9"),
        ({"peer": "192.0.2.9", "protocol": "bgp", "vrf": "Master"}, "peer/d/bgp:192.0.2.9"),
        ({"interface": "Gi1", "state": "down"}, "interface/d/Gi1"),
        ({"tunnel": "to-nbo", "interface": "Gi1"}, "tunnel/d/to-nbo"),
        ({"peer": "192.0.2.9"}, "device/d"),
        ({}, "device/d"),
    ],
)
def test_what_it_speaks_of(facts: dict[str, str | int | float | None], about: str) -> None:
    assert replace(EVENT, facts=facts).about == about
    assert replace(EVENT, facts=facts, device=None).about is None


def test_repetitions_have_one_key() -> None:
    first = replace(EVENT, facts={"interface": "Gi1", "state": "down", "reason": "a"}, first_ms=1)
    assert first.key == replace(first, facts={**first.facts, "reason": "b"}, first_ms=2, text="else").key
    for other in (
        replace(first, facts={**first.facts, "state": "up"}),
        replace(first, facts={**first.facts, "interface": "Gi2"}),
        replace(first, name="%X-1-Z"),
        replace(first, device="device/e"),
        replace(first, kind="trap"),
    ):
        assert first.key != other.key


def test_texts_without_facts_are_told_apart_but_for_their_numbers() -> None:
    assert EVENT.key == replace(EVENT, text="port 3 is bad").key
    assert EVENT.key != replace(EVENT, text="port 17 is good").key


@given(st.text(max_size=3_000))
def test_clean_text_can_be_printed(text: str) -> None:
    found = clean(text)
    assert found.isprintable()
    assert len(found) <= TEXT_AT_MOST
    if text.isprintable():
        assert found == text[:TEXT_AT_MOST]


def test_control_characters_are_made_visible() -> None:
    assert clean("a\x1b[2Jb\tc\u202ed") == "a\\u001b[2Jb c\\u202ed"
