"""Seals of the ledger: the number and the hash of a day's last record, written into the chain itself."""

from __future__ import annotations

from datetime import timedelta
from typing import Final

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncConnection

from noc.model.instants import from_ms
from noc.model.seal import Seal
from noc.state import ledger
from noc.state.records import SEAL, recorded_of
from noc.state.tables import ledger as table

DAY_MS: Final = 86_400_000


def day_of(midnight_ms: int) -> str:
    """Return the day that ended at a midnight, `2026-11-21`."""
    return (from_ms(midnight_ms) - timedelta(days=1)).date().isoformat()


def last_midnight(now_ms: int) -> int:
    """Return the last midnight UTC, in milliseconds."""
    return now_ms - now_ms % DAY_MS


async def newest(connection: AsyncConnection, poller: str) -> Seal | None:
    """Return a poller's newest seal; None where there is none that can be read. poller: its entity."""
    wanted = select(table.c.body).where(table.c.entity == poller, table.c.kind == SEAL)
    body = (await connection.execute(wanted.order_by(table.c.seq.desc()).limit(1))).scalar_one_or_none()
    try:
        found = None if body is None else recorded_of(SEAL, body)
    except ValueError:
        return None  # `noc ledger verify` names it
    return found if isinstance(found, Seal) else None


async def seal(connection: AsyncConnection, poller: str, midnight_ms: int) -> Seal | None:
    """Seal the day that ended at a midnight, in the caller's transaction; None where it is sealed, or nothing is there.

    Sealed is what was written until now; the day's name is that of the midnight.
    """
    before = await newest(connection, poller)
    last = await ledger.newest(connection, 1)
    if not last or (before is not None and before.since_ms >= midnight_ms):
        return None
    first = await ledger.record_of(connection, 1)
    if before is None and first is not None and first.since_ms >= midnight_ms:
        return None  # that day had no ledger yet
    made = Seal(poller, midnight_ms, day_of(midnight_ms), last[0].seq, last[0].hash.hex())
    await ledger.append(connection, [made])
    return made
