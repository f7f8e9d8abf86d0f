"""What pollers told of incidents, as far as it was taken: so that what comes again changes nothing.

Who decides what becomes of it is in alerts/tales.py.
"""

from __future__ import annotations

from collections.abc import Mapping

from sqlalchemy import ColumnElement, and_, delete, func, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from noc.model.incident import Incident
from noc.state.alerttables import incident, outbox, symptom, timeline
from noc.state.incidents import incident_of
from noc.state.pollertables import tale_incident, tale_part


async def known_as(connection: AsyncConnection, poller: str, there: int, key: str) -> int | None:
    """Return the number here of an incident of a poller; None where it was never told."""
    wanted = select(tale_incident.c.incident).where(_is(poller, there, key))
    return (await connection.execute(wanted)).scalar_one_or_none()


async def number_of(connection: AsyncConnection, poller: str, there: int) -> int | None:
    """Return the number here of the incident of this number at a poller, the one that was told last."""
    wanted = select(tale_incident.c.incident).where(tale_incident.c.poller == poller, tale_incident.c.there == there)
    found = await connection.execute(wanted.order_by(tale_incident.c.at_ms.desc(), tale_incident.c.key).limit(1))
    return found.scalar_one_or_none()


async def know(connection: AsyncConnection, poller: str, there: int, key: str, number: int, now_ms: int) -> None:
    """Write which incident one of a poller's is here."""
    values = {"incident": number, "at_ms": now_ms}
    done = await connection.execute(update(tale_incident).where(_is(poller, there, key)).values(values))
    if not done.rowcount:
        await connection.execute(tale_incident.insert().values(poller=poller, there=there, key=key, **values))


async def by_key(connection: AsyncConnection, key: str, rule: str, entity: str) -> Incident | None:
    """Return the newest incident of a key, where it is of this rule and entity."""
    same = (incident.c.key == key) & (incident.c.rule == rule) & (incident.c.entity == entity)
    row = (await connection.execute(select(incident).where(same).order_by(incident.c.id.desc()).limit(1))).first()
    return None if row is None else incident_of(row)


async def taken(connection: AsyncConnection, number: int) -> dict[str, int | None]:
    """Return what was taken of an incident, by mark: the row that it became."""
    wanted = select(tale_part.c.mark, tale_part.c.row).where(tale_part.c.incident == number)
    return {row.mark: row.row for row in await connection.execute(wanted)}


async def take(connection: AsyncConnection, number: int, parts: Mapping[str, int | None], now_ms: int) -> None:
    """Write what was taken of an incident."""
    rows = [{"incident": number, "mark": mark, "row": row, "at_ms": now_ms} for mark, row in parts.items()]
    if rows:
        await connection.execute(tale_part.insert(), rows)


async def touch(connection: AsyncConnection, number: int, now_ms: int) -> None:
    """Say that an incident was told once more: what was taken of it goes on being known."""
    await connection.execute(update(tale_part).where(tale_part.c.incident == number).values(at_ms=now_ms))


async def newest(connection: AsyncConnection) -> tuple[int, int]:
    """Return what is another after anything has changed that pollers are to know of open incidents."""
    line: int | None = (await connection.execute(select(func.max(timeline.c.id)))).scalar_one()
    notice: int | None = (await connection.execute(select(func.max(outbox.c.id)))).scalar_one()
    return line or 0, notice or 0


async def origins(connection: AsyncConnection) -> dict[int, str]:
    """Return what opened the open incidents, by number."""
    wanted = select(incident.c.id, incident.c.origin).where(incident.c.resolved_ms.is_(None))
    return {row.id: row.origin for row in await connection.execute(wanted)}


async def explained(connection: AsyncConnection) -> dict[int, list[str]]:
    """Return the entities that open incidents explain, by the number of the incident, sorted."""
    wanted = (
        select(symptom.c.incident, symptom.c.entity)
        .join(incident, incident.c.id == symptom.c.incident)
        .where(symptom.c.left_ms.is_(None), incident.c.resolved_ms.is_(None))
        .distinct()
        .order_by(symptom.c.entity)
    )
    found: dict[int, list[str]] = {}
    for row in await connection.execute(wanted):
        found.setdefault(row.incident, []).append(row.entity)
    return found


async def forget_before(connection: AsyncConnection, before_ms: int) -> int:
    """Drop what was told last before a moment; return how many incidents."""
    await connection.execute(delete(tale_part).where(tale_part.c.at_ms < before_ms))
    done = await connection.execute(delete(tale_incident).where(tale_incident.c.at_ms < before_ms))
    return int(done.rowcount)


def _is(poller: str, there: int, key: str) -> ColumnElement[bool]:
    known = tale_incident.c
    return and_(known.poller == poller, known.there == there, known.key == key)
