"""Who was down at a moment of the past, and since when, as the ledger tells."""

from __future__ import annotations

from typing import Final

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncConnection

from noc.state.records import TRANSITION
from noc.state.tables import ledger

_DOWN: Final = '"status":"down"'


async def down_at(connection: AsyncConnection, moment_ms: int) -> dict[str, int]:
    """Return the entities that were down just before a moment, and since when, in milliseconds."""
    before = (ledger.c.kind == TRANSITION, ledger.c.since_ms < moment_ms)
    last = select(func.max(ledger.c.seq)).where(*before).group_by(ledger.c.entity)
    wanted = select(ledger.c.entity, ledger.c.since_ms, ledger.c.body).where(ledger.c.seq.in_(last))
    found = await connection.stream(wanted)
    return {row.entity: row.since_ms async for row in found if _DOWN in row.body}
