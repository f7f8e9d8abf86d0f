"""The highest of a fleet, found by the server: it sends those alone, where it sent a number of every series before."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator, Sequence
from typing import Final

from noc.model.series import Ranked, TopAnswer, TopQuery
from noc.store._answers import ranked
from noc.store.influx import influxql
from noc.store.influx.influxql import Column, Row, Source
from noc.store.influx.server import Server

_RENAMED: Final = frozenset({"top_1", "bottom_1", f"{influxql.NUMBER}_1"})
"""What the server calls a tag whose name is taken by a column of the list."""


async def top_list(server: Server, source: Source, column: Column, query: TopQuery) -> TopAnswer | None:
    """Return the answer from the server's own list; None where only a look at all series can tell.

    That is where the last place is shared: the server doesn't say which of several it left out; and where a tag is
    called as a column of the list. column: with a function. Raises StoreError; ValueError where the answer is none to
    this.
    """
    list_of = influxql.select_top(source, column, query.count + 1, query.order)
    count_of = influxql.select_count(source, column)
    if list_of is None or count_of is None:
        return ranked((), query)
    found, counted = await asyncio.gather(server.query(list_of), server.query(count_of))
    if any(_RENAMED.intersection(row.columns) for row in found):
        return None
    items = sorted(_items(found), key=lambda one: one.value, reverse=query.order == "highest")
    if len(items) > query.count:
        if items[query.count - 1].value == items[query.count].value:
            return None
        del items[query.count :]
    answer = ranked(items, query)
    return TopAnswer(answer.items, max(_count(counted), len(items)), "raw")


def _items(rows: Sequence[Row]) -> Iterator[Ranked]:
    for row in rows:
        if row.columns[1:2] not in (["top"], ["bottom"]):
            raise ValueError(f"columns {row.columns!r}")
        for values in row.values:
            number = values[1]
            if isinstance(number, int | float):
                named = zip(row.columns[2:], values[2:], strict=True)
                # A series that lacks a tag of others has it empty here.
                tags = {key: value for key, value in named if isinstance(value, str) and value}
                yield Ranked(dict(sorted(tags.items())), float(number))


def _count(rows: Sequence[Row]) -> int:
    return sum(round(value) for row in rows for _, _, value in influxql.numbers_of(row))
