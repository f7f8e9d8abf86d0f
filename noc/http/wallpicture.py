"""What hangs on the wall: the whole network in a few numbers, for the page and for the API.

Each part says of when its data are, so that who looks can tell an old picture from a quiet night.
"""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from alerts.oncall import holes, on_call
from alerts.oncallnow import known
from alerts.oncalltargets import Directory
from noc.availability.objectives import NETWORK, Standing, worst_first
from noc.availability.standings import Standings
from noc.http.scope import Scope
from noc.http.sitestates import Level, StatesNow
from noc.http.sources import Sources
from noc.inventory.entities import Site
from noc.inventory.inventory import Inventory
from noc.model.incident import SEVERITIES, Incident, Severity
from noc.model.instants import from_ms, to_ms
from noc.model.poller import PollerNow
from noc.state import incidents

SITE_WORDS: Final[tuple[Level, ...]] = ("down", "unreachable", "degraded", "unknown", "up")
"""As the map has them, so that its marks and these numbers say the same; what is known to be wrong first."""

WORST_SITES: Final = 5
INCIDENTS_AT_MOST: Final = 12
ZERO: Final = timedelta()


@dataclass(frozen=True, slots=True)
class RegionNow:
    """How many sites of a region are how. id: empty for all that the caller may see."""

    id: str
    name: str
    numbers: Mapping[Level, int]

    @property
    def total(self) -> int:
        """Return how many sites it has."""
        return sum(self.numbers.values())

    @property
    def is_blind(self) -> bool:
        """Return whether nothing is known of any of its sites."""
        return 0 < self.total == self.numbers.get("unknown", 0)

    @property
    def order(self) -> tuple[int, ...]:
        """Return what regions are sorted by: the worst first."""
        return tuple(-self.numbers.get(word, 0) for word in SITE_WORDS[:-1])


@dataclass(frozen=True, slots=True)
class SiteBudget:
    """A site, and how its objective of this month stands."""

    site: Site
    standing: Standing


@dataclass(frozen=True, slots=True)
class DeskNow:
    """A desk: its zone, the time there, and the names of who is on call; nobody, though somebody should be: a hole."""

    key: str
    name: str
    zone: str
    local: datetime
    people: tuple[str, ...]
    is_hole: bool


@dataclass(frozen=True, slots=True)
class Picture:
    """All of it. now_ms: when it was made. seen_ms: when a site last answered or failed to; None: none ever did.

    unhandled: incidents that nobody owns, by severity. owned: how many somebody does. worst: open ones, the worst
    first; more: how many there are beside them. sites: every one with its word. network: None for who may not see all.
    up_to_ms: of budgets and of the network; None: nothing is promised yet. pollers: those that are gone.
    """

    now_ms: int
    seen_ms: int | None
    unhandled: Mapping[Severity, int]
    owned: int
    worst: tuple[Incident, ...]
    more: int
    regions: tuple[RegionNow, ...]
    whole: RegionNow
    sites: tuple[tuple[Site, Level], ...]
    budgets: tuple[SiteBudget, ...]
    network: Standing | None
    up_to_ms: int | None
    desks: tuple[DeskNow, ...]
    pollers: tuple[PollerNow, ...]


class WallPictures:
    """Makes pictures. The worst budgets are worked out once for the figures of a minute, for all who look."""

    def __init__(self, sources: Sources, states: StatesNow) -> None:
        self._sources = sources
        self._states = states
        self._budgets_of: Standings | None = None
        self._budgets: dict[frozenset[str] | None, tuple[SiteBudget, ...]] = {}

    async def show(self, may_see: Scope) -> Picture:
        """Return the picture for somebody. Raises StateError."""
        sources, inventory = self._sources, self._sources.inventory()
        now_ms = to_ms(sources.clock.now())
        async with sources.database.read() as connection:
            found = await incidents.all_open(connection)
            directory = await known(connection, Directory.of(sources.people()), now_ms)
        open_now = [one for one in found if one.parent is None and may_see.sees(inventory, one.entity)]
        standings = await sources.objectives.standings("month")
        places = places_of((await self._states.of(inventory)).sites, inventory, may_see)
        worst = sorted(open_now, key=_order)
        return Picture(
            now_ms,
            _seen_ms(sources, inventory, may_see, now_ms),
            Counter(one.severity for one in open_now if one.state == "new"),
            sum(1 for one in open_now if one.state != "new"),
            tuple(worst[:INCIDENTS_AT_MOST]),
            max(0, len(worst) - INCIDENTS_AT_MOST),
            regions_of(inventory, places),
            RegionNow("", "", Counter(word for _, word in places)),
            places,
            await self._worst_budgets(standings, inventory, may_see),
            standings.of(NETWORK, foreseen=False) if may_see.everything else None,
            standings.now,
            desks_of(directory, now_ms),
            tuple(one for one in sources.pollers() if _is_blind(one)) if may_see.everything else (),
        )

    async def _worst_budgets(
        self, standings: Standings, inventory: Inventory, may_see: Scope
    ) -> tuple[SiteBudget, ...]:
        if self._budgets_of is not standings:
            self._budgets_of, self._budgets = standings, {}
        if may_see.regions not in self._budgets:
            # Of 594 sites tens of milliseconds.
            made = await asyncio.to_thread(budgets_of, standings, inventory, may_see)
            self._budgets[may_see.regions] = made
        return self._budgets[may_see.regions]


