"""Periods as people ask for them: `from` and `to`, or `period=2026-11`, `24h`, `30d`."""

from __future__ import annotations

import re
from datetime import MAXYEAR, UTC, datetime, timedelta
from fractions import Fraction
from typing import Final

from aiohttp import web

from noc.api import _query as query
from noc.api._endpoint import Parameter, time_parameter
from noc.availability.policy import Period
from noc.availability.times import from_datetime
from noc.clock import Clock
from noc.http.problems import bad_request
from noc.model.instants import length_ms

BY_DEFAULT: Final = "30d"
LONGEST: Final = timedelta(days=3_660)
GRAIN_MS: Final = 10_000
"""A period that ends now ends at a multiple of this, so that all pages of a list are of one period, worked out once."""

_MONTH = re.compile(r"([0-9]{4})-(0[1-9]|1[0-2])\Z")
_YEAR = re.compile(r"[0-9]{4}\Z")
_BACK = re.compile(r"([1-9][0-9]{0,4})([hd])\Z")
_PERCENT = re.compile(r"[0-9]{1,3}(?:\.[0-9]{1,9})?\Z")

PARAMETERS: Final = (
    Parameter("period", f"A month 2026-11, a year 2026, or the time up to now: 24h, 7d; default {BY_DEFAULT}. UTC."),
    time_parameter("from", "Beginning, instead of `period`."),
    time_parameter("to", "End, instead of `period`; default now."),
)

TARGET: Final = Parameter("target", "What is promised, in percent: 99.8. Default: what the settings say.")


def period(request: web.Request, clock: Clock) -> Period:
    """Return the period that a request asks for. Raises ProblemError (400)."""
    word = query.text(request, "period")
    start, end = (query.time(request, name, clock) for name in ("from", "to"))
    if word is not None and (start is not None or end is not None):
        raise bad_request("/query/period", "is given beside from and to; give one of both")
    now_ms = query.now_ms(clock) // GRAIN_MS * GRAIN_MS
    if start is None and end is None:
        return named_period(word or BY_DEFAULT, now_ms)
    if start is None:
        raise bad_request("/query/from", "is missing")
    end = now_ms if end is None else end
    if start >= end:
        raise bad_request("/query/from", "must be before `to`")
    if end - start > length_ms(LONGEST):
        raise bad_request("/query/from", f"the period is longer than {LONGEST.days} days")
    return Period(start, end)


def named_period(word: str, now_ms: int) -> Period:
    """Return the period that `2026-11`, `2026`, `24h` or `30d` mean. Raises ProblemError (400)."""
    month, back = _MONTH.match(word), _BACK.match(word)
    if back is not None:
        length = timedelta(hours=int(back[1])) if back[2] == "h" else timedelta(days=int(back[1]))
        if length <= LONGEST:
            return Period(now_ms - length_ms(length), now_ms)
    elif month is not None and 1 <= int(month[1]) < MAXYEAR:
        year, number = int(month[1]), int(month[2])
        return _between(
            datetime(year, number, 1, tzinfo=UTC), datetime(year + number // 12, number % 12 + 1, 1, tzinfo=UTC)
        )
    elif _YEAR.match(word) and 1 <= int(word) < MAXYEAR:
        return _between(datetime(int(word), 1, 1, tzinfo=UTC), datetime(int(word) + 1, 1, 1, tzinfo=UTC))
    raise bad_request(
        "/query/period", f"'{word[:60]}' is no period; write 2026-11, 2026, 24h or 30d, at most {LONGEST.days} days"
    )


def target(request: web.Request, promised: Fraction | None) -> Fraction | None:
    """Return the target in percent that a request gives, else what is promised."""
    given = query.text(request, "target")
    if given is None:
        return promised
    if _PERCENT.match(given) is None or not 0 < Fraction(given) <= 100:
        raise bad_request("/query/target", "must be a percentage above 0 and up to 100, such as 99.8")
    return Fraction(given)


def _between(start: datetime, end: datetime) -> Period:
    return Period(from_datetime(start), from_datetime(end))
