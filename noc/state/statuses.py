"""What the ledger says of the states of entities, read fast and bit by bit, for figures (docs/availability.md)."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterable
from typing import Final

from sqlalchemy import Select, and_, case, func, select
from sqlalchemy.ext.asyncio import AsyncConnection

from noc.availability.statement import KnownAt
from noc.availability.timeline import Change, State, Timeline, append
from noc.model.restatement import Restatement
from noc.model.transition import Transition
from noc.state.rawrows import in_parts
from noc.state.records import RESTATEMENT, TRANSITION, recorded_of
from noc.state.tables import ledger

Said = tuple[str, int, str]
"""Entity, since_ms, status."""

ROWS_AT_ONCE: Final = 5_000
"""So many are put into objects without a turn for others in between: some milliseconds."""

# Inside of a string of a body quotes are written another way, so that this can be the status alone. It is looked for
# by the database: a body is long, and nothing else of it is needed here.
_STATUS: Final = case(
    *((func.instr(ledger.c.body, f'"status":"{word}"') > 0, word) for word in ("up", "down", "unknown")), else_=""
)


async def known_at(connection: AsyncConnection, known: int | None = None) -> KnownAt | None:
    """Return the last record, of those up to number `known`; its time is when it was certain. None: there is none."""
    wanted = select(ledger).order_by(ledger.c.seq.desc()).limit(1)
    if known is not None:
        wanted = wanted.where(ledger.c.seq <= known)
    row = (await connection.execute(wanted)).first()
    if row is None:
        return None
    recorded = recorded_of(row.kind, row.body)
    time_ms = max(row.since_ms, recorded.decided_ms) if isinstance(recorded, Transition) else row.since_ms
    return KnownAt(row.seq, row.hash.hex(), time_ms)


async def said(
    connection: AsyncConnection, after: int, until: int, entity: str | None = None
) -> AsyncIterator[tuple[int, list[Said]]]:
    """Yield the states that records tell of, some at once, in the order of the chain, and the number of the last.

    after, until: of records with numbers in `(after, until]`. entity: of this one alone.
    """
    is_wanted = [ledger.c.kind == TRANSITION, ledger.c.seq > after, ledger.c.seq <= until]
    if entity is not None:
        is_wanted.append(ledger.c.entity == entity)
    columns = select(ledger.c.entity, ledger.c.since_ms, _STATUS, ledger.c.seq)
    wanted: Select[tuple[str, int, str, int]] = columns.where(and_(*is_wanted)).order_by(ledger.c.seq)
    async for part in in_parts(connection, wanted, ROWS_AT_ONCE):
        yield part[-1][3], [(name, since_ms, status) for name, since_ms, status, _ in part]


def spoken(rows: Iterable[Said]) -> dict[str, Timeline]:
    """Return the states that records tell of, by entity. Pure."""
    found: dict[str, list[Change]] = {}
    for entity, since_ms, status in rows:
        append(found.setdefault(entity, []), since_ms, State(status))
    return dict(found)


async def restatements(
    connection: AsyncConnection, after: int, until: int, entity: str | None = None
) -> list[Restatement]:
    """Return what late evidence said, in the order of the chain; arguments as for `said`."""
    is_wanted = [ledger.c.kind == RESTATEMENT, ledger.c.seq > after, ledger.c.seq <= until]
    if entity is not None:
        is_wanted.append(ledger.c.entity == entity)
    wanted = select(ledger.c.kind, ledger.c.body).where(and_(*is_wanted)).order_by(ledger.c.seq)
    found = [recorded_of(row.kind, row.body) for row in await connection.execute(wanted)]
    return [one for one in found if isinstance(one, Restatement)]
