"""What lies behind a device: copies of its configuration, past incidents, series; fetched when somebody gets there."""

from __future__ import annotations

import logging
from typing import Final

from aiohttp import web

from noc.model.errors import StoreError
from noc.state import configurations, incidents
from noc.web.pages import WebPages
from noc.web.views.device import asked_for
from noc.web.views.problems import rows_of

log = logging.getLogger(__name__)

VERSIONS: Final = 5
PAST: Final = 10


async def show(pages: WebPages, request: web.Request) -> web.Response:
    """Answer with the part of the page."""
    sources, device = pages.sources, asked_for(pages, request)
    async with sources.database.read() as connection:
        versions = await configurations.versions(connection, device.id, VERSIONS)
        entities = [device.entity, *(one.part.entity for one in sources.present.parts(device.entity))]
        past = await incidents.page(connection, state="resolved", entities=entities, limit=PAST)
    measured: dict[str, tuple[int, set[str]]] = {}
    stored = True
    try:
        for name in await sources.series.names({"device": device.id}):
            count, fields = measured.get(name.measurement, (0, set()))
            measured[name.measurement] = (count + 1, fields | set(name.fields))
    except StoreError as error:
        log.warning("%s: its series can't be listed: %s", device.entity, error)
        stored = False
    return pages.show(
        request,
        "device_more.html",
        device=device,
        versions=versions,
        past=rows_of(past, sources.inventory()),
        measured=[(name, count, sorted(fields)) for name, (count, fields) in sorted(measured.items())],
        stored=stored,
    )
