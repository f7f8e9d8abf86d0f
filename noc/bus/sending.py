"""Sending: takes frames from the spool to the broker, and settles what the centre has stored.

What is new goes first, what tells of up and down before the rest; then the backlog, from the oldest. Nothing is
forgotten before the centre acknowledges it. Where it lacks a base it is sent that whole, and then again what needs it.
"""

from __future__ import annotations

import asyncio
import logging
from collections import deque
from collections.abc import Awaitable, Callable, Collection, Iterable, Sequence
from datetime import UTC
from typing import Final

from noc import crashpoints
from noc.bus.batching import WORDS, Batching
from noc.bus.flight import Flight, Frame
from noc.bus.frames import Body, framed
from noc.bus.messages import Acknowledged
from noc.bus.pacing import Pace
from noc.bus.packing import Named, PackingError, Whole
from noc.bus.shelf import Shelf
from noc.bus.stripping import needed, stripped
from noc.bus.topics import Word
from noc.clock import Clock
from noc.model.instants import to_ms
from noc.spool.letters import Letter, Letters, letter
from noc.spool.payload import unpack
from noc.spool.record import Record
from noc.spool.spool import Spool
from noc.wire.columns import BodyError
from noc.wire.errors import WireError

log = logging.getLogger(__name__)

UPLINK: Final = "uplink"
"""The consumer of the spool."""

NEW_AT_ONCE: Final = 16
OLD_AT_ONCE: Final = 4
BACKLOG_AFTER_MS: Final = 30_000
"""What is older is backlog, and leaves the newest their share of the link."""

BASES_AT_ONCE: Final = 32
"""Bases of one frame that answers for missing ones."""

RETRY_AFTER_S: Final = 5.0
DISK_PATIENCE_S: Final = 1.0

Publish = Callable[[Word, bytes], Awaitable[None]]
"""Sends a message. Raises WireError."""


