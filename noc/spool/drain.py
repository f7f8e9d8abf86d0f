"""The drain: takes batches from the spool to the store, in order, for as long as it takes.

A store that is away is asked again, ever more rarely; what it refuses for good goes to the dead letters, a file that
people can read, and the rest goes on. Acknowledged only after the store has it: a batch may arrive twice, never never.
"""

from __future__ import annotations

import asyncio
import json
import logging
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

from noc.clock import Clock
from noc.model.errors import StoreError
from noc.model.ports import SeriesWriter
from noc.model.series import Refusal
from noc.spool.payload import Payload, unpack
from noc.spool.record import Record
from noc.spool.spool import Spool
from noc.wire.columns import BodyError

log = logging.getLogger(__name__)

BATCHES_AT_ONCE: Final = 64
FIRST_WAIT_S: Final = 1.0
LONGEST_WAIT_S: Final = 60.0
LONGEST_ASKED_WAIT_S: Final = 600.0
DEAD_LETTERS: Final = "dead-letters.jsonl"
DEAD_LETTERS_BYTES: Final = 16 * 1024 * 1024
"""Of the file; then it becomes `.old`, in place of the one before it."""


@dataclass(slots=True)
class DrainTally:
    """What became of batches: taken from the spool = stored, those with a refused row too, + unreadable."""

    stored: int = 0
    unreadable: int = 0
    values: int = 0
    refused_values: int = 0
    failures: int = 0


class Drain:
    """A service. writer: the store. folder: for the dead letters."""

    def __init__(self, spool: Spool, writer: SeriesWriter, clock: Clock, folder: Path) -> None:
        self._spool = spool
        self._writer = writer
        self._clock = clock
        self._dead_letters = folder / DEAD_LETTERS
        self._task: asyncio.Task[None] | None = None
        self.tally = DrainTally()
        self.failing: str | None = None
        """Why the store doesn't take anything at present; None while it does."""
        self.refused = False
        """Whether it answers, but refuses us (log-in, database): waiting won't help."""

    async def start(self) -> None:
        """Begin to take."""
        self._task = asyncio.create_task(self._run(), name="drain")

    async def stop(self) -> None:
        """End; what is not acknowledged stays in the spool."""
        if self._task is not None:
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)
            self._task = None

    async def _run(self) -> None:
        while True:
            try:
                await self._take()
            except OSError as error:
                self._is_stuck(f"the spool can't be read: {error.strerror or error}")
                await self._clock.sleep(LONGEST_WAIT_S)
            except Exception:  # the guard: a fault in one batch, or in a store, must not end the way of all others
                log.exception("the drain met a fault in noc, and tries again in %d s", LONGEST_WAIT_S)
                self._is_stuck("the drain met a fault in noc, see the log")
                await self._clock.sleep(LONGEST_WAIT_S)

    async def _take(self) -> None:
        """Take the oldest batches to the store. Raises OSError where the spool can't be read."""
        records = await self._spool.waiting(BATCHES_AT_ONCE)
        for record in records:
            payload = await self._fitting(record)
            if payload is not None:
                await self._store(payload)
        await self._spool.acknowledge(records[-1].seq)
        self._works()

    async def _fitting(self, record: Record) -> Payload | None:
        """Return what a record carries, in the form of the store; None where it can't be read."""
        try:
            payload = await asyncio.to_thread(self._translated, record.payload)
        except BodyError as error:
            self.tally.unreadable += 1
            log.error("batch %d of the spool can't be read and is left out: %s", record.seq, error)
            return None
        self.tally.stored += 1
        return payload

    def _translated(self, packed: bytes) -> Payload:
        """Raise BodyError where a body is none of its form. One of the store's own is for the store to read."""
        payload = unpack(packed)
        if payload.form == self._writer.form:
            return payload
        return Payload(self._writer.form, payload.values, self._writer.encode(payload.samples()))

    async def _store(self, payload: Payload) -> None:
        wait_s = FIRST_WAIT_S
        while True:
            try:
                refusals = await self._writer.write(payload.body)
            except BodyError as error:
                refusals = (Refusal("", f"can't be read: {error}", payload.values),)
            except StoreError as error:
                self._fails(error)
                asked_s = min(error.retry_after_s or 0.0, LONGEST_ASKED_WAIT_S)
                await self._clock.sleep(max(wait_s, asked_s))
                wait_s = min(2 * wait_s, LONGEST_WAIT_S)
                continue
            break
        self._works()
        refused = sum(refusal.values for refusal in refusals)
        self.tally.values += payload.values - refused
        self.tally.refused_values += refused
        if refusals:
            await asyncio.to_thread(self._bury, refusals, self._clock.now())

    def _works(self) -> None:
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

    def _bury(self, refusals: Sequence[Refusal], now: datetime) -> None:
        time = now.astimezone(UTC).isoformat().replace("+00:00", "Z")
        rows = [
            json.dumps({"time": time, "reason": refusal.reason, "rows": refusal.text}, ensure_ascii=False)
            for refusal in refusals
        ]
        log.error(
            "the store refused %d rows for good (%s); they are in %s",
            *(len(rows), refusals[0].reason, self._dead_letters),
        )
        try:
            self._dead_letters.parent.mkdir(parents=True, exist_ok=True)
            if self._dead_letters.exists() and self._dead_letters.stat().st_size > DEAD_LETTERS_BYTES:
                self._dead_letters.replace(self._dead_letters.with_suffix(".jsonl.old"))
            with self._dead_letters.open("a", encoding="utf-8", errors="replace") as file:
                file.write("\n".join(rows) + "\n")
        except OSError as error:
            log.error("%s: can't be written, the rows are lost: %s", self._dead_letters, error.strerror)