def places_of(known: Mapping[str, Level], inventory: Inventory, may_see: Scope) -> tuple[tuple[Site, Level], ...]:
    """Return the sites that a caller may see, by id, each with its word. known: how sites are, by id."""
    sites = (inventory.sites[key] for key in sorted(inventory.sites))
    return tuple((site, known[site.id]) for site in sites if may_see.sees_region(site.region))


def regions_of(inventory: Inventory, places: Iterable[tuple[Site, Level]]) -> tuple[RegionNow, ...]:
    """Return the regions of some sites, the worst first."""
    numbers: dict[str, Counter[Level]] = {}
    for site, word in places:
        numbers.setdefault(site.region, Counter())[word] += 1
    made = [RegionNow(key, inventory.regions[key].name, counts) for key, counts in numbers.items()]
    return tuple(sorted(made, key=lambda one: (one.order, one.name.casefold())))


def budgets_of(standings: Standings, inventory: Inventory, may_see: Scope) -> tuple[SiteBudget, ...]:
    """Return the sites with the least of their error budget left; none that has none."""
    rows = [
        (site.entity, one)
        for site in inventory.sites.values()
        if may_see.sees_region(site.region) and (one := standings.of(site.entity, foreseen=False)) is not None
    ]
    ordered = worst_first((name, one) for name, one in rows if one.budget.allowed)
    return tuple(SiteBudget(inventory.sites[name.partition("/")[2]], one) for name, one in ordered[:WORST_SITES])


def desks_of(directory: Directory, now_ms: int) -> tuple[DeskNow, ...]:
    """Return the desks, from where it is latest in the day to where it is earliest, with who is on call at each."""
    settings, made = directory.settings, []
    for key, desk in settings.desks.items():
        if desk.schedule not in settings.schedules:
            continue
        now = on_call(directory.rota, desk.schedule, now_ms)
        people = () if now is None else now.people
        names = tuple((settings.people[one].name or one) if one in settings.people else one for one in people)
        is_hole = not names and bool(holes(directory.rota, desk.schedule, now_ms, now_ms + 1, now_ms))
        local = from_ms(now_ms).astimezone(desk.time_zone)
        made.append(DeskNow(key, desk.name or key, str(desk.time_zone), local, names, is_hole))
    return tuple(sorted(made, key=lambda one: -(one.local.utcoffset() or ZERO).total_seconds()))


def _order(one: Incident) -> tuple[bool, int, int, int]:
    return (one.state != "new", SEVERITIES.index(one.severity), one.priority, one.since_ms)


def _seen_ms(sources: Sources, inventory: Inventory, may_see: Scope, now_ms: int) -> int | None:
    """Return when an edge device last answered, or failed to: a picture of a network that nobody asks is old."""
    edges = (
        edge for site in inventory.sites.values() if may_see.sees_region(site.region) for edge in site.edge_devices
    )
    times = (sources.present.status(f"device/{edge}").seen_ms for edge in edges)
    newest = max((time_ms for time_ms in times if time_ms is not None), default=None)
    return None if newest is None else min(newest, now_ms)


def _is_blind(one: PollerNow) -> bool:
    return one.known.state == "gone" or one.blind_ms is not None or bool(one.known.quarantine)
