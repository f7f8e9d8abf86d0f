"""Checkpoints: what is kept in memory, written now and then, so that a restart goes on where it was.

Evidence between the last checkpoint and a crash is judged again from the spool (noc/app/lastseen.py); what was not on
disk is lost, the entity's next result shows that its evidence has a gap, and time that is longer than `stale_after`
becomes unknown. Nothing is made up.
So a checkpoint that can't be read, or is of another version, is told and left out: it is no reason not to start.
"""

from __future__ import annotations

import json
import logging
import zlib
from asyncio import to_thread
from collections.abc import Iterable, Sequence
from typing import Final

from sqlalchemy import delete, func, select
from sqlalchemy.ext.asyncio import AsyncConnection

from noc.state.tables import checkpoint

log = logging.getLogger(__name__)

Row = tuple[str | int | bool | None, ...]

FORM: Final = 1
"""Of the rows, whoever gives them; another number where what is in a row changes."""


async def save(connection: AsyncConnection, name: str, at_ms: int, rows: Iterable[Row]) -> None:
    """Replace the checkpoint of this name."""
    body = await to_thread(_packed, list(rows))  # 20,000 rows would hold up the loop
    await connection.execute(delete(checkpoint).where(checkpoint.c.name == name))
    await connection.execute(checkpoint.insert().values(name=name, at_ms=at_ms, body=body))


async def load(connection: AsyncConnection, name: str) -> tuple[int, list[Row]] | None:
    """Return when the checkpoint was written, and its rows; None where there is none that can be read."""
    row = (await connection.execute(select(checkpoint).where(checkpoint.c.name == name))).first()
    if row is None:
        return None
    try:
        return row.at_ms, await to_thread(_unpacked, row.body)
    except (zlib.error, ValueError) as error:
        log.error("the checkpoint '%s' is left out, what it knew is taken from the ledger: %s", name, error)
        return None


async def written_ms(connection: AsyncConnection, name: str) -> int | None:
    """Return when the checkpoint of this name was written; None where there is none."""
    wanted = select(checkpoint.c.at_ms).where(checkpoint.c.name == name)
    at_ms: int | None = (await connection.execute(wanted)).scalar_one_or_none()
    return at_ms


async def newest_ms(connection: AsyncConnection) -> int | None:
    """Return when the newest checkpoint was written; None where there is none."""
    at_ms: int | None = (await connection.execute(select(func.max(checkpoint.c.at_ms)))).scalar_one()
    return at_ms


def _packed(rows: Sequence[Row]) -> bytes:
    return zlib.compress(json.dumps({"form": FORM, "rows": rows}, separators=(",", ":")).encode(), 1)


def _unpacked(body: bytes) -> list[Row]:
    """Return the rows. Raises zlib.error, and ValueError where they are not of our form."""
    document = json.loads(zlib.decompress(body))
    # Before there were forms, it was the rows alone.
    found = {"form": 1, "rows": document} if isinstance(document, list) else document
    if not isinstance(found, dict) or found.get("form") != FORM or not isinstance(found.get("rows"), list):
        raise ValueError("it is of another version of noc")
    rows = found["rows"]
    if not all(isinstance(row, list) for row in rows):
        raise ValueError("it holds something else than rows")
    return [tuple(row) for row in rows]
