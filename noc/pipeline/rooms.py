"""Power, cooling and temperature of a room, from what its devices were last read to be. Pure.

A sensor of a room is one of a monitor of the environment or of power (classes `other` and `ups`), or one that a device
names as the air around it: what is warm inside of a server says little of the room.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import Final

from noc.inventory.entities import Device
from noc.inventory.inventory import Inventory
from noc.model.present import Present
from noc.model.snapshot import Sensor, Snapshot

_AIR: Final = re.compile(r"\b(ambient|inlet|intake|environment|external|room|supply|return)\b", re.IGNORECASE)
_INSIDE: Final = re.compile(r"\b(battery|cpu|processor|board|chassis|psu|module|dew point)\b", re.IGNORECASE)
_ON_BATTERY: Final = "time on battery"
_OF_POWER: Final = ("other", "ups")

_LEVELS: Final = (
    re.compile(
        r"(?!.*\b(phase|bank|outlet|line)\b)(pdu|inlet|input|infeed|unit|device|total|tower|cord|output)\b",
        re.IGNORECASE,
    ),
    re.compile(r"(?!.*\b(bank|outlet)\b).*\b(phase|line)\b", re.IGNORECASE),
    re.compile(r".*\bbank\b", re.IGNORECASE),
    re.compile(r".*\boutlet\b", re.IGNORECASE),
)
"""Which sensors of power are parts of which: those of the first level that a device has are added up."""

_UPS_OUTPUT: Final = re.compile(r"output", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Measured:
    """A number and the device that told it. name: of its sensor."""

    value: float
    device: str
    name: str


@dataclass(frozen=True, slots=True)
class Room:
    """A room of a site.

    devices, not_up: that stand there, and those of them that are not up. unread: those that were not read yet.
    temperature_c: the highest; inlet air where devices tell it. humidity_pct: the lowest and the highest.
    ups_load_pct: the highest; ups_charge_pct, ups_runtime_s: the lowest. on_battery: UPS without mains.
    ups_power_w, pdu_power_w: what all UPS give and all distribution units take; the same watts may go through both.
    """

    site: str
    room: str
    devices: int
    not_up: tuple[str, ...] = ()
    unread: int = 0
    endpoints: int = 0
    temperature_c: Measured | None = None
    humidity_low_pct: Measured | None = None
    humidity_high_pct: Measured | None = None
    ups_load_pct: Measured | None = None
    ups_charge_pct: Measured | None = None
    ups_runtime_s: Measured | None = None
    on_battery: tuple[str, ...] = ()
    ups_power_w: float | None = None
    pdu_power_w: float | None = None


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
    air = list(_sensors(read, _is_air))
    humid = list(_sensors(read, lambda _, sensor: sensor.kind == "humidity"))
    ups = [(device, known) for device, known in read if device.device_class == "ups"]
    others = [(device, known) for device, known in read if device.device_class == "other"]
    batteries = _sensors(ups, lambda _, one: (one.name or "").lower() == _ON_BATTERY)
    return Room(
        site=site,
        room=room,
        devices=len(devices),
        not_up=tuple(sorted(one.id for one in devices if present.status(one.entity).status != "up")),
        unread=len(devices) - len(read),
        endpoints=endpoints,
        temperature_c=_highest(air),
        humidity_low_pct=_lowest(humid),
        humidity_high_pct=_highest(humid),
        ups_load_pct=_highest(_of_kind(ups, "load")),
        ups_charge_pct=_lowest(_of_kind(ups, "charge")),
        ups_runtime_s=_lowest(one for one in _of_kind(ups, "runtime") if one.name.lower() != _ON_BATTERY),
        on_battery=tuple(sorted({one.device for one in batteries if one.value > 0})),
        ups_power_w=_sum(_power(known, _UPS_OUTPUT) for _, known in ups),
        pdu_power_w=_sum(_power(known, None) for _, known in others),
    )


def _is_air(device: Device, sensor: Sensor) -> bool:
    name = sensor.name or ""
    if sensor.kind != "temperature" or _INSIDE.search(name):
        return False
    return device.device_class in _OF_POWER or _AIR.search(name) is not None


def _sensors(read: Iterable[tuple[Device, Snapshot]], wanted: Callable[[Device, Sensor], bool]) -> Iterator[Measured]:
    for device, known in read:
        for sensor in known.sensors:
            if sensor.value is not None and wanted(device, sensor):
                yield Measured(sensor.value, device.id, sensor.name or "")


def _of_kind(read: Iterable[tuple[Device, Snapshot]], kind: str) -> Iterator[Measured]:
    return _sensors(read, lambda _, sensor: sensor.kind == kind)


def _power(known: Snapshot, only: re.Pattern[str] | None) -> float | None:
    """Return the watts of one device, each counted once; only: what the sensors' names must tell."""
    told = [
        (sensor.name or "", sensor.value)
        for sensor in known.sensors
        if sensor.kind == "power" and sensor.value is not None
    ]
    if only is not None:
        told = [one for one in told if only.search(one[0])]
    for level in _LEVELS:
        watts = [value for name, value in told if level.match(name)]
        if watts:
            return sum(watts)
    return sum(value for _, value in told) if told else None


def _sum(watts: Iterable[float | None]) -> float | None:
    known = [value for value in watts if value is not None]
    return sum(known) if known else None


def _highest(numbers: Iterable[Measured]) -> Measured | None:
    return max(numbers, key=lambda one: one.value, default=None)


def _lowest(numbers: Iterable[Measured]) -> Measured | None:
    return min(numbers, key=lambda one: one.value, default=None)
