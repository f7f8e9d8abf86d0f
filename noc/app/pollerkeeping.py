"""What a poller does every few seconds beside its work: looks what waits, lets bases go, writes what it remembers."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable
from pathlib import Path
from typing import Final

from noc.app.pollerplan import write_whole
from noc.bus import messages
from noc.bus.batching import BASE_IDLE_S, Batching
from noc.bus.packing import PackingError
from noc.bus.remembered import EMPTY, Remembered
from noc.bus.sending import UPLINK
from noc.bus.shelf import Shelf
from noc.clock import Clock
from noc.model.instants import to_ms
from noc.service import Rounds
from noc.spool.spool import Spool

log = logging.getLogger(__name__)

FILE: Final = "remembered.json"
LOOK_EVERY_S: Final = 5.0
WRITE_EVERY_S: Final = 60.0


def remembered(state_dir: Path) -> Remembered:
    """Return what was remembered before a restart; nothing where that can't be read."""
    path = state_dir / FILE
    try:
        return messages.read(path.read_bytes(), Remembered)
    except FileNotFoundError:
        return EMPTY
    except (OSError, PackingError) as error:
        log.warning("%s: can't be read, the poller begins anew: %s", path, error)
        return EMPTY


class PollerKeeping:
    """A service. memory: gives what is to be remembered. oldest_ms: when the oldest frame was put that the centre
    hasn't got, as of the last look; None: there is none.
    """

    def __init__(
        self,
        state_dir: Path,
        clock: Clock,
        spool: Spool,
        shelf: Shelf,
        batching: Batching,
        memory: Callable[[], Remembered],
    ) -> None:
        self.oldest_ms: int | None = None
        self._path = state_dir / FILE
        self._clock = clock
        self._spool = spool
        self._shelf = shelf
        self._batching = batching
        self._memory = memory
        self._written_s = float("-inf")
        self._rounds = Rounds(clock, "poller's keeping", self._round)

    async def start(self) -> None:
        """Begin to look."""
        self._rounds.start()

    async def stop(self) -> None:
        """Write what is to be remembered."""
        await self._rounds.stop()
        await self._write()

    async def _round(self) -> float:
        try:
            await self._look()
        except OSError as error:
            log.error("the spool can't be looked at: %s", error.strerror or error)
        except Exception:  # the guard: a fault must not end the looking
            log.exception("the poller's keeping met a fault in noc")
        return LOOK_EVERY_S

    async def _look(self) -> None:
        self.oldest_ms = await self._spool.oldest_ms(UPLINK)
        idle_ms = to_ms(self._clock.now()) - int(BASE_IDLE_S * 1_000)
        for check in self._shelf.idle(idle_ms):
            self._batching.forget(check)
        await self._shelf.tidy(self.oldest_ms)
        if self._clock.monotonic() - self._written_s >= WRITE_EVERY_S:
            await self._write()

    async def _write(self) -> None:
        self._written_s = self._clock.monotonic()
        try:
            await asyncio.to_thread(write_whole, self._path, messages.written(self._memory()))
        except OSError as error:
            log.warning("%s: can't be written: %s", self._path, error.strerror or error)
