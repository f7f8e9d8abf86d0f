from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from noc.availability.times import DAY_MS, format_time, from_datetime, parse, to_datetime

AN_HOUR = 3_600_000


@pytest.mark.parametrize(
    ("text", "milliseconds"),
    [
        ("1970-01-01T00:00:00Z", 0),
        ("1970-01-02T00:00:10Z", DAY_MS + 10_000),
        ("1970-01-01T00:00:00.500Z", 500),
        ("1970-01-01T00:00:00.5Z", 500),
        ("1970-01-01T00:00:00.500000Z", 500),
        ("1970-01-01T00:00:00.5000000000Z", 500),
        ("1970-01-01T03:00:00+03:00", 0),
        ("1970-01-01T00:00+00:00", 0),
        ("1969-12-31T19:00:00-05:00", 0),
        ("1969-12-31T23:59:59.999Z", -1),
        ("19700101T010000Z", AN_HOUR),
        ("2024-02-29T12:00:00Z", 1_709_208_000_000),
    ],
)
def test_iso_8601_with_a_zone_is_read(text: str, milliseconds: int) -> None:
    assert parse(text) == milliseconds


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("2026-03-01T00:00:10", "has no zone"),
        ("2026-03-01", "has no zone"),
        ("2026-03-01T00:00:10.0001Z", "finer than a millisecond"),
        ("2026-03-01T00:00:10.0000001Z", "finer than a millisecond"),
        ("2026-02-29T00:00:10Z", "'2026-02-29' is not a day"),
        ("2026-03-01T23:59:60Z", "is not a time"),
        ("2026-03-01T25:00:00Z", "is not a time"),
        ("0001-01-01T00:00:00+14:00", "outside the years"),
        ("9999-12-31T23:59:59-01:00", "outside the years"),
        ("yesterday", "is not a time"),
        ("", "is not a time"),
        (20260301, "is not a time"),
        (None, "is not a time"),
    ],
)
def test_what_is_no_moment_is_refused(text: object, why: str) -> None:
    with pytest.raises(ValueError, match=why):
        parse(text)


def test_a_long_text_is_not_repeated_in_full() -> None:
    with pytest.raises(ValueError, match="is not a time") as caught:
        parse("x" * 1000)
    assert len(str(caught.value)) < 150


def test_times_are_written_in_utc_with_milliseconds_only_where_there_are_some() -> None:
    assert format_time(parse("2026-03-01T03:00:00+03:00")) == "2026-03-01T00:00:00Z"
    assert format_time(parse("2026-03-01T00:00:00.050Z")) == "2026-03-01T00:00:00.050Z"
    assert format_time(-1) == "1969-12-31T23:59:59.999Z"


@given(st.datetimes(timezones=st.just(UTC)).map(lambda time: time.replace(microsecond=time.microsecond // 1000 * 1000)))
def test_datetimes_and_text_come_back_as_they_went(time: datetime) -> None:
    milliseconds = from_datetime(time)
    assert to_datetime(milliseconds) == time
    assert parse(format_time(milliseconds)) == parse(time.isoformat()) == milliseconds


def test_datetimes_need_a_zone_and_whole_milliseconds() -> None:
    assert from_datetime(datetime(1970, 1, 1, 1, tzinfo=timezone(timedelta(hours=1)))) == 0
    with pytest.raises(ValueError, match="no time zone"):
        from_datetime(datetime(2026, 3, 1))  # noqa: DTZ001 that is the point
    with pytest.raises(ValueError, match="finer than a millisecond"):
        from_datetime(datetime(2026, 3, 1, microsecond=1, tzinfo=UTC))
