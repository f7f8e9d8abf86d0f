"""The spool: batches go in at once, are on disk within a moment, and stay until their consumers have them.

Group commit: what was put since the last commit is made into bodies, written and synced together, in a thread. Every
batch that was put is stored, dead, shed or still queued; the tally says so.
"""

from __future__ import annotations

import asyncio
import errno
import logging
from collections import deque
from collections.abc import Callable, Iterable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Final, TypeVar, TypeVarTuple

from noc.clock import Clock, Timer
from noc.model.errors import StoreError
from noc.model.instants import to_ms
from noc.model.samples import Samples
from noc.spool.files import Files, HoldBack
from noc.spool.payload import Payload, count, packed, values_of
from noc.spool.record import MAX_PAYLOAD_BYTES, Record
from noc.spool.tally import Amount, Reason, Tally

log = logging.getLogger(__name__)

STORE: Final = "store"
"""The consumer that every spool has."""

COMMIT_EVERY_S: Final = 0.2
"""What is lost at most when the machine loses power; nothing that was put is lost when noc is killed after that."""

MEMORY_BYTES: Final = 64 * 1024 * 1024
"""Batches that wait in memory while the disk can't be written; then the oldest of them are shed."""

RETRY_AFTER_S: Final = 1.0
TIDY_EVERY_S: Final = 1.0
LOOK_EVERY_S: Final = 30.0
"""How often it is looked for segments that were held back long enough, where nothing else happens."""

_FULL: Final = (errno.ENOSPC, errno.EDQUOT)

T = TypeVar("T")
Arguments = TypeVarTuple("Arguments")


@dataclass(slots=True)
class _Put:
    """A batch that is not on disk yet. payload: None until it was made."""

    seq: int
    at_ms: int
    values: int
    batch: Sequence[Samples] = ()
    payload: bytes | None = None

    @property
    def size(self) -> int:
        return 0 if self.payload is None else len(self.payload)


