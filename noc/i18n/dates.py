"""Days and times of day by the patterns of CLDR, parsed once. Pure; `assets/src/dates.js` writes the same.

Months are words, so that a day means the same to everybody; the day has 24 hours, and hours two digits in all
languages (the skeleton `HHmm`; UTS 35 widens a pattern's `H` to it), so that columns stay in line.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from types import MappingProxyType
from typing import Final

from babel import Locale
from babel.dates import match_skeleton

_ZERO: Final = timedelta(0)
_PARTS: Final = re.compile(r"'((?:[^']|'')*)'|([A-Za-z])\2*|[^A-Za-z']+")
_FIELDS: Final[Mapping[str, str]] = {
    "y": "{y}",
    "M": "{M}",
    "L": "{M}",
    "MMM": "{MMM}",
    "LLL": "{MMM}",
    "d": "{d}",
    "E": "{E}",
    "EEE": "{E}",
    "ccc": "{E}",
}
"""Fields of CLDR that patterns of days are made of, by what stands for them in a shape."""


@dataclass(frozen=True, slots=True)
class Dates:
    """How a language writes days and times.

    day, short: shapes of a day with its year and without (`{d} {MMM} {y}`); planned, planned_short: with the day of the
    week. joined: a day and a time of day, `{1}, {0}`. months, weekdays: in short; Monday is first.
    """

    day_shape: str
    short: str
    planned: str
    planned_short: str
    joined: str
    months: tuple[str, ...]
    weekdays: tuple[str, ...]

    def day(self, day: date, *, year: bool = True, weekday: bool = False) -> str:
        """Return a day: `22 Nov 2026`; without its year, `22 Nov`; with the day of the week, `Sun, 22 Nov 2026`."""
        if weekday:
            shape = self.planned if year else self.planned_short
            name = self.weekdays[day.weekday()]
        else:
            shape, name = self.day_shape if year else self.short, ""
        return shape.format(y=day.year, M=day.month, MMM=self.months[day.month - 1], d=day.day, E=name)

    def moment(self, local: datetime, *, year: bool = True, weekday: bool = False, seconds: bool = False) -> str:
        """Return what a calendar and a clock show: `22 Nov 2026, 14:05`; the zone stands beside it, not in it."""
        return self.joined.format(clock(local, seconds=seconds), self.day(local, year=year, weekday=weekday))

    @property
    def script(self) -> Mapping[str, str | tuple[str, ...]]:
        """Return what scripts need to write the same."""
        shapes = {"day": self.day_shape, "short": self.short, "joined": self.joined}
        return MappingProxyType({**shapes, "months": self.months})


def clock(local: datetime, *, seconds: bool = False) -> str:
    """Return a time of day, `14:05` or `14:05:09`."""
    shown = f"{local.hour:02}:{local.minute:02}"
    return f"{shown}:{local.second:02}" if seconds else shown


def offset(local: datetime) -> str:
    """Return how far a clock is from UTC, `+05:45`; seconds, which only zones of long ago have, are left out."""
    ahead = local.utcoffset() or _ZERO
    minutes = abs(ahead) // timedelta(minutes=1)
    return f"{'-' if ahead < _ZERO else '+'}{minutes // 60:02}:{minutes % 60:02}"


def dates_of(locale: Locale) -> Dates:
    """Return how a language writes days. Raises ValueError where CLDR has a field there that this doesn't write."""
    months, weekdays = locale.months["format"]["abbreviated"], locale.days["format"]["abbreviated"]
    joined = str(locale.datetime_formats["medium"])
    return Dates(
        day_shape=_shape(locale, "yMMMd"),
        short=_shape(locale, "MMMd"),
        planned=_shape(locale, "yMMMEd"),
        planned_short=_shape(locale, "MMMEd"),
        joined=joined,
        months=tuple(months[number] for number in range(1, 13)),
        weekdays=tuple(weekdays[number] for number in range(7)),
    )


def _shape(locale: Locale, skeleton: str) -> str:
    known = locale.datetime_skeletons
    found = skeleton if skeleton in known else match_skeleton(skeleton, known)
    if found is None:
        raise ValueError(f"CLDR has no pattern {skeleton} for {locale}")
    return "".join(_written(known[found].pattern))


def _written(pattern: str) -> Iterator[str]:
    for part in _PARTS.finditer(pattern):
        quoted, field = part.group(1), part.group(2)
        if field:
            if part.group() not in _FIELDS:
                raise ValueError(f"'{part.group()}' in the pattern '{pattern}' is no field that days are made of")
            yield _FIELDS[part.group()]
        else:
            text = part.group() if quoted is None else quoted.replace("''", "'") or "'"
            yield text.replace("{", "{{").replace("}", "}}")
