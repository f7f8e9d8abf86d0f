"""What other systems told: alerts that fire there, and their last signs of life."""

from __future__ import annotations

import json
from collections.abc import Collection, Mapping
from dataclasses import dataclass

from sqlalchemy import Row, delete, func, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from noc.model.incident import Severity
from noc.state.alerttables import external_alert, heartbeat


@dataclass(frozen=True, slots=True)
class ExternalAlert:
    """An alert of another system that fires. fingerprint: of the system and the labels. ends_ms: over then, unless told
    again. body: what was told, for people who look.
    """

    fingerprint: str
    source: str
    entity: str
    rule: str
    severity: Severity
    first_ms: int
    last_ms: int
    ends_ms: int
    body: Mapping[str, object]


async def firing(connection: AsyncConnection, fingerprints: Collection[str]) -> dict[str, ExternalAlert]:
    """Return those of some alerts that fire, by fingerprint."""
    wanted = select(external_alert).where(external_alert.c.fingerprint.in_(sorted(fingerprints)))
    return {row.fingerprint: _alert(row) for row in await connection.execute(wanted)}


async def number(connection: AsyncConnection) -> int:
    """Return how many fire."""
    return (await connection.execute(select(func.count()).select_from(external_alert))).scalar_one()


async def others(connection: AsyncConnection, rule: str, entity: str) -> int:
    """Return how many fire for a rule and an entity."""
    wanted = select(func.count()).select_from(external_alert)
    same = wanted.where(external_alert.c.rule == rule, external_alert.c.entity == entity)
    return (await connection.execute(same)).scalar_one()


async def begin(connection: AsyncConnection, alert: ExternalAlert) -> None:
    """Write an alert that fires now."""
    values = {name: getattr(alert, name) for name in ("fingerprint", "source", "entity", "rule")}
    times = {"first_ms": alert.first_ms, "last_ms": alert.last_ms, "ends_ms": alert.ends_ms}
    body = json.dumps({**alert.body, "severity": alert.severity}, ensure_ascii=False, sort_keys=True)
    await connection.execute(external_alert.insert().values(**values, **times, body=body))


async def again(connection: AsyncConnection, fingerprint: str, now_ms: int, ends_ms: int) -> None:
    """Write down that an alert still fires."""
    change = update(external_alert).where(external_alert.c.fingerprint == fingerprint)
    await connection.execute(change.values(last_ms=now_ms, ends_ms=ends_ms))


async def end(connection: AsyncConnection, fingerprint: str) -> None:
    """Forget an alert: it is over."""
    await connection.execute(delete(external_alert).where(external_alert.c.fingerprint == fingerprint))


async def ended(connection: AsyncConnection, now_ms: int, limit: int) -> list[ExternalAlert]:
    """Return alerts that weren't told again in time, the oldest first."""
    wanted = select(external_alert).where(external_alert.c.ends_ms <= now_ms).order_by(external_alert.c.ends_ms)
    return [_alert(row) for row in await connection.execute(wanted.limit(limit))]


async def beat(connection: AsyncConnection, name: str, source: str, now_ms: int) -> None:
    """Write down a sign of life."""
    change = update(heartbeat).where(heartbeat.c.name == name)
    values = {"last_ms": now_ms, "source": source, "count": heartbeat.c.count + 1}
    if (await connection.execute(change.values(**values))).rowcount == 0:
        await connection.execute(heartbeat.insert().values(name=name, last_ms=now_ms, source=source, count=1))


async def beats(connection: AsyncConnection) -> dict[str, int]:
    """Return when each sign of life came last, by name."""
    return {row.name: row.last_ms for row in await connection.execute(select(heartbeat.c.name, heartbeat.c.last_ms))}


def _alert(row: Row[tuple[object, ...]]) -> ExternalAlert:
    body = json.loads(row.body)
    times = (row.first_ms, row.last_ms, row.ends_ms)
    return ExternalAlert(row.fingerprint, row.source, row.entity, row.rule, body.pop("severity"), *times, body)
