"""Symptoms: what open incidents explain; and what incidents become by it. Who decides that is in alerts/."""

from __future__ import annotations

import json
from collections.abc import Collection, Iterable, Sequence
from typing import cast

from sqlalchemy import BindParameter, Row, and_, bindparam, exists, func, or_, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from noc.model.incident import Fact, Facts, Severity, Symptom
from noc.state.alerttables import incident, outbox, symptom, timeline

AT_ONCE = 500
"""Names or numbers in one IN (…)."""

OF_ONE = ("", "flapping")
"""Causes of incidents that are about an entity itself."""


async def put(connection: AsyncConnection, found: Sequence[Symptom]) -> None:
    """Write new symptoms; the database numbers them. Raises sqlalchemy's IntegrityError where one is open already."""
    fields = [name for name in Symptom.__dataclass_fields__ if name not in ("id", "facts")]
    rows = [{**{name: getattr(one, name) for name in fields}, "facts": _text(one.facts)} for one in found]
    if rows:
        await connection.execute(symptom.insert(), rows)


async def open_among(connection: AsyncConnection, entities: Iterable[str]) -> list[Symptom]:
    """Return the symptoms of some entities that haven't left, by number."""
    names, found = sorted(set(entities)), []
    for start in range(0, len(names), AT_ONCE):
        asked = {"names": names[start : start + AT_ONCE]}
        found += [_symptom(row) for row in await connection.execute(_OPEN_AMONG, asked)]
    return sorted(found, key=lambda one: one.id)


async def of_incident(
    connection: AsyncConnection, number: int, *, left: bool = True, after: int = 0, limit: int | None = None
) -> list[Symptom]:
    """Return the symptoms of an incident behind number `after`, by number. left: also those that have left."""
    wanted = select(symptom).where(symptom.c.incident == number, symptom.c.id > after).order_by(symptom.c.id)
    if not left:
        wanted = wanted.where(symptom.c.left_ms.is_(None))
    return [_symptom(row) for row in await connection.execute(wanted if limit is None else wanted.limit(limit))]


async def entities_with_numbers(connection: AsyncConnection, number: int) -> list[tuple[int, str, bool]]:
    """Return number and entity of each symptom of an incident, and whether it stands, by number."""
    wanted = select(symptom.c.id, symptom.c.entity, symptom.c.left_ms).where(symptom.c.incident == number)
    rows = await connection.execute(wanted.order_by(symptom.c.id))
    return [(row.id, row.entity, row.left_ms is None) for row in rows]


async def of_numbers(connection: AsyncConnection, numbers: Collection[int]) -> list[Symptom]:
    """Return symptoms by their numbers (500 at most), in this order."""
    wanted = select(symptom).where(symptom.c.id.in_(sorted(numbers))).order_by(symptom.c.id)
    return [_symptom(row) for row in await connection.execute(wanted)]


async def of_entity(connection: AsyncConnection, number: int, entity: str) -> list[Symptom]:
    """Return the first symptom of an incident that is of an entity; none where it has none."""
    wanted = select(symptom).where(symptom.c.incident == number, symptom.c.entity == entity).order_by(symptom.c.id)
    return [_symptom(row) for row in await connection.execute(wanted.limit(1))]


async def entities_of(connection: AsyncConnection, number: int, origin: str | None = None) -> list[str]:
    """Return the entities of the symptoms of an incident that haven't left, sorted, each once.

    origin: of these alone; of `status` are those that are down.
    """
    wanted = select(symptom.c.entity).where(symptom.c.incident == number, symptom.c.left_ms.is_(None)).distinct()
    if origin is not None:
        wanted = wanted.where(symptom.c.origin == origin)
    return sorted((await connection.execute(wanted)).scalars())


async def down_of(connection: AsyncConnection, number: int, among: Collection[str]) -> list[str]:
    """Return those of some entities that are down as symptoms of an incident, sorted, each once."""
    names, found = sorted(among), set[str]()
    for start in range(0, len(names), AT_ONCE):
        asked = {"number": number, "names": names[start : start + AT_ONCE]}
        found.update((await connection.execute(_DOWN_OF, asked)).scalars())
    return sorted(found)


