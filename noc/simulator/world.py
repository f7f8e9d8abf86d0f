"""The world: sites, devices with addresses on loopback, and who is reached through whom. Pure; the same count and seed
give the same world.

noc stands in Brindisi. Valencia and the technology centres hang on the data centres; offices on the centre of their
region and, half of them, on a data centre too; missions and field sites on satellite modems, those on the earth
stations of the data centres (a mission on both, a field site on one).
"""

from __future__ import annotations

import random
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from graphlib import TopologicalSorter
from ipaddress import IPv4Address
from typing import Final

from noc.inventory.layers import DeviceClass
from noc.simulator.counts import BEHIND_SATELLITE, DEVICES, Counts, counts
from noc.simulator.places import REGIONS, SITES, Place, Region, places

EDGES: Final = 2
"""Routers (and modems, core switches) of a site that carry it, at most."""

PEERS: Final = 60
"""Sessions of BGP that a router has with those of other sites, at most."""

VANTAGE: Final = "brindisi"
"""The site where noc stands: nothing is before it."""

_FIRST: Final = int(IPv4Address("127.1.0.0"))
_SHORT: Final[Mapping[str, str]] = {
    "router": "rtr",
    "switch": "sw",
    "firewall": "fw",
    "server": "srv",
    "satellite-modem": "sat",
    "video": "vtc",
    "earth-station": "es",
    "microwave": "mw",
    "storage": "nas",
    "tape-library": "tape",
    "digital-terminal": "dt",
}
_CAPACITY: Final[Mapping[str, tuple[int, ...]]] = {
    "hub": (10_000_000_000,),
    "rtc": (1_000_000_000,),
    "office": (100_000_000, 200_000_000),
    "mission": (20_000_000, 34_000_000),
    "field": (2_000_000, 4_000_000, 6_000_000, 8_000_000),
}


@dataclass(frozen=True, slots=True)
class SimDevice:
    """A device. number: its place in the world's order; upstream: entity names, `device/…` or `site/…`."""

    number: int
    id: str
    site: str
    device_class: DeviceClass
    address: IPv4Address
    upstream: tuple[str, ...]

    @property
    def entity(self) -> str:
        """Return the entity's name."""
        return f"device/{self.id}"


@dataclass(frozen=True)
class World:
    """Everything there is. What is asked often is worked out once."""

    seed: int
    regions: tuple[Region, ...]
    places: tuple[Place, ...]
    devices: tuple[SimDevice, ...]

    @cached_property
    def place(self) -> Mapping[str, Place]:
        """Sites by id."""
        return {place.id: place for place in self.places}

    @cached_property
    def device(self) -> Mapping[str, SimDevice]:
        """Devices by id."""
        return {device.id: device for device in self.devices}

    @cached_property
    def at(self) -> Mapping[str, tuple[SimDevice, ...]]:
        """Devices by site."""
        found: dict[str, list[SimDevice]] = {place.id: [] for place in self.places}
        for device in self.devices:
            found[device.site].append(device)
        return {site: tuple(devices) for site, devices in found.items()}

    @cached_property
    def edges(self) -> Mapping[str, tuple[SimDevice, ...]]:
        """The routers that connect a site."""
        return {
            site: tuple(device for device in devices if device.device_class == "router")[:EDGES]
            for site, devices in self.at.items()
        }

    @cached_property
    def before(self) -> tuple[tuple[int, ...], ...]:
        """For each device the numbers of the devices just before it: while one of them is reached, it can be."""
        return tuple(tuple(self._numbers(device.upstream)) for device in self.devices)

    @cached_property
    def order(self) -> tuple[int, ...]:
        """Numbers of all devices, each behind those that it is reached through."""
        return tuple(TopologicalSorter(dict(enumerate(self.before))).static_order())

    @cached_property
    def over_satellite(self) -> frozenset[int]:
        """Numbers of the devices that every way to leads through a modem."""
        found: set[int] = set()
        for number in self.order:
            device, before = self.devices[number], self.before[number]
            behind = bool(before) and all(one in found for one in before)
            in_field = self.place[device.site].site_class in BEHIND_SATELLITE
            if behind or (device.device_class == "satellite-modem" and in_field):
                found.add(number)
        return frozenset(found)

    @cached_property
    def peers(self) -> Mapping[int, tuple[SimDevice, ...]]:
        """For the first router of a site that others are reached through, by number: their first routers."""
        found: dict[int, list[SimDevice]] = {}
        for edges in self.edges.values():
            for entity in edges[0].upstream if edges else ():
                kind, _, name = entity.partition("/")
                if kind == "site" and self.edges[name]:
                    found.setdefault(self.edges[name][0].number, []).append(edges[0])
        return {number: tuple(peers[:PEERS]) for number, peers in found.items()}

    def members(self, entity: str) -> tuple[SimDevice, ...]:
        """Return the devices of a device, site or region. Raises KeyError where there is no such entity."""
        kind, _, name = entity.partition("/")
        if kind == "device":
            return (self.device[name],)
        if kind == "site":
            return self.at[name]
        sites = [place.id for place in self.places if place.region == name]
        if kind != "region" or not sites:
            raise KeyError(entity)
        return tuple(device for site in sites for device in self.at[site])

    def capacity_bps(self, place: Place) -> int:
        """Return the bit rate of a site's line."""
        rates = _CAPACITY[place.site_class]
        return rates[sum(place.id.encode()) % len(rates)]

    def _numbers(self, upstream: Sequence[str]) -> Iterator[int]:
        for entity in upstream:
            kind, _, name = entity.partition("/")
            yield from (device.number for device in (self.edges[name] if kind == "site" else (self.device[name],)))


