"""The drain: takes batches from the spool to the store, for as long as it takes.

A store that is away is asked again, ever more rarely; what it refuses for good goes to the dead letters, and the rest
goes on. Where more waits than a moment brings, the newest and the oldest batches take turns: pages are fresh at once
after an outage, and the backlog goes beside. Settled only after the store has it: what arrives twice changes nothing.
"""

from __future__ import annotations

import asyncio
import logging
import random
from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC
from typing import Final

from noc import crashpoints
from noc.clock import Clock
from noc.model.errors import StoreError
from noc.model.ports import SeriesWriter
from noc.spool.letters import Letter, Letters, letter
from noc.spool.payload import Payload, unpack, values_of
from noc.spool.record import Record
from noc.spool.spool import Spool
from noc.wire.columns import BodyError

log = logging.getLogger(__name__)

BATCHES_AT_ONCE: Final = 64
PARALLEL: Final = 4
FIRST_WAIT_S: Final = 1.0
LONGEST_WAIT_S: Final = 15.0
"""Between two tries of a store that is away; so long after it is back it may go unnoticed."""

LONGEST_ASKED_WAIT_S: Final = 600.0
JITTER: Final = 0.2
"""Of a wait: several nocs that lost one store don't all come back at the same moment."""

GIVEN_UP_AFTER_S: Final = 600.0
GIVEN_UP_TRIES: Final = 20
"""A batch that alone fails for so long, while others are stored, is what is wrong: it goes to the dead letters."""


@dataclass(slots=True)
class DrainTally:
    """failures: writes that failed and are tried again. unreadable: batches that no store can be sent."""

    failures: int = 0
    unreadable: int = 0


@dataclass(slots=True)
class _Failed:
    """A batch that failed. stored: batches that had been stored when it first did."""

    since_s: float
    stored: int
    tries: int = 0


