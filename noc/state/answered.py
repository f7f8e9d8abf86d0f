"""Answers to requests that carried an Idempotency-Key: who asks again with the same key gets the same answer.

An answer is written in the transaction that did what was asked: it is done once, whatever breaks in between.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from sqlalchemy import delete, select
from sqlalchemy.ext.asyncio import AsyncConnection

from noc.state.alerttables import answered

KEPT_MS: Final = 24 * 3_600_000
"""How long an answer is kept."""


@dataclass(frozen=True, slots=True)
class Answered:
    """An answer that was given. request: digest of what was asked."""

    request: str
    status: int
    body: str


async def find(connection: AsyncConnection, key: str, now_ms: int) -> Answered | None:
    """Return the answer that a key got within a day; None where it is new."""
    wanted = select(answered).where(answered.c.key == key, answered.c.at_ms > now_ms - KEPT_MS)
    row = (await connection.execute(wanted)).first()
    return None if row is None else Answered(row.request, row.status, row.body)


async def put(connection: AsyncConnection, key: str, now_ms: int, answer: Answered) -> None:
    """Keep an answer; those that are a day old are forgotten."""
    await connection.execute(delete(answered).where(answered.c.at_ms <= now_ms - KEPT_MS))
    values = {"key": key, "at_ms": now_ms, "request": answer.request, "status": answer.status, "body": answer.body}
    await connection.execute(answered.insert().values(values))
