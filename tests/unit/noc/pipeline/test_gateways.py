"""Gateways that stand in for each other: what two devices tell together."""

from __future__ import annotations

from collections.abc import Sequence

import pytest

from noc.pipeline.gateways import FORGET_MS, Gateways, Group, Verdict

MINUTE = 60_000
GROUP = Group("juba", "hsrp", "10", "10.0.0.1")


def rows(role: str, address: str = "10.0.0.1", group: int = 10) -> list[dict[str, str | int | float | bool | None]]:
    return [{"protocol": "hsrp", "group": group, "interface": "Vlan10", "address": address, "state": role}]


def after(*polls: tuple[str, str], gateways: Gateways | None = None, site: str = "juba") -> list[Verdict]:
    """Return what comes of polls, (device, role), a minute apart."""
    known = gateways or Gateways()
    return [
        verdict
        for minute, (device, role) in enumerate(polls)
        for verdict in known.take(device, site, rows(role), minute * MINUTE)
    ]


def wrongs(verdicts: Sequence[Verdict]) -> list[str | None]:
    return [verdict.wrong for verdict in verdicts]


def test_one_active_and_one_waiting_is_how_it_should_be() -> None:
    assert after(("a", "active"), ("b", "standby"), ("a", "active"), ("b", "standby")) == []


def test_two_that_are_active_are_told_when_both_were_heard_twice_with_the_time_it_began() -> None:
    polls = [("a", "active"), ("b", "active"), ("a", "active")]
    assert after(*polls) == []
    found = after(*polls, ("a", "active"), ("b", "active"), ("a", "active"), ("b", "active"))
    assert found == [Verdict(GROUP, "split", MINUTE, (("a", "active"), ("b", "active")))]


def test_roles_that_change_between_two_polls_are_no_split() -> None:
    assert after(("a", "active"), ("b", "active"), ("a", "standby"), ("b", "active"), ("a", "standby")) == []


def test_it_is_over_at_the_first_look_that_says_so() -> None:
    gateways = Gateways()
    polls = [("a", "active"), ("b", "active")] * 3
    assert wrongs(after(*polls, ("b", "standby"), gateways=gateways)) == ["split", None]


@pytest.mark.parametrize(("role", "wrong"), [("standby", ["none"]), ("listen", ["none"]), ("initial", [])])
def test_that_none_is_active_is_told_where_all_could_be(role: str, wrong: list[str]) -> None:
    assert wrongs(after(*[("a", "standby"), ("b", role)] * 3)) == wrong


def test_one_that_waits_alone_may_wait_for_one_that_is_not_polled() -> None:
    assert after(*[("a", "standby")] * 5) == []


def test_two_sites_may_use_one_address_and_two_groups_are_two() -> None:
    gateways = Gateways()
    for _ in range(4):
        assert gateways.take("a", "juba", rows("active"), 0) == []
        assert gateways.take("b", "goma", rows("active"), 0) == []
        assert gateways.take("c", "juba", rows("active", group=11), 0) == []


def test_what_is_not_heard_for_an_hour_says_nothing() -> None:
    gateways = Gateways()
    assert wrongs(after(*[("a", "active"), ("b", "active")] * 3, gateways=gateways)) == ["split"]
    assert wrongs(gateways.take("b", "juba", rows("active"), 7 * MINUTE + FORGET_MS)) == [None]


@pytest.mark.parametrize("goes", ["group", "device", "inventory"])
def test_what_leaves_ends_it(goes: str) -> None:
    gateways = Gateways()
    after(*[("a", "active"), ("b", "active")] * 3, gateways=gateways)
    if goes == "group":
        found = gateways.take("a", "juba", [], 10 * MINUTE)
    else:
        found = gateways.forget("a", 0) if goes == "device" else gateways.keep({"b"}, 0)
    assert wrongs(found) == [None]
    assert gateways.forget("nobody", 0) == []


def test_what_was_told_before_a_start_is_told_to_be_over_once() -> None:
    gateways = Gateways()
    gateways.adopt(GROUP, "split", "ab", 0, 0)
    assert wrongs(after(("a", "active"), ("b", "standby"), ("a", "active"), gateways=gateways)) == [None]
    gateways = Gateways()
    gateways.adopt(GROUP, "split", "ab", 0, 0)
    assert after(*[("a", "active"), ("b", "active")] * 3, gateways=gateways) == []


def test_a_member_that_does_not_come_back_after_a_start_is_not_waited_for_for_ever() -> None:
    gateways = Gateways()
    gateways.adopt(GROUP, "split", "ab", 0, 0)
    assert gateways.take("a", "juba", rows("active"), MINUTE) == []
    assert wrongs(gateways.take("a", "juba", rows("active"), FORGET_MS)) == [None]


def test_a_group_without_an_address_or_a_role_is_none() -> None:
    gateways = Gateways()
    for _ in range(3):
        assert gateways.take("a", "s", [*rows("active", "0.0.0.0"), *rows("", "10.0.0.9")], 0) == []
        assert gateways.take("b", "s", rows("active", "0.0.0.0"), 0) == []
