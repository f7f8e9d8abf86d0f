"""What a chunk file holds: a day, or a month of roll-ups. Each has a number, which goes up by one. Pure."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Final, Literal

from noc.model.instants import EPOCH, from_ms, to_ms
from noc.store._rows import DAY_MS

_MONTHS: Final = 12
_NAMES: Final = {"day": re.compile(r"(\d{4})-(\d\d)-(\d\d)\Z"), "month": re.compile(r"(\d{4})-(\d\d)()\Z")}


@dataclass(frozen=True, slots=True)
class Period:
    """Days or months, UTC."""

    length: Literal["day", "month"]

    def number(self, time_ms: int) -> int:
        """Return the number of the period that a time lies in."""
        if self.length == "day":
            return time_ms // DAY_MS
        at = from_ms(time_ms)
        return (at.year - EPOCH.year) * _MONTHS + at.month - 1

    def begin_ms(self, number: int) -> int:
        """Return the beginning of a period."""
        return number * DAY_MS if self.length == "day" else to_ms(_month(number))

    def name(self, number: int) -> str:
        """Return what its file is called."""
        if self.length == "day":
            return f"{EPOCH + timedelta(days=number):%Y-%m-%d}"
        return f"{_month(number):%Y-%m}"

    def named(self, name: str) -> int | None:
        """Return the number of the period whose file is called so; None where there is none."""
        match = _NAMES[self.length].match(name)
        if match is None:
            return None
        try:
            begin = datetime(int(match[1]), int(match[2]), int(match[3] or 1), tzinfo=UTC)
        except ValueError:
            return None
        return self.number(to_ms(begin))


def _month(number: int) -> datetime:
    year, month = divmod(number, _MONTHS)
    return datetime(EPOCH.year + year, month + 1, 1, tzinfo=UTC)


DAY: Final = Period("day")
MONTH: Final = Period("month")
