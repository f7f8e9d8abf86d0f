from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from noc.model.completeness import completeness, expected_steps
from noc.model.series import WHOLE, SeriesQuery

BEGIN = datetime(2026, 11, 20, tzinfo=UTC)
MINUTE = timedelta(minutes=1)
LATER = BEGIN + timedelta(days=9)


def query(start: timedelta, stop: timedelta) -> SeriesQuery:
    return SeriesQuery("m", ("v",), {}, BEGIN + start, BEGIN + stop)


@pytest.mark.parametrize(
    ("start", "stop", "step", "interval", "expected"),
    [
        (0, 60, 5, 1, 12),
        (0, 60, None, 5, 12),
        (0, 60, None, None, None),
        (0, 60, 1, 5, 12),
        (2, 58, 5, 1, 12),
        (2, 58, 5, 5, 10),
        (2, 58, 5, None, 10),
        (1, 4, 5, 1, 1),
        (1, 4, 5, 5, 0),
        (30, 30, 5, 1, 0),
    ],
)
def test_expected_steps(start: int, stop: int, step: int | None, interval: int | None, expected: int | None) -> None:
    asked = query(start * MINUTE, stop * MINUTE)
    minutes = (None if one is None else one * MINUTE for one in (step, interval))
    assert expected_steps(asked, *minutes, LATER) == expected


def test_what_is_to_come_is_not_expected() -> None:
    asked = query(timedelta(0), timedelta(hours=1))
    assert expected_steps(asked, 5 * MINUTE, MINUTE, BEGIN + 31 * MINUTE) == 7
    assert expected_steps(asked, 5 * MINUTE, MINUTE, BEGIN - MINUTE) == 0
    assert expected_steps(asked, WHOLE, MINUTE, BEGIN + 31 * MINUTE) == 1
    assert expected_steps(asked, WHOLE, timedelta(hours=2), BEGIN + 31 * MINUTE) == 0


@given(
    st.integers(0, 500), st.integers(1, 2000), st.sampled_from([1, 5, 7, 60]), st.integers(1, 90), st.integers(0, 89)
)
def test_a_check_that_never_misses_is_never_below(start: int, length: int, step: int, every: int, shift: int) -> None:
    asked = query(start * MINUTE, (start + length) * MINUTE)
    polls = range(shift % every, start + length, every)
    steps = {minute // step for minute in polls if minute >= start}
    expected = expected_steps(asked, step * MINUTE, every * MINUTE, LATER)
    assert expected is not None
    assert len(steps) >= expected
    assert len(steps) <= expected + 2


def test_completeness_is_a_share() -> None:
    assert completeness(3, 12) == 0.25
    assert completeness(13, 12) == 1.0
    assert completeness(0, 12) == 0.0
    assert completeness(1, 0) is None
    assert completeness(1, None) is None
