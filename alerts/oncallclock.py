"""From the wall clock of a place to moments: hand-offs, hours, days. Pure.

A time of the wall clock is the first moment at which the clock shows it, or, where the clock jumps over it, the moment
of the jump. So what follows each other on the wall follows each other in time, on the days on which clocks change too:
one shift ends exactly where the next begins, and is an hour shorter or longer.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import UTC, date, datetime, timedelta
from functools import lru_cache
from typing import Final
from zoneinfo import ZoneInfo

from alerts.oncallsettings import WEEK, Clock, Hours, Layer
from noc.model.instants import from_ms, to_ms

Span = tuple[int, int]
"""From the first moment, up to and without the second, in milliseconds of the Unix epoch."""

IsHoliday = Callable[[str, date], bool]
"""Whether a day is one of a named set of holidays."""

MIDNIGHT: Final = Clock(0)
DAY: Final = timedelta(days=1)


@lru_cache(maxsize=65_536)
def moment_ms(zone: ZoneInfo, day: date, clock: Clock) -> int:
    """Return when the wall clock of a zone first shows a time of a day, or jumps over it."""
    wall = datetime.combine(*clock.on(day))
    after = wall.replace(tzinfo=zone).astimezone(UTC)
    if _shown(after, zone) == wall:
        return to_ms(after)
    # In a gap fold=0 reads with the offset before the jump, fold=1 with that behind it (PEP 495): the jump is between.
    early, late = to_ms(wall.replace(tzinfo=zone, fold=1)) // 1000, to_ms(after) // 1000
    while late - early > 1:
        middle = (early + late) // 2
        is_past = _shown(from_ms(middle * 1000), zone) >= wall
        early, late = (early, middle) if is_past else (middle, late)
    return late * 1000


def _shown(moment: datetime, zone: ZoneInfo) -> datetime:
    return moment.astimezone(zone).replace(tzinfo=None, fold=0)


def day_of(zone: ZoneInfo, moment: int) -> date:
    """Return the day that the wall clock of a zone shows at a moment."""
    return from_ms(moment).astimezone(zone).date()


def days_between(zone: ZoneInfo, start_ms: int, end_ms: int) -> Iterator[date]:
    """Yield the days of a zone that a time may touch, and those beside it."""
    day, last = day_of(zone, start_ms) - 2 * DAY, day_of(zone, end_ms) + 2 * DAY
    while day <= last:
        yield day
        day += DAY


def hours_between(hours: Iterable[Hours], zone: ZoneInfo, start_ms: int, end_ms: int) -> list[Span]:
    """Return when the hours of days of the week are, in order of time, without overlaps, cut to a time."""
    found = []
    for one in hours:
        for day in days_between(zone, start_ms, end_ms):
            if day.weekday() in one.days:
                last = day if one.end > one.start else day + DAY
                found.append((moment_ms(zone, day, one.start), moment_ms(zone, last, one.end)))
    return cut(merged(found), start_ms, end_ms)


def holidays_between(
    names: Sequence[str], is_holiday: IsHoliday, zone: ZoneInfo, start_ms: int, end_ms: int
) -> list[Span]:
    """Return the days of a time that are in one of the named sets of holidays, as `hours_between`."""
    found = [
        (moment_ms(zone, day, MIDNIGHT), moment_ms(zone, day + DAY, MIDNIGHT))
        for day in days_between(zone, start_ms, end_ms)
        if any(is_holiday(name, day) for name in names)
    ]
    return cut(merged(found), start_ms, end_ms)


def turns_between(layer: Layer, zone: ZoneInfo, start_ms: int, end_ms: int) -> Iterator[tuple[Span, tuple[str, ...]]]:
    """Yield the turns of a layer's rotation, with whose they are, in order of time, cut to a time."""
    marks = layer.marks
    days = 1 if marks[0].weekday is None else WEEK
    base = layer.start if days == 1 else layer.start - layer.start.weekday() * DAY
    first = sum(1 for mark in marks if mark.weekday is not None and mark.weekday < layer.start.weekday())
    if layer.end is not None:
        end_ms = min(end_ms, moment_ms(zone, layer.end, MIDNIGHT))
    number = max(((day_of(zone, start_ms) - base).days // days - 1) * len(marks), first)

    def begins(index: int) -> int:
        mark = marks[index % len(marks)]
        return moment_ms(zone, base + (index // len(marks) * days + (mark.weekday or 0)) * DAY, mark.clock)

    at = begins(number)
    while at < end_ms:
        following = begins(number + 1)
        span = max(at, start_ms), min(following, end_ms)
        if span[0] < span[1]:
            yield span, layer.people[(number - first) // layer.every % len(layer.people)]
        number, at = number + 1, following


def merged(spans: Iterable[Span]) -> list[Span]:
    """Return the same times in order, those that touch or overlap as one, empty ones left out."""
    found: list[Span] = []
    for start, end in sorted(spans):
        if start >= end:
            continue
        if found and start <= found[-1][1]:
            found[-1] = found[-1][0], max(found[-1][1], end)
        else:
            found.append((start, end))
    return found


def cut(spans: Iterable[Span], start_ms: int, end_ms: int) -> list[Span]:
    """Return what of times in order lies in `[start_ms, end_ms)`."""
    cuts = ((max(start, start_ms), min(end, end_ms)) for start, end in spans)
    return [(start, end) for start, end in cuts if start < end]


def without(spans: Sequence[Span], taken: Sequence[Span]) -> list[Span]:
    """Return what of some times no other takes; both in order and without overlaps."""
    found: list[Span] = []
    index = 0
    for start, end in spans:
        while index < len(taken) and taken[index][1] <= start:
            index += 1
        at, here = start, index
        while here < len(taken) and taken[here][0] < end:
            if taken[here][0] > at:
                found.append((at, taken[here][0]))
            at = max(at, taken[here][1])
            here += 1
        if at < end:
            found.append((at, end))
    return found


def common(spans: Sequence[Span], others: Sequence[Span]) -> list[Span]:
    """Return the times that are in both; both in order and without overlaps."""
    found: list[Span] = []
    first = second = 0
    while first < len(spans) and second < len(others):
        start, end = max(spans[first][0], others[second][0]), min(spans[first][1], others[second][1])
        if start < end:
            found.append((start, end))
        if spans[first][1] < others[second][1]:
            first += 1
        else:
            second += 1
    return found
