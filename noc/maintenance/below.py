"""Who is below whom: a part, its device; a device, circuit or end point, its site; a site, its region. Pure."""

from __future__ import annotations

from collections.abc import Iterator

from noc.inventory.inventory import Inventory
from noc.model.part import owner_of


def self_and_above(inventory: Inventory, entity: str) -> Iterator[str]:
    """Yield an entity and each that it is below; of what the inventory lacks, only itself and its device."""
    yield entity
    owner = owner_of(entity)
    if owner is not None:
        yield owner
    kind, _, key = (owner or entity).partition("/")
    site = key if kind == "site" else None
    if kind == "device" and key in inventory.devices:
        site = inventory.devices[key].site
    elif kind == "circuit" and key in inventory.circuits:
        site = inventory.circuits[key].site
    elif kind == "endpoint" and key in inventory.endpoints:
        site = inventory.endpoints[key].site
    if site is not None and site in inventory.sites:
        if kind != "site":
            yield f"site/{site}"
        yield f"region/{inventory.sites[site].region}"


def below(inventory: Inventory, entity: str) -> Iterator[str]:
    """Yield all that is below an entity: sites, devices, circuits, end points; parts of devices not."""
    kind, _, key = entity.partition("/")
    if kind == "region":
        for site in inventory.sites_of(key):
            yield site.entity
            yield from below(inventory, site.entity)
    elif kind == "site":
        yield from (device.entity for device in inventory.devices_of(key))
        yield from (circuit.entity for circuit in inventory.circuits_of(key))
        yield from (endpoint.entity for endpoint in inventory.endpoints_of(key))
