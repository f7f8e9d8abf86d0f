"""The queue of transitions that alerting has still to handle.

A row is put there in the transaction that writes the ledger. It leaves in the transaction that writes what came of it,
so a crash loses nothing and repeats nothing.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from sqlalchemy import delete, func, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from noc.model.incident import RuleTransition
from noc.model.transition import Transition
from noc.state.ledger import Record
from noc.state.tables import handling

STATUS, RULE = "status", "rule"
"""The two kinds of row: an entity changed its status; a rule was raised or cleared."""

AT_ONCE = 0
"""Due whatever the clock says: one that is set back must not keep a page waiting."""


@dataclass(frozen=True, slots=True)
class Task:
    """A row of the queue.

    due_ms: not to be handled before. change: what happened. seq: of a Transition, its record in the ledger.
    """

    id: int
    due_ms: int
    change: Transition | RuleTransition
    seq: int | None = None


async def put(
    connection: AsyncConnection, changes: Sequence[Transition | RuleTransition], records: Iterable[Record] = ()
) -> None:
    """Append changes, due at once, in the caller's transaction. records: those of the Transitions, in their order."""
    numbers = iter([record.seq for record in records])
    rows = [_row(change, next(numbers, None) if isinstance(change, Transition) else None) for change in changes]
    if rows:
        await connection.execute(handling.insert(), rows)


async def postpone(connection: AsyncConnection, task: Task, due_ms: int) -> None:
    """Leave a row in the queue, to be looked at again when it is due."""
    await connection.execute(update(handling).where(handling.c.id == task.id).values(due_ms=due_ms))


async def due(connection: AsyncConnection, now_ms: int, limit: int) -> list[Task]:
    """Return the oldest rows that are due, in the order in which they were put."""
    # PostgreSQL locks the rows so that a second engine passes them over; SQLite has one writer and knows no FOR UPDATE.
    wanted = (select(handling).where(handling.c.due_ms <= now_ms).order_by(handling.c.id).limit(limit)).with_for_update(
        skip_locked=True
    )
    return [Task(row.id, row.due_ms, _change(row.kind, row.body), row.seq) for row in await connection.execute(wanted)]


async def done(connection: AsyncConnection, tasks: Sequence[Task]) -> None:
    """Take rows out of the queue."""
    await connection.execute(delete(handling).where(handling.c.id.in_([task.id for task in tasks])))


async def next_due_ms(connection: AsyncConnection) -> int | None:
    """Return when the next row falls due; None when the queue is empty."""
    due_ms: int | None = (await connection.execute(select(func.min(handling.c.due_ms)))).scalar_one()
    return due_ms


async def waiting(connection: AsyncConnection) -> int:
    """Return how many rows are in the queue."""
    return (await connection.execute(select(func.count()).select_from(handling))).scalar_one()


def _row(change: Transition | RuleTransition, seq: int | None) -> dict[str, object]:
    kind = STATUS if isinstance(change, Transition) else RULE
    fields = {name: getattr(change, name) for name in change.__dataclass_fields__}
    if isinstance(change, RuleTransition):
        fields["facts"] = dict(change.facts)
    body = json.dumps(fields, separators=(",", ":"), ensure_ascii=False)
    return {"due_ms": AT_ONCE, "kind": kind, "entity": change.entity, "seq": seq, "body": body}


def _change(kind: str, body: str) -> Transition | RuleTransition:
    fields = json.loads(body)
    if kind == RULE:
        return RuleTransition(**fields)
    fields["results"] = tuple((time_ms, ok) for time_ms, ok in fields["results"])
    return Transition(**fields)
