"""Power, cooling and temperature of a room, from what its devices were last read to be. Pure.

Which sensors tell of the room and which of the inside of a device: room_sensors.py, docs/rooms.md.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import Final

from noc.inventory.entities import Device
from noc.inventory.inventory import Inventory
from noc.model.present import Present
from noc.model.snapshot import Sensor, Snapshot
from noc.pipeline.room_objects import Air, Flow
from noc.pipeline.room_sensors import Power, Unit, air_of, power_of, units_of

_ON_BATTERY: Final = "time on battery"


@dataclass(frozen=True, slots=True)
class Measured:
    """A number and the device that told it. name: of its sensor."""

    value: float
    device: str
    name: str


@dataclass(frozen=True, slots=True)
class Cooling:
    """The air conditioners of a room.

    running: how many tell that they cool. failed: devices with a unit that tells of something critical, or that are not
    up. output_w, demand_w: heat that those which are up take out of the room, and are asked to; None where none tells.
    capacity_pct: the highest share of its capacity that one of them uses.
    """

    units: int
    well: int
    running: int
    failed: tuple[str, ...] = ()
    output_w: float | None = None
    demand_w: float | None = None
    capacity_pct: Measured | None = None


@dataclass(frozen=True, slots=True)
class Room:
    """A room of a site.

    devices, not_up: that stand there, and those of them that are not up. unread: those that were not read yet.
    temperature_c: the highest of the air that equipment takes in: probes, rack and device inlets. supply_air_c,
    return_air_c: the highest that air conditioners give and get back. humidity_pct: the lowest and the highest.
    ups_load_pct: the highest; ups_charge_pct, ups_runtime_s: the lowest. on_battery: UPS without mains.
    ups_power_w, pdu_power_w: what all UPS give and all distribution units take; the same watts may go through both.
    Transfer switches stand for distribution units where none of those tells. generator_power_w: what generating sets
    give. cooling: None where no air conditioner was read.
    """

    site: str
    room: str
    devices: int
    not_up: tuple[str, ...] = ()
    unread: int = 0
    endpoints: int = 0
    temperature_c: Measured | None = None
    supply_air_c: Measured | None = None
    return_air_c: Measured | None = None
    humidity_low_pct: Measured | None = None
    humidity_high_pct: Measured | None = None
    ups_load_pct: Measured | None = None
    ups_charge_pct: Measured | None = None
    ups_runtime_s: Measured | None = None
    on_battery: tuple[str, ...] = ()
    ups_power_w: float | None = None
    pdu_power_w: float | None = None
    generator_power_w: float | None = None
    cooling: Cooling | None = None


def rooms_of(inventory: Inventory, present: Present, sees: Callable[[str], bool] = lambda _: True) -> list[Room]:
    """Return all rooms, by site and name. sees: whether a site, by its id, may be told of."""
    found: dict[tuple[str, str], tuple[list[Device], list[str]]] = {}
    for device in inventory.devices.values():
        if device.room is not None and sees(device.site):
            found.setdefault((device.site, device.room), ([], []))[0].append(device)
    for endpoint in inventory.endpoints.values():
        if endpoint.room is not None and sees(endpoint.site):
            found.setdefault((endpoint.site, endpoint.room), ([], []))[1].append(endpoint.id)
    return [
        _room(site, room, devices, len(endpoints), present)
        for (site, room), (devices, endpoints) in sorted(found.items())
    ]


def _room(site: str, room: str, devices: list[Device], endpoints: int, present: Present) -> Room:
    read = [(device, known) for device in devices if (known := present.snapshot(device.entity)) is not None]
    up = frozenset(one.id for one in devices if present.status(one.entity).status == "up")
    air = list(_air(read))
    humid = [one for kind, where, one in air if (kind, where) == ("humidity", "room")]
    ups = [(device, known) for device, known in read if device.device_class == "ups"]
    power = [told for device, known in read if (told := power_of(known, device.device_class)) is not None]
    batteries = _sensors(ups, lambda _, one: (one.name or "").lower() == _ON_BATTERY)
    distributed = _watts(power, "distribution")
    return Room(
        site=site,
        room=room,
        devices=len(devices),
        not_up=tuple(sorted(one.id for one in devices if one.id not in up)),
        unread=len(devices) - len(read),
        endpoints=endpoints,
        temperature_c=_warmest(air, "room"),
        supply_air_c=_warmest(air, "supply"),
        return_air_c=_warmest(air, "return"),
        humidity_low_pct=_lowest(humid),
        humidity_high_pct=_highest(humid),
        ups_load_pct=_highest(_of_kind(ups, "load")),
        ups_charge_pct=_lowest(_of_kind(ups, "charge")),
        ups_runtime_s=_lowest(one for one in _of_kind(ups, "runtime") if one.name.lower() != _ON_BATTERY),
        on_battery=tuple(sorted({one.device for one in batteries if one.value > 0})),
        ups_power_w=_watts(power, "ups"),
        pdu_power_w=_watts(power, "transfer") if distributed is None else distributed,
        generator_power_w=_watts(power, "generator"),
        cooling=_cooling([(device.id, unit) for device, known in read for unit in units_of(known)], up),
    )


def _cooling(units: list[tuple[str, Unit]], up: frozenset[str]) -> Cooling | None:
    if not units:
        return None
    failed = [device for device, unit in units if device not in up or not unit.is_well]
    # What a device told before it went silent cools nothing now.
    heard = [(device, unit) for device, unit in units if device in up]
    in_use = [
        Measured(unit.capacity_pct, device, "Cooling capacity")
        for device, unit in heard
        if unit.capacity_pct is not None
    ]
    return Cooling(
        units=len(units),
        well=len(units) - len(failed),
        running=sum(unit.is_running is True for _, unit in heard),
        failed=tuple(sorted(set(failed))),
        output_w=_sum(unit.output_w for _, unit in heard),
        demand_w=_sum(unit.demand_w for _, unit in heard),
        capacity_pct=_highest(in_use),
    )


def _air(read: Iterable[tuple[Device, Snapshot]]) -> Iterator[tuple[str, Air, Measured]]:
    """Yield what is measured of the room's air: kind of the sensor, which air, and the number."""
    for device, known in read:
        for sensor in known.sensors:
            air = air_of(sensor, device.device_class)
            if air is not None and sensor.value is not None:
                yield sensor.kind, air, Measured(sensor.value, device.id, sensor.name or "")


def _warmest(air: Iterable[tuple[str, Air, Measured]], where: Air) -> Measured | None:
    return _highest(one for kind, place, one in air if kind == "temperature" and place == where)


def _watts(power: Iterable[Power], flow: Flow) -> float | None:
    return _sum(one.watts for one in power if one.flow == flow)


def _sensors(read: Iterable[tuple[Device, Snapshot]], wanted: Callable[[Device, Sensor], bool]) -> Iterator[Measured]:
    for device, known in read:
        for sensor in known.sensors:
            if sensor.value is not None and wanted(device, sensor):
                yield Measured(sensor.value, device.id, sensor.name or "")


def _of_kind(read: Iterable[tuple[Device, Snapshot]], kind: str) -> Iterator[Measured]:
    return _sensors(read, lambda _, sensor: sensor.kind == kind)


def _sum(watts: Iterable[float | None]) -> float | None:
    known = [value for value in watts if value is not None]
    return sum(known) if known else None


def _highest(numbers: Iterable[Measured]) -> Measured | None:
    return max(numbers, key=lambda one: one.value, default=None)


def _lowest(numbers: Iterable[Measured]) -> Measured | None:
    return min(numbers, key=lambda one: one.value, default=None)
