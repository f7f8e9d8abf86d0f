"""Which sites lose their only path when one device fails, for all devices at once. Pure.

It is what `noc.maintenance.impact` says of each device alone, turned round: of each thing, the devices whose failure
takes it away. A device needs itself, its site, and one of its upstreams; a circuit, the devices at its ends, and its
site; a site, one of its edge devices, and one of its circuits. What is taken away is worked out until nothing is added.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Final

from noc.inventory.entities import Circuit, Device, Site
from noc.inventory.inventory import Inventory

Fatal = dict[str, frozenset[str]]
"""Of an entity, the devices each of which takes it away by its failure alone."""

_NONE: Final[frozenset[str]] = frozenset()


def endangered(inventory: Inventory) -> Mapping[str, tuple[str, ...]]:
    """Return the sites, by entity and in the order of the inventory, that each device alone keeps in touch.

    A device that endangers no site isn't there.
    """
    fatal = _fatal(inventory)
    found: dict[str, list[str]] = {}
    for site in inventory.sites.values():
        for device in sorted(fatal.get(site.entity, _NONE)):
            found.setdefault(device, []).append(site.entity)
    return {device: tuple(sites) for device, sites in found.items()}


def _fatal(inventory: Inventory) -> Fatal:
    found: Fatal = {}
    has_grown = True
    while has_grown:
        has_grown = False
        for entity, devices in _pass(inventory, found):
            if devices and devices != found.get(entity, _NONE):
                found[entity] = devices
                has_grown = True
    return found


def _pass(inventory: Inventory, found: Fatal) -> Iterator[tuple[str, frozenset[str]]]:
    for device in inventory.devices.values():
        yield device.entity, _of_device(device, found)
    for circuit in inventory.circuits.values():
        yield circuit.entity, _of_circuit(circuit, found)
    for site in inventory.sites.values():
        yield site.entity, _of_site(site, inventory, found)


def _of_device(device: Device, found: Fatal) -> frozenset[str]:
    alone = frozenset((device.entity,))
    return alone | _all(device.upstream, found) | found.get(f"site/{device.site}", _NONE)


def _of_circuit(circuit: Circuit, found: Fatal) -> frozenset[str]:
    ends = [found.get(f"device/{end.device}", _NONE) for end in (circuit.a, circuit.z) if end is not None]
    return _NONE.union(*ends, found.get(f"site/{circuit.site}", _NONE))


def _of_site(site: Site, inventory: Inventory, found: Fatal) -> frozenset[str]:
    edges = _all([f"device/{edge}" for edge in site.edge_devices], found)
    return edges | _all([circuit.entity for circuit in inventory.circuits_of(site.id)], found)


def _all(names: Iterable[str], found: Fatal) -> frozenset[str]:
    """Return what takes away all of some entities; nothing, where there are none."""
    each = [found.get(name, _NONE) for name in names]
    return each[0].intersection(*each[1:]) if each else _NONE
