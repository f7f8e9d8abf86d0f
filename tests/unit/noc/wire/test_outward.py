"""What stands on this machine or its link is not gone to, however it is written."""

from __future__ import annotations

from ipaddress import IPv4Address, IPv4Network, IPv6Address

import pytest
from hypothesis import given
from hypothesis import strategies as st

from noc.wire.outward import ForbiddenAddressError, Outward, parse_network

NEAR = IPv4Network("127.0.0.0/8")


@pytest.mark.parametrize(
    "host",
    [
        "127.0.0.1",
        "127.9.9.9",
        "169.254.169.254",
        "0.0.0.0",
        "0.1.2.3",
        "255.255.255.255",
        "224.0.0.1",
        "100.100.100.200",
        "::1",
        "::",
        "fe80::1%eth0",
        "ff02::1",
        "fd00:ec2::254",
        "0x7f.1",  # not an address yet: a name, of which nobody knows what it becomes
    ],
)
def test_near_addresses_are_refused_and_the_sentence_says_what_to_do(host: str) -> None:
    with pytest.raises(ForbiddenAddressError, match="allow_networks"):
        Outward().check(host)


@pytest.mark.parametrize("host", ["10.1.2.3", "192.168.1.1", "203.0.113.9", "2001:db8::1", "fd12::1"])
def test_all_others_are_not(host: str) -> None:
    Outward().check(host)


@given(st.ip_addresses(v=4, network="127.0.0.0/8"), st.sampled_from([0xFFFF << 32, 0x64FF9B << 96, 0x2002 << 112]))
def test_an_address_of_ipv6_that_stands_for_a_near_one_is_near(inner: IPv4Address, prefix: int) -> None:
    shift = 80 if prefix >> 112 == 0x2002 else 0
    outer = IPv6Address(prefix | int(inner) << shift)
    with pytest.raises(ForbiddenAddressError):
        Outward().check(str(outer))
    Outward((NEAR,)).check(str(outer))


def test_what_is_allowed_is_allowed_and_nothing_beside_it() -> None:
    outward = Outward((parse_network("127.0.0.1"),))
    outward.check("127.0.0.1")
    with pytest.raises(ForbiddenAddressError):
        outward.check("127.0.0.2")


@pytest.mark.parametrize("text", ["", "here", "127.0.0.1/33", "10.1.1.1/16", 7, None])
def test_what_is_no_network_is_told(text: object) -> None:
    with pytest.raises(ValueError, match=r"is not a network; write 127\.0\.0\.1"):
        parse_network(text)
