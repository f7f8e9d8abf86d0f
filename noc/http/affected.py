"""What an incident explains, a page at a time, by class and site; nothing that its reader may not see."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from noc.http.scope import Scope
from noc.inventory.entities import Circuit, Device, Site
from noc.inventory.inventory import Inventory
from noc.model.incident import Symptom
from noc.model.part import owner_of
from noc.state import symptoms
from noc.state.database import Transaction

PER_PAGE: Final = 50
OTHER: Final = "other"
"""The class, or site, of what has none."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """Of which class and site; empty: of all."""

    device_class: str = ""
    site: str = ""

    def of(self, inventory: Inventory) -> Callable[[str], bool]:
        """Return what tells whether an entity is one of these."""

        def fits(entity: str) -> bool:
            is_class = self.device_class in ("", class_of(inventory, entity))
            return is_class and self.site in ("", site_of(inventory, entity))

        return fits


@dataclass(frozen=True, slots=True)
class Affected:
    """Symptoms of an incident.

    classes, sites: how many there are of each, the most first: class of a device, or the kind of what is none; id of a
    site, or `other`. total, standing: that its reader may see, of all classes and sites. hidden: that its reader may
    not see. numbers: of those that were wanted, in order; page: some of them.
    """

    total: int
    standing: int
    hidden: int
    classes: Mapping[str, int]
    sites: Mapping[str, int]
    numbers: tuple[int, ...]

    def page(self, first: int, length: int = PER_PAGE) -> tuple[int, ...]:
        """Return the numbers of a page that begins with the one at this place, from 0."""
        return self.numbers[first : first + length]


async def affected_by(
    connection: Transaction, inventory: Inventory, seen: Scope, incident: int, wanted: Callable[[str], bool]
) -> Affected:
    """Return what an incident explains. wanted: tells which entities are listed; all are counted."""
    rows = await symptoms.entities_with_numbers(connection, incident)
    classes, sites, numbers = Counter[str](), Counter[str](), list[int]()
    total = standing = 0
    for number, entity, stands in rows:
        if not seen.sees(inventory, entity):
            continue
        total, standing = total + 1, standing + stands
        classes[class_of(inventory, entity)] += 1
        sites[site_of(inventory, entity)] += 1
        if wanted(entity):
            numbers.append(number)
    order = dict(classes.most_common()), dict(sites.most_common())
    return Affected(total, standing, len(rows) - total, *order, tuple(numbers))


async def listed(connection: Transaction, numbers: Sequence[int]) -> list[Symptom]:
    """Return symptoms of a page."""
    return await symptoms.of_numbers(connection, numbers) if numbers else []


def class_of(inventory: Inventory, entity: str) -> str:
    """Return the class of a device, also for a part of one; of what is no device, its kind."""
    thing = inventory.entity(owner_of(entity) or entity)
    return thing.device_class if isinstance(thing, Device) else entity.partition("/")[0] or OTHER


def site_of(inventory: Inventory, entity: str) -> str:
    """Return the id of the site where an entity is."""
    thing = inventory.entity(owner_of(entity) or entity)
    if isinstance(thing, Site):
        return thing.id
    return thing.site if isinstance(thing, Device | Circuit) else OTHER
