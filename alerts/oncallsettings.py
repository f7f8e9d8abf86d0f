"""The settings of who is on call: teams, holidays, schedules of layers, desks. Below `alerts:`.

Hours and hand-offs are those of a wall clock in a time zone; what becomes of them on the days on which clocks change
is told in alerts/oncallclock.py.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date, time, timedelta
from pathlib import Path
from typing import Annotated, Final, Literal, Self
from zoneinfo import ZoneInfo

from pydantic import AfterValidator, BeforeValidator, Field, PlainSerializer, PlainValidator, model_validator

from noc.inventory.values import Country, Day, Name, Time, Word
from noc.settings.schema import Duration, Settings, TimeZone

WEEKDAYS: Final = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
WEEK: Final = len(WEEKDAYS)
MONDAY: Final = date(2024, 1, 1)

_CLOCK: Final = re.compile(r"([01][0-9]|2[0-4]):([0-5][0-9])\Z")


@dataclass(frozen=True, slots=True, order=True)
class Clock:
    """A time of the wall clock, in minutes since midnight; 1440 is the end of the day."""

    minutes: int

    def __str__(self) -> str:
        return f"{self.minutes // 60:02}:{self.minutes % 60:02}"

    def on(self, day: date) -> tuple[date, time]:
        """Return the day and the time of day that this is on a day."""
        over, minutes = divmod(self.minutes, 1440)
        return day + timedelta(days=over), time(minutes // 60, minutes % 60)


@dataclass(frozen=True, slots=True)
class Mark:
    """When one turn gives over to the next: each day at a time, or each week on a day at a time (0 is Monday)."""

    weekday: int | None
    clock: Clock

    def __str__(self) -> str:
        return str(self.clock) if self.weekday is None else f"{WEEKDAYS[self.weekday]} {self.clock}"


def parse_clock(value: object) -> Clock:
    """Return what `08:00` or `24:00` mean. Raises ValueError."""
    if isinstance(value, Clock):
        return value
    match = _CLOCK.match(value) if isinstance(value, str) else None
    minutes = -1 if match is None else int(match[1]) * 60 + int(match[2])
    if not 0 <= minutes <= 1440:
        raise ValueError(f"{value!r} is no time of day; write 08:00, in quotation marks, from 00:00 to 24:00")
    return Clock(minutes)


def parse_mark(value: object) -> Mark:
    """Return what `08:00` or `mon 08:00` mean. Raises ValueError."""
    if isinstance(value, Mark):
        return value
    day, _, clock = value.strip().rpartition(" ") if isinstance(value, str) else ("", "", "")
    word = day.strip().lower()[:3]
    if not isinstance(value, str) or (day and word not in WEEKDAYS):
        raise ValueError(f"{value!r} is no hand-off; write 08:00 for each day, or 'mon 08:00' for each week")
    found = parse_clock(clock)
    if found.minutes == 1440:
        raise ValueError("a hand-off at 24:00 is one at 00:00 of the next day; write that")
    return Mark(WEEKDAYS.index(word) if word else None, found)


def parse_days(value: object) -> tuple[int, ...]:
    """Return the days of the week that `[mon, fri]` or `mon-fri` mean, 0 is Monday. Raises ValueError."""
    words = [value] if isinstance(value, str) else value
    if not isinstance(words, list | tuple) or not words:
        raise ValueError("write days as [mon, wed] or mon-fri")
    found: set[int] = set()
    for word in words:
        if isinstance(word, int) and not isinstance(word, bool):
            found.add(word % WEEK)
            continue
        first, dash, last = str(word).strip().lower().partition("-")
        ends = [end.strip()[:3] for end in ((first, last) if dash else (first,))]
        if any(end not in WEEKDAYS for end in ends):
            raise ValueError(f"'{word}' is no day of the week; write {', '.join(WEEKDAYS)}, or mon-fri")
        begin, end = WEEKDAYS.index(ends[0]), WEEKDAYS.index(ends[-1])
        found |= {(begin + step) % WEEK for step in range((end - begin) % WEEK + 1)}
    return tuple(sorted(found))


def _days_text(days: tuple[int, ...]) -> list[str]:
    return [WEEKDAYS[day] for day in days]


def _nameable(path: Path) -> Path:
    if "\0" in str(path):
        raise ValueError("no path holds a NUL")
    return path


def _several(value: object) -> object:
    """Return one text as several: of what a validator returns, strict validation takes no list for a tuple."""
    return (value,) if isinstance(value, str) else tuple(value) if isinstance(value, list) else value


ClockField = Annotated[Clock, PlainValidator(parse_clock), PlainSerializer(str, return_type=str)]
"""A time of day, `"08:00"`; `"24:00"` is the end of the day."""

MarkField = Annotated[Mark, PlainValidator(parse_mark), PlainSerializer(str, return_type=str)]
"""A hand-off: `"08:00"` each day, `"mon 08:00"` each week."""

Days = Annotated[tuple[int, ...], PlainValidator(parse_days), PlainSerializer(_days_text, return_type=list[str])]
"""Days of the week, `[mon, wed]` or `mon-fri`."""

Turn = Annotated[tuple[Word, ...], BeforeValidator(_several), Field(min_length=1, max_length=20)]
"""Who has one turn: a person by the key in `people`, or several together."""

CalendarFile = Annotated[Path, AfterValidator(_nameable)]
"""A file of iCalendar; a relative path starts from the folder of noc.yaml."""

UTC_ZONE: Final = ZoneInfo("UTC")
EVERY_DAY: Final = tuple(range(WEEK))


class Hours(Settings):
    """Hours of some days of the week. Until an earlier time of day, or the same one, is until the next day."""

    days: Days = EVERY_DAY
    """On which days they begin: [mon, wed], mon-fri. Default: every day."""
    start: ClockField = Field(default=Clock(0), alias="from")
    """From when, "08:00"."""
    end: ClockField = Field(default=Clock(1440), alias="to")
    """Until when, "17:00"; "24:00" is the end of the day."""


class Holidays(Settings):
    """Days on which people don't work: those of a country, and your own."""

    country: Country | None = None
    """ISO 3166 code, such as KE: its public holidays."""
    subdivision: Annotated[str, Field(min_length=1, max_length=10)] | None = None
    """ISO 3166-2 code of a part of the country, such as GE for Geneva: its own holidays too."""
    days: dict[Day, Name] = Field(default_factory=dict)
    """Days of your own, with their names: {2026-12-24: Christmas Eve}."""
    without: tuple[Day, ...] = ()
    """Days of the country on which you work all the same."""


