"""Down rules: the one rule that speaks of an entity being down, of the inventory of now. Pure."""

from __future__ import annotations

from collections.abc import Callable

from alerts.rules.compiled import DownRule, Rules
from noc.inventory.inventory import Inventory
from noc.model.part import part_name


class DownRules:
    """Finds rules; what was found is remembered for as long as the inventory is the same."""

    def __init__(self, rules: Rules, inventory: Callable[[], Inventory]) -> None:
        self._rules = rules
        self._inventory = inventory
        self._of: Inventory | None = None
        self._known: dict[str, DownRule | None] = {}

    def of(self, entity: str) -> DownRule | None:
        """Return the rule; None where nobody wants to hear of it, or the inventory doesn't know the entity."""
        inventory = self._inventory()
        if inventory is not self._of:
            self._of, self._known = inventory, {}
        if entity not in self._known:
            self._known[entity] = self._find(entity, inventory)
        return self._known[entity]

    def tells(self, entity: str) -> bool:
        """Return whether there is such a rule."""
        return self.of(entity) is not None

    def _find(self, entity: str, inventory: Inventory) -> DownRule | None:
        kind, _, name = entity.partition("/")
        part = part_name(entity)
        if kind == "circuit":
            circuit = inventory.circuits.get(name)
            site = None if circuit is None else inventory.sites.get(circuit.site)
            return None if site is None else self._rules.down_for(None, site, "circuit")
        if kind == "service":
            service = inventory.services.get(name)
            return None if service is None else self._rules.down_for(service, None, "service")
        if kind == "endpoint":
            endpoint = inventory.endpoints.get(name)
            site = None if endpoint is None else inventory.sites.get(endpoint.site)
            return self._rules.down_for(endpoint, site, "endpoint") if endpoint and site else None
        device = inventory.devices.get(name if part is None else part.device)
        if device is None or (part is None and kind != "device"):
            return None
        return self._rules.down_for(device, inventory.sites[device.site], "device" if part is None else part.kind)
