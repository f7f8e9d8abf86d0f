"""Shifts as iCalendar (RFC 5545), out and in: for people's own calendars, and from planning tools of others. Pure.

What stands in a calendar of others is hostile text: it names people or it is nobody's, and nothing else is taken.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta, tzinfo
from pathlib import Path
from typing import Final

import recurring_ical_events
from icalendar import Calendar, Event

from alerts.oncall import DAY_MS, Shift, timeline
from alerts.oncallsettings import Layer, Schedule, WrittenShift
from alerts.oncalltargets import Directory
from alerts.policies import AlertSettings, Person
from noc.model.errors import UsageError
from noc.model.finding import Finding, did_you_mean
from noc.model.instants import from_ms, to_ms
from noc.settings.schema import Places

BYTES_AT_MOST: Final = 2_000_000
EVENTS_AT_MOST: Final = 20_000
BACK: Final = timedelta(days=64)
AHEAD: Final = timedelta(days=800)
"""So far around now the events of a calendar are read: a noc that runs for longer than this without a reload, or a
restart, would have a hole; it is in good time in the findings of each reload."""

LONG_AT_MOST: Final = timedelta(days=92)

MONTH_MS: Final = 32 * DAY_MS
HALF_YEAR_MS: Final = 8 * MONTH_MS
"""More than half a year from now on, and the last month."""


@dataclass(frozen=True, slots=True)
class Read:
    """One shift of a calendar. uid: of its event, and when it begins where that comes again."""

    uid: str
    start_ms: int
    end_ms: int
    person: str


def write(name: str, rows: Iterable[tuple[str, Shift, Sequence[str]]], made_ms: int) -> str:
    """Return shifts as a calendar. rows: of each its title, the shift, and people's addresses of e-mail."""
    calendar = Calendar()
    calendar.add("PRODID", "-//noc//on call//EN")
    calendar.add("VERSION", "2.0")
    calendar.add("METHOD", "PUBLISH")
    calendar.add("X-WR-CALNAME", name)
    calendar.add("REFRESH-INTERVAL;VALUE=DURATION", "PT1H")
    for title, shift, addresses in rows:
        event = Event()
        who = "\n".join(shift.people)
        event.add("UID", hashlib.sha256(f"{title}\n{shift.start_ms}\n{who}".encode()).hexdigest()[:32] + "@noc")
        event.add("DTSTAMP", from_ms(made_ms).replace(microsecond=0))
        event.add("DTSTART", from_ms(shift.start_ms))
        event.add("DTEND", from_ms(shift.end_ms))
        event.add("SUMMARY", title)
        for address in addresses:
            event.add("ATTENDEE", f"mailto:{address}")
        calendar.add_component(event)
    content: bytes = calendar.to_ical()
    return content.decode()


