"""Rules of RFC 5545 in wall clocks: days that change, gaps and overlaps of the clock, and rules that are refused."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from itertools import islice
from zoneinfo import ZoneInfo

import pytest
from dateutil.rrule import rrulestr
from hypothesis import given
from hypothesis import strategies as st

from noc.maintenance.recurrence import beginnings, check, read
from noc.model.instants import from_ms, to_ms

DAY_MS = 86_400_000
MINUTE = timedelta(minutes=1)


def at(text: str, zone: str = "UTC") -> int:
    return to_ms(datetime.fromisoformat(text).replace(tzinfo=ZoneInfo(zone)))


def times(start: str, rule: str, zone: str, before: str) -> list[str]:
    found = beginnings(at(start, zone), rule, zone, at(before, zone))
    return [from_ms(moment).strftime("%m-%d %H:%M") for moment in found]


def test_the_wall_clock_holds_when_summer_time_begins_and_ends() -> None:
    # New York: -5 in winter, -4 in summer; 8 March and 1 November 2026 are when it changes.
    assert times("2026-03-01T22:00", "FREQ=WEEKLY", "America/New_York", "2026-03-16T00:00") == [
        "03-02 03:00",
        "03-09 02:00",
        "03-16 02:00",
    ]


def test_a_time_that_the_clock_skips_is_read_with_the_offset_before_the_gap() -> None:
    found = times("2026-03-07T02:30", "FREQ=DAILY;COUNT=3", "America/New_York", "2026-04-01T00:00")
    assert found == ["03-07 07:30", "03-08 07:30", "03-09 06:30"]  # on the 8th that is 03:30 there


def test_a_time_that_the_clock_shows_twice_is_the_first_of_the_two() -> None:
    found = times("2026-10-31T01:30", "FREQ=DAILY;COUNT=2", "America/New_York", "2026-12-01T00:00")
    assert found == ["10-31 05:30", "11-01 05:30"]


def test_a_window_that_begins_in_the_second_hour_begins_there() -> None:
    start = at("2026-11-01T06:30")  # 01:30 for the second time
    found = beginnings(start, "FREQ=DAILY;COUNT=2", "America/New_York", start + 3 * DAY_MS)
    assert found == (start, start + DAY_MS)


@pytest.mark.parametrize(
    ("rule", "expected"),
    [
        ("FREQ=MONTHLY;BYDAY=-1SU", ["01-25", "02-22", "03-29"]),
        ("RRULE:freq=monthly;bymonthday=25", ["01-25", "02-25", "03-25"]),
        ("FREQ=WEEKLY;INTERVAL=2;UNTIL=20260222", ["01-25", "02-08", "02-22"]),
        ("FREQ=WEEKLY;UNTIL=20260201T015959Z", ["01-25"]),
        ("FREQ=DAILY;BYDAY=SU;COUNT=2", ["01-25", "02-01"]),
        ("FREQ=YEARLY;BYMONTH=1,3;BYDAY=-1SU", ["01-25", "03-29"]),
        ("FREQ=MONTHLY;BYDAY=SU;BYSETPOS=-1", ["01-25", "02-22", "03-29"]),
    ],
)
def test_rules(rule: str, expected: list[str]) -> None:
    assert [day[:5] for day in times("2026-01-25T02:00", rule, "UTC", "2026-04-01T00:00")] == expected


@pytest.mark.parametrize(
    ("rule", "said"),
    [
        ("FREQ=HOURLY", "FREQ must be one of DAILY"),
        ("FREQ=MINUTELY;INTERVAL=5", "FREQ must be"),
        ("FREQ=SECONDLY", "FREQ must be"),
        ("every Sunday", "write parts such as"),
        ("FREQ=DAILY;BYMINUTE=1,2", "BYMINUTE can't stand"),
        ("FREQ=DAILY;BYEASTER=1", "BYEASTER can't stand"),
        ("FREQ=DAILY;COUNT=2;UNTIL=20260101", "not by both"),
        ("FREQ=DAILY;COUNT=0", "COUNT must be a number"),
        ("FREQ=DAILY;UNTIL=20261301", "UNTIL is a time"),
        ("FREQ=DAILY;FREQ=WEEKLY", "each of them once"),
        ("FREQ=WEEKLY;BYDAY=XX", "no recurrence rule"),
        ("FREQ=DAILY;BYMONTH=" + "1," * 300, "at most 500 characters"),
    ],
)
def test_what_is_no_rule_is_refused(rule: str, said: str) -> None:
    with pytest.raises(ValueError, match=said):
        read(rule, "UTC")


@pytest.mark.parametrize(
    ("rule", "said"),
    [
        ("FREQ=WEEKLY;BYDAY=MO", "the first one that does is 2026-01-26 02:00"),
        ("FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=30", "doesn't begin at a time that its rule names$"),
        ("FREQ=DAILY;UNTIL=20251231", "over before the window begins"),
    ],
)
def test_a_rule_that_its_beginning_does_not_fit_is_refused(rule: str, said: str) -> None:
    with pytest.raises(ValueError, match=said):
        check(rule, "UTC", at("2026-01-25T02:00"))


@given(
    st.integers(0, 5 * 366 * 24 * 60).map(lambda minutes: datetime.fromisoformat("2024-01-01") + minutes * MINUTE),
    st.sampled_from(["Europe/Rome", "America/New_York", "Australia/Lord_Howe", "Asia/Kathmandu", "Africa/Casablanca"]),
    st.integers(1, 40),
)
def test_daily_times_agree_with_the_wall_clock(first: datetime, zone: str, interval: int) -> None:
    place = ZoneInfo(zone)
    start = to_ms(first.replace(tzinfo=place))
    first = from_ms(start).astimezone(place).replace(tzinfo=None, fold=0)
    found = beginnings(start, f"FREQ=DAILY;INTERVAL={interval}", zone, start + 400 * DAY_MS)
    # By RFC 5545 a local time that isn't there has the offset before the gap; fold=0 is that.
    walls = [first + timedelta(days=interval * number) for number in range(402 // interval + 1)]
    expected = [to_ms(wall.replace(tzinfo=place).astimezone(UTC)) for wall in walls]
    assert list(found) == [start, *(moment for moment in expected[1:] if moment < start + 400 * DAY_MS)]


RULES = st.builds(
    ";".join,
    st.tuples(
        st.sampled_from(["FREQ=DAILY", "FREQ=WEEKLY", "FREQ=MONTHLY", "FREQ=YEARLY"]),
        st.integers(1, 5).map(lambda number: f"INTERVAL={number}"),
        st.sampled_from(
            ["BYMONTH=2,7", "BYMONTHDAY=-1,29", "BYDAY=MO,SU", "BYYEARDAY=1,366", "WKST=SU", "BYHOUR=2,14"]
        ),
    ),
)


@given(st.integers(0, 5 * 366).map(lambda days: datetime.fromisoformat("2024-01-01T02:30") + timedelta(days)), RULES)
def test_rules_agree_with_dateutil_in_the_years_that_are_meant(near: datetime, rule: str) -> None:
    first = next(iter(rrulestr(rule, dtstart=near)), None)  # where the window may begin
    if first is None:
        with pytest.raises(ValueError, match=r"doesn't begin at a time that its rule names$"):
            check(rule, "UTC", to_ms(near.replace(tzinfo=UTC)))
        return
    expected = list(islice(rrulestr(rule, dtstart=first), 6))
    start = to_ms(first.replace(tzinfo=UTC))
    found = beginnings(start, rule, "UTC", to_ms(expected[-1].replace(tzinfo=UTC)) + 1)
    assert [from_ms(moment).replace(tzinfo=None) for moment in found] == expected
