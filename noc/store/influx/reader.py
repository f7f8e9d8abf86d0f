"""Reading InfluxDB by InfluxQL: from raw numbers, or from roll-ups with the newest raw numbers behind them."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import Final, TypeVar, get_args

import numpy as np

from noc.clock import Clock
from noc.model.instants import length_ms
from noc.model.series import (
    BILLED,
    WIDTHS,
    Latest,
    LatestQuery,
    Ranked,
    Resolution,
    Series,
    SeriesAnswer,
    SeriesName,
    SeriesQuery,
    TopAnswer,
    TopQuery,
)
from noc.store._answers import few_enough, ranked, stepped, top_by_reading, whole_range
from noc.store._choice import resolution_for, step_from
from noc.store._retention import Retention
from noc.store._rows import asked_of_place, ceil_ms
from noc.store._steps import Rollup, Steps, from_rollup, steps_of
from noc.store.influx import influxql
from noc.store.influx.access import Place
from noc.store.influx.choice import RolledRange, reach
from noc.store.influx.fields import fields_of, ordered
from noc.store.influx.influxql import Column, Found, Function, Row, Source
from noc.store.influx.listing import Listing
from noc.store.influx.rolled import Pieces
from noc.store.influx.server import Server
from noc.store.influx.settings import Dialect
from noc.store.influx.toplist import top_list

LISTS: Final[frozenset[Dialect]] = frozenset({"v1", "v2"})
"""Whose InfluxQL is known to make lists of the highest out of a query within a query; of 3 Core nobody has tried."""

_FUNCTIONS: Final[frozenset[Function]] = frozenset(get_args(Function))
_BILLED_MS: Final = length_ms(BILLED)

T = TypeVar("T")


class InfluxReader:
    """Reads one database. keeping: how long numbers are there; rolled: tells which time is rolled up."""

    def __init__(
        self, server: Server, clock: Clock, keeping: Retention, rolled: Callable[[], RolledRange] = RolledRange
    ) -> None:
        self._server = server
        self._clock = clock
        self._keeping = keeping
        self._rolled = rolled
        self._listing = Listing(server, clock)

    async def read(self, query: SeriesQuery) -> SeriesAnswer:
        """Return what a query finds. Raises StoreError, TooManySeriesError, UsageError."""
        steps_of(query)  # may refuse
        fields = fields_of(query)
        resolution = self._resolution(query)
        step = step_from(query, resolution)
        steps = steps_of(replace(query, step=step))
        if resolution == "raw" or steps is None:
            found = await self._raw(query, fields, steps)
        else:
            found = await self._from_rollups(query, fields, resolution, steps)
        return SeriesAnswer(ordered(query, found), resolution, step)

    def _resolution(self, query: SeriesQuery) -> Resolution:
        now = self._clock.now()
        return resolution_for(query, reach(self._keeping, self._rolled(), now), now)

    async def _raw(self, query: SeriesQuery, fields: Sequence[str], steps: Steps | None) -> list[Series]:
        if steps is None:
            return [
                Series(query.measurement, one.tags, fields[one.column], one.times_ms, one.values)
                for one in await self._columns(query, [Column(name) for name in fields], query.at_most)
            ]
        found: list[Series] = []
        own = [name for name in query.aggregates if name in _FUNCTIONS]
        if own:
            found += await self._in_steps(query, fields, steps, own)
        if "p95" in query.aggregates:
            found += await self._billed(query, fields, steps)
        if "rate" in query.aggregates:
            columns = [Column(name) for name in fields]
            stored = [
                Series(query.measurement, one.tags, fields[one.column], one.times_ms, one.values)
                for one in await self._columns(query, columns, query.at_most)
            ]
            found += [one for one in stepped(query, steps, stored) if one.aggregate == "rate"]
        return found

    async def _in_steps(
        self, query: SeriesQuery, fields: Sequence[str], steps: Steps, functions: Sequence[Function]
    ) -> list[Series]:
        columns = [Column(name, function) for name in fields for function in functions]
        found = []
        for one in await self._columns(query, columns, query.at_most * len(functions), steps.length):
            column = columns[one.column]
            times_ms = one.times_ms if steps.length is not None else (steps.start,)
            values = one.values
            if column.function == "count":  # InfluxQL counts 0 where another column of the row has numbers
                pairs = [(at, value) for at, value in zip(times_ms, values, strict=True) if value]
                if not pairs:
                    continue
                times_ms, values = zip(*pairs, strict=True)
            found.append(Series(query.measurement, one.tags, column.field, times_ms, values, column.function))
        return found

    async def _billed(self, query: SeriesQuery, fields: Sequence[str], steps: Steps) -> list[Series]:
        """Return the 95th percentiles: InfluxQL's own rounds ranks down, so that it tells the means alone."""
        columns = [Column(name, "mean") for name in fields]
        found = []
        for one in await self._columns(query, columns, query.at_most, _BILLED_MS):
            means = Rollup(BILLED, np.array(one.times_ms, np.int64), {"mean": np.array(one.values)})
            begins, values = from_rollup(means, steps, "p95")
            times_ms = tuple(begins.tolist())
            found.append(
                Series(query.measurement, one.tags, fields[one.column], times_ms, tuple(values.tolist()), "p95")
            )
        return found

    async def _from_rollups(
        self,
        query: SeriesQuery,
        fields: Sequence[str],
        resolution: Resolution,
        steps: Steps,
    ) -> list[Series]:
        """Return what roll-ups tell up to where they go, and behind that raw numbers, rolled up here."""
        width_ms = length_ms(WIDTHS[resolution])
        start_ms = ceil_ms(query.start) // width_ms * width_ms
        stop_ms = ceil_ms(query.stop)
        until_ms = min(max(self._rolled().until_ms // width_ms * width_ms, start_ms), stop_ms)
        pieces = Pieces(WIDTHS[resolution], fields, query.aggregates)
        head = Source(query.measurement, query.where, start_ms, until_ms)
        tail = Source(query.measurement, query.where, until_ms, stop_ms)
        place = self._server.access.rolled[resolution]
        older, newer = await asyncio.gather(
            self._select(head, pieces.columns, None, place), self._select(tail, [Column(name) for name in fields])
        )
        pieces.add_rolled(older)
        pieces.add_raw(newer)
        few_enough(len(pieces), query.at_most)
        return await asyncio.to_thread(lambda: list(pieces.series(query.measurement, steps)))

    async def _columns(
        self, query: SeriesQuery, columns: Sequence[Column], at_most: int, step_ms: int | None = None
    ) -> list[Found]:
        source = Source(query.measurement, query.where, ceil_ms(query.start), ceil_ms(query.stop))
        found = await self._select(source, columns, step_ms)
        few_enough(len(found), at_most)
        return found

    async def _select(
        self, source: Source, columns: Sequence[Column], step_ms: int | None = None, place: Place | None = None
    ) -> list[Found]:
        statement = influxql.select(source, columns, step_ms)
        if statement is None:
            return []
        rows = await self._server.query(statement, place=place)
        return await self._server.understood(lambda: list(influxql.columns_of(rows, source, columns)))

    async def names(self, where: Mapping[str, str]) -> tuple[SeriesName, ...]:
        """Return the series that carry these tags, of 3 Core only those with a number in the last three days."""
        return await self._listing.names(where)

    async def top(self, query: TopQuery) -> TopAnswer:
        """Return the series with the highest numbers. Raises StoreError, UsageError."""
        asked = whole_range(query)
        function = next((name for name in get_args(Function) if name == query.aggregate), None)
        if function is None or self._resolution(asked) != "raw":
            return await top_by_reading(self, query)
        source = Source(query.measurement, query.where, ceil_ms(query.start), ceil_ms(query.stop))
        columns = [Column(name, function) for name in fields_of(asked)]
        answer = await self._list(source, columns, query)
        if answer is not None:
            return answer
        # One by one, without the order that `read` would bring into all of them.
        found = await self._select(source, columns)
        return ranked((Ranked(one.tags, one.values[0]) for one in found), query)

    async def _list(self, source: Source, columns: Sequence[Column], query: TopQuery) -> TopAnswer | None:
        """Return the server's own list of the highest; None where it has none that tells."""
        if self._server.access.dialect not in LISTS or not columns:
            return None
        try:
            return await top_list(self._server, source, columns[0], query)
        except ValueError as error:
            raise self._server.not_understood(error) from error

    async def latest(self, query: LatestQuery) -> tuple[Latest, ...]:
        """Return last numbers. Raises StoreError, TooManySeriesError, UsageError."""
        asked_of_place(query.where)
        condition = influxql.carries(query.where)
        period = ceil_ms(query.since), ceil_ms(query.until)
        if condition is None or period[0] >= period[1]:
            return ()
        last, rows = await asyncio.gather(
            self._server.query(influxql.select_last(condition, period, query.measurements)),
            self._server.query(influxql.select_last_rows(condition, period, query.measurements)),
        )
        found = {_key(row, field): (at, value) for row in rows for field, at, value in influxql.numbers_of(row)}
        missing: dict[tuple[str, str], None] = {}
        for row in last:
            for column, _, _ in influxql.numbers_of(row):
                field = column.removeprefix(influxql.LAST_PREFIX)
                if _key(row, field) not in found:
                    missing[row.name, field] = None
        few_enough(len(found) + len(missing), query.at_most)
        for measurement, field in missing:  # not in the last row of a series: few, such as rates after a restart
            source = Source(measurement, query.where, *period)
            for one in await self._select(source, [Column(field, "last")]):
                found.setdefault((measurement, tuple(one.tags.items()), field), (one.times_ms[-1], one.values[-1]))
        few_enough(len(found), query.at_most)
        return tuple(
            Latest(measurement, dict(tags), field, at, value)
            for (measurement, tags, field), (at, value) in sorted(found.items())
        )


def _key(row: Row, field: str) -> tuple[str, tuple[tuple[str, str], ...], str]:
    return (*influxql.key_of(row), field)
