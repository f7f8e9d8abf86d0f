"""Interfaces, as they were last read by SNMP: of a device, and of the whole fleet."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Callable, Iterator
from typing import Final

from aiohttp import web

from noc.api import _named as named
from noc.api import _query as query
from noc.api._endpoint import PAGING, Endpoint, path_id
from noc.api._filters import Field as By
from noc.api._filters import Filters
from noc.api._shapes import Listing, Shape
from noc.api.devices import visible_device
from noc.http.problems import bad_request
from noc.http.scope import Scope, scope
from noc.http.sources import Sources
from noc.inventory.entities import Device
from noc.inventory.inventory import Inventory
from noc.model.snapshot import Interface

SCANNED_AT_MOST: Final = 500
"""Devices that one request looks at; a page may be short and still have a next one."""

OF_DEVICES = Filters(
    (
        By("device", "the device, by its id,", "key"),
        By("site", "the site, by its id,", "name"),
        By("region", "the region, by its id,", "name"),
    )
)
OF_THEMSELVES = Filters(
    (
        By("oper_status", "the status (up, down, dormant, …)", "text"),
        By("admin_status", "the status that is meant (up, down, testing)", "text"),
        By("name", "the name", "text"),
        By("descr", "the description that the device gives", "text"),
        By("alias", "the description that people gave", "text"),
        By("mac", "the MAC address", "text"),
        By("speed_bps", "the speed", "number"),
    )
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
        fits: Callable[[Interface], bool] = OF_THEMSELVES.asked(request, sources.clock, {}, {})
        rows = [] if snapshot is None else [row for row in snapshot.interfaces if fits(row)]
        found = sorted((row for row in rows if after is None or row.if_index > after), key=lambda row: row.if_index)
        more = query.next_cursor(found[limit - 1].if_index) if len(found) > limit else None
        return Listing[Interface](items=found[:limit], next=more)

    def of(device: Device, after: int, fits: Callable[[Interface], bool]) -> Iterator[InterfaceItem]:
        snapshot = sources.present.snapshot(device.entity)
        for row in sorted(() if snapshot is None else snapshot.interfaces, key=lambda row: row.if_index):
            if row.if_index > after and fits(row):
                yield _item(device, row)

    async def fleet(request: web.Request) -> Listing[InterfaceItem]:
        inventory, seen, limit = sources.inventory(), scope(request), query.limit(request)
        keys = _keys(request, sources, inventory, seen)
        fits: Callable[[Interface], bool] = OF_THEMSELVES.asked(request, sources.clock, {}, {})
        begin, after = _behind(query.cursor(request))
        first = bisect_left(keys, begin)
        items: list[InterfaceItem] = []
        for key in keys[first : first + SCANNED_AT_MOST]:
            for item in of(inventory.devices[key], after if key == begin else -1, fits):
                if len(items) == limit:
                    return Listing[InterfaceItem](items=items, next=_next(items[-1].device, items[-1].if_index))
                items.append(item)
        rest = keys[first + SCANNED_AT_MOST :]
        return Listing[InterfaceItem](items=items, next=_next(rest[0], -1) if rest else None)

    said = "The interfaces of a device, by ifIndex; none where it wasn't read yet."
    all_said = (
        f"Interfaces of all devices, by device and ifIndex. A request looks at {SCANNED_AT_MOST} devices at most."
    )
    of_one = (path_id("device"), *OF_THEMSELVES.parameters, *PAGING)
    filters = (*OF_DEVICES.parameters, *OF_THEMSELVES.parameters, *PAGING)
    return [
        Endpoint("GET", "/interfaces", all_said, fleet, Listing[InterfaceItem], filters),
        Endpoint("GET", "/devices/{id}/interfaces", said, listed, Listing[Interface], of_one),
    ]


def _keys(request: web.Request, sources: Sources, inventory: Inventory, seen: Scope) -> list[str]:
    """Return the ids of the devices whose interfaces are asked for, sorted."""
    known, devices = named.devices(inventory, seen), inventory.devices
    wanted = OF_DEVICES.asked(
        request,
        sources.clock,
        {
            "device": lambda key: key,
            "site": lambda key: devices[key].site,
            "region": lambda key: inventory.sites[devices[key].site].region,
        },
        {
            "device": lambda: known,
            "site": lambda: named.sites(inventory, seen),
            "region": lambda: named.regions(inventory, seen),
        },
    )
    return sorted(key for key in known if wanted(key))


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
