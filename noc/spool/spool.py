"""The spool: batches go in at once, are on disk within a moment, and stay until their reader has acknowledged them.

Group commit: what was put since the last commit is written and synced together, in a thread. Every batch that was put
is stored (acknowledged), shed (the byte budget, or memory while the disk is full) or still queued; the tally says so.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import os
from collections import deque
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Final, TypeVar, TypeVarTuple

from noc.clock import Clock
from noc.model.errors import StoreError
from noc.model.instants import to_ms
from noc.spool.record import MAX_PAYLOAD_BYTES, Damage, Record
from noc.spool.segments import Segment, Segments, sync_folder

log = logging.getLogger(__name__)

COMMIT_EVERY_S: Final = 0.2
"""What is lost at most when the machine loses power; nothing that was put is lost when noc is killed after that."""

MEMORY_BYTES: Final = 64 * 1024 * 1024
"""Batches that wait in memory while the disk can't be written; then the oldest of them are shed."""

RETRY_AFTER_S: Final = 1.0
CURSOR: Final = "cursor"

T = TypeVar("T")
Arguments = TypeVarTuple("Arguments")


@dataclass(slots=True)
class SpoolTally:
    """Batches since the spool was opened. found + given = stored + shed + queued.

    found: queued on disk when it was opened.
    """

    found: int = 0
    given: int = 0
    stored: int = 0
    shed: int = 0
    damaged: int = 0


