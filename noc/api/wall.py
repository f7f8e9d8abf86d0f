"""What hangs on the wall, in one small answer."""

from __future__ import annotations

from fractions import Fraction
from typing import Final, Literal

from aiohttp import web

from noc.api._endpoint import Endpoint
from noc.api._shapes import Moment, Shape
from noc.availability.objectives import left_share
from noc.http.scope import scope
from noc.http.sitestates import StatesNow
from noc.http.sources import Sources
from noc.http.wallpicture import SITE_WORDS, ZERO, Picture, RegionNow, SiteBudget, WallPictures
from noc.model.incident import SEVERITIES, IncidentState, Severity

MINUTE_MS: Final = 60_000


class WallCounts(Shape):
    """How many sites are how. degraded: up, but something of it isn't well, as on the map."""

    total: int
    down: int
    unreachable: int
    degraded: int
    unknown: int
    up: int


class WallRegion(Shape):
    """A region."""

    id: str
    name: str
    sites: WallCounts
    blind: bool
    """Nothing is known of any of its sites."""


class WallIncident(Shape):
    """An incident that is open."""

    id: int
    severity: Severity
    state: IncidentState
    entity: str
    rule: str
    since: Moment
    owner: str | None


class WallSite(Shape):
    """A site that is not simply up."""

    id: str
    status: Literal["down", "unreachable", "degraded", "unknown"]


class WallBudget(Shape):
    """A site and what is left of its error budget this month."""

    site: str
    left_min: float
    """Negative where the target is broken."""
    left_pct: float | None


class WallDesk(Shape):
    """A desk and who is on call there now."""

    id: str
    name: str
    utc_offset_min: int
    people: list[str]
    hole: bool
    """Somebody should be there, and nobody is."""


class WallNetwork(Shape):
    """The network this month, up to now."""

    availability_pct: float | None
    target_pct: float


class WallPicture(Shape):
    """What hangs on the wall. It has no time of its own, so that its ETag stays while nothing changes."""

    last_result: Moment | None
    """When a site last answered, or failed to, cut to ten seconds; null: none ever did."""
    figures_up_to: Moment | None
    """Of budgets and of the network."""
    unhandled: dict[str, int]
    """Incidents that nobody owns, by severity."""
    owned: int
    incidents: list[WallIncident]
    """The worst first."""
    more_incidents: int
    sites: WallCounts
    regions: list[WallRegion]
    wrong: list[WallSite]
    """Sites that are not simply up."""
    least_budget: list[WallBudget]
    network: WallNetwork | None
    """null for who may not see all of it."""
    desks: list[WallDesk]
    pollers_gone: list[str]


def endpoints(sources: Sources) -> list[Endpoint]:
    """Return the endpoint of the wall."""
    pictures = WallPictures(sources, StatesNow(sources))

    async def now(request: web.Request) -> WallPicture:
        return _picture(await pictures.show(scope(request)))

    return [Endpoint("GET", "/wall", "What hangs on the wall.", now, WallPicture)]


def _picture(seen: Picture) -> WallPicture:
    network = seen.network
    return WallPicture(
        last_result=None if seen.seen_ms is None else seen.seen_ms // 10_000 * 10_000,
        figures_up_to=seen.up_to_ms,
        unhandled={severity: seen.unhandled.get(severity, 0) for severity in SEVERITIES},
        owned=seen.owned,
        incidents=[
            WallIncident(
                id=one.id,
                severity=one.severity,
                state=one.state,
                entity=one.entity,
                rule=one.rule,
                since=one.since_ms,
                owner=one.acknowledged_by,
            )
            for one in seen.worst
        ],
        more_incidents=seen.more,
        sites=_counts(seen.whole),
        regions=[WallRegion(id=one.id, name=one.name, sites=_counts(one), blind=one.is_blind) for one in seen.regions],
        wrong=[WallSite(id=site.id, status=word) for site, word in seen.sites if word != "up"],
        least_budget=[_budget(one) for one in seen.budgets],
        network=None
        if network is None
        else WallNetwork(
            availability_pct=_float(network.so_far.availability_pct), target_pct=float(network.target.percent)
        ),
        desks=[
            WallDesk(
                id=one.key,
                name=one.name,
                utc_offset_min=round((one.local.utcoffset() or ZERO).total_seconds() / 60),
                people=list(one.people),
                hole=one.is_hole,
            )
            for one in seen.desks
        ],
        pollers_gone=[one.known.name for one in seen.pollers],
    )


def _counts(one: RegionNow) -> WallCounts:
    return WallCounts(total=one.total, **{word: one.numbers.get(word, 0) for word in SITE_WORDS})


def _budget(one: SiteBudget) -> WallBudget:
    budget = one.standing.budget
    share = left_share(budget)
    return WallBudget(
        site=one.site.id,
        left_min=round(float(budget.left) / MINUTE_MS, 1),
        left_pct=None if share is None else round(float(share) * 100, 1),
    )


def _float(value: Fraction | None) -> float | None:
    return None if value is None else float(value)
