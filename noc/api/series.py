"""Time series of a device: which there are, and their numbers."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import Final, get_args

from aiohttp import web

from noc.api import _query as query
from noc.api._endpoint import PAGING, Endpoint, Parameter, one_of, time_parameter
from noc.api._pages import page
from noc.api._shapes import Listing, Moment, Shape
from noc.api.devices import visible_device
from noc.availability.times import from_datetime, to_datetime
from noc.http.problems import bad_request
from noc.http.scope import scope
from noc.http.sources import Sources
from noc.inventory.endpoints import Endpoint as AskedEndpoint
from noc.inventory.entities import Service
from noc.model.instants import length_ms
from noc.model.series import Aggregate, SeriesName, SeriesQuery
from noc.settings.schema import format_duration

AGGREGATES: Final[tuple[Aggregate, ...]] = get_args(Aggregate)
POINTS_AT_MOST: Final = 100_000
"""Numbers of one answer."""

FIELDS_AT_MOST: Final = 20
RAW_AT_MOST: Final = timedelta(hours=24)
"""The longest time of which numbers are given as they were stored."""

BY_DEFAULT: Final = timedelta(hours=6)
TAG: Final = "tag."
STEPS: Final = tuple(timedelta(minutes=minutes) for minutes in (1, 5, 15, 30, 60, 180, 360, 720, 1440, 10080))


class SeriesNameItem(Shape):
    """A series that the store holds."""

    measurement: str
    tags: dict[str, str]
    fields: list[str]


class SeriesItem(Shape):
    """The numbers of one field of one series, in order of time."""

    measurement: str
    tags: dict[str, str]
    field: str
    times_ms: list[int]
    """Milliseconds of the Unix epoch: of the number itself, or the beginning of its step."""
    values: list[float]
    """As many; docs/reference/series.md gives the unit."""


class SeriesAnswer(Shape):
    """Numbers of the time from `from` up to, and without, `to`."""

    start: Moment
    end: Moment
    step_s: float | None
    """Seconds of a step; null: the numbers as they were stored."""
    items: list[SeriesItem]


DEVICE = Parameter("device", "Id of the device; or `endpoint/…`, `service/…`.", required=True)

NUMBERS = (
    DEVICE,
    Parameter("measurement", "Such as interface; `/series/names` lists them.", required=True),
    Parameter("field", f"Such as in_bps; at most {FIELDS_AT_MOST}.", required=True, repeated=True),
    Parameter(TAG, "Only series with this value of a tag.", open_ended=True),
    time_parameter("from", "Beginning; default now-6h."),
    time_parameter("to", "End; default now."),
    Parameter("step", "One number for each step: 5m, 1h. Without, the numbers as stored, of 24 h at most."),
    one_of("aggregate", "How the numbers of a step become one; default mean.", AGGREGATES),
)


def endpoints(sources: Sources) -> list[Endpoint]:
    """Return the endpoints of series."""

    async def names(request: web.Request) -> Listing[SeriesNameItem]:
        owner = _owner(request, sources)
        after, limit = query.cursor(request), query.limit(request)
        known = {_place(name): name for name in await sources.series.names({"device": owner})}
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
        Endpoint("GET", "/series", "Numbers of a device, an end point or a service.", numbers, SeriesAnswer, NUMBERS),
        Endpoint("GET", "/series/names", "Which series one of these has.", names, listing, (DEVICE, *PAGING)),
    ]


async def _numbers(request: web.Request, sources: Sources) -> SeriesAnswer:
    asked = _asked(request, sources)
    names = await sources.series.names({"device": asked.where["device"]})
    series = sum(_matching(name, asked) for name in names)
    _few_enough(asked, series, series * _steps(asked))
    found = (await sources.series.read(asked)).series
    _few_enough(asked, len(found), sum(len(one.values) for one in found))
    return SeriesAnswer(
        start=from_datetime(asked.start),
        end=from_datetime(asked.stop),
        step_s=None if asked.step is None else asked.step.total_seconds(),
        items=[
            SeriesItem(
                measurement=one.measurement,
                tags=dict(one.tags),
                field=one.field,
                times_ms=list(one.times_ms),
                values=list(one.values),
            )
            for one in found
        ],
    )


def _owner(request: web.Request, sources: Sources) -> str:
    """Return whose series are asked for: a device's id, or the entity of an end point or a service."""
    inventory, seen, given = sources.inventory(), scope(request), query.required(request, "device")
    if isinstance(inventory.entity(given), AskedEndpoint | Service) and seen.sees(inventory, given):
        return given
    return visible_device(inventory, seen, given).id


