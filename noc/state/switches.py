"""From where services were served, as the ledger tells."""

from __future__ import annotations

from collections.abc import Iterable

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncConnection

from noc.model.switch import ServiceSwitch
from noc.state.records import SWITCH, recorded_of
from noc.state.tables import ledger


async def page(
    connection: AsyncConnection, services: Iterable[str], *, before: int | None = None, limit: int = 100
) -> list[tuple[int, ServiceSwitch]]:
    """Return the newest switches of services (entities) with their numbers, those in front of number `before`."""
    wanted = select(ledger).where(ledger.c.entity.in_(list(services)), ledger.c.kind == SWITCH)
    if before is not None:
        wanted = wanted.where(ledger.c.seq < before)
    rows = await connection.execute(wanted.order_by(ledger.c.seq.desc()).limit(limit))
    found = ((row.seq, recorded_of(row.kind, row.body)) for row in rows)
    return [(seq, switch) for seq, switch in found if isinstance(switch, ServiceSwitch)]


async def last(connection: AsyncConnection, services: Iterable[str]) -> dict[str, ServiceSwitch]:
    """Return the last switch of each service that had one."""
    found = [await page(connection, [service], limit=1) for service in services]
    return {switch.entity: switch for some in found for _, switch in some}
