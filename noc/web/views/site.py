"""One site: its devices, its availability this month, its time, what is open there."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from aiohttp import web

from noc.http.problems import not_found
from noc.http.scope import scope
from noc.inventory.entities import Circuit, Device, Site
from noc.model.present import StatusNow
from noc.pipeline.rooms import rooms_of
from noc.state import incidents
from noc.web.figures import scale_for
from noc.web.overview import WORDS, devices_of
from noc.web.pages import WebPages
from noc.web.paging import chosen, page_of
from noc.web.periods import asked
from noc.web.places import url_of
from noc.web.problemlist import rows_of
from noc.web.views.availability import promised, reckoned
from noc.web.views.satellite import degraded, on_way, terminals_of

_INCIDENTS_AT_MOST = 50


@dataclass(frozen=True, slots=True)
class Row:
    """A device as the list shows it."""

    device: Device
    status: StatusNow

    @property
    def url(self) -> str:
        """Return the address of its page."""
        return url_of("device", self.device.id)

    @property
    def order(self) -> tuple[int, str, str]:
        """Return what rows are sorted by: the worst, then class and name."""
        return (WORDS.index(self.status.status), self.device.device_class, self.device.name.casefold())


@dataclass(frozen=True, slots=True)
class Line:
    """A circuit as the list shows it. is_degraded: it works, but a satellite terminal on its way is degraded."""

    circuit: Circuit
    status: StatusNow
    is_degraded: bool = False


async def show(pages: WebPages, request: web.Request) -> web.Response:
    """Answer with the page of a site."""
    sources, site = pages.sources, asked_for(pages, request)
    inventory = sources.inventory()
    word = chosen(request, "status", WORDS)
    devices, circuits = inventory.devices_of(site.id), inventory.circuits_of(site.id)
    rows = [Row(device, sources.present.status(device.entity)) for device in devices]
    async with sources.database.read() as connection:
        there = [site.entity, *(device.entity for device in devices), *(circuit.entity for circuit in circuits)]
        found = await incidents.page(connection, state="unresolved", entities=there, limit=_INCIDENTS_AT_MOST)
    worse = degraded(found)
    holders = [site.entity, *(circuit.entity for circuit in circuits)]
    wanted = sorted((row for row in rows if word in ("", row.status.status)), key=lambda row: row.order)
    return pages.show(
        request,
        "site.html",
        topics=("statuses", "incidents"),
        site=site,
        region=inventory.regions[site.region],
        status=sources.present.status(site.entity),
        devices=devices_of(inventory, sources.present, site.id),
        word=word,
        page=page_of(wanted, request),
        rooms=rooms_of(inventory, sources.present, lambda key: key == site.id),
        budgets=[one for one in map(sources.budget, holders) if one is not None],
        circuits=[
            Line(circuit, sources.present.status(circuit.entity), on_way(circuit, inventory, worse))
            for circuit in circuits
        ],
        terminals=terminals_of(devices, sources.present, worse),
        incidents=sorted(rows_of(found, inventory), key=lambda row: row.order),
        local_time=local_time(site, sources.clock.now()),
    )


async def figures(pages: WebPages, request: web.Request) -> web.Response:
    """Answer with the figures of this month: a part of the page that is fetched behind it, for they take a while."""
    site = asked_for(pages, request)
    period = asked("", pages.sources.clock.now())
    line = (await reckoned(pages, period, promised(pages))).site(site.id)
    return pages.show(
        request,
        "site_figures.html",
        asked=period,
        region=pages.sources.inventory().regions[site.region],
        line=line,
        scale=scale_for([] if line is None else [line]),
    )


def asked_for(pages: WebPages, request: web.Request) -> Site:
    """Return the site that a request is about. Raises ProblemError (404)."""
    key = request.match_info["site"]
    site = pages.sources.inventory().sites.get(key)
    if site is None or not scope(request).sees_region(site.region):
        raise not_found(f"site {key[:100]}")
    return site


def local_time(site: Site, now: datetime) -> datetime | None:
    """Return what the clocks show at a site; None where its zone isn't known."""
    return None if site.time_zone is None else now.astimezone(site.time_zone)
