"""Which values of a poll concern an entity, and how they are shown."""

from __future__ import annotations

import pytest

from noc.http.rawvalues import concerned, filtered, raw_text, raw_type
from noc.model.evidence import RawValue
from noc.model.reading import Raw

VALUES = (
    RawValue("sysName", "1.3.6.1.2.1.1.5.0", b"nbo", 1),
    RawValue("ifOperStatus", "1.3.6.1.2.1.2.2.1.8.2", 2, 1, "ifTable", (2,)),
    RawValue("ifName", "1.3.6.1.2.1.31.1.1.1.1.2", b"Gi0/1", 1, "ifXTable", (2,)),
    RawValue("ifName", "1.3.6.1.2.1.31.1.1.1.1.3", b"Gi0/2", 1, "ifXTable", (3,)),
    RawValue("bgpPeerState", "1.3.6.1.2.1.15.3.1.2.192.0.2.1", 6, 1, "bgpPeerTable", (192, 0, 2, 1)),
    RawValue("bgpPeerState", "1.3.6.1.2.1.15.3.1.2.192.0.2.11", 1, 1, "bgpPeerTable", (192, 0, 2, 11)),
    RawValue("tunnelName", "1.3.6.1.4.1.9.1.7", b"to-geneva", 1, "tunnels", (7,)),
    RawValue("tunnelState", "1.3.6.1.4.1.9.2.7", 1, 1, "tunnels", (7,)),
)


@pytest.mark.parametrize(
    ("entity", "names"),
    [
        ("interface/nbo/Gi0/1", ["ifOperStatus", "ifName"]),
        ("peer/nbo/bgp:192.0.2.1", ["bgpPeerState"]),
        ("peer/nbo/bgp:red/192.0.2.11", ["bgpPeerState"]),
        ("tunnel/nbo/to-geneva", ["tunnelName", "tunnelState"]),
        ("tunnel/nbo/to-nowhere", []),
    ],
)
def test_a_part_has_the_values_of_its_rows(entity: str, names: list[str]) -> None:
    assert [one.name for one in concerned(VALUES, entity, {"Gi0/1": 2})] == names


def test_one_peer_is_not_the_other() -> None:
    found = concerned(VALUES, "peer/nbo/bgp:192.0.2.1", {})
    assert [one.index for one in found] == [(192, 0, 2, 1)]


def test_a_device_has_all_with_what_is_wrong_first() -> None:
    found = concerned(VALUES, "device/nbo", {}, ["1.3.6.1.4.1.9.2.7"])
    assert [one.name for one in found[:3]] == ["tunnelState", "tunnelName", "sysName"]
    assert len(found) == len(VALUES)


def test_a_search_looks_at_name_oid_and_value() -> None:
    assert [one.name for one in filtered(VALUES, "GI0/2")] == ["ifName"]
    assert [one.name for one in filtered(VALUES, "bgp 2.11")] == ["bgpPeerState"]
    assert len(filtered(VALUES, "")) == len(VALUES)


@pytest.mark.parametrize(
    ("value", "text", "kind"),
    [
        (b"Inlet\0", "Inlet", "OCTET STRING"),
        (b"\x00\x1b\x21\xff", "00 1b 21 ff", "OCTET STRING"),
        (b"\x1b[2J", "1b 5b 32 4a", "OCTET STRING"),
        ("Genève".encode(), "Genève", "OCTET STRING"),
        (42, "42", "INTEGER"),
        ("1.3.6.1", "1.3.6.1", "OBJECT IDENTIFIER"),
        (None, "", "NULL"),
        (1.5, "1.5", "Opaque"),
    ],
)
def test_values_are_shown_as_people_can_read_them(value: Raw, text: str, kind: str) -> None:
    assert (raw_text(value), raw_type(value)) == (text, kind)
