"""All services, the worst first: which data centre serves them, what they stand on, how soon that answers."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from aiohttp import web

from noc.http.scope import scope
from noc.http.sources import Sources
from noc.inventory.endpoints import Endpoint
from noc.inventory.entities import Service
from noc.inventory.inventory import Inventory
from noc.model.present import StatusNow
from noc.model.replies import HttpReply, TlsReply
from noc.model.switch import ServiceSwitch
from noc.pipeline.endpoints import days_left, response_s
from noc.pipeline.services import ServiceNow
from noc.state import switches
from noc.web.overview import WORDS
from noc.web.pages import WebPages
from noc.web.paging import page_of
from noc.web.places import Place, place_of

SWITCHES_SHOWN: Final = 20

_UNKNOWN = ServiceNow("unknown", None, None, None, None)


@dataclass(frozen=True, slots=True)
class ServicePlace:
    """A data centre of a service, and the end points of the service there."""

    place: Place
    status: str
    serving: bool


@dataclass(frozen=True, slots=True)
class Row:
    """A service as the list shows it."""

    service: Service
    now: ServiceNow
    places: tuple[ServicePlace, ...]
    inputs: tuple[tuple[Place, str], ...]
    response_s: float | None

    @property
    def serving(self) -> Place | None:
        """Return the data centre that serves it."""
        return next((one.place for one in self.places if one.serving), None)

    @property
    def came_from(self) -> Place | None:
        """Return the data centre that served it before; None where it was none of those it has now."""
        return next((one.place for one in self.places if one.place.entity == f"site/{self.now.came_from}"), None)

    @property
    def order(self) -> tuple[int, bool, str]:
        """Return what rows are sorted by: the worst first."""
        return (WORDS.index(self.now.status), not self.now.degraded, self.service.name.casefold())


@dataclass(frozen=True, slots=True)
class SwitchRow:
    """A change of the data centre that serves a service. before: None where none was known."""

    switch: ServiceSwitch
    service: Place
    before: Place | None
    after: Place
    evidence: tuple[tuple[Place, str], ...]


@dataclass(frozen=True, slots=True)
class EndpointRow:
    """An end point as the list shows it."""

    endpoint: Endpoint
    status: StatusNow
    place: Place
    response_s: float | None
    faults: tuple[str, ...]
    certificate_days: float | None

    @property
    def order(self) -> tuple[int, str]:
        """Return what rows are sorted by: the worst first."""
        return (WORDS.index(self.status.status), self.endpoint.name.casefold())


async def show(pages: WebPages, request: web.Request) -> web.Response:
    """Answer with the list."""
    sources, seen = pages.sources, scope(request)
    inventory = sources.inventory()
    services = sorted(
        (_row(sources, inventory, one) for one in inventory.services.values() if seen.sees(inventory, one.entity)),
        key=lambda row: row.order,
    )
    endpoints = sorted(
        (endpoint_row(sources, one) for one in inventory.endpoints.values() if seen.sees(inventory, one.entity)),
        key=lambda row: row.order,
    )
    async with sources.database.read() as connection:
        switched = await switches.page(connection, [row.service.entity for row in services], limit=SWITCHES_SHOWN)
    return pages.show(
        request,
        "services.html",
        switches=[_switch(inventory, one) for _, one in switched],
        topics=("statuses", "incidents"),
        services=services,
        is_limited=not seen.everything,
        page=page_of(endpoints, request),
        down=sum(row.now.status == "down" for row in services),
        failing=sum(row.status.status == "down" for row in endpoints),
    )


def endpoint_row(sources: Sources, endpoint: Endpoint) -> EndpointRow:
    """Return an end point as lists show it."""
    last = sources.applications.endpoint(endpoint.entity)
    reply = None if last is None else last.reading.reply
    certificate = reply.certificate if isinstance(reply, HttpReply | TlsReply) else None
    return EndpointRow(
        endpoint,
        sources.present.status(endpoint.entity),
        place_of(sources.inventory(), f"site/{endpoint.site}"),
        response_s(reply),
        () if last is None else last.faults,
        None if certificate is None else days_left(certificate, sources.clock.now()),
    )


def _switch(inventory: Inventory, switch: ServiceSwitch) -> SwitchRow:
    before = None if switch.before is None else place_of(inventory, f"site/{switch.before}")
    after = place_of(inventory, f"site/{switch.after}")
    evidence = tuple((place_of(inventory, entity), said) for entity, said in switch.evidence)
    return SwitchRow(switch, place_of(inventory, switch.entity), before, after, evidence)


def _row(sources: Sources, inventory: Inventory, service: Service) -> Row:
    now = sources.applications.service(service.entity) or _UNKNOWN
    places = tuple(
        ServicePlace(place_of(inventory, f"site/{site}"), now.places.get(site, "unknown"), site == now.serving)
        for site in service.places
    )
    inputs = tuple((place_of(inventory, entity), word) for entity, word in now.inputs.items())
    return Row(service, now, places, inputs, _slowest(sources, inventory, service, now))


def _slowest(sources: Sources, inventory: Inventory, service: Service, now: ServiceNow) -> float | None:
    """Return how long the slowest answer took of the end points that are up, at the place that serves."""
    found = []
    for entity, word in now.inputs.items():
        endpoint = inventory.endpoints.get(entity.removeprefix("endpoint/"))
        if endpoint is None or word != "up" or (now.serving is not None and endpoint.site != now.serving):
            continue
        last = sources.applications.endpoint(entity)
        took_s = None if last is None else response_s(last.reading.reply)
        if took_s is not None:
            found.append(took_s)
    return max(found, default=None)
