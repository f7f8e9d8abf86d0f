"""An embedded store whose process is killed at any moment: what it said was stored is there, once."""

from __future__ import annotations

import sqlite3
import subprocess
import sys
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from noc.clock import SystemClock
from noc.model.series import SeriesQuery
from noc.service import running
from noc.store import embedded
from noc.store._ports import Surroundings
from noc.store.embedded.codec import decode

pytestmark = pytest.mark.live

BEGIN = datetime(2026, 11, 20, 23, tzinfo=UTC)
DEVICES = 7
RETENTION = "36500d"

# Writes batch after batch, numbered from where the last process ended, and cuts all the time.
WRITER = """
import asyncio, sys
from datetime import UTC, datetime, timedelta
from pathlib import Path
from noc.clock import SystemClock
from noc.model.samples import Samples
from noc.store import embedded
from noc.store._ports import Surroundings
from noc.store.embedded import cut, engine
from tests.stores import put

engine.CUT_AFTER_MS = 5
cut.SLICE_CELLS = 30
BEGIN = datetime(2026, 11, 20, 23, tzinfo=UTC)

async def main(folder, number):
    settings = embedded.Settings(retention="36500d")
    store = embedded.build(settings, Surroundings(folder, folder, SystemClock()))
    await store.start()
    async def cutting():
        while True:
            await store.caught_up()
            await asyncio.sleep(0.001)
    task = asyncio.create_task(cutting())
    while True:
        at = BEGIN + timedelta(seconds=number)
        await put(store, [
            Samples("m", at, ("device",), ("v", "w"), ((f"d{n}",),), ((float(number), None if number % 3 else 1.5),))
            for n in range(7)
        ])
        print(number, flush=True)
        number += 1

asyncio.run(main(Path(sys.argv[1]), int(sys.argv[2])))
"""


def kill_after(folder: Path, first: int, lines: int) -> int:
    """Run a writer until it has acknowledged so many batches, and a little longer; return the last of them."""
    process = subprocess.Popen([sys.executable, "-c", WRITER, str(folder), str(first)], stdout=subprocess.PIPE)
    assert process.stdout is not None
    last = first
    for _ in range(lines):
        last = int(process.stdout.readline())
    process.kill()
    rest = process.stdout.read().split()
    process.wait()
    process.stdout.close()
    return int(rest[-1]) if rest else last


async def test_nothing_that_was_acknowledged_is_lost_or_there_twice(tmp_path: Path) -> None:
    last = -1
    for lines in (1, 40, 7, 150, 83):
        last = kill_after(tmp_path, last + 1, lines)
    settings = embedded.Settings.model_validate({"retention": RETENTION})
    store = embedded.build(settings, Surroundings(tmp_path, tmp_path, SystemClock()))
    began = time.monotonic()
    async with running([store]):
        assert time.monotonic() - began < 20
        for device in range(DEVICES):
            query = SeriesQuery("m", ("v", "w"), {"device": f"d{device}"}, BEGIN, BEGIN + timedelta(days=2))
            numbers, others = (await store.read(query)).series
            assert numbers.values[: last + 1] == tuple(float(number) for number in range(last + 1))
            # One more may have been written and not acknowledged.
            assert len(numbers.values) <= last + 2
            assert others.times_ms == numbers.times_ms[::3]
    assert cells(tmp_path) <= DEVICES * (last + 2)


def cells(folder: Path) -> int:
    """Return how many times of `v` the chunks have, those that are there twice counted twice."""
    count = 0
    for path in folder.rglob("*.db"):
        sql = sqlite3.connect(path)
        for (data,) in sql.execute("SELECT data FROM chunk"):
            count += decode(data, [0])[0].size
        sql.close()
    assert count > 0
    return count
