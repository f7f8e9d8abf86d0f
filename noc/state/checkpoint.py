"""Checkpoints: what is kept in memory, written now and then, so that a restart goes on where it was.

Evidence of a few seconds between the last checkpoint and a crash is lost; the entity's next result shows that its
evidence has a gap, and time that is longer than `stale_after` becomes unknown. Nothing is made up.
"""

from __future__ import annotations

import json
import zlib
from collections.abc import Iterable

from sqlalchemy import delete, select
from sqlalchemy.ext.asyncio import AsyncConnection

from noc.state.tables import checkpoint

Row = tuple[str | int | bool | None, ...]


async def save(connection: AsyncConnection, name: str, at_ms: int, rows: Iterable[Row]) -> None:
    """Replace the checkpoint of this name."""
    body = zlib.compress(json.dumps(list(rows), separators=(",", ":")).encode(), 1)
    await connection.execute(delete(checkpoint).where(checkpoint.c.name == name))
    await connection.execute(checkpoint.insert().values(name=name, at_ms=at_ms, body=body))


async def load(connection: AsyncConnection, name: str) -> tuple[int, list[Row]] | None:
    """Return when the checkpoint was written, and its rows; None where there is none."""
    row = (await connection.execute(select(checkpoint).where(checkpoint.c.name == name))).first()
    if row is None:
        return None
    return row.at_ms, [tuple(entry) for entry in json.loads(zlib.decompress(row.body))]
