"""Processes of ours are gone when they were ended, whatever they had still to say."""

from __future__ import annotations

import asyncio
import subprocess
import sys
from asyncio.subprocess import PIPE, Process

from noc.processes import ended

FLOOD = "import sys\nwhile True: sys.stdout.write('x' * 65536); sys.stderr.write('y' * 65536)"


async def flooding() -> Process:
    """Return a process whose output nobody reads: the first of it is more than the buffer here takes."""
    command = (sys.executable, "-c", FLOOD)
    process = await asyncio.create_subprocess_exec(*command, stdout=PIPE, stderr=PIPE, limit=1024)
    assert process.stdout is not None
    assert process.stderr is not None
    await process.stdout.readexactly(1)
    await process.stderr.readexactly(1)
    return process


async def test_one_whose_output_nobody_reads_is_ended() -> None:
    process = await flooding()
    async with asyncio.timeout(10):
        await ended(process)
    assert process.returncode == -9


async def test_one_that_somebody_reads_is_ended() -> None:
    process = await asyncio.create_subprocess_exec(sys.executable, "-c", "input()", stdin=PIPE, stdout=PIPE)
    assert process.stdout is not None
    reading = asyncio.create_task(process.stdout.read())
    await asyncio.sleep(0)
    async with asyncio.timeout(10):
        await ended(process)
        assert await reading == b""


async def test_one_that_has_ended_stays_as_it_is() -> None:
    process = await asyncio.create_subprocess_exec(sys.executable, "-c", "raise SystemExit(3)", stdout=PIPE)
    async with asyncio.timeout(20):
        await process.wait()
        await ended(process)
    assert process.returncode == 3


async def test_with_its_group_those_that_it_started_end_too() -> None:
    code = "import subprocess, sys; print(subprocess.Popen(['sleep', '60']).pid, flush=True); input()"
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-c", code, stdin=PIPE, stdout=PIPE, start_new_session=True
    )
    assert process.stdout is not None
    async with asyncio.timeout(20):
        child = int(await process.stdout.readline())
        await ended(process, group=True)  # the child holds the pipe: this comes back when it is gone
    states = subprocess.run(["ps", "-o", "stat=", "-p", str(child)], capture_output=True, text=True, check=False)
    assert states.stdout.strip() in ("", "Z")
