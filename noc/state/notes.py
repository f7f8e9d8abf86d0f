"""What people know of an entity, "this modem sags in rain": shown with each of its incidents, until it is removed."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

from sqlalchemy import Row, or_, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from noc.state.alerttables import entity_note


@dataclass(frozen=True, slots=True)
class EntityNote:
    """A note of an entity. until_ms: it isn't shown from then on."""

    id: int
    entity: str
    at_ms: int
    who: str
    text: str
    until_ms: int | None = None
    removed_ms: int | None = None
    removed_by: str | None = None


async def put(
    connection: AsyncConnection, entity: str, now_ms: int, who: str, text: str, until_ms: int | None = None
) -> EntityNote:
    """Write a note, and return it."""
    values = {"entity": entity, "at_ms": now_ms, "who": who, "text": text, "until_ms": until_ms}
    return _note((await connection.execute(entity_note.insert().values(values).returning(entity_note))).one())


async def get(connection: AsyncConnection, number: int) -> EntityNote | None:
    """Return a note, also one that was removed; None where there is none of that number."""
    row = (await connection.execute(select(entity_note).where(entity_note.c.id == number))).first()
    return None if row is None else _note(row)


async def remove(connection: AsyncConnection, number: int, now_ms: int, who: str) -> bool:
    """Show a note no more. False: there is none, or it was removed already."""
    change = update(entity_note).where(entity_note.c.id == number, entity_note.c.removed_ms.is_(None))
    return (await connection.execute(change.values(removed_ms=now_ms, removed_by=who))).rowcount == 1


async def of(connection: AsyncConnection, entities: Collection[str], now_ms: int) -> list[EntityNote]:
    """Return the notes of some entities (at most 30,000) that hold now, the newest first."""
    wanted = select(entity_note).where(
        entity_note.c.entity.in_(sorted(entities)),
        entity_note.c.removed_ms.is_(None),
        or_(entity_note.c.until_ms.is_(None), entity_note.c.until_ms > now_ms),
    )
    return [_note(row) for row in await connection.execute(wanted.order_by(entity_note.c.id.desc()))]


async def standing(
    connection: AsyncConnection,
    now_ms: int,
    limit: int = 1_000,
    *,
    before: int | None = None,
    entity: str | None = None,
) -> list[EntityNote]:
    """Return the notes that hold now, the newest first: those in front of number `before`, of one entity or of all."""
    wanted = select(entity_note).where(
        entity_note.c.removed_ms.is_(None), or_(entity_note.c.until_ms.is_(None), entity_note.c.until_ms > now_ms)
    )
    if before is not None:
        wanted = wanted.where(entity_note.c.id < before)
    if entity is not None:
        wanted = wanted.where(entity_note.c.entity == entity)
    return [_note(row) for row in await connection.execute(wanted.order_by(entity_note.c.id.desc()).limit(limit))]


def _note(row: Row[tuple[object, ...]]) -> EntityNote:
    return EntityNote(**{name: getattr(row, name) for name in EntityNote.__dataclass_fields__})
