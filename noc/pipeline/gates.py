"""Formulas of services ready to be worked out, in three-valued logic (docs/availability.md, "Services"). Pure."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from noc.inventory.formula import Formula
from noc.inventory.inventory import Inventory
from noc.model.transition import Status


@dataclass(frozen=True, slots=True)
class Gate:
    """Up while parts of `need` weight are up; down when, with all that is unknown, they could not be; else unknown.

    parts: weight and an entity with evidence of its own, or a gate again.
    """

    need: int
    parts: tuple[tuple[int, str | Gate], ...]

    def status(self, status_of: Callable[[str], Status]) -> Status:
        """Return what comes of the statuses of entities."""
        up = unknown = 0
        for weight, part in self.parts:
            word = status_of(part) if isinstance(part, str) else part.status(status_of)
            if word == "up":
                up += weight
            elif word == "unknown":
                unknown += weight
        if up >= self.need:
            return "up"
        return "unknown" if up + unknown >= self.need else "down"

    def entities(self) -> Iterator[str]:
        """Yield the entities with evidence that it stands on, some of them maybe twice."""
        for _, part in self.parts:
            if isinstance(part, str):
                yield part
            else:
                yield from part.entities()


NEVER_KNOWN = Gate(1, ((1, ""),))
"""Of what is not in the inventory, and of sites without edge devices: no entity is called so, and none tells of it."""


def gate_of(formula: Formula, inventory: Inventory) -> Gate:
    """Return a formula ready to be worked out. Services in it are their formulas, sites any of their edge devices.

    Formulas don't go in circles: the inventory sees to that.
    """
    items = formula.all_of or formula.any_of or formula.of or ()
    weights = formula.weights or (1,) * len(items)
    need = len(items) if formula.all_of else (formula.at_least or 1)
    return Gate(need, tuple((weight, _part(item, inventory)) for weight, item in zip(weights, items, strict=True)))


def _part(item: str | Formula, inventory: Inventory) -> str | Gate:
    if isinstance(item, Formula):
        return gate_of(item, inventory)
    kind, _, name = item.partition("/")
    if kind == "service":
        service = inventory.services.get(name)
        return NEVER_KNOWN if service is None else gate_of(service.whole, inventory)
    if kind == "site":
        site = inventory.sites.get(name)
        edges = () if site is None else site.edge_devices
        return Gate(1, tuple((1, f"device/{edge}") for edge in edges)) if edges else NEVER_KNOWN
    return item
