"""Which problem records a caller may see: those with an incident of theirs, and those that have none yet."""

from __future__ import annotations

from collections.abc import Collection

from noc.http.scope import Scope
from noc.inventory.inventory import Inventory
from noc.state import problems
from noc.state.database import Transaction


async def visible(
    connection: Transaction, inventory: Inventory, seen: Scope, numbers: Collection[int]
) -> frozenset[int]:
    """Return which of some records, by their numbers, a caller may see."""
    if seen.everything:
        return frozenset(numbers)
    found = await problems.entities_of(connection, numbers)
    return frozenset(
        number
        for number in numbers
        if number not in found or any(seen.sees(inventory, entity) for entity in found[number])
    )