async def counts(connection: AsyncConnection, numbers: Collection[int]) -> dict[int, tuple[int, int]]:
    """Return how many symptoms incidents have, and how many of them haven't left; those without any are left out."""
    found: dict[int, tuple[int, int]] = {}
    wanted = sorted(numbers)
    for start in range(0, len(wanted), AT_ONCE):
        asked = (
            select(symptom.c.incident, func.count().label("all"), func.count(symptom.c.left_ms).label("left"))
            .where(symptom.c.incident.in_(wanted[start : start + AT_ONCE]))
            .group_by(symptom.c.incident)
        )
        for number, total, gone in await connection.execute(asked):
            found[number] = (total, total - gone)
    return found


async def leave(connection: AsyncConnection, numbers: Sequence[int], now_ms: int) -> None:
    """Say that symptoms are over, or are explained no more."""
    for start in range(0, len(numbers), AT_ONCE):
        some = symptom.c.id.in_(numbers[start : start + AT_ONCE])
        await connection.execute(update(symptom).where(some).values(left_ms=now_ms, look_ms=None))


async def move(connection: AsyncConnection, numbers: Sequence[int], to: int) -> None:
    """Let another incident explain symptoms."""
    for start in range(0, len(numbers), AT_ONCE):
        some = symptom.c.id.in_(numbers[start : start + AT_ONCE])
        await connection.execute(update(symptom).where(some).values(incident=to, look_ms=None))


async def put_facts(connection: AsyncConnection, number: int, facts: Facts) -> None:
    """Say anew what is known of a symptom."""
    await connection.execute(update(symptom).where(symptom.c.id == number).values(facts=_text(facts)))


async def look_at(connection: AsyncConnection, numbers: Sequence[int], at_ms: int) -> None:
    """Say when symptoms are looked at next."""
    for start in range(0, len(numbers), AT_ONCE):
        some = symptom.c.id.in_(numbers[start : start + AT_ONCE])
        await connection.execute(update(symptom).where(some).values(look_ms=at_ms))


async def release(connection: AsyncConnection, number: int, now_ms: int) -> bool:
    """Have the symptoms of an incident that is over looked at from now on. False: there are none, or they are."""
    open_ones = and_(symptom.c.incident == number, symptom.c.left_ms.is_(None), symptom.c.look_ms.is_(None))
    return (await connection.execute(update(symptom).where(open_ones).values(look_ms=now_ms))).rowcount > 0


async def to_look_at(connection: AsyncConnection, now_ms: int, limit: int) -> list[Symptom]:
    """Return symptoms that are to be looked at by now, the longest due first."""
    return [_symptom(row) for row in await connection.execute(_TO_LOOK_AT, {"now_ms": now_ms, "at_most": limit})]


async def next_look_ms(connection: AsyncConnection) -> int | None:
    """Return when the next symptom is to be looked at; None: there is none."""
    next_ms: int | None = (await connection.execute(_NEXT_LOOK)).scalar_one()
    return next_ms


async def all_open(connection: AsyncConnection) -> list[Symptom]:
    """Return every symptom that hasn't left, by number."""
    found = await connection.stream(select(symptom).where(symptom.c.left_ms.is_(None)).order_by(symptom.c.id))
    return [_symptom(row) async for rows in found.partitions(AT_ONCE) for row in rows]  # others' turn in between


async def merge(connection: AsyncConnection, number: int, into: int, now_ms: int) -> bool:
    """End an incident because another one explains it: what isn't sent is dropped, nobody is told of its end.

    False: it is over already.
    """
    change = update(incident).where(incident.c.id == number, incident.c.resolved_ms.is_(None))
    done = await connection.execute(change.values(resolved_ms=now_ms, parent=into, next_ms=None))
    if done.rowcount != 1:
        return False
    queued = and_(outbox.c.incident == number, outbox.c.state == "queued")
    await connection.execute(update(outbox).where(queued).values(state="dropped"))
    await connection.execute(update(symptom).where(symptom.c.incident == number).values(incident=into))
    return True


async def origin_of(connection: AsyncConnection, number: int) -> str:
    """Return what opened an incident: status or rule."""
    return str((await connection.execute(_ORIGIN, {"number": number})).scalar_one())


async def several(connection: AsyncConnection) -> dict[str, tuple[int, int]]:
    """Return the open incidents that are about what several share: by entity its number, and since when."""
    return {row.entity: (row.id, row.since_ms) for row in await connection.execute(_SEVERAL)}


