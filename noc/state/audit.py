"""What every open incident waits for, in two indexed reads: for the auditor."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncConnection

from noc.state.alerttables import incident, outbox
from noc.state.outbox import PENDING

AT_ONCE = 500


@dataclass(frozen=True, slots=True)
class Waiting:
    """An open incident. look_ms: when escalation looks at it; life_ms: when something else of it falls due.

    is_owned: somebody acknowledged it; until_ms: for how long, None: it lasts. notice_ms: when the first of its notices
    that are under way is due.
    """

    incident: int
    look_ms: int | None
    life_ms: int | None
    is_owned: bool
    until_ms: int | None
    notice_ms: int | None


async def waiting(connection: AsyncConnection) -> list[Waiting]:
    """Return all open incidents with what they wait for, by number."""
    due = select(outbox.c.incident, func.min(outbox.c.next_ms)).where(outbox.c.state.in_(PENDING))
    notices = {row[0]: row[1] for row in await connection.execute(due.group_by(outbox.c.incident))}
    columns = (
        incident.c.id,
        incident.c.next_ms,
        incident.c.life_ms,
        incident.c.acknowledged_ms,
        incident.c.acknowledged_until_ms,
    )
    found = await connection.stream(select(*columns).where(incident.c.resolved_ms.is_(None)))
    rows = [row async for group in found.partitions(AT_ONCE) for row in group]  # others' turn in between
    made = (Waiting(row[0], row[1], row[2], row[3] is not None, row[4], notices.get(row[0])) for row in rows)
    return sorted(made, key=lambda one: one.incident)
