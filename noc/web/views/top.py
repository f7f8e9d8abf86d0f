"""The highest numbers of the fleet: the busiest interfaces, the worst loss, the weakest satellite links."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from aiohttp import web

from noc.http.fleet import top_seen
from noc.http.scope import scope
from noc.i18n.marking import say
from noc.model.errors import StoreError
from noc.model.series import Ranked, TopQuery
from noc.web.pages import WebPages
from noc.web.paging import chosen
from noc.web.toplists import LISTS, Row, TopList, rows_of

log = logging.getLogger(__name__)

COUNT: Final = 20
SPANS: Final[Mapping[str, timedelta]] = {
    "15m": timedelta(minutes=15),
    "1h": timedelta(hours=1),
    "6h": timedelta(hours=6),
    "24h": timedelta(hours=24),
}
TROUBLE: Final = say("The store of time series can't be asked now; try again in a moment.")


@dataclass(frozen=True, slots=True)
class Found:
    """Rows of a list. compared: among how many series. trouble: what keeps the store from answering."""

    rows: list[Row]
    compared: int = 0
    trouble: str = ""


async def show(pages: WebPages, request: web.Request) -> web.Response:
    """Answer with one list."""
    inventory, seen = pages.sources.inventory(), scope(request)
    regions = {key: one for key, one in inventory.regions.items() if seen.sees_region(key)}
    region = chosen(request, "region", sorted(regions))
    key = chosen(request, "list", [one.key for one in LISTS], otherwise=LISTS[0].key)
    span = chosen(request, "span", list(SPANS), otherwise="15m")
    asked = next(one for one in LISTS if one.key == key)
    found = await first_of(pages, request, asked, {"region": region} if region else {}, SPANS[span], COUNT)
    return pages.show(
        request,
        "top.html",
        topics=("statuses",),
        lists=LISTS,
        asked=asked,
        found=found,
        spans=SPANS,
        span=span,
        span_seconds=SPANS[span].total_seconds(),
        region=region,
        regions=sorted(regions.values(), key=lambda one: one.name.casefold()),
    )


async def first_of(
    pages: WebPages, request: web.Request, asked: TopList, where: Mapping[str, str], span: timedelta, count: int
) -> Found:
    """Return the first rows of a list over the time up to now. where: tags that narrow the fleet."""
    sources, seen = pages.sources, scope(request)
    stop = sources.clock.now()
    found: dict[str, tuple[Ranked, ...]] = {}
    compared = 0
    try:
        for field in asked.fields:
            answer = await top_seen(sources.series, _query(asked, field, where, stop, span, count), seen)
            found[field] = answer.items
            compared = max(compared, answer.compared)
    except StoreError as error:
        log.warning("the highest numbers can't be shown: %s", error)
        return Found([], 0, TROUBLE)
    inventory = sources.inventory()
    rows = rows_of(asked, found, count, inventory, sources.present, lambda entity: seen.sees(inventory, entity))
    return Found(rows, compared)


def _query(
    asked: TopList, field: str, where: Mapping[str, str], stop: datetime, span: timedelta, count: int
) -> TopQuery:
    return TopQuery(asked.measurement, field, where, stop - span, stop, "mean", count, asked.order)
