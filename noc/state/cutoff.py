"""The state of a poller that calls people by itself: what it has to tell, what it takes over, what it forgets.

Its centre has the ledger and all incidents for good; here they are kept as long as they may matter.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence

from sqlalchemy import and_, delete, func, or_, select, text, update
from sqlalchemy.ext.asyncio import AsyncConnection

from noc.model.incident import Notice
from noc.state.alerttables import diagnostic, incident, outbox, symptom, ticket, timeline
from noc.state.outbox import PENDING
from noc.state.records import TRANSITION
from noc.state.tables import ledger

AT_ONCE = 500
"""Incidents, or records, that are dropped at once."""


async def loosen(connection: AsyncConnection) -> None:
    """Let old records of this ledger be dropped: the centre's is the one that counts, and keeps them all."""
    await connection.execute(text("DROP TRIGGER IF EXISTS ledger_no_delete"))


async def newest_line(connection: AsyncConnection) -> int:
    """Return the number of the newest line of all timelines; 0 where there is none."""
    return int((await connection.execute(select(func.max(timeline.c.id)))).scalar_one() or 0)


async def told_after(connection: AsyncConnection, line: int, limit: int, *, behind: int = 0) -> list[int]:
    """Return the numbers of incidents whose timelines have lines behind one, ascending, those above `behind`."""
    wanted = select(timeline.c.incident).where(timeline.c.id > line, timeline.c.incident > behind).distinct()
    return list((await connection.execute(wanted.order_by(timeline.c.incident).limit(limit))).scalars())


async def by_people_after(connection: AsyncConnection, line: int) -> bool:
    """Return whether people wrote a line behind one."""
    wanted = select(timeline.c.id).where(timeline.c.id > line, timeline.c.who.is_not(None)).limit(1)
    return (await connection.execute(wanted)).first() is not None


async def drop_pending(connection: AsyncConnection, why: str) -> int:
    """Drop all notices that are not sent; return how many."""
    waiting = outbox.c.state.in_(PENDING)
    return (await connection.execute(update(outbox).where(waiting).values(state="dropped", error=why))).rowcount


async def take_over(connection: AsyncConnection, told: Sequence[Notice]) -> None:
    """Write what others told of an incident: a notice that is there and was not sent becomes what it is elsewhere."""
    keys = [notice.key for notice in told]
    found = await connection.execute(select(outbox.c.key, outbox.c.state).where(outbox.c.key.in_(keys)))
    known = {row.key: row.state for row in found}
    fields = [name for name in Notice.__dataclass_fields__ if name != "id"]
    for notice in told:
        values = {name: getattr(notice, name) for name in fields}
        if notice.key not in known:
            await connection.execute(outbox.insert().values(values))
        elif known[notice.key] != "sent":
            await connection.execute(update(outbox).where(outbox.c.key == notice.key).values(values))


async def forget_before(connection: AsyncConnection, before_ms: int, line: int) -> int:
    """Drop incidents that were over by then and told, and old records of the ledger; return how many rows went.

    line: lines behind it are not told yet. The last record of each entity and status stays, and so does the end of the
    chain: what comes next stands on them.
    """
    untold = select(timeline.c.incident).where(timeline.c.id > line)
    old = select(incident.c.id).where(incident.c.resolved_ms < before_ms, incident.c.id.not_in(untold))
    numbers = list((await connection.execute(old.order_by(incident.c.id).limit(AT_ONCE))).scalars())
    gone = await _drop_incidents(connection, numbers)
    status = func.json_extract(ledger.c.body, "$.status")
    last = select(func.max(ledger.c.seq)).group_by(ledger.c.entity, ledger.c.kind, status)
    is_old = and_(ledger.c.since_ms < before_ms, or_(ledger.c.kind != TRANSITION, ledger.c.seq.not_in(last)))
    end = select(func.max(ledger.c.seq)).scalar_subquery()
    wanted = select(ledger.c.seq).where(is_old, ledger.c.seq != end).order_by(ledger.c.seq).limit(AT_ONCE)
    records = list((await connection.execute(wanted)).scalars())
    await connection.execute(delete(ledger).where(ledger.c.seq.in_(records)))
    return gone + len(records)


async def _drop_incidents(connection: AsyncConnection, numbers: Collection[int]) -> int:
    for table in (outbox, timeline, symptom, diagnostic, ticket):
        await connection.execute(delete(table).where(table.c.incident.in_(numbers)))
    await connection.execute(delete(incident).where(incident.c.id.in_(numbers)))
    return len(numbers)
