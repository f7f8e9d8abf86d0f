"""The last numbers of a site or of a device, all of them in one call."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import Final

from aiohttp import web

from noc.api import _query as query
from noc.api._csv import Cell, Table, Tabular
from noc.api._endpoint import PAGING, Endpoint, Parameter, path_id, time_parameter
from noc.api._pages import page
from noc.api._seriesasked import RAW_AT_MOST, check_known, refusals
from noc.api._shapes import Moment, Shape
from noc.api.devices import visible_device
from noc.api.sites import visible_site
from noc.availability.times import format_time, to_datetime
from noc.http.problems import bad_request
from noc.http.scope import scope
from noc.http.sources import Sources
from noc.model.instants import MILLISECOND, length_ms
from noc.model.series import Latest, LatestQuery

BY_DEFAULT: Final = timedelta(hours=1)
SERIES_AT_MOST: Final = 200_000
MEASUREMENTS_AT_MOST: Final = 20

ASKED: Final = (
    Parameter("measurement", "Only these, such as interface.", repeated=True),
    time_parameter("since", "Nothing older; default now-1h, at most a day back."),
    *PAGING,
)


class LatestItem(Shape):
    """A series with the last number of each of its fields."""

    measurement: str
    tags: dict[str, str]
    values: dict[str, float]
    """By field; docs/reference/series.md gives the units."""
    times: dict[str, Moment]
    """When each of them was read."""


class LatestAnswer(Tabular):
    """A page of last numbers, sorted by measurement and tags."""

    since: Moment
    items: list[LatestItem]
    next: str | None
    """Give it as `cursor` for the next page; null: this was the last."""

    def more(self) -> str | None:
        """Return the cursor of the next page."""
        return self.next

    def table(self) -> Table:
        """Return a row for each number."""
        keys = sorted({key for item in self.items for key in item.tags})
        rows: list[tuple[Cell, ...]] = []
        for item in self.items:
            tags = [item.tags.get(key, "") for key in keys]
            rows += [
                (format_time(item.times[field]), item.measurement, field, value, *tags)
                for field, value in item.values.items()
            ]
        return Table(("time", "measurement", "field", "value", *keys), rows)


def endpoints(sources: Sources) -> list[Endpoint]:
    """Return the endpoints of last numbers."""

    async def of_site(request: web.Request) -> LatestAnswer:
        site = visible_site(sources.inventory(), scope(request), request.match_info["id"])
        return await _latest(request, sources, {"site": site.id})

    async def of_device(request: web.Request) -> LatestAnswer:
        device = visible_device(sources.inventory(), scope(request), request.match_info["id"])
        return await _latest(request, sources, {"device": device.id})

    site, device = (path_id("site"), *ASKED), (path_id("device"), *ASKED)
    return [
        Endpoint(
            "GET", "/sites/{id}/latest", "The last numbers of all devices of a site.", of_site, LatestAnswer, site
        ),
        Endpoint("GET", "/devices/{id}/latest", "The last numbers of a device.", of_device, LatestAnswer, device),
    ]


async def _latest(request: web.Request, sources: Sources, where: dict[str, str]) -> LatestAnswer:
    now_ms = query.now_ms(sources.clock)
    since_ms = query.time(request, "since", sources.clock)
    since_ms = now_ms - length_ms(BY_DEFAULT) if since_ms is None else since_ms
    if not now_ms - length_ms(RAW_AT_MOST) <= since_ms < now_ms:
        raise bad_request("/query/since", f"must be within the last {RAW_AT_MOST // timedelta(hours=1)} h")
    measurements = tuple(dict.fromkeys(query.many(request, "measurement", MEASUREMENTS_AT_MOST)))
    after, limit = query.cursor(request), query.limit(request)
    until = to_datetime(now_ms) + MILLISECOND
    asked = LatestQuery(where, to_datetime(since_ms), until, measurements, SERIES_AT_MOST)
    with refusals():
        found = await sources.series.latest(asked)
    for missing in set(measurements) - {one.measurement for one in found}:
        check_known(missing, (), {})
    series: dict[str, list[Latest]] = {}
    for one in found:
        series.setdefault(json.dumps([one.measurement, sorted(one.tags.items())]), []).append(one)
    shown, more = page(sorted(series), after, limit)
    return LatestAnswer(since=since_ms, items=[_item(series[key]) for key in shown], next=more)


def _item(fields: list[Latest]) -> LatestItem:
    return LatestItem(
        measurement=fields[0].measurement,
        tags=dict(fields[0].tags),
        values={one.field: one.value for one in fields},
        times={one.field: one.time_ms for one in fields},
    )
