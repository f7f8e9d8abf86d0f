"""The times that figures are given for, as an address names them: `2026-11`, `24h`, `7d`, `30d`. Pure."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from noc.availability.policy import Period
from noc.http.problems import bad_request
from noc.web.words import ms

ROLLING: Final = {"24h": timedelta(hours=24), "7d": timedelta(days=7), "30d": timedelta(days=30)}
MONTHS_OFFERED: Final = 13

_MONTH: Final = re.compile(r"(20\d\d)-(0[1-9]|1[0-2])\Z")
_MINUTE: Final = timedelta(minutes=1)


@dataclass(frozen=True, slots=True)
class Asked:
    """A period. name: as in the address. so_far: up to now at most. whole: also what is still to come of a month."""

    name: str
    so_far: Period
    whole: Period

    @property
    def is_running(self) -> bool:
        """Return whether some of it is still to come."""
        return self.whole.end > self.so_far.end


def asked(name: str, now: datetime) -> Asked:
    """Return a period by its name; the running month for no name. Raises ProblemError (400) for no such period."""
    minute = now.replace(second=0, microsecond=0)
    if name in ROLLING:
        period = Period(ms(minute - ROLLING[name]), ms(minute))
        return Asked(name, period, period)
    match = _MONTH.match(name or f"{now:%Y-%m}")
    if match is None:
        raise bad_request("/query/period", f"must be a month such as {now:%Y-%m}, or one of {', '.join(ROLLING)}")
    start = now.replace(int(match[1]), int(match[2]), 1, 0, 0, 0, 0)
    if start > now:
        raise bad_request("/query/period", f"{match[0]} is still to come")
    end = (start + timedelta(days=32)).replace(day=1)
    until = max(min(end, minute), start + _MINUTE)
    return Asked(match[0], Period(ms(start), ms(until)), Period(ms(start), ms(end)))


def offered(now: datetime) -> list[str]:
    """Return the names of the months that a page offers, the newest first."""
    months, first = [], now.replace(day=1)
    for _ in range(MONTHS_OFFERED):
        months.append(f"{first:%Y-%m}")
        first = (first - timedelta(days=1)).replace(day=1)
    return months
