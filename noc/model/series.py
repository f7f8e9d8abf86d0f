"""What is asked of a store of time series, and what it answers."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal

Aggregate = Literal["mean", "min", "max", "last"]


@dataclass(frozen=True, slots=True)
class SeriesQuery:
    """Numbers of one measurement in `[start, stop)`.

    fields: which numbers. where: tags that a series must have, always with `device`; further tags narrow it down.
    step: None for the numbers as they were stored; else one number for each step that has any, at the step's
    beginning; steps begin at multiples of it since the Unix epoch. aggregate: how a step's numbers become one.
    """

    measurement: str
    fields: tuple[str, ...]
    where: Mapping[str, str]
    start: datetime
    stop: datetime
    step: timedelta | None = None
    aggregate: Aggregate = "mean"


@dataclass(frozen=True, slots=True)
class Series:
    """The numbers of one field of one series, in order of time.

    times_ms: milliseconds of the Unix epoch. values: as many; in the unit that docs/reference/series.md gives.
    """

    measurement: str
    tags: Mapping[str, str]
    field: str
    times_ms: tuple[int, ...]
    values: tuple[float, ...]


@dataclass(frozen=True, slots=True)
class SeriesName:
    """A series that a store holds, and its fields."""

    measurement: str
    tags: Mapping[str, str]
    fields: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Refusal:
    """Numbers that a store will never take. text: the rows as the store would write them; reason: its own words."""

    text: str
    reason: str
    values: int
