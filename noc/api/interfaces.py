"""Interfaces of a device, as they were last read by SNMP."""

from __future__ import annotations

from aiohttp import web

from noc.api import _query as query
from noc.api._endpoint import PAGING, Endpoint, path_id
from noc.api._shapes import Listing
from noc.api.devices import visible_device
from noc.http.scope import scope
from noc.http.sources import Sources
from noc.model.snapshot import Interface


def endpoints(sources: Sources) -> list[Endpoint]:
    """Return the endpoint of interfaces."""

    async def listed(request: web.Request) -> Listing[Interface]:
        device = visible_device(sources.inventory(), scope(request), request.match_info["id"])
        snapshot, limit = sources.present.snapshot(device.entity), query.limit(request)
        after = query.number_cursor(request)
        rows = () if snapshot is None else snapshot.interfaces
        found = sorted((row for row in rows if after is None or row.if_index > after), key=lambda row: row.if_index)
        more = query.next_cursor(found[limit - 1].if_index) if len(found) > limit else None
        return Listing[Interface](items=found[:limit], next=more)

    said = "The interfaces of a device, by ifIndex; none where it wasn't read yet."
    return [Endpoint("GET", "/devices/{id}/interfaces", said, listed, Listing[Interface], (path_id("device"), *PAGING))]
