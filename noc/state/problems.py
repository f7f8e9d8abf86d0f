"""Problem records (ITIL): what several incidents have in common, its cause, and how to work around it."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Literal, get_args

from sqlalchemy import Row, func, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from noc.model.incident import Incident
from noc.state.alerttables import incident, problem
from noc.state.incidents import incident_of

ProblemState = Literal["open", "known_error", "closed"]
PROBLEM_STATES: tuple[ProblemState, ...] = get_args(ProblemState)
"""known_error: its cause is known, and how to work around it."""


@dataclass(frozen=True, slots=True)
class Problem:
    """A problem record. cause, workaround: what people wrote; empty while nobody knows."""

    id: int
    title: str
    state: ProblemState
    cause: str
    workaround: str
    opened_ms: int
    opened_by: str
    changed_ms: int
    closed_ms: int | None = None


@dataclass(frozen=True, slots=True)
class Repeat:
    """Incidents of one rule and one entity that came again, and belong to no problem record. newest: a number."""

    entity: str
    rule: str
    count: int
    first_ms: int
    last_ms: int
    newest: int


async def put(connection: AsyncConnection, title: str, who: str, now_ms: int) -> Problem:
    """Open a problem record, and return it."""
    values = {
        "title": title,
        "state": "open",
        "cause": "",
        "workaround": "",
        "opened_ms": now_ms,
        "opened_by": who,
        "changed_ms": now_ms,
    }
    return _problem((await connection.execute(problem.insert().values(values).returning(problem))).one())


async def get(connection: AsyncConnection, number: int) -> Problem | None:
    """Return a problem record; None where there is none of that number."""
    row = (await connection.execute(select(problem).where(problem.c.id == number))).first()
    return None if row is None else _problem(row)


async def change(connection: AsyncConnection, number: int, now_ms: int, values: Mapping[str, str | int | None]) -> None:
    """Change columns of a problem record."""
    changed = update(problem).where(problem.c.id == number).values({**values, "changed_ms": now_ms})
    await connection.execute(changed)


async def page(
    connection: AsyncConnection,
    *,
    states: Collection[ProblemState] = PROBLEM_STATES,
    before: int | None = None,
    limit: int = 100,
) -> list[tuple[Problem, int]]:
    """Return problem records with how many incidents each has, the newest first. before: only smaller numbers."""
    counted = select(func.count()).where(incident.c.problem == problem.c.id).scalar_subquery().label("incidents")
    wanted = select(problem, counted).order_by(problem.c.id.desc()).limit(limit)
    wanted = wanted.where(problem.c.state.in_(sorted(states)))
    if before is not None:
        wanted = wanted.where(problem.c.id < before)
    return [(_problem(row), row.incidents) for row in await connection.execute(wanted)]


async def incidents_of(connection: AsyncConnection, number: int, limit: int = 500) -> list[Incident]:
    """Return the incidents of a problem record, the newest first."""
    wanted = select(incident).where(incident.c.problem == number).order_by(incident.c.id.desc()).limit(limit)
    return [incident_of(row) for row in await connection.execute(wanted)]


async def entities_of(connection: AsyncConnection, numbers: Collection[int]) -> dict[int, set[str]]:
    """Return of what the incidents of problem records are, by the records' numbers; those without any are left out."""
    wanted = select(incident.c.problem, incident.c.entity).where(incident.c.problem.in_(sorted(numbers))).distinct()
    found: dict[int, set[str]] = {}
    for row in await connection.execute(wanted):
        found.setdefault(row.problem, set()).add(row.entity)
    return found


async def join(connection: AsyncConnection, number: int | None, incidents: Collection[int]) -> None:
    """Let incidents belong to a problem record, or to none."""
    changed = update(incident).where(incident.c.id.in_(sorted(incidents))).values(problem=number)
    await connection.execute(changed)


async def same_as(connection: AsyncConnection, one: Incident, since_ms: int, limit: int = 500) -> list[Incident]:
    """Return the incidents of the same rule and entity since a moment that belong to no problem record."""
    wanted = select(incident).where(
        incident.c.entity == one.entity,
        incident.c.rule == one.rule,
        incident.c.opened_ms >= since_ms,
        incident.c.problem.is_(None),
    )
    return [incident_of(row) for row in await connection.execute(wanted.order_by(incident.c.id).limit(limit))]


async def repeats(connection: AsyncConnection, since_ms: int, at_least: int = 3, limit: int = 50) -> list[Repeat]:
    """Return what came again so often since a moment, and belongs to no problem record; the most often first."""
    number = func.count().label("count")
    wanted = (
        select(
            incident.c.entity,
            incident.c.rule,
            number,
            func.min(incident.c.opened_ms).label("first_ms"),
            func.max(incident.c.opened_ms).label("last_ms"),
            func.max(incident.c.id).label("newest"),
        )
        .where(incident.c.opened_ms >= since_ms, incident.c.problem.is_(None), incident.c.parent.is_(None))
        .group_by(incident.c.entity, incident.c.rule)
        .having(number >= at_least)
        .order_by(number.desc(), incident.c.entity)
        .limit(limit)
    )
    return [
        Repeat(row.entity, row.rule, row[2], row.first_ms, row.last_ms, row.newest)
        for row in await connection.execute(wanted)
    ]


def _problem(row: Row[tuple[object, ...]]) -> Problem:
    return Problem(**{name: getattr(row, name) for name in Problem.__dataclass_fields__})
