"""Interfaces, as they were last read by SNMP: of a device, and of the whole fleet."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterator
from typing import Final

from aiohttp import web

from noc.api import _named as named
from noc.api import _query as query
from noc.api._endpoint import PAGING, Endpoint, Parameter, path_id
from noc.api._shapes import Listing, Shape
from noc.api.devices import visible_device
from noc.http.problems import bad_request
from noc.http.scope import scope
from noc.http.sources import Sources
from noc.inventory.entities import Device
from noc.model.snapshot import Interface

SCANNED_AT_MOST: Final = 500
"""Devices that one request looks at; a page may be short and still have a next one."""

FILTERS = (
    Parameter("device", "Only those of this device, by its id."),
    Parameter("site", "Only those of this site, by its id."),
    Parameter("region", "Only those of this region, by its id."),
    Parameter("oper_status", "Only those that are this: up, down, dormant, …"),
    Parameter("admin_status", "Only those that are meant to be this: up, down, testing."),
)


class InterfaceItem(Shape):
    """An interface of a device. The words of its status are those of IF-MIB (RFC 2863)."""

    device: str
    site: str
    if_index: int
    name: str | None
    descr: str | None
    alias: str | None
    if_type: int | None
    speed_bps: int | None
    mtu: int | None
    mac: str | None
    admin_status: str | None
    oper_status: str | None


def endpoints(sources: Sources) -> list[Endpoint]:
    """Return the endpoints of interfaces."""

    async def listed(request: web.Request) -> Listing[Interface]:
        device = visible_device(sources.inventory(), scope(request), request.match_info["id"])
        snapshot, limit = sources.present.snapshot(device.entity), query.limit(request)
        after = query.number_cursor(request)
        rows = () if snapshot is None else snapshot.interfaces
        found = sorted((row for row in rows if after is None or row.if_index > after), key=lambda row: row.if_index)
        more = query.next_cursor(found[limit - 1].if_index) if len(found) > limit else None
        return Listing[Interface](items=found[:limit], next=more)

    def of(device: Device, after: int, oper: str | None, admin: str | None) -> Iterator[InterfaceItem]:
        snapshot = sources.present.snapshot(device.entity)
        for row in sorted(() if snapshot is None else snapshot.interfaces, key=lambda row: row.if_index):
            if row.if_index > after and oper in (None, row.oper_status) and admin in (None, row.admin_status):
                yield _item(device, row)

    async def fleet(request: web.Request) -> Listing[InterfaceItem]:
        inventory, seen, limit = sources.inventory(), scope(request), query.limit(request)
        site, region = named.site(request, inventory, seen), named.region(request, inventory, seen)
        known = named.devices(inventory, seen)
        chosen = named.one_named(request, "device", "device", known)
        oper, admin = query.text(request, "oper_status"), query.text(request, "admin_status")
        keys = [
            key
            for key in known
            if (chosen or key) == key
            and site in (None, inventory.devices[key].site)
            and region in (None, inventory.sites[inventory.devices[key].site].region)
        ]
        keys.sort()
        begin, after = _behind(query.cursor(request))
        first = bisect_left(keys, begin)
        items: list[InterfaceItem] = []
        for key in keys[first : first + SCANNED_AT_MOST]:
            for item in of(inventory.devices[key], after if key == begin else -1, oper, admin):
                if len(items) == limit:
                    return Listing[InterfaceItem](items=items, next=_next(items[-1].device, items[-1].if_index))
                items.append(item)
        rest = keys[first + SCANNED_AT_MOST :]
        return Listing[InterfaceItem](items=items, next=_next(rest[0], -1) if rest else None)

    said = "The interfaces of a device, by ifIndex; none where it wasn't read yet."
    all_said = (
        f"Interfaces of all devices, by device and ifIndex. A request looks at {SCANNED_AT_MOST} devices at most."
    )
    return [
        Endpoint("GET", "/interfaces", all_said, fleet, Listing[InterfaceItem], (*FILTERS, *PAGING)),
        Endpoint("GET", "/devices/{id}/interfaces", said, listed, Listing[Interface], (path_id("device"), *PAGING)),
    ]


def _item(device: Device, row: Interface) -> InterfaceItem:
    return InterfaceItem(
        device=device.id,
        site=device.site,
        if_index=row.if_index,
        name=row.name,
        descr=row.descr,
        alias=row.alias,
        if_type=row.if_type,
        speed_bps=row.speed_bps,
        mtu=row.mtu,
        mac=row.mac,
        admin_status=row.admin_status,
        oper_status=row.oper_status,
    )


def _next(device: str, if_index: int) -> str:
    """Return the cursor of what stands behind an interface; -1: of a device and all its interfaces."""
    return query.next_cursor(f"{device} {if_index}")


def _behind(cursor: str | None) -> tuple[str, int]:
    if cursor is None:
        return "", -1
    device, _, if_index = cursor.rpartition(" ")
    if not device or not if_index.removeprefix("-").isdecimal():
        raise bad_request("/query/cursor", "belongs to another list; take `next` of the page before")
    return device, int(if_index[:20])
