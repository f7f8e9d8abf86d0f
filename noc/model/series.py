"""What is asked of a store of time series, and what it answers."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from types import MappingProxyType
from typing import Final, Literal

Aggregate = Literal["mean", "min", "max", "last", "count", "p95", "rate"]
"""How the numbers of a step become one.

mean, min, max, last, count: what they say. p95: the 95th percentile of 5-minute means, as transit is billed: the means
in order, the highest 5 % put aside, the highest that is left (nearest rank). rate: of a counter, what it grew by a
second; a pair of numbers counts for the step of the later one, a pair that goes down (a restart) counts for nothing.
"""

Resolution = Literal["raw", "5m", "1h"]
"""What an answer was worked out from: the numbers as they were stored, or roll-ups of five minutes or an hour."""

WIDTHS: Final[Mapping[Resolution, timedelta]] = MappingProxyType({"5m": timedelta(minutes=5), "1h": timedelta(hours=1)})
"""How long the steps of the roll-ups are; they begin at multiples of it since the Unix epoch."""

BILLED: Final = WIDTHS["5m"]
"""The means that `p95` is a percentile of."""

WHOLE: Final = timedelta.max
"""As a step: one number for the whole of the range, at its beginning."""

SERIES_AT_MOST: Final = 20_000


@dataclass(frozen=True, slots=True)
class SeriesQuery:
    """Numbers of one measurement in `[start, stop)`.

    fields: which numbers. where: tags that a series must have, such as `device`, `site`, `region`, `device_class`; none
    means the whole fleet. step: None for the numbers as they were stored; WHOLE for one number; else one number for
    each step that has any, at the step's beginning; steps begin at multiples of it since the Unix epoch. aggregates:
    how a step's numbers become one; each gives a series of its own. at_most: a bound on the series that are found
    (tags × fields); where there are more, the store raises TooManySeriesError rather than leave some out.
    """

    measurement: str
    fields: tuple[str, ...]
    where: Mapping[str, str]
    start: datetime
    stop: datetime
    step: timedelta | None = None
    aggregates: tuple[Aggregate, ...] = ("mean",)
    at_most: int = SERIES_AT_MOST


@dataclass(frozen=True, slots=True)
class Series:
    """The numbers of one field of one series, in order of time. A time or a step without a number isn't there.

    times_ms: milliseconds of the Unix epoch. values: as many; in the unit that docs/reference/series.md gives.
    aggregate: how they came about; None for numbers as they were stored.
    """

    measurement: str
    tags: Mapping[str, str]
    field: str
    times_ms: tuple[int, ...]
    values: tuple[float, ...]
    aggregate: Aggregate | None = None


@dataclass(frozen=True, slots=True)
class SeriesAnswer:
    """What a query found: series sorted by tags, field and the query's order of aggregates; none without a number.

    resolution: what they were worked out from. step: of these numbers; longer than asked where the raw numbers of that
    time are gone and a roll-up stands in for them; None for numbers as they were stored.
    """

    series: tuple[Series, ...]
    resolution: Resolution = "raw"
    step: timedelta | None = None


@dataclass(frozen=True, slots=True)
class TopQuery:
    """The series of a fleet with the highest (or lowest) number over `[start, stop)`.

    field, where: as in a SeriesQuery. aggregate: how a series' numbers become the one that counts. count: how many.
    """

    measurement: str
    field: str
    where: Mapping[str, str]
    start: datetime
    stop: datetime
    aggregate: Aggregate = "mean"
    count: int = 20
    order: Literal["highest", "lowest"] = "highest"


@dataclass(frozen=True, slots=True)
class Ranked:
    """A series of a TopAnswer and its number."""

    tags: Mapping[str, str]
    value: float


@dataclass(frozen=True, slots=True)
class TopAnswer:
    """First comes the highest (or lowest); of equal ones, the first by tags. compared: how many series there were."""

    items: tuple[Ranked, ...]
    compared: int
    resolution: Resolution = "raw"


@dataclass(frozen=True, slots=True)
class LatestQuery:
    """The last number in `[since, until)` of each field of the series with these tags, `site` or `device` among them.

    measurements: which; none means all. at_most: as in a SeriesQuery.
    """

    where: Mapping[str, str]
    since: datetime
    until: datetime
    measurements: tuple[str, ...] = ()
    at_most: int = SERIES_AT_MOST


@dataclass(frozen=True, slots=True)
class Latest:
    """The last number of a field of a series, as it was stored, and its time in milliseconds of the Unix epoch."""

    measurement: str
    tags: Mapping[str, str]
    field: str
    time_ms: int
    value: float


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
