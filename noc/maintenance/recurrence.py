"""How a window comes again: rules of RFC 5545 (section 3.3.10), in the wall clock of a time zone. Pure.

A time that a zone's clock skips is read with the offset before the gap (02:30 is 03:30 then), one that it shows twice
is the first of the two (RFC 5545, 3.3.5); each occurrence is as long as the first one.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from itertools import islice
from typing import Final
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from dateutil.rrule import rrulestr

from noc.model.finding import did_you_mean
from noc.model.instants import from_ms, to_ms

TEXT_AT_MOST: Final = 500
FREQUENCIES: Final = ("DAILY", "WEEKLY", "MONTHLY", "YEARLY")
PARTS: Final = (
    "FREQ",
    "INTERVAL",
    "COUNT",
    "UNTIL",
    "WKST",
    "BYMONTH",
    "BYWEEKNO",
    "BYYEARDAY",
    "BYMONTHDAY",
    "BYDAY",
    "BYHOUR",
    "BYSETPOS",
)
"""BYMINUTE and BYSECOND are left out with the frequencies of less than a day: nobody plans so often."""

NUMBER_AT_MOST: Final = 10_000
"""Of INTERVAL and COUNT."""

_AS_UNTIL: Final = re.compile(r"(\d{8})(?:T(\d{6})(Z?))?")

_CALENDAR_YEARS: Final = 400
"""After so many years the calendar is the same again, days of the week too."""

_LAST_YEARS: Final = 9_900


@dataclass(frozen=True, slots=True)
class Recurrence:
    """A rule that was read. rule: without UNTIL; until_ms: the last moment at which an occurrence may begin."""

    rule: str
    until_ms: int | None = None


def zone_of(name: str) -> ZoneInfo:
    """Return a time zone. Raises ValueError, with a sentence for an operator, where there is none of this name."""
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError) as error:
        raise ValueError(f"'{name}' is no IANA time zone; write one such as Africa/Nairobi, or UTC") from error


@lru_cache(maxsize=1024)
def read(rrule: str, zone: str) -> Recurrence:
    """Return a rule. Raises ValueError, with a sentence for an operator, where it is none, or comes too often."""
    parts = _parts(rrule)
    frequency = parts.get("FREQ", "")
    if frequency not in FREQUENCIES:
        raise ValueError(f"'{rrule}': FREQ must be one of {', '.join(FREQUENCIES)}, such as FREQ=WEEKLY;BYDAY=SU")
    for key in ("INTERVAL", "COUNT"):
        number = parts.get(key, "1")
        if not (number.isascii() and number.isdigit() and 1 <= int(number) <= NUMBER_AT_MOST):
            raise ValueError(f"'{rrule}': {key} must be a number from 1 to {NUMBER_AT_MOST}")
    if "COUNT" in parts and "UNTIL" in parts:
        raise ValueError(f"'{rrule}': a rule ends by COUNT or by UNTIL, not by both")
    until = parts.pop("UNTIL", None)
    found = Recurrence(
        ";".join(f"{key}={value}" for key, value in parts.items()),
        None if until is None else _until_ms(rrule, until, zone_of(zone)),
    )
    try:
        rrulestr(found.rule, dtstart=datetime(2000, 1, 1))  # noqa: DTZ001 - a wall clock has no zone
    except (ValueError, TypeError, KeyError, IndexError, AttributeError) as error:
        raise ValueError(f"'{rrule}' is no recurrence rule of RFC 5545: {error}") from error
    return found


def check(rrule: str, zone: str, start_ms: int) -> None:
    """Say whether a window that begins at a moment can come again so; takes a second for a rule that never comes.

    Raises ValueError, with a sentence for an operator.
    """
    recurrence = read(rrule, zone)
    first = list(islice(_walls(recurrence.rule, _wall(start_ms, zone)), 2))
    if not first or first[0] != _wall(start_ms, zone):
        hint = f"; the first one that does is {first[0]:%Y-%m-%d %H:%M} ({zone})" if first else ""
        raise ValueError(f"'{rrule}': the window doesn't begin at a time that its rule names{hint}")
    if recurrence.until_ms is not None and recurrence.until_ms < start_ms:
        raise ValueError(f"'{rrule}': it is over before the window begins")


def beginnings(start_ms: int, rrule: str, zone: str, before_ms: int) -> tuple[int, ...]:
    """Return when a window begins, each time up to and without `before_ms`, in milliseconds, in order.

    start_ms: the first time. rrule: empty for once. Raises ValueError for a rule that is none.
    """
    if start_ms >= before_ms:
        return ()
    if not rrule:
        return (start_ms,)
    # Worked out for whole years, so that questions that differ by a moment share the answer.
    horizon = from_ms(before_ms).year + 1
    return tuple(moment for moment in _until_year(start_ms, rrule, zone, horizon) if moment < before_ms)


@lru_cache(maxsize=2048)
def _until_year(start_ms: int, rrule: str, zone: str, year: int) -> tuple[int, ...]:
    recurrence, place = read(rrule, zone), zone_of(zone)
    found = [start_ms]
    for wall in _walls(recurrence.rule, _wall(start_ms, zone)):
        if wall.year > year:
            break
        moment = to_ms(wall.replace(tzinfo=place, fold=0))
        if recurrence.until_ms is not None and moment > recurrence.until_ms:
            break
        if moment > found[-1]:  # the first one is at `start_ms`, also in the second of two equal hours
            found.append(moment)
    return tuple(found)


def _walls(rule: str, first: datetime) -> Iterator[datetime]:
    """Yield the times that a rule names in a wall clock, from the first on."""
    # dateutil looks for the next one until the year 9999. In the same years of its last calendar it says sooner that
    # there is none.
    shift = (_LAST_YEARS - first.year) // _CALENDAR_YEARS * _CALENDAR_YEARS if first.year < _LAST_YEARS else 0
    for found in rrulestr(rule, dtstart=first.replace(year=first.year + shift)):
        yield found.replace(year=found.year - shift)


def _wall(moment_ms: int, zone: str) -> datetime:
    return from_ms(moment_ms).astimezone(zone_of(zone)).replace(tzinfo=None, fold=0)


def _parts(rrule: str) -> dict[str, str]:
    if len(rrule) > TEXT_AT_MOST:
        raise ValueError(f"a recurrence rule has at most {TEXT_AT_MOST} characters, this one {len(rrule)}")
    found: dict[str, str] = {}
    for part in rrule.upper().removeprefix("RRULE:").split(";"):
        key, equals, value = part.strip().partition("=")
        if not equals or not value or key in found:
            raise ValueError(f"'{rrule}': write parts such as FREQ=WEEKLY;BYDAY=SU, each of them once")
        if key not in PARTS:
            raise ValueError(f"'{rrule}': {key} can't stand in a window's rule{did_you_mean(key, PARTS)}")
        found[key] = value
    return found


def _until_ms(rrule: str, until: str, zone: ZoneInfo) -> int:
    match = _AS_UNTIL.fullmatch(until)
    day, clock, is_utc = match.groups() if match is not None else ("", None, None)
    try:
        if clock is None:  # the whole last day
            end = datetime.combine(date.fromisoformat(day) + timedelta(days=1), time(), zone)
            return to_ms(end) - 1
        wall = datetime.fromisoformat(f"{day}T{clock}")
        return to_ms(wall.replace(tzinfo=UTC if is_utc else zone))
    except (ValueError, OverflowError) as error:
        raise ValueError(f"'{rrule}': UNTIL is a time such as 20270331T220000Z, or a day such as 20270331") from error
