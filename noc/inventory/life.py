"""How old devices are against how long they are of use. Pure.

Past its useful life is a device from the day on which the years of its class, or its own, are over since it was
installed; and after the last day on which its maker mends it. Where neither can be told, its state is unknown.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from fractions import Fraction
from typing import Final, Literal, get_args

from noc.inventory.entities import Device
from noc.inventory.layers import DEVICE_CLASSES

LifeState = Literal["past", "within", "unknown"]

Band = Literal["long-past", "past", "year", "three-years", "more", "unknown"]
"""How much useful life is left: over for three years or more, over, a year at most, three years at most, more."""

BANDS: Final[tuple[Band, ...]] = get_args(Band)
OVER: Final[tuple[Band, ...]] = ("long-past", "past")

_YEAR_DAYS: Final = 365
_THREE_YEARS_DAYS: Final = 1_096


@dataclass(frozen=True, slots=True)
class Life:
    """What can be told of a device's age. ends: the first day past its useful life; None where nobody can tell."""

    device: Device
    state: LifeState
    ends: date | None
    end_of_support: date | None

    @property
    def over(self) -> date | None:
        """Return the first day on which it is past its useful life, or mended no more; None where nobody can tell."""
        mended_no_more = None
        if self.end_of_support is not None and self.end_of_support < date.max:
            mended_no_more = self.end_of_support + timedelta(days=1)
        return min((day for day in (self.ends, mended_no_more) if day is not None), default=None)

    def left_days(self, today: date) -> int | None:
        """Return how many days it is still of use; 0 or less where that is over."""
        return None if self.over is None else (self.over - today).days

    def band(self, today: date) -> Band:
        """Return how much useful life is left, in words."""
        left = self.left_days(today)
        if left is None:
            return "unknown"
        if left <= 0:
            return "long-past" if left <= -_THREE_YEARS_DAYS else "past"
        return "year" if left <= _YEAR_DAYS else "three-years" if left <= _THREE_YEARS_DAYS else "more"


@dataclass(frozen=True, slots=True)
class ClassLife:
    """The devices of a class, or of all. past_pct: of all of them, those whose age nobody knows counted as within."""

    device_class: str
    devices: int
    past: int
    within: int
    unknown: int

    @property
    def past_pct(self) -> Fraction | None:
        """Return the least share that is past; None without devices."""
        return Fraction(100 * self.past, self.devices) if self.devices else None

    @property
    def past_at_most_pct(self) -> Fraction | None:
        """Return the share, those whose age nobody knows counted as past."""
        return Fraction(100 * (self.past + self.unknown), self.devices) if self.devices else None


def life_of(device: Device, today: date) -> Life:
    """Return how a device stands on a day."""
    ends = _years_after(device.installed, device.watch.useful_life)
    support = device.end_of_support
    if (ends is not None and today >= ends) or (support is not None and today > support):
        return Life(device, "past", ends, support)
    return Life(device, "unknown" if ends is None and support is None else "within", ends, support)


def by_class(lives: Iterable[Life]) -> list[ClassLife]:
    """Return a row for each class that has devices, in the order in which the classes are written down."""
    counts = {name: {"past": 0, "within": 0, "unknown": 0} for name in DEVICE_CLASSES}
    for life in lives:
        counts[life.device.device_class][life.state] += 1
    rows = [ClassLife(name, sum(count.values()), **count) for name, count in counts.items()]
    return [row for row in rows if row.devices]


def total(rows: Iterable[ClassLife]) -> ClassLife:
    """Return all classes together."""
    held = list(rows)
    return ClassLife(
        "all",
        sum(row.devices for row in held),
        sum(row.past for row in held),
        sum(row.within for row in held),
        sum(row.unknown for row in held),
    )


def _years_after(day: date | None, years: int | None) -> date | None:
    if day is None or years is None or day.year + years > date.max.year:
        return None
    try:
        return day.replace(year=day.year + years)
    except ValueError:  # the 29th of February, of a year that has none
        return date(day.year + years, 3, 1)
