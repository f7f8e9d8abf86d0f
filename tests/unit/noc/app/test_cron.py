"""Times as cron writes them, in the wall clock of a zone."""

from __future__ import annotations

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest

from noc.app.cron import Cron


def times(text: str, zone: str, start: str, count: int) -> list[str]:
    cron, moment = Cron(text, ZoneInfo(zone)), datetime.fromisoformat(start).replace(tzinfo=UTC)
    found = []
    for _ in range(count):
        following = cron.after(moment)
        assert following is not None
        moment = following
        found.append(moment.astimezone(UTC).strftime("%m-%d %H:%M"))
    return found


def test_the_first_of_each_month_in_a_zone() -> None:
    assert times("0 6 1 * *", "Africa/Nairobi", "2026-11-21", 3) == ["12-01 03:00", "01-01 03:00", "02-01 03:00"]


def test_a_time_is_not_after_itself() -> None:
    assert times("0 6 1 * *", "UTC", "2026-12-01T06:00", 1) == ["01-01 06:00"]


def test_a_time_that_comes_twice_counts_once_and_one_that_does_not_exist_comes_late() -> None:
    assert times("30 2 * * *", "Europe/Rome", "2026-10-24T12:00", 2) == ["10-25 00:30", "10-26 01:30"]
    assert times("30 2 * * *", "Europe/Rome", "2026-03-28T12:00", 2) == ["03-29 01:30", "03-30 00:30"]


@pytest.mark.parametrize("weekday", ["0", "7", "sun"])
def test_weekdays_are_counted_as_crontab_does(weekday: str) -> None:
    assert times(f"0 6 * * {weekday}", "UTC", "2026-11-21", 1) == ["11-22 06:00"]  # a Sunday


def test_ranges_of_weekdays() -> None:
    assert times("0 6 * * 1-5", "UTC", "2026-11-20T12:00", 2) == ["11-23 06:00", "11-24 06:00"]


@pytest.mark.parametrize("text", ["", "0 6 1 *", "60 6 1 * *", "0 6 1 * * *", "a b c d e", "@daily"])
def test_what_is_no_time_of_cron(text: str) -> None:
    with pytest.raises(ValueError, match="is no time of cron"):
        Cron(text, ZoneInfo("UTC"))


def test_what_never_comes() -> None:
    assert Cron("0 6 31 2 *", ZoneInfo("UTC")).after(datetime(2026, 1, 1, tzinfo=UTC)) is None