class Spool:
    """A service with one reader. budget_bytes: of the folder; beyond it the oldest segments are shed."""

    def __init__(self, folder: Path, clock: Clock, budget_bytes: int) -> None:
        self._segments = Segments(folder)
        self._clock = clock
        self._budget_bytes = budget_bytes
        self._pending: deque[Record] = deque()
        self._pending_bytes = 0
        self._last = 0
        self._durable = 0
        self._acknowledged = 0
        self._task: asyncio.Task[None] | None = None
        self._thread: ThreadPoolExecutor | None = None
        self._changed = asyncio.Event()
        self._committed = asyncio.Event()
        self._stopping = False
        self.failing: str | None = None
        """Why batches wait in memory, one sentence; None while they reach the disk."""
        self.tally = SpoolTally()

    async def _blocking(self, call: Callable[[*Arguments], T], *arguments: *Arguments) -> T:
        return await asyncio.get_running_loop().run_in_executor(self._thread, call, *arguments)

    @property
    def queued(self) -> int:
        """Return how many batches were put and are neither acknowledged nor shed."""
        tally = self.tally
        return tally.found + tally.given - tally.stored - tally.shed

    async def start(self) -> None:
        """Open the folder and take up where the last process ended. Raises StoreError when it can't be used."""
        # One thread: files and the list of segments are touched by one call at a time.
        self._thread = ThreadPoolExecutor(max_workers=1, thread_name_prefix="spool")
        try:
            self._last = await self._blocking(self._segments.open)
            self._acknowledged = await self._blocking(self._read_cursor)
            self._last = max(self._last, self._acknowledged)
            self._durable = self._last
            self.tally.found = await self._blocking(self._count_waiting)
        except OSError as error:
            self._thread.shutdown()
            self._thread = None
            place = error.filename or self._segments.folder
            why = (error.strerror or str(error)).lower()
            raise StoreError(
                f"{place}: the spool can't be used: {why}; noc must own it, and there must be room"
            ) from error
        self._stopping = False
        self._task = asyncio.create_task(self._commit_for_ever(), name="spool")

    async def stop(self) -> None:
        """Commit what was put, and close."""
        self._stopping = True
        self._changed.set()
        if self._task is not None:
            await self._task
            self._task = None
        if self._thread is not None:
            await self._blocking(self._segments.seal)
            self._thread.shutdown()
            self._thread = None

    def put(self, payload: bytes) -> int:
        """Take a batch and return its number. Returns at once; `durable` tells when it is on disk.

        A batch that is larger than a record may be is shed.
        """
        if len(payload) > MAX_PAYLOAD_BYTES:
            log.error("a batch of %d bytes is more than the spool takes, and is shed", len(payload))
            self.tally.given += 1
            self.tally.shed += 1
            return self._last
        self._last += 1
        at_ms = to_ms(self._clock.now())
        self._pending.append(Record(self._last, at_ms, payload))
        self._pending_bytes += len(payload)
        self.tally.given += 1
        self._keep_memory()
        self._changed.set()
        return self._last

    def _keep_memory(self) -> None:
        while self._pending_bytes > MEMORY_BYTES and len(self._pending) > 1:
            self._pending_bytes -= len(self._pending.popleft().payload)
            self.tally.shed += 1

    async def durable(self, number: int) -> None:
        """Wait until the batch of this number is on disk."""
        while self._durable < number:
            self._committed.clear()
            await self._committed.wait()

    async def waiting(self, at_most: int) -> list[Record]:
        """Return the oldest batches that are on disk and not acknowledged; waits until there is one."""
        while True:
            self._committed.clear()
            found = await self._blocking(self._oldest, at_most)
            if found:
                return found
            await self._committed.wait()

    async def acknowledge(self, number: int) -> None:
        """Say that all batches up to this number have arrived; they are not given again, also after a restart."""
        if number <= self._acknowledged:
            return
        self.tally.stored += await self._blocking(self._advance, number)

    async def _commit_for_ever(self) -> None:
        while not self._stopping or (self._pending and self.failing is None):
            await self._changed.wait()
            self._changed.clear()
            if not self._stopping:
                await self._clock.sleep(COMMIT_EVERY_S if self.failing is None else RETRY_AFTER_S)
            await self._commit()

    async def _commit(self) -> None:
        group, self._pending = self._pending, deque()
        group_bytes, self._pending_bytes = self._pending_bytes, 0
        if not group:
            return
        try:
            await self._blocking(self._segments.append, list(group))
        except OSError as error:
            why = f"{self._segments.folder}: can't be written, batches wait in memory: {error.strerror}"
            if self.failing is None:
                log.error("%s", why)
            self.failing = why
            self._pending.extendleft(reversed(group))
            self._pending_bytes += group_bytes
            self._keep_memory()
            self._changed.set()
            return
        if self.failing is not None:
            log.warning("%s: is written again", self._segments.folder)
        self.failing = None
        self._durable = group[-1].seq
        self._committed.set()
        try:
            self.tally.shed += await self._blocking(self._keep_budget)
        except OSError as error:
            log.error("%s: what is over the budget can't be shed: %s", self._segments.folder, error.strerror)

    # --- below: blocking, in a thread -------------------------------------------------------------------------------

    def _oldest(self, at_most: int) -> list[Record]:
        found: list[Record] = []
        for segment in list(self._segments.all):
            if self._behind(segment):
                continue
            with contextlib.suppress(FileNotFoundError):  # shed meanwhile
                for record in self._segments.read(segment, self._acknowledged):
                    if record.seq <= self._durable:
                        found.append(record)
                    if len(found) >= at_most:
                        return found
        return found

    def _behind(self, segment: Segment) -> bool:
        """Return whether all of a segment is acknowledged: the next one begins below the cursor."""
        position = self._segments.all.index(segment)
        following = self._segments.all[position + 1 : position + 2]
        end = following[0].first - 1 if following else self._last
        return end <= self._acknowledged

    def _advance(self, number: int) -> int:
        """Move the cursor; return how many batches it passed."""
        passed = 0
        for segment in list(self._segments.all):
            if not self._behind(segment):
                passed += sum(record.seq <= number for record in self._segments.read(segment, self._acknowledged))
        self._acknowledged = number
        try:
            self._write_cursor()
        except OSError as error:
            # Nothing is lost: after a crash, what was acknowledged since is given a second time.
            log.warning("%s: the place of the reader can't be kept: %s", self._segments.folder, error.strerror)
        for segment in list(self._segments.all):
            if self._behind(segment) and not self._segments.is_current(segment):
                self._segments.delete(segment)
        return passed

    def _keep_budget(self) -> int:
        shed = 0
        while sum(segment.bytes for segment in self._segments.all) > self._budget_bytes:
            oldest = self._segments.all[0]
            if self._segments.is_current(oldest):
                break
            shed += sum(1 for _ in self._segments.read(oldest, self._acknowledged))
            self._segments.delete(oldest)
        if shed:
            log.warning("%s: over its budget, the %d oldest batches were shed", self._segments.folder, shed)
        return shed

    def _count_waiting(self) -> int:
        waiting = 0
        for segment in self._segments.all:
            for entry in self._segments.entries(segment):
                if isinstance(entry, Damage):
                    self.tally.damaged += 1
                    log.warning("%s: %d bytes at %d are damaged", segment.path, entry.length, entry.offset)
                elif entry.seq > self._acknowledged:
                    waiting += 1
        return waiting

    def _read_cursor(self) -> int:
        path = self._segments.folder / CURSOR
        try:
            return int(path.read_text())
        except FileNotFoundError:
            return 0
        except ValueError:
            log.warning("%s: is damaged; batches that arrived already are sent once more", path)
            return 0

    def _write_cursor(self) -> None:
        path = self._segments.folder / CURSOR
        fresh = path.with_suffix(".new")
        with fresh.open("w") as file:
            file.write(str(self._acknowledged))
            file.flush()
            os.fsync(file.fileno())
        fresh.replace(path)
        sync_folder(self._segments.folder)
