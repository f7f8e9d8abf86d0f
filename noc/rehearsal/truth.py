"""What is really so at a moment of a rehearsal: what has failed, and what answers because of that. Pure.

A device answers while it works itself and a way leads to it: its upstream, or else the edge devices of its site; and
where the way enters a site that has circuits, one of these. The poller's own site needs no circuit. A circuit whose end
has no power works, as far as its other end sees: most end in a carrier's equipment.
"""

from __future__ import annotations

from collections.abc import Iterable

from noc.inventory.entities import Circuit, Device, Site
from noc.inventory.inventory import Inventory


class Truth:
    """The state of a made-up world. poller: who looks, `vantage`: from which site, as far as that is known."""

    def __init__(self, inventory: Inventory, poller: str, vantage: str) -> None:
        self._inventory = inventory
        self._poller = poller
        self._here = {poller, vantage}
        self._failed: set[str] = set()
        self._answers: dict[str, bool] = {}

    @property
    def failed(self) -> frozenset[str]:
        """Return what has failed by itself."""
        return frozenset(self._failed)

    def fail(self, entities: Iterable[str]) -> None:
        """Have entities fail."""
        self._failed.update(entities)
        self._answers.clear()

    def restore(self, entities: Iterable[str]) -> None:
        """Have entities work again."""
        self._failed.difference_update(entities)
        self._answers.clear()

    def answers(self, device: str) -> bool:
        """Return whether a device, by its id, answers the poller."""
        known = self._answers.get(device)
        if known is None:
            found = self._inventory.devices[device]
            known = self._answers[device] = (
                f"poller/{self._poller}" not in self._failed and self.works(device) and self._reached(found)
            )
        return known

    def works(self, device: str) -> bool:
        """Return whether a device has power and works, reached or not."""
        found = self._inventory.devices[device]
        site = self._inventory.sites[found.site]
        return self._failed.isdisjoint((found.entity, site.entity, f"region/{site.region}"))

    def serves(self, endpoint: str) -> bool:
        """Return whether an end point, by its id, answers."""
        found = self._inventory.endpoints[endpoint]
        site = self._inventory.sites[found.site]
        broken = {found.entity, site.entity, f"region/{site.region}", f"poller/{self._poller}"}
        return self._failed.isdisjoint(broken) and self._enters(site)

    def carries(self, circuit: Circuit) -> bool:
        """Return whether a circuit works."""
        if circuit.entity in self._failed:
            return False
        ends = [end for end in (circuit.a, circuit.z) if end is not None]
        return all(self.is_up(end.device, end.interface) for end in ends)

    def is_up(self, device: str, interface: str) -> bool:
        """Return whether an interface has not failed by itself; what its circuit does to it is not asked here."""
        return f"interface/{device}/{interface}" not in self._failed

    def _reached(self, device: Device) -> bool:
        site = self._inventory.sites[device.site]
        if device.upstream:
            outside = [name for name in device.upstream if self._site_of(name) != site.id]
            inside = [name for name in device.upstream if self._site_of(name) == site.id]
            if any(self._leads(name) for name in inside):
                return True
            return any(self._leads(name) for name in outside) and self._connected(site)
        edges = [edge for edge in site.edge_devices if edge in self._inventory.devices]
        if device.id in edges or not edges:
            return self._connected(site)
        return site.id in self._here or any(self.answers(edge) for edge in edges)

    def _leads(self, upstream: str) -> bool:
        """Return whether a way leads over a device or a site."""
        kind, _, name = upstream.partition("/")
        if kind == "site":
            site = self._inventory.sites.get(name)
            return site is None or self._enters(site)
        return name not in self._inventory.devices or self.answers(name)

    def _enters(self, site: Site) -> bool:
        edges = [edge for edge in site.edge_devices if edge in self._inventory.devices]
        return not edges or any(self.answers(edge) for edge in edges)

    def _connected(self, site: Site) -> bool:
        circuits = self._inventory.circuits_of(site.id)
        return site.id in self._here or not circuits or any(self.carries(circuit) for circuit in circuits)

    def _site_of(self, upstream: str) -> str:
        kind, _, name = upstream.partition("/")
        if kind == "site":
            return name
        device = self._inventory.devices.get(name)
        return "" if device is None else device.site
