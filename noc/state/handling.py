"""The queue of transitions that alerting has still to handle.

A row is put there in the transaction that writes the ledger. It leaves in the transaction that writes what came of it,
so a crash loses nothing and repeats nothing. A damaged row is read from the ledger once more; one that isn't there, or
is damaged there as well, is set aside, so that it doesn't hold up the others.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from sqlalchemy import Row, bindparam, delete, func, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from noc.model.incident import SEVERITIES, RuleTransition
from noc.model.transition import Transition
from noc.state.alerttables import handling
from noc.state.ledger import Record, record_of, transition_of

STATUS, RULE = "status", "rule"
"""The two kinds of row: an entity changed its status; a rule was raised or cleared."""

AT_ONCE = 0
"""Due whatever the clock says: one that is set back must not keep a page waiting."""

NEVER = 2**62
"""When a row is due that was set aside; it stays in the table, for people to look at."""

_WORDS: Final[Mapping[str, tuple[str, ...]]] = {
    "status": ("up", "down", "unknown", "raised", "cleared"),
    "severity": SEVERITIES,
}


@dataclass(frozen=True, slots=True)
class Damaged:
    """Instead of a change: its row can't be read. entity: as far as it is known."""

    entity: str
    reason: str


@dataclass(frozen=True, slots=True)
class Task:
    """A row of the queue.

    due_ms: not to be handled before. change: what happened. seq: of a Transition, its record in the ledger.
    """

    id: int
    due_ms: int
    change: Transition | RuleTransition | Damaged
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


async def postpone_all(connection: AsyncConnection, tasks: Sequence[Task], due_ms: int) -> None:
    """Leave rows in the queue, to be looked at again when they are due."""
    numbers = [task.id for task in tasks]
    await connection.execute(update(handling).where(handling.c.id.in_(numbers)).values(due_ms=due_ms))


async def due(connection: AsyncConnection, now_ms: int, limit: int) -> list[Task]:
    """Return the oldest rows that are due, in the order in which they were put."""
    rows = (await connection.execute(_DUE, {"now_ms": now_ms, "at_most": limit})).all()
    return [Task(row.id, row.due_ms, await _read(connection, row), row.seq) for row in rows]


async def waiting_of(connection: AsyncConnection, entity: str, before: int) -> list[Task]:
    """Return the rows of an entity that stand in the queue before number `before`, in their order."""
    wanted = select(handling).where(handling.c.entity == entity, handling.c.id < before, handling.c.due_ms < NEVER)
    rows = (await connection.execute(wanted.order_by(handling.c.id))).all()
    return [Task(row.id, row.due_ms, await _read(connection, row), row.seq) for row in rows]


async def set_aside(connection: AsyncConnection, task: Task) -> None:
    """Leave a row in the table, never to be due again."""
    await postpone(connection, task, NEVER)


async def count_aside(connection: AsyncConnection) -> int:
    """Return how many rows were set aside."""
    wanted = select(func.count()).select_from(handling).where(handling.c.due_ms == NEVER)
    return (await connection.execute(wanted)).scalar_one()


async def done(connection: AsyncConnection, tasks: Sequence[Task]) -> None:
    """Take rows out of the queue."""
    if tasks:
        await connection.execute(_DONE, {"numbers": [task.id for task in tasks]})


async def next_due_ms(connection: AsyncConnection) -> int | None:
    """Return when the next row falls due; None when the queue is empty."""
    due_ms: int | None = (await connection.execute(_NEXT_DUE)).scalar_one()
    return due_ms


async def waiting(connection: AsyncConnection) -> int:
    """Return how many rows are in the queue."""
    wanted = select(func.count()).select_from(handling).where(handling.c.due_ms < NEVER)
    return (await connection.execute(wanted)).scalar_one()


def _row(change: Transition | RuleTransition, seq: int | None) -> dict[str, object]:
    kind = STATUS if isinstance(change, Transition) else RULE
    fields = {name: getattr(change, name) for name in change.__dataclass_fields__}
    if isinstance(change, RuleTransition):
        fields["facts"] = dict(change.facts)
    body = json.dumps(fields, separators=(",", ":"), ensure_ascii=False)
    return {"due_ms": AT_ONCE, "kind": kind, "entity": change.entity, "seq": seq, "body": body}


async def _read(connection: AsyncConnection, row: Row[tuple[object, ...]]) -> Transition | RuleTransition | Damaged:
    try:
        return _change(row.kind, row.body)
    except (ValueError, TypeError, KeyError) as error:
        reason = f"{type(error).__name__}: {error}"
    try:
        record = None if not isinstance(row.seq, int) else await record_of(connection, row.seq)
        if record is not None and record.entity == row.entity:
            return transition_of(record)
    except (ValueError, TypeError, KeyError) as error:
        reason = f"{reason}, and in the ledger {type(error).__name__}: {error}"
    return Damaged(str(row.entity), reason)


def _change(kind: str, body: str) -> Transition | RuleTransition:
    """Return what a row tells. Raises ValueError, TypeError, KeyError where it isn't what noc writes."""
    fields = json.loads(body)
    if kind not in (STATUS, RULE):
        raise ValueError(f"'{kind}' is no kind of change")
    if kind == STATUS:
        fields["results"] = tuple((time_ms, ok) for time_ms, ok in fields["results"])
    change = Transition(**fields) if kind == STATUS else RuleTransition(**fields)
    for name, words in _WORDS.items():
        if getattr(change, name, words[0]) not in words:
            raise ValueError(f"'{getattr(change, name)}' is no {name}")
    times: tuple[object, ...] = (change.since_ms, change.decided_ms)
    if not all(isinstance(time_ms, int) for time_ms in times):
        raise TypeError("its times are no whole numbers")
    if isinstance(change, RuleTransition) and not isinstance(change.facts, dict):
        raise TypeError("its facts are no table")
    return change


# Made once: making a statement takes SQLAlchemy longer than running it.
# PostgreSQL locks the rows so that a second engine passes them over; SQLite has one writer and knows no FOR UPDATE.
_DUE = (
    select(handling)
    .where(handling.c.due_ms <= bindparam("now_ms"))
    .order_by(handling.c.id)
    .limit(bindparam("at_most"))
    .with_for_update(skip_locked=True)
)
_NEXT_DUE = select(func.min(handling.c.due_ms)).where(handling.c.due_ms < NEVER)
_DONE = delete(handling).where(handling.c.id.in_(bindparam("numbers", expanding=True)))
