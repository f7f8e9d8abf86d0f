"""What the ledger says of entities now, for late evidence to be laid beside it; and restatements into the chain."""

from __future__ import annotations

import json
from collections.abc import Collection, Sequence
from dataclasses import dataclass

from sqlalchemy import func, or_, select
from sqlalchemy.ext.asyncio import AsyncConnection

from noc.availability.spans import FOREVER, Spans, union
from noc.availability.timeline import Timeline
from noc.model.restatement import Restatement
from noc.state import ledger as chain
from noc.state.records import RESTATEMENT, TRANSITION, recorded_of
from noc.state.tables import ledger
from noc.state.timelines import Row, restated, timelines


@dataclass(frozen=True, slots=True)
class Said:
    """What the ledger says of an entity. timeline: restatements in it. withdrawn: when nothing was expected of it."""

    timeline: Timeline = ()
    withdrawn: Spans = ()


async def said_of(connection: AsyncConnection, entities: Collection[str], start_ms: int) -> dict[str, Said]:
    """Return what the ledger says of some hundred entities from `start_ms` on, and of what each was then.

    Who has no record has no entry.
    """
    of_them = (ledger.c.kind == TRANSITION, ledger.c.entity.in_(sorted(entities)))
    before = select(func.max(ledger.c.seq)).where(*of_them, ledger.c.since_ms < start_ms).group_by(ledger.c.entity)
    columns = select(ledger.c.entity, ledger.c.since_ms, ledger.c.body).order_by(ledger.c.seq)
    wanted = columns.where(*of_them, or_(ledger.c.since_ms >= start_ms, ledger.c.seq.in_(before)))
    rows = [(row.entity, row.since_ms, row.body) for row in await connection.execute(wanted)]
    late = select(ledger.c.kind, ledger.c.body).where(ledger.c.kind == RESTATEMENT, of_them[1]).order_by(ledger.c.seq)
    held = [recorded_of(row.kind, row.body) for row in await connection.execute(late)]
    said = [one for one in held if isinstance(one, Restatement) and one.end_ms > start_ms]
    states = restated(timelines(rows), said)
    withdrawn = _withdrawn(rows)
    return {entity: Said(timeline, withdrawn.get(entity, ())) for entity, timeline in states.items()}


async def write(connection: AsyncConnection, said: Sequence[Restatement]) -> None:
    """Write restatements at the end of the chain, in the caller's transaction."""
    await chain.append(connection, said)


def _withdrawn(rows: Sequence[Row]) -> dict[str, Spans]:
    found: dict[str, list[tuple[int, int]]] = {}
    since: dict[str, int] = {}
    for entity, since_ms, body in rows:
        if entity in since:
            found.setdefault(entity, []).append((since.pop(entity), since_ms))
        if json.loads(body)["reason"] == "withdrawn":
            since[entity] = since_ms
    for entity, since_ms in since.items():
        found.setdefault(entity, []).append((since_ms, FOREVER))
    return {entity: union(spans) for entity, spans in found.items()}
