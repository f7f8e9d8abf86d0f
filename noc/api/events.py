"""Events: what devices sent by themselves, and who sends that nobody knows."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection
from functools import partial
from typing import Final, TypedDict

from aiohttp import web
from pydantic import Field

from noc.api import _named as named
from noc.api import _places as places
from noc.api import _query as query
from noc.api._endpoint import PAGING, Endpoint, time_parameter
from noc.api._filters import Field as By
from noc.api._filters import Filters, Value
from noc.api._pages import scanned_page
from noc.api._shapes import Listing, Moment, Shape
from noc.http.problems import bad_request
from noc.http.scope import Scope, scope
from noc.http.sources import Sources
from noc.inventory.inventory import Inventory
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
from noc.state.database import Transaction
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


BY: Final = Filters(
    (
        By("device", "the device, by its id or entity,", "entity"),
        *places.PLACES,
        By("class", "the class", "word", EVENT_CLASSES),
        By("kind", "the kind", "word", EVENT_KINDS),
        By("severity", "the severity", "word", EVENT_SEVERITIES),
        By("name", "the name", "text"),
        By("text", "the text", "text"),
        By("about", "the entity that it speaks of", "text"),
        By("source", "the address that it came from", "text"),
        By("count", "the number of times that it came", "number"),
        By("first", "the first time that it came", "time"),
        By("last", "the last time that it came", "time"),
    )
)
FILTERS: Final = (
    *BY.parameters,
    time_parameter("since", "Only those that came last then or later."),
    time_parameter("until", "Only those that came last before then."),
    *PAGING,
)


OF_SENDERS: Final = Filters(
    (
        By("address", "the address", "text"),
        By("kind", "the kind", "word", EVENT_KINDS),
        By("count", "the number of messages", "number"),
        By("first", "the first message", "time", of="first_ms"),
        By("last", "the last message", "time", of="last_ms"),
    )
)


def endpoints(sources: Sources) -> list[Endpoint]:
    """Return the endpoints of events."""

    async def listed(request: web.Request) -> Listing[EventItem]:
        inventory, seen = sources.inventory(), scope(request)
        async with sources.database.read() as connection:
            await _check_devices(connection, request, inventory, seen)
            fits: Callable[[EventItem], bool] = BY.asked(
                request, sources.clock, _values(inventory), places.known(inventory, seen)
            )
            asked = _asked(request, sources, seen)
            found, after = await scanned_page(
                lambda place, at_once: _read(connection, asked, place, at_once),
                lambda item: Place(item.last, item.id),
                fits,
                _place(request),
                query.limit(request),
            )
        more = None if after is None else query.next_cursor(f"{after.last_ms}.{after.id}")
        return Listing[EventItem](items=found, next=more)

    async def unknown(request: web.Request) -> Listing[SenderItem]:
        limit = query.limit(request)
        after = query.cursor(request)
        address, _, kind = (after or "").rpartition(" ")
        if after is not None and not address:
            raise bad_request("/query/cursor", "belongs to another list; take `next` of the page before")
        fits: Callable[[Sender], bool] = OF_SENDERS.asked(request, sources.clock, {}, {})
        if not scope(request).everything:  # they belong to no region
            return Listing[SenderItem](items=[], next=None)
        async with sources.database.read() as connection:
            found, last = await scanned_page(
                lambda place, at_once: senders.page(connection, after=place, limit=at_once),
                lambda one: (one.address, str(one.kind)),
                fits,
                None if after is None else (address, kind),
                limit,
            )
        more = None if last is None else query.next_cursor(" ".join(last))
        return Listing[SenderItem](items=[_sender(one) for one in found], next=more)

    of_senders, others = Listing[SenderItem], (*OF_SENDERS.parameters, *PAGING)
    return [
        Endpoint("GET", "/events", "Events, those that came last first.", listed, Listing[EventItem], FILTERS),
        Endpoint("GET", "/unknown-senders", "Senders that are no device, by address.", unknown, of_senders, others),
    ]


class _Asked(TypedDict):
    """What the state database knows to look for; the rest is looked for in what it finds."""

    devices: Collection[str] | None
    classes: Collection[EventClass] | None
    kinds: Collection[EventKind] | None
    severities: Collection[EventSeverity] | None
    since_ms: int | None
    until_ms: int | None


async def _read(connection: Transaction, asked: _Asked, before: Place | None, limit: int) -> list[EventItem]:
    return [_item(one) for one in await events.page(connection, before=before, limit=limit, **asked)]


def _asked(request: web.Request, sources: Sources, seen: Scope) -> _Asked:
    times_ms = {name: query.time(request, name, sources.clock) for name in ("since", "last__gte", "until", "last__lt")}
    since_ms = [at_ms for name in ("since", "last__gte") if (at_ms := times_ms[name]) is not None]
    until_ms = [at_ms for name in ("until", "last__lt") if (at_ms := times_ms[name]) is not None]
    return _Asked(
        devices=_devices(request, sources, seen),
        classes=query.words(request, "class", EVENT_CLASSES) if "class" in request.query else None,
        kinds=query.words(request, "kind", EVENT_KINDS) if "kind" in request.query else None,
        severities=query.words(request, "severity", EVENT_SEVERITIES) if "severity" in request.query else None,
        since_ms=max(since_ms, default=None),
        until_ms=min(until_ms, default=None),
    )


def _values(inventory: Inventory) -> dict[str, Callable[[EventItem], Value]]:
    return {
        # By both of its names.
        "device": lambda item: () if item.device is None else (item.device, _key(item.device)),
        **places.values(inventory, lambda item: item.device or ""),
        "class": lambda item: item.event_class,
    }


def _key(device: str) -> str:
    return device.removeprefix("device/")


async def _check_devices(connection: Transaction, request: web.Request, inventory: Inventory, seen: Scope) -> None:
    """Raise ProblemError (400) for a device that neither is nor was."""
    for name in ("device", "device__n"):
        for given in query.many(request, name, named.NAMED_AT_MOST, least=0):
            entity = f"device/{_key(given)}"
            history = partial(events.page, connection, device=entity, limit=1)
            if not await named.is_or_was(inventory, seen, entity, history):
                raise named.names_nothing(name, "device", _key(given), named.devices(inventory, seen))


def _devices(request: web.Request, sources: Sources, seen: Scope) -> list[str] | None:
    """Return the devices of which events are asked for; None where any will do, also those of no device."""
    given = {f"device/{_key(one)}" for one in request.query.getall("device", [])}
    sites, regions = (frozenset(request.query.getall(name, [])) for name in ("site", "region"))
    if seen.everything and not sites and not regions:
        return sorted(given) if given else None
    inventory = sources.inventory()
    return [
        one.entity
        for one in inventory.devices.values()
        if (not given or one.entity in given)
        and (not sites or one.site in sites)
        and (not regions or inventory.sites[one.site].region in regions)
        and seen.sees(inventory, one.entity)
    ]


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
