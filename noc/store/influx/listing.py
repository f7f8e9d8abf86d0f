"""Which series a database of InfluxDB has, and their fields: asked by InfluxQL of as few shards as tell.

`last(*)` looks into each field of each series in each shard of a week: over a month of a router with 48 interfaces it
costs five times what it costs over some hours, over two years fifty times. So the last hours are asked, and further
back goes only what the server's index knows beyond that.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from datetime import timedelta
from functools import partial
from typing import Final, TypeVar

from noc.clock import Clock
from noc.model.instants import to_ms
from noc.model.series import SeriesName
from noc.store._rows import asked_of_place
from noc.store.influx import influxql
from noc.store.influx.influxql import Column, Key, Row, Source
from noc.store.influx.server import Server

LATELY: Final = timedelta(hours=2)
"""Some polls of everything: longer is dearer where it begins in another week's shard."""

AHEAD: Final = timedelta(days=1)
"""Clocks of devices and servers differ."""

MONTH: Final = timedelta(days=30)
FILES_LAST: Final = timedelta(days=3)
"""Of 3 Core, which opens so many files at most, and has no list of its series."""

NAMED_AT_MOST: Final = 20
"""Series that a statement names one by one; of more, their measurements are asked."""

FIELDS_AT_MOST: Final = 60
"""Fields that a statement names one by one."""

_Known = dict[Key, set[str]]

T = TypeVar("T")


class Listing:
    """Lists series. It keeps nothing."""

    def __init__(self, server: Server, clock: Clock) -> None:
        self._server = server
        self._clock = clock

    async def names(self, where: Mapping[str, str]) -> tuple[SeriesName, ...]:
        """Return the series that carry these tags, with the fields that had a number in the last 30 days.

        Of a series that had none then: with all. Of 3 Core: those that had a number in the last three days. Raises
        StoreError.
        """
        asked_of_place(where)
        condition = influxql.carries(where)
        if condition is None:
            return ()
        if self._server.access.dialect == "v3":
            known = await self._last(condition, FILES_LAST)
        else:
            known = await self._by_the_index(where, condition)
        names = (SeriesName(name, dict(tags), tuple(sorted(held))) for (name, tags), held in known.items() if held)
        return tuple(sorted(names, key=lambda name: (name.measurement, sorted(name.tags.items()))))

    async def _by_the_index(self, where: Mapping[str, str], condition: str) -> _Known:
        known, keys, numbers = await asyncio.gather(
            self._last(condition, LATELY),
            self._read(influxql.show_series(condition), influxql.keys_of),
            self._read(influxql.SHOW_FIELDS, influxql.fields_of),
        )
        whole: set[Key] = set()
        for period in (MONTH, None):
            absent = [key for key in keys if key not in known]
            if absent:
                older = await self._last_of(absent, condition, period)
                whole |= older.keys()
                known = older | known if period is None else known | older
        missing = {name: _missing(known, whole, name, fields) for name, fields in dict(numbers).items()}
        await asyncio.gather(*(self._add(known, where, name, some) for name, some in missing.items() if some))
        return known

    async def _add(self, known: _Known, where: Mapping[str, str], measurement: str, missing: Collection[str]) -> None:
        """Add which series had a number in a field within a month."""
        source = Source(measurement, where, *self._period(MONTH))
        fields = sorted(missing)
        for begin in range(0, len(fields), FIELDS_AT_MOST):
            columns = [Column(name, "last") for name in fields[begin : begin + FIELDS_AT_MOST]]
            statement = influxql.select(source, columns)
            if statement is None:
                return
            found = await self._read(statement, partial(influxql.columns_of, source=source, columns=columns))
            for one in found:
                known.setdefault((measurement, tuple(one.tags.items())), set()).add(columns[one.column].field)

    async def _last_of(self, absent: Sequence[Key], condition: str, period: timedelta | None) -> _Known:
        """Return what a longer time, or all that there is, knows of some series, and maybe of others like them."""
        alone = [carried for _, tags in absent if (carried := influxql.carries(dict(tags))) is not None]
        if len(absent) <= NAMED_AT_MOST and alone:
            condition = f"({' OR '.join(f'({one})' for one in alone)})"
        return await self._last(condition, period, sorted({name for name, _ in absent}))

    async def _last(self, condition: str, period: timedelta | None, measurements: Sequence[str] = ()) -> _Known:
        reach = None if period is None else self._period(period)
        return dict(await self._read(influxql.select_last(condition, reach, measurements), influxql.numbers_held))

    def _period(self, length: timedelta) -> tuple[int, int]:
        now = self._clock.now()
        return to_ms(now - length), to_ms(now + AHEAD)

    async def _read(self, statement: str, read: Callable[[list[Row]], Iterable[T]]) -> list[T]:
        rows = await self._server.query(statement)
        return await self._server.understood(lambda: list(read(rows)))


def _missing(known: _Known, whole: Collection[Key], measurement: str, numbers: Collection[str]) -> set[str]:
    """Return the fields of a measurement that some series, of which the last hours alone are known, has not shown."""
    held = [fields for key, fields in known.items() if key[0] == measurement and key not in whole]
    return set(numbers).difference(set[str].intersection(*held)) if held else set()
