"""Tickets: by which number other systems know an incident, and how it stands there."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import Row, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from noc.state.alerttables import ticket


@dataclass(frozen=True, slots=True)
class Ticket:
    """One incident in another system. channel: the notifier, or a word of people. reference: its number there."""

    id: int
    incident: int
    channel: str
    reference: str
    state: str
    url: str | None
    opened_ms: int
    changed_ms: int


async def put(
    connection: AsyncConnection,
    incident: int,
    channel: str,
    reference: str,
    state: str,
    now_ms: int,
    url: str | None = None,
) -> int:
    """Write a ticket down, and return its id; where it is known already, its state and address are what is new."""
    for known in await of_incident(connection, incident):
        if (known.channel, known.reference) == (channel, reference):
            values = {"state": state, "url": url or known.url, "changed_ms": now_ms}
            await connection.execute(update(ticket).where(ticket.c.id == known.id).values(values))
            return known.id
    made = await connection.execute(
        ticket.insert()
        .values(
            incident=incident,
            channel=channel,
            reference=reference,
            state=state,
            url=url,
            opened_ms=now_ms,
            changed_ms=now_ms,
        )
        .returning(ticket.c.id)
    )
    number: int = made.scalar_one()
    return number


async def of_incident(connection: AsyncConnection, number: int) -> list[Ticket]:
    """Return the tickets of an incident, the oldest first."""
    wanted = select(ticket).where(ticket.c.incident == number).order_by(ticket.c.id)
    return [_ticket(row) for row in await connection.execute(wanted)]


async def by_reference(connection: AsyncConnection, channel: str, reference: str) -> Ticket | None:
    """Return the newest ticket of this number in another system."""
    wanted = select(ticket).where(ticket.c.channel == channel, ticket.c.reference == reference)
    row = (await connection.execute(wanted.order_by(ticket.c.id.desc()).limit(1))).first()
    return None if row is None else _ticket(row)


def _ticket(row: Row[tuple[object, ...]]) -> Ticket:
    return Ticket(**{name: getattr(row, name) for name in Ticket.__dataclass_fields__})
