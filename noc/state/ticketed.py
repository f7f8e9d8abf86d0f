"""Which incidents were told to another system, and are not closed yet: how they stand there is still of interest."""

from __future__ import annotations

from sqlalchemy import exists, func, select
from sqlalchemy.ext.asyncio import AsyncConnection

from noc.model.incident import Incident
from noc.state.alerttables import incident, outbox
from noc.state.incidents import incident_of


async def told_by(connection: AsyncConnection, channel: str, limit: int) -> list[Incident]:
    """Return incidents of which a notifier has told somebody, the newest first, without those that are closed."""
    # By incident, which has an index: of years of notices only those of what isn't closed are read.
    told = exists().where(
        outbox.c.incident == incident.c.id, outbox.c.channel == channel, outbox.c.sent_ms.is_not(None)
    )
    wanted = select(incident).where(incident.c.closed_ms.is_(None), told)
    rows = await connection.execute(wanted.order_by(incident.c.id.desc()).limit(limit))
    return [incident_of(row) for row in rows]


async def by_key(connection: AsyncConnection, key: str) -> Incident | None:
    """Return the newest incident of a key; `noc-7` is the one of that number."""
    prefix, _, number = key.partition("-")
    if prefix == "noc" and number.isdecimal():
        wanted = select(incident).where(incident.c.id == int(number))
    else:
        newest = select(func.max(incident.c.id)).where(incident.c.key == key).scalar_subquery()
        wanted = select(incident).where(incident.c.id == newest)
    row = (await connection.execute(wanted)).first()
    return None if row is None else incident_of(row)
