"""When a frame of a poller is acknowledged: when all that came of it survives, and the database says that it is there.

Transitions are in the ledger, samples in the spool, late results in theirs, events in their log; then the numbers of
the frames are written, and then the poller may forget them. Whoever is slow holds up what comes after: there is a bound
on what was taken and doesn't survive yet.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from noc.clock import Clock
from noc.model.instants import to_ms
from noc.state import pollers
from noc.state.database import Database, StateError

log = logging.getLogger(__name__)

EVERY_S: Final = 0.5
RETRY_AFTER_S: Final = 5.0
FRAMES_AT_MOST: Final = 4_096
OCTETS_AT_MOST: Final = 16 * 1024 * 1024
"""Of frames, compressed, that were taken and don't survive yet; beyond it the link isn't read."""


@dataclass(slots=True)
class Taken:
    """A frame that was taken. events: of it, that aren't on disk yet."""

    poller: str
    boot: str
    number: int
    octets: int
    events: int = 0


@dataclass(frozen=True, slots=True)
class Disks:
    """What is waited for, until all that was given to it survives. ranges: gives the numbers of a poller's boot that
    are stored, once `stored` was told of a frame.
    """

    database: Database
    survive: Sequence[Callable[[], Awaitable[None]]]
    stored: Callable[[Taken], None]
    ranges: Callable[[str, str], tuple[tuple[int, int], ...]]
    done: Callable[[], None]


class Settling:
    """A service. failing: why frames aren't acknowledged, one sentence; None while they are."""

    def __init__(self, clock: Clock, disks: Disks) -> None:
        self._clock = clock
        self._disks = disks
        self._taken: list[Taken] = []
        self._frames = 0
        self._octets = 0
        self._room = asyncio.Event()
        self._kept = asyncio.Event()
        self._task: asyncio.Task[None] | None = None
        self.stored = 0
        self.failing: str | None = None

    async def start(self) -> None:
        """Begin."""
        self._task = asyncio.create_task(self._run(), name="settling")

    async def stop(self) -> None:
        """End; what doesn't survive yet is not acknowledged, and comes again."""
        if self._task is not None:
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)
            self._task = None

    @property
    def waiting(self) -> int:
        """Return how many frames were taken and aren't acknowledged."""
        return self._frames

    @property
    def has_room(self) -> bool:
        """Return whether one more frame may be taken."""
        return self._frames < FRAMES_AT_MOST and self._octets < OCTETS_AT_MOST

    async def room(self) -> None:
        """Wait until one more frame may be taken."""
        while not self.has_room:
            self._room.clear()
            await self._room.wait()

    def put(self, frame: Taken) -> None:
        """Take a frame of which all was handed on."""
        self._taken.append(frame)
        self._frames += 1
        self._octets += frame.octets

    def kept(self, frame: Taken) -> None:
        """Say that an event of a frame is on disk."""
        frame.events -= 1
        self._kept.set()

    async def _run(self) -> None:
        while True:
            group, self._taken = self._taken, []
            if group:
                await self._settle(group)
            self._disks.done()
            await self._clock.sleep(EVERY_S)

    async def _settle(self, group: Sequence[Taken]) -> None:
        for survives in self._disks.survive:
            await survives()
        while any(frame.events > 0 for frame in group):
            self._kept.clear()
            await self._kept.wait()
        for frame in group:
            self._disks.stored(frame)
        boots = dict.fromkeys((frame.poller, frame.boot) for frame in group)
        await self._write({key: self._disks.ranges(*key) for key in boots})
        self.stored += len(group)
        self._frames -= len(group)
        self._octets -= sum(frame.octets for frame in group)
        self._room.set()

    async def _write(self, fresh: Mapping[tuple[str, str], tuple[tuple[int, int], ...]]) -> None:
        while True:
            try:
                async with self._disks.database.write() as connection:
                    await pollers.store(connection, fresh, to_ms(self._clock.now()))
            except StateError as error:
                if self.failing is None:
                    log.error("what pollers sent can't be acknowledged: %s", error)
                self.failing = str(error)
                await self._clock.sleep(RETRY_AFTER_S)
            else:
                self.failing = None
                return
