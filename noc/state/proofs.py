"""Proofs of segmentation on disk: the newest of each statement."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from typing import Final

from sqlalchemy import Row, delete, select
from sqlalchemy.ext.asyncio import AsyncConnection

from noc.model.segmentation import Proof
from noc.state.alerttables import segment_proof

KEPT: Final = 200
"""Of each statement and kind; what is older is removed when more come."""

_COLUMNS: Final = tuple(column for column in segment_proof.c if column.name != "id")


async def add(connection: AsyncConnection, found: Sequence[Proof]) -> None:
    """Write proofs, and remove the oldest beyond what is kept."""
    if not found:
        return
    await connection.execute(segment_proof.insert(), [asdict(one) for one in found])
    for statement, kind in {(one.statement, one.kind) for one in found}:
        same = (segment_proof.c.statement == statement, segment_proof.c.kind == kind)
        wanted = select(segment_proof.c.id).where(*same).order_by(segment_proof.c.id.desc()).limit(1).offset(KEPT)
        last: int | None = (await connection.execute(wanted)).scalar_one_or_none()
        if last is not None:
            await connection.execute(delete(segment_proof).where(*same, segment_proof.c.id <= last))


async def all_kept(connection: AsyncConnection) -> dict[str, list[Proof]]:
    """Return the proofs that are kept, by statement, the oldest first."""
    found: dict[str, list[Proof]] = {}
    for row in await connection.execute(select(*_COLUMNS).order_by(segment_proof.c.id)):
        found.setdefault(row.statement, []).append(_proof(row))
    return found


async def keep_only(connection: AsyncConnection, statements: Sequence[str]) -> None:
    """Remove the proofs of statements that are no more."""
    await connection.execute(delete(segment_proof).where(segment_proof.c.statement.not_in(sorted(statements))))


def _proof(row: Row[tuple[object, ...]]) -> Proof:
    return Proof(
        *(row.statement, row.at_ms, row.kind, row.who, row.source, row.to, row.port, row.answer, row.by, row.said)
    )
