"""All sites, the worst first."""

from __future__ import annotations

from dataclasses import dataclass

from aiohttp import web

from noc.http.scope import scope
from noc.i18n.language import Language, language
from noc.inventory.entities import Region, Site
from noc.model.present import StatusNow
from noc.web.overview import WORDS, Overview, overview
from noc.web.pages import WebPages, spoken_of
from noc.web.paging import chosen, page_of
from noc.web.places import url_of
from noc.web.siteclasses import class_word


@dataclass(frozen=True, slots=True)
class Row:
    """A site as the list shows it, with the numbers of its devices."""

    site: Site
    region: Region
    status: StatusNow
    devices: Overview

    @property
    def url(self) -> str:
        """Return the address of its page."""
        return url_of("site", self.site.id)

    @property
    def order(self) -> tuple[int, int, bool, str]:
        """Return what rows are sorted by: the worst, then what changed last, then where a device is not up."""
        word = WORDS.index(self.status.status)
        changed = 0 if self.status.status == "up" else -(self.status.since_ms or 0)
        return (word, changed, self.devices.number("up") == self.devices.total, self.site.name.casefold())


async def show(pages: WebPages, request: web.Request) -> web.Response:
    """Answer with the list."""
    inventory, present = pages.sources.inventory(), pages.sources.present
    region = chosen(request, "region", sorted(inventory.regions))
    word = chosen(request, "status", WORDS)
    text = request.query.get("q", "").strip()[:100]
    spoken = language(spoken_of(request))
    may_see, counts = scope(request), pages.device_counts.of(inventory)
    rows = [
        Row(site, inventory.regions[site.region], present.status(site.entity), counts[site.id])
        for site in inventory.sites.values()
        if may_see.sees_region(site.region) and region in ("", site.region) and _speaks_of(site, text, spoken)
    ]
    wanted = sorted((row for row in rows if word in ("", row.status.status)), key=lambda row: row.order)
    return pages.show(
        request,
        "sites.html",
        topics=("statuses", "incidents"),
        page=page_of(wanted, request),
        sites=overview(inventory, present, may_see),
        word=word,
        words=WORDS,
        region=region,
        regions=sorted(inventory.regions.values(), key=lambda one: one.name.casefold()),
        text=text,
        is_filtered=bool(region or word or text),
    )


def _speaks_of(site: Site, text: str, spoken: Language) -> bool:
    names = (site.id, site.name, site.country or "", site.site_class, class_word(site.site_class, spoken))
    return any(text.casefold() in name.casefold() for name in names)