class BusinessHours(Settings):
    """When people are at work."""

    time_zone: TimeZone = UTC_ZONE
    """IANA name, such as Africa/Nairobi."""
    hours: tuple[Hours, ...] = (Hours.model_validate({"days": ["mon-fri"], "from": "08:00", "to": "17:00"}),)
    """Their hours. Default: Monday to Friday from 8:00 to 17:00."""
    not_on: tuple[Word, ...] = ()
    """Sets of `holidays` on which nobody is there."""


class WrittenShift(Settings):
    """One shift, from a moment to another."""

    start: Time = Field(alias="from")
    """When it begins, 2026-12-24T08:00:00+03:00."""
    end: Time = Field(alias="to")
    """When it ends."""
    people: Turn
    """Whose it is."""

    @model_validator(mode="after")
    def _in_order(self) -> Self:
        if self.start >= self.end:
            raise ValueError("a shift ends after it begins: `to` must be later than `from`")
        return self


class Layer(Settings):
    """One way of turns. Of several layers of a schedule the last one that has somebody counts."""

    name: Name | None = None
    """What people call it. Default: `layer` and its number."""
    rotation: Literal["daily", "weekly", "custom"] | None = None
    """daily: a turn is a day; weekly: a week; custom: from each of `hand_off` to the next. Default: none, with
    `calendar`; else weekly."""
    hand_off: Annotated[tuple[MarkField, ...], BeforeValidator(_several), Field(max_length=50)] = ()
    """When a turn ends and the next begins, in the wall clock of the schedule. Default: "08:00" of a day, "mon 08:00"
    of a week. custom: several, all of the day (["08:00", "20:00"]) or all of the week (["mon 08:00", "fri 17:00"])."""
    every: Annotated[int, Field(ge=1, le=1000)] = 1
    """How many days, weeks or hand-offs a turn lasts."""
    start: Day = MONDAY
    """The first of `people` begins at the first hand-off on or after this day; before there is nobody. Default:
    2024-01-01, a Monday."""
    end: Day | None = None
    """The first day on which it counts no more."""
    people: Annotated[tuple[Turn, ...], Field(max_length=200)] = ()
    """Turn by turn: people by their keys; several at once as a list in the list."""
    hours: tuple[Hours, ...] = ()
    """Only at these hours. Default: at all."""
    not_on: tuple[Word, ...] = ()
    """Not on days of these sets of `holidays`."""
    only_on: tuple[Word, ...] = ()
    """Only on days of these sets of `holidays`."""
    shifts: tuple[WrittenShift, ...] = ()
    """Instead of a rotation: shifts, one by one."""
    calendar: CalendarFile | None = None
    """Instead of a rotation: an iCalendar file with an event for each shift; its summary or attendee says whose."""

    @model_validator(mode="after")
    def _fits(self) -> Self:
        if self.calendar is not None or self.shifts:
            if self.people or self.rotation is not None or self.hand_off:
                raise ValueError("a layer has either `people` with a rotation, or `shifts` or a `calendar`")
            return self
        if not self.people:
            raise ValueError("a layer needs `people`, `shifts` or a `calendar`")
        rotation, days = self.rotation or "weekly", {mark.weekday is None for mark in self.marks}
        if rotation == "custom" and not self.hand_off:
            raise ValueError('a custom rotation needs `hand_off`, such as ["08:00", "20:00"]')
        if rotation != "custom" and len(self.hand_off) > 1:
            raise ValueError(f"a {rotation} rotation has one hand-off; several are for `rotation: custom`")
        if (rotation == "daily" and False in days) or (rotation == "weekly" and True in days):
            wanted = '"08:00"' if rotation == "daily" else '"mon 08:00"'
            raise ValueError(f"the hand-off of a {rotation} rotation is written as {wanted}")
        if len(days) > 1:
            raise ValueError("hand-offs are all of the day (08:00), or all of the week (mon 08:00)")
        if len(set(self.marks)) < len(self.marks):
            raise ValueError("a hand-off stands twice")
        return self

    @property
    def marks(self) -> tuple[Mark, ...]:
        """Return its hand-offs within a day or a week, in their order."""
        if self.hand_off:
            return tuple(sorted(self.hand_off, key=lambda mark: (mark.weekday or 0, mark.clock)))
        return (Mark(None if self.rotation == "daily" else 0, Clock(8 * 60)),)


