"""End points of applications: what is asked, what they answered last, what is wrong by it."""

from __future__ import annotations

from typing import get_args

from aiohttp import web

from noc.api import _named as named
from noc.api import _query as query
from noc.api._endpoint import PAGING, Endpoint, path_id
from noc.api._filters import Field as By
from noc.api._filters import Filters, of_status
from noc.api._pages import filtered_page
from noc.api._shapes import Listing, Moment, Status, status_of
from noc.http.problems import not_found
from noc.http.scope import scope
from noc.http.sources import Sources
from noc.inventory.endpoints import PROBES
from noc.inventory.endpoints import Endpoint as Asked
from noc.model.instants import to_ms
from noc.model.present import Word
from noc.model.replies import HttpReply, TlsReply
from noc.pipeline.endpoints import days_left, response_s

STATUSES: tuple[Word, ...] = get_args(Word)


class EndpointItem(Status):
    """An end point."""

    id: str
    entity: str
    name: str
    site: str
    room: str | None
    kind: str
    """http, tls, dns, tcp, ntp or smtp."""
    address: str
    """What is asked, without secrets."""
    asked: Moment | None
    """When it was asked last."""
    response_s: float | None
    """How long its last answer took; null where there was none."""
    faults: list[str]
    """What is wrong by its last answer; empty where all is right."""
    certificate_days: float | None
    """Days until its certificate expires, where it showed one."""


FILTERS = Filters(
    (
        By("id", "the id", "key", noun="endpoint"),
        By("site", "the site, by its id,", "name"),
        By("kind", "the kind", "word", PROBES),
        By("name", "the name", "text"),
        By("room", "the room", "text"),
        By("status", "the status now", "word", STATUSES),
        By("since", "the beginning of its status", "time"),
    )
)


def endpoints(sources: Sources) -> list[Endpoint]:
    """Return the endpoints of end points."""

    async def listed(request: web.Request) -> Listing[EndpointItem]:
        inventory, seen = sources.inventory(), scope(request)
        known = inventory.endpoints
        mine = [key for key, one in known.items() if seen.sees(inventory, one.entity)]
        wanted = FILTERS.asked(
            request,
            sources.clock,
            {
                "id": lambda key: key,
                "site": lambda key: known[key].site,
                "kind": lambda key: known[key].kind,
                "name": lambda key: known[key].name,
                "room": lambda key: known[key].room,
                **of_status(sources.present, lambda key: known[key].entity),
            },
            {"id": lambda: mine, "site": lambda: named.sites(inventory, seen)},
        )
        shown, more = filtered_page(sorted(mine), query.cursor(request), query.limit(request), wanted)
        return Listing[EndpointItem](items=[_item(sources, inventory.endpoints[key]) for key in shown], next=more)

    async def one(request: web.Request) -> EndpointItem:
        inventory, key = sources.inventory(), request.match_info["id"]
        asked = inventory.endpoints.get(key)
        if asked is None or not scope(request).sees(inventory, asked.entity):
            raise not_found(f"endpoint '{key[:100]}'")
        return _item(sources, asked)

    filters = (*FILTERS.parameters, *PAGING)
    return [
        Endpoint("GET", "/endpoints", "All end points, by id.", listed, Listing[EndpointItem], filters),
        Endpoint("GET", "/endpoints/{id}", "One end point.", one, EndpointItem, (path_id("endpoint"),)),
    ]


def _item(sources: Sources, asked: Asked) -> EndpointItem:
    now, last = status_of(sources.present, asked.entity), sources.applications.endpoint(asked.entity)
    reading = None if last is None else last.reading
    reply = None if reading is None else reading.reply
    certificate = reply.certificate if isinstance(reply, HttpReply | TlsReply) else None
    return EndpointItem(
        id=asked.id,
        entity=asked.entity,
        name=asked.name,
        site=asked.site,
        room=asked.room,
        kind=asked.kind,
        address=asked.probe.address.partition("?")[0],
        asked=None if reading is None else to_ms(reading.started_at),
        response_s=response_s(reply),
        faults=[] if last is None else list(last.faults),
        certificate_days=None if certificate is None else days_left(certificate, sources.clock.now()),
        status=now.status,
        since=now.since,
        seen=now.seen,
    )
