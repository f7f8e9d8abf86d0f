"""Coverage beside the ledger: the rows of each hour, packed; their digest is in the chain (noc/state/hours.py)."""

from __future__ import annotations

import hashlib

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncConnection

from noc.model.coverage import CoverageColumns, HourOfCoverage
from noc.state.committer import Kept
from noc.state.hours import Packed
from noc.state.ledger import Record
from noc.state.tables import coverage


def kept(columns: CoverageColumns, body: bytes, poller: str) -> Kept:
    """Return an hour as what the committer writes: its record, and beside it the rows. poller: its entity."""
    digest = hashlib.sha256(body).hexdigest()

    async def keep(connection: AsyncConnection, record: Record) -> None:
        row = {"hour_ms": columns.start_ms, "poller": poller, "rows": columns.seen, "digest": digest}
        await connection.execute(coverage.insert().values(**row, body=body, seq=record.seq))

    return Kept(HourOfCoverage(poller, columns.start_ms, columns.seen, digest), keep)


async def last_hour(connection: AsyncConnection, poller: str) -> int | None:
    """Return the last hour that is written of a poller, milliseconds; None before the first."""
    newest = select(func.max(coverage.c.hour_ms)).where(coverage.c.poller == poller)
    hour_ms: int | None = (await connection.execute(newest)).scalar_one()
    return hour_ms


async def read(connection: AsyncConnection, hour_ms: int, poller: str) -> CoverageColumns | None:
    """Return an hour of a poller; None where there is none. Raises ValueError where it is damaged."""
    body = await _body(connection, hour_ms, poller)
    if body is None:
        return None
    packed = named = Packed(body)
    if packed.names_of_ms is not None:
        other = await _body(connection, packed.names_of_ms, poller)
        if other is None:
            raise ValueError("the hour that has its names is gone; run `noc ledger verify`")
        named = Packed(other)
    return packed.columns(hour_ms, named.names())


async def _body(connection: AsyncConnection, hour_ms: int, poller: str) -> bytes | None:
    wanted = select(coverage.c.body).where(coverage.c.hour_ms == hour_ms, coverage.c.poller == poller)
    body: bytes | None = (await connection.execute(wanted)).scalar_one_or_none()
    return body
