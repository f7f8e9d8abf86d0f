"""The committer: writes Transitions into the ledger in groups, and the checkpoint of statuses beside them.

What alerting has to handle goes into its queue in the same transaction: all Transitions, and the RuleTransitions, which
are no evidence of availability and so never enter the ledger. Records of other kinds stand in the ledger alone.

Nothing waits for it. While the database can't be written (a full disk), transitions wait here, counted; they are
written, in order, when it can be again.
"""

from __future__ import annotations

import asyncio
import logging
from collections import deque
from collections.abc import Awaitable, Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import islice

from sqlalchemy.ext.asyncio import AsyncConnection

from noc.clock import Clock
from noc.model.incident import RuleTransition
from noc.model.instants import to_ms
from noc.model.transition import Transition
from noc.service import Rounds
from noc.state import checkpoint, handling, ledger
from noc.state.database import Database, StateError
from noc.state.records import TRANSITION, Recorded

log = logging.getLogger(__name__)

GROUP_AT_MOST = 500
"""Transitions of one transaction: they are put into words in the event loop, which nothing may hold up."""

WAITING_AT_MOST = 1_000_000
CHECKPOINT_EVERY_S = 30.0
RETRY_AFTER_S = 5.0
CHECKPOINT = "statuses"
FAULT = "the ledger met a fault in noc, see the log"


@dataclass(frozen=True, slots=True)
class Kept:
    """A record of the ledger, and what stands beside the ledger with it. keep: writes that, in the same transaction."""

    recorded: Recorded
    keep: Callable[[AsyncConnection, ledger.Record], Awaitable[None]]


