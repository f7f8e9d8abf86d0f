"""What a device was last read to hold in tables: neighbours, processors, memory, routing sessions, modems, …"""

from __future__ import annotations

from aiohttp import web

from noc.api import _query as query
from noc.api._endpoint import Endpoint, one_of, path_id
from noc.api._shapes import Shape
from noc.api.devices import visible_device
from noc.http.scope import scope
from noc.http.sources import Sources
from noc.model.snapshot import RECORD_FIELDS, Scalar

KINDS = tuple(RECORD_FIELDS)
KIND = one_of("kind", "Only tables of this kind.", KINDS)


class RecordsItem(Shape):
    """Tables of a device, as `noc poll --json` names them."""

    records: dict[str, list[dict[str, Scalar]]]
    """By kind; a table that it doesn't have, or that wasn't read yet, is not there."""
    satellite: dict[str, Scalar]
    """What a modem says of its link; empty where it says nothing."""


def endpoints(sources: Sources) -> list[Endpoint]:
    """Return the endpoint."""

    async def read(request: web.Request) -> RecordsItem:
        device = visible_device(sources.inventory(), scope(request), request.match_info["id"])
        snapshot, kinds = sources.present.snapshot(device.entity), query.words(request, "kind", KINDS)
        known = {} if snapshot is None else snapshot.records
        found = {kind: [dict(row) for row in known[kind]] for kind in kinds if known.get(kind)}
        return RecordsItem(records=found, satellite={} if snapshot is None else dict(snapshot.satellite))

    said = "Its tables, as last read: neighbours, processors, memory, routing sessions, modems and more."
    return [Endpoint("GET", "/devices/{id}/records", said, read, RecordsItem, (path_id("device"), KIND))]