async def raised(connection: AsyncConnection, rules: Collection[str]) -> dict[str, int]:
    """Return the entities for which one of these rules is raised, by an incident or a symptom, and since when."""
    found: dict[str, int] = {}
    for wanted in (_RAISED, _RAISED_SYMPTOMS):
        for row in await connection.execute(wanted, {"rules": sorted(rules)}):
            found[row.entity] = min(row.since_ms, found.get(row.entity, row.since_ms))
    return found


async def recent(connection: AsyncConnection, policy: str, count: int) -> list[tuple[str, int]]:
    """Return the newest incidents of a policy, the newest first: entity, when opened.

    Not those that another one took over before anybody was called for them.
    """
    called = exists().where(outbox.c.incident == incident.c.id, outbox.c.kind == "page", outbox.c.state != "dropped")
    wanted = select(incident.c.entity, incident.c.opened_ms).where(
        incident.c.policy == policy, or_(incident.c.parent.is_(None), called)
    )
    rows = await connection.execute(wanted.order_by(incident.c.id.desc()).limit(count))
    return [(row.entity, row.opened_ms) for row in rows]


async def begun(connection: AsyncConnection, rule: str, entity: str, since_ms: int) -> list[int]:
    """Return when incidents of a rule and an entity opened, were reopened, or went on flapping, after a moment."""
    again = and_(timeline.c.kind == "flapping", timeline.c.facts.like('%"why":"again"%'))
    wanted = (
        select(timeline.c.at_ms)
        .join(incident, incident.c.id == timeline.c.incident)
        .where(incident.c.entity == entity, incident.c.rule == rule, timeline.c.at_ms > since_ms)
        .where(or_(timeline.c.kind.in_(("opened", "reopened")), again))
    )
    return sorted((await connection.execute(wanted)).scalars())


async def name_cause(connection: AsyncConnection, number: int, cause: str) -> None:
    """Say what kind of root an incident's entity is."""
    await connection.execute(update(incident).where(incident.c.id == number).values(cause=cause))


async def make_graver(connection: AsyncConnection, number: int, severity: Severity) -> None:
    """Give an incident the severity of a graver symptom."""
    await connection.execute(update(incident).where(incident.c.id == number).values(severity=severity))


def _symptom(row: Row[tuple[object, ...]]) -> Symptom:
    fields = {name: getattr(row, name) for name in Symptom.__dataclass_fields__}
    fields["facts"] = cast("dict[str, Fact]", json.loads(row.facts))
    return Symptom(**fields)


def _text(facts: Facts) -> str:
    return json.dumps(dict(facts), separators=(",", ":"), ensure_ascii=False, sort_keys=True)


# Made once: making a statement takes SQLAlchemy longer than running it.
_OPEN_AMONG = select(symptom).where(
    symptom.c.entity.in_(bindparam("names", expanding=True)), symptom.c.left_ms.is_(None)
)
_DOWN_OF = select(symptom.c.entity).where(
    symptom.c.incident == bindparam("number"),
    symptom.c.entity.in_(bindparam("names", expanding=True)),
    symptom.c.origin == "status",
    symptom.c.left_ms.is_(None),
)
_TO_LOOK_AT = (
    select(symptom)
    .where(symptom.c.look_ms <= bindparam("now_ms"), symptom.c.left_ms.is_(None))
    .order_by(symptom.c.look_ms, symptom.c.id)
    .limit(bindparam("at_most"))
    .with_for_update(skip_locked=True)
)
_NEXT_LOOK = select(func.min(symptom.c.look_ms))
_SEVERAL = select(incident.c.entity, incident.c.id, incident.c.since_ms).where(
    incident.c.resolved_ms.is_(None), incident.c.cause.not_in(OF_ONE)
)
_rules: BindParameter[str] = bindparam("rules", expanding=True)
_RAISED = select(incident.c.entity, incident.c.since_ms).where(
    incident.c.rule.in_(_rules), incident.c.resolved_ms.is_(None)
)
_RAISED_SYMPTOMS = select(symptom.c.entity, symptom.c.since_ms).where(
    symptom.c.rule.in_(_rules), symptom.c.left_ms.is_(None)
)
_ORIGIN = select(incident.c.origin).where(incident.c.id == bindparam("number"))
