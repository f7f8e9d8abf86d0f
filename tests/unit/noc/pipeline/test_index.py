"""Indexes of table rows: the reverse of RFC 2578, section 7.7."""

from __future__ import annotations

import ipaddress
from typing import get_args

import pytest
from hypothesis import given
from hypothesis import strategies as st

from noc.inventory.profiles.compiled import IndexPart, IndexType
from noc.model.reading import Index
from noc.model.snapshot import Scalar
from noc.pipeline.expression import index_values

IpAddress = ipaddress.IPv4Address | ipaddress.IPv6Address
KINDS: tuple[IndexType, ...] = get_args(IndexType)
NUMBERS = st.integers(0, 2**32 - 1)


def decoded(index: Index, *kinds: IndexType) -> list[Scalar]:
    return index_values([IndexPart(f"part{number}", kind) for number, kind in enumerate(kinds)], index)


@given(NUMBERS)
def test_an_integer_is_one_number(number: int) -> None:
    assert decoded((number,), "integer") == [number]


@given(st.ip_addresses(v=4))
def test_an_ip_address_is_four_numbers(address: ipaddress.IPv4Address) -> None:
    assert decoded(tuple(address.packed), "ip") == [str(address)]


@given(st.ip_addresses())
def test_an_inet_address_has_its_type_and_its_length_before_it(address: IpAddress) -> None:
    packed = address.packed
    assert decoded((1 if address.version == 4 else 2, len(packed), *packed), "inet") == [str(address)]


@given(st.ip_addresses(), NUMBERS)
def test_the_zone_of_a_scoped_address_is_left_out(address: IpAddress, zone: int) -> None:
    octets = (*address.packed, *zone.to_bytes(4, "big"))
    assert decoded((3 if address.version == 4 else 4, len(octets), *octets), "inet") == [str(address)]


def test_a_domain_name_as_inet_address_is_text() -> None:
    assert decoded((16, 3, *b"a.b"), "inet") == ["a.b"]


@pytest.mark.parametrize("index", [(0, 0), (1, 0), (1, 3, 1, 2, 3), (1, 4, 1, 2), (5, 4, 1, 2, 3, 4), (1,)])
def test_an_inet_address_that_is_none_has_no_value(index: Index) -> None:
    assert decoded(index, "inet") == [None]


@given(st.binary(min_size=6, max_size=6))
def test_a_mac_address_is_six_numbers(octets: bytes) -> None:
    assert decoded(tuple(octets), "mac") == [octets.hex(":")]


@given(st.text(max_size=20))
def test_a_string_has_its_length_before_it(text: str) -> None:
    octets = text.encode("utf-8", "replace")
    assert decoded((len(octets), *octets, 7), "string", "integer") == [octets.decode(), 7]


@given(st.text(min_size=1, max_size=20))
def test_an_implied_string_goes_on_to_the_end(text: str) -> None:
    octets = text.encode("utf-8", "replace")
    assert decoded(tuple(octets), "implied") == [octets.decode()]


@given(st.ip_addresses(v=6), NUMBERS)
def test_an_ipv6_address_has_no_length_before_it(address: ipaddress.IPv6Address, number: int) -> None:
    assert decoded((*address.packed, number), "ipv6", "integer") == [str(address), number]


@given(st.lists(NUMBERS, min_size=1))
def test_the_rest_is_dotted_text(numbers: list[int]) -> None:
    assert decoded(tuple(numbers), "rest") == [".".join(map(str, numbers))]


@given(st.ip_addresses(v=4), st.text(max_size=5), NUMBERS, st.ip_addresses())
def test_parts_follow_each_other(address: ipaddress.IPv4Address, text: str, number: int, peer: IpAddress) -> None:
    octets = text.encode("utf-8", "replace")
    inet = (1 if peer.version == 4 else 2, len(peer.packed), *peer.packed)
    index = (*address.packed, len(octets), *octets, number, *inet, 9, 8)
    parts = decoded(index, "ip", "string", "integer", "inet", "rest")
    assert parts == [str(address), octets.decode(), number, str(peer), "9.8"]


@pytest.mark.parametrize(
    ("index", "kinds", "values"),
    [
        ((), ("integer",), []),
        ((1,), ("integer", "integer"), [1]),
        ((10, 0, 0), ("ip",), [None]),
        ((10, 0, 0, 256), ("ip",), [None]),
        ((5, 65, 66), ("string",), ["AB"]),
        ((2, 300, 65), ("string",), ["A"]),
        ((2, 0xC3, 0x28), ("string",), ["\ufffd("]),
        ((1, 2, 3), ("mac",), [None]),
        ((1, 2, 3, 4, 5, 256), ("mac",), [None]),
    ],
)
def test_an_index_that_is_too_short_or_wrong_gives_what_there_is(
    index: Index, kinds: tuple[IndexType, ...], values: list[Scalar]
) -> None:
    assert decoded(index, *kinds) == values


@given(st.lists(st.sampled_from(KINDS), max_size=4), st.lists(NUMBERS, max_size=30))
def test_no_index_raises(kinds: list[IndexType], index: list[int]) -> None:
    assert len(decoded(tuple(index), *kinds)) <= len(kinds)
