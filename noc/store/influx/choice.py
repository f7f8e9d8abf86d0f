"""Which resolution answers a query: the numbers as they were stored, or roll-ups. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from noc.model.instants import length_ms, to_ms
from noc.model.series import WHOLE, WIDTHS, Resolution, SeriesQuery
from noc.store._retention import Retention
from noc.store._rollup import Resolution as Rolled

LONG: Final[dict[Rolled, timedelta]] = {"5m": timedelta(days=2), "1h": timedelta(days=10)}
"""A range from which on roll-ups are shorter to read, where the steps that are asked for are made of them."""


@dataclass(frozen=True, slots=True)
class RolledRange:
    """Which time is rolled up, milliseconds of the Unix epoch: `[since, until)`; empty where nothing is."""

    since_ms: int = 0
    until_ms: int = 0


def choose(query: SeriesQuery, keeping: Retention, rolled: RolledRange, now: datetime) -> Resolution:
    """Return what answers a query.

    Raw numbers where they are still there, unless the range is long and its steps are whole roll-ups.
    """
    made = made_of(keeping)
    if not made or rolled.since_ms >= rolled.until_ms:
        return "raw"
    if query.start < now - keeping.raw and rolled.since_ms < to_ms(now - keeping.raw):
        return _oldest(query, keeping, made, now)
    if query.step is None or to_ms(query.start) < rolled.since_ms:
        return "raw"
    for resolution in reversed(made):
        if query.stop - query.start >= LONG[resolution] and _made_of(query, resolution):
            return resolution
    return "raw"


def made_of(keeping: Retention) -> list[Rolled]:
    """Return the roll-ups that are made, the finer first: those that are kept longer than what they are made of."""
    made: list[Rolled] = []
    if keeping.five_minutes > keeping.raw:
        made.append("5m")
    if keeping.hourly > keeping.raw:
        made.append("1h")
    return made


def _oldest(query: SeriesQuery, keeping: Retention, made: list[Rolled], now: datetime) -> Resolution:
    if "5m" in made and ("1h" not in made or query.start >= now - keeping.five_minutes):
        return "5m"
    return made[-1]


def _made_of(query: SeriesQuery, resolution: Rolled) -> bool:
    """Return whether the steps of a query can be told from roll-ups without loss."""
    width = WIDTHS[resolution]
    if "p95" in query.aggregates and resolution != "5m":
        return False
    if query.step == WHOLE:
        return not length_ms(query.stop - query.start) % length_ms(width) and not to_ms(query.start) % length_ms(width)
    return query.step is not None and not length_ms(query.step) % length_ms(width)
