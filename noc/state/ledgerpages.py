"""Pages of the ledger, for those who read it bit by bit."""

from __future__ import annotations

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncConnection

from noc.state.ledger import Record
from noc.state.tables import ledger


async def page(
    connection: AsyncConnection,
    *,
    after: int = 0,
    limit: int = 100,
    entity: str | None = None,
    from_ms: int | None = None,
    to_ms: int | None = None,
) -> list[Record]:
    """Return records in the order of the chain, those behind number `after`.

    entity: of this one. from_ms, to_ms: that hold since a time in `[from_ms, to_ms)`.
    """
    wanted = select(ledger).where(ledger.c.seq > after).order_by(ledger.c.seq).limit(limit)
    if entity is not None:
        wanted = wanted.where(ledger.c.entity == entity)
    if from_ms is not None:
        wanted = wanted.where(ledger.c.since_ms >= from_ms)
    if to_ms is not None:
        wanted = wanted.where(ledger.c.since_ms < to_ms)
    rows = (await connection.execute(wanted)).all()
    return [Record(row.seq, row.entity, row.kind, row.since_ms, row.body, row.hash) for row in rows]
