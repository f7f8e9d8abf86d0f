"""What waits moves with the clock: after a step forward the times of alerting are those that they would have been.

What is over keeps its times, and a line in the timeline of each open incident says why it waits for longer.
"""

from __future__ import annotations

from typing import Final

from sqlalchemy import and_, case, or_, select, update

from noc.clock import NO_STEPS, Leap, Steps
from noc.model.clockstep import HELD
from noc.model.incident import Entry, Fact
from noc.state import checkpoint, incidents, ledger
from noc.state.alerttables import handling, incident, outbox, symptom
from noc.state.database import Transaction
from noc.state.handling import NEVER
from noc.state.outbox import PENDING

CHECKPOINT: Final = "clock steps"


async def steps(connection: Transaction) -> Steps:
    """Return the steps that were followed; what makes no sense is left out."""
    found = await checkpoint.load(connection, CHECKPOINT)
    if found is None:
        return NO_STEPS
    pairs = ((row[0], row[1]) for row in found[1] if len(row) == 2)
    return Steps(tuple((at, by) for at, by in pairs if isinstance(at, int) and isinstance(by, int) and by > 0))


async def now_ms(connection: Transaction, machine_ms: int) -> int:
    """Return noc's time as a process beside the daemon knows it: the machine's, but not before what is written.

    While the machine's clock is behind (docs/adr/0010), it may be late by as much as passed since the last checkpoint.
    """
    known = (await checkpoint.newest_ms(connection), await ledger.latest_ms(connection))
    return max([machine_ms, *(at_ms for at_ms in known if at_ms is not None)])


async def move(connection: Transaction, leap: Leap, known: Steps) -> None:
    """Move all that waits with the clock, and keep the step. known: those before it."""
    rows = known.and_one(leap.at_ms, leap.by_ms).known
    await checkpoint.save(connection, CHECKPOINT, leap.at_ms, rows)
    await _move_incidents(connection, leap)
    await _move_queues(connection, leap)
    await _move_notices(connection, leap)


async def _move_incidents(connection: Transaction, leap: Leap) -> None:
    """Have open incidents held back for as long; escalation looks at each at once, and says anew when it goes on."""
    columns = incident.c
    found = (await connection.execute(select(columns.id, columns.facts).where(columns.resolved_ms.is_(None)))).all()
    for number, facts in found:
        known = incidents.facts_of(facts)
        held_s = known.get(HELD)
        by_s = leap.by_ms / 1000 + (held_s if isinstance(held_s, int | float) else 0)
        await incidents.put_facts(connection, number, {**known, HELD: round(by_s, 3)})
    later = {
        column.name: case((column.is_not(None), column + leap.by_ms), else_=None)
        for column in (columns.acknowledged_until_ms, columns.update_by_ms)
    }
    soon = {
        column.name: case((column.is_not(None), leap.at_ms), else_=None)
        for column in (columns.next_ms, columns.life_ms)
    }
    is_open, is_over = columns.resolved_ms.is_(None), columns.resolved_ms.is_not(None)
    await connection.execute(update(incident).where(is_open).values(**later, **soon))
    await connection.execute(update(incident).where(is_over).values(life_ms=columns.life_ms + leap.by_ms))
    said: dict[str, Fact] = {"why": "clock", "by_s": round(leap.by_ms / 1000)}
    await incidents.record(connection, [Entry(number, leap.at_ms, "note", None, said) for number, _ in found])


async def _move_queues(connection: Transaction, leap: Leap) -> None:
    """Move changes that wait to be handled, and symptoms that wait to be looked at."""
    before_ms = leap.at_ms - leap.by_ms
    waits = and_(handling.c.due_ms > before_ms, handling.c.due_ms < NEVER)
    await connection.execute(update(handling).where(waits).values(due_ms=handling.c.due_ms + leap.by_ms))
    looked_at = and_(symptom.c.left_ms.is_(None), symptom.c.look_ms > before_ms)
    await connection.execute(update(symptom).where(looked_at).values(look_ms=symptom.c.look_ms + leap.by_ms))


async def _move_notices(connection: Transaction, leap: Leap) -> None:
    """Move claims and times of attempts. What was never tried and isn't due waits for the hour of a wall clock."""
    waits = and_(outbox.c.state.in_(PENDING), or_(outbox.c.attempts > 0, outbox.c.next_ms <= leap.at_ms - leap.by_ms))
    moved = {"next_ms": outbox.c.next_ms + leap.by_ms, "claimed_until": outbox.c.claimed_until + leap.by_ms}
    await connection.execute(update(outbox).where(waits).values(**moved))
