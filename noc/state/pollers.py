"""Remote pollers, and which of their frames the centre has."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import asdict

from sqlalchemy import Row, delete, insert, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from noc.model.poller import RemotePoller
from noc.state.pollertables import poller, poller_frame

Stored = Mapping[tuple[str, str], tuple[tuple[int, int], ...]]
"""Ranges of numbers of frames, by poller and boot (in hexadecimal)."""

_OF_PEOPLE = ("quarantine", "drain")
"""Columns that others than the daemon write too: it writes them only by `order`."""


async def everyone(connection: AsyncConnection) -> tuple[RemotePoller, ...]:
    """Return all pollers, by name."""
    rows = await connection.execute(select(poller).order_by(poller.c.name))
    return tuple(_poller(row) for row in rows)


async def one(connection: AsyncConnection, name: str) -> RemotePoller | None:
    """Return a poller; None where there is none of that name."""
    row = (await connection.execute(select(poller).where(poller.c.name == name))).first()
    return None if row is None else _poller(row)


async def write(connection: AsyncConnection, pollers: Iterable[RemotePoller]) -> None:
    """Write what the daemon knows of pollers; what people order of those that are there stays as it is."""
    for known in pollers:
        row = asdict(known)
        kept = {name: value for name, value in row.items() if name not in _OF_PEOPLE}
        done = await connection.execute(update(poller).where(poller.c.name == known.name).values(kept))
        if not done.rowcount:
            await connection.execute(insert(poller).values(row))


async def order(
    connection: AsyncConnection, name: str, *, drain: bool | None = None, quarantine: str | None = None
) -> bool:
    """Write what is asked of a poller; return whether there is one of that name. None: as it is."""
    asked = {"drain": drain, "quarantine": quarantine}
    values = {key: value for key, value in asked.items() if value is not None}
    done = await connection.execute(update(poller).where(poller.c.name == name).values(values))
    return bool(done.rowcount)


async def forget(connection: AsyncConnection, name: str) -> None:
    """Drop a poller, and which frames of it are known."""
    await connection.execute(delete(poller).where(poller.c.name == name))
    await connection.execute(delete(poller_frame).where(poller_frame.c.poller == name))


async def stored(connection: AsyncConnection) -> Stored:
    """Return which frames the centre has."""
    rows = await connection.execute(select(poller_frame))
    return {
        (row.poller, row.boot): tuple((int(first), int(last)) for first, last in json.loads(row.stored)) for row in rows
    }


async def store(connection: AsyncConnection, fresh: Stored, now_ms: int) -> None:
    """Write which frames of some boots the centre has."""
    for (name, boot), ranges in fresh.items():
        values = {"at_ms": now_ms, "stored": json.dumps(ranges)}
        of_boot = (poller_frame.c.poller == name) & (poller_frame.c.boot == boot)
        done = await connection.execute(update(poller_frame).where(of_boot).values(values))
        if not done.rowcount:
            await connection.execute(insert(poller_frame).values(poller=name, boot=boot, **values))


async def forget_before(connection: AsyncConnection, before_ms: int) -> int:
    """Drop boots of which nothing came since then; return how many."""
    done = await connection.execute(delete(poller_frame).where(poller_frame.c.at_ms < before_ms))
    return int(done.rowcount)


def _poller(row: Row) -> RemotePoller:  # type: ignore[type-arg] # a row of all columns
    return RemotePoller(**row._mapping)  # noqa: SLF001 the public name of it
