"""Filters by where something is: `site` and `region` of entities of any kind, and of which kind they are."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Final, TypeVar

from alerts.wanted import region_of, site_of
from noc.api import _named as named
from noc.api._filters import Field as By
from noc.api._filters import Known, Value
from noc.http.scope import Scope
from noc.inventory.inventory import Inventory

Item = TypeVar("Item")

ENTITY: Final = By("entity", "the entity", "entity")
REGION: Final = By("region", "the region (of all that is at its sites too), by its id,", "name")
PLACES: Final = (By("site", "the site (of its devices, their parts, its circuits too), by its id,", "name"), REGION)


def values(inventory: Inventory, entity_of: Callable[[Item], str]) -> dict[str, Callable[[Item], Value]]:
    """Return how the fields of PLACES are read of what is about an entity."""
    return {
        "site": lambda item: site_of(inventory, entity_of(item)),
        "region": lambda item: region_of(inventory, entity_of(item)),
    }


def known(inventory: Inventory, seen: Scope) -> Mapping[str, Known]:
    """Return the sites and regions that a caller may see."""
    return {"site": lambda: named.sites(inventory, seen), "region": lambda: named.regions(inventory, seen)}
