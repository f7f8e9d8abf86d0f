"""Assets: how old devices are against their useful life, how long they were down, which sites hang on each alone."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final, Literal, get_args

from aiohttp import web

from noc.api import _named as named
from noc.api import _query as query
from noc.api._csv import Table, Tabular
from noc.api._endpoint import PAGING, Endpoint, Parameter, time_parameter
from noc.api._filters import Field as By
from noc.api._filters import Filters
from noc.api._shapes import Moment, Shape
from noc.availability.policy import Period
from noc.http.assetbook import Asset
from noc.http.problems import bad_request
from noc.http.scope import Scope, scope
from noc.http.sources import Sources
from noc.inventory.inventory import Inventory
from noc.inventory.layers import DEVICE_CLASSES, DeviceClass
from noc.inventory.life import BANDS, Band

DAY_MS: Final = 86_400_000
BY_DEFAULT_MS: Final = 30 * DAY_MS
LONG_AT_MOST_MS: Final = 732 * DAY_MS
Order = Literal["risk", "down", "sites", "left", "id"]
ORDERS: Final[tuple[Order, ...]] = get_args(Order)
_LAST: Final = 10**9

SORTED: Final[dict[Order, Callable[[Asset], tuple[object, ...]]]] = {
    "risk": lambda one: one.risk,
    "down": lambda one: (-(one.down_s or 0.0), *one.risk),
    "sites": lambda one: (-len(one.sites), *one.risk),
    "left": lambda one: (_LAST if one.left_days is None else one.left_days, one.risk),
    "id": lambda one: (one.device.id,),
}

FILTERS: Final = Filters(
    (
        By("id", "the id", "key", noun="device"),
        By("name", "the name", "text"),
        By("site", "the site, by its id,", "name"),
        By("region", "the region, by its id,", "name"),
        By("class", "the class", "word", DEVICE_CLASSES),
        By("maker", "the maker, as the device says it,", "text"),
        By("model", "the model", "text"),
        By("version", "the version", "text"),
        By("serial", "the serial number", "text"),
        By("state", "the useful life that is left", "word", BANDS),
        By("left_days", "the days of useful life that are left", "number"),
        By("down_s", "the time it was down", "number"),
        By("endangered_sites", "the number of sites that hang on it alone", "number"),
    )
)
ASKED: Final = (
    time_parameter("from", "Beginning of the time of which downtime is told; default 30 days before `to`."),
    time_parameter("to", "Its end; default now."),
    Parameter(
        "sort",
        "risk: old ones that most sites hang on first, then those that were down longest.",
        {"type": "string", "enum": list(ORDERS), "default": "risk"},
    ),
)


class AssetItem(Shape):
    """A device as an asset. Days as YYYY-MM-DD."""

    rank: int
    """In the whole list, from 1."""
    id: str
    name: str
    device_class: DeviceClass
    maker: str | None
    """As the device said when it was last read; null where it said nothing, or wasn't read yet."""
    model: str | None
    version: str | None
    serial: str | None
    site: str
    region: str
    installed: str | None
    useful_until: str | None
    """The first day past the years of its class, or its own; null where nobody can tell."""
    support_until: str | None
    """The last day on which its maker mends it."""
    left_days: int | None
    """Days of useful life; 0 or less where it is over, null where nobody can tell."""
    state: Band
    """long-past: over for three years or more; past: over; year, three-years: so much left at most; more; unknown."""
    down_s: float | None
    """How long it did not answer itself, outside planned work; null where there are no figures of it."""
    unknown_s: float | None
    outages: int | None
    endangers: list[str]
    """Sites that lose their only path when it fails, by id."""


class AssetList(Tabular):
    """A page of assets."""

    start: Moment
    """Of the time of which downtime is told."""
    end: Moment
    items: list[AssetItem]
    next: str | None
    """Give it as `cursor` for the next page; null: this was the last."""

    def table(self) -> Table:
        """Return a row for each."""
        header = tuple(AssetItem.model_fields)
        rows = [tuple(" ".join(cell) if isinstance(cell, list) else cell for _, cell in one) for one in self.items]
        return Table(header, rows)

    def more(self) -> str | None:
        """Return the cursor of the next page."""
        return self.next


def endpoints(sources: Sources) -> list[Endpoint]:
    """Return the endpoint of assets."""

    async def listed(request: web.Request) -> AssetList:
        inventory, seen, period = sources.inventory(), scope(request), _period(request, sources)
        order, limit = query.word(request, "sort", ORDERS), query.limit(request)
        start = query.number_cursor(request) or 0
        fits = _wanted(request, sources, inventory, seen)
        found = await sources.assets.read(sources, seen, period)
        picked = sorted(filter(fits, found.items), key=SORTED[order])
        shown = picked[start : start + limit]
        more = query.next_cursor(start + limit) if len(picked) > start + limit else None
        items = [_item(one, rank) for rank, one in enumerate(shown, start + 1)]
        return AssetList(start=period.start, end=period.end, items=items, next=more)

    said = "Devices as assets: age, downtime, and the sites that hang on each alone."
    return [Endpoint("GET", "/assets", said, listed, AssetList, (*FILTERS.parameters, *ASKED, *PAGING))]


def _wanted(request: web.Request, sources: Sources, inventory: Inventory, seen: Scope) -> Callable[[Asset], bool]:
    return FILTERS.asked(
        request,
        sources.clock,
        {
            "id": lambda one: one.device.id,
            "name": lambda one: one.device.name,
            "site": lambda one: one.site.id,
            "region": lambda one: one.site.region,
            "class": lambda one: one.device.device_class,
            "maker": lambda one: one.made.vendor,
            "model": lambda one: one.made.model,
            "version": lambda one: one.made.version,
            "serial": lambda one: one.made.serial,
            "state": lambda one: one.band,
            "left_days": lambda one: one.left_days,
            "down_s": lambda one: one.down_s,
            "endangered_sites": lambda one: len(one.sites),
        },
        {
            "id": lambda: (key for key, one in inventory.devices.items() if seen.sees(inventory, one.entity)),
            "site": lambda: named.sites(inventory, seen),
            "region": lambda: named.regions(inventory, seen),
        },
    )


def _period(request: web.Request, sources: Sources) -> Period:
    """Return the time of which downtime is told. Raises ProblemError (400)."""
    end_ms = query.time(request, "to", sources.clock)
    end_ms = query.now_ms(sources.clock) // 60_000 * 60_000 if end_ms is None else end_ms
    start_ms = query.time(request, "from", sources.clock)
    start_ms = end_ms - BY_DEFAULT_MS if start_ms is None else start_ms
    if not 0 < end_ms - start_ms <= LONG_AT_MOST_MS:
        raise bad_request("/query/to", "must be later than from, by two years at most")
    return Period(start_ms, end_ms)


def _item(one: Asset, rank: int) -> AssetItem:
    device, life, made = one.device, one.life, one.made
    days = (device.installed, life.ends, life.end_of_support)
    installed, useful_until, support_until = (None if day is None else day.isoformat() for day in days)
    return AssetItem(
        rank=rank,
        id=device.id,
        name=device.name,
        device_class=device.device_class,
        maker=made.vendor,
        model=made.model,
        version=made.version,
        serial=made.serial,
        site=one.site.id,
        region=one.site.region,
        installed=installed,
        useful_until=useful_until,
        support_until=support_until,
        left_days=one.left_days,
        state=one.band,
        down_s=one.down_s,
        unknown_s=one.unknown_s,
        outages=one.outages,
        endangers=[site.id for site in one.sites],
    )
