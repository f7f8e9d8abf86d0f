"""ifTable and ifXTable to interfaces: names, states, speeds, counters of either width."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from noc.model.reading import Index, Raw, SnmpAnswer
from noc.model.snapshot import Interface
from noc.pipeline.interfaces import interfaces

GBIT = 10**9


def one(old: dict[str, Raw] | None = None, extended: dict[str, Raw] | None = None) -> Interface:
    tables: dict[str, dict[Index, dict[str, Raw]]] = {
        "ifTable": {(1,): old or {}},
        "ifXTable": {(1,): extended or {}},
    }
    return interfaces(SnmpAnswer("p", {}, tables))[0]


def speed(low: Raw, high: Raw) -> int | None:
    return one({"ifSpeed": low}, {"ifHighSpeed": high}).speed_bps


@pytest.mark.parametrize(
    ("low", "high", "bps"),
    [
        (GBIT, 1000, GBIT),
        (4294967295, 10_000, 10 * GBIT),  # RFC 2863: look at ifHighSpeed
        (1410065408, 10_000, 10 * GBIT),  # ten gigabits in 32 bits, as broken agents tell it
        (0, 10_000, 10 * GBIT),
        (None, 10_000, 10 * GBIT),
        (4294967295, 4295, 4_295_000_000),
        (1_544_000, 2, 1_544_000),
        (1_544_000, 1, 1_544_000),  # an agent that cuts instead of rounding
        (2_048_000, 2, 2_048_000),
        (64_000, 0, 64_000),
        (6_666, None, 6_666),
        (None, None, None),
        (4294967295, None, None),
        (4294967295, 0, 0),
        (0, 0, 0),
        (None, 0, 0),
        (-1, 100, 100_000_000),
        (b"100000000", b"100", 100_000_000),
        (b"fast", b"", None),
    ],
)
def test_the_speed_is_ifspeed_unless_it_overflowed(low: Raw, high: Raw, bps: int | None) -> None:
    assert speed(low, high) == bps


@given(st.integers(0, 2**32 - 2))
def test_a_speed_that_fits_32_bits_is_exact(bps: int) -> None:
    assert speed(bps, (bps + 500_000) // 10**6) == bps
    assert speed(bps, bps // 10**6) == bps


@given(st.integers(4295, 800_000))
def test_a_speed_beyond_32_bits_is_ifhighspeed(mbit: int) -> None:
    assert speed(2**32 - 1, mbit) == mbit * 10**6


@pytest.mark.parametrize(
    ("old", "extended", "name"),
    [
        ({"ifDescr": b"GigabitEthernet0/1"}, {"ifName": b"Gi0/1"}, "Gi0/1"),
        ({"ifDescr": b"GigabitEthernet0/1"}, {"ifName": b""}, "GigabitEthernet0/1"),
        ({"ifDescr": b"eth0\0"}, {}, "eth0"),
        ({"ifDescr": b""}, {}, None),
        ({}, {"ifName": b"Gi0/1"}, "Gi0/1"),
        ({}, {}, None),
    ],
)
def test_the_name_is_ifname_else_ifdescr(old: dict[str, Raw], extended: dict[str, Raw], name: str | None) -> None:
    assert one(old, extended).name == name


@pytest.mark.parametrize(
    ("admin", "oper", "words"),
    [
        (1, 1, ("up", "up")),
        (2, 2, ("down", "down")),
        (3, 3, ("testing", "testing")),
        (1, 4, ("up", "unknown")),
        (1, 5, ("up", "dormant")),
        (1, 6, ("up", "notPresent")),
        (1, 7, ("up", "lowerLayerDown")),
        (0, 9, (None, None)),
        (None, None, (None, None)),
        (b"1", b"1", ("up", "up")),
    ],
)
def test_states_have_the_words_of_the_mib(admin: Raw, oper: Raw, words: tuple[str | None, str | None]) -> None:
    row = one({"ifAdminStatus": admin, "ifOperStatus": oper})
    assert (row.admin_status, row.oper_status) == words


def test_counters_are_64_bits_wide_where_the_agent_has_them() -> None:
    row = one({"ifInOctets": 5, "ifOutOctets": 6}, {"ifHCInOctets": 2**40, "ifHCOutOctets": 2**41})
    assert (row.wide, row.counters.in_octets, row.counters.out_octets) == (True, 2**40, 2**41)


def test_counters_are_32_bits_wide_where_the_agent_has_no_others() -> None:
    row = one({"ifInOctets": 5, "ifOutOctets": 2**32 - 1, "ifInUcastPkts": 7}, {"ifInMulticastPkts": 8})
    assert (row.wide, row.counters.in_octets, row.counters.out_octets) == (False, 5, 2**32 - 1)
    assert (row.counters.in_ucast_pkts, row.counters.in_multicast_pkts) == (7, 8)


def test_a_counter_that_is_not_given_is_none_never_zero() -> None:
    counters = one({"ifInErrors": 0}).counters
    assert counters.in_errors == 0
    assert counters.out_errors is None
    assert counters.in_octets is None
    assert counters.in_discards is None


@pytest.mark.parametrize("raw", [-1, 2**32, b"many"])
def test_a_counter_that_cannot_be_is_none(raw: Raw) -> None:
    assert one({"ifInOctets": raw}).counters.in_octets is None


def test_times_are_seconds_of_the_uptime() -> None:
    row = one({"ifLastChange": 382743}, {"ifCounterDiscontinuityTime": 100})
    assert (row.last_change_s, row.discontinuity_s) == (3827.43, 1.0)


def test_a_row_of_either_table_makes_an_interface_in_the_order_of_ifindex() -> None:
    tables: dict[str, dict[Index, dict[str, Raw]]] = {
        "ifTable": {(10,): {"ifDescr": b"ten"}, (2,): {"ifDescr": b"two"}},
        "ifXTable": {(2,): {"ifAlias": b"uplink"}, (3,): {"ifName": b"three"}, (1, 2): {"ifName": b"no ifIndex"}},
    }
    found = interfaces(SnmpAnswer("p", {}, tables))
    assert [(row.if_index, row.name, row.alias) for row in found] == [
        (2, "two", "uplink"),
        (3, "three", None),
        (10, "ten", None),
    ]


def test_a_device_without_interfaces_has_none() -> None:
    assert interfaces(SnmpAnswer("p")) == ()


RAWS = st.none() | st.binary(max_size=20) | st.text(max_size=20) | st.integers() | st.floats()
COLUMNS = st.sampled_from(
    ["ifDescr", "ifSpeed", "ifPhysAddress", "ifOperStatus", "ifInOctets", "ifHCInOctets", "ifHighSpeed", "ifLastChange"]
)


@given(st.dictionaries(COLUMNS, RAWS), st.dictionaries(COLUMNS, RAWS))
def test_whatever_an_agent_sends_makes_an_interface(old: dict[str, Raw], extended: dict[str, Raw]) -> None:
    assert one(old, extended).if_index == 1
