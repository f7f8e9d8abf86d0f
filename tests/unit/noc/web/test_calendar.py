"""A calendar in the wall clock of a zone: which days it shows, and what stands on them."""

from __future__ import annotations

from datetime import UTC, date, datetime

import pytest

from noc.maintenance.standing import PlannedTime
from noc.model.instants import to_ms
from noc.model.window import PlannedWindow, WindowDecision
from noc.web.calendar import SHOWN_A_DAY, WIDTH, Calendar, day_named

HOUR = 3_600_000


def moment(text: str) -> int:
    return to_ms(datetime.fromisoformat(text).replace(tzinfo=UTC))


def planned(start: str, hours: float, number: int = 1) -> PlannedTime:
    start_ms = moment(start)
    end_ms = start_ms + int(hours * HOUR)
    asked = WindowDecision("site/a", 0, number, "requested", start_ms, end_ms, "", "UTC", (), "ann", "work")
    return PlannedTime(PlannedWindow((asked,)), start_ms, end_ms, "requested")


@pytest.mark.parametrize(
    ("day", "first_weekday", "first", "last"),
    [
        ("2026-11-22", 0, "2026-10-26", "2026-12-06"),
        ("2026-11-22", 6, "2026-11-01", "2026-12-05"),
        ("2027-02-10", 0, "2027-02-01", "2027-02-28"),
        ("2026-12-31", 0, "2026-11-30", "2027-01-03"),
    ],
)
def test_a_month_has_whole_weeks(day: str, first_weekday: int, first: str, last: str) -> None:
    found = Calendar.of("month", date.fromisoformat(day), "UTC", first_weekday)
    assert (found.first.isoformat(), found.last.isoformat()) == (first, last)
    assert len(found.days) % 7 == 0
    assert found.before.month == (found.day.month - 2) % 12 + 1
    assert found.after.month == found.day.month % 12 + 1


def test_a_time_stands_on_each_day_that_it_touches_by_the_clock_there() -> None:
    found = Calendar.of("month", date(2026, 11, 22), "Asia/Bangkok", 0)
    weeks = found.weeks([planned("2026-11-21T16:00", 2)], moment("2026-11-22T10:00"))
    told = [(one.day.day, entry.begins, entry.clock) for week in weeks for one in week for entry in one.entries]
    assert told == [(21, True, "23:00"), (22, False, "23:00")]
    (today,) = (one.day for week in weeks for one in week if one.is_today)
    assert today == date(2026, 11, 22)
    assert {one.day.month for week in weeks for one in week if not one.is_outside} == {11}


def test_what_ends_at_midnight_is_not_on_the_next_day() -> None:
    weeks = Calendar.of("month", date(2026, 11, 1), "UTC", 0).weeks([planned("2026-11-21T22:00", 2)], 0)
    assert [one.day.day for week in weeks for one in week if one.entries] == [21]


def test_a_day_has_room_for_some_and_counts_the_others() -> None:
    times = [planned("2026-11-21T02:00", 1, number) for number in range(SHOWN_A_DAY + 3)]
    weeks = Calendar.of("month", date(2026, 11, 1), "UTC", 0).weeks(times, 0)
    (busy,) = (one for week in weeks for one in week if one.entries)
    assert (len(busy.entries), busy.more) == (SHOWN_A_DAY, 3)


def test_a_week_in_which_the_clock_changes_is_an_hour_longer() -> None:
    found = Calendar.of("week", date(2026, 10, 22), "Europe/Rome", 0)
    start, end = found.span
    assert (end - start) == 169 * HOUR
    assert [found.clock(start), found.offset(start), found.offset(end)] == ["00:00", "+02:00", "+01:00"]
    assert next(found.starts()) == 0
    assert len(list(found.starts())) == 7


def test_a_line_for_each_window_cut_at_the_ends_of_the_week() -> None:
    found = Calendar.of("week", date(2026, 11, 18), "UTC", 0)
    lanes = found.lanes(
        [planned("2026-11-15T23:00", 2), planned("2026-11-17T00:00", 12, 2), planned("2026-11-22T23:59", 9)]
    )
    assert [len(lane.marks) for lane in lanes] == [2, 1]
    assert lanes[0].marks[0].x == 0
    assert (lanes[1].marks[0].x, lanes[1].marks[0].width) == (1440, 720)
    assert all(mark.x < WIDTH and mark.width >= 40 for lane in lanes for mark in lane.marks)
    assert (found.place(moment("2026-11-16T00:00")), found.place(moment("2026-11-23T00:00"))) == (0, None)


@pytest.mark.parametrize("text", ["2026-13-01", "tomorrow", "1999-01-01", "2026-11-28T00:00"])
def test_what_is_no_day_is_told(text: str) -> None:
    with pytest.raises(ValueError, match=r"is no day|years away"):
        day_named(text, date(2026, 11, 22))
    assert day_named("", date(2026, 11, 22)) == date(2026, 11, 22)
