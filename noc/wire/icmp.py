"""ICMP echo: the one door to gufo-ping, in a process of its own, so that a busy loop can't bend round-trip times.

The parent talks to the child (`noc/wire/pinger.py`) over its standard input and output, one JSON object a line.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import logging
import sys
from dataclasses import dataclass

from noc.model.errors import NocError

log = logging.getLogger(__name__)

RESTART_AFTER_S = 1.0
RESTARTS_AT_MOST = 5
"""Restarts of a child that dies again and again; then bursts fail with PingerError until the service is restarted."""

MAX_LINE_BYTES = 64 * 1024


class PingerError(NocError):
    """The pinger itself does not work. That is no evidence of any device."""


@dataclass(frozen=True, slots=True)
class Burst:
    """What to send: `count` echo requests, `gap_s` apart; each waits `timeout_s` for its reply."""

    address: str
    count: int = 3
    gap_s: float = 0.2
    timeout_s: float = 2.0


class Pinger:
    """Sends bursts through the child process.

    wanted: there is something to ping, and `start` sees to it that it can. Else there is no process, and no rights are
    needed, until the first burst.
    """

    def __init__(self, *, wanted: bool = True) -> None:
        self._wanted = wanted
        self._spawning = asyncio.Lock()
        self._process: asyncio.subprocess.Process | None = None
        self._reading: asyncio.Task[None] | None = None
        self._bursts: dict[int, asyncio.Future[tuple[float | None, ...]]] = {}
        self._number = 0
        self._restarts = 0
        self._stopping = True

    async def start(self) -> None:
        """Start the child, if it is wanted. Raises PingerError when it may not send ICMP."""
        self._stopping = False
        if not self._wanted:
            return
        try:
            await self.burst(Burst("127.0.0.1", count=1, timeout_s=1.0))
        except PingerError:
            await self.stop()
            raise

    async def stop(self) -> None:
        """Stop the child; bursts under way fail with PingerError."""
        self._stopping = True
        process, self._process = self._process, None
        if process is not None and process.returncode is None:
            with contextlib.suppress(ProcessLookupError):
                process.terminate()
            await process.wait()
        if self._reading is not None:
            await self._reading
            self._reading = None

    async def burst(self, burst: Burst) -> tuple[float | None, ...]:
        """Return the round-trip time of each request in seconds, None for one without a reply in time.

        Raises PingerError when the child is not there or says why it can't.
        """
        async with self._spawning:
            if self._process is None and not self._stopping and self._restarts == 0:
                await self._spawn()
        process = self._process
        if process is None or process.stdin is None:
            raise PingerError("the pinger is not running")
        self._number += 1
        number = self._number
        answer: asyncio.Future[tuple[float | None, ...]] = asyncio.get_running_loop().create_future()
        self._bursts[number] = answer
        try:
            request = [number, burst.address, burst.count, burst.gap_s, burst.timeout_s]
            process.stdin.write(json.dumps(request).encode() + b"\n")
            await process.stdin.drain()
            return await answer
        except (BrokenPipeError, ConnectionResetError) as error:
            raise PingerError("the pinger has died") from error
        finally:
            self._bursts.pop(number, None)

    async def _spawn(self) -> None:
        self._process = await asyncio.create_subprocess_exec(
            sys.executable,
            "-m",
            "noc.wire.pinger",
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
            limit=MAX_LINE_BYTES,
        )
        self._reading = asyncio.create_task(self._read(self._process), name="pinger answers")

    async def _read(self, process: asyncio.subprocess.Process) -> None:
        if process.stdout is None:
            return
        async for line in process.stdout:
            self._take(line)
        await process.wait()
        for answer in self._bursts.values():
            if not answer.done():
                answer.set_exception(PingerError("the pinger has died"))
        if self._stopping:
            return
        self._process = None
        self._restarts += 1
        if self._restarts > RESTARTS_AT_MOST:
            log.error("the pinger died %d times and is left alone: nothing is probed by ICMP", self._restarts)
            return
        log.warning("the pinger died (exit %s) and is started again", process.returncode)
        await asyncio.sleep(RESTART_AFTER_S)
        if not self._stopping:
            await self._spawn()

    def _take(self, line: bytes) -> None:
        number, rtts, reason = json.loads(line)
        answer = self._bursts.get(number)
        if answer is None or answer.done():
            return
        if reason is not None:
            answer.set_exception(PingerError(reason))
        else:
            self._restarts = 0
            answer.set_result(tuple(rtts))
