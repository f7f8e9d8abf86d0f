"""A calendar of planned work in the wall clock of a time zone: a month of days, or a week with a line for each window.

Pure. Days begin at midnight there, also where a clock changes that day.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Final, Literal
from zoneinfo import ZoneInfo

from noc.maintenance.standing import PlannedTime
from noc.model.instants import from_ms, to_ms

View = Literal["month", "week"]
VIEWS: Final[tuple[View, ...]] = ("month", "week")
DAY: Final = timedelta(days=1)
WEEK_DAYS: Final = 7
SHOWN_A_DAY: Final = 5
"""Times that a day of a month has room for; the week has all."""

WIDTH: Final = 10_080
"""Of the drawn week, in its own units: a minute each, but where the clock changes."""

FURTHEST_YEARS: Final = 12


@dataclass(frozen=True, slots=True)
class Entry:
    """A time of a window on one day. begins: on this day, at `clock`; else it goes on from the day before."""

    time: PlannedTime
    begins: bool
    clock: str


@dataclass(frozen=True, slots=True)
class Day:
    """A day of the calendar. more: so many times there was no room for."""

    day: date
    is_outside: bool
    is_today: bool
    entries: tuple[Entry, ...]
    more: int


@dataclass(frozen=True, slots=True)
class Mark:
    """A part of a line: from `x`, of WIDTH, so wide."""

    x: int
    width: int
    time: PlannedTime


@dataclass(frozen=True, slots=True)
class Lane:
    """The times of one window in a week, in order."""

    marks: tuple[Mark, ...]

    @property
    def first(self) -> PlannedTime:
        """Return the first of them."""
        return self.marks[0].time


@dataclass(frozen=True, slots=True)
class Calendar:
    """What stretch of time a page shows. first, last: days, both shown; day: the one that the address names."""

    view: View
    zone: str
    day: date
    first: date
    last: date

    @classmethod
    def of(cls, view: View, day: date, zone: str, first_weekday: int) -> Calendar:
        """Return the month, or the week, that a day is in. first_weekday: 0 is Monday."""
        start = day.replace(day=1) if view == "month" else day
        first = start - ((start.weekday() - first_weekday) % WEEK_DAYS) * DAY
        if view == "week":
            return cls(view, zone, day, first, first + (WEEK_DAYS - 1) * DAY)
        end = (start + timedelta(days=32)).replace(day=1)
        weeks = -(-(end - first).days // WEEK_DAYS)
        return cls(view, zone, day, first, first + (weeks * WEEK_DAYS - 1) * DAY)

    @property
    def span(self) -> tuple[int, int]:
        """Return when it begins and ends, in milliseconds."""
        return self._midnight(self.first), self._midnight(self.last + DAY)

    @property
    def before(self) -> date:
        """Return a day of the month, or week, before."""
        return self.day - WEEK_DAYS * DAY if self.view == "week" else self.day.replace(day=1) - DAY

    @property
    def after(self) -> date:
        """Return a day of the next month, or week."""
        return (
            self.day + WEEK_DAYS * DAY if self.view == "week" else (self.day.replace(day=1) + 32 * DAY).replace(day=1)
        )

    @property
    def days(self) -> list[date]:
        """Return all days that it shows."""
        return [self.first + number * DAY for number in range((self.last - self.first).days + 1)]

    def weeks(self, times: Sequence[PlannedTime], now_ms: int) -> list[list[Day]]:
        """Return the weeks, with what is planned on each day."""
        today = self.day_of(now_ms)
        days = [self._day(day, times, today) for day in self.days]
        return [days[start : start + WEEK_DAYS] for start in range(0, len(days), WEEK_DAYS)]

    def lanes(self, times: Sequence[PlannedTime]) -> list[Lane]:
        """Return a line for each window, in the order of their first times."""
        marks: dict[int, list[Mark]] = {}
        for one in times:
            marks.setdefault(one.window.number, []).append(self._mark(one))
        return [Lane(tuple(found)) for found in marks.values()]

    def place(self, time_ms: int) -> int | None:
        """Return where a moment is drawn; None where it isn't in the week."""
        start, end = self.span
        return (time_ms - start) * WIDTH // (end - start) if start <= time_ms < end else None

    def starts(self) -> Iterator[int]:
        """Yield where each day begins."""
        for day in self.days:
            place = self.place(self._midnight(day))
            if place is not None:
                yield place

    def day_of(self, time_ms: int) -> date:
        """Return which day it is there at a moment."""
        return self._local(time_ms).date()

    def clock(self, time_ms: int) -> str:
        """Return what the clock shows there: `02:00`."""
        return f"{self._local(time_ms):%H:%M}"

    def offset(self, time_ms: int) -> str:
        """Return how far its clock is from UTC: `+03:00`; empty for UTC itself."""
        text = f"{self._local(time_ms):%z}"
        return "" if self.zone == "UTC" else f"{text[:3]}:{text[3:]}"

    def _day(self, day: date, times: Sequence[PlannedTime], today: date) -> Day:
        start, end = self._midnight(day), self._midnight(day + DAY)
        here = [one for one in times if one.start_ms < end and one.end_ms > start]
        entries = [Entry(one, one.start_ms >= start, self.clock(one.start_ms)) for one in here[:SHOWN_A_DAY]]
        is_outside = self.view == "month" and day.month != self.day.month
        return Day(day, is_outside, day == today, tuple(entries), max(0, len(here) - SHOWN_A_DAY))

    def _mark(self, one: PlannedTime) -> Mark:
        start, end = self.span
        x, until = ((min(max(at, start), end) - start) * WIDTH // (end - start) for at in (one.start_ms, one.end_ms))
        return Mark(x, max(until - x, WIDTH // 250), one)  # what is short is seen too

    def _midnight(self, day: date) -> int:
        return to_ms(datetime.combine(day, time(), ZoneInfo(self.zone)))

    def _local(self, time_ms: int) -> datetime:
        return from_ms(time_ms).astimezone(ZoneInfo(self.zone))


def day_in(zone: str, time_ms: int) -> date:
    """Return which day it is in a time zone at a moment."""
    return from_ms(time_ms).astimezone(ZoneInfo(zone)).date()


def day_named(text: str, today: date) -> date:
    """Return the day that an address names, `2026-11-28`; today for none. Raises ValueError with a sentence."""
    if not text:
        return today
    try:
        found = date.fromisoformat(text)
    except ValueError as error:
        raise ValueError(f"'{text[:40]}' is no day; write 2026-11-28") from error
    if abs(found.year - today.year) > FURTHEST_YEARS:
        raise ValueError(f"it is more than {FURTHEST_YEARS} years away")
    return found
