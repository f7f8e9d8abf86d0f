"""What stands beside an incident when people are told of it: what it explains, and what is known of its entity."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from sqlalchemy import func, or_, select
from sqlalchemy.ext.asyncio import AsyncConnection

from noc.model.incident import Entry, Incident, NoticeKind
from noc.state.alerttables import entity_note, symptom
from noc.state.incidents import timeline_of

NAMED_AT_MOST: Final = 5
NOTES_AT_MOST: Final = 3


@dataclass(frozen=True, slots=True)
class Beside:
    """symptoms: how many others the incident explains now; named: the first of them. notes: the newest first.

    said: lines of the timeline, in which people say how a major incident stands; the oldest first.
    """

    symptoms: int
    named: tuple[str, ...]
    notes: tuple[str, ...]
    said: tuple[Entry, ...] = ()


async def beside(
    connection: AsyncConnection, incident: Incident, now_ms: int, kind: NoticeKind | None = None
) -> Beside:
    """Return what stands beside an incident now. kind: what somebody is told of it; None: anything."""
    mine = (symptom.c.incident == incident.id, symptom.c.left_ms.is_(None))
    count = (await connection.execute(select(func.count()).select_from(symptom).where(*mine))).scalar_one()
    first = select(symptom.c.entity).where(*mine).order_by(symptom.c.id).limit(NAMED_AT_MOST)
    named = tuple((await connection.execute(first)).scalars()) if count else ()
    known = (
        select(entity_note.c.text)
        .where(
            entity_note.c.entity == incident.entity,
            entity_note.c.removed_ms.is_(None),
            or_(entity_note.c.until_ms.is_(None), entity_note.c.until_ms > now_ms),
        )
        .order_by(entity_note.c.id.desc())
        .limit(NOTES_AT_MOST)
    )
    notes = tuple((await connection.execute(known)).scalars())
    if incident.major_ms is None and kind != "update":
        return Beside(count, named, notes)
    said = [entry for entry in await timeline_of(connection, incident.id) if entry.kind in ("major", "update")]
    return Beside(count, named, notes, tuple(said))
