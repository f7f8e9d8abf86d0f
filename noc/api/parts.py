"""Parts of a device: routing neighbours, VRFs, tunnels, probes, watched interfaces, each with a status of its own."""

from __future__ import annotations

from collections.abc import Callable

from aiohttp import web

from noc.api import _query as query
from noc.api._endpoint import PAGING, Endpoint, path_id
from noc.api._filters import Field as By
from noc.api._filters import Filters
from noc.api._pages import page
from noc.api._shapes import Listing, Status
from noc.api.devices import visible_device
from noc.api.sites import STATUSES
from noc.http.scope import scope
from noc.http.sources import Sources
from noc.model.part import PART_KINDS, PartKind
from noc.model.present import PartNow

FILTERS = Filters(
    (
        By("kind", "the kind", "word", PART_KINDS),
        By("name", "the name", "text"),
        By("state", "the device's own word for its state", "text"),
        By("status", "the status now", "word", STATUSES),
        By("since", "the beginning of its status", "time"),
    )
)


class PartItem(Status):
    """A part of a device."""

    entity: str
    kind: PartKind
    name: str
    """What the device calls it: an address, a name, a tag."""
    state: str | None
    """The device's own word: established, full, lowerLayerDown; null where it told none."""
    judged: bool
    """false: people switched it off, or nothing is expected of it; its status is unknown."""
    told: bool
    """false: the device no longer tells of it."""


def endpoints(sources: Sources) -> list[Endpoint]:
    """Return the endpoint of parts."""

    async def listed(request: web.Request) -> Listing[PartItem]:
        device = visible_device(sources.inventory(), scope(request), request.match_info["id"])
        fits: Callable[[PartItem], bool] = FILTERS.asked(request, sources.clock, {}, {})
        items = (_item(one) for one in sources.present.parts(device.entity))
        found = {item.entity: item for item in items if fits(item)}
        shown, more = page(sorted(found), query.cursor(request), query.limit(request))
        return Listing[PartItem](items=[found[entity] for entity in shown], next=more)

    said = "What of a device has a status of its own, by entity."
    taken = (path_id("device"), *FILTERS.parameters, *PAGING)
    return [Endpoint("GET", "/devices/{id}/parts", said, listed, Listing[PartItem], taken)]


def _item(one: PartNow) -> PartItem:
    part, now = one.part, one.now
    return PartItem(
        entity=part.entity,
        kind=part.kind,
        name=part.name,
        state=part.state,
        judged=part.judged,
        told=one.seen,
        status=now.status,
        since=now.since_ms,
        seen=now.seen_ms,
    )
