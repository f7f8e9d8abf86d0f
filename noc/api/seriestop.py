"""The series of the fleet with the highest numbers, or the lowest."""

from __future__ import annotations

from datetime import timedelta
from typing import Final, Literal, get_args

from aiohttp import web

from noc.api import _query as query
from noc.api._csv import Table, Tabular
from noc.api._endpoint import Endpoint, Parameter, one_of, time_parameter
from noc.api._seriesasked import AGGREGATES, PLACES, check_known, period, place, refusals
from noc.api._shapes import Moment, Shape
from noc.availability.times import from_datetime, to_datetime
from noc.http.fleet import top_seen
from noc.http.problems import bad_request
from noc.http.scope import scope
from noc.http.sources import Sources
from noc.model.instants import length_ms
from noc.model.series import Aggregate, Resolution, TopQuery

BY_DEFAULT: Final = timedelta(minutes=15)
LONGEST: Final = timedelta(days=31)
COUNT: Final = 20
Order = Literal["highest", "lowest"]
ORDERS: Final[tuple[Order, ...]] = get_args(Order)

TOP: Final = (
    Parameter("measurement", "Such as interface.", required=True),
    Parameter("field", "Such as in_pct.", required=True),
    *PLACES,
    time_parameter("from", "Beginning; default now-15m; at most 31 days before `to`."),
    time_parameter("to", "End; default now."),
    one_of("aggregate", "How the numbers of a series become the one that counts; default mean.", AGGREGATES),
    one_of("order", "Which come first; default highest.", ORDERS),
    Parameter("limit", "How many.", {"type": "integer", "minimum": 1, "maximum": 1000, "default": COUNT}),
)


class TopItem(Shape):
    """A series and its number."""

    rank: int
    tags: dict[str, str]
    value: float


class TopSeries(Tabular):
    """The series with the highest (or lowest) numbers of the time from `start` up to, and without, `end`."""

    start: Moment
    end: Moment
    measurement: str
    field: str
    aggregate: Aggregate
    order: Order
    resolution: Resolution
    """What the numbers were worked out from."""
    compared: int
    """How many series had a number."""
    items: list[TopItem]

    def table(self) -> Table:
        """Return a row for each series."""
        keys = sorted({key for item in self.items for key in item.tags})
        header = ("rank", "value", "measurement", "field", "aggregate", "resolution", *keys)
        what = (self.measurement, self.field, self.aggregate, self.resolution)
        rows = [(item.rank, item.value, *what, *(item.tags.get(key, "") for key in keys)) for item in self.items]
        return Table(header, rows)


def endpoints(sources: Sources) -> list[Endpoint]:
    """Return the endpoint of the highest numbers."""

    async def top(request: web.Request) -> TopSeries:
        asked = _asked(request, sources)
        with refusals():
            answer = await top_seen(sources.series, asked, scope(request))
        if not answer.items:
            check_known(asked.measurement, [asked.field], {})
        return TopSeries(
            start=from_datetime(asked.start),
            end=from_datetime(asked.stop),
            measurement=asked.measurement,
            field=asked.field,
            aggregate=asked.aggregate,
            order=asked.order,
            resolution=answer.resolution,
            compared=answer.compared,
            items=[
                TopItem(rank=rank, tags=dict(one.tags), value=one.value) for rank, one in enumerate(answer.items, 1)
            ],
        )

    return [Endpoint("GET", "/series/top", "The series of the fleet with the highest numbers.", top, TopSeries, TOP)]


def _asked(request: web.Request, sources: Sources) -> TopQuery:
    where = place(request, sources)
    start_ms, end_ms = period(request, sources, BY_DEFAULT)
    if end_ms - start_ms > length_ms(LONGEST):
        raise bad_request("/query/from", f"a list of the first is of {LONGEST.days} days at most")
    return TopQuery(
        measurement=query.required(request, "measurement"),
        field=query.required(request, "field"),
        where=where,
        start=to_datetime(start_ms),
        stop=to_datetime(end_ms),
        aggregate=query.word(request, "aggregate", AGGREGATES),
        count=query.limit(request, COUNT),
        order=query.word(request, "order", ORDERS),
    )
