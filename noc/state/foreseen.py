"""What a window would touch, together with the windows that are at the same time."""

from __future__ import annotations

import asyncio

from sqlalchemy.ext.asyncio import AsyncConnection

from noc.inventory.inventory import Inventory
from noc.maintenance.impact import Impact, Other, foresee
from noc.state import windows


async def preview(
    connection: AsyncConnection, inventory: Inventory, entity: str, start_ms: int, end_ms: int, number: int = 0
) -> Impact:
    """Return what happens while an entity is worked on in `[start_ms, end_ms)`. number: of its own window."""
    near = await windows.overlapping(connection, start_ms, end_ms, ("approved", "requested"))
    others = [Other(one.number, one.entity, one.state == "approved") for one in near if one.number != number]
    return await asyncio.to_thread(foresee, inventory, entity, others)  # tenths of a second for a large fleet
