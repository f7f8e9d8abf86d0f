from __future__ import annotations

import sys
from datetime import UTC, datetime, timedelta

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from noc.model.errors import UsageError
from noc.model.series import BILLED, WHOLE, Aggregate, SeriesQuery
from noc.store._steps import Rollup, Steps, aggregated, from_rollup, steps_of
from tests.examples import at_least
from tests.reading import AGGREGATES, by_definition

START = 10_000_000
lines = st.dictionaries(st.integers(START, START + 10**7), st.floats(0, 1e9), max_size=40)
lengths = st.sampled_from([None, 300_000, 600_000, 3_600_000])
BEGIN = datetime(2026, 11, 20, tzinfo=UTC)
QUERY = SeriesQuery("m", ("v",), {}, BEGIN, BEGIN + timedelta(days=1), timedelta(hours=1))


def arrays(line: dict[int, float]) -> tuple[np.ndarray, np.ndarray]:
    order = sorted(line)
    return np.array(order, np.int64), np.array([line[at] for at in order], np.float64)


@given(lines, lengths, st.sampled_from(AGGREGATES))
def test_it_says_what_the_definition_says(line: dict[int, float], length: int | None, aggregate: Aggregate) -> None:
    begins, numbers = aggregated(*arrays(line), Steps(START, length), aggregate)
    expected = by_definition(line, START, START + 10**8, length, aggregate)
    assert dict(zip(begins.tolist(), numbers.tolist(), strict=True)) == pytest.approx(expected, rel=1e-9, abs=1e-6)


@given(lines, st.integers(1, 10**5), st.sampled_from(["mean", "min", "max", "last", "count", "rate"]))
def test_any_step_will_do(line: dict[int, float], length: int, aggregate: Aggregate) -> None:
    begins, numbers = aggregated(*arrays(line), Steps(START, length), aggregate)
    expected = by_definition(line, START, START + 10**8, length, aggregate)
    assert dict(zip(begins.tolist(), numbers.tolist(), strict=True)) == pytest.approx(expected, rel=1e-9, abs=1e-6)


def rolled(line: dict[int, float], width: timedelta) -> Rollup:
    length = width // timedelta(milliseconds=1)
    columns = {}
    for aggregate in ("min", "max", "mean", "last", "count"):
        found = by_definition(line, START, START + 10**8, length, aggregate)
        columns[aggregate] = np.array([found[at] for at in sorted(found)], np.float64)
        times = np.array(sorted(found), np.int64)
    return Rollup(width, times, columns)


@at_least(60)
@given(lines, st.sampled_from([None, 3_600_000, 7_200_000]), st.sampled_from([BILLED, 12 * BILLED]))
def test_rollups_say_the_same(line: dict[int, float], length: int | None, width: timedelta) -> None:
    for aggregate in AGGREGATES:
        begins, numbers = from_rollup(rolled(line, width), Steps(START, length), aggregate)
        if aggregate == "p95" and width != timedelta(minutes=5):
            assert not begins.size
        elif aggregate == "rate":
            lasts = by_definition(line, START, START + 10**8, width // timedelta(milliseconds=1), "last")
            expected = by_definition(lasts, 0, START + 10**8, length, "rate")
            assert numbers.tolist() == pytest.approx(list(expected.values()), rel=1e-9)
        else:
            expected = by_definition(line, START, START + 10**8, length, aggregate)
            found = dict(zip(begins.tolist(), numbers.tolist(), strict=True))
            assert found == pytest.approx(expected, rel=1e-9, abs=1e-6)


def test_the_mean_of_the_largest_numbers_is_one() -> None:
    largest = sys.float_info.max
    _, numbers = aggregated(np.array([0, 1, 2, 10]), np.array([largest, largest, largest, 1.0]), Steps(0, 10), "mean")
    assert numbers.tolist() == [pytest.approx(largest), 1.0]


def test_a_rate_of_the_largest_numbers_is_left_out() -> None:
    largest = sys.float_info.max
    begins, _ = aggregated(np.array([0, 1000]), np.array([-largest, largest]), Steps(0, None), "rate")
    assert not begins.size


def test_of_a_month_of_means_432_are_put_aside() -> None:
    times = np.arange(8640, dtype=np.int64) * 300_000
    _, (number,) = aggregated(times, np.arange(8640, dtype=np.float64)[::-1].copy(), Steps(0, None), "p95")
    assert number == 8640 - 432 - 1


@pytest.mark.parametrize(
    ("step", "aggregates", "says"),
    [
        (timedelta(microseconds=999), ("mean",), "too short"),
        (timedelta(hours=1), (), "needs an aggregate"),
        (timedelta(minutes=7), ("mean", "p95"), "5-minute means"),
    ],
)
def test_wrong_steps_are_refused(step: timedelta, aggregates: tuple[Aggregate, ...], says: str) -> None:
    query = SeriesQuery("m", ("v",), {}, BEGIN, BEGIN, step, aggregates)
    with pytest.raises(UsageError, match=says):
        steps_of(query)


def test_steps_of_a_query() -> None:
    start = int(BEGIN.timestamp()) * 1000
    assert steps_of(QUERY) == Steps(start, 3_600_000)
    assert steps_of(SeriesQuery("m", ("v",), {}, BEGIN, BEGIN, WHOLE)) == Steps(start, None)
    assert steps_of(SeriesQuery("m", ("v",), {}, BEGIN, BEGIN)) is None
