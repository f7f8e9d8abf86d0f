"""Bounds of numbers in steps: never on the wrong side, and exact for numbers that don't change."""

from __future__ import annotations

import numpy as np
from hypothesis import example, given
from hypothesis import strategies as st

from noc.store.embedded.bounds import Bounds, bounds_of, cells_of

doubles = st.floats(allow_nan=False, allow_infinity=False)
steps = st.lists(doubles | st.integers(-5, 5).map(float) | st.floats(0, 1e10), min_size=1, max_size=12)


def bounds(*numbers: float) -> Bounds:
    column = np.array(numbers)
    with np.errstate(over="ignore", invalid="ignore"):
        total = column.sum()
    one = [np.array([[each]]) for each in (total, column.max(), column.min())]
    return bounds_of(cells_of(np.array([[column.size]], np.int32), *one))


@given(numbers=steps)
@example(numbers=[1.7e308, 1.7e308])
@example(numbers=[-1.7e308, -1.7e308])
@example(numbers=[1e39, 0.0, 0.0, 0.0, 0.0])
@example(numbers=[-1e39, 0.0, 0.0, 0.0, 0.0])
@example(numbers=[1e15, -1e15, 1.0])
def test_what_is_so_lies_within_them(numbers: list[float]) -> None:
    column = np.array(numbers)
    with np.errstate(over="ignore"):
        mean = column.sum() / column.size
        mean = mean if np.isfinite(mean) else float(np.nan_to_num((column / column.size).sum()))
    found = bounds(*numbers)
    assert found.mean_lo[0, 0] <= mean <= found.mean_hi[0, 0]
    assert found.max_lo[0, 0] <= column.max() <= found.max_hi[0, 0]
    assert found.min_lo[0, 0] <= column.min() <= found.min_hi[0, 0]


@given(number=st.integers(-1023, 1023).map(lambda number: number / 8), count=st.integers(1, 400))
def test_a_number_that_stays_is_told_exactly(number: float, count: int) -> None:
    found = bounds(*[number] * count)
    for each in (found.mean_lo, found.mean_hi, found.max_lo, found.max_hi, found.min_lo, found.min_hi):
        assert each[0, 0] == number


@given(numbers=st.lists(st.floats(1.0, 1e10), min_size=1, max_size=12))
def test_they_are_near(numbers: list[float]) -> None:
    found = bounds(*numbers)
    mean, apart = np.mean(numbers), max(numbers) - min(numbers)
    assert found.mean_hi[0, 0] - found.mean_lo[0, 0] <= mean / 500
    assert found.max_hi[0, 0] - found.max_lo[0, 0] <= mean / 250 + apart / 2
    assert found.min_hi[0, 0] - found.min_lo[0, 0] <= mean / 250 + apart / 2