def calendar_of(directory: Directory, schedule: str | None, person: str | None, now_ms: int) -> str:
    """Return the shifts of the last month and the coming half year as iCalendar, of a schedule or a person or all."""
    settings = directory.settings
    start_ms = (now_ms // MONTH_MS - 1) * MONTH_MS  # the same for a while, so that what is cut there keeps its name

    def rows() -> Iterator[tuple[str, Shift, list[str]]]:
        for name in settings.schedules if schedule is None else [schedule]:
            for shift in timeline(directory.rota, name, start_ms, start_ms + HALF_YEAR_MS, now_ms):
                if person is None or person in shift.people:
                    people = [settings.people[one] for one in shift.people if one in settings.people]
                    said = ", ".join(one.name or key for key, one in zip(shift.people, people, strict=False))
                    title = f"{settings.schedules[name].name or name}: {said or ', '.join(shift.people)}"
                    yield title, shift, [one.email for one in people if one.email]

    return write(person or schedule or "on call", rows(), now_ms)


def read(
    content: bytes, people: Mapping[str, Person], zone: tzinfo, start: datetime, end: datetime
) -> tuple[list[Read], list[str]]:
    """Return the shifts of a calendar in a time, in order, and sentences about events that are nobody's.

    zone: of times that name none. Raises UsageError, with a sentence for a person, where it is no calendar.
    """
    if len(content) > BYTES_AT_MOST:
        raise UsageError(f"the calendar has {len(content):,} bytes; {BYTES_AT_MOST:,} at most are read")
    try:
        events = _events(content, start, end)
    except (ValueError, IndexError, KeyError, TypeError, AttributeError, OverflowError) as error:
        raise UsageError(f"this is no iCalendar file (RFC 5545): {error}") from error
    if len(events) > EVENTS_AT_MOST:
        raise UsageError(f"the calendar has {len(events):,} shifts; {EVENTS_AT_MOST:,} at most are read")
    names = _names(people)
    found, wrong = [], []
    for event in events:
        try:
            found.append(_read(event, names, zone))
        except (ValueError, TypeError, KeyError, AttributeError, OverflowError) as error:
            wrong.append(f"the event '{_line(event, 'SUMMARY')[:60]}': {error}")
    found.sort(key=lambda one: (one.start_ms, one.uid))
    return found, list(dict.fromkeys(wrong))


def with_calendars(
    settings: AlertSettings, folder: Path, now_ms: int, places: Places
) -> tuple[AlertSettings, list[Finding]]:
    """Return settings whose layers hold the shifts of their calendars, and what is wrong with these.

    folder: where relative paths start from.
    """
    findings: list[Finding] = []
    schedules: dict[str, Schedule] = {}
    for name, schedule in settings.schedules.items():
        layers = []
        for number, layer in enumerate(schedule.layers):
            if layer.calendar is not None:
                place = places.place("alerts", "schedules", name, "layers", number, "calendar")
                layer, wrong = _loaded(layer, layer.calendar, schedule, settings, folder, now_ms)
                findings += [place.finding(f"schedule '{name}': {one}") for one in wrong]
            layers.append(layer)
        schedules[name] = schedule.model_copy(update={"layers": tuple(layers)})
    return (settings.model_copy(update={"schedules": schedules}), findings) if schedules else (settings, findings)


def _loaded(
    layer: Layer, calendar: Path, schedule: Schedule, settings: AlertSettings, folder: Path, now_ms: int
) -> tuple[Layer, list[str]]:
    path, now = folder / calendar, from_ms(now_ms)
    try:
        content = path.read_bytes()
        found, wrong = read(content, settings.people, schedule.time_zone, now - BACK, now + AHEAD)
    except OSError as error:
        return layer, [f"{path}: {(error.strerror or str(error)).lower()}"]
    except UsageError as error:
        return layer, [f"{path}: {error}"]
    shifts = tuple(
        WrittenShift.model_construct(start=from_ms(one.start_ms), end=from_ms(one.end_ms), people=(one.person,))
        for one in found
    )
    return layer.model_copy(update={"shifts": (*layer.shifts, *shifts)}), [f"{path}: {one}" for one in wrong]


def _events(content: bytes, start: datetime, end: datetime) -> list[Event]:
    found: list[Event] = []
    calendars = Calendar.from_ical(content, multiple=True)
    if not calendars or not all(isinstance(calendar, Calendar) for calendar in calendars):
        raise UsageError("this is no iCalendar file (RFC 5545): it has no VCALENDAR")
    for calendar in calendars:
        found += [event for event in recurring_ical_events.of(calendar).between(start, end) if isinstance(event, Event)]
    return found


def _read(event: Event, names: Mapping[str, str], zone: tzinfo) -> Read:
    start, end = _moment(event.start, zone), _moment(event.end, zone)
    if not start < end:
        raise ValueError("it ends before it begins")
    if end - start > LONG_AT_MOST:
        raise ValueError(f"it is longer than {LONG_AT_MOST.days} days")
    if str(event.get("STATUS", "")).strip().upper() == "CANCELLED":
        raise ValueError("it is cancelled; remove it from the calendar")
    uid = str(event.get("UID", "")).strip()
    return Read(f"{uid[:200]}/{start.astimezone(UTC):%Y%m%dT%H%M%SZ}", to_ms(start), to_ms(end), _person(event, names))


def _person(event: Event, names: Mapping[str, str]) -> str:
    attendees = event.get("ATTENDEE", [])
    said = [str(one) for one in (attendees if isinstance(attendees, list) else [attendees])]
    summary = _line(event, "SUMMARY")
    for text in (*said, summary, summary.partition(":")[2], summary.rpartition(" - ")[2]):
        key = names.get(text.strip().casefold().removeprefix("mailto:"))
        if key is not None:
            return key
    hint = did_you_mean(summary.casefold(), names)
    raise ValueError(
        f"neither its attendee nor its summary is a person of `people`{hint}; write the key, name or address"
    )


def _names(people: Mapping[str, Person]) -> dict[str, str]:
    found: dict[str, str] = {}
    for key, person in people.items():
        for text in (person.email, person.name, key):
            if text is not None:
                found[text.casefold()] = key
    return found


def _moment(value: object, zone: tzinfo) -> datetime:
    if isinstance(value, datetime):
        return value if value.tzinfo is not None else value.replace(tzinfo=zone)
    if isinstance(value, date):
        return datetime.combine(value, time(), zone)
    raise ValueError(f"{value!r} is no time")


def _line(event: Event, name: str) -> str:
    return "".join(char if char.isprintable() else " " for char in str(event.get(name, ""))).strip()
