"""What noc asked devices when an incident opened, and what they said."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from sqlalchemy import Row, func, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from noc.state.alerttables import diagnostic

DiagnosticState = Literal["asked", "answered", "failed"]

ANSWER_AT_MOST = 20_000
"""Characters of an answer that are kept."""


@dataclass(frozen=True, slots=True)
class Diagnostic:
    """One question to one device. device: its id. answer: what it said, or why it said nothing. took_ms: how long."""

    id: int
    incident: int
    device: str
    question: str
    state: DiagnosticState
    asked_ms: int
    took_ms: int | None
    answer: str


async def ask(connection: AsyncConnection, incident: int, device: str, questions: Sequence[str], now_ms: int) -> None:
    """Write down what is to be asked."""
    rows = [
        {
            "incident": incident,
            "device": device,
            "question": question,
            "state": "asked",
            "asked_ms": now_ms,
            "answer": "",
        }
        for question in questions
    ]
    if rows:
        await connection.execute(diagnostic.insert(), rows)


async def answer(connection: AsyncConnection, number: int, state: DiagnosticState, took_ms: int, text: str) -> None:
    """Write down what a device said, or why it said nothing."""
    values = {"state": state, "took_ms": took_ms, "answer": text[:ANSWER_AT_MOST]}
    await connection.execute(update(diagnostic).where(diagnostic.c.id == number).values(values))


async def of_incident(connection: AsyncConnection, number: int) -> list[Diagnostic]:
    """Return the questions of an incident, in their order."""
    wanted = select(diagnostic).where(diagnostic.c.incident == number).order_by(diagnostic.c.id)
    return [_diagnostic(row) for row in await connection.execute(wanted)]


async def unanswered(connection: AsyncConnection, limit: int) -> list[Diagnostic]:
    """Return questions that nobody has answered, the oldest first: those under way when noc ended, too."""
    wanted = select(diagnostic).where(diagnostic.c.state == "asked").order_by(diagnostic.c.id).limit(limit)
    return [_diagnostic(row) for row in await connection.execute(wanted)]


async def count_since(connection: AsyncConnection, since_ms: int) -> int:
    """Return how many questions were asked since a moment; reads the newest rows alone."""
    newest = select(diagnostic.c.asked_ms).order_by(diagnostic.c.id.desc()).limit(1_000).subquery()
    wanted = select(func.count()).select_from(newest).where(newest.c.asked_ms >= since_ms)
    return (await connection.execute(wanted)).scalar_one()


def _diagnostic(row: Row[tuple[object, ...]]) -> Diagnostic:
    return Diagnostic(**{name: getattr(row, name) for name in Diagnostic.__dataclass_fields__})
