"""Regions."""

from __future__ import annotations

from aiohttp import web
from pydantic import Field

from noc.api import _named as named
from noc.api import _query as query
from noc.api._endpoint import PAGING, Endpoint, path_id
from noc.api._filters import Field as By
from noc.api._filters import Filters
from noc.api._pages import filtered_page
from noc.api._shapes import Listing, Shape
from noc.http.problems import not_found
from noc.http.scope import scope
from noc.http.sources import Sources
from noc.inventory.entities import Region

FILTERS = Filters((By("id", "the id", "key", noun="region"), By("name", "the name", "text")))


class SiteCounts(Shape):
    """How many sites are in each status."""

    up: int = 0
    down: int = 0
    unreachable: int = 0
    unknown: int = 0


class RegionItem(Shape):
    """A region."""

    id: str
    entity: str
    name: str
    technology_centre: str | None
    """Id of the site that governs it."""
    time_zone: str | None
    contacts: list[str]
    sites: SiteCounts = Field(default_factory=SiteCounts)
    """How its sites are now."""


def endpoints(sources: Sources) -> list[Endpoint]:
    """Return the endpoints of regions."""

    async def listed(request: web.Request) -> Listing[RegionItem]:
        inventory, seen = sources.inventory(), scope(request)
        keys = named.regions(inventory, seen)
        wanted = FILTERS.asked(
            request,
            sources.clock,
            {"id": lambda key: key, "name": lambda key: inventory.regions[key].name},
            {"id": lambda: keys},
        )
        shown, more = filtered_page(sorted(keys), query.cursor(request), query.limit(request), wanted)
        return Listing[RegionItem](items=[_item(sources, inventory.regions[key]) for key in shown], next=more)

    async def one(request: web.Request) -> RegionItem:
        key = request.match_info["id"]
        found = sources.inventory().regions.get(key)
        if found is None or not scope(request).sees_region(key):
            raise not_found(f"region '{key[:100]}'")
        return _item(sources, found)

    return [
        Endpoint("GET", "/regions", "All regions, by id.", listed, Listing[RegionItem], (*FILTERS.parameters, *PAGING)),
        Endpoint("GET", "/regions/{id}", "One region.", one, RegionItem, (path_id("region"),)),
    ]


def _item(sources: Sources, region: Region) -> RegionItem:
    counts: dict[str, int] = {}
    for site in sources.inventory().sites_of(region.id):
        word = sources.present.status(site.entity).status
        counts[word] = counts.get(word, 0) + 1
    return RegionItem(
        id=region.id,
        entity=region.entity,
        name=region.name,
        technology_centre=region.technology_centre,
        time_zone=None if region.time_zone is None else str(region.time_zone),
        contacts=list(region.contacts),
        sites=SiteCounts(**counts),
    )
