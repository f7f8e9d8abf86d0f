"""Gives the charts of the demo a past: a process tells what noc would have read, and it goes into the spool.

From there it goes the way of all numbers. It passes neither ledger nor rules: what is told of the past is told by the
ledger of the demo. It goes slowly where the spool has more to do, and begins when the pages are there. What was told is
written down, so that a demo that was ended meanwhile, and goes on from its folder, tells the rest.
"""

from __future__ import annotations

import asyncio
import json
import logging
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Final

from noc.app.demopastkept import PastKept
from noc.clock import Clock
from noc.model.counting import counted
from noc.model.samples import Samples
from noc.pipeline.circuituse import CircuitUse
from noc.processes import ended
from noc.simulator.pastrun import Spent
from noc.spool.payload import unpack
from noc.spool.spool import Spool

log = logging.getLogger(__name__)

TAKES_AT_MOST_S: Final = 900.0
WAITING_AT_MOST: Final = 8
"""Batches of the spool; while more wait for the store, the past does."""

WAIT_S: Final = 0.2
LARGEST_BYTES: Final = 16 * 1024 * 1024
DEVICE: Final = "device"
_ERROR_BYTES: Final = 4096


class PastNumbers:
    """A service. arguments: file of the world's. before: what was told already; kept: keeps what is. uses: is told how
    full circuits were. tell: is given progress.
    """

    def __init__(
        self,
        arguments: Path,
        before: Spent,
        kept: PastKept,
        spool: Spool,
        uses: CircuitUse,
        clock: Clock,
        tell: Callable[[str], None],
    ) -> None:
        self._arguments = arguments
        self._spent = before
        self._kept = kept
        self._spool = spool
        self._uses = uses
        self._clock = clock
        self._tell = tell
        self._task: asyncio.Task[None] | None = None
        self.polls = 0
        self.devices = 0

    async def start(self) -> None:
        """Begin, in the background."""
        self._task = asyncio.create_task(self._run(), name="past numbers")

    async def stop(self) -> None:
        """End; what was told stays."""
        if self._task is not None:
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)
            self._task = None

    async def _run(self) -> None:
        try:
            await asyncio.to_thread(self._kept.keep, self._spent)
            process = await asyncio.create_subprocess_exec(
                *(sys.executable, "-m", "noc.simulator.pastrun", str(self._arguments)),
                json.dumps(self._spent._asdict()),
                stdin=asyncio.subprocess.DEVNULL,
                stdout=asyncio.subprocess.PIPE,
                stderr=asyncio.subprocess.PIPE,
            )
        except OSError as error:
            log.warning("the charts have no past: %s", error.strerror or error)
            return
        try:
            async with asyncio.timeout(TAKES_AT_MOST_S):
                await self._take(process)
            await asyncio.to_thread(self._kept.keep, self._spent, through=True)
        except TimeoutError:
            log.info("the charts' past took more than %g s, and ends here", TAKES_AT_MOST_S)
        except (OSError, ValueError, asyncio.IncompleteReadError) as error:
            log.warning("the charts' past ends early: %s", error)
        finally:
            await ended(process)
        if self.polls:
            self._tell(f"charts have a past: {self.polls:,} polls of {counted(self.devices, 'device')} were told")

    async def _take(self, process: asyncio.subprocess.Process) -> None:
        """Take frames until there are no more. Raises ValueError for what is none, and IncompleteReadError."""
        if process.stdout is None or process.stderr is None:
            raise ValueError("the process has no pipes")
        while line := await process.stdout.readline():
            head = json.loads(line)
            size = int(head["bytes"])
            if not 0 < size <= LARGEST_BYTES:
                raise ValueError(f"a frame of {size} bytes")
            payload = await process.stdout.readexactly(size)
            if head["uses"]:
                for one in await asyncio.to_thread(_samples, payload):
                    self._uses.take(one.tags[0][one.tag_keys.index(DEVICE)], (one,))
                continue
            while self._spool.queued > WAITING_AT_MOST:
                await self._clock.sleep(WAIT_S)
            self._spool.put(payload)
            self.polls, self.devices = int(head["polls"]), int(head["devices"])
            self._spent = Spent(int(head["waves"]), int(head["numbers"]), float(head["cpu_s"]))
            await asyncio.to_thread(self._kept.keep, self._spent)
        said = (await process.stderr.read(_ERROR_BYTES)).decode(errors="replace").strip()
        if await process.wait():
            raise ValueError(said or f"exit {process.returncode}")


def _samples(payload: bytes) -> list[Samples]:
    """Return what a payload holds. Raises ValueError."""
    return unpack(payload).samples()
