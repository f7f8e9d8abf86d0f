"""A spool whose process is killed at any moment: what it said was on disk is on disk."""

from __future__ import annotations

import asyncio
import subprocess
import sys
from pathlib import Path

import pytest

from noc.clock import SystemClock
from noc.spool.spool import Spool

pytestmark = pytest.mark.live

WRITER = """
import asyncio, sys
from pathlib import Path
from noc.clock import SystemClock
from noc.spool import spool as module

module.COMMIT_EVERY_S = 0.002

async def main():
    spool = module.Spool(Path(sys.argv[1]), SystemClock(), 10**9)
    await spool.start()
    while True:
        for _ in range(20):
            number = spool.put(b"x" * 500)
        await spool.durable(number)
        print(number, flush=True)

asyncio.run(main())
"""


@pytest.mark.parametrize("lines", [1, 7, 40])
async def test_nothing_that_was_durable_is_lost(tmp_path: Path, lines: int) -> None:
    last = 0
    for _ in range(3):
        process = subprocess.Popen([sys.executable, "-c", WRITER, str(tmp_path)], stdout=subprocess.PIPE)
        assert process.stdout is not None
        for _ in range(lines):
            last = int(process.stdout.readline())
        process.kill()
        rest = process.stdout.read().split()
        last = int(rest[-1]) if rest and rest[-1].isdigit() else last
        process.wait()
        process.stdout.close()
        spool = Spool(tmp_path, SystemClock(), 10**9)
        await spool.start()
        assert spool.queued >= last
        await spool.stop()
    spool = Spool(tmp_path, SystemClock(), 10**9)
    await spool.start()
    numbers: list[int] = []
    while spool.queued:
        async with asyncio.timeout(10):
            records = await spool.waiting(5000)
        numbers += [record.seq for record in records]
        await spool.acknowledge(numbers[-1])
    await spool.stop()
    assert set(range(1, last + 1)) <= set(numbers)
    assert numbers == sorted(set(numbers))
