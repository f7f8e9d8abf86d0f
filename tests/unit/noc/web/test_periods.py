from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from noc.http.problems import ProblemError
from noc.web.periods import asked, offered
from noc.web.words import at

NOW = datetime(2026, 11, 21, 9, 49, 31, tzinfo=UTC)


def test_without_a_name_it_is_the_running_month_up_to_this_minute() -> None:
    period = asked("", NOW)
    assert period.is_running
    assert period.name == "2026-11"
    assert at(period.so_far.start) == datetime(2026, 11, 1, tzinfo=UTC)
    assert at(period.so_far.end) == datetime(2026, 11, 21, 9, 49, tzinfo=UTC)
    assert at(period.whole.end) == datetime(2026, 12, 1, tzinfo=UTC)


def test_a_month_that_is_over_is_whole() -> None:
    period = asked("2025-12", NOW)
    assert not period.is_running
    assert period.so_far == period.whole
    assert at(period.whole.end) == datetime(2026, 1, 1, tzinfo=UTC)


def test_the_first_moment_of_a_month_has_a_period_too() -> None:
    period = asked("", datetime(2026, 12, 1, tzinfo=UTC))
    assert period.so_far.end - period.so_far.start == 60_000


def test_rolling_periods_end_with_this_minute() -> None:
    period = asked("7d", NOW)
    assert at(period.so_far.end) - at(period.so_far.start) == timedelta(days=7)
    assert not period.is_running


@pytest.mark.parametrize("name", ["2026-13", "2026-12", "8d", "2026-11-01", "１d", "2026-1"])
def test_what_is_no_period_is_refused(name: str) -> None:
    with pytest.raises(ProblemError) as told:
        asked(name, NOW)
    assert told.value.status == 400


def test_months_are_offered_back_to_the_same_month_a_year_ago() -> None:
    months = offered(datetime(2027, 1, 31, tzinfo=UTC))
    assert months[0] == "2027-01"
    assert months[1] == "2026-12"
    assert months[-1] == "2026-01"
    assert all(asked(name, datetime(2027, 1, 31, tzinfo=UTC)).name == name for name in months)
