"""Incidents and their timelines. Who writes them decides in alerts/; here they are kept.

At most one incident of a rule and an entity is open: a unique partial index sees to it, whoever writes.
"""

from __future__ import annotations

import json
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType
from typing import Literal, cast

from sqlalchemy import ColumnElement, Row, bindparam, case, func, or_, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from noc.model.incident import Entry, EntryKind, Fact, Facts, Incident, IncidentState, Severity, key_of
from noc.state.alerttables import incident, timeline

Origin = Literal["status", "rule"]
"""What opened it, and can end it: an entity's Transition, or a RuleTransition."""

StateWord = IncidentState | Literal["open", "unresolved"]
"""A state to ask for. open: the old word for new. unresolved: new, acknowledged or in progress."""

AT_ONCE = 500
"""Names in one IN (…)."""


@dataclass(frozen=True, slots=True)
class Opening:
    """An incident that is not written yet. next_ms: when escalation looks at it next."""

    entity: str
    rule: str
    origin: Origin
    severity: Severity
    policy: str
    since_ms: int
    opened_ms: int
    facts: Facts
    next_ms: int | None = None


async def insert(
    connection: AsyncConnection, opening: Opening, more: Mapping[str, int | str | None] = MappingProxyType({})
) -> Incident:
    """Open an incident and return it with its number. more: columns that are known already, as of one told by another.

    Raises sqlalchemy's IntegrityError where one is open already.
    """
    values = {name: getattr(opening, name) for name in opening.__dataclass_fields__}
    values["facts"] = _text(opening.facts)
    values["key"] = key_of(opening.rule, opening.entity, opening.since_ms)
    values |= {name: value for name, value in more.items() if name != "key" or value}
    result = await connection.execute(incident.insert().values(values).returning(incident))
    return incident_of(result.one())


async def get(connection: AsyncConnection, number: int) -> Incident | None:
    """Return an incident; None where there is none of that number."""
    row = (await connection.execute(_NUMBERED, {"number": number})).first()
    return None if row is None else incident_of(row)


async def some(connection: AsyncConnection, numbers: Collection[int]) -> dict[int, Incident]:
    """Return the incidents of some numbers (at most 30,000), by number; those that aren't there are left out."""
    if not numbers:
        return {}
    found = await connection.execute(select(incident).where(incident.c.id.in_(sorted(numbers))))
    return {row.id: incident_of(row) for row in found}


async def open_of(connection: AsyncConnection, rule: str, entity: str) -> Incident | None:
    """Return the incident of a rule and an entity that is not resolved."""
    wanted = select(incident).where(
        incident.c.rule == rule, incident.c.entity == entity, incident.c.resolved_ms.is_(None)
    )
    row = (await connection.execute(wanted)).first()
    return None if row is None else incident_of(row)


async def open_among(
    connection: AsyncConnection, entities: Iterable[str], origin: Origin | None = None
) -> list[Incident]:
    """Return the incidents of some entities that are not resolved, by number."""
    names, found = sorted(set(entities)), []
    for start in range(0, len(names), AT_ONCE):
        wanted = _OPEN_AMONG if origin is None else _OPEN_BY_ORIGIN
        asked = {"names": names[start : start + AT_ONCE], "origin": origin}
        found += [incident_of(row) for row in await connection.execute(wanted, asked)]
    return sorted(found, key=lambda one: one.id)


async def all_open(connection: AsyncConnection) -> list[Incident]:
    """Return every incident that is not resolved, by number."""
    wanted = select(incident).where(incident.c.resolved_ms.is_(None)).order_by(incident.c.id)
    found = await connection.stream(wanted)
    return [incident_of(row) async for rows in found.partitions(AT_ONCE) for row in rows]  # others' turn in between


async def newest_open(connection: AsyncConnection, count: int) -> list[Incident]:
    """Return the newest incidents that are not resolved, by number."""
    wanted = select(incident).where(incident.c.resolved_ms.is_(None)).order_by(incident.c.id.desc()).limit(count)
    return [incident_of(row) for row in await connection.execute(wanted)][::-1]


