"""Devices."""

from __future__ import annotations

from collections.abc import Callable, Collection
from functools import partial

from aiohttp import web
from pydantic import BaseModel, Field

from noc.api import _named as named
from noc.api import _query as query
from noc.api._endpoint import PAGING, Endpoint, path_id
from noc.api._filters import Field as By
from noc.api._filters import Filters, of_status
from noc.api._fresh import HangsOn, Still
from noc.api._pages import filtered_page
from noc.api._shapes import Listing, Moment, Shape, Status, status_of
from noc.api.sites import STATUSES, statuses_now
from noc.http.problems import not_found
from noc.http.scope import Scope, scope
from noc.http.sources import Sources
from noc.inventory.entities import Device
from noc.inventory.inventory import Inventory
from noc.inventory.layers import DEVICE_CLASSES, DeviceClass
from noc.model.present import PollNow
from noc.model.reading import FailureKind, PartFailure
from noc.model.snapshot import DeviceIdentity, Sensor

FILTERS = Filters(
    (
        By("id", "the id", "key", noun="device"),
        By("site", "the site, by its id,", "name"),
        By("region", "the region, by its id,", "name"),
        By("class", "the class", "word", DEVICE_CLASSES),
        By("tag", "one of the tags", "name"),
        By("name", "the name", "text"),
        By("address", "the address", "text"),
        By("status", "the status now", "word", STATUSES),
        By("since", "the beginning of its status", "time"),
    )
)


class DeviceItem(Status):
    """A device."""

    id: str
    entity: str
    name: str
    site: str
    region: str
    device_class: DeviceClass = Field(alias="class")
    address: str
    upstream: list[str]
    """Entities that are on the way to it."""
    tags: list[str]


class Line(Shape):
    """The line to a device's SNMP agent, as its answers of late tell."""

    rtt_s: float
    """How long an answer takes, smoothed."""
    wait_s: float
    """After so long without an answer a question is asked again."""
    octets: int
    """Of values that a question asks for, at most."""
    objects: int
    """That a question asks for, at most."""


class Poll(Shape):
    """How a check of a device went last."""

    check: str
    """icmp, tcp or uptime (liveness by SNMP); snmp, ssh, backup."""
    ok: bool
    since: Moment
    """Since when it is so, as far as noc has run."""
    kind: FailureKind | None
    """How it fails; null where it doesn't."""
    reason: str
    """Why, in a sentence; empty where it doesn't fail."""
    failures: int
    """How often in a row."""
    line: Line | None
    """Of `snmp`; null where it never answered. What a remote poller sees of it comes about once an hour."""


class PlaceView(Shape):
    """What pollers of one place saw of a device."""

    place: str
    """The group of pollers, or the name of this centre."""
    ok: bool
    at: Moment
    """When they looked last."""


class DeviceDetail(DeviceItem):
    """A device with how it is watched, and as it was last read by SNMP."""

    liveness: str
    """The check that tells up from down: icmp, snmp, tcp:PORT."""
    interval_s: float
    """Seconds between two such checks."""
    poll_interval_s: float
    """Seconds between two polls of everything."""
    identity: DeviceIdentity | None
    """Who it says it is; null where it wasn't read yet."""
    sensors: list[Sensor]
    interfaces: int
    """How many it has; `/devices/{id}/interfaces` lists them."""
    polls: list[Poll]
    """Its checks, by name, also those that fail; empty before the first."""
    places: list[PlaceView]
    """What each place saw last, where it is looked at from several; else empty."""
    errors: list[PartFailure]
    """What was missing of the last poll that brought anything, and why."""