class Drain:
    """A service. writer: the store. chance: numbers from 0 to 1, for the jitter.

    failing: why the store doesn't take anything at present; None while it does. refused: it answers, but refuses us
    (log-in, database): waiting won't help.
    """

    def __init__(
        self,
        spool: Spool,
        writer: SeriesWriter,
        clock: Clock,
        letters: Letters,
        chance: Callable[[], float] = random.random,
    ) -> None:
        self._spool = spool
        self._writer = writer
        self._clock = clock
        self._letters = letters
        self._chance = chance
        self._task: asyncio.Task[None] | None = None
        self._wait_s = FIRST_WAIT_S
        self._newest = False
        self._failed: dict[int, _Failed] = {}
        self._letter_lock = asyncio.Lock()
        self.tally = DrainTally()
        self.failing: str | None = None
        self.refused = False

    def deliver_to(self, writer: SeriesWriter) -> None:
        """Take batches to another writer of the same form from now on."""
        self._writer = writer

    async def start(self) -> None:
        """Begin to take."""
        self._task = asyncio.create_task(self._run(), name="drain")

    async def stop(self) -> None:
        """End; what is not settled stays in the spool."""
        if self._task is not None:
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)
            self._task = None

    async def _run(self) -> None:
        while True:
            try:
                await self._take()
            except StoreError as error:
                self._fails(error)
                await self._clock.sleep(self._pause_s(error))
            except OSError as error:
                self._is_stuck(f"the spool can't be read: {error.strerror or error}")
                await self._clock.sleep(LONGEST_WAIT_S)
            except Exception:  # the guard: a fault in one batch, or in a store, must not end the way of all others
                log.exception("the drain met a fault in noc, and tries again in %d s", LONGEST_WAIT_S)
                self._is_stuck("the drain met a fault in noc, see the log")
                await self._clock.sleep(LONGEST_WAIT_S)

    def _pause_s(self, error: StoreError) -> float:
        wait_s, self._wait_s = self._wait_s, min(2 * self._wait_s, LONGEST_WAIT_S)
        asked_s = min(error.retry_after_s or 0.0, LONGEST_ASKED_WAIT_S)
        return max(wait_s, asked_s) * (1 + JITTER * self._chance())

    async def _take(self) -> None:
        """Take some batches to the store. Raises StoreError, and OSError where the spool can't be read."""
        # While it fails, one batch tries; each time from the other end, as it may be the batch that is wrong.
        taking_turns = self.failing is not None or self._spool.queued > BATCHES_AT_ONCE
        self._newest = taking_turns and not self._newest
        records = await self._spool.waiting(1 if self.failing else BATCHES_AT_ONCE, newest=self._newest)
        done: dict[int, int] = {}
        try:
            await self._deliver_all(records, done)
        finally:
            await self._spool.settle(done)
            await self._spool.release([record.seq for record in records if record.seq not in done])

    async def _deliver_all(self, records: Sequence[Record], done: dict[int, int]) -> None:
        """Deliver batches, some at once; done: takes the dead values of each. Raises the first StoreError."""
        waiting, failed = deque(records), list[BaseException]()

        async def work() -> None:
            while waiting and not failed:
                record = waiting.popleft()
                try:
                    done[record.seq] = await self._guarded(record)
                except StoreError as error:
                    dead = await self._given_up(record, error)
                    if dead is None:
                        failed.append(error)
                        return
                    done[record.seq] = dead
                else:
                    self._works(record.seq)

        async with asyncio.TaskGroup() as group:
            for _ in range(min(PARALLEL, len(records))):
                group.create_task(work())
        if failed:
            raise failed[0]

    async def _guarded(self, record: Record) -> int:
        """Deliver a batch; a fault in noc that it meets is told once, and is as if the store failed."""
        try:
            return await self._deliver(record)
        except StoreError:
            raise
        except Exception as error:  # the guard: as above
            if record.seq not in self._failed:
                log.exception("batch %d of the spool meets a fault in noc", record.seq)
            raise StoreError(f"a fault in noc, see the log: {error!r}") from error

    async def _deliver(self, record: Record) -> int:
        """Take a batch to the store; return how many of its values are dead. Raises StoreError."""
        try:
            payload = self._own(record.payload)
            if payload is None:
                payload = await asyncio.to_thread(self._translated, record.payload)
            refusals = await self._writer.write(payload.body)
        except BodyError as error:
            log.error("batch %d of the spool can't be read: %s", record.seq, error)
            self.tally.unreadable += 1
            return await self._bury_whole(record, f"can't be read: {error}")
        crashpoints.reached("drain.stored")
        if not refusals:
            return 0
        now = self._now()
        await self._bury([letter(record.seq, now, one.reason, one.values, one.text) for one in refusals])
        return sum(refusal.values for refusal in refusals)

    def _own(self, packed: bytes) -> Payload | None:
        """Return what a record carries, where it is of the store's form."""
        if not packed.startswith(f"{self._writer.form} ".encode()):
            return None
        return unpack(packed)

    def _translated(self, packed: bytes) -> Payload:
        """Return what a record of another form carries in the store's own. Raises BodyError."""
        payload = unpack(packed)
        if payload.form == self._writer.form:
            return payload
        return Payload(self._writer.form, payload.values, self._writer.encode(payload.samples()))

    async def _given_up(self, record: Record, error: StoreError) -> int | None:
        """Bury a batch that alone fails, for long, while others are stored; None where it is to be tried again."""
        stored, now_s = self._spool.tally.stored.batches, self._clock.monotonic()
        known = self._failed.setdefault(record.seq, _Failed(now_s, stored))
        if error.refused or error.retry_after_s is not None:
            return None
        known.tries += 1
        if known.tries < GIVEN_UP_TRIES or now_s - known.since_s < GIVEN_UP_AFTER_S:
            return None
        if stored - known.stored < GIVEN_UP_TRIES:
            return None
        del self._failed[record.seq]
        return await self._bury_whole(record, f"failed {known.tries} times while others were stored: {error}")

    async def _bury_whole(self, record: Record, reason: str) -> int:
        """Bury a batch; return how many values are dead, 1 where nobody can tell."""
        values = await asyncio.to_thread(values_of, record.payload)
        await self._bury([letter(record.seq, self._now(), reason, values, raw=record.payload)])
        return max(values, 1)

    async def _bury(self, letters: Sequence[Letter]) -> None:
        """Have dead letters on disk. Raises StoreError where that fails: the batch stays in the spool then."""
        log.error(
            "the store refused rows for good (%s); they are in %s: see noc spool dead-letters",
            *(letters[0].reason, self._letters.path),
        )
        async with self._letter_lock:
            try:
                await asyncio.to_thread(self._letters.add, letters)
            except OSError as error:
                raise StoreError(f"{self._letters.path}: dead letters can't be written: {error.strerror}") from error

    def _now(self) -> str:
        return self._clock.now().astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")

    def _works(self, seq: int) -> None:
        self._failed.pop(seq, None)
        self._wait_s = FIRST_WAIT_S
        if self.failing is not None:
            log.warning("the store takes samples again; %d batches wait", self._spool.queued)
        self.failing = None
        self.refused = False

    def _is_stuck(self, why: str) -> None:
        if self.failing is None:
            log.error("no samples are taken to the store: %s", why)
        self.failing = why

    def _fails(self, error: StoreError) -> None:
        self.tally.failures += 1
        if self.failing is None:
            log.error("the store takes no samples, they wait in the spool: %s", error)
        self.failing, self.refused = str(error), error.refused
