"""Rates from counters: exact where they are certain, absent where they are not, never a spike, never a negative."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from noc.pipeline.counters import UPTIME_WRAP_S, WRAP_32, WRAP_64, Moment, NoRate, Rate, gap, rate

MEGABIT = 1e6 / 8  # octets a second
DAY = 86_400.0


def test_a_plain_difference_is_divided_by_the_time() -> None:
    assert rate(1000, 4000, 60.0, wide=True) == Rate(50.0)


def test_a_32_bit_counter_that_wraps_once_goes_on() -> None:
    assert rate(WRAP_32 - 100, 200, 10.0, wide=False, most_per_s=MEGABIT) == Rate(30.0)


def test_a_32_bit_counter_on_a_fast_line_says_nothing() -> None:
    # 1 Gbit/s fills 4 GiB in 34 s: after 60 s nobody knows how often it wrapped.
    assert rate(0, 1000, 60.0, wide=False, most_per_s=1000 * MEGABIT).why_not is NoRate.AMBIGUOUS
    assert rate(0, 1000, 30.0, wide=False, most_per_s=1000 * MEGABIT) == Rate(1000 / 30.0)


def test_a_64_bit_counter_that_goes_back_was_reset() -> None:
    assert rate(10**12, 500, 60.0, wide=True, most_per_s=100 * MEGABIT).why_not is NoRate.BACKWARDS
    assert rate(10**12, 500, 60.0, wide=True).why_not is NoRate.BACKWARDS


def test_a_64_bit_counter_may_wrap_too() -> None:
    assert rate(WRAP_64 - 60, 60, 60.0, wide=True, most_per_s=MEGABIT) == Rate(2.0)


def test_a_counter_that_was_set_to_zero_makes_no_spike() -> None:
    # Without a restart the agent cleared its counters: 3 GiB "wrapped" in a minute on a 10 Mbit/s line.
    assert rate(WRAP_32 // 4, 0, 60.0, wide=False, most_per_s=10 * MEGABIT).why_not is NoRate.BACKWARDS


def test_more_than_the_line_can_carry_is_not_believed() -> None:
    assert rate(0, 10**12, 60.0, wide=True, most_per_s=MEGABIT).why_not is NoRate.IMPLAUSIBLE


@pytest.mark.parametrize(
    ("earlier", "later", "why"),
    [
        (Moment(0.0, 1000.0), Moment(60.0, 1060.0), None),
        (Moment(0.0, 1000.0), Moment(60.0, 12.0), NoRate.RESTART),
        (Moment(0.0, 60.0), Moment(300.0, 200.0), NoRate.RESTART),  # restarted, and already older than before
        (Moment(0.0, UPTIME_WRAP_S - 20.0), Moment(60.0, 40.0), None),  # 497 days
        (Moment(0.0, UPTIME_WRAP_S - 10 * DAY), Moment(60.0, 40.0), NoRate.RESTART),
        (Moment(0.0, 1000.0, 5.0), Moment(60.0, 1060.0, 5.0), None),
        (Moment(0.0, 1000.0, 5.0), Moment(60.0, 1060.0, 1030.0), NoRate.DISCONTINUITY),
        (Moment(0.0), Moment(60.0), None),  # the agent has no sysUpTime
        (Moment(60.0, 1000.0), Moment(60.0, 1000.0), NoRate.TIME),
        (Moment(60.0, 1000.0), Moment(0.0, 940.0), NoRate.TIME),
        (Moment(0.0, 1000.0), Moment(60.0, 1062.5), None),  # its clock runs a little fast
    ],
)
def test_gap_tells_what_lies_between_two_moments(earlier: Moment, later: Moment, why: NoRate | None) -> None:
    assert gap(earlier, later) is why


@given(
    start=st.integers(0, WRAP_64 - 1),
    octets=st.integers(0, 10**9),
    elapsed_s=st.floats(1.0, 3600.0),
    wide=st.booleans(),
)
def test_a_true_counter_gives_its_true_rate_or_none(start: int, octets: int, elapsed_s: float, wide: bool) -> None:
    wrap = WRAP_64 if wide else WRAP_32
    earlier, later = start % wrap, (start + octets) % wrap
    found = rate(earlier, later, elapsed_s, wide, most_per_s=octets / elapsed_s)
    assert found.why_not in (None, NoRate.AMBIGUOUS)
    if found.per_s is not None:
        assert found.per_s == pytest.approx(octets / elapsed_s)


@given(
    earlier=st.integers(0, WRAP_64 - 1),
    later=st.integers(0, WRAP_64 - 1),
    elapsed_s=st.floats(0.001, 1e6),
    wide=st.booleans(),
    most_per_s=st.none() | st.floats(1.0, 1e12),
)
def test_whatever_an_agent_says_there_is_no_spike_and_no_negative(
    earlier: int, later: int, elapsed_s: float, wide: bool, most_per_s: float | None
) -> None:
    if not wide:
        earlier, later = earlier % WRAP_32, later % WRAP_32
    found = rate(earlier, later, elapsed_s, wide, most_per_s)
    assert (found.per_s is None) != (found.why_not is None)
    if found.per_s is not None:
        assert found.per_s >= 0.0
        if most_per_s is not None:
            assert found.per_s <= most_per_s * 1.1 * (1 + 1e-9)


@given(
    uptime_s=st.floats(0.0, UPTIME_WRAP_S - 1.0),
    elapsed_s=st.floats(1.0, DAY),
    since_restart=st.floats(0.0, 0.9),
)
def test_a_restart_is_seen_unless_it_hides_in_the_slack(
    uptime_s: float, elapsed_s: float, since_restart: float
) -> None:
    later = Moment(elapsed_s, elapsed_s * since_restart)
    found = gap(Moment(0.0, uptime_s), later)
    near_wrap = uptime_s + elapsed_s * 1.05 + 5.0 >= UPTIME_WRAP_S
    in_slack = elapsed_s * since_restart - uptime_s >= elapsed_s * 0.95 - 5.0
    assert found is NoRate.RESTART or near_wrap or in_slack
