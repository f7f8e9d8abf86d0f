"""What a window touches: sites that lose their only path, sites that lose one of several, services that go down. Pure.

It is read from the inventory: edge devices of sites, upstreams of devices, circuits of sites, formulas of services.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Final

from noc.inventory.entities import Circuit, Site
from noc.inventory.formula import Formula
from noc.inventory.inventory import Inventory
from noc.maintenance.below import below, self_and_above

PAIRS_AT_MOST: Final = 50
"""Other windows of which each is looked at together with the one that is asked about."""


@dataclass(frozen=True, slots=True)
class Other:
    """Another window that is planned, or asked for, for the same time."""

    window: int
    entity: str
    is_approved: bool = True


@dataclass(frozen=True, slots=True)
class Together:
    """Sites that lose their only path by two windows together, and by neither of them alone."""

    other: Other
    sites: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Impact:
    """What happens while an entity is worked on, entities by name, in the order of the inventory.

    cut: sites that lose their only path. uncovered: those of them that the window is not for, so that their time
    counts as an outage. weaker: sites that go on with fewer paths. devices: that nobody reaches. circuits: that carry
    nothing. services: that go down. also: what is worked on at the same time, by other windows, and was counted in.
    together: who cuts which sites only together with this.
    """

    entity: str
    cut: tuple[str, ...] = ()
    uncovered: tuple[str, ...] = ()
    weaker: tuple[str, ...] = ()
    circuits: tuple[str, ...] = ()
    services: tuple[str, ...] = ()
    also: tuple[str, ...] = ()
    devices: tuple[str, ...] = ()
    together: tuple[Together, ...] = ()


def foresee(inventory: Inventory, entity: str, others: Sequence[Other] = ()) -> Impact:
    """Return what happens when an entity is worked on while others are: approved ones are counted in."""
    found = impact(inventory, entity, [one.entity for one in others if one.is_approved])
    return replace(found, together=tuple(_together(inventory, entity, others)))


def _together(inventory: Inventory, entity: str, others: Sequence[Other]) -> Iterator[Together]:
    near = [one for one in others if one.entity != entity]
    if not near:
        return
    alone, rest = _cut(inventory, (entity,)), _cut(inventory, [one.entity for one in near])
    if _cut(inventory, (entity, *(one.entity for one in near))) <= alone | rest:
        return  # what all of them don't cut together, no two of them do
    for one in near[:PAIRS_AT_MOST]:
        both = _cut(inventory, (entity, one.entity)) - alone - _cut(inventory, (one.entity,))
        if both:
            yield Together(one, tuple(site.entity for site in inventory.sites.values() if site.id in both))


def _cut(inventory: Inventory, worked_on: Iterable[str]) -> set[str]:
    return _Network(inventory, worked_on).cut


def impact(inventory: Inventory, entity: str, also: Iterable[str] = ()) -> Impact:
    """Return what happens when an entity, with all below it, is worked on. also: what else is, at the same time."""
    others = tuple(dict.fromkeys(name for name in also if name != entity))
    network = _Network(inventory, (entity, *others))
    cut = [site for site in inventory.sites.values() if site.id in network.cut]
    weaker = [site for site in inventory.sites.values() if site.id not in network.cut and network.is_weaker(site)]
    return Impact(
        entity,
        tuple(site.entity for site in cut),
        tuple(site.entity for site in cut if entity not in self_and_above(inventory, site.entity)),
        tuple(site.entity for site in weaker),
        tuple(circuit.entity for circuit in inventory.circuits.values() if circuit.entity in network.lost),
        tuple(service.entity for service in inventory.services.values() if not network.serves(service.id)),
        others,
        tuple(device.entity for device in inventory.devices.values() if device.entity in network.lost),
    )


class _Network:
    """The network without what is worked on.

    lost: devices, circuits and other things that don't work or can't be reached, by entity; cut: sites, by id.
    """

    def __init__(self, inventory: Inventory, worked_on: Iterable[str]) -> None:
        self._inventory = inventory
        self.lost: set[str] = set()
        self.cut: set[str] = set()
        for entity in worked_on:
            self.lost |= {entity, *below(inventory, entity)}
        self._spread()

    def is_weaker(self, site: Site) -> bool:
        """Return whether a site that still has a path has fewer than it had."""
        return any(circuit.entity in self.lost for circuit in self._inventory.circuits_of(site.id)) or any(
            f"device/{edge}" in self.lost or any(map(self._is_lost, self._upstream(edge))) for edge in site.edge_devices
        )

    def serves(self, service: str) -> bool:
        """Return whether a service is still up, from one of its places."""
        found = self._inventory.services[service]
        formulas = [place.formula for place in found.places.values()]
        if found.formula is not None:
            formulas = [found.formula]
        return f"service/{service}" not in self.lost and any(map(self._holds, formulas))

    def _spread(self) -> None:
        """Follow what fails to what stands behind it, until nothing more does."""
        before = -1
        while before != len(self.lost) + len(self.cut):
            before = len(self.lost) + len(self.cut)
            self.lost.update(one.entity for one in self._inventory.circuits.values() if self._is_unended(one))
            for device in self._inventory.devices.values():
                if device.upstream and all(map(self._is_lost, device.upstream)):
                    self.lost.add(device.entity)
            for site in self._inventory.sites.values():
                if site.id not in self.cut and self._is_cut(site):
                    self.cut.add(site.id)
                    self.lost |= {site.entity, *below(self._inventory, site.entity)}

    def _is_cut(self, site: Site) -> bool:
        circuits = self._inventory.circuits_of(site.id)
        return (
            site.entity in self.lost
            or (bool(site.edge_devices) and all(f"device/{edge}" in self.lost for edge in site.edge_devices))
            or (bool(circuits) and all(circuit.entity in self.lost for circuit in circuits))
        )

    def _is_unended(self, circuit: Circuit) -> bool:
        ends = [end for end in (circuit.a, circuit.z) if end is not None]
        names = {name for end in ends for name in (f"device/{end.device}", f"interface/{end.device}/{end.interface}")}
        return not names.isdisjoint(self.lost)

    def _upstream(self, device: str) -> tuple[str, ...]:
        found = self._inventory.devices.get(device)
        return () if found is None else found.upstream

    def _is_lost(self, entity: str) -> bool:
        return entity in self.lost

    def _holds(self, formula: Formula) -> bool:
        if formula.all_of is not None:
            return all(map(self._item_holds, formula.all_of))
        if formula.any_of is not None:
            return any(map(self._item_holds, formula.any_of))
        items = formula.of or ()
        weights = formula.weights or (1,) * len(items)
        up = sum(weight for item, weight in zip(items, weights, strict=True) if self._item_holds(item))
        return up >= (formula.at_least or 1)

    def _item_holds(self, item: str | Formula) -> bool:
        return self._holds(item) if isinstance(item, Formula) else item not in self.lost
