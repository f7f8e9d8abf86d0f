"""Rooms of data centres: power, cooling and temperature, as their devices were last read."""

from __future__ import annotations

from aiohttp import web

from noc.api import _query as query
from noc.api._endpoint import PAGING, Endpoint, Parameter
from noc.api._pages import page
from noc.api._shapes import Listing, Shape
from noc.http.scope import scope
from noc.http.sources import Sources
from noc.pipeline.rooms import Measured, Room, rooms_of


class Reading(Shape):
    """A number, and whose it is."""

    value: float
    device: str
    sensor: str


class RoomItem(Shape):
    """A room. What nobody there measures is null."""

    site: str
    room: str
    devices: int
    not_up: list[str]
    """Ids of those that are not up."""
    unread: int
    """How many of them were not read yet."""
    endpoints: int
    temperature_c: Reading | None
    """The highest."""
    humidity_low_pct: Reading | None
    humidity_high_pct: Reading | None
    ups_load_pct: Reading | None
    """The highest."""
    ups_charge_pct: Reading | None
    """The lowest."""
    ups_runtime_s: Reading | None
    """The lowest."""
    on_battery: list[str]
    """Ids of the UPS that have no mains."""
    ups_power_w: float | None
    """What all UPS give."""
    pdu_power_w: float | None
    """What all power distribution units take; the same watts may go through a UPS before."""


def endpoints(sources: Sources) -> list[Endpoint]:
    """Return the endpoint of rooms."""

    async def listed(request: web.Request) -> Listing[RoomItem]:
        inventory, seen = sources.inventory(), scope(request)
        site = query.text(request, "site")

        def sees(key: str) -> bool:
            return site in (None, key) and seen.sees_region(inventory.sites[key].region)

        known = {f"{room.site}/{room.room}": room for room in rooms_of(inventory, sources.present, sees)}
        shown, more = page(sorted(known), query.cursor(request), query.limit(request))
        return Listing[RoomItem](items=[_item(known[key]) for key in shown], next=more)

    filters = (Parameter("site", "Only those of this site, by its id."),)
    return [Endpoint("GET", "/rooms", "All rooms, by site.", listed, Listing[RoomItem], (*filters, *PAGING))]


def _item(room: Room) -> RoomItem:
    return RoomItem(
        site=room.site,
        room=room.room,
        devices=room.devices,
        not_up=list(room.not_up),
        unread=room.unread,
        endpoints=room.endpoints,
        temperature_c=_reading(room.temperature_c),
        humidity_low_pct=_reading(room.humidity_low_pct),
        humidity_high_pct=_reading(room.humidity_high_pct),
        ups_load_pct=_reading(room.ups_load_pct),
        ups_charge_pct=_reading(room.ups_charge_pct),
        ups_runtime_s=_reading(room.ups_runtime_s),
        on_battery=list(room.on_battery),
        ups_power_w=room.ups_power_w,
        pdu_power_w=room.pdu_power_w,
    )


def _reading(measured: Measured | None) -> Reading | None:
    return None if measured is None else Reading(value=measured.value, device=measured.device, sensor=measured.name)
