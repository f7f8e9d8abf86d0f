"""What an incident explains, as a part of its page: counted by class and by site, a page at a time."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Final

from aiohttp import web

from noc.http.affected import Affected, Wanted, affected_by, listed
from noc.http.scope import scope
from noc.inventory.inventory import Inventory
from noc.model.incident import Incident, Symptom
from noc.web.pages import WebPages
from noc.web.paging import Page, page_of
from noc.web.places import Place, place_of

SHOWN: Final = 20
"""Symptoms on the page at once: more of them would push what stands below out of sight."""
COUNTS_SHOWN: Final = 8
_LONGEST: Final = 200


@dataclass(frozen=True, slots=True)
class Count:
    """How many there are of a class or site. url: of the page with these alone; chosen: it is that."""

    name: str
    number: int
    url: str
    chosen: bool


@dataclass(frozen=True, slots=True)
class AffectedPart:
    """classes, sites: the most first; more: sites that are not listed. everything: the address of the page with all."""

    found: Affected
    page: Page[tuple[Symptom, Place]]
    classes: tuple[Count, ...]
    sites: tuple[Count, ...]
    more: int
    everything: str | None


async def affected_part(pages: WebPages, request: web.Request, incident: Incident) -> AffectedPart:
    """Return it as the address asks: `?class=switch`, `?at=goma`, `?page=2`."""
    inventory, url = pages.sources.inventory(), request.rel_url
    wanted = Wanted(url.query.get("class", "")[:_LONGEST], url.query.get("at", "")[:_LONGEST])
    async with pages.sources.database.read() as connection:
        found = await affected_by(connection, inventory, scope(request), incident.id, wanted.of(inventory))
        cut = page_of(found.numbers, request, SHOWN)
        rows = await listed(connection, tuple(cut.items))
    page = cut.with_items([(one, place_of(inventory, one.entity)) for one in rows])
    page = replace(page, before=_there(page.before), after=_there(page.after))
    sites = _counts(request, "at", found.sites, wanted.site, inventory)
    everything = str(url.without_query_params("class", "at", "page"))
    return AffectedPart(
        found,
        page,
        _counts(request, "class", found.classes, wanted.device_class, inventory)[:COUNTS_SHOWN],
        sites[:COUNTS_SHOWN],
        max(0, len(sites) - COUNTS_SHOWN),
        _there(everything) if wanted != Wanted() else None,
    )


def _counts(
    request: web.Request, name: str, counted: Mapping[str, int], chosen: str, inventory: Inventory
) -> tuple[Count, ...]:
    url = request.rel_url.without_query_params("page")
    return tuple(
        Count(_called(inventory, name, key), number, f"{url.update_query({name: key})}#symptoms", key == chosen)
        for key, number in counted.items()
    )


def _called(inventory: Inventory, name: str, key: str) -> str:
    site = inventory.sites.get(key) if name == "at" else None
    return key if site is None else site.name


def _there(address: str | None) -> str | None:
    return None if address is None else f"{address}#symptoms"
