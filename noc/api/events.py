"""Events: what devices sent by themselves, and who sends that nobody knows."""

from __future__ import annotations

import re
from typing import Final

from aiohttp import web
from pydantic import Field

from noc.api import _named as named
from noc.api import _query as query
from noc.api._endpoint import PAGING, Endpoint, Parameter, one_of, time_parameter
from noc.api._shapes import Listing, Moment, Shape
from noc.http.problems import bad_request
from noc.http.scope import Scope, scope
from noc.http.sources import Sources
from noc.model.event import (
    EVENT_CLASSES,
    EVENT_KINDS,
    EVENT_SEVERITIES,
    EventClass,
    EventKind,
    EventSeverity,
)
from noc.model.incident import Fact
from noc.state import events, senders
from noc.state.events import Kept, Place
from noc.state.senders import Sender

_PLACE: Final = re.compile(r"([0-9]{1,15})\.([0-9]{1,15})\Z")


class EventItem(Shape):
    """An event."""

    id: int
    source: str
    """Address that it came from."""
    device: str | None
    """Entity of the device that sent it: device/nbo-rtr-1."""
    about: str | None
    """Entity that it speaks of: an interface, a peer, a tunnel, a probe, else the device."""
    kind: EventKind
    name: str
    """IF-MIB::linkDown, %LINEPROTO-5-UPDOWN, and the like."""
    event_class: EventClass = Field(alias="class")
    severity: EventSeverity
    count: int
    """How often it came between first and last."""
    first: Moment
    last: Moment
    device_time: Moment | None
    """The device's own time, where it gave one."""
    facts: dict[str, Fact]
    text: str
    """As the device said it, without control characters; not to be trusted."""


class SenderItem(Shape):
    """Who sends traps or syslog and is no device of the inventory."""

    address: str
    kind: EventKind
    count: int
    first: Moment
    last: Moment
    sample: str
    """Of its last message, cut; not to be trusted."""


FILTERS: Final = (
    Parameter("device", "Only of this device, by its id or entity."),
    one_of("class", "Only of this class.", EVENT_CLASSES),
    one_of("kind", "Only of this kind.", EVENT_KINDS),
    one_of("severity", "Only of this severity.", EVENT_SEVERITIES),
    time_parameter("since", "Only those that came last then or later."),
    time_parameter("until", "Only those that came last before then."),
    *PAGING,
)


def endpoints(sources: Sources) -> list[Endpoint]:
    """Return the endpoints of events."""

    async def listed(request: web.Request) -> Listing[EventItem]:
        limit, inventory, seen = query.limit(request), sources.inventory(), scope(request)
        device = _device(request)
        async with sources.database.read() as connection:
            if device is not None and not await named.is_or_was(
                inventory, seen, device, lambda: events.page(connection, device=device, limit=1)
            ):
                key, known = device.removeprefix("device/"), named.devices(inventory, seen)
                raise named.names_nothing("device", "device", key, known)
            found = await events.page(
                connection,
                device=device,
                devices=_devices(sources, seen),
                classes=query.words(request, "class", EVENT_CLASSES) if "class" in request.query else None,
                kinds=query.words(request, "kind", EVENT_KINDS) if "kind" in request.query else None,
                severities=query.words(request, "severity", EVENT_SEVERITIES) if "severity" in request.query else None,
                since_ms=query.time(request, "since", sources.clock),
                until_ms=query.time(request, "until", sources.clock),
                before=_place(request),
                limit=limit + 1,
            )
        more = None
        if len(found) > limit:
            last = found[limit - 1]
            more = query.next_cursor(f"{last.event.last_ms}.{last.id}")
        return Listing[EventItem](items=[_item(one) for one in found[:limit]], next=more)

    async def unknown(request: web.Request) -> Listing[SenderItem]:
        limit = query.limit(request)
        after = query.cursor(request)
        address, _, kind = (after or "").rpartition(" ")
        if after is not None and not address:
            raise bad_request("/query/cursor", "belongs to another list; take `next` of the page before")
        found: list[Sender] = []
        if scope(request).everything:  # they belong to no region
            async with sources.database.read() as connection:
                place = None if after is None else (address, kind)
                found = await senders.page(connection, after=place, limit=limit + 1)
        more = None
        if len(found) > limit:
            more = query.next_cursor(f"{found[limit - 1].address} {found[limit - 1].kind}")
        return Listing[SenderItem](items=[_sender(one) for one in found[:limit]], next=more)

    return [
        Endpoint("GET", "/events", "Events, those that came last first.", listed, Listing[EventItem], FILTERS),
        Endpoint(
            "GET", "/unknown-senders", "Senders that are no device, by address.", unknown, Listing[SenderItem], PAGING
        ),
    ]


def _device(request: web.Request) -> str | None:
    given = query.text(request, "device")
    return None if given is None else f"device/{given.removeprefix('device/')}"


def _devices(sources: Sources, seen: Scope) -> list[str] | None:
    """Return the devices of a scope; None for one that sees everything."""
    if seen.everything:
        return None
    inventory = sources.inventory()
    return [device.entity for device in inventory.devices.values() if seen.sees(inventory, device.entity)]


def _place(request: web.Request) -> Place | None:
    given = query.cursor(request)
    if given is None:
        return None
    found = _PLACE.match(given)
    if found is None:
        raise bad_request("/query/cursor", "belongs to another list; take `next` of the page before")
    return Place(int(found[1]), int(found[2]))


def _item(kept: Kept) -> EventItem:
    event = kept.event
    return EventItem(
        id=kept.id,
        source=event.source,
        device=event.device,
        about=event.about,
        kind=event.kind,
        name=event.name,
        event_class=event.event_class,
        severity=event.severity,
        count=event.count,
        first=event.first_ms,
        last=event.last_ms,
        device_time=event.device_ms,
        facts=dict(event.facts),
        text=event.text,
    )


def _sender(one: Sender) -> SenderItem:
    return SenderItem(
        address=one.address, kind=one.kind, count=one.count, first=one.first_ms, last=one.last_ms, sample=one.sample
    )
