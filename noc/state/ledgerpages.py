"""Pages of the ledger, for those who read it bit by bit."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncConnection

from noc.state.ledger import Record
from noc.state.records import TRANSITION
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


async def below(connection: AsyncConnection, prefix: str, from_ms: int, to_ms: int, limit: int) -> list[Record]:
    """Return the newest transitions of entities that begin with a prefix, `peer/nbo-rtr-1/`, that hold since then.

    from_ms, to_ms: since a time in `[from_ms, to_ms)`.
    """
    after = prefix[:-1] + chr(ord(prefix[-1]) + 1)  # by the index of entities; LIKE would read all of the ledger
    wanted = (
        select(ledger)
        .where(ledger.c.entity >= prefix, ledger.c.entity < after, ledger.c.kind == TRANSITION)
        .where(ledger.c.since_ms >= from_ms, ledger.c.since_ms < to_ms)
        .order_by(ledger.c.seq.desc())
        .limit(limit)
    )
    rows = (await connection.execute(wanted)).all()
    return [Record(row.seq, row.entity, row.kind, row.since_ms, row.body, row.hash) for row in rows]


async def changes(
    connection: AsyncConnection, entities: Sequence[str], from_ms: int, to_ms: int, limit: int
) -> list[Record]:
    """Return the newest transitions of some entities that hold since a time in `[from_ms, to_ms)`, the newest first."""
    wanted = (
        select(ledger)
        .where(ledger.c.entity.in_(entities), ledger.c.kind == TRANSITION)
        .where(ledger.c.since_ms >= from_ms, ledger.c.since_ms < to_ms)
        .order_by(ledger.c.since_ms.desc(), ledger.c.seq.desc())
        .limit(limit)
    )
    rows = (await connection.execute(wanted)).all()
    return [Record(row.seq, row.entity, row.kind, row.since_ms, row.body, row.hash) for row in rows]
