"""Who is on call for a while instead of whom a schedule names. Rows are cancelled, never removed."""

from __future__ import annotations

from sqlalchemy import Row, func, or_, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from noc.model.oncall import Override
from noc.state.alerttables import handover, oncall_override

_FIELDS = tuple(name for name in Override.__dataclass_fields__ if name != "id")


async def version(connection: AsyncConnection) -> tuple[int, ...]:
    """Return what changes whenever an override or a hand-over is made, cancelled or accepted."""
    wanted = select(
        select(func.coalesce(func.max(oncall_override.c.id), 0)).scalar_subquery(),
        select(func.count(oncall_override.c.cancelled_ms)).scalar_subquery(),
        select(func.coalesce(func.max(handover.c.id), 0)).scalar_subquery(),
        select(func.count(handover.c.accepted_ms)).scalar_subquery(),
    )
    return tuple((await connection.execute(wanted)).one())


async def add(connection: AsyncConnection, override: Override) -> Override:
    """Write one and return it with its number."""
    values = {name: getattr(override, name) for name in _FIELDS}
    result = await connection.execute(oncall_override.insert().values(values).returning(oncall_override))
    return _override(result.one())


async def cancel(connection: AsyncConnection, number: int, who: str, now_ms: int) -> bool:
    """Cancel one. False: there is none of this number, or it is cancelled already."""
    change = update(oncall_override).where(oncall_override.c.id == number, oncall_override.c.cancelled_ms.is_(None))
    return (await connection.execute(change.values(cancelled_ms=now_ms, cancelled_by=who))).rowcount > 0


async def get(connection: AsyncConnection, number: int) -> Override | None:
    """Return one; None where there is none of that number."""
    row = (await connection.execute(select(oncall_override).where(oncall_override.c.id == number))).first()
    return None if row is None else _override(row)


async def near(
    connection: AsyncConnection, after_ms: int, *, behind: int = 0, limit: int | None = None
) -> list[Override]:
    """Return those that end after a moment, cancelled ones too, the oldest first: those behind a number, or all."""
    wanted = select(oncall_override).where(oncall_override.c.end_ms > after_ms, oncall_override.c.id > behind)
    return [_override(row) for row in await connection.execute(wanted.order_by(oncall_override.c.id).limit(limit))]


async def of_source(connection: AsyncConnection, source: str) -> list[Override]:
    """Return those that were read from a calendar and are not cancelled, the oldest first."""
    wanted = select(oncall_override).where(
        or_(oncall_override.c.source == source, oncall_override.c.source.startswith(f"{source}#", autoescape=True)),
        oncall_override.c.cancelled_ms.is_(None),
    )
    return [_override(row) for row in await connection.execute(wanted.order_by(oncall_override.c.id))]


def _override(row: Row[tuple[object, ...]]) -> Override:
    return Override(**{name: getattr(row, name) for name in Override.__dataclass_fields__})
