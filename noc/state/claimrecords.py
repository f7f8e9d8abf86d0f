"""The records of the ledger that say what one entity was in a time: what a claim rests on."""

from __future__ import annotations

from sqlalchemy import func, or_, select
from sqlalchemy.ext.asyncio import AsyncConnection

from noc.model.restatement import Restatement
from noc.state.ledger import Record
from noc.state.records import RESTATEMENT, TRANSITION, recorded_of
from noc.state.tables import ledger


async def records_of(
    connection: AsyncConnection, entity: str, start_ms: int, end_ms: int, known: int | None = None
) -> list[Record]:
    """Return the transitions and restatements of an entity that tell of `[start_ms, end_ms)`, as chained.

    The last transition before it is among them: it tells what the entity was at the beginning. known: only records up
    to this number.
    """
    of_it = [ledger.c.entity == entity, ledger.c.kind.in_((TRANSITION, RESTATEMENT))]
    if known is not None:
        of_it.append(ledger.c.seq <= known)
    before = select(func.max(ledger.c.seq)).where(*of_it, ledger.c.kind == TRANSITION, ledger.c.since_ms < start_ms)
    inside = or_(ledger.c.since_ms >= start_ms, ledger.c.kind == RESTATEMENT, ledger.c.seq == before.scalar_subquery())
    wanted = select(ledger).where(*of_it, ledger.c.since_ms < end_ms, inside).order_by(ledger.c.seq)
    rows = await connection.execute(wanted)
    records = [Record(row.seq, row.entity, row.kind, row.since_ms, row.body, row.hash) for row in rows]
    return [record for record in records if not _is_over(record, start_ms)]


def _is_over(record: Record, start_ms: int) -> bool:
    if record.kind != RESTATEMENT or record.since_ms >= start_ms:
        return False
    said = recorded_of(record.kind, record.body)
    return isinstance(said, Restatement) and said.end_ms <= start_ms
