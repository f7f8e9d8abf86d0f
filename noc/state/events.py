"""Events on disk: written in groups by noc.state.eventlog, read in pages."""

from __future__ import annotations

import json
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Final, NamedTuple, cast

from sqlalchemy import Row, and_, bindparam, delete, func, or_, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from noc.model.event import Event, EventClass, EventKind, EventSeverity
from noc.model.incident import Fact
from noc.state.tables import event

PRUNED_AT_ONCE: Final = 5_000
"""Rows that one transaction removes: others wait for it."""


@dataclass(frozen=True, slots=True)
class Kept:
    """An event on disk, with its number."""

    id: int
    event: Event


class Place(NamedTuple):
    """A place in the list of events, the newest first."""

    last_ms: int
    id: int


class Repetition(NamedTuple):
    """More of an event that is on disk. more: how often it came again."""

    id: int
    more: int
    event: Event


async def last_id(connection: AsyncConnection) -> int:
    """Return the greatest number that an event has; 0 where there is none."""
    found: int | None = (await connection.execute(select(func.max(event.c.id)))).scalar_one()
    return found or 0


async def keys_since(connection: AsyncConnection, since_ms: int, limit: int) -> list[tuple[bytes, int, int]]:
    """Return (key, number, last_ms) of events that came since then, the oldest first; the newest so many."""
    wanted = select(event.c.key, event.c.id, event.c.last_ms).where(event.c.last_ms >= since_ms)
    rows = await connection.execute(wanted.order_by(event.c.last_ms.desc(), event.c.id.desc()).limit(limit))
    return [(row.key, row.id, row.last_ms) for row in rows][::-1]


async def insert(connection: AsyncConnection, fresh: Sequence[Kept]) -> None:
    """Write events that are new."""
    if fresh:
        await connection.execute(event.insert(), [{"id": one.id, **_values(one.event)} for one in fresh])


_REPEATED = (
    update(event)
    .where(event.c.id == bindparam("row"))
    .values(
        count=event.c.count + bindparam("more"),
        last_ms=bindparam("at_ms"),
        device_ms=bindparam("sent_ms"),
        severity=bindparam("grave"),
        facts=bindparam("said"),
        text=bindparam("words"),
    )
)


async def repeat(connection: AsyncConnection, repeated: Sequence[Repetition]) -> None:
    """Write that events came again, with what the newest of each says."""
    if not repeated:
        return
    rows = [
        {
            "row": one.id,
            "more": one.more,
            "at_ms": one.event.last_ms,
            "sent_ms": one.event.device_ms,
            "grave": one.event.severity,
            "said": _text(one.event),
            "words": one.event.text,
        }
        for one in repeated
    ]
    await connection.execute(_REPEATED, rows)


async def prune(connection: AsyncConnection, before_ms: int, rows_at_most: int) -> int:
    """Remove what is older, and the oldest of what is too much; return how many. At most 5,000 at once."""
    old = select(event.c.id).where(event.c.last_ms < before_ms).order_by(event.c.last_ms).limit(PRUNED_AT_ONCE)
    gone = (await connection.execute(delete(event).where(event.c.id.in_(old)))).rowcount
    number: int = (await connection.execute(select(func.count()).select_from(event))).scalar_one()
    if number > rows_at_most and gone < PRUNED_AT_ONCE:
        surplus = min(number - rows_at_most, PRUNED_AT_ONCE)
        oldest = select(event.c.id).order_by(event.c.last_ms, event.c.id).limit(surplus)
        gone += (await connection.execute(delete(event).where(event.c.id.in_(oldest)))).rowcount
    return gone


async def page(
    connection: AsyncConnection,
    *,
    device: str | None = None,
    devices: Collection[str] | None = None,
    classes: Collection[EventClass] | None = None,
    kinds: Collection[EventKind] | None = None,
    severities: Collection[EventSeverity] | None = None,
    since_ms: int | None = None,
    until_ms: int | None = None,
    before: Place | None = None,
    limit: int = 100,
) -> list[Kept]:
    """Return events, those that came last first.

    device: of this entity. devices: of these (a scope; at most 30,000). classes, kinds, severities: of these. since_ms,
    until_ms: that came last in `[since_ms, until_ms)`. before: behind this place of the list.
    """
    wanted = select(event).order_by(event.c.last_ms.desc(), event.c.id.desc()).limit(limit)
    if device is not None:
        wanted = wanted.where(event.c.device == device)
    if devices is not None:
        wanted = wanted.where(event.c.device.in_(sorted(devices)))
    for column, words in ((event.c.event_class, classes), (event.c.kind, kinds), (event.c.severity, severities)):
        if words is not None:
            wanted = wanted.where(column.in_(sorted(words)))
    if since_ms is not None:
        wanted = wanted.where(event.c.last_ms >= since_ms)
    if until_ms is not None:
        wanted = wanted.where(event.c.last_ms < until_ms)
    if before is not None:
        same = and_(event.c.last_ms == before.last_ms, event.c.id < before.id)
        wanted = wanted.where(or_(event.c.last_ms < before.last_ms, same))
    return [_kept(row) for row in await connection.execute(wanted)]


def _values(one: Event) -> dict[str, object]:
    return {
        "source": one.source,
        "device": one.device,
        "kind": one.kind,
        "name": one.name,
        "event_class": one.event_class,
        "severity": one.severity,
        "key": one.key,
        "first_ms": one.first_ms,
        "last_ms": one.last_ms,
        "device_ms": one.device_ms,
        "count": one.count,
        "facts": _text(one),
        "text": one.text,
    }


def _text(one: Event) -> str:
    return json.dumps(dict(one.facts), separators=(",", ":"), ensure_ascii=False) if one.facts else "{}"


def _kept(row: Row[tuple[object, ...]]) -> Kept:
    found = row._mapping  # noqa: SLF001 SQLAlchemy's public way to columns by key
    return Kept(
        found[event.c.id],
        Event(
            source=found[event.c.source],
            device=found[event.c.device],
            kind=found[event.c.kind],
            name=found[event.c.name],
            event_class=found[event.c.event_class],
            severity=found[event.c.severity],
            first_ms=found[event.c.first_ms],
            last_ms=found[event.c.last_ms],
            facts=cast("dict[str, Fact]", json.loads(found[event.c.facts])),
            text=found[event.c.text],
            device_ms=found[event.c.device_ms],
            count=found[event.c.count],
        ),
    )
