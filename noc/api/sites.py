"""Sites."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Hashable
from functools import partial
from typing import get_args

from aiohttp import web
from pydantic import BaseModel, Field

from noc.api import _named as named
from noc.api import _query as query
from noc.api._endpoint import PAGING, Endpoint, path_id
from noc.api._filters import Field as By
from noc.api._filters import Filters, of_status
from noc.api._fresh import Edition, HangsOn, Still
from noc.api._pages import filtered_page
from noc.api._shapes import Listing, Moment, Shape, Status, status_of
from noc.http.problems import not_found
from noc.http.scope import Scope, scope
from noc.http.sources import Sources
from noc.inventory.entities import Site
from noc.inventory.inventory import Inventory
from noc.model.budget import BudgetNow
from noc.model.present import Word

STATUSES: tuple[Word, ...] = get_args(Word)

FILTERS = Filters(
    (
        By("id", "the id", "key", noun="site"),
        By("region", "the region, by its id,", "name"),
        By("class", "the class", "name", noun="class of sites"),
        By("country", "the country (two letters)", "text"),
        By("name", "the name", "text"),
        By("status", "the status now", "word", STATUSES),
        By("since", "the beginning of its status", "time"),
    )
)


class LeftOutItem(Shape):
    """What the byte budget of a site left out in the last hour."""

    entity: str
    check: str
    what: str
    """All of the check, its sensors and records, or looking for what is new (rediscovery)."""
    times: int
    last: Moment


class BudgetItem(Shape):
    """The byte budget of a site as it stands."""

    limit_bytes: int
    spent_bytes: int
    """What noc sent and received in the last hour."""
    left_out: list[LeftOutItem]


class SiteItem(Status):
    """A site."""

    id: str
    entity: str
    name: str
    region: str
    site_class: str = Field(alias="class")
    country: str | None
    latitude: float | None
    longitude: float | None
    time_zone: str | None
    weight: float
    """How much it counts in the availability of its region."""
    edge_devices: list[str]
    """Ids of the devices that connect it: its status is theirs."""
    devices: int
    """How many devices stand there."""
    budget: BudgetItem | None
    """What noc may send and receive there; null where nothing bounds it."""


def endpoints(sources: Sources) -> list[Endpoint]:
    """Return the endpoints of sites."""

    async def listed(request: web.Request) -> Listing[SiteItem]:
        inventory, seen = sources.inventory(), scope(request)
        mine = named.sites(inventory, seen)
        wanted = FILTERS.asked(
            request,
            sources.clock,
            {
                "id": lambda key: key,
                "region": lambda key: inventory.sites[key].region,
                "class": lambda key: inventory.sites[key].site_class,
                "country": lambda key: inventory.sites[key].country,
                "name": lambda key: inventory.sites[key].name,
                **of_status(sources.present, lambda key: inventory.sites[key].entity),
            },
            {
                "id": lambda: mine,
                "region": lambda: named.regions(inventory, seen),
                "class": lambda: {inventory.sites[key].site_class for key in mine},
            },
        )
        shown, more = filtered_page(sorted(mine), query.cursor(request), query.limit(request), wanted)
        items = [_item(sources, inventory, inventory.sites[key]) for key in shown]
        return Listing[SiteItem](items=items, next=more)

    async def one(request: web.Request) -> SiteItem:
        inventory = sources.inventory()
        return _item(sources, inventory, visible_site(inventory, scope(request), request.match_info["id"]))

    return [
        Endpoint(
            *("GET", "/sites", "All sites, by id.", listed, Listing[SiteItem], (*FILTERS.parameters, *PAGING)),
            hangs_on=HangsOn(sources.clock, statuses_now(sources), partial(_as_spent, sources)),
        ),
        Endpoint("GET", "/sites/{id}", "One site.", one, SiteItem, (path_id("site"),)),
    ]


def statuses_now(sources: Sources) -> Callable[[web.Request], Awaitable[Hashable]]:
    """Return what gives what lists of the inventory with statuses hang on."""
    edition = Edition()

    async def now(_: web.Request) -> Hashable:
        return edition.of(sources.inventory()), sources.present.version

    return now


def _as_spent(sources: Sources, answer: BaseModel, _: int) -> Still:
    """Return what tells whether the sites of a list have spent of their budgets what it says."""
    items = answer.items if isinstance(answer, Listing) else ()
    shown = [(one.entity, one.budget) for one in items if isinstance(one, SiteItem)]
    return lambda: all(_budget(sources.budget(entity)) == budget for entity, budget in shown)


def visible_site(inventory: Inventory, seen: Scope, key: str) -> Site:
    """Return a site. Raises ProblemError (404) where there is none that the caller may see."""
    site = inventory.sites.get(key)
    if site is None or not seen.sees_region(site.region):
        raise not_found(f"site '{key[:100]}'")
    return site


def _item(sources: Sources, inventory: Inventory, site: Site) -> SiteItem:
    now = status_of(sources.present, site.entity)
    return SiteItem(
        id=site.id,
        entity=site.entity,
        name=site.name,
        region=site.region,
        site_class=site.site_class,
        country=site.country,
        latitude=site.latitude,
        longitude=site.longitude,
        time_zone=None if site.time_zone is None else str(site.time_zone),
        weight=site.weight,
        edge_devices=list(site.edge_devices),
        devices=len(inventory.devices_of(site.id)),
        budget=_budget(sources.budget(site.entity)),
        status=now.status,
        since=now.since,
        seen=now.seen,
    )


def _budget(now: BudgetNow | None) -> BudgetItem | None:
    if now is None:
        return None
    left = [
        LeftOutItem(entity=one.entity, check=one.check, what=one.what, times=one.times, last=one.last_ms)
        for one in now.left_out
    ]
    return BudgetItem(limit_bytes=now.limit_bytes, spent_bytes=now.spent_bytes, left_out=left)
