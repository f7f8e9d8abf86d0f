"""Availability over a period: the network, its regions and its sites against a target."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from urllib.parse import quote

from aiohttp import web

from noc.availability.figures import Durations
from noc.availability.replay import Answer, EntityAnswer
from noc.availability.statement import Statement
from noc.http.problems import bad_request, not_found
from noc.http.scope import Scope, scope
from noc.inventory.inventory import Inventory
from noc.web.figures import Line, beside, line, scale_for
from noc.web.pages import WebPages
from noc.web.paging import chosen, page_of
from noc.web.periods import ROLLING, Asked, asked, offered
from noc.web.places import url_of
from noc.web.words import ms


@dataclass(frozen=True, slots=True)
class Reckoned:
    """All that lines are made of. said: of the period so far. whole: the measured figures of all of it."""

    inventory: Inventory
    asked: Asked
    target: Fraction | None
    now_ms: int
    said: Statement
    whole: Answer

    @property
    def so_far(self) -> Answer:
        """Return the measured figures of the period so far."""
        return self.said.measured

    def network(self) -> Line:
        """Return the line of the whole network."""
        return beside(self._line("Whole network", None, self.so_far.network, self.whole.network), self.said, "network")

    def regions(self, may_see: Scope) -> list[Line]:
        """Return the lines of the regions that a caller may see, the worst first."""
        lines = []
        for region in self.inventory.regions.values():
            sums = self.so_far.regions.get(region.entity), self.whole.regions.get(region.entity)
            if may_see.sees_region(region.id) and sums[0] is not None and sums[1] is not None:
                query = f"?period={self.asked.name}&region={quote(region.id)}"
                lines.append(beside(self._line(region.name, query, sums[0], sums[1]), self.said, region.entity))
        return sorted(lines, key=lambda one: one.order)

    def sites(self, may_see: Scope, region: str) -> list[Line]:
        """Return the lines of the sites, of one region or of all, the worst first."""
        found = [
            made
            for site in self.inventory.sites.values()
            if may_see.sees_region(site.region) and region in ("", site.region)
            if (made := self.site(site.id)) is not None
        ]
        return sorted(found, key=lambda one: one.order)

    def site(self, key: str) -> Line | None:
        """Return the line of one site; None where there are no figures of it."""
        site = self.inventory.sites[key]
        now, then = self.so_far.entities.get(site.entity), self.whole.entities.get(site.entity)
        if now is None or then is None:
            return None
        return self._of_entity(site.entity, site.name, url_of("site", site.id), now, then)

    def _of_entity(self, entity: str, name: str, url: str, now: EntityAnswer, whole: EntityAnswer) -> Line:
        figures, sums = now.figures, whole.figures.durations
        listed = f"/corrections?entity={quote(entity, safe='')}&period={self.asked.name}"
        of_all = figures.durations, sums, self.asked, self.target, self.now_ms
        made = line(name, url, *of_all, outages=figures.outages, outages_url=listed)
        return beside(made, self.said, entity)

    def _line(self, name: str, url: str | None, now: Durations, whole: Durations) -> Line:
        return line(name, url, now, whole, self.asked, self.target, self.now_ms)


async def reckoned(pages: WebPages, period: Asked, target: Fraction | None) -> Reckoned:
    """Ask for the figures of a period. Raises StateError."""
    sources = pages.sources
    said = await sources.stated("network", period.so_far)
    if said is None:
        raise not_found("figures of the network")
    whole = await sources.availability(period.whole) if period.is_running else said.measured
    return Reckoned(sources.inventory(), period, target, ms(sources.clock.now()), said, whole)


async def show(pages: WebPages, request: web.Request) -> web.Response:
    """Answer with the page."""
    may_see = scope(request)
    now = pages.sources.clock.now()
    period = asked(request.query.get("period", ""), now)
    region = chosen(request, "region", sorted(pages.sources.inventory().regions))
    target = target_of(request.query.get("target", ""), pages.sources.target_pct)
    all_of = await reckoned(pages, period, target)
    sums = ([all_of.network()] if may_see.everything else []) + all_of.regions(may_see)
    sites = page_of(all_of.sites(may_see, region), request, per_page=50)
    return pages.show(
        request,
        "availability.html",
        asked=period,
        months=offered(now),
        rolling=tuple(ROLLING),
        target=target,
        sums=sums,
        sites=sites,
        scale=scale_for([*sums, *sites.items], target),
        region=region,
        known_at=all_of.said.known_at,
        region_name=all_of.inventory.regions[region].name if region else "",
    )


def target_of(text: str, promised: Fraction | None) -> Fraction | None:
    """Return the target that an address names, in percent, else what is promised.

    Raises ProblemError (400) where it is none.
    """
    if not text:
        return promised
    whole, _, rest = text.partition(".")
    digits = whole + rest
    if not (digits.isascii() and digits.isdigit() and len(digits) <= 12) or not 0 < Fraction(text) <= 100:
        raise bad_request("/query/target", "must be a percentage above 0, such as 99.8")
    return Fraction(text)