class Schedule(Settings):
    """Who is on call when."""

    name: Name | None = None
    """What people call it. Default: the key."""
    time_zone: TimeZone = UTC_ZONE
    """IANA name, such as Africa/Nairobi: the wall clock of hand-offs and hours."""
    layers: Annotated[tuple[Layer, ...], Field(min_length=1, max_length=20)]
    """From below to above: the last one that has somebody counts."""
    covers: tuple[Hours, ...] | None = None
    """When somebody has to be there; `noc check` names each hole of the coming year. Default: always."""
    not_on: tuple[Word, ...] = ()
    """Sets of `holidays` on which nobody has to be there."""
    hand_over: bool = False
    """Whether the outgoing stay responsible until the incoming have accepted (`noc handover`)."""
    accept_within: Duration = timedelta(hours=1)
    """So long after a hand-off that nobody has accepted the incoming are called too, from the second step on; the first
    goes to the outgoing alone."""


class Desk(Settings):
    """One of the places where people work in turn around the world."""

    name: Name | None = None
    """What people call it. Default: the key."""
    time_zone: TimeZone
    """IANA name, such as Asia/Bangkok."""
    hours: tuple[Hours, ...]
    """Its daylight hours."""
    not_on: tuple[Word, ...] = ()
    """Sets of `holidays` on which it is closed."""
    schedule: Word
    """Who is on call there, by the key in `schedules`."""
