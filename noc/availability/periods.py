"""Periods that figures are published for: months, quarters, years, bienniums of a time zone, rolling days. Pure.

A period begins and ends at midnight of its time zone, so that a month with a change of the clock is an hour shorter or
longer. Where midnight doesn't exist (a clock that is put forward at midnight), the day begins when the clock shows the
next time that does; where it comes twice, at the first.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Final, Literal
from zoneinfo import ZoneInfo

from noc.availability.policy import Period
from noc.model.instants import MILLISECOND, from_ms, to_ms

Unit = Literal["month", "quarter", "year", "biennium", "rolling"]

FORMS: Final = "2026-10 (a month), 2026-Q4 (a quarter), 2026 (a year), 2026-2027 (a biennium) or 30d (the last 30 days)"

MONTHS: Final = {"month": 1, "quarter": 3, "year": 12, "biennium": 24}
LONGEST_DAYS: Final = 3_660

_FORM: Final = re.compile(
    r"(?P<year>\d{4})(?:-(?:Q(?P<quarter>[1-4])|(?P<month>0[1-9]|1[0-2])|(?P<last>\d{4})))?|(?P<days>\d{1,4})d"
)


@dataclass(frozen=True, slots=True)
class Named:
    """A period with its name, as `named` reads it. zone: an IANA time zone."""

    text: str
    unit: Unit
    zone: str
    period: Period


def named(text: str, zone: str, now: datetime) -> Named:
    """Return the period of a name. now: the end of rolling days, to the minute. Raises ValueError with the forms."""
    found = _FORM.fullmatch(text.strip())
    if found is None:
        raise ValueError(f"{text!r} is no period; write {FORMS}")
    if found["days"] is not None:
        return _rolling(int(found["days"]), zone, now)
    year = int(found["year"])
    if not 1 <= year <= 9997:
        raise ValueError(f"{text!r}: no calendar has this year")
    if found["quarter"] is not None:
        return _calendar("quarter", date(year, 3 * int(found["quarter"]) - 2, 1), zone)
    if found["month"] is not None:
        return _calendar("month", date(year, int(found["month"]), 1), zone)
    if found["last"] is not None:
        if int(found["last"]) != year + 1 or year % 2:
            raise ValueError(f"{text!r} is no biennium: it begins with an even year and has two, such as 2026-2027")
        return _calendar("biennium", date(year, 1, 1), zone)
    return _calendar("year", date(year, 1, 1), zone)


def holding(unit: Unit, moment: datetime, zone: str) -> Named:
    """Return the period of a kind that holds a moment; rolling: the 30 days up to it."""
    if unit == "rolling":
        return _rolling(30, zone, moment)
    day = moment.astimezone(ZoneInfo(zone)).date()
    months = MONTHS[unit]
    index = (day.year * 12 + day.month - 1) // months * months
    return _calendar(unit, date(index // 12, index % 12 + 1, 1), zone)


def before(one: Named, count: int = 1) -> Named:
    """Return the period in front of a calendar period, or the one `count` in front."""
    if one.unit == "rolling":
        raise ValueError("rolling days have no period in front")
    first = date.fromisoformat(_first_day(one))
    index = first.year * 12 + first.month - 1 - count * MONTHS[one.unit]
    if index < 12:
        raise ValueError("no calendar goes back so far")
    return _calendar(one.unit, date(index // 12, index % 12 + 1, 1), one.zone)


def days_of(one: Named) -> list[tuple[date, Period]]:
    """Return the days of a period, as its time zone counts them; the first and last of rolling days are cut."""
    zone = ZoneInfo(one.zone)
    found: list[tuple[date, Period]] = []
    day = from_ms(one.period.start).astimezone(zone).date()
    while True:
        start, end = midnight(day, zone), midnight(day + timedelta(days=1), zone)
        if start >= one.period.end:
            return found
        first, last = max(start, one.period.start), min(end, one.period.end)
        if first < last:
            found.append((day, Period(first, last)))
        day += timedelta(days=1)


def midnight(day: date, zone: ZoneInfo) -> int:
    """Return when a day begins in a time zone, in milliseconds of the Unix epoch."""
    local = datetime.combine(day, time(), zone)
    there = local.astimezone(UTC)
    back = there.astimezone(zone)
    if back.replace(tzinfo=None) != local.replace(tzinfo=None):
        # Midnight is skipped. `there` is as far before the gap's end as midnight is behind its beginning, or behind.
        return _first_of(day, there, zone)
    return to_ms(there)


def _first_of(day: date, near: datetime, zone: ZoneInfo) -> int:
    """Return the first moment that a clock shows a day whose midnight it skips."""
    low, high = near - timedelta(days=2), near + timedelta(days=2)
    while high - low > MILLISECOND:
        middle = low + (high - low) / 2
        if middle.astimezone(zone).date() < day:
            low = middle
        else:
            high = middle
    return to_ms(high)


def _rolling(days: int, zone: str, now: datetime) -> Named:
    if not 1 <= days <= LONGEST_DAYS:
        raise ValueError(f"{days}d: between 1 and {LONGEST_DAYS:,} days")
    end = to_ms(now) // 60_000 * 60_000
    return Named(f"{days}d", "rolling", zone, Period(end - days * 86_400_000, end))


def _calendar(unit: Unit, first: date, zone: str) -> Named:
    where = ZoneInfo(zone)
    index = first.year * 12 + first.month - 1 + MONTHS[unit]
    after = date(index // 12, index % 12 + 1, 1)
    text = {
        "month": f"{first:%Y-%m}",
        "quarter": f"{first:%Y}-Q{(first.month + 2) // 3}",
        "year": f"{first:%Y}",
        "biennium": f"{first:%Y}-{first.year + 1:04}",
    }[unit]
    return Named(text, unit, zone, Period(midnight(first, where), midnight(after, where)))


def _first_day(one: Named) -> str:
    year = one.text[:4]
    if one.unit == "month":
        return f"{one.text}-01"
    if one.unit == "quarter":
        return f"{year}-{3 * int(one.text[-1]) - 2:02}-01"
    return f"{year}-01-01"
