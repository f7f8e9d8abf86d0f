"""All that is due at a moment of virtual time: the ledger, incidents, messages; by the code of the daemon."""

from __future__ import annotations

import asyncio
from typing import Final

from noc.app.alerting import Alerting
from noc.clock import Clock
from noc.model.instants import to_ms
from noc.state import handling, incidents, outbox, symptoms
from noc.state.committer import Committer
from noc.state.database import Database, StateError

ROUNDS_AT_MOST: Final = 1_000
"""Rounds of work at one moment: what needs more goes in a circle."""


async def settle(alerting: Alerting, committer: Committer, database: Database, clock: Clock) -> int | None:
    """Do all that is due now. Returns when more is due, in milliseconds; None: nothing is. Raises StateError."""
    before_ms: int | None = None
    for _ in range(ROUNDS_AT_MOST):
        await _flush(committer)
        await alerting.engine.work()
        now_ms = to_ms(clock.now())
        async with database.read() as connection:
            of_messages = await outbox.next_due_ms(connection, -1)
            if of_messages is None or of_messages > now_ms:
                due = handling.next_due_ms, incidents.next_look_ms, symptoms.next_look_ms
                moments = [of_messages, *[await ask(connection) for ask in due]]
                due_ms = min((one for one in moments if one is not None), default=None)
                if not committer.waiting and (due_ms is None or due_ms > now_ms or due_ms == before_ms):
                    return due_ms  # what stays due is nothing that is done here
                before_ms = due_ms
                continue
        await alerting.dispatch.work()
        await _notices()
    raise StateError(f"virtual time doesn't come to rest at {clock.now().isoformat()}: a fault in noc")


async def _flush(committer: Committer) -> None:
    if committer.waiting:
        await committer.flush()
    if committer.failing is not None:
        raise StateError(committer.failing)


async def _notices() -> None:
    """Wait for messages that are being handed over; nothing here takes time over them."""
    under_way = [task for task in asyncio.all_tasks() if task.get_name().startswith("notice ")]
    if under_way:
        await asyncio.wait(under_way)
