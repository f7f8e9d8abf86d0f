"""The end of processes that noc starts beside itself."""

from __future__ import annotations

import asyncio
import contextlib
import os
import signal
from asyncio.subprocess import Process
from typing import Final

AT_ONCE: Final = 64 * 1024


async def ended(process: Process, *, group: bool = False) -> None:
    """Kill a process, and wait until it is gone. group: those that it started too; it leads a session of its own.

    `Process.wait` comes back when the pipes are closed, and of one that nobody reads no end is seen while it is full:
    so what was said is read, and forgotten.
    """
    with contextlib.suppress(ProcessLookupError):
        if group:
            os.killpg(process.pid, signal.SIGKILL)
        else:
            process.kill()
    pipes = (pipe for pipe in (process.stdout, process.stderr) if pipe is not None)
    await asyncio.gather(process.wait(), *(_emptied(pipe) for pipe in pipes))


async def _emptied(pipe: asyncio.StreamReader) -> None:
    # Another task that still reads it does the same; asyncio lets one alone.
    with contextlib.suppress(RuntimeError):
        while await pipe.read(AT_ONCE):
            pass
