"""In which zone pages say their times: always which, also on the days on which clocks are set."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from noc.i18n.language import language
from noc.model.instants import from_wall, in_zone, to_ms
from noc.web.zones import IN_UTC, Times, choices, is_zone, times_for, zone_named

NOON = datetime(2026, 11, 22, 12, 0, 5, tzinfo=UTC)


def of(name: str) -> Times:
    return times_for(name, "", "", None)


@pytest.mark.parametrize(
    ("zone", "written", "beside"),
    [
        ("UTC", "22 Nov 2026, 12:00:05 UTC", "UTC"),
        ("Africa/Nairobi", "22 Nov 2026, 15:00:05 +03:00", "UTC+3"),
        ("Asia/Kathmandu", "22 Nov 2026, 17:45:05 +05:45", "UTC+5:45"),
        ("Asia/Kolkata", "22 Nov 2026, 17:30:05 +05:30", "UTC+5:30"),
        ("Pacific/Marquesas", "22 Nov 2026, 02:30:05 -09:30", "UTC-9:30"),
        ("Pacific/Kiritimati", "23 Nov 2026, 02:00:05 +14:00", "UTC+14"),
        ("Africa/Abidjan", "22 Nov 2026, 12:00:05 +00:00", "UTC"),
    ],
)
def test_a_time_says_its_zone(zone: str, written: str, beside: str) -> None:
    assert of(zone).written(NOON) == of(zone).whole(NOON) == written
    assert of(zone).beside(NOON) == beside


def test_the_hour_that_clocks_show_twice_is_told_apart() -> None:
    rome = of("Europe/Rome")
    first = datetime(2026, 10, 25, 0, 30, tzinfo=UTC)
    assert [rome.minute(first + timedelta(hours=hour)) for hour in (0, 1, 2)] == [
        "25 Oct 2026, 02:30 +02:00",
        "25 Oct 2026, 02:30 +01:00",
        "25 Oct 2026, 03:30 +01:00",
    ]


@pytest.mark.parametrize(
    ("tag", "second", "planned"),
    [
        ("en", "22 Nov, 15:00:05 +03:00", "Sun 22 Nov, 15:00 +03:00"),
        ("es", "22 nov, 15:00:05 +03:00", "dom, 22 nov, 15:00 +03:00"),
        ("fr", "22 nov., 15:00:05 +03:00", "dim. 22 nov., 15:00 +03:00"),
        ("ru", "22 нояб., 15:00:05 +03:00", "вс, 22 нояб., 15:00 +03:00"),
        ("zh", "11月22日 15:00:05 +03:00", "11月22日周日 15:00 +03:00"),
        ("ar", "22 نوفمبر، 15:00:05 \u2066+03:00\u2069", "الأحد، 22 نوفمبر، 15:00 \u2066+03:00\u2069"),
    ],
)
def test_times_are_written_as_the_language_of_the_page_writes_them(tag: str, second: str, planned: str) -> None:
    times = of("Africa/Nairobi").read(language(tag), NOON)
    assert (times.written(NOON), times.planned(NOON)) == (second, planned)


def test_the_year_is_left_out_while_it_is_that_of_now_where_the_page_s_clocks_are() -> None:
    eve = datetime(2026, 12, 31, 23, 30, tzinfo=UTC)
    in_rome, in_utc = (of(zone).read(language("en"), eve) for zone in ("Europe/Rome", "UTC"))
    assert [in_utc.minute(eve), in_rome.minute(eve)] == ["31 Dec, 23:30 UTC", "1 Jan, 00:30 +01:00"]
    assert in_rome.minute(eve - timedelta(hours=1)) == "31 Dec 2026, 23:30 +01:00"
    assert in_utc.planned(eve + timedelta(hours=1)) == "Fri, 1 Jan 2027, 00:30 UTC"
    assert in_utc.whole(eve) == "31 Dec 2026, 23:30:00 UTC"


def test_the_hour_that_clocks_leap_over_is_never_shown() -> None:
    rome = of("Europe/Rome")
    first = datetime(2026, 3, 29, 0, 30, tzinfo=UTC)
    assert [rome.clock(first + timedelta(hours=hour)) for hour in (0, 1)] == ["01:30", "03:30"]


@pytest.mark.parametrize(
    ("zone", "typed", "meant"),
    [
        ("UTC", "2026-11-22T12:00", "2026-11-22T12:00+00:00"),
        ("Africa/Nairobi", "2026-11-22T15:00", "2026-11-22T12:00+00:00"),
        ("Asia/Kathmandu", "2026-11-22T17:45:05", "2026-11-22T12:00:05+00:00"),
        ("Africa/Nairobi", "2026-11-22T15:00:00Z", "2026-11-22T15:00+00:00"),
        ("Africa/Nairobi", "2026-11-22T15:00:00+01:00", "2026-11-22T14:00+00:00"),
        ("Africa/Nairobi", "2026-11-22", "2026-11-21T21:00+00:00"),
        # Shown twice: the first. With an offset the second can be had.
        ("Europe/Rome", "2026-10-25T02:30", "2026-10-25T00:30+00:00"),
        ("Europe/Rome", "2026-10-25T02:30+01:00", "2026-10-25T01:30+00:00"),
        # Never shown: as if the clocks had not been set yet.
        ("Europe/Rome", "2026-03-29T02:30", "2026-03-29T01:30+00:00"),
    ],
)
def test_what_is_typed_is_of_the_zone_that_is_named(zone: str, typed: str, meant: str) -> None:
    assert of(zone).moment_ms(typed) == to_ms(datetime.fromisoformat(meant))


@pytest.mark.parametrize("typed", ["", "soon", "2026-13-01T00:00", "0001-01-01T00:00"])
def test_what_is_no_time_is_refused(typed: str) -> None:
    with pytest.raises(ValueError, match=r"\S"):
        of("Asia/Bangkok").moment_ms(typed)


def test_a_form_gets_back_what_was_typed() -> None:
    nairobi = of("Africa/Nairobi")
    assert nairobi.field(nairobi.moment_ms("2026-11-22T15:00")) == "2026-11-22T15:00"


def test_days_begin_in_the_zone_and_have_23_to_25_hours() -> None:
    rome, hour = of("Europe/Rome"), 3_600_000
    days = [date(2026, 3, 29), date(2026, 3, 30), date(2026, 10, 25), date(2026, 10, 26)]
    starts = [rome.midnight_ms(day) for day in days]
    assert (starts[1] - starts[0]) // hour == 23
    assert (starts[3] - starts[2]) // hour == 25
    assert of("Pacific/Kiritimati").day(NOON) == date(2026, 11, 23)


def test_the_address_counts_before_the_choice_and_that_before_the_account() -> None:
    site = ZoneInfo("Africa/Juba")
    assert times_for("", "", "", site).name == "UTC"
    assert times_for("", "", "Europe/Rome", site).name == "Europe/Rome"
    assert times_for("", "UTC", "Europe/Rome", site).name == "UTC"
    assert times_for("Asia/Bangkok", "UTC", "Europe/Rome", site).name == "Asia/Bangkok"
    assert times_for("site", "UTC", "Europe/Rome", site).name == "Africa/Juba"


@pytest.mark.parametrize("asked", ["Mars/Olympus", "../../etc/passwd", "africa/nairobi!", "site", "<b>"])
def test_what_is_no_zone_is_told_and_changes_nothing(asked: str) -> None:
    times = times_for(asked, "", "Europe/Rome", None)
    assert (times.name, times.wrong) == ("Europe/Rome", asked)
    assert not is_zone(asked)


def test_what_a_browser_kept_and_no_longer_is_a_zone_is_passed_over() -> None:
    assert times_for("", "Mars/Olympus", "Atlantis/Capital", None) == Times()


def test_the_menu_offers_each_zone_once() -> None:
    times = times_for("Asia/Bangkok", "", "Europe/Rome", ZoneInfo("Africa/Juba"))
    assert [value for value, _ in choices(times, language("en"))] == ["UTC", "Europe/Rome", "site", "Asia/Bangkok"]
    assert choices(IN_UTC, language("en")) == [("UTC", "UTC")]


def test_a_zone_that_is_none_is_refused_by_name() -> None:
    with pytest.raises(ValueError, match="'Mars' is no time zone"):
        zone_named("Mars")


def test_naive_and_aware_are_not_confused() -> None:
    with pytest.raises(TypeError):
        in_zone(datetime(2026, 1, 1), UTC)  # noqa: DTZ001 that is the point
    with pytest.raises(TypeError):
        from_wall(NOON, UTC)
