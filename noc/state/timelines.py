"""The ledger's transitions as timelines, for figures (docs/availability.md): what the ledger says is what counts."""

from __future__ import annotations

import json
from collections.abc import Iterable
from typing import Final

from sqlalchemy import and_, func, or_, select
from sqlalchemy.ext.asyncio import AsyncConnection

from noc.availability.overlay import overlay
from noc.availability.timeline import Change, State, Timeline, append
from noc.model.restatement import Restatement
from noc.state.records import RESTATEMENT, TRANSITION, recorded_of
from noc.state.tables import ledger

Row = tuple[str, int, str]
"""Entity, since_ms, body of a record."""

ROWS_AT_ONCE: Final = 1_000


async def changes(connection: AsyncConnection, start_ms: int, known: int | None = None) -> list[Row]:
    """Return the records that say what state entities have had from `start_ms` on, in the order of the chain.

    Of the time before, the last record of each entity, which tells its state at the beginning, and since when. known:
    only records up to this number.
    """
    # None of what lies behind the end of a period is left out: whether the end of an outage is blamed on an upstream,
    # and how long it was, shows only there.
    is_transition = ledger.c.kind == TRANSITION
    if known is not None:
        is_transition = and_(is_transition, ledger.c.seq <= known)
    last = select(func.max(ledger.c.seq)).where(is_transition, ledger.c.since_ms < start_ms).group_by(ledger.c.entity)
    columns = select(ledger.c.seq, ledger.c.entity, ledger.c.since_ms, ledger.c.body)
    wanted = columns.where(is_transition, or_(ledger.c.since_ms >= start_ms, ledger.c.seq.in_(last)))
    found = await connection.stream(wanted.order_by(ledger.c.seq))
    rows: list[Row] = []
    async for part in found.partitions(ROWS_AT_ONCE):  # a month has half a million of them: others' turn in between
        rows += [(row.entity, row.since_ms, row.body) for row in part]
    return rows


async def restatements(connection: AsyncConnection, start_ms: int, known: int | None = None) -> list[Restatement]:
    """Return what late evidence said of times that end after `start_ms`, in the order of the chain."""
    wanted = select(ledger.c.kind, ledger.c.body).where(ledger.c.kind == RESTATEMENT).order_by(ledger.c.seq)
    if known is not None:
        wanted = wanted.where(ledger.c.seq <= known)
    found = [recorded_of(row.kind, row.body) for row in await connection.execute(wanted)]
    return [one for one in found if isinstance(one, Restatement) and one.end_ms > start_ms]


def restated(raw: dict[str, Timeline], said: Iterable[Restatement]) -> dict[str, Timeline]:
    """Return states with what late evidence said in the place of what was known before. Pure."""
    found = dict(raw)
    for one in said:
        states = ((since_ms, State(status)) for since_ms, status in one.states)
        found[one.entity] = overlay(found.get(one.entity, ()), one.since_ms, one.end_ms, states)
    return found


def timelines(rows: Iterable[Row]) -> dict[str, Timeline]:
    """Return the states that records tell of, by entity. Pure, and long for many: run it in a thread."""
    found: dict[str, list[Change]] = {}
    for entity, since_ms, body in rows:
        append(found.setdefault(entity, []), since_ms, State(json.loads(body)["status"]))
    return dict(found)
