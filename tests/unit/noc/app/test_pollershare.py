"""Shares of two pollers in virtual time: who asks what, at each moment, as the one and the other know it."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime, timedelta

import pytest

from noc.app.pollershare import PollerShare
from noc.bus.group import Group
from noc.bus.messages import Presence
from noc.bus.rhythm import LOST_AFTER_S
from noc.clock import ManualClock

START = datetime(2026, 11, 22, tzinfo=UTC)
DEVICES = {f"d{number}" for number in range(40)}
NEWCOMER_S = 10.0


class Two:
    """Two pollers of one group, that hear each other at once while they are linked."""

    def __init__(self) -> None:
        self.clock = ManualClock(START)
        self.shares = {name: self._share(name) for name in ("nbo-1", "nbo-2")}
        self.linked = set[str]()

    def _share(self, name: str) -> PollerShare:
        group = Group(name, "africa", f"boot of {name}")
        newcomer = timedelta(seconds=NEWCOMER_S)
        return PollerShare(name, group, self.clock, newcomer, lambda _: None, lambda: self.say(name))

    def say(self, name: str) -> None:
        if name in self.linked:
            share = self.shares[name]
            presence = Presence(
                poller=name, state=share.state, group="africa", from_ms=share.from_ms, until_ms=share.until_ms
            )
            asyncio.get_running_loop().call_soon(self._heard, name, presence)

    def gone(self, name: str) -> None:
        self.linked.discard(name)
        self._heard(name, Presence(poller=name, state="gone"))

    def _heard(self, name: str, presence: Presence) -> None:
        for other in self.linked - {name}:
            self.shares[other].hear(presence, retained=False)

    async def come(self, name: str) -> None:
        """Let one start, with the plan that it has."""
        self.linked.add(name)
        self.shares[name].linked(True)
        for other in self.linked - {name}:
            self.say(other)
        self.shares[name].use(DEVICES)
        self.say(name)
        await self.clock.advance(0)

    def mine(self, name: str) -> frozenset[str]:
        return self.shares[name].mine


@pytest.fixture
def two() -> Two:
    return Two()


async def test_one_alone_takes_all_after_the_time_of_a_newcomer(two: Two) -> None:
    await two.come("nbo-1")
    await two.clock.advance(NEWCOMER_S - 0.5)
    assert not two.mine("nbo-1")
    await two.clock.advance(0.5)
    assert two.mine("nbo-1") == DEVICES


async def test_a_newcomer_is_handed_its_share_at_one_moment(two: Two) -> None:
    await two.come("nbo-1")
    await two.clock.advance(60)
    await two.come("nbo-2")
    for _ in range(40):
        await two.clock.advance(0.5)
        assert two.mine("nbo-1") | two.mine("nbo-2") == DEVICES
        assert not two.mine("nbo-1") & two.mine("nbo-2")
    assert two.mine("nbo-1")
    assert two.mine("nbo-2")


async def test_a_dead_ones_devices_are_taken_over_at_once(two: Two) -> None:
    for name in ("nbo-1", "nbo-2"):
        await two.come(name)
    await two.clock.advance(NEWCOMER_S + 1)
    two.gone("nbo-2")
    assert two.mine("nbo-1") == DEVICES


async def test_one_that_only_falls_silent_is_gone_after_a_minute(two: Two) -> None:
    for name in ("nbo-1", "nbo-2"):
        await two.come(name)
    await two.clock.advance(NEWCOMER_S + 1)
    two.linked.discard("nbo-2")
    await two.clock.advance(LOST_AFTER_S - 15)
    assert two.mine("nbo-1") != DEVICES
    await two.clock.advance(20)
    assert two.mine("nbo-1") == DEVICES


async def test_one_that_is_cut_off_goes_on_with_its_share(two: Two) -> None:
    for name in ("nbo-1", "nbo-2"):
        await two.come(name)
    await two.clock.advance(NEWCOMER_S + 1)
    before = two.mine("nbo-2")
    two.gone("nbo-2")
    two.shares["nbo-2"].linked(False)
    await two.clock.advance(3_600)
    assert two.mine("nbo-2") == before
    assert two.mine("nbo-1") == DEVICES


async def test_draining_hands_over_ahead_and_ends(two: Two) -> None:
    for name in ("nbo-1", "nbo-2"):
        await two.come(name)
    await two.clock.advance(NEWCOMER_S + 1)
    before = two.mine("nbo-1")
    two.shares["nbo-1"].drain(True)
    await two.clock.advance(NEWCOMER_S - 1)
    assert two.mine("nbo-1") == before
    await two.clock.advance(2)
    assert not two.mine("nbo-1")
    assert two.mine("nbo-2") == DEVICES
    two.shares["nbo-1"].drain(False)
    await two.clock.advance(NEWCOMER_S + 1)
    assert two.mine("nbo-1") == before


async def test_in_quarantine_it_asks_nothing_and_others_know(two: Two) -> None:
    for name in ("nbo-1", "nbo-2"):
        await two.come(name)
    await two.clock.advance(NEWCOMER_S + 1)
    two.shares["nbo-1"].hold(True)
    await two.clock.advance(0)
    assert (two.mine("nbo-1"), two.mine("nbo-2")) == (frozenset(), DEVICES)
    two.shares["nbo-1"].hold(False)
    await two.clock.advance(NEWCOMER_S + 1)
    assert two.mine("nbo-1")


async def test_a_clone_is_counted_and_told_once(two: Two, caplog: pytest.LogCaptureFixture) -> None:
    await two.come("nbo-1")
    for _ in range(3):
        said = Presence(poller="nbo-1", state="here", group="africa", boot="another", from_ms=1)
        two.shares["nbo-1"].hear(said, retained=False)
    assert two.shares["nbo-1"].clones == 1
    assert caplog.text.count("another process with the identity of nbo-1") == 1


async def test_devices_that_come_and_go_with_a_plan_are_shared_at_once(two: Two) -> None:
    await two.come("nbo-1")
    await two.clock.advance(NEWCOMER_S + 1)
    two.shares["nbo-1"].use({"d1", "new"})
    assert two.mine("nbo-1") == {"d1", "new"}
    await two.shares["nbo-1"].stop()
