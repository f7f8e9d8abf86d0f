from __future__ import annotations

import sys
from datetime import timedelta

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from noc.model.errors import UsageError
from noc.model.series import Aggregate
from noc.store._steps import in_steps, step_ms

lines = st.dictionaries(st.integers(-(10**6), 10**6), st.floats(-1e9, 1e9), max_size=40)


@given(lines, st.integers(1, 10**5), st.sampled_from(["mean", "min", "max", "last"]))
def test_it_says_what_a_dictionary_says(line: dict[int, float], step: int, aggregate: Aggregate) -> None:
    expected: dict[int, list[float]] = {}
    for at in sorted(line):
        expected.setdefault(at - at % step, []).append(line[at])
    times = np.array(sorted(line), np.int64)
    values = np.array([line[at] for at in sorted(line)], np.float64)
    begins, numbers = in_steps(times, values, step, aggregate)
    assert begins.tolist() == list(expected)
    for number, inside in zip(numbers.tolist(), expected.values(), strict=True):
        if aggregate == "mean":
            assert number == pytest.approx(sum(inside) / len(inside), rel=1e-9, abs=1e-6)
        else:
            assert number == {"min": min(inside), "max": max(inside), "last": inside[-1]}[aggregate]


def test_the_mean_of_the_largest_numbers_is_one() -> None:
    largest = sys.float_info.max
    _, numbers = in_steps(np.array([0, 1, 2, 10]), np.array([largest, largest, largest, 1.0]), 10, "mean")
    assert numbers.tolist() == [pytest.approx(largest), 1.0]


def test_a_step_is_a_millisecond_at_least() -> None:
    assert step_ms(timedelta(milliseconds=1)) == 1
    with pytest.raises(UsageError, match="too short"):
        step_ms(timedelta(microseconds=999))
