from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from noc.simulator.curves import DAY_MS, amount, load, rain, seed_of, share, wave
from tests.unit.noc.simulator.simulated import NOW_MS

TIMES = st.integers(NOW_MS - 400 * DAY_MS, NOW_MS + 400 * DAY_MS)
SEEDS = st.integers(0, 2**32 - 1)
LONGITUDES = st.floats(-180, 180)


@given(TIMES, st.integers(0, 10 * DAY_MS), st.integers(1, 10**10), SEEDS, LONGITUDES)
def test_a_counter_never_goes_back(start: int, later: int, mean: int, seed: int, longitude: float) -> None:
    middle = start + later // 2
    first, second = (amount(start, end, mean, seed, longitude) for end in (middle, start + later))
    assert 0 <= first <= second
    assert amount(start, start, mean, seed, longitude) == 0


@given(TIMES, st.integers(100, 10**10), SEEDS, LONGITUDES)
def test_a_counter_grows_by_its_load(start: int, mean: int, seed: int, longitude: float) -> None:
    step, steps = 30_000, 120
    summed = sum(load(start + step * n + step // 2, seed, longitude) for n in range(steps)) * mean * step / 1000
    grown = amount(start, start + step * steps, mean, seed, longitude)
    assert grown == pytest.approx(summed, rel=0.01, abs=10)


@given(TIMES, SEEDS, LONGITUDES)
def test_loads_and_waves_stay_in_their_bounds(time: int, seed: int, longitude: float) -> None:
    assert 0.1 <= load(time, seed, longitude) <= 1.9
    assert -1 <= wave(time, seed, 900_000) <= 1
    assert 0 <= rain(time, seed, longitude) <= 2.3


def test_the_day_is_busiest_in_the_afternoon_by_the_sun() -> None:
    midnight = NOW_MS - NOW_MS % DAY_MS

    def mean(hour: int, longitude: float) -> float:
        at = midnight + hour * DAY_MS // 24
        return sum(load(at, seed_of(seed), longitude) for seed in range(50)) / 50

    assert mean(14, 0.0) > 1.3 > 0.7 > mean(2, 0.0)
    assert mean(11, 45.0) == pytest.approx(mean(14, 0.0), abs=0.15)


def test_seeds_are_spread() -> None:
    values = [share(seed_of(1, number), 0, 1) for number in range(2000)]
    assert 0.45 < sum(values) / len(values) < 0.55
    assert len({round(value, 3) for value in values}) > 700
    assert seed_of(1, 2) != seed_of(2, 1)
