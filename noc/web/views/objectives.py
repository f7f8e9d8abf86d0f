"""Objectives: what is promised, what is left of the budget, how fast it goes, and how the period will end."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Final

from aiohttp import web

from noc.availability.forecast import Forecast
from noc.availability.objectives import NETWORK, Standing, left_share
from noc.availability.standings import PeriodError, Standings
from noc.http.problems import bad_request
from noc.http.scope import Scope, scope
from noc.i18n.marking import say
from noc.inventory.entities import Circuit, Site
from noc.inventory.inventory import Inventory
from noc.web.pages import WebPages
from noc.web.paging import chosen, page_of
from noc.web.places import url_of

PERIODS: Final[Mapping[str, str]] = {
    "month": say("this month"),
    "quarter": say("this quarter"),
    "year": say("this year"),
    "biennium": say("this biennium"),
    "30d": say("the last 30 days"),
}
"""What a page offers; its address takes every name of a period."""

KINDS: Final = {"site": say("Sites"), "circuit": say("Circuits"), "service": say("Services")}
MIDNIGHT: Final = "midnight"
"""In an address: the zone in which the period begins and ends at midnight; `zone` is that of the times."""

VERDICTS: Final = ("met", "missed", "not shown")
_LINKED: Final = ("site", "device")


@dataclass(frozen=True, slots=True)
class Row:
    """One objective as pages show it. name: empty for the whole network.

    url: where more is told of it; None where nothing is.
    """

    entity: str
    name: str
    url: str | None
    one: Standing

    @property
    def left_pct(self) -> float | None:
        """Return the share of the budget that is left, in percent, between 0 and 100; None where there is none."""
        share = left_share(self.one.budget)
        return None if share is None else min(max(float(100 * share), 0.0), 100.0)

    @property
    def end(self) -> Forecast:
        """Return how the period will end."""
        return self.one.forecast


async def show(pages: WebPages, request: web.Request) -> web.Response:
    """Answer with the page: the network and its regions, then sites, circuits or services, the least budget first."""
    inventory, may_see = pages.sources.inventory(), scope(request)
    kind = chosen(request, "kind", list(KINDS), "site")
    region = chosen(request, "region", sorted(inventory.regions))
    verdict = chosen(request, "verdict", VERDICTS)
    found = await _asked(pages, request)

    def wanted(name: str) -> bool:
        return may_see.sees(inventory, name) and region in ("", region_of(inventory, name))

    def worked_out() -> tuple[list[Row], list[tuple[str, Standing]]]:
        rows = standing_of(found, inventory, kind, wanted)
        chosen_rows = [(name, one) for name, one in rows if verdict in ("", one.verdict_so_far.value)]
        return sums_of(found, inventory, may_see), chosen_rows

    sums, ordered = await asyncio.to_thread(worked_out)  # of all sites tens of milliseconds
    listed = page_of(ordered, request, per_page=50)
    rows = [_row(inventory, name, found.of(name) or one) for name, one in listed.items]
    return pages.show(
        request,
        "objectives.html",
        found=found,
        period=request.query.get("period", "month"),
        periods=PERIODS,
        kind=kind,
        kinds=KINDS,
        region=region,
        regions=sorted(inventory.regions.values(), key=lambda one: one.name.casefold()),
        verdict=verdict,
        verdicts=VERDICTS,
        sums=sums,
        page=listed,
        rows=rows,
    )


async def now(pages: WebPages, request: web.Request) -> web.Response:
    """Answer with this month in a few lines: a part of other pages, fetched behind them, for it takes a while."""
    inventory, may_see = pages.sources.inventory(), scope(request)
    found = await pages.sources.objectives.standings("month")
    rows = await asyncio.to_thread(sums_of, found, inventory, may_see)
    return pages.show(request, "objectives_now.html", found=found, rows=rows)


def sums_of(found: Standings, inventory: Inventory, may_see: Scope) -> list[Row]:
    """Return the network, for who may see all of it, and the regions that a caller may see, the least budget first."""
    network = standing_of(found, inventory, NETWORK, lambda _: may_see.everything)
    regions = standing_of(found, inventory, "region", lambda name: may_see.sees(inventory, name))
    return [_row(inventory, name, found.of(name) or one) for name, one in (*network, *regions)]


def standing_of(
    found: Standings, inventory: Inventory, kind: str, wanted: Callable[[str], bool]
) -> list[tuple[str, Standing]]:
    """Return how those of a kind stand that are wanted and that there still are, without a forecast.

    Those with the least budget left come first.
    """
    rows = found.worst_first(kind)
    return [
        (name, one) for name, one in rows if (name == NETWORK or inventory.entity(name) is not None) and wanted(name)
    ]


def region_of(inventory: Inventory, name: str) -> str:
    """Return the id of the region that something stands in; empty where it stands in none."""
    match inventory.entity(name):
        case Site() as site:
            return site.region
        case Circuit() as circuit:
            return inventory.sites[circuit.site].region
    return ""


def _row(inventory: Inventory, name: str, one: Standing) -> Row:
    kind, _, key = name.partition("/")
    thing = inventory.entity(name)
    words = "" if thing is None else thing.name
    return Row(name, words, url_of(kind, key) if kind in _LINKED else None, one)


async def _asked(pages: WebPages, request: web.Request) -> Standings:
    try:
        text, zone = request.query.get("period", "") or "month", request.query.get(MIDNIGHT) or None
        return await pages.sources.objectives.standings(text, zone)
    except PeriodError as error:
        raise bad_request(f"/query/{MIDNIGHT if error.asked == 'zone' else error.asked}", str(error)) from error
