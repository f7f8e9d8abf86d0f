"""The search over everything: a page, and what the box on every page shows while somebody writes."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final
from urllib.parse import quote, urlencode

from aiohttp import web

from noc.http.scope import scope
from noc.http.searchindex import KINDS, Field, Hit, Kind
from noc.i18n.language import language
from noc.i18n.marking import say
from noc.inventory.inventory import Inventory
from noc.model.present import StatusNow
from noc.web.pages import WebPages, spoken_of
from noc.web.places import place_of, url_of

EACH: Final = 8
EACH_OF_HELP: Final = 3
EACH_OF_PAGE: Final = 40

KIND_WORDS: Final[Mapping[Kind, str]] = {
    "device": say("Devices"),
    "site": say("Sites"),
    "circuit": say("Circuits"),
    "interface": say("Interfaces"),
    "endpoint": say("End points"),
    "service": say("Services"),
    "region": say("Regions"),
    "incident": say("Incidents"),
    "report": say("Reports"),
    "person": say("People"),
}
FIELD_WORDS: Final[Mapping[Field, str]] = {
    "id": say("id"),
    "name": say("name"),
    "address": say("address"),
    "subnet": say("network"),
    "serial": say("serial number"),
    "mac": say("MAC address"),
    "alias": say("description"),
    "provider": say("provider"),
    "provider_reference": say("reference of the provider"),
    "tag": say("tag"),
    "sys_name": say("name that it says"),
    "number": say("number"),
    "email": say("mail"),
    "phone": say("telephone"),
}


@dataclass(frozen=True, slots=True)
class Row:
    """A thing on the page. where: the site or region that it stands in; status: None where it has none."""

    hit: Hit
    url: str
    where: str
    status: StatusNow | None

    @property
    def by(self) -> str:
        """Return the value that it was found by, where its name doesn't say it."""
        return "" if self.hit.value.casefold() in self.hit.thing.name.casefold() else self.hit.value


async def show(pages: WebPages, request: web.Request) -> web.Response:
    """Answer with what is found. go: at once to the only thing found, or the only one that is called all of it."""
    text = request.query.get("q", "").strip()[:200]
    is_box = request.headers.get("HX-Request") == "true"
    at_most, spoken = EACH if is_box else EACH_OF_PAGE, language(spoken_of(request))
    found = await pages.sources.search.find(pages.sources, text, scope(request), at_most, spoken)
    inventory = pages.sources.inventory()
    groups = [(kind, [_row(hit, pages, inventory) for hit in found.hits[kind]]) for kind in KINDS if kind in found.hits]
    if request.query.get("go") and (only := _only([row for _, rows in groups for row in rows], text)) is not None:
        raise web.HTTPSeeOther(only.url)
    await asyncio.to_thread(pages.handbook.open)
    return pages.show(
        request,
        "searchfound.html" if is_box else "search.html",
        text=text,
        groups=groups,
        of_help=pages.handbook.find(text, EACH_OF_HELP if is_box else EACH),
        found=found,
        kind_words=KIND_WORDS,
        field_words=FIELD_WORDS,
    )


def _only(rows: Sequence[Row], text: str) -> Row | None:
    """Return the row that is meant; None where it may be one of several. Words of others may stand in many values."""
    meant = rows if len(rows) == 1 else [row for row in rows if text.casefold() in row.hit.value.casefold()]
    return meant[0] if len(meant) == 1 else None


def _row(hit: Hit, pages: WebPages, inventory: Inventory) -> Row:
    thing = hit.thing
    place = place_of(inventory, thing.entity) if thing.entity else None
    where = ""
    if place is not None:
        where = place.site.name if place.site is not None and thing.kind != "site" else ""
        where = where or (place.region.name if place.region is not None and thing.kind != "region" else "")
    has_status = thing.kind in ("device", "site", "circuit")
    status = pages.sources.present.status(thing.entity) if has_status else None
    url = _URLS.get(thing.kind, "").format(quote(thing.key, safe=""))
    if thing.kind == "interface":
        owner = thing.entity.partition("/")[2]
        url = f"{url_of('device', owner)}?{urlencode({'interface': thing.part})}"
    if thing.kind == "circuit" and place is not None:
        url = place.url or url
    return Row(hit, url, where, status)


_URLS: Final[Mapping[Kind, str]] = {
    "device": "/devices/{}",
    "site": "/sites/{}",
    "circuit": "/problems",
    "endpoint": "/services#endpoint-{}",
    "service": "/services#service-{}",
    "region": "/sites?region={}",
    "incident": "/incidents/{}",
    "report": "/reports/{}",
    "person": "/oncall",
}
