"""How the reader of a page wants it: the zone of its times, and whether as text alone. What the address says counts
before what the browser keeps, and that before what the account keeps.
"""

from __future__ import annotations

from typing import Final
from urllib.parse import parse_qs, urlsplit

from aiohttp import web
from aiohttp.typedefs import Handler

from noc.http.scope import caller_or_none
from noc.inventory.entities import Site
from noc.inventory.inventory import Inventory
from noc.web.carrying import onward
from noc.web.zones import ADDRESS, COOKIE, Times, times_for

LITE: Final = "lite"
"""In an address: pages as text alone, `?lite`; `?lite=0` ends it. Also the value of its cookie."""

LITE_COOKIE: Final = "noc_lite"
_OFF: Final = "0"
_NAME_AT_MOST: Final = 100


def times_of(request: web.Request, inventory: Inventory, site: Site | None = None) -> Times:
    """Return how the page of a request writes its times. site: of what it is about, where its address doesn't tell."""
    who = caller_or_none(request)
    own = "" if who is None or who.account is None else who.account.zone
    there = site or site_of(request, inventory)
    zone = None if there is None else there.time_zone or inventory.regions[there.region].time_zone
    asked = request.query.get(ADDRESS, "")[:_NAME_AT_MOST]
    return times_for(asked, request.cookies.get(COOKIE, ""), own, zone)


def site_of(request: web.Request, inventory: Inventory) -> Site | None:
    """Return the site that an address is of: its own page, or that of a device or circuit; None where there is none.

    One that the caller may not see isn't there.
    """
    who, named = caller_or_none(request), request.match_info
    thing = inventory.devices.get(named.get("device", "")) or inventory.circuits.get(named.get("circuit", ""))
    site = inventory.sites.get(named.get("site", "") if thing is None else thing.site)
    return site if site is not None and who is not None and who.scope.sees_region(site.region) else None


def is_lite(request: web.Request) -> bool:
    """Return whether a page is wanted as text: without scripts, drawings and pictures, for a line that is thin."""
    asked = request.query.get(LITE)
    if asked is None and request.path == "/login":
        asked = next(iter(_query_of(request.query.get("next", "")).get(LITE, ())), None)
    return request.cookies.get(LITE_COOKIE) == LITE if asked is None else asked != _OFF


def carried(request: web.Request) -> dict[str, str]:
    """Return what the address says of the reader, for the addresses that its page leads to."""
    return {name: request.query[name][:_NAME_AT_MOST] for name in (ADDRESS, LITE) if name in request.query}


def keeping(handler: Handler) -> Handler:
    """Return a handler after which the address that something done leads to says the same of the reader."""

    async def kept(request: web.Request) -> web.StreamResponse:
        try:
            return await handler(request)
        except web.HTTPSeeOther as answer:
            answer.headers["Location"] = onward(answer.headers["Location"], carried(request))
            raise

    return kept


def _query_of(address: str) -> dict[str, list[str]]:
    try:
        return parse_qs(urlsplit(address).query, keep_blank_values=True)
    except ValueError:
        return {}
