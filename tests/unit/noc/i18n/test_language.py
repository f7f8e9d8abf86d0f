"""Words, numbers and dates in six languages."""

from __future__ import annotations

from datetime import date

import pytest

from noc.i18n.language import LOCALES, NATIVE, language


def test_percent_are_cut_and_never_rounded_up() -> None:
    assert [language(tag).percent(99.79999) for tag in ("en", "fr", "zh")] == ["99.799%", "99,799\xa0%", "99.799%"]
    assert language("en").percent(99.8) == "99.800%"
    assert language("en").percent(100.0) == "100.000%"
    assert language("en").percent(None) == "–"


def test_numbers_dates_and_lengths_as_people_of_the_language_write_them() -> None:
    day = date(2026, 10, 1)
    assert [language(tag).number(1234567.25, 1) for tag in ("en", "es", "ru")] == [
        "1,234,567.2",
        "1.234.567,2",
        "1\xa0234\xa0567,2",
    ]
    assert {tag: language(tag).day(day) for tag in LOCALES} == {
        "en": "1 Oct 2026",
        "ar": "1 أكتوبر 2026",
        "es": "1 oct 2026",
        "fr": "1 oct. 2026",
        "ru": "1 окт. 2026\u202fг.",
        "zh": "2026年10月1日",
    }
    assert language("en").month(day) == "October 2026"
    assert language("ar").month(day) == "أكتوبر 2026"
    assert [language("en").length(seconds) for seconds in (0, 59.9, 3_600, 11_525, 100_000, -86_400)] == [
        "0 secs",
        "59 secs",
        "1 hr",
        "3 hrs 12 mins",
        "1 day 3 hrs",
        "−1 day",
    ]


def test_ages_are_told_in_years_and_less_than_one_in_days() -> None:
    assert [language("en").age(days) for days in (0, 210, 365, 2165)] == ["0 days", "210 days", "1 yr", "5.9 yrs"]
    assert (language("fr").age(2165), language("zh").age(364)) == ("5,9\N{NO-BREAK SPACE}ans", "364天")


def test_an_hour_is_one_in_spanish_too() -> None:
    assert [language("es").length(seconds) for seconds in (3_600, 7_260)] == ["1 h", "2 h 1 min"]


def test_moments_are_in_the_zone_that_is_asked_for() -> None:
    assert language("en").moment(1_790_000_000_000, "Africa/Nairobi") == "21 Sept 2026, 17:13"
    assert language("zh").moment(1_790_000_000_000, "UTC") == "2026年9月21日 14:13"


@pytest.mark.parametrize(("number", "said"), [(1, "1 запись"), (3, "3 записи"), (5, "5 записей"), (21, "21 запись")])
def test_plurals_follow_the_language(number: int, said: str) -> None:
    found = language("ru").count(
        "{n} record, {first} to {last}", "{n} records, {first} to {last}", number, first=1, last=9
    )
    assert found == f"{said}, с 1 по 9"


def test_arabic_is_written_from_the_right_and_its_percent_stay_whole() -> None:
    assert [tag for tag in LOCALES if language(tag).direction == "rtl"] == ["ar"]
    assert language("ar").percent(99.5).startswith("\N{LEFT-TO-RIGHT ISOLATE}99.500")
    assert NATIVE.keys() == LOCALES.keys()


def test_numbers_of_programs_get_the_marks_of_the_language() -> None:
    assert {tag: language(tag).marks("1,234.5") for tag in ("en", "es", "fr", "ru", "zh", "ar")} == {
        "en": "1,234.5",
        "es": "1.234,5",
        "fr": "1\u202f234,5",
        "ru": "1\xa0234,5",
        "zh": "1,234.5",
        "ar": "1,234.5",
    }
    assert [language(tag).weekday(date(2026, 11, 28)) for tag in ("en", "fr", "zh")] == ["Sat", "sam.", "周六"]


def test_another_language_is_refused_with_those_that_there_are() -> None:
    with pytest.raises(ValueError, match="'de' is none of the languages en, ar"):
        language("de")


def test_things_told_one_after_the_other_are_apart_as_the_language_writes_it() -> None:
    assert {tag: language(tag).comma for tag in ("en", "ar", "zh", "ru")} == {
        "en": ", ",
        "ar": "، ",
        "zh": "、",
        "ru": ", ",
    }
