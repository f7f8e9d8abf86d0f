"""Which polls of the past are told first."""

from __future__ import annotations

from collections import Counter
from itertools import pairwise

import pytest

from noc.simulator.pastplan import CLOSE, DAY_MS, FIRST, GROUP, HOUR_MS, MINUTE_MS, NEAR, Wave, order_of, waves
from noc.simulator.tour import Tour
from tests.unit.noc.simulator.simulated import NOW_MS, world

EVERY_MS = 2 * MINUTE_MS
ORDER = range(NEAR + 2 * GROUP)


def told(interval_ms: int = EVERY_MS, offset_ms: int = 7_000) -> dict[int, list[int]]:
    """Return when each device is told of, in the order of telling."""
    found: dict[int, list[int]] = {number: [] for number in ORDER}
    for wave in waves(ORDER, NOW_MS, interval_ms):
        times = [poll.at_ms for poll in wave.polls(interval_ms, offset_ms) if poll.is_told]
        for number in wave.devices:
            found[number] += times
    return found


@pytest.mark.parametrize("interval_ms", [EVERY_MS, 290_000, 1_200_000])
def test_every_poll_is_one_of_the_rhythm_before_the_end_and_none_is_told_twice(interval_ms: int) -> None:
    for times in told(interval_ms).values():
        assert max(Counter(times).values()) == 1
        assert {at % interval_ms for at in times} == {7_000}
        assert NOW_MS - 29 * DAY_MS < min(times) <= max(times) <= NOW_MS


def test_charts_have_no_gap() -> None:
    found = told()
    for number in ORDER:
        times = sorted(at for at in found[number] if at > NOW_MS - DAY_MS)
        assert longest_gap([at for at in times if at > NOW_MS - 6 * HOUR_MS]) == EVERY_MS
        assert longest_gap(times) <= 5 * MINUTE_MS
    assert longest_gap(sorted(found[0])) == 2 * HOUR_MS
    assert min(found[0]) < NOW_MS - 28 * DAY_MS
    assert min(found[FIRST]) > NOW_MS - DAY_MS


def test_at_first_the_close_have_an_hour_and_all_others_a_number() -> None:
    seen: Counter[int] = Counter()
    for wave in waves(ORDER, NOW_MS, EVERY_MS):
        if wave.stop_ms < NOW_MS:
            break
        for number in wave.devices:
            seen[number] += sum(poll.is_told for poll in wave.polls(EVERY_MS, 0))
    assert {seen[number] for number in ORDER[:CLOSE]} == {30}
    assert {seen[number] for number in ORDER[CLOSE:]} <= {1, 2}
    assert len(seen) == len(ORDER)


def test_the_poll_before_the_first_is_made_for_its_counters_alone() -> None:
    polls = list(Wave((1,), NOW_MS - HOUR_MS, NOW_MS, 7).polls(EVERY_MS, 7_000))
    assert [poll.is_told for poll in polls] == [False, *([True] * (len(polls) - 1))]
    assert polls[0].at_ms <= NOW_MS - HOUR_MS < polls[1].at_ms
    assert polls[1].at_ms - polls[0].at_ms == 7 * EVERY_MS


def test_the_devices_of_the_tour_come_first() -> None:
    order = order_of(world(), 1)
    assert sorted(order) == [device.number for device in world().devices]
    for act in Tour(world(), 1, NOW_MS).round(0):
        kind, _, name = act.target.partition("/")
        devices = [world().device[name]] if kind == "device" else list(world().edges[name])
        assert {order.index(device.number) < FIRST for device in devices} == {True}
        assert {order.index(device.number) < CLOSE for device in world().edges[devices[0].site]} == {True}


def longest_gap(times: list[int]) -> int:
    return max(later - earlier for earlier, later in pairwise(times))
