"""What a window would touch, together with the windows that are at the same time."""

from __future__ import annotations

from sqlalchemy.ext.asyncio import AsyncConnection

from noc.inventory.inventory import Inventory
from noc.maintenance.impact import Impact, impact
from noc.state import windows


async def preview(
    connection: AsyncConnection, inventory: Inventory, entity: str, start_ms: int, end_ms: int, number: int = 0
) -> Impact:
    """Return what happens while an entity is worked on in `[start_ms, end_ms)`. number: of its own window."""
    others = await windows.overlapping(connection, start_ms, end_ms)
    return impact(inventory, entity, [one.entity for one in others if one.number != number])
