"""Availability over a period: the network, its regions and its sites against a target."""

from __future__ import annotations

from collections.abc import Callable
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

TargetOf = Callable[[str], Fraction | None]


@dataclass(frozen=True, slots=True)
class Reckoned:
    """All that lines are made of. said: of the period so far. whole: the measured figures of all of it.

    target_of: what each is held against, in percent, by its entity or `network`; None: nothing.
    """

    inventory: Inventory
    asked: Asked
    target_of: TargetOf
    now_ms: int
    said: Statement
    whole: Answer

    @property
    def so_far(self) -> Answer:
        """Return the measured figures of the period so far."""
        return self.said.measured

    def network(self) -> Line:
        """Return the line of the whole network."""
        return self._line("network", "", None, (self.so_far.network, self.whole.network))

    def regions(self, may_see: Scope) -> list[Line]:
        """Return the lines of the regions that a caller may see, the worst first."""
        lines = []
        for region in self.inventory.regions.values():
            now, whole = self.so_far.regions.get(region.entity), self.whole.regions.get(region.entity)
            if may_see.sees_region(region.id) and now is not None and whole is not None:
                query = f"?period={self.asked.name}&region={quote(region.id)}"
                lines.append(self._line(region.entity, region.name, query, (now, whole)))
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
        of_all = figures.durations, sums, self.asked, self.target_of(entity), self.now_ms
        made = line(name, url, *of_all, outages=figures.outages, outages_url=listed)
        return beside(made, self.said, entity)

    def _line(self, entity: str, name: str, url: str | None, sums: tuple[Durations, Durations]) -> Line:
        return beside(line(name, url, *sums, self.asked, self.target_of(entity), self.now_ms), self.said, entity)


async def reckoned(pages: WebPages, period: Asked, target_of: TargetOf) -> Reckoned:
    """Ask for the figures of a period. Raises StateError."""
    sources = pages.sources
    said = await sources.stated("network", period.so_far)
    if said is None:
        raise not_found("figures of the network")
    whole = await sources.availability(period.whole) if period.is_running else said.measured
    return Reckoned(sources.inventory(), period, target_of, ms(sources.clock.now()), said, whole)


async def show(pages: WebPages, request: web.Request) -> web.Response:
    """Answer with the page."""
    may_see = scope(request)
    now = pages.sources.clock.now()
    period = asked(request.query.get("period", ""), now)
    region = chosen(request, "region", sorted(pages.sources.inventory().regions))
    asked_for = target_of(request.query.get("target", ""), None)
    all_of = await reckoned(pages, period, promised(pages, asked_for))
    sums = ([all_of.network()] if may_see.everything else []) + all_of.regions(may_see)
    sites = page_of(all_of.sites(may_see, region), request, per_page=50)
    return pages.show(
        request,
        "availability.html",
        asked=period,
        periods=(*ROLLING, *offered(now)),
        sums=sums,
        sites=sites,
        scale=scale_for([*sums, *sites.items]),
        region=region,
        known_at=all_of.said.known_at,
        region_name=all_of.inventory.regions[region].name if region else "",
    )


def promised(pages: WebPages, asked_for: Fraction | None = None) -> TargetOf:
    """Return what everything is held against. asked_for: what an address names, for all; None: what is promised."""
    sources = pages.sources
    targets = sources.objectives.targets
    if asked_for is not None or sources.target_pct is None:
        return lambda _: asked_for
    return lambda entity: targets.of(entity).percent


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
