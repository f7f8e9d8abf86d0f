"""Assets: how old devices are against their useful life, how long they were down, which sites hang on each alone."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Sequence

from aiohttp import web

from noc.http.assetbook import Asset, Assets
from noc.http.scope import scope
from noc.http.tables import written
from noc.i18n.deviceclasses import CLASS_WORDS
from noc.inventory.layers import DEVICE_CLASSES
from noc.inventory.life import BANDS
from noc.web.assetrows import BAND_SHAPES, BAND_WORDS, ORDERS, Wanted, matrix, table
from noc.web.pages import WebPages
from noc.web.paging import chosen, page_of
from noc.web.periods import ROLLING, Asked, asked, offered

log = logging.getLogger(__name__)

ADDRESS = "/assets"
SITES_SHOWN = 3


async def show(pages: WebPages, request: web.Request) -> web.Response:
    """Answer with the matrix and the list."""
    inventory, seen = pages.sources.inventory(), scope(request)
    wanted, order, period = _asked(pages, request)
    found = await pages.sources.assets.read(pages.sources, seen, period.so_far)
    held, picked = await asyncio.to_thread(_picked, found, wanted, order)
    regions = [one for key, one in inventory.regions.items() if seen.sees_region(key)]
    return pages.show(
        request,
        "assets.html",
        page=page_of(picked, request, per_page=50),
        total=len(found.items),
        classes=matrix(held),
        makers=sorted({one.made.vendor for one in found.items if one.made.vendor}, key=str.casefold),
        unread=sum(1 for one in found.items if not any(one.made)),
        day=found.day,
        wanted=wanted,
        is_filtered=wanted != Wanted(),
        order=order,
        orders={key: words for key, (words, _) in ORDERS.items()},
        asked=period,
        periods=(*ROLLING, *offered(pages.sources.clock.now())),
        regions=sorted(regions, key=lambda one: one.name.casefold()),
        device_classes=DEVICE_CLASSES,
        bands=BANDS,
        band_words=BAND_WORDS,
        band_shapes=BAND_SHAPES,
        class_words=CLASS_WORDS,
        sites_shown=SITES_SHOWN,
        link=lambda **values: _link(request, ADDRESS, values),
        as_csv=_link(request, f"{ADDRESS}/file", {}),
    )


async def file(pages: WebPages, request: web.Request) -> web.Response:
    """Answer with all that fits the filters, as CSV."""
    wanted, order, period = _asked(pages, request)
    found = await pages.sources.assets.read(pages.sources, scope(request), period.so_far)
    _, picked = await asyncio.to_thread(_picked, found, wanted, order)
    text = await asyncio.to_thread(lambda: written(table(picked)))
    response = web.Response(text=text, content_type="text/csv", charset="utf-8")
    response.headers["Content-Disposition"] = 'attachment; filename="assets.csv"'
    response.enable_compression()
    return response


def _asked(pages: WebPages, request: web.Request) -> tuple[Wanted, str, Asked]:
    """Return which assets, in which order, with figures of which time. Raises ProblemError (400)."""
    inventory, seen = pages.sources.inventory(), scope(request)
    visible = [one for one in inventory.sites.values() if seen.sees_region(one.region)]
    wanted = Wanted(
        region=chosen(request, "region", sorted({one.region for one in visible})),
        site=chosen(request, "site", sorted(one.id for one in visible)),
        device_class=chosen(request, "class", DEVICE_CLASSES),
        maker=request.query.get("maker", "")[:200],
        band=chosen(request, "state", BANDS),
        is_alone=bool(chosen(request, "alone", ("1",))),
        text=request.query.get("q", "").strip()[:100],
    )
    period = asked(request.query.get("period", "") or "30d", pages.sources.clock.now())
    return wanted, chosen(request, "sort", list(ORDERS), "risk"), period


def _picked(found: Assets, wanted: Wanted, order: str) -> tuple[list[Asset], Sequence[Asset]]:
    """Return what the matrix counts, and what the list shows."""
    held = [one for one in found.items if wanted.holds(one)]
    return held, sorted(filter(wanted.picks, held), key=ORDERS[order][1])


def _link(request: web.Request, path: str, values: dict[str, str]) -> str:
    """Return the address with something else chosen, from its first page on."""
    kept = {name: value for name, value in request.query.items() if name != "page"}
    return str(request.rel_url.with_path(path).with_query(kept | values))