def build(sites: int = SITES, devices: int = DEVICES, seed: int = 1) -> World:
    """Return a world. Raises UsageError when it can't have so many sites or devices."""
    rng = random.Random(f"world {seed}")  # noqa: S311 a made-up world, no secret
    found = places(sites, seed)
    numbers = counts(found, devices, rng)
    names = [_names(place, number, numbers) for number, place in enumerate(found)]
    stations = {place.id: names[i].get("earth-station", [])[:EDGES] for i, place in enumerate(found)}
    known = {place.id for place in found}
    teleports = [site for site in ("brindisi", "valencia") if stations.get(site)]
    made: list[SimDevice] = []
    block = _FIRST
    for number, place in enumerate(found):
        hooks = _Hooks(place, number, names[number], known, [stations[site] for site in teleports])
        offset = 0
        for device_class, ids in names[number].items():
            for index, name in enumerate(ids):
                address = IPv4Address(block + offset // 254 * 256 + offset % 254 + 1)
                upstream = hooks.upstream(device_class, index, rng)
                made.append(SimDevice(len(made), name, place.id, device_class, address, tuple(upstream)))
                offset += 1
        block += (offset // 254 + 1) * 256
    regions = tuple(region for region in REGIONS if any(place.region == region.id for place in found))
    return World(seed, regions, found, tuple(made))


def _names(place: Place, number: int, numbers: Counts) -> dict[DeviceClass, list[str]]:
    return {
        name: [f"{place.id}-{_SHORT.get(name, name)}-{index + 1}" for index in range(row[number])]
        for name, row in numbers.items()
        if row[number]
    }


@dataclass(frozen=True, slots=True)
class _Hooks:
    """Where the devices of one site hang. teleports: earth stations of each data centre that has some."""

    place: Place
    number: int
    names: Mapping[DeviceClass, Sequence[str]]
    known: set[str]
    teleports: Sequence[Sequence[str]]

    def upstream(self, device_class: DeviceClass, index: int, rng: random.Random) -> list[str]:
        edges = _devices(self.names.get("router", ())[:EDGES])
        switches = self.names.get("switch", ())
        in_field = self.place.site_class in BEHIND_SATELLITE
        if device_class == "router" and index < EDGES:
            modems = self.names.get("satellite-modem", ())[:EDGES] if in_field else ()
            return _devices(modems) or self._sites()
        if device_class == "satellite-modem" and in_field:
            return self._teleports() or self._sites()
        is_teleport = device_class == "earth-station" and self.place.site_class == "hub"
        if device_class == "router" or is_teleport or not switches:
            return edges
        if device_class == "switch":
            return _devices(switches[:EDGES]) if index >= EDGES and len(switches) > EDGES else edges
        outer = switches[EDGES:] or switches
        return _devices([rng.choice(outer)])

    def _sites(self) -> list[str]:
        """Return the sites that this one is reached through."""
        if self.place.id == VANTAGE:
            return []
        hubs = [f"site/{site}" for site in ("brindisi", "valencia") if site in self.known and site != self.place.id]
        centre = next(region.centre for region in REGIONS if region.id == self.place.region)
        if self.place.site_class == "office" and centre in self.known:
            return [f"site/{centre}", *([hubs[self.number // 2 % len(hubs)]] if self.number % 2 else [])]
        return hubs

    def _teleports(self) -> list[str]:
        if self.place.site_class == "mission":
            return _devices([station for stations in self.teleports for station in stations])
        return _devices(self.teleports[self.number % len(self.teleports)]) if self.teleports else []


def _devices(names: Sequence[str]) -> list[str]:
    return [f"device/{name}" for name in names]