def _asked(request: web.Request, sources: Sources) -> SeriesQuery:
    owner = _owner(request, sources)
    fields = tuple(dict.fromkeys(query.many(request, "field", FIELDS_AT_MOST)))
    if not fields:
        raise bad_request("/query/field", "is missing; `/series/names` lists the fields")
    end_ms = query.time(request, "to", sources.clock)
    end_ms = query.now_ms(sources.clock) if end_ms is None else end_ms
    start_ms = query.time(request, "from", sources.clock)
    start_ms = end_ms - length_ms(BY_DEFAULT) if start_ms is None else start_ms
    if start_ms >= end_ms:
        raise bad_request("/query/from", "must be before `to`")
    length = timedelta(milliseconds=end_ms - start_ms)
    step = query.duration(request, "step")
    if step is None and length > RAW_AT_MOST:
        hours = RAW_AT_MOST // timedelta(hours=1)
        raise bad_request("/query/step", f"is needed for more than {hours} h; try step={_rounded_up(length / 1_000)}")
    aggregates = query.words(request, "aggregate", AGGREGATES) if "aggregate" in request.query else AGGREGATES[:1]
    if len(aggregates) > 1:
        raise bad_request("/query/aggregate", "is given more than once")
    tags = {name.removeprefix(TAG): _tag(request, name) for name in request.query if name.startswith(TAG)}
    return SeriesQuery(
        measurement=query.required(request, "measurement"),
        fields=fields,
        where={**tags, "device": owner},
        start=to_datetime(start_ms),
        stop=to_datetime(end_ms),
        step=step,
        aggregates=tuple(aggregates),
    )


def _tag(request: web.Request, name: str) -> str:
    value = query.required(request, name)
    if not (name + value).isprintable() or "\\" in name + value:
        raise bad_request(f"/query/{name[:60]}", "holds a character that no tag has: stores make / of \\")
    return value


def _matching(name: SeriesName, asked: SeriesQuery) -> int:
    """Return how many fields of a series are asked for."""
    carries = all(name.tags.get(tag) == value for tag, value in asked.where.items())
    if name.measurement != asked.measurement or not carries:
        return 0
    return len(set(name.fields) & set(asked.fields))


def _steps(asked: SeriesQuery) -> int:
    """Return how many numbers a series may have; 0 where nobody knows before it is read."""
    return 0 if asked.step is None else (asked.stop - asked.start) // asked.step + 2


def _few_enough(asked: SeriesQuery, series: int, points: int) -> None:
    if points > POINTS_AT_MOST:
        room = max(POINTS_AT_MOST // series - 2, 1)  # a series has a step more at either end
        step = (asked.stop - asked.start) / room
        raise bad_request(
            "/query/step",
            f"{points} numbers are more than the {POINTS_AT_MOST} of one answer; raise step, to {_rounded_up(step)} or "
            "more, or narrow the query with tag.NAME=… or a shorter time",
        )


def _rounded_up(step: timedelta) -> str:
    return format_duration(next((usual for usual in STEPS if usual >= step), STEPS[-1]))


def _place(name: SeriesName) -> str:
    return json.dumps([name.measurement, sorted(name.tags.items())])
