"""Time series: which there are, and their numbers."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Final

from aiohttp import web

from noc.api import _query as query
from noc.api._csv import Cell, Table, Tabular
from noc.api._endpoint import PAGING, Endpoint, Parameter
from noc.api._pages import page
from noc.api._seriesasked import NUMBERS, check_known, few_enough, interval_of, owner, refusals, series_query, steps_in
from noc.api._shapes import Listing, Moment, Shape
from noc.availability.times import format_time, from_datetime
from noc.http.sources import Sources
from noc.inventory.inventory import Inventory
from noc.model.completeness import completeness, expected_steps
from noc.model.series import WHOLE, Aggregate, Resolution, Series, SeriesName, SeriesQuery
from noc.model.series import SeriesAnswer as Answer

DEVICE: Final = Parameter("device", "Id of the device; or `endpoint/…`, `service/…`.", required=True)


COUNTED_FROM: Final = 10_000
"""Numbers that one interface, say, may have in an answer; from there on series are counted before they are read."""


class SeriesNameItem(Shape):
    """A series that the store holds."""

    measurement: str
    tags: dict[str, str]
    fields: list[str]


class SeriesItem(Shape):
    """The numbers of one field of one series, in order of time. A gap isn't there: no time, no number."""

    measurement: str
    tags: dict[str, str]
    field: str
    aggregate: Aggregate | None
    """null: the numbers as they were stored."""
    interval_s: float | None
    """Seconds from one number to the next as its check makes them; null where it isn't known."""
    expected: int | None
    """How many numbers it would have if nothing were missing; null where nobody knows."""
    complete: float | None
    """The share of these that it has, 0 to 1."""
    times_ms: list[int]
    """Milliseconds of the Unix epoch: of the number itself, or the beginning of its step."""
    values: list[float]
    """As many; docs/reference/series.md gives the unit."""


class SeriesAnswer(Tabular):
    """Numbers of the time from `from` up to, and without, `to`."""

    start: Moment
    end: Moment
    step_s: float | None
    """Seconds of a step, as asked, or longer where only a roll-up is left; null: the numbers as they were stored."""
    resolution: Resolution
    """What they were worked out from: numbers as they were stored, or roll-ups."""
    items: list[SeriesItem]

    def table(self) -> Table:
        """Return a row for each number."""
        keys = sorted({key for item in self.items for key in item.tags})
        header = ("time", "measurement", "field", "aggregate", "value", "resolution", "complete", *keys)
        rows: list[tuple[Cell, ...]] = []
        for item in self.items:
            tags = [item.tags.get(key, "") for key in keys]
            what = (item.measurement, item.field, item.aggregate)
            rows += [
                (format_time(at), *what, value, self.resolution, item.complete, *tags)
                for at, value in zip(item.times_ms, item.values, strict=True)
            ]
        return Table(header, rows)


def endpoints(sources: Sources) -> list[Endpoint]:
    """Return the endpoints of series."""

    async def names(request: web.Request) -> Listing[SeriesNameItem]:
        whose = owner(request, sources)
        after, limit = query.cursor(request), query.limit(request)
        known = {_place(name): name for name in await sources.series.names({"device": whose})}
        keys = sorted(known)
        shown, more = page(keys, after, limit)
        items = [
            SeriesNameItem(
                measurement=known[key].measurement, tags=dict(known[key].tags), fields=list(known[key].fields)
            )
            for key in shown
        ]
        return Listing[SeriesNameItem](items=items, next=more)

    async def numbers(request: web.Request) -> SeriesAnswer:
        return await _numbers(request, sources)

    listing = Listing[SeriesNameItem]
    return [
        Endpoint(
            "GET",
            "/series",
            "Numbers of a device, a site, a region, a class.",
            numbers,
            SeriesAnswer,
            NUMBERS,
            compressed=True,
        ),
        Endpoint("GET", "/series/names", "Which series a device has.", names, listing, (DEVICE, *PAGING)),
    ]


async def _numbers(request: web.Request, sources: Sources) -> SeriesAnswer:
    asked = series_query(request, sources)
    names = await _counted(asked, sources)
    with refusals():
        answer = await sources.series.read(asked)
    few_enough(asked, len(answer.series), sum(len(one.values) for one in answer.series))
    missing = [field for field in asked.fields if not any(one.field == field for one in answer.series)]
    if missing:
        known = names if names is not None else await _names(asked, sources)
        check_known(asked.measurement, missing, _fields(known))
    step = asked.stop - asked.start if answer.step == WHOLE else answer.step
    inventory = sources.inventory()
    return SeriesAnswer(
        start=from_datetime(asked.start),
        end=from_datetime(asked.stop),
        step_s=None if step is None else step.total_seconds(),
        resolution=answer.resolution,
        items=[_item(one, asked, answer, sources, inventory) for one in answer.series],
    )


async def _counted(asked: SeriesQuery, sources: Sources) -> tuple[SeriesName, ...] | None:
    """Count the series where they may have many numbers, and refuse too many unread; None where it isn't worth it.

    What a chart asks has few: to list the series of a device takes as long as to read these.
    """
    a_row = len(asked.fields) * len(asked.aggregates) * steps_in(asked)
    if a_row <= COUNTED_FROM:
        return None
    names = await _names(asked, sources)
    series = sum(_matching(name, asked) for name in names) * len(asked.aggregates)
    few_enough(asked, series, series * steps_in(asked))
    return names


async def _names(asked: SeriesQuery, sources: Sources) -> tuple[SeriesName, ...]:
    return await sources.series.names({"device": asked.where["device"]}) if "device" in asked.where else ()


def _item(one: Series, asked: SeriesQuery, answer: Answer, sources: Sources, inventory: Inventory) -> SeriesItem:
    interval = interval_of(inventory, one.measurement, one.tags.get("device", ""))
    expected = expected_steps(asked, answer.step, interval, sources.clock.now())
    return SeriesItem(
        measurement=one.measurement,
        tags=dict(one.tags),
        field=one.field,
        aggregate=one.aggregate,
        interval_s=None if interval is None else interval.total_seconds(),
        expected=expected,
        complete=completeness(len(one.values), expected),
        times_ms=list(one.times_ms),
        values=list(one.values),
    )


def _matching(name: SeriesName, asked: SeriesQuery) -> int:
    """Return how many fields of a series are asked for."""
    carries = all(name.tags.get(tag) == value for tag, value in asked.where.items())
    if name.measurement != asked.measurement or not carries:
        return 0
    return len(set(name.fields) & set(asked.fields))


def _fields(names: tuple[SeriesName, ...]) -> Mapping[str, set[str]]:
    found: dict[str, set[str]] = {}
    for name in names:
        found.setdefault(name.measurement, set()).update(name.fields)
    return found


def _place(name: SeriesName) -> str:
    return json.dumps([name.measurement, sorted(name.tags.items())])