async def page(
    connection: AsyncConnection,
    *,
    state: StateWord | None = None,
    entity: str | None = None,
    entities: Collection[str] | None = None,
    before: int | None = None,
    after: int | None = None,
    limit: int = 100,
) -> list[Incident]:
    """Return incidents, the newest first.

    state: of this one; `unresolved` is new, acknowledged or in progress; `resolved` has the closed ones, too. entity:
    of this one. entities: of these (a scope; at most 30,000). before, after: only those with a smaller, a greater
    number. With `after` and no `before` the page is the one that follows `after`, so that paging backwards leaves no
    gap; it is in the same order, the newest first.
    """
    wanted = select(incident).where(*_in_state(state)).limit(limit)
    if entity is not None:
        wanted = wanted.where(incident.c.entity == entity)
    if entities is not None:
        wanted = wanted.where(incident.c.entity.in_(sorted(entities)))
    if before is not None:
        wanted = wanted.where(incident.c.id < before)
    if after is not None:
        wanted = wanted.where(incident.c.id > after)
    upwards = after is not None and before is None
    wanted = wanted.order_by(incident.c.id if upwards else incident.c.id.desc())
    found = [incident_of(row) for row in await connection.execute(wanted)]
    return found[::-1] if upwards else found


async def opened_in(connection: AsyncConnection, start_ms: int, end_ms: int) -> list[Incident]:
    """Return the incidents that were opened in `[start_ms, end_ms)`, by number."""
    wanted = select(incident).where(incident.c.opened_ms >= start_ms, incident.c.opened_ms < end_ms)
    found = await connection.stream(wanted.order_by(incident.c.id))
    return [incident_of(row) async for rows in found.partitions(AT_ONCE) for row in rows]  # others' turn in between


async def acknowledge(connection: AsyncConnection, number: int, now_ms: int, who: str) -> bool:
    """Mark an incident as owned: escalation stops. False: it was already, or is resolved, or isn't there."""
    still_looked_at = case((incident.c.cause == "flapping", incident.c.next_ms))  # whether it is calm
    change = (
        update(incident)
        .where(incident.c.id == number, incident.c.acknowledged_ms.is_(None), incident.c.resolved_ms.is_(None))
        .values(acknowledged_ms=now_ms, acknowledged_by=who, next_ms=still_looked_at)
    )
    return (await connection.execute(change)).rowcount == 1


async def last_of(connection: AsyncConnection, rule: str, entity: str) -> Incident | None:
    """Return the newest incident of a rule and an entity."""
    wanted = select(incident).where(incident.c.entity == entity, incident.c.rule == rule)
    row = (await connection.execute(wanted.order_by(incident.c.id.desc()).limit(1))).first()
    return None if row is None else incident_of(row)


async def put(connection: AsyncConnection, number: int, values: Mapping[str, int | str | None]) -> None:
    """Change columns of an incident."""
    await connection.execute(update(incident).where(incident.c.id == number).values(dict(values)))


async def put_facts(connection: AsyncConnection, number: int, facts: Facts) -> None:
    """Say anew what is known of an incident."""
    await connection.execute(update(incident).where(incident.c.id == number).values(facts=_text(facts)))


async def resolve(connection: AsyncConnection, number: int, now_ms: int, who: str | None) -> bool:
    """Close an incident; escalation looks at it once more, now, to tell people. False: it was, or isn't there."""
    change = (
        update(incident)
        .where(incident.c.id == number, incident.c.resolved_ms.is_(None))
        .values(resolved_ms=now_ms, resolved_by=who, next_ms=now_ms)
    )
    return (await connection.execute(change)).rowcount == 1


async def look_at(connection: AsyncConnection, number: int, at_ms: int | None) -> None:
    """Say when escalation looks at an incident next; None: never."""
    await connection.execute(_LOOK_AT, {"number": number, "at_ms": at_ms})


async def look_if_open(connection: AsyncConnection, number: int, at_ms: int) -> None:
    """Let escalation look at an incident while it still calls people."""
    change = update(incident).where(
        incident.c.id == number, incident.c.acknowledged_ms.is_(None), incident.c.resolved_ms.is_(None)
    )
    await connection.execute(change.values(next_ms=at_ms))


async def look_at_all(connection: AsyncConnection, at_ms: int) -> None:
    """Let escalation look at all incidents that still call people."""
    change = update(incident).where(incident.c.acknowledged_ms.is_(None), incident.c.resolved_ms.is_(None))
    await connection.execute(change.values(next_ms=at_ms))


