"""The records of the ledger that a figure stands on."""

from __future__ import annotations

from collections.abc import Collection

from sqlalchemy import ColumnElement, and_, func, or_, select
from sqlalchemy.ext.asyncio import AsyncConnection

from noc.state.ledger import Record
from noc.state.records import AWAY, CORRECTION, RESTATEMENT, TRANSITION, WINDOW
from noc.state.tables import ledger

DECISIONS = (AWAY, CORRECTION, RESTATEMENT, WINDOW)
NAMES_AT_ONCE = 500


async def evidence_of(
    connection: AsyncConnection, entities: Collection[str], start_ms: int, end_ms: int, until: int
) -> list[Record]:
    """Return the changes of state of entities in `[start_ms, end_ms)`, and the last of each before it, by number.

    until: records up to this number.
    """
    found: list[Record] = []
    for names in _some(entities):
        is_theirs = (ledger.c.kind == TRANSITION, ledger.c.entity.in_(names), ledger.c.seq <= until)
        before = (
            select(func.max(ledger.c.seq)).where(*is_theirs, ledger.c.since_ms < start_ms).group_by(ledger.c.entity)
        )
        inside = and_(ledger.c.since_ms >= start_ms, ledger.c.since_ms < end_ms)
        found += await _read(connection, *is_theirs, or_(inside, ledger.c.seq.in_(before)))
    return sorted(found, key=lambda record: record.seq)


async def decisions_about(connection: AsyncConnection, entities: Collection[str] | None, until: int) -> list[Record]:
    """Return corrections, windows and restatements of entities, and times in which noc was away, by number.

    entities: of all, where none are given. until: records up to this number.
    """
    found = await _read(connection, ledger.c.kind.in_(DECISIONS), ledger.c.seq <= until)
    wanted = None if entities is None else set(entities)
    return sorted(
        (one for one in found if wanted is None or one.entity in wanted or one.kind == AWAY),
        key=lambda record: record.seq,
    )


async def _read(connection: AsyncConnection, *wanted: ColumnElement[bool]) -> list[Record]:
    rows = await connection.execute(select(ledger).where(*wanted))
    return [Record(row.seq, row.entity, row.kind, row.since_ms, row.body, row.hash) for row in rows]


def _some(entities: Collection[str]) -> list[list[str]]:
    names = sorted(set(entities))
    return [names[start : start + NAMES_AT_ONCE] for start in range(0, len(names), NAMES_AT_ONCE)]
