"""Trends of known truth, and when they reach a limit."""

from __future__ import annotations

from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from noc.reports._trend import LEAST_POINTS, trend_of

DAY = 86_400_000


def days(count: int) -> list[int]:
    return [1_000 * DAY + day * DAY for day in range(count)]


@given(st.integers(LEAST_POINTS, 30), st.integers(1, 1000), st.integers(0, 100_000))
def test_a_line_reaches_its_limit_when_it_says(count: int, slope: int, start: int) -> None:
    values = [float(start + slope * day) for day in range(count)]
    trend = trend_of(days(count), values)
    assert trend is not None
    assert trend.direction == "growing"
    reached = trend.reaches(start + slope * (count - 1 + 50))
    expected = days(count)[-1] + 50 * DAY
    for found in (reached.at_ms, reached.earliest_ms, reached.latest_ms):
        assert found == pytest.approx(expected, abs=60_000)


def test_one_odd_day_moves_nothing() -> None:
    values = [100.0 + day for day in range(30)]
    odd = [*values[:12], 90_000.0, *values[13:]]
    clean, moved = trend_of(days(30), values), trend_of(days(30), odd)
    assert clean is not None
    assert moved is not None
    assert moved.slope == pytest.approx(clean.slope)
    assert moved.now == pytest.approx(clean.now)
    assert moved.direction == "growing"


def test_noise_without_a_trend_is_steady_in_nearly_all_cases() -> None:
    random = Random(7)  # noqa: S311 noise of a test
    found = [trend_of(days(30), [random.gauss(50, 5) for _ in range(30)]) for _ in range(200)]
    steady = sum(one is not None and one.direction == "steady" for one in found)
    assert 180 <= steady <= 199  # 95 in 100, with what chance makes of 200


def test_the_range_holds_the_true_day_nearly_always() -> None:
    random = Random(11)  # noqa: S311 noise of a test
    held = 0
    for _ in range(200):
        trend = trend_of(days(60), [40 + 0.5 * day + random.gauss(0, 4) for day in range(60)])
        assert trend is not None
        reached = trend.reaches(100.0)
        true = days(1)[0] + 120 * DAY
        assert reached.at_ms is not None
        if reached.earliest_ms is not None and reached.latest_ms is not None:
            held += reached.earliest_ms - 5 * DAY <= true <= reached.latest_ms + 5 * DAY
    assert held >= 180


def test_what_falls_never_gets_there_and_what_is_there_is_there() -> None:
    falling = trend_of(days(20), [100.0 - day for day in range(20)])
    assert falling is not None
    assert (falling.direction, falling.reaches(200).at_ms) == ("falling", None)
    assert falling.reaches(80).at_ms == days(20)[-1]


def test_few_days_make_no_trend() -> None:
    assert trend_of([], []) is None
    short = trend_of(days(LEAST_POINTS - 1), [float(day) for day in range(LEAST_POINTS - 1)])
    assert short is not None
    assert (short.direction, short.reaches(1e9).at_ms) == ("too short", None)


def test_what_grows_too_slowly_has_no_date() -> None:
    slow = trend_of(days(20), [100 + day * 1e-6 for day in range(20)])
    assert slow is not None
    assert slow.reaches(1e6).at_ms is None
