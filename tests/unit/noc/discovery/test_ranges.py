"""Which addresses a sweep asks."""

from __future__ import annotations

from ipaddress import ip_address, ip_network

import pytest
from hypothesis import given
from hypothesis import strategies as st

from noc.discovery.ranges import Addresses, parse_target, targets
from noc.model.errors import UsageError


def listed(*texts: str, excluded: tuple[str, ...] = ()) -> list[str]:
    found = Addresses(map(parse_target, texts), map(ip_network, excluded))
    return [found.at(index) for index in range(found.count)]


def test_a_network_has_no_network_and_broadcast_address_but_a_small_one_has_all() -> None:
    assert listed("192.0.2.0/30") == ["192.0.2.1", "192.0.2.2"]
    assert listed("192.0.2.0/31") == ["192.0.2.0", "192.0.2.1"]
    assert listed("192.0.2.7") == ["192.0.2.7"]
    assert listed("2001:db8::/126") == ["2001:db8::", "2001:db8::1", "2001:db8::2", "2001:db8::3"]


def test_ranges_overlap_nest_and_stand_side_by_side() -> None:
    assert len(listed("192.0.2.0/24", "192.0.2.64/26", "192.0.2.10-192.0.2.20")) == 254
    side_by_side = listed("192.0.2.0/30", "192.0.2.4/30")
    assert side_by_side == ["192.0.2.1", "192.0.2.2", "192.0.2.5", "192.0.2.6"]  # no broadcast address of either


def test_what_is_excluded_is_not_asked() -> None:
    assert listed("192.0.2.0/29", excluded=("192.0.2.2/31", "192.0.2.6/32", "2001:db8::/32")) == [
        *("192.0.2.1", "192.0.2.4", "192.0.2.5")
    ]


@pytest.mark.parametrize("text", ["224.0.0.0/24", "255.255.255.255", "ff02::1/128", "0.0.0.0/30"])
def test_no_device_has_such_an_address(text: str) -> None:
    with pytest.raises(UsageError):
        targets([text], (), 1_000)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("10.0.0.5/24", "did you mean '10.0.0.0/24'"),
        ("10.0.0.0/33", "is not a network"),
        ("core-router.example.org", "names are not looked up"),
        ("10.0.0.9-10.0.0.1", "lower address first"),
        ("10.0.0.1-2001:db8::1", "is not a range"),
        ("", "is not a network"),
        ("10.0.0.1-", "is not an IPv4 or IPv6 address"),
        ("--help", "no address"),
    ],
)
def test_what_is_wrong_is_said(text: str, said: str) -> None:
    with pytest.raises(UsageError, match=said.replace("(", r"\(")):
        targets([text], (), 1_000)


def test_a_huge_network_is_refused_before_anything_is_made_of_it() -> None:
    with pytest.raises(UsageError, match=r"16,777,214 addresses are more than the 65,536 of one sweep; .*--force"):
        targets(["10.0.0.0/8"], (), 65_536)
    assert targets(["10.0.0.0/8"], (), 65_536, force=True).count == (1 << 24) - 2
    for text in ("2001:db8::/32", "::/0", "0.0.0.0/0"):
        with pytest.raises(UsageError, match="more than") as told:
            targets([text], (), 65_536, force=True)
        assert "--force" not in str(told.value)  # it would not help


def test_nothing_left_is_told() -> None:
    with pytest.raises(UsageError, match="no address is left"):
        targets(["10.0.0.0/24"], [ip_network("10.0.0.0/8")], 1_000)


NETWORKS = st.builds(
    lambda base, length: str(ip_network((base >> (32 - length) << (32 - length), length))),
    st.integers(int(ip_address("10.0.0.0")), int(ip_address("10.0.3.255"))),
    st.integers(23, 32),
)


@given(st.lists(NETWORKS, min_size=1, max_size=6), st.lists(NETWORKS, max_size=4))
def test_each_address_comes_once_in_order_and_none_that_is_excluded(asked: list[str], excluded: list[str]) -> None:
    holes = tuple(map(ip_network, excluded))
    wanted = {
        str(address)
        for text in asked
        for address in ip_network(text).hosts()
        if not any(address in hole for hole in holes)
    }
    found = listed(*asked, excluded=tuple(excluded))
    assert set(found) == wanted
    assert found == sorted(found, key=lambda text: int(ip_address(text)))
    assert len(found) == len(wanted)
