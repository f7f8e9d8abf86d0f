"""Rooms of data centres: power, cooling and temperature, as their devices were last read."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from aiohttp import web

from noc.api import _places as places
from noc.api import _query as query
from noc.api._endpoint import PAGING, Endpoint
from noc.api._filters import Field as By
from noc.api._filters import Filters
from noc.api._pages import page
from noc.api._shapes import Listing, Shape
from noc.http.scope import scope
from noc.http.sources import Sources
from noc.pipeline.rooms import Cooling, Measured, Room, rooms_of


class Reading(Shape):
    """A number, and whose it is."""

    value: float
    device: str
    sensor: str


class CoolingItem(Shape):
    """The air conditioners of a room."""

    units: int
    well: int
    """Those that are up and tell of nothing critical."""
    running: int
    """Those that tell that they cool."""
    failed: list[str]
    """Ids of devices with a unit that isn't well."""
    output_w: float | None
    """Heat that those which are up take out of the room, in watts."""
    demand_w: float | None
    """Heat that they are asked to take out."""
    capacity_pct: Reading | None
    """The highest share of its capacity that a unit uses."""


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
    """The highest of the air that equipment takes in: probes in the room, inlets of racks and devices."""
    supply_air_c: Reading | None
    """The highest of what air conditioners give."""
    return_air_c: Reading | None
    """The highest of what goes back to them."""
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
    generator_power_w: float | None
    """What generating sets give."""
    cooling: CoolingItem | None
    """Null where no air conditioner was read."""


AT: Final = Filters((By("site", "the site, by its id,", "name"), By("region", "the region, by its id,", "name")))
OF_ROOMS: Final = Filters((By("room", "the name", "text"),))


def endpoints(sources: Sources) -> list[Endpoint]:
    """Return the endpoint of rooms."""

    async def listed(request: web.Request) -> Listing[RoomItem]:
        inventory, seen = sources.inventory(), scope(request)
        at: Callable[[str], bool] = AT.asked(
            request,
            sources.clock,
            {"site": lambda key: key, "region": lambda key: inventory.sites[key].region},
            places.known(inventory, seen),
        )
        fits: Callable[[Room], bool] = OF_ROOMS.asked(request, sources.clock, {}, {})

        def sees(key: str) -> bool:
            return at(key) and seen.sees_region(inventory.sites[key].region)

        known = {f"{room.site}/{room.room}": room for room in rooms_of(inventory, sources.present, sees) if fits(room)}
        shown, more = page(sorted(known), query.cursor(request), query.limit(request))
        return Listing[RoomItem](items=[_item(known[key]) for key in shown], next=more)

    filters = (*AT.parameters, *OF_ROOMS.parameters, *PAGING)
    return [Endpoint("GET", "/rooms", "All rooms, by site.", listed, Listing[RoomItem], filters)]


def _item(room: Room) -> RoomItem:
    return RoomItem(
        site=room.site,
        room=room.room,
        devices=room.devices,
        not_up=list(room.not_up),
        unread=room.unread,
        endpoints=room.endpoints,
        temperature_c=_reading(room.temperature_c),
        supply_air_c=_reading(room.supply_air_c),
        return_air_c=_reading(room.return_air_c),
        humidity_low_pct=_reading(room.humidity_low_pct),
        humidity_high_pct=_reading(room.humidity_high_pct),
        ups_load_pct=_reading(room.ups_load_pct),
        ups_charge_pct=_reading(room.ups_charge_pct),
        ups_runtime_s=_reading(room.ups_runtime_s),
        on_battery=list(room.on_battery),
        ups_power_w=room.ups_power_w,
        pdu_power_w=room.pdu_power_w,
        generator_power_w=room.generator_power_w,
        cooling=None if room.cooling is None else _cooling(room.cooling),
    )


def _cooling(cooling: Cooling) -> CoolingItem:
    return CoolingItem(
        units=cooling.units,
        well=cooling.well,
        running=cooling.running,
        failed=list(cooling.failed),
        output_w=cooling.output_w,
        demand_w=cooling.demand_w,
        capacity_pct=_reading(cooling.capacity_pct),
    )


def _reading(measured: Measured | None) -> Reading | None:
    return None if measured is None else Reading(value=measured.value, device=measured.device, sensor=measured.name)