class Sending:
    """A service. It sends while `allow` was called last, and not `forbid`. lost: readings whose base was gone."""

    def __init__(
        self, spool: Spool, shelf: Shelf, batching: Batching, pace: Pace, clock: Clock, publish: Publish
    ) -> None:
        self.flight = Flight()
        self.is_allowed = False
        self.lost = 0
        self.refused = 0
        self._spool = spool
        self._shelf = shelf
        self._batching = batching
        self._pace = pace
        self._clock = clock
        self._publish = publish
        self._letters = Letters(spool.folder)
        self._new: deque[Frame] = deque()
        self._old: deque[Frame] = deque()
        self._seen = 0
        self._changed = asyncio.Event()
        self._wanted = asyncio.Event()
        self._tasks: list[asyncio.Task[None]] = []
        self._under_way: set[asyncio.Task[None]] = set()
        self._bases_sent: dict[bytes, float] = {}

    async def start(self) -> None:
        """Begin to take frames from the spool."""
        self._tasks = [
            asyncio.create_task(self._guarded(self._take_for_ever), name="uplink takes"),
            asyncio.create_task(self._guarded(self._send_for_ever), name="uplink sends"),
        ]

    async def stop(self) -> None:
        """End; what isn't settled stays in the spool."""
        self.is_allowed = False
        for task in (*self._tasks, *self._under_way):
            task.cancel()
        await asyncio.gather(*self._tasks, *self._under_way, return_exceptions=True)
        self._tasks = []

    def allow(self) -> None:
        """Send: the link is there, and the centre answers."""
        if not self.is_allowed:
            self.is_allowed = True
            self._seen = max(self._seen, self._batching.seq - NEW_AT_ONCE)
            self.wake()

    async def forbid(self) -> None:
        """Send nothing more; what is under way goes back to the spool, and comes again."""
        self.is_allowed = False
        self.wake()
        back = [*self.flight.clear(), *self._new, *self._old]
        self._new.clear()
        self._old.clear()
        if back:
            await self._spool.release([frame.seq for frame in back], UPLINK)

    def wake(self) -> None:
        """Say that something has changed: a new frame, room on the link."""
        self._changed.set()
        self._wanted.set()

    async def acknowledged(self, said: Acknowledged) -> None:
        """Take what the centre says it has, lacks, or refuses. Raises OSError where the spool can't be read."""
        try:
            boot = bytes.fromhex(said.boot)
            missing = {bytes.fromhex(one) for one in said.missing}
        except ValueError:
            return  # of no boot of ours
        now_s = self._clock.monotonic()
        settled = {frame.seq: frame.dead for frame in self._gone(boot, said.stored, now_s)}
        for number, why in said.refused:
            for frame in self._gone(boot, [(number, number)], now_s):
                await self._bury(frame, f"the centre refuses it: {why[:200]}", frame.head.entries)
                self.refused += 1
                settled[frame.seq] = max(frame.head.entries + frame.dead, 1)
        if settled:
            crashpoints.reached("frame.acknowledged")
            await self._shelf.written()  # a base is on its shelf before the frame that carried it is forgotten
            crashpoints.reached("frame.shelved")
            await self._spool.settle(settled, UPLINK)
            crashpoints.reached("frame.settled")
        if missing:
            await self._give_bases(missing)
        self.wake()

    def _gone(self, boot: bytes, ranges: Sequence[tuple[int, int]], now_s: float) -> list[Frame]:
        """Return the frames that are taken or on the way and in these ranges; they are so no longer."""
        found = self.flight.acknowledged(boot, ranges, now_s)
        for queue in (self._new, self._old):
            for frame in list(queue):
                head = frame.head
                if head.boot == boot and any(first <= head.number <= last for first, last in ranges):
                    queue.remove(frame)
                    found.append(frame)
        return found

    # --- from the spool ---------------------------------------------------------------------------------------------

    async def _guarded(self, work: Callable[[], Awaitable[None]]) -> None:
        while True:
            try:
                await work()
            except OSError as error:
                log.error("no frames are sent: the spool can't be read: %s", error.strerror or error)
            except Exception:  # the guard: a fault in one frame must not end the way of all others
                log.exception("the uplink met a fault in noc, and tries again")
            await self._clock.sleep(RETRY_AFTER_S)

    async def _take_for_ever(self) -> None:
        while True:
            fresh = self._batching.seq - self._seen
            if fresh > 0 and not await self._is_on_disk(self._batching.seq):
                fresh = 0  # the disk can't be written: what is on it goes, which makes room
            at_most = min(NEW_AT_ONCE, fresh) if fresh > 0 else 0 if self._old or self._new else OLD_AT_ONCE
            has_room = self.flight.has_room() and len(self._new) < NEW_AT_ONCE
            if not (self._may_send() and has_room and at_most):
                self._wanted.clear()
                await self._wanted.wait()
                continue
            records = await self._spool.waiting(at_most, newest=fresh > 0, name=UPLINK)
            if not self._may_send():
                await self._spool.release([record.seq for record in records], UPLINK)
                continue
            self._seen = max(self._seen, *(record.seq for record in records))
            await self._queue(records)
            crashpoints.reached("frame.taken")
            self._changed.set()

    def _may_send(self) -> bool:
        return self.is_allowed

    async def _is_on_disk(self, seq: int) -> bool:
        try:
            async with asyncio.timeout(DISK_PATIENCE_S):
                await self._spool.durable(seq)
        except TimeoutError:
            return False
        return True

    async def _queue(self, records: Iterable[Record]) -> None:
        now_ms = to_ms(self._clock.now())
        for record in records:
            frame = await self._frame(record)
            if frame is not None:
                is_old = now_ms - frame.at_ms > BACKLOG_AFTER_MS
                (self._old if is_old else self._new).append(frame)

    async def _frame(self, record: Record) -> Frame | None:
        """Return the frame of a record; None where it is none, which is buried then."""
        try:
            payload = unpack(record.payload)
            frame = Frame(record.seq, record.time_ms, WORDS[payload.form], payload.body)
            if frame.head.number:
                return frame
            why = "it has no number"
        except (BodyError, PackingError, KeyError) as error:
            why = str(error)
        log.error("record %d of the spool is no frame: %s", record.seq, why)
        self._write_letter(letter(record.seq, self._now(), f"it is no frame: {why}", 1, raw=record.payload))
        await self._spool.settle({record.seq: 2**31}, UPLINK)
        return None

    # --- to the broker ----------------------------------------------------------------------------------------------

    async def _send_for_ever(self) -> None:
        while True:
            self._changed.clear()
            now_s = self._clock.monotonic()
            wait_s = self._work(now_s)
            if wait_s == 0:
                await asyncio.sleep(0)
                continue
            self._wanted.set()
            timer = None if wait_s is None else self._clock.call_later(wait_s, self._changed.set)
            await self._changed.wait()
            if timer is not None:
                timer.cancel()

    def _work(self, now_s: float) -> float | None:
        """Send one frame, where one may go; return in how many seconds there may be more to do, None: not by itself."""
        if not self.is_allowed:
            return None
        for frame in self.flight.due(now_s):
            self._send(frame, now_s)
        due_s = self.flight.next_due_s()
        until_due_s = None if due_s is None else max(due_s - now_s, 0.001)
        queue = self._new or self._old
        if not queue:
            return until_due_s
        frame = next((one for one in queue if one.word == "observations"), queue[0])
        if not self.flight.has_room(len(frame.octets)):
            return until_due_s
        wait_s = self._pace.wait_s(len(frame.octets), now_s, backlog=queue is self._old)
        if wait_s > 0:
            return wait_s if until_due_s is None else min(wait_s, until_due_s)
        queue.remove(frame)
        self._send(frame, now_s)
        return 0

    def _send(self, frame: Frame, now_s: float) -> None:
        self.flight.sent(frame, now_s)
        self._say(frame.word, frame.octets, now_s)

    def _say(self, word: Word, octets: bytes, now_s: float) -> None:
        self._pace.spend(len(octets), now_s)
        task = asyncio.create_task(self._published(word, octets), name="frame to the broker")
        self._under_way.add(task)
        task.add_done_callback(self._under_way.discard)

    async def _published(self, word: Word, octets: bytes) -> None:
        try:
            await self._publish(word, octets)
            crashpoints.reached("frame.published")
        except WireError as error:
            log.debug("a frame is sent again later: %s", error)

    # --- bases ------------------------------------------------------------------------------------------------------

    async def _give_bases(self, missing: Collection[bytes]) -> None:
        """Send bases whole, and once more what differs from them. What differs from one that is gone is dead."""
        now_s = self._clock.monotonic()
        recently_s = now_s - self.flight.patience_s / 2
        self._bases_sent = {digest: at_s for digest, at_s in self._bases_sent.items() if at_s > recently_s}
        wanted = set(missing) - self._bases_sent.keys()
        if not wanted:
            return
        self._bases_sent |= dict.fromkeys(wanted, now_s)
        found = await self._shelf.found(wanted)
        bases = list(found.values())
        for first in range(0, len(bases), BASES_AT_ONCE):
            self._say("samples", self._base_frame(bases[first : first + BASES_AT_ONCE]), now_s)
        crashpoints.reached("bases.said")
        for frame in list(self.flight.frames):
            needs = await asyncio.to_thread(needed, frame.octets) & wanted
            lost = needs - found.keys()
            if lost:
                await self._strip(frame, lost)
            if needs and self.is_allowed:
                self._send(frame, self._clock.monotonic())

    def _base_frame(self, bases: Sequence[Whole | Named]) -> bytes:
        return framed(self._batching.boot, self._batching.next(), Body(tuple(bases)))

    async def _strip(self, frame: Frame, lost: Collection[bytes]) -> None:
        left, gone = stripped(frame.octets, lost)
        await self._bury(frame, "it differs from a base that was shed", gone)
        self.lost += gone
        frame.octets, frame.dead = left, frame.dead + gone

    # --- dead letters -----------------------------------------------------------------------------------------------

    async def _bury(self, frame: Frame, why: str, entries: int) -> None:
        log.error(
            "frame %d of boot %s: %d entries are lost: %s", frame.head.number, frame.head.boot.hex(), entries, why
        )
        await asyncio.to_thread(
            self._write_letter, letter(frame.seq, self._now(), why, max(entries, 1), raw=frame.octets)
        )

    def _write_letter(self, one: Letter) -> None:
        try:
            self._letters.add([one])
        except OSError as error:
            log.error("%s: dead letters can't be written: %s", self._letters.path, error.strerror or error)

    def _now(self) -> str:
        return self._clock.now().astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
