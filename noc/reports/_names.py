"""What people call entities, and of whom a report tells, by the inventory of now. Pure."""

from __future__ import annotations

from collections.abc import Callable

from noc.inventory.inventory import Inventory
from noc.reports.frame import directory


def name_of(inventory: Inventory, entity: str) -> str:
    """Return what people call an entity; of a part, its device and its own; its id where the inventory has none."""
    return directory.name_of(directory.OfInventory(inventory), entity)


def told_of(of: str, inventory: Inventory) -> Callable[[str], bool]:
    """Return what says of an entity whether a report of `of` tells of it. Raises UsageError where `of` is nothing."""
    return directory.told_of(of, directory.OfInventory(inventory))