class Committer:
    """A service: takes transitions at any time, writes them as soon as it can.

    rows: gives what the checkpoint holds; beside: the same for checkpoints of other names. failing: one sentence for an
    operator; None while all is well. committed: is told of each group after it is on disk; a group that holds
    RuleTransitions alone has no records. vantage_of: where a poller, by its name, looks from; it is written beside it.
    """

    def __init__(
        self,
        database: Database,
        clock: Clock,
        rows: Callable[[], Iterable[checkpoint.Row]],
        committed: Callable[[Sequence[ledger.Record]], None] | None = None,
        beside: Mapping[str, Callable[[], Iterable[checkpoint.Row]]] | None = None,
        vantage_of: Callable[[str], str] | None = None,
    ) -> None:
        self._database = database
        self._clock = clock
        self._rows = {CHECKPOINT: rows, **(beside or {})}
        self._committed = committed
        self._vantage_of = vantage_of
        self._waiting: deque[RuleTransition | Recorded | Kept] = deque()
        self._rounds = Rounds(clock, "committer", self._round)
        self._checkpoint_due_s = 0.0
        self._done = asyncio.Event()
        self.failing: str | None = None
        self.shed = 0
        self.written = 0

    @property
    def waiting(self) -> int:
        """Return how many transitions are not on disk yet."""
        return len(self._waiting)

    def put(self, transitions: Iterable[Recorded]) -> None:
        """Take transitions of entities, steps of the clock, and switches of services; returns at once."""
        self._take(transitions)

    def put_kept(self, kept: Kept) -> None:
        """Take a record with what stands beside the ledger; returns at once."""
        self._take([kept])

    def put_rules(self, transitions: Iterable[RuleTransition]) -> None:
        """Take transitions of rules; returns at once."""
        self._take(transitions)

    def _take(self, transitions: Iterable[RuleTransition | Recorded | Kept]) -> None:
        for transition in transitions:
            if len(self._waiting) >= WAITING_AT_MOST:
                self.shed += 1
                continue
            self._waiting.append(self._placed(transition))
        if self._waiting and self.failing is None:
            self._rounds.wake()

    def _placed(self, taken: RuleTransition | Recorded | Kept) -> RuleTransition | Recorded | Kept:
        if self._vantage_of is None or not isinstance(taken, Transition) or taken.vantage:
            return taken
        return replace(taken, vantage=self._vantage_of(taken.poller))

    async def start(self) -> None:
        """Begin to write."""
        self._checkpoint_due_s = self._clock.monotonic() + CHECKPOINT_EVERY_S
        self._rounds.start()

    async def stop(self) -> None:
        """Write what is waiting and a last checkpoint; what can't be written is told."""
        await self._rounds.stop()
        await self._works_on(True)
        if self._waiting:
            log.error("%d transitions could not be written to the ledger and are lost", len(self._waiting))

    async def settled(self) -> None:
        """Wait until all that was put until now is on disk, however long that takes."""
        mark = self.written + len(self._waiting)
        while self.written < mark:
            self._done.clear()
            await self._done.wait()

    async def flush(self) -> None:
        """Write what is waiting now, also where it was not started; what can't be written goes on waiting."""
        await self._works_on(False)

    async def _round(self) -> float:
        # After a failure a checkpoint tells whether the database is well again, also where nothing waits.
        due = self.failing is not None or self._clock.monotonic() >= self._checkpoint_due_s
        if await self._works_on(due) and due:
            self._checkpoint_due_s = self._clock.monotonic() + CHECKPOINT_EVERY_S
        return RETRY_AFTER_S if self.failing is not None else self._checkpoint_due_s - self._clock.monotonic()

    async def _works_on(self, checkpoint_is_due: bool) -> bool:
        """Write what is to be written; False: it can't be, `failing` says why."""
        try:
            while self._waiting:
                await self._write(())
            if checkpoint_is_due:
                await self._write(self._rows)
        except StateError as error:
            self._fails(str(error))
            return False
        except Exception:  # the guard: a fault must not end the ledger
            if self.failing != FAULT:
                log.exception("the ledger met a fault in noc; what is waiting is tried again")
            self._fails(FAULT)
            return False
        if self.failing is not None:
            log.warning("the ledger is written again; nothing was lost")
        self.failing = None
        return True

    async def _write(self, checkpoints: Collection[str]) -> None:
        """Write a group of what is waiting, and checkpoints beside it, in one transaction. Raises StateError."""
        async with self._database.write() as connection:
            # A checkpoint must not know of a change that the ledger doesn't: nothing is awaited between these two.
            at_ms = to_ms(self._clock.now())  # what is seen from now on is not in it, and is looked for after a crash
            group = list(self._waiting) if checkpoints else self._first()
            rows = {name: list(self._rows[name]()) for name in checkpoints}
            of_ledger = [one for one in group if not isinstance(one, RuleTransition)]
            changes = [one.recorded if isinstance(one, Kept) else one for one in of_ledger]
            records = await ledger.append(connection, changes)
            for one, record in zip(of_ledger, records, strict=True):
                if isinstance(one, Kept):
                    await one.keep(connection, record)
            of_transitions = [record for record in records if record.kind == TRANSITION]
            to_handle = [one for one in group if isinstance(one, Transition | RuleTransition)]
            await handling.put(connection, to_handle, of_transitions)
            for name in checkpoints:
                await checkpoint.save(connection, name, at_ms, rows[name])
        for _ in group:
            self._waiting.popleft()
        self.written += len(group)
        self._done.set()
        if group and self._committed is not None:
            self._committed(records)

    def _first(self) -> list[RuleTransition | Recorded | Kept]:
        """Return what waits longest: what comes of one result stays together, for a start reads the last of it."""
        group = list(islice(self._waiting, GROUP_AT_MOST))
        for one in islice(self._waiting, GROUP_AT_MOST, None):
            last = group[-1]
            if not (isinstance(one, Transition) and isinstance(last, Transition)):
                break
            if (one.entity, one.decided_ms) != (last.entity, last.decided_ms):
                break
            group.append(one)
        return group

    def _fails(self, why: str) -> None:
        if self.failing is None:
            log.error("the ledger can't be written, %d transitions wait in memory: %s", len(self._waiting), why)
        self.failing = why