async def to_look_at(connection: AsyncConnection, now_ms: int, limit: int) -> list[Incident]:
    """Return the incidents whose escalation or life goes on by now, the longest due first."""
    return [incident_of(row) for row in await connection.execute(_TO_LOOK_AT, {"now_ms": now_ms, "at_most": limit})]


async def next_look_ms(connection: AsyncConnection) -> int | None:
    """Return when something has to be done next for an incident; None when there is nothing to come."""
    next_ms: int | None = (await connection.execute(_NEXT_LOOK)).scalar_one()
    life_ms: int | None = (await connection.execute(_NEXT_LIFE)).scalar_one()
    return min((at_ms for at_ms in (next_ms, life_ms) if at_ms is not None), default=None)


def _earlier() -> ColumnElement[int]:
    """Return the earlier of two moments that may be null."""
    next_ms, life_ms = incident.c.next_ms, incident.c.life_ms
    return case((or_(life_ms.is_(None), next_ms <= life_ms), next_ms), else_=life_ms)


async def record(connection: AsyncConnection, entries: Sequence[Entry]) -> None:
    """Append lines to timelines."""
    rows = [
        {
            "incident": entry.incident,
            "at_ms": entry.at_ms,
            "kind": entry.kind,
            "who": entry.who,
            "facts": _text(entry.facts),
        }
        for entry in entries
    ]
    if rows:
        await connection.execute(timeline.insert(), rows)


async def timeline_of(connection: AsyncConnection, number: int) -> list[Entry]:
    """Return the timeline of an incident, the oldest line first; also of what a poller told of it later."""
    wanted = select(timeline).where(timeline.c.incident == number).order_by(timeline.c.at_ms, timeline.c.id)
    return [
        Entry(row.incident, row.at_ms, cast("EntryKind", row.kind), row.who, facts_of(row.facts))
        for row in await connection.execute(wanted)
    ]


def _in_state(state: StateWord | None) -> tuple[ColumnElement[bool], ...]:
    """Return the conditions of `Incident.state`; of `resolved` those that are closed, too: they stay resolved."""
    if state is None:
        return ()
    resolved, closed = incident.c.resolved_ms.is_not(None), incident.c.closed_ms.is_not(None)
    if state in ("resolved", "closed"):
        return (resolved, closed) if state == "closed" else (resolved,)
    if state == "unresolved":
        return (~resolved,)
    owned, begun = incident.c.acknowledged_ms.is_not(None), incident.c.progress_ms.is_not(None)
    if state in ("new", "open"):
        return (~resolved, ~owned)
    return (~resolved, owned, begun if state == "in_progress" else ~begun)


def incident_of(row: Row[tuple[object, ...]]) -> Incident:
    """Return the incident of a row of its table."""
    fields = {name: getattr(row, name) for name in Incident.__dataclass_fields__}
    fields["facts"] = facts_of(row.facts)
    return Incident(**fields)


def _text(facts: Facts) -> str:
    return json.dumps(dict(facts), separators=(",", ":"), ensure_ascii=False, sort_keys=True)


def facts_of(text: str) -> dict[str, Fact]:
    """Return facts as they were written down."""
    return cast("dict[str, Fact]", json.loads(text))


# Made once: making a statement takes SQLAlchemy longer than running it.
_now_ms: ColumnElement[int] = bindparam("now_ms")
_NUMBERED = select(incident).where(incident.c.id == bindparam("number"))
_OPEN_AMONG = select(incident).where(
    incident.c.entity.in_(bindparam("names", expanding=True)), incident.c.resolved_ms.is_(None)
)
_OPEN_BY_ORIGIN = _OPEN_AMONG.where(incident.c.origin == bindparam("origin"))
_LOOK_AT = update(incident).where(incident.c.id == bindparam("number")).values(next_ms=bindparam("at_ms"))
_TO_LOOK_AT = (
    select(incident)
    .where(or_(incident.c.next_ms <= _now_ms, incident.c.life_ms <= _now_ms))
    .order_by(_earlier(), incident.c.id)
    .limit(bindparam("at_most"))
    .with_for_update(skip_locked=True)
)
_NEXT_LOOK = select(func.min(incident.c.next_ms))
_NEXT_LIFE = select(func.min(incident.c.life_ms))
