"""Where inventory and network disagree, and what devices said of themselves when people took their word for it."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from dataclasses import asdict, replace
from typing import Any, Final

from sqlalchemy import Row, delete, insert, select, tuple_
from sqlalchemy.ext.asyncio import AsyncConnection

from noc.model.discovery import Baseline, Drift
from noc.state.tables import baseline, drift

AT_ONCE: Final = 500
"""Devices of one statement: SQLite takes so many values and not many more."""


async def baselines(connection: AsyncConnection) -> dict[str, Baseline]:
    """Return what is known of devices, by their id."""
    rows = await connection.execute(select(baseline))
    return {row.device: Baseline(row.device, row.at_ms, **_known(row.said)) for row in rows}


async def take_as_right(connection: AsyncConnection, said: Sequence[Baseline]) -> None:
    """Write what devices say of themselves: it is right from now on."""
    await _forget(connection, [one.device for one in said])
    if said:
        rows = []
        for one in said:
            words = asdict(one)
            device, at_ms = words.pop("device"), words.pop("at_ms")
            rows.append({"device": device, "at_ms": at_ms, "said": json.dumps(words)})
        await connection.execute(insert(baseline), rows)


async def _forget(connection: AsyncConnection, devices: Sequence[str]) -> None:
    for first in range(0, len(devices), AT_ONCE):
        await connection.execute(delete(baseline).where(baseline.c.device.in_(devices[first : first + AT_ONCE])))


async def write(connection: AsyncConnection, looked_at: Sequence[str], found: Iterable[Drift], now_ms: int) -> None:
    """Write what was found about devices; what was there before and isn't any more goes. Since when is kept."""
    since: dict[tuple[str, str, str], int] = {}
    for first in range(0, len(looked_at), AT_ONCE):
        some = drift.c.device.in_(looked_at[first : first + AT_ONCE])
        for row in await connection.execute(select(drift).where(some)):
            since[row.device, row.kind, row.subject] = row.since_ms
        await connection.execute(delete(drift).where(some))
    rows = {}
    for one in found:
        key = (one.device, one.kind, one.subject)
        rows[key] = asdict(replace(one, since_ms=since.get(key, now_ms), last_ms=now_ms))
    if rows:
        await connection.execute(insert(drift), list(rows.values()))


async def page(
    connection: AsyncConnection, *, after: tuple[str, str, str] | None = None, limit: int = 100
) -> list[Drift]:
    """Return disagreements by device, kind and subject, those behind `after`."""
    order = (drift.c.device, drift.c.kind, drift.c.subject)
    wanted = select(drift).order_by(*order).limit(limit)
    if after is not None:
        wanted = wanted.where(tuple_(*order) > after)
    return [_drift(row) for row in await connection.execute(wanted)]


async def everything(connection: AsyncConnection) -> list[Drift]:
    """Return all disagreements, by device."""
    return [_drift(row) for row in await connection.execute(select(drift).order_by(drift.c.device, drift.c.kind))]


def _drift(row: Row[Any]) -> Drift:
    return Drift(row.device, row.kind, row.subject, row.expected, row.seen, row.since_ms, row.last_ms)


def _known(said: str) -> dict[str, Any]:
    return {key: value for key, value in json.loads(said).items() if key in Baseline.__dataclass_fields__}
