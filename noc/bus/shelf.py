"""The shelf: bases that frames on the disk differ from, until the centre has these frames.

A base travels in the first frame that needs it, and the poller forgets that frame when the centre has it. The frames
that come after need the base all the same: were the centre started again meanwhile, and the poller too, nobody could
read them. So each base is kept here, in files beside the spool of the frames, until the last frame that differs from it
is stored at the centre.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Collection, Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Final, TypeVar, TypeVarTuple

from noc import crashpoints
from noc.bus.bases import Base, from_whole, whole
from noc.bus.frames import Body, body_of, framed
from noc.bus.packing import Named, PackingError, Whole
from noc.clock import Clock
from noc.model.errors import StoreError
from noc.model.instants import to_ms
from noc.spool.payload import Payload, unpack
from noc.spool.record import Record
from noc.spool.segments import Segment, Segments
from noc.wire.columns import BodyError

log = logging.getLogger(__name__)

FORM: Final = "bases"
PARTS: Final = 8
"""A file has an eighth of the budget: it goes as one."""

RETRY_AFTER_S: Final = 1.0
WAITING_AT_MOST: Final = 4_096
"""Records that wait in memory while the disk can't be written."""

_NOBODY: Final = bytes(8)

T = TypeVar("T")
Arguments = TypeVarTuple("Arguments")


@dataclass(slots=True)
class _Kept:
    """A record of bases. open: how many of them are in use. used_ms: when a frame last differed from one."""

    digests: tuple[bytes, ...]
    used_ms: int
    open: int = 0


