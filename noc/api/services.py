"""Services: what users notice, what it stands on, and which data centre serves it."""

from __future__ import annotations

from collections.abc import Callable
from operator import attrgetter
from typing import get_args

from aiohttp import web

from noc.api import _query as query
from noc.api._endpoint import PAGING, Endpoint, path_id
from noc.api._filters import Field as By
from noc.api._filters import Filters, of_status
from noc.api._pages import filtered_page, numbered_page
from noc.api._shapes import Listing, Moment, Shape, Status
from noc.http.problems import not_found
from noc.http.scope import scope
from noc.http.sources import Sources
from noc.inventory.entities import Service
from noc.model.present import Word
from noc.model.switch import ServiceSwitch
from noc.pipeline.services import ServiceNow
from noc.state import switches

STATUSES: tuple[Word, ...] = get_args(Word)

FILTERS = Filters(
    (
        By("id", "the id", "key", noun="service"),
        By("name", "the name", "text"),
        By("status", "the status now", "word", STATUSES),
        By("since", "the beginning of its status", "time"),
    )
)
SWITCHES = Filters(
    (
        By("serving", "the site that served from then on, by its id,", "text"),
        By("served_before", "the site that served before, by its id,", "text"),
        By("since", "the beginning", "time"),
        By("poller", "the poller that told so", "text"),
    )
)


class PlaceItem(Shape):
    """A data centre that the service can be served from."""

    site: str
    status: Word
    """Whether it could serve: its formula."""
    serving: bool
    """Whether it serves now."""


class InputItem(Shape):
    """An entity that the service stands on."""

    entity: str
    status: Word


class ServiceItem(Status):
    """A service."""

    id: str
    entity: str
    name: str
    availability_target_pct: float | None
    degraded: bool
    """It is up, and something that it stands on is down."""
    serving: str | None
    """Id of the site that serves it; null where nobody can tell, or it is not up."""
    serving_since: Moment | None
    served_before: str | None
    """Id of the site that did before."""
    places: list[PlaceItem]
    """Its home first."""
    inputs: list[InputItem]
    """What it stands on, by name."""


class SaidItem(Shape):
    """What an entity said."""

    entity: str
    said: str


class SwitchItem(Shape):
    """From a moment on a service was served from another place."""

    record: int
    """Its number in the ledger."""
    serving: str
    """Id of the site that served it from then on."""
    served_before: str | None
    """Id of the site that did before; null where none was known."""
    since: Moment
    evidence: list[SaidItem]
    """What told so: the answer that marks the place, or the statuses that the formulas of the places stand on."""
    poller: str


def endpoints(sources: Sources) -> list[Endpoint]:
    """Return the endpoints of services."""

    async def listed(request: web.Request) -> Listing[ServiceItem]:
        inventory, seen = sources.inventory(), scope(request)
        known = inventory.services
        mine = [key for key, one in known.items() if seen.sees(inventory, one.entity)]
        wanted = FILTERS.asked(
            request,
            sources.clock,
            {
                "id": lambda key: key,
                "name": lambda key: known[key].name,
                **of_status(sources.present, lambda key: known[key].entity),
            },
            {"id": lambda: mine},
        )
        shown, more = filtered_page(sorted(mine), query.cursor(request), query.limit(request), wanted)
        return Listing[ServiceItem](items=[_item(sources, inventory.services[key]) for key in shown], next=more)

    async def one(request: web.Request) -> ServiceItem:
        inventory, key = sources.inventory(), request.match_info["id"]
        service = inventory.services.get(key)
        if service is None or not scope(request).sees(inventory, service.entity):
            raise not_found(f"service '{key[:100]}'")
        return _item(sources, service)

    filters = (*FILTERS.parameters, *PAGING)
    return [
        Endpoint("GET", "/services", "All services, by id.", listed, Listing[ServiceItem], filters),
        Endpoint("GET", "/services/{id}", "One service.", one, ServiceItem, (path_id("service"),)),
        _switching(sources),
    ]


def _switching(sources: Sources) -> Endpoint:
    async def served(request: web.Request) -> Listing[SwitchItem]:
        inventory, key = sources.inventory(), request.match_info["id"]
        service = inventory.services.get(key)
        if service is None or not scope(request).sees(inventory, service.entity):
            raise not_found(f"service '{key[:100]}'")
        fits: Callable[[SwitchItem], bool] = SWITCHES.asked(request, sources.clock, {}, {})
        async with sources.database.read() as connection:

            async def read(place: int | None, at_once: int) -> list[SwitchItem]:
                found = await switches.page(connection, [service.entity], before=place, limit=at_once)
                return [_switch(seq, one) for seq, one in found]

            items, more = await numbered_page(request, read, attrgetter("record"), fits)
        return Listing[SwitchItem](items=items, next=more)

    return Endpoint(
        "GET",
        "/services/{id}/switches",
        "From where it was served, the newest first, as the ledger has it.",
        served,
        Listing[SwitchItem],
        (path_id("service"), *SWITCHES.parameters, *PAGING),
    )


def _item(sources: Sources, service: Service) -> ServiceItem:
    now = sources.applications.service(service.entity) or ServiceNow("unknown", None, None, None, None)
    return ServiceItem(
        id=service.id,
        entity=service.entity,
        name=service.name,
        availability_target_pct=service.availability_target,
        degraded=now.degraded,
        serving=now.serving,
        serving_since=now.serving_ms,
        served_before=now.came_from,
        places=[
            PlaceItem(site=site, status=now.places.get(site, "unknown"), serving=site == now.serving)
            for site in service.places
        ],
        inputs=[InputItem(entity=entity, status=word) for entity, word in now.inputs.items()],
        status=now.status,
        since=now.since_ms,
        seen=None,
    )


def _switch(seq: int, switch: ServiceSwitch) -> SwitchItem:
    return SwitchItem(
        record=seq,
        serving=switch.after,
        served_before=switch.before,
        since=switch.since_ms,
        evidence=[SaidItem(entity=entity, said=said) for entity, said in switch.evidence],
        poller=switch.poller,
    )
