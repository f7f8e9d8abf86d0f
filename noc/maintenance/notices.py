"""Carriers' notices of work as they send them: iCalendar (RFC 5545). What stands in one is hostile text. Pure."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime, time, timedelta, tzinfo
from typing import Final

from icalendar import Calendar, Event

from noc.maintenance.notice import Notice
from noc.maintenance.recurrence import zone_of
from noc.maintenance.series import Event as Read
from noc.maintenance.series import separated
from noc.model.errors import UsageError
from noc.model.instants import to_ms

BYTES_AT_MOST: Final = 2_000_000
NOTICES_AT_MOST: Final = 500
TEXT_AT_MOST: Final = 2_000
UID_AT_MOST: Final = 300


def read(content: bytes, zone: str = "UTC") -> list[Notice]:
    """Return the notices of a file, in its order. zone: of times that name none.

    Raises UsageError, with a sentence for a person, where the file is no calendar.
    """
    if len(content) > BYTES_AT_MOST:
        raise UsageError(f"the calendar has {len(content):,} bytes; {BYTES_AT_MOST:,} at most are read")
    local = zone_of(zone)
    try:
        calendars = Calendar.from_ical(content, multiple=True)
    except (ValueError, IndexError, KeyError, TypeError, AttributeError) as error:
        raise UsageError(f"this is no iCalendar file (RFC 5545): {error}") from error
    found = list(separated(event for calendar in calendars for event in _events(calendar, zone, local)))
    if not found:
        raise UsageError("there is no event (VEVENT) in the calendar")
    if len(found) > NOTICES_AT_MOST:
        raise UsageError(f"the calendar has {len(found):,} events; {NOTICES_AT_MOST:,} at most are read")
    return found


def _events(calendar: object, zone: str, local: tzinfo) -> Iterator[Read]:
    if not isinstance(calendar, Calendar):
        return
    is_cancelled = str(calendar.get("METHOD", "")).strip().upper() == "CANCEL"
    for event in calendar.walk("VEVENT"):
        if not isinstance(event, Event):
            continue
        cancelled = is_cancelled or str(event.get("STATUS", "")).strip().upper() == "CANCELLED"
        try:
            yield _read(event, zone, local, cancelled=cancelled)
        except (ValueError, TypeError, KeyError, AttributeError, OverflowError) as error:
            yield Read(_unread(event, f"it can't be understood: {error}", cancelled=cancelled))


def _read(event: Event, zone: str, local: tzinfo, *, cancelled: bool) -> Read:
    notice = _notice(event, zone, local, cancelled=cancelled)
    of = event.get("RECURRENCE-ID")
    of_ms = None if of is None else to_ms(_moment(of.dt, local))
    scope = "" if of is None else str(of.params.get("RANGE", "")).upper()
    if scope not in ("", "THISANDFUTURE"):
        raise ValueError(f"RANGE={scope} is none of RFC 5545; ask for these windows by hand")
    return Read(notice, of_ms, bool(scope), tuple(_also(event, local, notice.end_ms - notice.start_ms)))


def _notice(event: Event, zone: str, local: tzinfo, *, cancelled: bool) -> Notice:
    begin = event.decoded("DTSTART")
    start = _moment(begin, local)
    if "DTEND" in event:
        end = _moment(event.decoded("DTEND"), local)
    elif "DURATION" in event:
        end = start + event.decoded("DURATION")
    elif not isinstance(begin, datetime):
        end = start + timedelta(days=1)
    else:
        raise ValueError("it has neither an end (DTEND) nor a length (DURATION)")
    if isinstance(event.get("RRULE"), list):
        raise ValueError("it has several RRULE; ask for these windows by hand")  # noqa: TRY004 a carrier's mistake
    rule = event.get("RRULE")
    named = _zone_name(begin)
    if rule is not None and named is None and isinstance(begin, datetime) and begin.tzinfo is not None:
        raise ValueError("it comes again in a time zone of its own; ask for this window by hand")
    return Notice(
        uid=_uid(event),
        sequence=_sequence(event),
        cancelled=cancelled,
        start_ms=to_ms(start),
        end_ms=to_ms(end),
        rrule="" if rule is None else rule.to_ical().decode(),
        zone=named or zone,
        without=tuple(sorted(_without(event, local))),
        summary=_line(event, "SUMMARY"),
        text=_text(event),
    )


def _unread(event: Event, wrong: str, *, cancelled: bool) -> Notice:
    try:
        uid, sequence = _uid(event), _sequence(event)
    except ValueError:
        uid, sequence = "", 0
    return Notice(uid, sequence, cancelled, 0, 0, "", "UTC", (), _line(event, "SUMMARY"), _text(event), wrong)


def _uid(event: Event) -> str:
    uid = str(event.get("UID", "")).strip()
    if not uid or len(uid) > UID_AT_MOST or not uid.isprintable():
        raise ValueError(f"it has no UID of 1 to {UID_AT_MOST} printable characters")
    return uid


def _sequence(event: Event) -> int:
    sequence = int(str(event.get("SEQUENCE", 0)))
    if not 0 <= sequence < 1 << 31:
        raise ValueError(f"SEQUENCE {sequence} is no edition")
    return sequence


def _moment(value: object, local: tzinfo) -> datetime:
    """Return a date, a floating time or a time with zone as a moment."""
    if isinstance(value, datetime):
        return value if value.tzinfo is not None else value.replace(tzinfo=local)
    if isinstance(value, date):
        return datetime.combine(value, time(), local)
    raise ValueError(f"{value!r} is no time")


def _zone_name(begin: object) -> str | None:
    """Return the IANA name of a time's zone; None where it has none, or one of its own."""
    if not isinstance(begin, datetime) or begin.tzinfo is None:
        return None
    key = getattr(begin.tzinfo, "key", None)
    if isinstance(key, str):
        return key
    return "UTC" if begin.tzinfo is UTC else None


def _without(event: Event, local: tzinfo) -> Iterator[int]:
    return (to_ms(_moment(one, local)) for one in _listed(event, "EXDATE"))


def _also(event: Event, local: tzinfo, long_ms: int) -> Iterator[tuple[int, int]]:
    """Yield when the times begin and end that are added; one that has no end of its own is as long as the event."""
    for one in _listed(event, "RDATE"):
        if not isinstance(one, tuple):
            start_ms = to_ms(_moment(one, local))
            yield start_ms, start_ms + long_ms
            continue
        start = _moment(one[0], local)
        end = start + one[1] if isinstance(one[1], timedelta) else _moment(one[1], local)
        if end <= start:
            raise ValueError("a time that is added (RDATE) ends before it begins")
        yield to_ms(start), to_ms(end)


def _listed(event: Event, name: str) -> Iterator[object]:
    written = event.get(name, [])
    for each in written if isinstance(written, list) else [written]:
        for one in each.dts:
            yield one.dt


def _text(event: Event) -> str:
    names = ("SUMMARY", "DESCRIPTION", "LOCATION", "COMMENT", "CONTACT")
    return "\n".join(line for name in names if (line := _line(event, name)))[: 4 * TEXT_AT_MOST]


def _line(event: Event, name: str) -> str:
    written = event.get(name, "")
    texts = written if isinstance(written, list) else [written]
    said = " ".join(str(text) for text in texts)
    return "".join(char if char.isprintable() else " " for char in said).strip()[:TEXT_AT_MOST]
