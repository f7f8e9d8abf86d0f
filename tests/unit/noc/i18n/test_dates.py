"""Days and times of day are as CLDR has them in each language: the same as Babel makes of its patterns, but faster."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta, timezone

import pytest
from babel import Locale
from babel.dates import format_datetime, format_skeleton

from noc.i18n.dates import clock, dates_of, offset
from noc.i18n.language import LOCALES

DAYS = [date(2026, month, day) for month in range(1, 13) for day in (1, 9, 15, 28)]
LATE = datetime(2026, 9, 3, 4, 5, 9, tzinfo=UTC)


@pytest.mark.parametrize("tag", LOCALES)
def test_days_are_as_babel_writes_them(tag: str) -> None:
    locale = Locale.parse(LOCALES[tag])
    dates = dates_of(locale)
    for day in DAYS:
        at = datetime(day.year, day.month, day.day, tzinfo=UTC)
        assert dates.day(day) == format_skeleton("yMMMd", at, locale=locale)
        assert dates.day(day, year=False) == format_skeleton("MMMd", at, locale=locale)
        assert dates.day(day, weekday=True) == format_skeleton("yMMMEd", at, locale=locale)
        assert dates.day(day, year=False, weekday=True) == format_skeleton("MMMEd", at, locale=locale)
        assert dates.weekdays[day.weekday()] == format_skeleton("E", at, locale=locale)


@pytest.mark.parametrize("tag", LOCALES)
def test_a_day_and_a_time_of_day_stand_together_as_babel_has_them(tag: str) -> None:
    locale = Locale.parse(LOCALES[tag])
    day, time = format_skeleton("yMMMd", LATE, locale=locale), format_datetime(LATE, "HH:mm:ss", locale=locale)
    joined = str(locale.datetime_formats["medium"]).format(time, day)
    assert dates_of(locale).moment(LATE, seconds=True) == joined
    assert time == clock(LATE, seconds=True) == "04:05:09"
    assert format_skeleton("Hm", LATE, locale=locale).zfill(len("04:05")) == clock(LATE) == "04:05"


@pytest.mark.parametrize("tag", LOCALES)
def test_scripts_get_the_shapes_and_months(tag: str) -> None:
    dates = dates_of(Locale.parse(LOCALES[tag]))
    assert dates.script.keys() == {"day", "short", "joined", "months"}
    assert len(dates.months) == 12


def test_a_field_that_is_not_known_is_told_and_not_written_wrong() -> None:
    with pytest.raises(ValueError, match="'MM' in the pattern"):
        dates_of(Locale.parse("lt"))


@pytest.mark.parametrize(
    ("minutes", "written"), [(0, "+00:00"), (345, "+05:45"), (-570, "-09:30"), (840, "+14:00"), (-30, "-00:30")]
)
def test_an_offset_is_written_as_iso_has_it(minutes: int, written: str) -> None:
    assert offset(LATE.astimezone(timezone(timedelta(minutes=minutes)))) == written
