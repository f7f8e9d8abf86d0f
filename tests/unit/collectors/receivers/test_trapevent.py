"""Traps as events: versions, varbinds, names of interfaces, hostile values."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from collectors.receivers._facts import Facts
from collectors.receivers._trapevent import NoTrapError, event_of, notification_of
from noc.model.event import FACT_AT_MOST, FACTS_AT_MOST, TEXT_AT_MOST, Event
from noc.wire.ber import Pdu, PduType, Tag, TrapV1, VarBind
from tests.books import book
from tests.examples import at_least

BOOK = book()
TRAP_OID = (1, 3, 6, 1, 6, 3, 1, 1, 4, 1, 0)
LINK_DOWN = (1, 3, 6, 1, 6, 3, 1, 1, 5, 3)
IF_ENTRY = (1, 3, 6, 1, 2, 1, 2, 2, 1)


def told(*varbinds: VarBind, oid: tuple[int, ...] = LINK_DOWN, interfaces: dict[int, str] | None = None) -> Event:
    pdu = Pdu(PduType.TRAP_V2, 1, 0, 0, (VarBind(TRAP_OID, Tag.OID, oid), *varbinds))

    def interface(device: str, if_index: int) -> str | None:
        assert device == "device/d"
        return (interfaces or {}).get(if_index)

    return event_of(notification_of(pdu), BOOK, "192.0.2.1", "device/d", 5, interface)[0]


@pytest.mark.parametrize(
    ("generic", "specific", "oid"),
    [
        (0, 0, "SNMPv2-MIB::coldStart"),
        (3, 0, "IF-MIB::linkUp"),
        (4, 0, "SNMPv2-MIB::authenticationFailure"),
        (6, 5, "PowerNet-MIB::upsOnBattery"),
    ],
)
def test_traps_of_v1_have_the_names_of_v2(generic: int, specific: int, oid: str) -> None:
    trap = TrapV1((1, 3, 6, 1, 4, 1, 318), "0.0.0.0", generic, specific, 0)
    event, _ = event_of(notification_of(trap), BOOK, "192.0.2.1", "device/d", 5, lambda *_: None)
    assert event.name == oid
    assert notification_of(trap._replace(agent_address="192.0.2.7")).agent == "192.0.2.7"
    assert notification_of(trap).agent is None


@pytest.mark.parametrize(
    "pdu",
    [
        TrapV1((1, 3), "0.0.0.0", 7, 0, 0),
        TrapV1((1, 3), "0.0.0.0", 6, -1, 0),
        Pdu(PduType.TRAP_V2, 1),
        Pdu(PduType.TRAP_V2, 1, 0, 0, (VarBind(TRAP_OID, Tag.INTEGER, 3),)),
    ],
)
def test_what_is_no_trap_says_why(pdu: Pdu | TrapV1) -> None:
    with pytest.raises(NoTrapError, match=r"there is no"):
        notification_of(pdu)


def test_the_name_of_an_interface_comes_from_the_trap_else_from_what_was_read() -> None:
    index = VarBind((*IF_ENTRY, 1, 7), Tag.INTEGER, 7)
    descr = VarBind((*IF_ENTRY, 2, 7), Tag.OCTET_STRING, b"GigabitEthernet0/7")
    name = VarBind((1, 3, 6, 1, 2, 1, 31, 1, 1, 1, 1, 7), Tag.OCTET_STRING, b"Gi0/7")
    assert told(index).facts == {"if_index": 7, "state": "down"}
    assert told(index, interfaces={7: "Gi0/7"}).facts["interface"] == "Gi0/7"
    assert told(descr, interfaces={7: "else"}).facts == {
        "interface": "GigabitEthernet0/7",
        "if_index": 7,
        "state": "down",
    }
    assert told(descr, name).facts["interface"] == told(name, descr).facts["interface"] == "Gi0/7"


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (b"text\0", "text"),
        (b"two\r\nlines", "two  lines"),
        (b"\x00\x1c\x7f\xff", "00:1c:7f:ff"),
        (b"\xff\xfe", "ff:fe"),
        (b"\x1b[2J", "1b:5b:32:4a"),
        (b"", ""),
        ("Zürich ✓".encode(), "Zürich ✓"),
    ],
)
def test_octets_as_text(value: bytes, expected: str) -> None:
    found = told(VarBind((1, 3, 6, 1, 2, 1, 31, 1, 1, 1, 18, 7), Tag.OCTET_STRING, value))
    assert found.facts["alias"] == expected


@pytest.mark.parametrize(
    ("oid", "index", "peer"),
    [
        ((1, 3, 6, 1, 2, 1, 15, 3, 1, 2), (192, 0, 2, 9), "192.0.2.9"),
        ((1, 3, 6, 1, 4, 1, 9, 9, 187, 1, 2, 5, 1, 3), (1, 4, 192, 0, 2, 9), "192.0.2.9"),
        ((1, 3, 6, 1, 4, 1, 9, 9, 187, 1, 2, 5, 1, 3), (2, 16, *([0] * 15), 1), "::1"),
        ((1, 3, 6, 1, 2, 1, 15, 3, 1, 2), (1, 2), "1.2"),
        ((1, 3, 6, 1, 2, 1, 15, 3, 1, 2), (1, 2, 3, 999), "1.2.3.999"),
    ],
)
def test_a_peer_stands_in_the_index(oid: tuple[int, ...], index: tuple[int, ...], peer: str) -> None:
    found = told(VarBind((*oid, *index), Tag.INTEGER, 1), oid=(1, 3, 6, 1, 2, 1, 15, 7, 2))
    assert (found.facts["peer"], found.facts["state"], found.facts["protocol"]) == (peer, "idle", "bgp")
    assert found.about == f"peer/d/bgp:{peer}"


def test_values_of_other_types() -> None:
    found = told(
        VarBind((1, 3, 6, 1, 9, 1), Tag.TIME_TICKS, 150),
        VarBind((1, 3, 6, 1, 9, 2), Tag.IP_ADDRESS, "192.0.2.5"),
        VarBind((1, 3, 6, 1, 9, 3), Tag.OID, LINK_DOWN),
        VarBind((1, 3, 6, 1, 9, 4), Tag.COUNTER64, 2**63),
        VarBind((1, 3, 6, 1, 9, 5), Tag.NO_SUCH_OBJECT, None),
        VarBind((*IF_ENTRY, 8, 7), Tag.INTEGER, 99),
    )
    assert list(found.facts.values())[:5] == [1.5, "192.0.2.5", "IF-MIB::linkDown", 2**63, None]
    assert found.facts["state"] == 99


def test_facts_are_bounded() -> None:
    many = [VarBind((1, 3, 6, 1, 9, number), Tag.OCTET_STRING, b"x" * 5_000) for number in range(200)]
    found = told(*many)
    assert len(found.facts) <= FACTS_AT_MOST
    assert all(len(str(value)) <= FACT_AT_MOST for value in found.facts.values())
    assert len(found.text) <= TEXT_AT_MOST
    facts = Facts()
    for number in range(100):
        facts.put(f"f{number}", number)
    assert facts.left_out == 100 - FACTS_AT_MOST


oids = st.one_of(
    st.sampled_from([*BOOK.varbinds, *BOOK.notifications]),
    st.lists(st.integers(0, 2**32 - 1), min_size=2, max_size=30).map(tuple),
)
values: st.SearchStrategy[Any] = st.one_of(
    st.tuples(st.just(Tag.OCTET_STRING), st.binary(max_size=60)),
    st.tuples(st.just(Tag.INTEGER), st.integers(-(2**31), 2**31 - 1)),
    st.tuples(st.just(Tag.OID), oids),
    st.tuples(st.just(Tag.NULL), st.none()),
    st.tuples(st.just(Tag.TIME_TICKS), st.integers(0, 2**32 - 1)),
)


@at_least(100)
@given(oids, st.lists(st.tuples(oids, st.lists(st.integers(0, 2**32 - 1), max_size=20), values), max_size=6))
def test_any_trap_becomes_an_event_that_can_be_kept(
    oid: tuple[int, ...], varbinds: list[tuple[tuple[int, ...], list[int], Any]]
) -> None:
    found = told(*(VarBind((*name, *index), *value) for name, index, value in varbinds), oid=oid)
    assert found.name
    assert found.text.isprintable()
    assert len(found.key) == 16
    assert found.about is not None
    for value in found.facts.values():
        assert value is None or isinstance(value, int | float | str)
        assert not isinstance(value, str) or value.isprintable()
