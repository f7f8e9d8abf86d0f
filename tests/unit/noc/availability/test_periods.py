"""Periods of calendars and time zones hang together without a gap, through leap days and changes of clocks."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo, available_timezones

import pytest
from hypothesis import given
from hypothesis import strategies as st

from noc.availability.periods import MONTHS, Unit, before, days_of, holding, midnight, named
from noc.model.instants import from_ms, to_ms

NOW = datetime(2026, 11, 21, 12, 30, 59, tzinfo=UTC)
ZONES = sorted(available_timezones())
zones = st.sampled_from(ZONES)
units = st.sampled_from(sorted(MONTHS))
moments = st.integers(631_152_000_000, 2_143_238_400_000).map(from_ms)


@pytest.mark.parametrize(
    ("text", "zone", "start", "end"),
    [
        ("2026-10", "UTC", "2026-10-01T00:00Z", "2026-11-01T00:00Z"),
        ("2024-02", "UTC", "2024-02-01T00:00Z", "2024-03-01T00:00Z"),
        ("2026-10", "Europe/Rome", "2026-09-30T22:00Z", "2026-10-31T23:00Z"),
        ("2026-Q4", "America/New_York", "2026-10-01T04:00Z", "2027-01-01T05:00Z"),
        ("2026", "Asia/Bangkok", "2025-12-31T17:00Z", "2026-12-31T17:00Z"),
        ("2018-2019", "Africa/Nairobi", "2017-12-31T21:00Z", "2019-12-31T21:00Z"),
        ("30d", "UTC", "2026-10-22T12:30Z", "2026-11-21T12:30Z"),
    ],
)
def test_names(text: str, zone: str, start: str, end: str) -> None:
    found = named(text, zone, NOW)
    assert (from_ms(found.period.start), from_ms(found.period.end)) == (
        datetime.fromisoformat(start),
        datetime.fromisoformat(end),
    )
    assert found.text == text


@pytest.mark.parametrize("text", ["", "2026-13", "2026-Q5", "2025-2026", "2026-2028", "0d", "9999d", "0000", "10-2026"])
def test_what_is_no_period_is_told_with_what_is_one(text: str) -> None:
    with pytest.raises(ValueError, match=r"period|biennium|days|calendar"):
        named(text, "UTC", NOW)


@given(units, moments, zones)
def test_a_period_holds_its_moment_and_ends_where_the_next_begins(unit: Unit, moment: datetime, zone: str) -> None:
    found = holding(unit, moment, zone)
    assert found.period.start <= to_ms(moment) < found.period.end
    assert holding(unit, from_ms(found.period.end), zone).period.start == found.period.end
    assert holding(unit, from_ms(found.period.end - 1), zone) == found
    assert before(found).period.end == found.period.start
    assert before(found, 3) == before(before(before(found)))
    assert named(found.text, zone, NOW) == found


@given(st.sampled_from(["month", "quarter"]), moments, zones)
def test_days_cover_a_period(unit: Unit, moment: datetime, zone: str) -> None:
    found = holding(unit, moment, zone)
    days = days_of(found)
    assert days[0][1].start == found.period.start
    assert days[-1][1].end == found.period.end
    for (_, one), (_, two) in pairwise(days):
        assert one.end == two.start
        assert one.end - one.start <= 26 * 3_600_000
    clock = ZoneInfo(zone)
    for day, period in days:
        assert from_ms(period.start).astimezone(clock).date() == day
        assert from_ms(period.end - 1).astimezone(clock).date() == day


@pytest.mark.parametrize(
    ("day", "zone", "begins"),
    [
        ("2018-11-04", "America/Sao_Paulo", "2018-11-04T03:00Z"),  # midnight is skipped: the day begins at one
        ("2026-10-25", "Europe/Rome", "2026-10-24T22:00Z"),
        ("2026-11-01", "America/Havana", "2026-11-01T04:00Z"),  # midnight comes twice: the first counts
        ("2011-12-31", "Pacific/Apia", "2011-12-30T10:00Z"),  # the day before never was
    ],
)
def test_midnights_that_are_not_plain(day: str, zone: str, begins: str) -> None:
    found = midnight(datetime.fromisoformat(day).date(), ZoneInfo(zone))
    assert from_ms(found) == datetime.fromisoformat(begins)


def test_the_day_that_never_was_is_empty() -> None:
    days = dict(days_of(named("2011-12", "Pacific/Apia", NOW)))
    assert len(days) == 30
    assert sum(period.end - period.start for period in days.values()) == timedelta(days=30) // timedelta(milliseconds=1)


def test_rolling_days_have_nothing_in_front() -> None:
    with pytest.raises(ValueError, match="rolling"):
        before(named("30d", "UTC", NOW))
