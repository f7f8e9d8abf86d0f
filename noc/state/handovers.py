"""Hand-overs of one shift to the next: the outgoing write, the incoming accept."""

from __future__ import annotations

import json

from sqlalchemy import Row, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from noc.model.incident import Entry, Facts, Incident
from noc.model.oncall import Handover
from noc.state import incidents
from noc.state.alerttables import handover, incident

AT_MOST = 200


async def write(connection: AsyncConnection, one: Handover) -> Handover:
    """Write one and return it with its number."""
    body = {"text": one.text, "incidents": {str(number): owner for number, owner in one.incidents.items()}}
    values = {
        "schedule": one.schedule,
        "at_ms": one.at_ms,
        "outgoing": one.outgoing,
        "incoming": one.incoming,
        "body": json.dumps(body, ensure_ascii=False),
        "written_ms": one.written_ms,
        "written_by": one.written_by,
    }
    return _handover((await connection.execute(handover.insert().values(values).returning(handover))).one())


async def accept(connection: AsyncConnection, one: Handover, who: str, now_ms: int) -> list[int] | None:
    """Accept one: open incidents of the outgoing are the incoming's from now on. Return their numbers.

    None: it is accepted already, and nothing is changed.
    """
    change = update(handover).where(handover.c.id == one.id, handover.c.accepted_ms.is_(None))
    if (await connection.execute(change.values(accepted_ms=now_ms, accepted_by=who))).rowcount == 0:
        return None
    owned = [found.id for found in await incidents.all_open(connection) if found.acknowledged_by == one.outgoing]
    for number in owned:
        await connection.execute(update(incident).where(incident.c.id == number).values(acknowledged_by=one.incoming))
    facts: Facts = {"handover": one.id, "from": one.outgoing, "to": one.incoming}
    await incidents.record(connection, [Entry(number, now_ms, "handed_over", who, facts) for number in owned])
    return owned


async def get(connection: AsyncConnection, number: int) -> Handover | None:
    """Return one; None where there is none of that number."""
    row = (await connection.execute(select(handover).where(handover.c.id == number))).first()
    return None if row is None else _handover(row)


async def near(connection: AsyncConnection, after_ms: int, schedule: str | None = None) -> list[Handover]:
    """Return those about hand-offs after a moment, the oldest first."""
    wanted = select(handover).where(handover.c.at_ms > after_ms).order_by(handover.c.id)
    if schedule is not None:
        wanted = wanted.where(handover.c.schedule == schedule)
    return [_handover(row) for row in await connection.execute(wanted)]


async def page(
    connection: AsyncConnection, *, schedule: str | None = None, before: int | None = None, limit: int = AT_MOST
) -> list[Handover]:
    """Return hand-overs, the newest first."""
    wanted = select(handover).order_by(handover.c.id.desc()).limit(limit)
    if schedule is not None:
        wanted = wanted.where(handover.c.schedule == schedule)
    if before is not None:
        wanted = wanted.where(handover.c.id < before)
    return [_handover(row) for row in await connection.execute(wanted)]


def owners(open_ones: list[Incident]) -> dict[int, str]:
    """Return open incidents by number, each with its owner; empty for nobody."""
    return {one.id: one.acknowledged_by or "" for one in open_ones}


def _handover(row: Row[tuple[object, ...]]) -> Handover:
    body = json.loads(row.body)
    return Handover(
        id=row.id,
        schedule=row.schedule,
        at_ms=row.at_ms,
        outgoing=row.outgoing,
        incoming=row.incoming,
        text=body["text"],
        incidents={int(number): owner for number, owner in body["incidents"].items()},
        written_ms=row.written_ms,
        written_by=row.written_by,
        accepted_ms=row.accepted_ms,
        accepted_by=row.accepted_by,
    )
