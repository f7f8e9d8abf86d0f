"""What the settings promise of each entity of an inventory: the word that speaks most closely holds. Pure."""

from __future__ import annotations

from fractions import Fraction
from zoneinfo import ZoneInfo

from pydantic import Field

from noc.availability.objectives import NETWORK, Target, Targets
from noc.inventory.entities import Percent, Service, Site
from noc.inventory.inventory import Inventory
from noc.settings.schema import Settings, TimeZone


class ObjectiveSettings(Settings):
    """What is promised, in percent, by id.

    The nearest word counts: network < region < class of the site < site < device or circuit of the site.
    """

    network: Percent | None = None
    """Of the whole network, and of what nothing else is said of. Default: `availability_target`."""
    time_zone: TimeZone = ZoneInfo("UTC")
    """Months, quarters, years and bienniums begin at midnight there."""
    regions: dict[str, Percent] = Field(default_factory=dict)
    """Of a region, and of its sites."""
    site_classes: dict[str, Percent] = Field(default_factory=dict)
    """Of the sites of a class."""
    sites: dict[str, Percent] = Field(default_factory=dict)
    """Of a site, and of what stands there."""
    devices: dict[str, Percent] = Field(default_factory=dict)
    """Of a device."""
    circuits: dict[str, Percent] = Field(default_factory=dict)
    """Of a circuit."""
    services: dict[str, Percent] = Field(default_factory=dict)
    """Of a service; or write `availability_target` in the inventory."""


def targets_of(inventory: Inventory, said: ObjectiveSettings, availability_target: float) -> Targets:
    """Return what is promised of everything. availability_target: of the network, where `said` has no word of it."""
    network = Target(_exact(availability_target if said.network is None else said.network), NETWORK)
    found: dict[str, Target] = {}
    for region in inventory.regions.values():
        _put(found, region.entity, said.regions.get(region.id), network)
    for site in inventory.sites.values():
        found[site.entity] = _of_site(site, said, found.get(f"region/{site.region}", network))
    for device in inventory.devices.values():
        _put(found, device.entity, said.devices.get(device.id), found[f"site/{device.site}"])
    for circuit in inventory.circuits.values():
        _put(found, circuit.entity, said.circuits.get(circuit.id), found[f"site/{circuit.site}"])
    for endpoint in inventory.endpoints.values():
        found[endpoint.entity] = found[f"site/{endpoint.site}"]
    for service in inventory.services.values():
        _put(found, service.entity, _of_service(service, said), network)
    return Targets(network, found, said.time_zone.key)


def _of_site(site: Site, said: ObjectiveSettings, otherwise: Target) -> Target:
    if site.id in said.sites:
        return Target(_exact(said.sites[site.id]), site.entity)
    if site.site_class in said.site_classes:
        return Target(_exact(said.site_classes[site.site_class]), f"site class {site.site_class}")
    return otherwise


def _of_service(service: Service, said: ObjectiveSettings) -> float | None:
    return said.services.get(service.id, service.availability_target)


def _put(found: dict[str, Target], entity: str, own: float | None, otherwise: Target) -> None:
    found[entity] = otherwise if own is None else Target(_exact(own), entity)


def _exact(percent: float) -> Fraction:
    """Return a percentage as it is written, 99.8 and not the binary number next to it."""
    return Fraction(str(percent))
