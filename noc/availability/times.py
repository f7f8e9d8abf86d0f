"""Times as whole milliseconds since 1970-01-01T00:00:00Z, from and to ISO 8601 text. Pure."""

from __future__ import annotations

import re
from datetime import date, datetime
from functools import lru_cache
from typing import Final

from noc.model.instants import EPOCH, MILLISECOND, from_ms

SECOND_MS: Final = 1_000
DAY_MS: Final = 86_400_000

_EPOCH_DAY = EPOCH.toordinal()
_FIRST = (1 - _EPOCH_DAY) * DAY_MS
_LAST = (date.max.toordinal() + 1 - _EPOCH_DAY) * DAY_MS - 1

# The form that noc writes; everything else goes the slower way.
_USUAL = re.compile(r"([0-9]{4}-[0-9]{2}-[0-9]{2})T([01][0-9]|2[0-3]):([0-5][0-9]):([0-5][0-9])(?:\.([0-9]{3}))?Z\Z")
_FINER = re.compile(r"[.,][0-9]{3}[0-9]*[1-9]")


def from_datetime(time: datetime) -> int:
    """Return a timezone-aware time as milliseconds. Raises ValueError where it is naive or finer than that."""
    if time.tzinfo is None:
        raise ValueError(f"{time.isoformat()} has no time zone")
    milliseconds, rest = divmod(time - EPOCH, MILLISECOND)
    if rest:
        raise ValueError(f"{time.isoformat()} is finer than a millisecond")
    return milliseconds


def to_datetime(time: int) -> datetime:
    """Return the time in UTC."""
    return from_ms(time)


def parse(text: object) -> int:
    """Return ISO 8601 text with a zone as milliseconds.

    Raises ValueError, with a sentence for an operator, where it is no time, has no zone, is finer than a millisecond
    or lies outside the years 1 to 9999 of UTC.
    """
    usual = _USUAL.match(text) if isinstance(text, str) else None
    if usual is None:
        return _parse_other(text)
    day, hour, minute, second, fraction = usual.groups()
    return _midnight(day) + ((int(hour) * 60 + int(minute)) * 60 + int(second)) * SECOND_MS + int(fraction or 0)


def format_time(time: int) -> str:
    """Return milliseconds as `2026-03-01T00:00:10Z`; with `.500` before the Z where the second isn't whole."""
    days, rest = divmod(time, DAY_MS)
    seconds, fraction = divmod(rest, SECOND_MS)
    minutes, second = divmod(seconds, 60)
    clock = f"{minutes // 60:02}:{minutes % 60:02}:{second:02}"
    return f"{_day(days)}T{clock}.{fraction:03}Z" if fraction else f"{_day(days)}T{clock}Z"


@lru_cache(maxsize=4096)
def _midnight(day: str) -> int:
    try:
        return (date.fromisoformat(day).toordinal() - _EPOCH_DAY) * DAY_MS
    except ValueError as error:
        raise ValueError(f"'{day}' is not a day of the calendar") from error


@lru_cache(maxsize=4096)
def _day(days: int) -> str:
    return date.fromordinal(days + _EPOCH_DAY).isoformat()


def _parse_other(text: object) -> int:
    try:
        time = datetime.fromisoformat(text if isinstance(text, str) else "")
    except ValueError as error:
        raise ValueError(f"{_shown(text)} is not a time; write 2026-03-01T00:00:10Z") from error
    if time.tzinfo is None:
        raise ValueError(f"{_shown(text)} has no zone; write 2026-03-01T00:00:10Z, or with an offset such as +03:00")
    # fromisoformat drops what is finer than a microsecond, so the text itself is asked.
    milliseconds, rest = divmod(time - EPOCH, MILLISECOND)
    if rest or _FINER.search(str(text)):
        raise ValueError(f"{_shown(text)} is finer than a millisecond; times are whole milliseconds")
    if not _FIRST <= milliseconds <= _LAST:
        raise ValueError(f"{_shown(text)} is outside the years 1 to 9999")
    return milliseconds


def _shown(value: object) -> str:
    text = repr(value)
    return text if len(text) <= 60 else f"{text[:57]}…"
