"""All that is known of one incident, read together."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncConnection

from noc.model.incident import Entry, Incident, Notice, Symptom
from noc.model.part import owner_of
from noc.state import diagnostics, incidents, notes, outbox, problems, tickets
from noc.state.alerttables import symptom
from noc.state.diagnostics import Diagnostic
from noc.state.notes import EntityNote
from noc.state.problems import Problem
from noc.state.tickets import Ticket

SYMPTOMS_AT_MOST: Final = 500
"""Symptoms that are listed; all are counted."""


@dataclass(frozen=True, slots=True)
class CaseFile:
    """An incident with all that belongs to it.

    symptoms: the oldest 500; symptom_count: of all, also those that have left; standing: of those that have not. notes:
    of the entity, of the device that it is a part of, of where it is, and of its symptoms, that hold now.
    """

    incident: Incident
    timeline: list[Entry]
    notices: list[Notice]
    symptoms: list[Symptom]
    symptom_count: int
    standing: int
    diagnostics: list[Diagnostic]
    tickets: list[Ticket]
    notes: list[EntityNote]
    problem: Problem | None

    @property
    def updates(self) -> list[Entry]:
        """Return the status updates, the newest first."""
        return [entry for entry in reversed(self.timeline) if entry.kind == "update"]


async def read(connection: AsyncConnection, number: int, now_ms: int, where: Iterable[str] = ()) -> CaseFile | None:
    """Return all of an incident; None where there is none of that number. where: entities whose notes belong to it."""
    found = await incidents.get(connection, number)
    if found is None:
        return None
    listed = await symptoms_of(connection, number)
    total, standing = await count_symptoms(connection, number)
    owner = owner_of(found.entity)
    about = {found.entity, *where, *(one.entity for one in listed), *(() if owner is None else (owner,))}
    return CaseFile(
        found,
        await incidents.timeline_of(connection, number),
        await outbox.of_incident(connection, number),
        listed,
        total,
        standing,
        await diagnostics.of_incident(connection, number),
        await tickets.of_incident(connection, number),
        await notes.of(connection, about, now_ms),
        None if found.problem is None else await problems.get(connection, found.problem),
    )


async def symptoms_of(connection: AsyncConnection, number: int, limit: int = SYMPTOMS_AT_MOST) -> list[Symptom]:
    """Return the symptoms of an incident, the oldest first."""
    wanted = select(symptom).where(symptom.c.incident == number).order_by(symptom.c.id).limit(limit)
    found = []
    for row in await connection.execute(wanted):
        fields = {name: getattr(row, name) for name in Symptom.__dataclass_fields__}
        found.append(Symptom(**{**fields, "facts": incidents.facts_of(row.facts)}))
    return found


async def count_symptoms(connection: AsyncConnection, number: int) -> tuple[int, int]:
    """Return how many symptoms an incident has had, and how many it has."""
    standing = func.count().filter(symptom.c.left_ms.is_(None))
    row = (await connection.execute(select(func.count(), standing).where(symptom.c.incident == number))).one()
    return row[0], row[1]


async def symptom_counts(connection: AsyncConnection, numbers: Iterable[int]) -> dict[int, int]:
    """Return how many symptoms some incidents (at most 30,000) have had; those without any are left out."""
    wanted = select(symptom.c.incident, func.count().label("number")).where(symptom.c.incident.in_(sorted(numbers)))
    return {row.incident: row.number for row in await connection.execute(wanted.group_by(symptom.c.incident))}
