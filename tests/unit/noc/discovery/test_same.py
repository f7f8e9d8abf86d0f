"""One device at several addresses, and several that look alike."""

from __future__ import annotations

from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from noc.discovery.same import joined, same, serial_of
from noc.model.discovery import Found


def found(address: str, **said: object) -> Found:
    known = {"sys_object_id": "1.3.6.1.4.1.9.1.1", "sys_name": "r1", **said}
    return Found(address, (address,), ("snmp",), **known)  # type: ignore[arg-type]


def test_a_serial_number_is_believed_alone() -> None:
    one, other = found("10.0.0.1", serial="FTX1234A"), found("10.9.0.1", serial="ftx1234a", sys_name="renamed")
    assert same(one, other)
    assert not same(one, found("10.0.0.1", serial="FTX9999Z"))  # replaced


def test_a_placeholder_is_no_serial_number() -> None:
    for serial in ("0", "0000000000", "123456789", "0123456789", "N/A", "Default string", "To be filled by O.E.M.", ""):
        assert serial_of(found("10.0.0.1", serial=serial)) is None
        assert not same(found("10.0.0.1", serial=serial), found("10.0.0.2", serial=serial, sys_name="r2"))
    assert serial_of(found("10.0.0.1", serial="JN12345")) == "JN12345"


def test_an_engine_counts_with_the_name_alone() -> None:
    one = found("10.0.0.1", engine_id="80001f88")
    assert same(one, found("10.0.0.2", engine_id="80001f88"))
    assert not same(one, found("10.0.0.2", engine_id="80001f88", sys_name="clone-2"))
    assert not same(one, found("10.0.0.2", engine_id="80001f99"))


def test_an_address_counts_when_both_say_so() -> None:
    one = found("10.0.0.1", own=("10.0.0.1", "10.0.0.2"))
    assert same(one, found("10.0.0.2", own=("10.0.0.1", "10.0.0.2")))
    assert not same(one, found("10.0.0.2"))  # one of them may claim anything
    assert not same(one, found("10.0.0.2", own=("10.0.0.1", "10.0.0.2"), sys_name="r2"))


def test_devices_are_joined_and_tell_all_they_said() -> None:
    devices = joined(
        [
            found("10.0.0.9", serial="S-1000", networks=("10.0.0.0/24",), own=("10.0.0.9", "10.255.0.1")),
            found("10.0.0.20", sys_name="other"),
            replace(Found("10.0.0.20", ("10.0.0.20",), ("ssh",), banner="SSH-2.0-x")),
            found("10.255.0.1", serial="S-1000", networks=("10.0.0.0/24",), own=("10.0.0.9", "10.255.0.1")),
        ]
    )
    assert [one.addresses for one in devices] == [("10.0.0.9", "10.255.0.1"), ("10.0.0.20",)]
    assert devices[0].address == "10.255.0.1"  # of a loopback interface, which doesn't go down with a link
    assert (devices[1].banner, devices[1].sys_name, devices[1].ways) == ("SSH-2.0-x", "other", ("snmp", "ssh"))


@given(st.lists(st.tuples(st.sampled_from(["10.0.0.1", "10.0.0.2", "10.0.0.3"]), st.sampled_from(["S-100", "S-200"]))))
def test_to_join_again_changes_nothing(seen: list[tuple[str, str]]) -> None:
    once = joined(found(address, serial=serial) for address, serial in seen)
    assert joined(once) == once
    assert len(once) == len({serial for _, serial in seen})
