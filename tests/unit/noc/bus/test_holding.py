"""Which poller of a group calls people while the centre is silent: one, and all draw the same."""

from __future__ import annotations

import pytest

from noc.bus.group import Group
from noc.bus.holding import holder, may_call
from noc.bus.messages import Presence
from noc.bus.shares import Member

NAMES = ("nbo-1", "nbo-2", "nbo-3")


@pytest.mark.parametrize("group", ["africa", "asia", "americas", "europe", "oceania"])
def test_of_several_exactly_one_calls(group: str) -> None:
    everybody = [Member(name, 0) for name in NAMES]
    calling = [
        name for name in NAMES if may_call(name, group, [one for one in everybody if one.name != name], (), 1_000)
    ]
    assert calling == [holder(group, everybody, 1_000)]


def test_a_single_one_holds_its_group() -> None:
    assert may_call("nbo-1", "africa", (), (), 5)


def test_nobody_calls_beside_one_who_does() -> None:
    drawn = holder("africa", [Member(name, 0) for name in NAMES], 5)
    assert drawn is not None
    others = [Member(name, 0) for name in NAMES if name != drawn]
    assert may_call(drawn, "africa", others, (), 5)
    assert not may_call(drawn, "africa", others, {others[0].name}, 5)


def test_one_that_drains_is_not_drawn_once_it_has_gone() -> None:
    drawn = holder("africa", [Member(name, 0) for name in NAMES], 5)
    left = [Member(name, 0, 3 if name == drawn else None) for name in NAMES]
    assert holder("africa", left, 5) not in (None, drawn)


def test_who_calls_is_known_as_long_as_the_link_is_gone_and_after() -> None:
    group = Group("nbo-1", "africa", "aa")
    group.linked(0.0)
    said = Presence(poller="nbo-2", state="here", boot="bb", group="africa", from_ms=0, alone_ms=7)
    group.hear(said, 1.0, retained=False)
    assert group.calling() == {"nbo-2"}
    group.cut(2.0)
    assert [one.name for one in group.others(1_000.0)] == ["nbo-2"]
    assert group.calling() == {"nbo-2"}
    group.hear(Presence(poller="nbo-2", state="gone", boot="bb", group="africa"), 1_001.0, retained=False)
    assert group.calling() == frozenset()