class Spool:
    """A service. budget_bytes: of the folder; beyond it the oldest segments are shed.

    pack: makes payloads of batches, in a thread. failing: why batches wait in memory, one sentence; None while they
    reach the disk.
    """

    def __init__(
        self,
        folder: Path,
        clock: Clock,
        budget_bytes: int,
        *,
        pack: Callable[[Sequence[Samples]], bytes] = packed,
        hold_back: HoldBack | None = None,
        consumers: Sequence[str] = (STORE,),
    ) -> None:
        self.folder = folder
        self.budget_bytes = budget_bytes
        self._files = Files(folder, budget_bytes, hold_back or HoldBack(), consumers)
        self._clock = clock
        self._pack = pack
        self._pending: deque[_Put] = deque()
        self._pending_bytes = 0
        self._writing: Sequence[_Put] = ()
        self._skipped: list[int] = []
        self._last = 0
        self._durable = 0
        self._tidied_s = 0.0
        self._untidy: int | None = None
        """The error by which tidying up fails now, by its number; it is told once."""

        self._task: asyncio.Task[None] | None = None
        self._timer: Timer | None = None
        self._thread: ThreadPoolExecutor | None = None
        self._changed = asyncio.Event()
        self._committed = asyncio.Event()
        self._stopping = False
        self.failing: str | None = None

    def tally_of(self, name: str) -> Tally:
        """Return what became of what a consumer was to get."""
        return self._files.consumers[name].tally

    @property
    def tally(self) -> Tally:
        """Return what became of what the store was to get."""
        return self.tally_of(STORE)

    @property
    def queued(self) -> int:
        """Return how many batches wait for the store."""
        return self.tally.queued.batches

    @property
    def size(self) -> int:
        """Return what all segments take on disk, those that are held back too."""
        return self._files.segments.size

    async def start(self) -> None:
        """Open the folder and take up where the last process ended. Raises StoreError when it can't be used."""
        # One thread: files, indexes and cursors are touched by one call at a time.
        self._thread = ThreadPoolExecutor(max_workers=1, thread_name_prefix="spool")
        try:
            await self._blocking(self._files.open)
        except OSError as error:
            self._thread.shutdown()
            self._thread = None
            place, why = error.filename or self.folder, (error.strerror or str(error)).lower()
            raise StoreError(
                f"{place}: the spool can't be used: {why}; noc must own it, and there must be room"
            ) from error
        self._last = self._durable = self._files.last
        self._stopping = False
        self._task = asyncio.create_task(self._commit_for_ever(), name="spool")

    async def stop(self) -> None:
        """Commit what was put, and close."""
        self._stopping = True
        self._changed.set()
        if self._task is not None:
            await self._task
            self._task = None
        if self._timer is not None:
            self._timer.cancel()
        if self._thread is not None:
            if self._pending:
                log.error("%s: %d batches could not be written and are lost", self.folder, len(self._pending))
            try:
                await self._blocking(self._files.close)
            except OSError as error:
                self._tell_untidy(error)
            self._thread.shutdown()
            self._thread = None

    def put(self, payload: bytes) -> int:
        """Take a payload and return its number. Returns at once; `durable` tells when it is on disk.

        A payload that is larger than a record may be is shed.
        """
        return self._put(values_of(payload), payload=payload)

    def take(self, batch: Sequence[Samples]) -> int:
        """Take a batch, of which the payload is still to be made, and return its number. As `put`."""
        return self._put(count(batch), batch)

    def _put(self, values: int, batch: Sequence[Samples] = (), payload: bytes | None = None) -> int:
        self._last += 1
        for consumer in self._files.consumers.values():
            consumer.tally.given.add(values)
        entry = _Put(self._last, to_ms(self._clock.now()), values, batch, payload)
        if entry.size > MAX_PAYLOAD_BYTES:
            self._shed(entry, "size")
        else:
            self._pending.append(entry)
            self._pending_bytes += entry.size
            self._keep_memory()
        self._changed.set()
        return self._last

    def _shed(self, entry: _Put, reason: Reason) -> None:
        if reason == "size":
            log.error("batch %d of %d bytes is more than the spool takes, and is shed", entry.seq, entry.size)
        for consumer in self._files.consumers.values():
            consumer.tally.sheds[reason].add(entry.values)
        self._skipped.append(entry.seq)

    def _keep_memory(self) -> None:
        while self._pending_bytes > MEMORY_BYTES and len(self._pending) > 1:
            oldest = self._pending.popleft()
            self._pending_bytes -= oldest.size
            self._shed(oldest, "memory")

    async def durable(self, number: int) -> None:
        """Wait until the batch of this number is on disk."""
        while self._durable < number:
            self._committed.clear()
            await self._committed.wait()

    async def waiting(self, at_most: int, *, newest: bool = False, name: str = STORE) -> list[Record]:
        """Give a consumer batches that are on disk, the oldest or the newest, in order; waits until there is one.

        They are under way until `settle` or `release`. Raises OSError where they can't be read.
        """
        while True:
            self._committed.clear()
            found = await self._blocking(lambda: self._files.window(name, at_most, newest=newest))
            if found:
                return found
            await self._committed.wait()

    async def settle(self, dead: Mapping[int, int], name: str = STORE) -> None:
        """Say that a consumer has batches. dead: by number, how many values of each it will never take.

        Within a second that is on disk, and they are not given again after a restart.
        """
        await self._blocking(self._files.settle, name, dead)
        self._changed.set()

    async def release(self, numbers: Sequence[int], name: str = STORE) -> None:
        """Take back batches that were given, to be given again."""
        await self._blocking(self._files.release, name, numbers)
        self._committed.set()

    async def replay(self, since_ms: int, until_ms: int, name: str = STORE) -> Amount:
        """Have what was put in `[since, until)` given again, as far as it is still there. Raises OSError."""
        amount = await self._blocking(self._files.replay, name, since_ms, until_ms)
        self._committed.set()
        return amount

    async def looked_through(self, since_ms: int, look: Callable[[Record], Iterable[T]]) -> list[T]:
        """Return what `look` finds in each batch on disk that was put since then, in order; nothing changes.

        look: is called in a thread. Raises OSError.
        """
        return await self._blocking(lambda: [one for record in self._files.since(since_ms) for one in look(record)])

    async def recounted(self, name: str = STORE) -> Amount:
        """Return what waits for a consumer, counted one by one, in memory and on disk: the proof of `tally.queued`.

        While batches come and go it is of a moment that is over.
        """
        in_memory = (*self._writing, *self._pending)
        amount, last = await self._blocking(lambda: (self._files.recount(name), self._files.last))
        for entry in in_memory:
            if entry.seq > last:
                amount.add(entry.values)
        return amount

    async def oldest_ms(self, name: str = STORE) -> int | None:
        """Return when the oldest batch was put that waits on disk; None for none."""
        return await self._blocking(self._files.oldest_ms, name)

    async def _blocking(self, call: Callable[[*Arguments], T], *arguments: *Arguments) -> T:
        return await asyncio.get_running_loop().run_in_executor(self._thread, call, *arguments)

    async def _commit_for_ever(self) -> None:
        while not self._stopping or (self._pending and self.failing is None):
            await self._changed.wait()
            self._changed.clear()
            if not self._stopping:
                await self._clock.sleep(COMMIT_EVERY_S if self.failing is None else RETRY_AFTER_S)
            await self._commit()
            await self._tidy()

    async def _commit(self) -> None:
        group, self._pending = list(self._pending), deque()
        self._pending_bytes = 0
        self._writing = group
        skipped, self._skipped = self._skipped, []
        if not group and not skipped:
            return
        try:
            faults = await self._blocking(self._write, group, skipped)
        except OSError as error:
            self._wait_with(group, skipped, error.strerror or str(error))
            return
        except Exception:  # the guard: whatever it is, what was put is not forgotten, and is tried again
            if self.failing is None:
                log.exception("%s: a fault in noc", self.folder)
            self._wait_with(group, skipped, "a fault in noc, see the log")
            return
        self._writing = ()
        for entry in faults:
            self._shed(entry, "fault" if entry.payload is None else "size")
        if self.failing is not None:
            log.warning("%s: is written again", self.folder)
        self.failing = None
        # What was shed meanwhile is waited for no longer.
        self._durable = max(self._durable, *skipped, *(entry.seq for entry in group))
        self._committed.set()

    def _wait_with(self, group: Sequence[_Put], skipped: Sequence[int], why: str) -> None:
        """Put a group back that could not be written, with what was shed beside it: it is tried again."""
        text = f"{self.folder}: can't be written, batches wait in memory: {why}"
        if self.failing is None:
            log.error("%s", text)
        self.failing = text
        self._writing = ()
        self._skipped[:0] = skipped
        self._pending.extendleft(reversed(group))
        self._pending_bytes = sum(entry.size for entry in self._pending)
        self._keep_memory()
        self._changed.set()

    async def _tidy(self) -> None:
        """Keep the cursors, and what may go or must; at most once a second."""
        now_s = self._clock.monotonic()
        wait_s = self._tidied_s + TIDY_EVERY_S - now_s
        if wait_s <= 0 or self._stopping:
            self._tidied_s, wait_s = now_s, LOOK_EVERY_S
            try:
                await self._blocking(self._files.tidy, now_s)
                self._tell_tidy()
            except OSError as error:
                self._tell_untidy(error)
            except Exception:  # the guard: batches must go on to the disk
                log.exception("%s: can't be tidied up by a fault in noc", self.folder)
        if self._timer is not None:
            self._timer.cancel()
        self._timer = self._clock.call_later(wait_s, self._changed.set)

    def _tell_untidy(self, error: OSError) -> None:
        # Nothing is lost: after a crash, what was acknowledged since is given a second time.
        if self._untidy != error.errno:
            log.warning("%s: the places of its readers can't be kept: %s", self.folder, error.strerror)
        self._untidy = error.errno

    def _tell_tidy(self) -> None:
        if self._untidy is not None:
            log.warning("%s: the places of its readers are kept again", self.folder)
        self._untidy = None

    # --- below: blocking, in the thread -----------------------------------------------------------------------------

    def _write(self, group: Sequence[_Put], skipped: Sequence[int]) -> list[_Put]:
        """Write a group; return what can't be. Raises OSError."""
        faults = [entry for entry in group if not self._made(entry)]
        whole = [entry for entry in group if entry not in faults]
        records = [Record(entry.seq, entry.at_ms, entry.payload or b"") for entry in whole]
        if records:
            values = [entry.values for entry in whole]
            try:
                self._files.append(records, values)
            except OSError as error:
                if error.errno not in _FULL or not self._made_room():
                    raise
                self._files.append(records, values)
        # Behind what was written: a number that is higher than that of a batch in memory would say that it is on disk.
        for seq in skipped:
            self._files.skip(seq)
        return faults

    def _made(self, entry: _Put) -> bool:
        """Make the payload of a batch; False where that fails."""
        if entry.payload is None:
            try:
                entry.payload = self._pack(entry.batch)
            except Exception:  # the guard: a fault in one batch must not end the way of all others
                log.exception("batch %d can't be written by a fault in noc, and is shed", entry.seq)
                return False
            entry.batch = ()
        return len(entry.payload) <= MAX_PAYLOAD_BYTES

    def _made_room(self) -> bool:
        """Let all go that is only held back, for the disk is full; return whether anything went."""
        before = self._files.segments.size
        try:
            self._files.make_room()
        except OSError as error:
            self._tell_untidy(error)
        return self._files.segments.size < before


def packer(form: str, encode: Callable[[Sequence[Samples]], bytes]) -> Callable[[Sequence[Samples]], bytes]:
    """Return what makes payloads of a store's own form."""
    return lambda batch: Payload(form, count(batch), encode(batch)).pack()
