"""The map, and beside it the list with the same data: sites, the worst first."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field

from aiohttp import web

from noc.http.atlas import point_of
from noc.http.problems import bad_request, not_found
from noc.http.scope import Scope, scope
from noc.http.sitestates import SITE_LEVELS, Level, SiteStates
from noc.inventory.entities import Region, Site
from noc.inventory.inventory import Inventory
from noc.model.incident import Incident
from noc.model.present import Present, StatusNow
from noc.web.overview import Overview
from noc.web.pages import WebPages
from noc.web.paging import chosen, page_of
from noc.web.places import url_of
from noc.web.problemfilter import Row as IncidentRow
from noc.web.problemlist import rows_of

PER_PAGE = 40
WORST_FIRST: tuple[Level, ...] = SITE_LEVELS[::-1]
_LISTED_AT_MOST = 5


@dataclass(frozen=True, slots=True)
class Row:
    """A site as the list shows it. open: its incidents, the gravest first. circuits: names of those that are not up."""

    site: Site
    region: Region
    level: Level
    status: StatusNow
    open: tuple[Incident, ...]
    circuits: tuple[tuple[str, Level], ...]

    @property
    def url(self) -> str:
        """Return the address of its page."""
        return url_of("site", self.site.id)

    @property
    def is_placed(self) -> bool:
        """Return whether it has a place on the map."""
        return point_of(self.site) is not None

    @property
    def troubled(self) -> tuple[tuple[str, Level], ...]:
        """Return its circuits that are a problem: what nobody has measured yet is none."""
        return tuple((name, level) for name, level in self.circuits if level != "unmeasured")

    @property
    def since_ms(self) -> int | None:
        """Return since when it is so; None where nobody knows. What is degraded is so since its oldest incident."""
        if self.level in ("up", "degraded"):
            return min((one.since_ms for one in self.open), default=None) if self.level == "degraded" else None
        return self.status.since_ms

    @property
    def order(self) -> tuple[int, bool, int, str]:
        """Return what rows are sorted by: the worst, then those with incidents, then what changed last."""
        return (WORST_FIRST.index(self.level), not self.open, -(self.since_ms or 0), self.site.name.casefold())


@dataclass(frozen=True, slots=True)
class Chip:
    """A region, or all of them, with how its sites are."""

    key: str
    name: str
    total: int
    numbers: Mapping[Level, int] = field(default_factory=dict)

    @property
    def wrong(self) -> list[tuple[Level, int]]:
        """Return how many are not up, the worst state first; those that are merely degraded are not counted."""
        return [(level, self.numbers[level]) for level in ("down", "unreachable") if self.numbers.get(level)]


@dataclass(frozen=True, slots=True)
class Card:
    """A site as its card shows it. more: how many incidents are open beside those that are listed."""

    row: Row
    devices: Overview
    open: list[IncidentRow]
    more: int


async def show(pages: WebPages, request: web.Request) -> web.Response:
    """Answer with the page."""
    inventory, may_see = pages.sources.inventory(), scope(request)
    region = chosen(request, "region", sorted(key for key in inventory.regions if may_see.sees_region(key)))
    level = chosen(request, "state", SITE_LEVELS)
    text = request.query.get("q", "").strip()[:100]
    states = await pages.site_states.of(inventory)
    every = rows_in(inventory, pages.sources.present, states, may_see)
    here = [row for row in every if region in ("", row.site.region)]
    wanted = [row for row in here if level in ("", row.level) and _speaks_of(row.site, text)]
    counts = Counter(row.level for row in here)
    return pages.show(
        request,
        "map.html",
        topics=("statuses", "incidents"),
        page=page_of(sorted(wanted, key=lambda row: row.order), request, PER_PAGE),
        chips=chips_of(inventory, every),
        counts=[(one, counts[one]) for one in WORST_FIRST],
        down=counts["down"],
        total=len(here),
        placed=sum(row.is_placed for row in here),
        unmeasured=sum(level == "unmeasured" for row in here for _, level in row.circuits),
        region=region,
        level=level,
        text=text,
        link=_linking(request),
        card=_card_asked(pages, request, states),
    )


async def card(pages: WebPages, request: web.Request) -> web.Response:
    """Answer with the card of a site: a part of the page that is fetched when somebody picks it on the map."""
    inventory, key = pages.sources.inventory(), request.match_info["site"]
    found = card_of(pages, inventory, scope(request), key, await pages.site_states.of(inventory))
    if found is None:
        raise not_found(f"site {key[:100]}")
    return pages.show(request, "mapcard.html", card=found)


def rows_in(inventory: Inventory, present: Present, states: SiteStates, may_see: Scope) -> list[Row]:
    """Return the sites that somebody may see."""
    return [
        _row(site, inventory, present, states) for site in inventory.sites.values() if may_see.sees_region(site.region)
    ]


def _row(site: Site, inventory: Inventory, present: Present, states: SiteStates) -> Row:
    lines = ((one.name, states.circuits.get(one.id, "unknown")) for one in inventory.circuits_of(site.id))
    return Row(
        site,
        inventory.regions[site.region],
        states.sites[site.id],
        present.status(site.entity),
        states.open.get(site.id, ()),
        tuple((name, level) for name, level in lines if level != "up"),
    )


def chips_of(inventory: Inventory, rows: Iterable[Row]) -> list[Chip]:
    """Return the regions of sites, by name, and before them all together where there are several."""
    found: dict[str, Counter[Level]] = {}
    for row in rows:
        found.setdefault(row.site.region, Counter())[row.level] += 1
    chips = [Chip(key, inventory.regions[key].name, counts.total(), counts) for key, counts in found.items()]
    whole = sum(found.values(), Counter[Level]())
    return [Chip("", "", whole.total(), whole), *sorted(chips, key=lambda one: one.name.casefold())]


def card_of(pages: WebPages, inventory: Inventory, may_see: Scope, key: str, states: SiteStates) -> Card | None:
    """Return the card of a site; None where there is none that somebody may see."""
    site = inventory.sites.get(key)
    if site is None or not may_see.sees_region(site.region):
        return None
    row = _row(site, inventory, pages.sources.present, states)
    return Card(
        row,
        pages.device_counts.of(inventory)[key],
        rows_of(row.open[:_LISTED_AT_MOST], inventory),
        max(0, len(row.open) - _LISTED_AT_MOST),
    )


def _card_asked(pages: WebPages, request: web.Request, states: SiteStates) -> Card | None:
    key = request.query.get("site", "")
    if not key:
        return None
    found = card_of(pages, pages.sources.inventory(), scope(request), key, states)
    if found is None:
        raise bad_request("/query/site", f"there is no site '{key[:60]}'")
    return found


def _speaks_of(site: Site, text: str) -> bool:
    return any(text.casefold() in name.casefold() for name in (site.id, site.name, site.site_class))


def _linking(request: web.Request) -> Callable[..., str]:
    """Return what makes the address of this page with something of it changed; empty takes it away."""
    kept = {name: request.query.get(name, "") for name in ("region", "state", "q")}

    def link(**changed: str) -> str:
        asked = {name: value for name, value in {**kept, **changed}.items() if value}
        return str(request.rel_url.with_query(asked))

    return link
