"""What people call entities, and of whom a report tells. Pure."""

from __future__ import annotations

from collections.abc import Callable

from noc.inventory.inventory import Inventory
from noc.maintenance.below import self_and_above
from noc.model.errors import UsageError
from noc.model.finding import did_you_mean
from noc.model.part import part_name
from noc.reports.frame.asked import EVERYTHING


def name_of(inventory: Inventory, entity: str) -> str:
    """Return what people call an entity; of a part, its device and its own; its id where the inventory has none."""
    found, part = inventory.entity(entity), part_name(entity)
    if found is not None:
        return found.name
    if part is not None:
        return f"{name_of(inventory, part.owner)} · {part.name}"
    return entity.partition("/")[2] or entity


def told_of(of: str, inventory: Inventory) -> Callable[[str], bool]:
    """Return what says of an entity whether a report of `of` tells of it. Raises UsageError where `of` is nothing."""
    if of == EVERYTHING:
        return lambda _: True
    if inventory.entity(of) is None:
        known = [*(one.entity for one in inventory.regions.values()), *(one.entity for one in inventory.sites.values())]
        hint = did_you_mean(of, known)
        raise UsageError(f"'{of}' is not in the inventory{hint}; write network, region/… or site/…")
    return lambda entity: of in self_and_above(inventory, entity)
