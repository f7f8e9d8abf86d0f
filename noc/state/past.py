"""What the state tells of the past, for those who play it again: changes page by page, plans, and what people did."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass
from typing import Final, Literal

from sqlalchemy import Table, func, select
from sqlalchemy.ext.asyncio import AsyncConnection

from noc.model.transition import Status, Transition
from noc.model.window import PlannedWindow
from noc.state import ledger, windows
from noc.state.alerttables import handover, incident, oncall_override, timeline
from noc.state.records import TRANSITION, recorded_of
from noc.state.tables import event, window
from noc.state.tables import ledger as ledger_table

AT_ONCE: Final = 500
_PLANS: Final = (oncall_override, handover)


@dataclass(frozen=True, slots=True)
class Deed:
    """Something that a person did to an incident: of a rule, and of an entity."""

    at_ms: int
    kind: Literal["acknowledged", "resolved"]
    rule: str
    entity: str
    who: str


@dataclass(frozen=True, slots=True)
class Plans:
    """Windows that were ever approved, and rows of who stands in for whom and who handed over to whom."""

    windows: tuple[PlannedWindow, ...]
    window_rows: tuple[dict[str, object], ...]
    rows: tuple[tuple[Table, tuple[dict[str, object], ...]], ...]


NO_PLANS: Final = Plans((), (), ())


async def first_since(connection: AsyncConnection, start_ms: int) -> int | None:
    """Return the number of the first record of a change from then on; None where there is none."""
    wanted = select(func.min(ledger_table.c.seq)).where(
        ledger_table.c.kind == TRANSITION, ledger_table.c.since_ms >= start_ms
    )
    found: int | None = (await connection.execute(wanted)).scalar_one()
    return found


async def page(connection: AsyncConnection, after: int) -> tuple[list[Transition], int | None]:
    """Return changes behind record number `after`, and the number to go on behind; None: there are no more."""
    wanted = select(ledger_table.c.seq, ledger_table.c.kind, ledger_table.c.body).where(
        ledger_table.c.seq > after, ledger_table.c.kind == TRANSITION
    )
    rows = (await connection.execute(wanted.order_by(ledger_table.c.seq).limit(AT_ONCE))).all()
    found = [one for row in rows if isinstance(one := recorded_of(row.kind, row.body), Transition)]
    return found, rows[-1].seq if len(rows) == AT_ONCE else None


async def before(connection: AsyncConnection, seq: int | None) -> AsyncIterator[Transition]:
    """Yield of each entity its last change before a record; before that, where it is not up, the last time it was.

    seq: None: of all records.
    """
    is_change = ledger_table.c.kind == TRANSITION
    if seq is not None:
        is_change = is_change & (ledger_table.c.seq < seq)
    last = select(func.max(ledger_table.c.seq)).where(is_change).group_by(ledger_table.c.entity)
    wanted = select(ledger_table.c.kind, ledger_table.c.body, ledger_table.c.seq)
    rows = (await connection.execute(wanted.where(ledger_table.c.seq.in_(last)).order_by(ledger_table.c.seq))).all()
    for row in rows:
        change = recorded_of(row.kind, row.body)
        if not isinstance(change, Transition):
            continue
        if change.status != "up":
            up = await _last(connection, change.entity, "up", row.seq)
            if up is not None:
                yield up
        yield change


async def _last(connection: AsyncConnection, entity: str, status: Status, before_seq: int) -> Transition | None:
    wanted = select(ledger_table.c.kind, ledger_table.c.body).where(
        ledger_table.c.entity == entity, ledger_table.c.kind == TRANSITION, ledger_table.c.seq < before_seq
    )
    async for row in await connection.stream(wanted.order_by(ledger_table.c.seq.desc())):
        if f'"status":"{status}"' in row.body:
            found = recorded_of(row.kind, row.body)
            return found if isinstance(found, Transition) else None
    return None


async def deeds(connection: AsyncConnection, start_ms: int, end_ms: int) -> list[Deed]:
    """Return what people did to incidents in a time, in its order."""
    wanted = (
        select(timeline.c.at_ms, timeline.c.kind, timeline.c.who, incident.c.rule, incident.c.entity)
        .join(incident, incident.c.id == timeline.c.incident)
        .where(timeline.c.at_ms >= start_ms, timeline.c.at_ms < end_ms)
        .where(timeline.c.who.is_not(None), timeline.c.kind.in_(("acknowledged", "resolved")))
        .order_by(timeline.c.at_ms, timeline.c.id)
    )
    return [
        Deed(row.at_ms, "acknowledged" if row.kind == "acknowledged" else "resolved", row.rule, row.entity, row.who)
        for row in await connection.execute(wanted)
    ]


async def first_event_ms(connection: AsyncConnection) -> int | None:
    """Return when the oldest event that is kept came last; None where there is none."""
    found: int | None = (await connection.execute(select(func.min(event.c.last_ms)))).scalar_one()
    return found


async def plans(connection: AsyncConnection) -> Plans:
    """Return what was planned."""
    approved = await windows.approved(connection)
    numbers = {one.number for one in approved}
    kept = tuple(row for row in await _rows(connection, window) if row["number"] in numbers)
    return Plans(tuple(approved), kept, tuple([(table, await _rows(connection, table)) for table in _PLANS]))


async def put_plans(connection: AsyncConnection, plans: Plans) -> None:
    """Write what was planned elsewhere into an empty state, in the caller's transaction."""
    written = {one.number: (await ledger.append(connection, one.decisions))[-1].seq for one in plans.windows}
    # As everywhere, a window's row names its newest record: by that is seen whether anything changed.
    here = tuple({**row, "seq": written[number]} for row in plans.window_rows if (number := row["number"]) in written)
    for table, rows in ((window, here), *plans.rows):
        await _put(connection, table, rows)


async def _rows(connection: AsyncConnection, table: Table) -> tuple[dict[str, object], ...]:
    return tuple(dict(row) for row in (await connection.execute(select(table))).mappings())


async def _put(connection: AsyncConnection, table: Table, rows: Sequence[dict[str, object]]) -> None:
    if rows:
        await connection.execute(table.insert(), list(rows))
