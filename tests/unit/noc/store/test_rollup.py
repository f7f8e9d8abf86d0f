from __future__ import annotations

import math
import statistics
from datetime import timedelta

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from noc.model.series import Series
from noc.store._retention import Retention
from noc.store._rollup import KEPT, STEP_MS, Windows, coarser, roll, rolled_samples

MINUTE = 60_000
HOUR = 3_600_000

numbers = st.one_of(st.just(math.nan), st.integers(-5, 5).map(float), st.floats(-1e9, 1e9))
columns = st.lists(st.lists(numbers, min_size=12, max_size=12), min_size=1, max_size=3)
moments = st.lists(st.integers(0, 3 * HOUR), min_size=12, max_size=12, unique=True).map(sorted)


def by_hand(times: list[int], column: list[float], step: int) -> dict[int, tuple[float, ...]]:
    steps: dict[int, list[float]] = {}
    for at, number in zip(times, column, strict=True):
        if not math.isnan(number):
            steps.setdefault(at // step * step, []).append(number)
    return {
        begin: (min(found), max(found), statistics.fmean(found), found[-1], len(found))
        for begin, found in steps.items()
    }


@given(moments, columns)
def test_steps_say_what_a_person_would_work_out(times: list[int], matrix: list[list[float]]) -> None:
    fine = roll(np.array(times), np.array(matrix), STEP_MS["5m"])
    for step, rolled in (
        (STEP_MS["5m"], fine),
        (HOUR, coarser(fine, HOUR)),
        (HOUR, roll(np.array(times), np.array(matrix), HOUR)),
    ):
        for number, column in enumerate(matrix):
            found = {
                begin: tuple(float(rolled.numbers[kept][number, at]) for kept in KEPT)
                for at, begin in enumerate(rolled.begins.tolist())
                if rolled.numbers["count"][number, at]
            }
            expected = by_hand(times, column, step)
            assert found.keys() == expected.keys()
            for begin, figures in found.items():
                assert figures == pytest.approx(expected[begin], rel=1e-9, abs=1e-6)
            gaps = rolled.numbers["count"][number] == 0
            assert all(np.isnan(rolled.numbers[kept][number, gaps]).all() for kept in KEPT if kept != "count")


def test_a_mean_of_the_largest_numbers_is_no_infinity() -> None:
    rolled = roll(np.array([0, 1, 2]), np.array([[1.7e308, 1.7e308, 1.7e308]]), HOUR)
    assert rolled.numbers["mean"][0, 0] == pytest.approx(1.7e308)
    assert coarser(rolled, 2 * HOUR).numbers["mean"][0, 0] == pytest.approx(1.7e308)


def test_nothing_makes_nothing() -> None:
    rolled = roll(np.array([], np.int64), np.empty((2, 0)), HOUR)
    assert rolled.begins.size == 0
    assert coarser(rolled, 2 * HOUR).begins.size == 0


def test_what_a_store_read_becomes_samples() -> None:
    tags = {"device": "d", "ifName": "Gi0/1"}
    found = rolled_samples(
        [
            Series("interface", tags, "in_bps", (0, MINUTE, 6 * MINUTE), (1.0, 5.0, 7.0)),
            Series("interface", tags, "out_bps", (2 * MINUTE,), (9.0,)),
        ],
        STEP_MS["5m"],
    )
    first, second = found
    assert (first.measurement, first.tag_keys, first.tags) == ("interface", ("device", "ifName"), (("d", "Gi0/1"),))
    assert dict(zip(first.field_keys, first.values[0], strict=True)) == {
        "in_bps_min": 1.0,
        "in_bps_max": 5.0,
        "in_bps_mean": 3.0,
        "in_bps_last": 5.0,
        "in_bps_count": 2.0,
        "out_bps_min": 9.0,
        "out_bps_max": 9.0,
        "out_bps_mean": 9.0,
        "out_bps_last": 9.0,
        "out_bps_count": 1.0,
    }
    assert second.time - first.time == timedelta(minutes=5)
    assert second.field_keys == tuple(f"in_bps_{kept}" for kept in KEPT)


def test_late_numbers_make_their_stretch_due_again_for_their_device() -> None:
    windows = Windows(HOUR, 10 * MINUTE)
    windows.note("a", 5 * MINUTE)
    windows.note("b", 6 * MINUTE)
    windows.note("a", HOUR)
    assert windows.due(HOUR + 10 * MINUTE - 1) == []
    assert windows.due(HOUR + 10 * MINUTE) == [(0, frozenset("ab"))]
    windows.note("c", 7 * MINUTE)  # while it is rolled
    windows.done(0, frozenset("ab"))
    windows.note("a", 1)
    again = Windows(HOUR, 10 * MINUTE)
    again.restore(windows.kept())
    assert again.due(HOUR + 10 * MINUTE) == [(0, frozenset("ac"))]
    again.done(0, frozenset("ac"))
    assert again.kept() == {HOUR: ["a"]}


def test_a_class_has_what_it_is_given_and_else_what_holds_for_all() -> None:
    retention = Retention.model_validate({"raw": "10d", "classes": {"satellite-modem": {"hourly": "100d"}}})
    assert retention.of("satellite-modem").hourly == timedelta(days=100)
    assert retention.of("satellite-modem").raw == timedelta(days=10)
    assert retention.of("router").hourly == timedelta(days=730)
    assert retention.of("").five_minutes == timedelta(days=90)


def test_a_class_that_no_device_has_is_a_mistake() -> None:
    with pytest.raises(ValueError, match=r"unknown class 'routers' .did you mean 'router'"):
        Retention.model_validate({"classes": {"routers": {}}})
