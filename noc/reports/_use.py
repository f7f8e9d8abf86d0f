"""How much a circuit carried, read from the time series: by day, by week of a long period, and as a whole."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Final

from noc.availability.policy import Period
from noc.inventory.entities import Circuit, CircuitEnd
from noc.model.instants import from_ms, length_ms
from noc.model.ports import SeriesReader
from noc.model.series import WHOLE, Series, SeriesQuery

FIELDS: Final = ("in_bps", "out_bps")
DAY: Final = timedelta(days=1)
WEEK: Final = timedelta(days=7)
DAYS_AT_MOST: Final = 100
"""A trend is made of so many days at most, of weeks in a longer period."""


@dataclass(frozen=True, slots=True)
class Use:
    """95th percentiles of 5-minute means, in bit/s. in_bps, out_bps: of the period, at the end that was read.

    times_ms: beginnings of the whole days, or weeks, inside the period; values: of the busier direction of each.
    """

    in_bps: float | None
    out_bps: float | None
    times_ms: tuple[int, ...]
    values: tuple[float, ...]


async def use_of(circuit: Circuit, reader: SeriesReader, period: Period) -> Use | None:
    """Return how much a circuit carried, seen from its end at the site, or else from the other; None where neither was.

    period: the past alone. Raises StoreError.
    """
    for end in (circuit.a, circuit.z):
        if end is not None:
            found = await _at(end, reader, period)
            if found is not None:
                return found
    return None


async def _at(end: CircuitEnd, reader: SeriesReader, period: Period) -> Use | None:
    step = DAY if period.end - period.start <= DAYS_AT_MOST * length_ms(DAY) else WEEK
    for tag in ("ifName", "ifDescr"):
        where = {"device": end.device, tag: end.interface}
        whole = (await reader.read(_query(where, period, WHOLE))).series
        if whole:
            answer = await reader.read(_query(where, period, step))
            times_ms, values = busier(answer.series, length_ms(answer.step or step), period)
            return Use(_last(whole, "in_bps"), _last(whole, "out_bps"), times_ms, values)
    return None


def _query(where: dict[str, str], period: Period, step: timedelta) -> SeriesQuery:
    return SeriesQuery("interface", FIELDS, where, from_ms(period.start), from_ms(period.end), step, ("p95",))


def busier(found: Iterable[Series], step_ms: int, period: Period) -> tuple[tuple[int, ...], tuple[float, ...]]:
    """Return the greater of both directions in each step that lies in the period as a whole. Pure."""
    most: dict[int, float] = {}
    for series in found:
        for time_ms, value in zip(series.times_ms, series.values, strict=True):
            if time_ms >= period.start and time_ms + step_ms <= period.end:
                most[time_ms] = max(value, most.get(time_ms, value))
    times_ms = tuple(sorted(most))
    return times_ms, tuple(most[time_ms] for time_ms in times_ms)


def _last(found: Sequence[Series], field: str) -> float | None:
    # An interface that got another index has two series: the period's is that of the busier one.
    return max((one.values[-1] for one in found if one.field == field and one.values), default=None)