def endpoints(sources: Sources) -> list[Endpoint]:
    """Return the endpoints of devices."""

    async def listed(request: web.Request) -> Listing[DeviceItem]:
        inventory, seen = sources.inventory(), scope(request)
        mine, wanted = _wanted(request, sources, inventory, seen)
        shown, more = filtered_page(sorted(mine), query.cursor(request), query.limit(request), wanted)
        items = [DeviceItem(**_fields(sources, inventory, inventory.devices[key])) for key in shown]
        return Listing[DeviceItem](items=items, next=more)

    async def one(request: web.Request) -> DeviceDetail:
        inventory = sources.inventory()
        device = visible_device(inventory, scope(request), request.match_info["id"])
        snapshot, watch = sources.present.snapshot(device.entity), device.watch
        return DeviceDetail(
            **_fields(sources, inventory, device),
            liveness=str(watch.liveness),
            interval_s=watch.interval.total_seconds(),
            poll_interval_s=watch.poll_interval.total_seconds(),
            identity=None if snapshot is None else snapshot.device,
            sensors=[] if snapshot is None else list(snapshot.sensors),
            interfaces=0 if snapshot is None else len(snapshot.interfaces),
            polls=[poll_item(one) for one in sources.polls(device.entity)],
            places=[
                PlaceView(place=place, ok=ok, at=at_ms)
                for place, (at_ms, ok) in sorted(sources.places(device.entity).items())
            ],
            errors=[] if snapshot is None else list(snapshot.errors),
        )

    return [
        Endpoint(
            *("GET", "/devices", "All devices, by id.", listed, Listing[DeviceItem], (*FILTERS.parameters, *PAGING)),
            hangs_on=HangsOn(sources.clock, statuses_now(sources), partial(_as_seen, sources)),
        ),
        Endpoint("GET", "/devices/{id}", "One device.", one, DeviceDetail, (path_id("device"),)),
    ]


def _as_seen(sources: Sources, answer: BaseModel, _: int) -> Still:
    """Return what tells whether the devices of a list were seen last when it says so."""
    items = answer.items if isinstance(answer, Listing) else ()
    shown = [(one.entity, one.seen) for one in items if isinstance(one, DeviceItem)]
    return lambda: all(sources.present.status(entity).seen_ms == seen_ms for entity, seen_ms in shown)


def _wanted(
    request: web.Request, sources: Sources, inventory: Inventory, seen: Scope
) -> tuple[Collection[str], Callable[[str], bool]]:
    """Return the devices that the caller may see, and what tells which are asked for."""
    mine, known = named.devices(inventory, seen), inventory.devices
    wanted = FILTERS.asked(
        request,
        sources.clock,
        {
            "id": lambda key: key,
            "site": lambda key: known[key].site,
            "region": lambda key: inventory.sites[known[key].site].region,
            "class": lambda key: known[key].device_class,
            "tag": lambda key: known[key].tags,
            "name": lambda key: known[key].name,
            "address": lambda key: str(known[key].address),
            **of_status(sources.present, lambda key: known[key].entity),
        },
        {
            "id": lambda: mine,
            "site": lambda: named.sites(inventory, seen),
            "region": lambda: named.regions(inventory, seen),
            "tag": lambda: {tag for key in mine for tag in known[key].tags},
        },
    )
    return mine, wanted


def visible_device(inventory: Inventory, seen: Scope, key: str) -> Device:
    """Return a device. Raises ProblemError (404) where there is none that the caller may see."""
    device = inventory.devices.get(key)
    if device is None or not seen.sees_region(inventory.sites[device.site].region):
        raise not_found(f"device '{key[:100]}'")
    return device


def poll_item(now: PollNow) -> Poll:
    """Return how a check went, as an answer has it."""
    failure = now.failure
    kind, reason = (None, "") if failure is None else (failure.kind, failure.reason)
    line = now.line
    return Poll(
        check=now.check,
        ok=now.ok,
        since=now.since_ms,
        kind=kind,
        reason=reason,
        failures=now.failures,
        line=line and Line(rtt_s=line.rtt_s, wait_s=line.wait_s, octets=line.octets, objects=line.objects),
    )


def _fields(sources: Sources, inventory: Inventory, device: Device) -> dict[str, object]:
    now = status_of(sources.present, device.entity)
    return {
        "id": device.id,
        "entity": device.entity,
        "name": device.name,
        "site": device.site,
        "region": inventory.sites[device.site].region,
        "device_class": device.device_class,
        "address": str(device.address),
        "upstream": list(device.upstream),
        "tags": list(device.tags),
        "status": now.status,
        "since": now.since,
        "seen": now.seen,
    }
