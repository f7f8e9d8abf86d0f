"""Who else is there."""

from __future__ import annotations

from typing import Literal

import pytest

from noc.bus.group import Group
from noc.bus.messages import Presence
from noc.bus.rhythm import LOST_AFTER_S
from noc.bus.shares import Member


def here(name: str, from_ms: int | None = 5, group: str = "africa", boot: str = "b1") -> Presence:
    return Presence(poller=name, state="here", group=group, from_ms=from_ms, boot=boot)


def group() -> Group:
    return Group("nbo-1", "africa", "00")


def test_others_of_the_group_that_take_a_share_are_members() -> None:
    known = group()
    assert known.hear(here("nbo-2"), 0.0, retained=True)
    assert not known.hear(here("nbo-2"), 1.0, retained=False)
    assert known.hear(here("nbo-2", 9), 2.0, retained=False)
    assert not known.hear(here("bkk-1", group="asia"), 2.0, retained=True)
    assert not known.hear(here("nbo-3", None), 2.0, retained=True)  # it has no plan yet
    assert known.others(2.0) == (Member("nbo-2", 9),)


def test_who_drains_says_until_when_and_who_is_gone_is_none() -> None:
    known = group()
    known.hear(here("nbo-2"), 0.0, retained=False)
    draining = Presence(poller="nbo-2", state="draining", group="africa", from_ms=5, until_ms=70)
    assert known.hear(draining, 1.0, retained=False)
    assert known.others(1.0) == (Member("nbo-2", 5, 70),)
    assert known.hear(Presence(poller="nbo-2", state="gone"), 2.0, retained=False)
    assert known.others(2.0) == ()


def test_who_moves_to_another_group_is_a_member_no_longer() -> None:
    known = group()
    known.hear(here("nbo-2"), 0.0, retained=False)
    assert known.hear(here("nbo-2", group="asia"), 1.0, retained=False)
    assert known.others(1.0) == ()


def test_silence_is_loss_but_not_while_we_are_cut_off() -> None:
    known = group()
    known.hear(here("nbo-2"), 0.0, retained=False)
    assert known.next_loss_s() == LOST_AFTER_S
    known.cut(10.0)
    assert known.next_loss_s() is None
    assert len(known.others(10 * LOST_AFTER_S)) == 1
    known.linked(10 * LOST_AFTER_S)
    assert len(known.others(10 * LOST_AFTER_S + 1)) == 1
    assert known.others(11 * LOST_AFTER_S) == ()


def ours(boot: str, sent_us: int, state: Literal["here", "gone"] = "here") -> Presence:
    return Presence(poller="nbo-1", state=state, group="africa", boot=boot, sent_us=sent_us, from_ms=5)


def test_the_process_before_this_one_is_no_clone() -> None:
    known = Group("nbo-1", "africa", "00", started_us=1_000)
    known.linked(0.0)
    known.hear(ours("old", 999), 0.0, retained=True)
    known.hear(ours("00", 1_001), 0.0, retained=False)
    known.hear(ours("old", 0, "gone"), 1.0, retained=False)
    known.cut(2.0)
    known.linked(3.0)
    known.hear(ours("00", 0, "gone"), 3.0, retained=True)
    assert known.clones == set()
    assert known.others(3.0) == ()


@pytest.mark.parametrize("state", ["here", "gone"])
def test_whoever_was_there_in_our_name_while_we_were_thrown_out_is_a_clone(state: Literal["here", "gone"]) -> None:
    known = Group("nbo-1", "africa", "00", started_us=1_000)
    known.linked(0.0)
    known.cut(2.0)
    known.linked(3.0)
    known.hear(ours("other", 0 if state == "gone" else 1_500, state), 3.0, retained=True)
    assert known.clones == {"other"}


def test_whoever_spoke_in_our_name_after_our_start_is_a_clone() -> None:
    for retained in (True, False):
        known = Group("nbo-1", "africa", "00", started_us=1_000)
        known.linked(0.0)
        known.hear(ours("other", 1_001), 0.0, retained=retained)
        assert known.clones == {"other"}
