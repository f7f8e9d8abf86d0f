"""The beat at which pages are told of changes."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime

import pytest

from noc.clock import ManualClock
from noc.http.beat import LONGEST_S, Beat


@pytest.fixture
def clock() -> ManualClock:
    return ManualClock(datetime(2026, 3, 1, 12, tzinfo=UTC))


async def test_beats_are_a_second_apart_and_tell_of_what_was_there(clock: ManualClock) -> None:
    newest = 7
    beat = Beat(clock, lambda: newest)
    assert (beat.now(), beat.until) == (1, 7)
    newest = 8
    await clock.advance(0.9)
    assert (beat.now(), beat.until) == (1, 7)
    await clock.advance(0.1)
    assert (beat.now(), beat.until) == (2, 8)


async def test_who_waits_gets_the_next_and_all_who_wait_the_same(clock: ManualClock) -> None:
    beat = Beat(clock, lambda: 0)
    seen = beat.now()
    waiting = [asyncio.create_task(beat.after(seen)) for _ in range(3)]
    await clock.advance(0.5)
    assert not any(one.done() for one in waiting)
    await clock.advance(0.5)
    assert [await one for one in waiting] == [2, 2, 2]


async def test_after_a_pause_nobody_waits(clock: ManualClock) -> None:
    beat = Beat(clock, lambda: 0)
    seen = beat.now()
    await clock.advance(60)
    assert await beat.after(seen) == 2


async def test_where_making_takes_long_beats_are_further_apart(clock: ManualClock) -> None:
    beat = Beat(clock, lambda: 0)
    assert beat.now() == 1
    with beat.making():
        await clock.advance(0.5)
        with beat.making():  # of two at the same time, time counts once
            await clock.advance(0.5)
    assert beat.now() == 2
    await clock.advance(3.9)
    assert beat.now() == 2
    await clock.advance(0.1)
    assert beat.now() == 3
    with beat.making():
        await clock.advance(600)
    beat.now()
    await clock.advance(LONGEST_S)
    assert beat.now() == 5
