"""Answers from numbers that a store has found: series in steps, the highest, the last. Also ways that need only `read`.

`top_by_reading` and `latest_by_reading` are for stores that have no shorter way: they read all that is compared.
"""

from __future__ import annotations

import asyncio
import heapq
from collections.abc import Iterable, Iterator, Mapping
from typing import Final

import numpy as np

from noc.model.errors import TooManySeriesError, UsageError
from noc.model.ports import SeriesReader
from noc.model.series import (
    WHOLE,
    Latest,
    LatestQuery,
    Ranked,
    Resolution,
    Series,
    SeriesQuery,
    TopAnswer,
    TopQuery,
)
from noc.store._rows import asked
from noc.store._steps import Numbers, Steps, Times, aggregated

FLEET_AT_MOST: Final = 2_000_000
"""Series that are compared at most."""


def series_of(
    query: SeriesQuery, steps: Steps | None, tags: Mapping[str, str], field: str, times: Times, values: Numbers
) -> Iterator[Series]:
    """Yield what a query is told of one field of one series, from its numbers as they were stored, not empty."""
    if steps is None:
        yield Series(query.measurement, tags, field, tuple(times.tolist()), tuple(values.tolist()))
        return
    for aggregate in query.aggregates:
        begins, numbers = aggregated(times, values, steps, aggregate)
        if begins.size:
            yield Series(
                query.measurement, tags, field, tuple(begins.tolist()), tuple(numbers.tolist()), aggregate=aggregate
            )


def few_enough(count: int, at_most: int) -> None:
    """Raise TooManySeriesError where more series were found than a query allows."""
    if count > at_most:
        raise TooManySeriesError(at_most)


def whole_range(query: TopQuery) -> SeriesQuery:
    """Return the query for one number of each series that is compared."""
    if query.count < 1:
        raise UsageError(f"a list of {query.count} is none; ask for one or more")
    return SeriesQuery(
        query.measurement,
        (query.field,),
        query.where,
        query.start,
        query.stop,
        WHOLE,
        (query.aggregate,),
        FLEET_AT_MOST,
    )


def ranked(numbers: Iterable[Ranked], query: TopQuery, resolution: Resolution = "raw") -> TopAnswer:
    """Return the answer from the number of every series that is compared."""
    everyone = list(numbers)
    sign = -1 if query.order == "highest" else 1
    best = heapq.nsmallest(query.count, (sign * one.value for one in everyone))
    # Tags are looked at where numbers are good enough alone: there may be a million series.
    good = [one for one in everyone if sign * one.value <= best[-1]]
    good.sort(key=lambda one: (sign * one.value, asked(one.tags)))
    return TopAnswer(tuple(good[: query.count]), len(everyone), resolution)


async def top_by_reading(reader: SeriesReader, query: TopQuery) -> TopAnswer:
    """Answer a TopQuery with one number of each series of the fleet."""
    answer = await reader.read(whole_range(query))
    numbers = (Ranked(one.tags, one.values[0]) for one in answer.series)
    return await asyncio.to_thread(ranked, numbers, query, answer.resolution)


async def latest_by_reading(reader: SeriesReader, query: LatestQuery) -> tuple[Latest, ...]:
    """Answer a LatestQuery with all numbers since then. Raises TooManySeriesError, UsageError."""
    fields: dict[str, set[str]] = {}
    for name in await reader.names(query.where):
        if not query.measurements or name.measurement in query.measurements:
            fields.setdefault(name.measurement, set()).update(name.fields)
    found: list[Latest] = []
    for measurement in sorted(fields):
        wanted = tuple(sorted(fields[measurement]))
        asked_for = SeriesQuery(measurement, wanted, query.where, query.since, query.until, at_most=query.at_most)
        answer = await reader.read(asked_for)
        found += [
            Latest(one.measurement, one.tags, one.field, one.times_ms[-1], one.values[-1]) for one in answer.series
        ]
        few_enough(len(found), query.at_most)
    return tuple(found)


def stepped(query: SeriesQuery, steps: Steps, stored: Iterable[Series]) -> tuple[Series, ...]:
    """Return the answer in steps from numbers as they were stored, for what a server has no words for."""
    return tuple(
        part
        for one in stored
        for part in series_of(
            query, steps, one.tags, one.field, np.array(one.times_ms, np.int64), np.array(one.values, np.float64)
        )
    )
