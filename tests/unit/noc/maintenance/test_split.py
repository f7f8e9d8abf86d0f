"""A series of which one time and all later ones are moved gives the times that another reader of calendars gives."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
import recurring_ical_events
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from icalendar import Calendar

from noc.maintenance.notices import read
from noc.maintenance.recurrence import beginnings
from noc.model.instants import to_ms
from tests.examples import at_least

BEGINNING, END = datetime(2026, 1, 1, tzinfo=UTC), datetime(2027, 1, 1, tzinfo=UTC)
LOCAL = "%Y%m%dT%H%M%S"


def wall(month: int, day: int, hour: int) -> datetime:
    return datetime(2026, month, day, hour)  # noqa: DTZ001 - a wall clock has no zone


def event(zone: str, start: datetime, hours: int, *more: str) -> list[str]:
    """Return the lines of an event. start: in the wall clock of the zone."""
    times = [f"DTSTART;TZID={zone}:{start:{LOCAL}}", f"DTEND;TZID={zone}:{start + timedelta(hours=hours):{LOCAL}}"]
    return ["BEGIN:VEVENT", "UID:42", "DTSTAMP:20260101T000000Z", "SUMMARY:Work", *times, *more, "END:VEVENT"]


def calendar(*events: list[str]) -> bytes:
    lines = ["BEGIN:VCALENDAR", "VERSION:2.0", "PRODID:-//carrier//EN", *(line for one in events for line in one)]
    return "\r\n".join([*lines, "END:VCALENDAR", ""]).encode()


def ours(content: bytes) -> list[tuple[int, int]]:
    found = []
    for one in read(content):
        assert one.wrong == ""
        long = one.end_ms - one.start_ms
        starts = beginnings(one.start_ms, one.rrule, one.zone, to_ms(END))
        found += [(start, start + long) for start in starts if start not in one.without]
    return sorted(found)


def theirs(content: bytes) -> list[tuple[int, int]]:
    events = recurring_ical_events.of(Calendar.from_ical(content)).between(BEGINNING, END)
    return sorted((to_ms(one["DTSTART"].dt), to_ms(one["DTEND"].dt)) for one in events)


@settings(at_least(60))
@given(
    st.sampled_from(["UTC", "Europe/Rome", "America/New_York", "Africa/Nairobi"]),
    st.sampled_from(["DAILY", "WEEKLY", "WEEKLY;BYDAY={day}", "DAILY;INTERVAL=2", "WEEKLY;INTERVAL=2"]),
    st.integers(2, 9),
    st.booleans(),
    st.data(),
)
def test_all_later_times_move_as_the_first_of_them(
    zone: str, frequency: str, count: int, counted: bool, data: st.DataObject
) -> None:
    start = wall(3, 22, 9) + timedelta(days=data.draw(st.integers(0, 6)))  # clocks change on the 29th
    rule = frequency.format(day=start.strftime("%a")[:2].upper())
    step = timedelta(days=(7 if "WEEKLY" in rule else 1) * (2 if "INTERVAL" in rule else 1))
    last = start + (count - 1) * step
    until = last.replace(tzinfo=ZoneInfo(zone)).astimezone(UTC)
    rule += f";COUNT={count}" if counted else f";UNTIL={until:{LOCAL}}Z"
    which = data.draw(st.integers(0, count - 1))
    shift = timedelta(hours=data.draw(st.integers(-5, 30)))
    of = start + which * step
    moved = event(
        zone, of + shift, data.draw(st.integers(1, 4)), f"RECURRENCE-ID;RANGE=THISANDFUTURE;TZID={zone}:{of:{LOCAL}}"
    )
    content = calendar(event(zone, start, 2, f"RRULE:FREQ={rule}"), moved)
    assume((of + shift).hour not in (1, 2, 3))  # an hour that clocks skip or show twice is another subject
    assert ours(content) == theirs(content)


@pytest.mark.parametrize(
    ("rule", "said"),
    [
        ("FREQ=MONTHLY;BYDAY=4SU", "to other days, which no rule says"),
        ("FREQ=WEEKLY;INTERVAL=2;BYDAY=SU,MO", "to other days, which no rule says"),
        ("FREQ=WEEKLY;COUNT=2", "a time that its series doesn't have"),
    ],
)
def test_what_no_rule_says_is_told(rule: str, said: str) -> None:
    start = wall(3, 22, 9)
    of = start + timedelta(days=35) if "MONTHLY" in rule else start + timedelta(days=14)
    moved = event("UTC", of + timedelta(days=1), 2, f"RECURRENCE-ID;RANGE=THISANDFUTURE:{of:{LOCAL}}Z")
    (found,) = read(calendar(event("UTC", start, 2, f"RRULE:{rule}"), moved))
    assert said in found.wrong


def test_pieces_have_their_own_names_lengths_and_exceptions() -> None:
    start, zone = wall(3, 1, 2), "Africa/Nairobi"
    week = timedelta(days=7)
    content = calendar(
        event(zone, start, 2, "RRULE:FREQ=WEEKLY;COUNT=6", f"EXDATE;TZID={zone}:{start + 4 * week:{LOCAL}}"),
        event(
            *(zone, start + 2 * week + timedelta(days=1), 3),
            f"RECURRENCE-ID;RANGE=THISANDFUTURE;TZID={zone}:{start + 2 * week:{LOCAL}}",
            "SEQUENCE:3",
        ),
        event(zone, start + 3 * week, 1, f"RECURRENCE-ID;TZID={zone}:{start + 3 * week:{LOCAL}}"),
    )
    notices = read(content)
    assert [(one.uid, one.sequence) for one in notices] == [
        ("42", 3),
        ("42#time=20260314T230000Z", 3),
        ("42#time=20260321T230000Z", 0),
    ]
    place = ZoneInfo(zone)
    monday = timedelta(days=1)
    wanted = [(start, 2), (start + week, 2), (start + 2 * week + monday, 3), (start + 3 * week, 1)]
    wanted.append((start + 5 * week + monday, 3))  # the fifth is left out, the fourth moved alone
    assert ours(content) == [
        (to_ms(at.replace(tzinfo=place)), to_ms((at + timedelta(hours=hours)).replace(tzinfo=place)))
        for at, hours in wanted
    ]


def test_from_a_cancelled_time_on_there_are_none() -> None:
    start = wall(3, 1, 2)
    of = start + timedelta(days=14)
    gone = event("UTC", of, 2, f"RECURRENCE-ID;RANGE=THISANDFUTURE:{of:{LOCAL}}Z", "STATUS:CANCELLED")
    found = ours(calendar(event("UTC", start, 2, "RRULE:FREQ=WEEKLY"), gone))
    assert [at for at, _ in found] == [to_ms(start.replace(tzinfo=UTC) + timedelta(days=days)) for days in (0, 7)]
