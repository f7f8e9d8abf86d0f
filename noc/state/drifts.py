"""Where inventory and network disagree, and what devices said of themselves when people took their word for it."""

from __future__ import annotations

import json
from collections.abc import Collection, Iterable, Sequence
from dataclasses import asdict, replace
from typing import Any, Final, NamedTuple

from sqlalchemy import Row, delete, func, insert, select, tuple_
from sqlalchemy.ext.asyncio import AsyncConnection

from noc.model.discovery import Baseline, Drift, SiteLook
from noc.state.tables import baseline, drift, drift_look

AT_ONCE: Final = 500
"""Devices of one statement: SQLite takes so many values and not many more."""


_COUNTS: Final = select(drift.c.kind, func.count().label("number")).group_by(drift.c.kind)


class Written(NamedTuple):
    """How many disagreements are new, and how many are no more."""

    fresh: int
    gone: int


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


async def write(connection: AsyncConnection, looked_at: Sequence[str], found: Iterable[Drift], now_ms: int) -> Written:
    """Write what was found about devices; what was there before and isn't any more goes. Since when is kept.

    That two devices are one shows only where both are looked at: it stays where the other one was not.
    """
    since: dict[tuple[str, str, str], int] = {}
    rows: dict[tuple[str, str, str], dict[str, Any]] = {}
    both = frozenset(looked_at)
    for first in range(0, len(looked_at), AT_ONCE):
        some = drift.c.device.in_(looked_at[first : first + AT_ONCE])
        for row in await connection.execute(select(drift).where(some)):
            since[row.device, row.kind, row.subject] = row.since_ms
            if row.kind == "twice" and row.subject not in both:
                rows[row.device, row.kind, row.subject] = asdict(_drift(row))
        await connection.execute(delete(drift).where(some))
    for one in found:
        key = (one.device, one.kind, one.subject)
        rows[key] = asdict(replace(one, since_ms=since.get(key, now_ms), last_ms=now_ms))
    if rows:
        await connection.execute(insert(drift), list(rows.values()))
    return Written(len(rows.keys() - since.keys()), len(since.keys() - rows.keys()))


async def forget_all_but(connection: AsyncConnection, devices: Collection[str]) -> None:
    """Drop what is known of devices that are none of these: they have left the inventory."""
    there = await connection.execute(select(drift.c.device).distinct())
    gone = [name for (name,) in there if name not in devices]
    for first in range(0, len(gone), AT_ONCE):
        await connection.execute(delete(drift).where(drift.c.device.in_(gone[first : first + AT_ONCE])))


async def by_kind(connection: AsyncConnection) -> dict[str, int]:
    """Return how many disagreements there are of each kind."""
    return {row.kind: row.number for row in await connection.execute(_COUNTS)}


async def looks(connection: AsyncConnection) -> dict[str, SiteLook]:
    """Return when each site was last looked at, by its id."""
    rows = await connection.execute(select(drift_look).order_by(drift_look.c.site))
    return {row.site: SiteLook(row.site, row.at_ms, row.looked_at, row.devices) for row in rows}


async def looked(connection: AsyncConnection, sites: Sequence[SiteLook]) -> None:
    """Write that sites were looked at."""
    for first in range(0, len(sites), AT_ONCE):
        names = [one.site for one in sites[first : first + AT_ONCE]]
        await connection.execute(delete(drift_look).where(drift_look.c.site.in_(names)))
    if sites:
        await connection.execute(insert(drift_look), [asdict(one) for one in sites])


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
