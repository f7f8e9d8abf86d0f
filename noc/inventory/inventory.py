"""The inventory: everything that is watched, frozen; and what changed between two of them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from types import MappingProxyType
from typing import TypeVar

from noc.inventory.endpoints import Endpoint
from noc.inventory.entities import Circuit, Device, Entity, Region, Service, Site

_Value = TypeVar("_Value")
_Group = TypeVar("_Group", Device, Site, Circuit, Endpoint)


@dataclass(frozen=True)
class Inventory:
    """Regions, sites, devices, circuits, end points and services by id. simulated: none of it is real."""

    regions: Mapping[str, Region] = field(default_factory=dict)
    sites: Mapping[str, Site] = field(default_factory=dict)
    devices: Mapping[str, Device] = field(default_factory=dict)
    circuits: Mapping[str, Circuit] = field(default_factory=dict)
    services: Mapping[str, Service] = field(default_factory=dict)
    endpoints: Mapping[str, Endpoint] = field(default_factory=dict)
    simulated: bool = False

    def __post_init__(self) -> None:
        for name in ("regions", "sites", "devices", "circuits", "services", "endpoints"):
            object.__setattr__(self, name, MappingProxyType(dict(getattr(self, name))))

    def devices_of(self, site: str) -> tuple[Device, ...]:
        """Return the devices of a site, in the order of the inventory."""
        return self._devices_by_site.get(site, ())

    def device_at(self, address: str) -> Device | None:
        """Return the device that has this address; the first of the inventory where several have it."""
        return self._devices_by_address.get(address)

    def sites_of(self, region: str) -> tuple[Site, ...]:
        """Return the sites of a region, in the order of the inventory."""
        return self._sites_by_region.get(region, ())

    def circuits_of(self, site: str) -> tuple[Circuit, ...]:
        """Return the circuits that connect a site."""
        return self._circuits_by_site.get(site, ())

    def endpoints_of(self, site: str) -> tuple[Endpoint, ...]:
        """Return the end points that are served at a site."""
        return self._endpoints_by_site.get(site, ())

    def region_of(self, device: Device) -> Region:
        """Return the region that a device of this inventory stands in."""
        return self.regions[self.sites[device.site].region]

    def entity(self, name: str) -> Entity | None:
        """Return what an entity's name stands for, `site/nairobi`; None where there is no such thing here."""
        kind, _, key = name.partition("/")
        things: Mapping[str, Mapping[str, Entity]] = {
            "region": self.regions,
            "site": self.sites,
            "device": self.devices,
            "circuit": self.circuits,
            "service": self.services,
            "endpoint": self.endpoints,
        }
        return things.get(kind, {}).get(key)

    @cached_property
    def _devices_by_address(self) -> dict[str, Device]:
        return {str(device.address): device for device in reversed(tuple(self.devices.values()))}

    @cached_property
    def _devices_by_site(self) -> dict[str, tuple[Device, ...]]:
        return _grouped([(device.site, device) for device in self.devices.values()])

    @cached_property
    def _sites_by_region(self) -> dict[str, tuple[Site, ...]]:
        return _grouped([(site.region, site) for site in self.sites.values()])

    @cached_property
    def _circuits_by_site(self) -> dict[str, tuple[Circuit, ...]]:
        return _grouped([(circuit.site, circuit) for circuit in self.circuits.values()])

    @cached_property
    def _endpoints_by_site(self) -> dict[str, tuple[Endpoint, ...]]:
        return _grouped([(endpoint.site, endpoint) for endpoint in self.endpoints.values()])


def _grouped(pairs: list[tuple[str, _Group]]) -> dict[str, tuple[_Group, ...]]:
    groups: dict[str, list[_Group]] = {}
    for key, value in pairs:
        groups.setdefault(key, []).append(value)
    return {key: tuple(values) for key, values in groups.items()}


@dataclass(frozen=True, slots=True)
class Change:
    """Ids of one kind of entity that are new, gone, or not what they were."""

    added: frozenset[str] = frozenset()
    removed: frozenset[str] = frozenset()
    changed: frozenset[str] = frozenset()

    def __bool__(self) -> bool:
        return bool(self.added or self.removed or self.changed)


@dataclass(frozen=True, slots=True)
class Difference:
    """What changed between two inventories. A device changes also when a layer below it does."""

    regions: Change
    sites: Change
    devices: Change
    circuits: Change
    services: Change
    endpoints: Change = Change()

    def __bool__(self) -> bool:
        return any((self.regions, self.sites, self.devices, self.circuits, self.services, self.endpoints))


def difference(old: Inventory, new: Inventory) -> Difference:
    """Return what a reload has to do to get from `old` to `new`."""
    return Difference(
        _change(old.regions, new.regions),
        _change(old.sites, new.sites),
        _change(old.devices, new.devices),
        _change(old.circuits, new.circuits),
        _change(old.services, new.services),
        _change(old.endpoints, new.endpoints),
    )


def _change(old: Mapping[str, _Value], new: Mapping[str, _Value]) -> Change:
    return Change(
        added=frozenset(new.keys() - old.keys()),
        removed=frozenset(old.keys() - new.keys()),
        changed=frozenset(key for key in old.keys() & new.keys() if old[key] != new[key]),
    )