class Shelf:
    """A service. budget_bytes: of the folder; beyond it the oldest bases go, as the oldest frames do.

    failing: why bases wait in memory, one sentence; None while they reach the disk.
    """

    def __init__(self, folder: Path, clock: Clock, budget_bytes: int) -> None:
        self.folder = folder
        self.failing: str | None = None
        self._clock = clock
        self._budget_bytes = budget_bytes
        self._segments = Segments(folder, max(budget_bytes // PARTS, 1))
        self._kept: dict[int, _Kept] = {}
        self._at: dict[bytes, int] = {}
        self._used_by: dict[str, int] = {}
        self._waiting: dict[int, Record] = {}
        self._last = 0
        self._task: asyncio.Task[None] | None = None
        self._thread: ThreadPoolExecutor | None = None
        self._put = asyncio.Event()
        self._written = asyncio.Event()

    def __len__(self) -> int:
        return len(self._at)

    @property
    def size(self) -> int:
        """Return what the files take on the disk."""
        return self._segments.size

    async def start(self) -> None:
        """Take up what is there. Raises StoreError where the folder can't be used."""
        self._thread = ThreadPoolExecutor(max_workers=1, thread_name_prefix="shelf")
        now_ms = to_ms(self._clock.now())
        try:
            for seq, digests in await self._blocking(self._found_on_disk):
                self._note(seq, _Kept(digests, now_ms))
        except OSError as error:
            self._thread.shutdown()
            why = (error.strerror or str(error)).lower()
            raise StoreError(f"{self.folder}: can't be used: {why}; noc must own it, and there must be room") from error
        self._last = self._segments.last()
        self._task = asyncio.create_task(self._write_for_ever(), name="shelf")

    async def stop(self) -> None:
        """Write what was put, and close."""
        if self._task is not None and self.failing is None:
            await self.written()
        if self._task is not None:
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)
        if self._thread is not None:
            await self._blocking(self._segments.seal)
            self._thread.shutdown()
        self._task = self._thread = None

    def put(self, fresh: Sequence[tuple[str, Base]]) -> None:
        """Keep new bases, each with the check whose answers differ from it from now on. Returns at once."""
        self._last += 1
        now_ms = to_ms(self._clock.now())
        body = Body(tuple([whole(base) for _, base in fresh]))
        payload = Payload(FORM, len(fresh), framed(_NOBODY, 0, body)).pack()
        self._waiting[self._last] = Record(self._last, now_ms, payload)
        while len(self._waiting) > WAITING_AT_MOST:
            del self._waiting[next(iter(self._waiting))]
        self._note(self._last, _Kept(tuple(base.digest for _, base in fresh), now_ms, len(fresh)))
        for check, _ in fresh:
            self.forget(check)
            self._used_by[check] = self._last
        self._put.set()

    def used(self, checks: Iterable[str]) -> None:
        """Say that answers of these checks are put into a frame."""
        now_ms = to_ms(self._clock.now())
        for check in checks:
            kept = self._kept.get(self._used_by.get(check, 0))
            if kept is not None:
                kept.used_ms = now_ms

    def forget(self, check: str) -> None:
        """Say that no further answer of a check differs from the base that it has."""
        kept = self._kept.get(self._used_by.pop(check, 0))
        if kept is not None:
            kept.open -= 1

    def idle(self, before_ms: int) -> list[str]:
        """Return the checks that had their last answer before a moment."""
        used = ((check, self._kept.get(seq)) for check, seq in self._used_by.items())
        return [check for check, kept in used if kept is None or kept.used_ms < before_ms]

    async def written(self) -> None:
        """Wait until all that was put is on disk, or can't be: who waited for a full disk would keep it full."""
        last = self._last
        while self.failing is None and any(seq <= last for seq in self._waiting):
            self._written.clear()
            await self._written.wait()

    async def found(self, digests: Collection[bytes]) -> dict[bytes, Whole | Named]:
        """Return bases by digest, those that are here. Raises OSError."""
        wanted = {self._at[digest] for digest in digests if digest in self._at}
        waiting = [self._waiting[seq] for seq in wanted if seq in self._waiting]
        there = await self._blocking(self._read, wanted)
        return {
            digest: base
            for record in (*waiting, *there)
            for digest, base in _bases(record).items()
            if digest in digests
        }

    async def tidy(self, oldest_ms: int | None) -> None:
        """Let go what no frame needs. oldest_ms: when the oldest frame was put that the centre hasn't got; None: it has
        all. Raises OSError.
        """
        over = {
            seq
            for seq, kept in self._kept.items()
            if kept.open <= 0 and seq not in self._waiting and (oldest_ms is None or kept.used_ms < oldest_ms)
        }
        for seq in await self._blocking(self._let_go, over):
            kept = self._kept.pop(seq, None)
            for digest in () if kept is None else kept.digests:
                if self._at.get(digest) == seq:
                    del self._at[digest]

    def _note(self, seq: int, kept: _Kept) -> None:
        self._kept[seq] = kept
        for digest in kept.digests:
            self._at[digest] = seq

    async def _write_for_ever(self) -> None:
        while True:
            await self._put.wait()
            self._put.clear()
            records = list(self._waiting.values())
            if not records:
                continue
            crashpoints.reached("shelf.before-write")
            try:
                await self._blocking(self._segments.append, records, [0] * len(records))
            except OSError as error:
                text = f"{self.folder}: can't be written: {error.strerror or error}"
                if self.failing is None:
                    log.error("%s", text)
                self.failing = text
                self._written.set()
                await self._clock.sleep(RETRY_AFTER_S)
                self._put.set()
                continue
            self.failing = None
            crashpoints.reached("shelf.written")
            for record in records:
                self._waiting.pop(record.seq, None)
            self._written.set()

    async def _blocking(self, call: Callable[[*Arguments], T], *arguments: *Arguments) -> T:
        return await asyncio.get_running_loop().run_in_executor(self._thread, call, *arguments)

    # --- below: blocking, in the thread -----------------------------------------------------------------------------

    def _found_on_disk(self) -> list[tuple[int, tuple[bytes, ...]]]:
        self._segments.open()
        return [(record.seq, tuple(_bases(record))) for record in self._read(None)]

    def _read(self, wanted: Collection[int] | None) -> list[Record]:
        """Return records by number; None: all."""
        found: list[Record] = []
        for segment in self._segments.all:
            for entry in segment.entries():
                record = self._segments.read(segment, entry) if wanted is None or entry.seq in wanted else None
                if record is not None:
                    found.append(record)
        return found

    def _let_go(self, over: Collection[int]) -> list[int]:
        """Delete files that hold nothing else, and the oldest of what is over the budget; return whose bases went."""
        gone: list[int] = []
        for segment in list(self._segments.all):
            done = all(seq in over for seq in segment.seqs)
            if self._segments.size > self._budget_bytes or (done and self._may_go(segment)):
                if self._segments.is_current(segment):
                    self._segments.seal()
                gone += segment.seqs
                self._segments.delete(segment)
                crashpoints.reached("shelf.let-go")
        return gone

    def _may_go(self, segment: Segment) -> bool:
        """Return whether it is worth a new file: not while this one is short and still written to."""
        return not self._segments.is_current(segment) or segment.bytes > self._budget_bytes // PARTS // 4


def _bases(record: Record) -> dict[bytes, Whole | Named]:
    """Return the bases of a record by digest; none of one that can't be read."""
    try:
        body = body_of(unpack(record.payload).body)
        return {from_whole(one).digest: one for one in body.bases if isinstance(one, Whole)}  # none stands on another
    except (PackingError, BodyError, ValueError) as error:
        log.warning("bases of record %d can't be read: %s", record.seq, error)
        return {}
