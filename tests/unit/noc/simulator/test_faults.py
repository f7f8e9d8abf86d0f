from __future__ import annotations

from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from noc.simulator.faults import CALM_MS, HOUR_MS, OPENING_AFTER_MS, Hit
from noc.simulator.scenario import Change, load_scenarios
from noc.simulator.world import VANTAGE
from tests.unit.noc.simulator.simulated import DAY_MS, NOW_MS, story, world

PAST = NOW_MS - 30 * DAY_MS
TIMES = st.integers(PAST, NOW_MS + DAY_MS)


@given(st.lists(TIMES, min_size=1, max_size=6))
def test_a_story_is_the_same_whenever_and_in_whatever_order_it_is_asked(times: list[int]) -> None:
    one, other = story(), story()
    assert [one.active(time) for time in times] == [other.active(time) for time in reversed(times)][::-1]


@given(TIMES, st.integers(1, 6 * HOUR_MS))
def test_between_is_all_that_is_active_then(start: int, length: int) -> None:
    told = story()
    whole = set(told.between(start, start + length))
    step = max(1, length // 20)
    for time in range(start, start + length, step):
        assert set(told.active(time)) <= whole
    assert all(fault.start_ms < start + length and fault.end_ms > start for fault in whole)


def test_the_past_is_over_before_people_watch() -> None:
    told = story()
    past = list(told.between(PAST, NOW_MS))
    assert len(past) > 10
    assert max(fault.end_ms for fault in past) <= NOW_MS - CALM_MS
    assert told.active(NOW_MS) == ()
    assert len({fault.key for fault in past}) == len(past)


def test_while_people_watch_every_kind_comes_soon_and_then_more_for_ever() -> None:
    told = story()
    soon = list(told.between(NOW_MS, NOW_MS + 420_000))
    assert {fault.scenario for fault in soon} == set(load_scenarios())
    assert min(fault.start_ms for fault in soon) == NOW_MS + OPENING_AFTER_MS
    for day in (1, 10, 100):
        hour = list(told.between(NOW_MS + day * DAY_MS, NOW_MS + day * DAY_MS + HOUR_MS))
        assert 5 < len(hour) < 60


def test_another_seed_is_another_story() -> None:
    one, other = (Counter(fault.target for fault in story(seed=seed).between(PAST, NOW_MS)) for seed in (1, 2))
    assert one != other


def test_in_a_quiet_world_nothing_happens() -> None:
    assert list(story(quiet=True).between(PAST, NOW_MS + 30 * DAY_MS)) == []


def test_the_place_where_noc_stands_is_spared() -> None:
    told = story()
    for fault in told.between(PAST, NOW_MS + DAY_MS):
        assert fault.target != f"site/{VANTAGE}"
        hit = {world().devices[hit.device].id for hit in told.hits(fault) if hit.what in ("cut", "dark")}
        assert not hit & {device.id for device in world().edges[VANTAGE]}


def test_hits_lie_inside_their_fault() -> None:
    told = story()
    kinds = set()
    for fault in told.between(PAST, NOW_MS + DAY_MS):
        hits = list(told.hits(fault))
        assert hits
        for hit in hits:
            assert fault.start_ms <= hit.start_ms < hit.end_ms <= fault.end_ms
            kinds.add(hit.what)
    assert kinds == {"cut", "dark", "battery", "change", "flap"}


@given(st.integers(1000, 100_000), st.integers(1, 10**6), st.integers(-(10**5), 2 * 10**6))
def test_an_interface_was_down_as_long_as_it_was_down(every: int, length: int, until: int) -> None:
    hit = Hit(0, "flap", 0, length, every_ms=every)
    step = 97
    summed = sum(step for time in range(0, max(0, min(until, length)), step) if hit.is_down(time))
    periods = length // every + 2
    assert hit.down_ms(until) == pytest.approx(summed, abs=step * periods)
    assert hit.down_ms(until) <= hit.down_ms(until + 1) <= hit.down_ms(until) + 1


def test_a_change_sags_and_comes_back() -> None:
    sag = Hit(0, "change", 0, 1000, change=Change(metric="es_n0_db", add=-8, shape="sag"))
    flat = Hit(0, "change", 0, 1000, change=Change(metric="cpu_pct", add=80))
    assert [sag.added(time) for time in (-1, 0, 500, 1000)] == pytest.approx([0, 0, -8, 0])
    assert sag.added(250) == pytest.approx(-5.66, abs=0.01)
    assert [flat.added(time) for time in (-1, 0, 999, 1000)] == [0, 80, 80, 0]
