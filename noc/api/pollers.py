"""Remote pollers: who is there, what waits on their disks, whose clock is off, and what nobody sees."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final, Literal

from aiohttp import web

from noc.api import _query as query
from noc.api._endpoint import PAGING, Endpoint
from noc.api._filters import Field as By
from noc.api._filters import Filters
from noc.api._pages import keyed_page
from noc.api._shapes import Listing, Moment, Shape
from noc.http.scope import scope
from noc.http.sources import Sources
from noc.model.poller import PollerNow

State = Literal["never", "here", "draining", "gone", "quarantined"]
STATES: Final = ("never", "here", "draining", "gone", "quarantined")


class PollerItem(Shape):
    """A remote poller."""

    name: str
    entity: str
    group: str
    state: State
    """never: enrolled, and not heard of yet. draining: it gives up its share. quarantined: nothing is taken from it."""
    since: Moment | None
    """Since when its state is so; null: it was never heard."""
    seen: Moment | None
    """When it was last heard."""
    version: str
    devices: int
    """How many it polls now, as it says."""
    endpoints: int
    """How many end points it asks now, as it says."""
    waiting: int
    """Frames on its disk that the centre doesn't have."""
    oldest: Moment | None
    """Of when the oldest of them is."""
    offset_s: float | None
    """How far its clock is ahead; null: not known."""
    error_s: float | None
    """By how much that may be wrong."""
    plan: str
    """The digest of the plan that it goes by."""
    drain: bool
    """People asked it to give up its share."""
    quarantine: str
    """Why nothing is taken from it; empty: it is."""
    readings: int
    """Taken since noc started."""
    events: int
    refused: int
    """What it may not speak of, or nobody can read."""
    blind_since: Moment | None
    """Since when nobody polls the devices of its group; null: somebody does."""
    alone_since: Moment | None
    """Since when it calls people by itself, because it doesn't hear the centre; null: it doesn't."""


FILTERS: Final = Filters(
    (
        By("state", "the state", "word", STATES),
        By("name", "the name", "text"),
        By("group", "the group", "text"),
        By("version", "the version", "text"),
        By("waiting", "the number of frames that wait on its disk", "number"),
        By("seen", "the time when it was last heard", "time"),
    )
)


def endpoints(sources: Sources) -> list[Endpoint]:
    """Return the endpoint of remote pollers."""

    async def listed(request: web.Request) -> Listing[PollerItem]:
        inventory, seen = sources.inventory(), scope(request)
        fits: Callable[[PollerItem], bool] = FILTERS.asked(request, sources.clock, {}, {})
        visible = (one for one in sources.pollers() if seen.sees(inventory, one.known.entity))
        known = {one.known.name: _item(one) for one in visible}
        items, more = keyed_page(known, query.cursor(request), query.limit(request), fits)
        return Listing[PollerItem](items=items, next=more)

    filters = (*FILTERS.parameters, *PAGING)
    return [Endpoint("GET", "/pollers", "Remote pollers, by name.", listed, Listing[PollerItem], filters)]


def _state(now: PollerNow) -> State:
    return "quarantined" if now.known.quarantine else now.known.state


def _item(now: PollerNow) -> PollerItem:
    row = now.known
    return PollerItem(
        name=row.name,
        entity=row.entity,
        group=row.group,
        state=_state(now),
        since=row.since_ms or None,
        seen=row.seen_ms,
        version=row.version,
        devices=now.devices,
        endpoints=now.endpoints,
        waiting=row.waiting,
        oldest=row.oldest_ms,
        offset_s=None if row.offset_us is None else row.offset_us / 1_000_000,
        error_s=None if row.error_us is None else row.error_us / 1_000_000,
        plan=row.plan,
        drain=row.drain,
        quarantine=row.quarantine,
        readings=row.readings,
        events=row.events,
        refused=row.refused,
        blind_since=now.blind_ms,
        alone_since=row.alone_ms,
    )
