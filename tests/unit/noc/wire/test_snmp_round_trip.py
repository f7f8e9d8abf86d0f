"""How long an agent is waited for: never longer than four times what is set, never given up for haste."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from noc.wire.snmp.roundtrip import SLOWER_AT_MOST, SOONEST_S, RoundTrip

SECONDS = st.lists(st.floats(0.0001, 30.0), min_size=1)
TIMEOUTS = st.floats(0.05, 20.0)


def told(*seconds: float) -> RoundTrip:
    trip = RoundTrip()
    for second in seconds:
        trip.take(second)
    return trip


@given(SECONDS, TIMEOUTS, st.integers(0, 10))
def test_no_try_waits_longer_than_four_times_what_is_set(seconds: list[float], timeout_s: float, tried: int) -> None:
    trip = told(*seconds)
    assert trip.wait_s(timeout_s, tried, last=False) <= trip.wait_s(timeout_s, tried) <= SLOWER_AT_MOST * timeout_s


@given(SECONDS, TIMEOUTS)
def test_the_last_try_waits_at_least_what_is_set_however_quick_the_agent_was(
    seconds: list[float], timeout_s: float
) -> None:
    assert told(*seconds).wait_s(timeout_s) >= timeout_s


@given(SECONDS, TIMEOUTS, st.integers(0, 10))
def test_each_try_waits_as_long_as_the_one_before_at_least(seconds: list[float], timeout_s: float, tried: int) -> None:
    trip = told(*seconds)
    assert trip.wait_s(timeout_s, tried, last=False) <= trip.wait_s(timeout_s, tried + 1, last=False)


@given(SECONDS, TIMEOUTS)
def test_no_agent_is_asked_again_before_half_a_second_nor_before_its_mean(
    seconds: list[float], timeout_s: float
) -> None:
    trip = told(*seconds)
    soonest_s = trip.wait_s(timeout_s, last=False)
    assert soonest_s >= min(SOONEST_S, timeout_s)
    assert soonest_s >= min(trip.mean_s, SLOWER_AT_MOST * timeout_s)


@given(st.floats(0.001, 5.0), st.integers(30, 100))
def test_an_agent_that_is_steady_is_waited_for_half_as_long_again(seconds: float, times: int) -> None:
    trip = told(*[seconds] * times)
    assert trip.expected_s == pytest.approx(1.5 * seconds, rel=0.01)


@given(SECONDS, TIMEOUTS)
def test_an_agent_that_fell_silent_is_waited_for_as_one_that_nobody_knows(
    seconds: list[float], timeout_s: float
) -> None:
    trip = told(*seconds)
    trip.silent()
    assert trip.wait_s(timeout_s, last=False) >= timeout_s
    trip.take(0.01)
    assert not trip.doubted


def test_an_unknown_agent_is_waited_for_as_set_at_each_try() -> None:
    assert [RoundTrip().wait_s(2.0, tried, last=False) for tried in range(3)] == [2.0, 2.0, 2.0]


def test_a_quick_agent_is_asked_again_soon_and_not_given_up_soon() -> None:
    trip = told(*[0.002] * 20)
    assert [trip.wait_s(2.0, tried, last=tried == 2) for tried in range(3)] == [0.5, 1.0, 2.0]


def test_an_agent_behind_a_satellite_is_waited_for_longer_than_set() -> None:
    trip = told(*[3.0] * 20)
    assert [trip.wait_s(2.0, tried, last=tried == 2) for tried in range(3)] == pytest.approx([4.5, 4.5, 4.5], rel=0.01)


def test_one_slow_answer_keeps_noc_from_asking_twice_for_a_while() -> None:
    trip = told(1.6, *[0.002] * 20)
    assert 0.7 < trip.wait_s(2.0, last=False) < 1.6
    for _ in range(100):
        trip.take(0.002)
    assert trip.wait_s(2.0, last=False) == SOONEST_S
