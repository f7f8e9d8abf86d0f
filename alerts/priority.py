"""The priority of an incident: impact (what is affected) by urgency (how grave the rule is). Pure.

ITIL's matrix. What is affected are whole sites that are cut off, the people at them, and services that are down.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass

from alerts.lifesettings import DEFAULTS, LEVELS, URGENCIES, Impact, LifeSettings, Reach
from noc.inventory.entities import Device
from noc.inventory.formula import Formula
from noc.inventory.inventory import Inventory
from noc.model.incident import Fact, Severity


@dataclass(frozen=True, slots=True)
class Rank:
    """How grave an incident is. impact: 1 high to 3 low. urgency: 1 critical to 4 warning. priority: 1 is the highest.

    sites: how many are cut off. people: at these, as far as the inventory tells. services: how many are down.
    """

    impact: int
    urgency: int
    priority: int
    sites: int
    people: int
    services: int

    @property
    def facts(self) -> Mapping[str, Fact]:
        """Return it for a timeline."""
        return {name: getattr(self, name) for name in self.__dataclass_fields__}


def telling(inventory: Inventory) -> frozenset[str]:
    """Return the entities by which `ranked` can differ: sites, their edge devices, services and what they are made of.

    Of the thousands behind a lost hub these are few.
    """
    found = {site.entity for site in inventory.sites.values()}
    found.update(f"device/{edge}" for site in inventory.sites.values() for edge in site.edge_devices)
    for service in inventory.services.values():
        found.add(service.entity)
        found.update(name for _, name in service.whole.entities())
    return frozenset(found)


def ranked(
    entity: str,
    severity: Severity,
    affected: Collection[str],
    inventory: Inventory,
    *,
    works: bool = False,
    settings: LifeSettings = DEFAULTS,
) -> Rank:
    """Return how grave an incident is.

    affected: entities that are down with it, its symptoms. works: the entity itself is not down, but degraded, or a
    rule warns of it; then only what is affected counts.
    """
    down = frozenset(affected) - {entity} if works else frozenset((*affected, entity))
    cut_off = _cut_off(down, inventory)
    people = sum(inventory.sites[site].people or 0 for site in cut_off)
    gone = _Gone(down | {f"site/{site}" for site in cut_off}, inventory)
    services = sum(gone.service(name) for name in inventory.services)
    impact = _impact(settings.impact, len(cut_off), people, services)
    return Rank(impact, URGENCIES[severity], settings.matrix.priority(severity, impact), len(cut_off), people, services)


def _cut_off(down: frozenset[str], inventory: Inventory) -> set[str]:
    """Return the ids of the sites that are down, or all of whose edge devices are."""
    found = {
        name for kind, _, name in (one.partition("/") for one in down) if kind == "site" and name in inventory.sites
    }
    touched = {
        device.site for one in down if isinstance(device := inventory.entity(one), Device) and device.site not in found
    }
    for name in touched:
        edges = inventory.sites[name].edge_devices
        if edges and all(f"device/{edge}" in down for edge in edges):
            found.add(name)
    return found


class _Gone:
    """Tells which services are down while some entities are."""

    def __init__(self, down: frozenset[str], inventory: Inventory) -> None:
        self._down = down
        self._inventory = inventory
        self._known: dict[str, bool] = {}

    def service(self, name: str) -> bool:
        """Return whether a service is down."""
        if name not in self._known:
            self._known[name] = False  # while it is worked out: a circle of services ends here
            service = self._inventory.services.get(name)
            self._known[name] = service is not None and (service.entity in self._down or self._formula(service.whole))
        return self._known[name]

    def _formula(self, formula: Formula) -> bool:
        if formula.all_of is not None:
            return any(self._item(item) for item in formula.all_of)
        if formula.any_of is not None:
            return all(self._item(item) for item in formula.any_of)
        items = formula.of or ()
        weights = formula.weights or (1,) * len(items)
        standing = sum(weight for item, weight in zip(items, weights, strict=True) if not self._item(item))
        return standing < (formula.at_least or 0)

    def _item(self, item: str | Formula) -> bool:
        if isinstance(item, Formula):
            return self._formula(item)
        kind, _, name = item.partition("/")
        return item in self._down or (kind == "service" and self.service(name))


def _impact(bounds: Impact, sites: int, people: int, services: int) -> int:
    def reaches(bound: Reach) -> bool:
        return sites >= bound.sites or people >= bound.people or services >= bound.services

    return 1 if reaches(bounds.high) else 2 if reaches(bounds.medium) else LEVELS
