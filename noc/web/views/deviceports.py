"""Interfaces of a device: a part of its page that is fetched behind it, a page of them at a time."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta
from typing import Final

from aiohttp import web

from noc.http.sources import Sources
from noc.inventory.entities import Device
from noc.inventory.inventory import Inventory
from noc.model.errors import StoreError
from noc.model.instants import length_ms, to_ms
from noc.model.series import Series, SeriesQuery
from noc.web.pages import WebPages
from noc.web.paging import Page, chosen, page_of
from noc.web.ports import FIELDS, ORDERS, WORDS, Port, name_of, ports_of, rates_of, sparks_of, wanted
from noc.web.views.device import asked_for

log = logging.getLogger(__name__)

A_PAGE: Final = 50
DRAWN: Final = timedelta(hours=6)
STEP: Final = timedelta(minutes=15)
_POLLS_TO_LOOK_BACK: Final = 3


async def show(pages: WebPages, request: web.Request) -> web.Response:
    """Answer with the interfaces that a filter is about."""
    sources, device = pages.sources, asked_for(pages, request)
    inventory = sources.inventory()
    text, word = request.query.get("q", "").strip()[:100], chosen(request, "status", WORDS)
    order = chosen(request, "sort", [one for one in ORDERS if one])
    snapshot = sources.present.snapshot(device.entity)
    rates = rates_of(await _read(sources, device, FIELDS, None))
    known = {} if snapshot is None or not snapshot.records.get("neighbors") else _names(inventory)
    every = ports_of(snapshot, rates, known)
    page = page_of(wanted(every, text, word, order), request, A_PAGE)
    stop_ms = to_ms(sources.clock.now())
    series = await _read(sources, device, ("in_bps", "out_bps"), STEP) if page.items else ()
    drawn = sparks_of(series, stop_ms - length_ms(DRAWN), stop_ms, length_ms(max(STEP, device.watch.poll_interval)))
    shown = [replace(one, drawn=drawn.get(name_of(one.interface))) for one in page.items]
    return pages.show(
        request,
        "device_ports.html",
        device=device,
        snapshot=snapshot,
        failing=[one for one in sources.polls(device.entity) if not one.ok],
        total=len(every),
        ports=_on_page(page.with_items(shown)),
        interface=request.query.get("interface", ""),
        text=text,
        word=word,
        words=WORDS,
        order=order,
        orders=ORDERS,
        range=request.query.get("range", ""),
    )


def _on_page(page: Page[Port]) -> Page[Port]:
    """Return a page whose neighbours are those of the page of the device."""
    before, after = (None if one is None else one.replace("/interfaces?", "?", 1) for one in (page.before, page.after))
    return replace(page, before=before, after=after)


def _names(inventory: Inventory) -> dict[str, str]:
    return {name.casefold(): one.id for one in inventory.devices.values() for name in (one.id, one.name)}


async def _read(sources: Sources, device: Device, fields: Sequence[str], step: timedelta | None) -> Sequence[Series]:
    """Return numbers of all interfaces: the newest polls, or the last hours in steps; none where nobody answers."""
    stop = sources.clock.now()
    back = DRAWN if step else max(_POLLS_TO_LOOK_BACK * device.watch.poll_interval, timedelta(minutes=1))
    query = SeriesQuery("interface", tuple(fields), {"device": device.id}, stop - back, stop, step)
    try:
        return (await sources.series.read(query)).series
    except StoreError as error:
        log.warning("%s: rates of its interfaces can't be shown: %s", device.entity, error)
        return ()
