"""Where an incident happens: names for people of what its entity is and stands at. Pure."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import tzinfo

from noc.inventory.inventory import Inventory
from noc.model.part import PartName, part_name


@dataclass(frozen=True, slots=True)
class Scene:
    """Where an incident happens, as far as the inventory knows: names for people, and the time zone of the place.

    part: of the device, such as a BGP peer. service, endpoint: their names. other: what is none of these: a kind and
    a name, such as `poller` and `brindisi`, `provider` and `Telco`; see `alerts.phrases.other`.
    """

    device: str | None = None
    device_class: str | None = None
    address: str | None = None
    part: PartName | None = None
    circuit: str | None = None
    provider: str | None = None
    service: str | None = None
    endpoint: str | None = None
    site: str | None = None
    region: str | None = None
    other: tuple[str, str] | None = None
    zone: tzinfo | None = None


def scene_of(entity: str, inventory: Inventory) -> Scene:
    """Return what the inventory knows of an entity; nothing of it where the entity is gone."""
    kind, _, name = entity.partition("/")
    part = part_name(entity)
    if part is not None:
        return replace(_device(part.device, inventory), part=part)
    if kind == "device":
        return _device(name, inventory)
    if kind == "circuit":
        circuit = inventory.circuits.get(name)
        if circuit is None:
            return Scene(circuit=name)
        return replace(_site(circuit.site, inventory), circuit=_both(circuit.name, name), provider=circuit.provider)
    if kind == "endpoint":
        return _endpoint(name, inventory)
    if kind == "service":
        service = inventory.services.get(name)
        return Scene(service=name if service is None else _both(service.name, name))
    return _site(name, inventory) if kind == "site" else _other(kind, name, inventory)


def _other(kind: str, name: str, inventory: Inventory) -> Scene:
    """Return what no single thing is: a region, the network, a poller, what things share."""
    if kind == "shared":
        kind, _, name = name.partition("/")
    if kind == "region":
        known = inventory.regions.get(name)
        return Scene(
            other=(kind, name if known is None else known.name), zone=None if known is None else known.time_zone
        )
    return Scene(other=(kind, name))


def _endpoint(key: str, inventory: Inventory) -> Scene:
    endpoint = inventory.endpoints.get(key)
    if endpoint is None:
        return Scene(endpoint=key)
    place, name = _site(endpoint.site, inventory), _both(endpoint.name, key)
    return replace(place, endpoint=name, address=endpoint.probe.address)


def _device(key: str, inventory: Inventory) -> Scene:
    device = inventory.devices.get(key)
    if device is None:
        return Scene(device=key)
    place, name = _site(device.site, inventory), _both(device.name, device.id)
    return replace(place, device=name, device_class=device.device_class, address=str(device.address))


def _both(name: str, key: str) -> str:
    return name if name == key else f"{name} ({key})"


def _site(key: str, inventory: Inventory) -> Scene:
    site = inventory.sites.get(key)
    if site is None:
        return Scene(site=key)
    region = inventory.regions[site.region]
    return Scene(site=site.name, region=region.name, zone=site.time_zone or region.time_zone)
