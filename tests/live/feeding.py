"""A process that feeds the way of samples, made to be killed: spool, drain and embedded store, and nothing else.

Run as a program it puts batches of numbered values in and prints each number that is on disk. `Feeder` starts it;
`arrived` looks, after the process is gone, whether everything that it printed is in the store.
"""

from __future__ import annotations

import asyncio
import os
import signal
import subprocess
import sys
import threading
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Final

from noc.clock import SystemClock
from noc.model.instants import EPOCH
from noc.model.samples import Samples
from noc.model.series import SeriesQuery
from noc.service import running
from noc.spool import files, spool
from noc.spool.drain import Drain
from noc.spool.files import HoldBack
from noc.spool.letters import Letters
from noc.spool.report import Report, report
from noc.spool.spool import Spool
from noc.store import embedded
from noc.store._ports import Store, Surroundings

BUDGET: Final = 200_000_000
AT_ONCE: Final = 20
REFUSED_EVERY: Final = 100
"""Each so many-th value belongs to no device, which no store takes."""

REPLAY: Final = "FEED_REPLAY"
"""In the environment: give the store again what it has, now and then."""


def sample(number: int, base: datetime) -> Samples:
    """Return a value, a millisecond after the one before it."""
    device = "" if number % REFUSED_EVERY == 0 else "d"
    at = base + timedelta(milliseconds=number)
    return Samples("m", at, ("device",), ("v",), ((device,),), ((float(number),),))


def store_of(folder: Path) -> Store:
    settings = embedded.Settings.model_validate({"retention": "36500d"})
    return embedded.build(settings, Surroundings(folder, folder, SystemClock()))


def spool_of(folder: Path, hold_back: HoldBack) -> Spool:
    return Spool(folder / "spool", SystemClock(), BUDGET, hold_back=hold_back)


async def feed(folder: Path, base: datetime, first: int) -> None:
    """Feed for ever. Small segments, quick commits: whatever can be cut through is, all the time."""
    spool.COMMIT_EVERY_S, spool.TIDY_EVERY_S, files.SEGMENT_BYTES = 0.002, 0.005, 20_000
    replays = os.environ.get(REPLAY) is not None
    store, queue = store_of(folder), spool_of(folder, HoldBack(3600.0, BUDGET) if replays else HoldBack(0.0, 0))
    drain = Drain(queue, store, SystemClock(), Letters(queue.folder))
    async with running([store, queue, drain]):
        number = first
        while True:
            taken = queue.take([sample(number + step, base) for step in range(AT_ONCE)])
            number += AT_ONCE
            await queue.durable(taken)
            sys.stdout.write(f"{number - 1}\n")
            sys.stdout.flush()
            if replays and number % (20 * AT_ONCE) == 0:
                await queue.replay(0, 2**60)


class Feeder:
    """The process. last: the highest number that it said is on disk."""

    def __init__(self, folder: Path, base: datetime, first: int, *wrapped: str, **environment: str) -> None:
        command = [*wrapped, sys.executable, __file__, str(folder), str((base - EPOCH) // timedelta(milliseconds=1))]
        self.first, self.last = first, first - 1
        with (folder / "feeder.log").open("ab") as log:
            self._process = subprocess.Popen(
                [*command, str(first)],
                stdout=subprocess.PIPE,
                stderr=log,
                env={**os.environ, **environment},
                start_new_session=True,
            )
        self._moved = threading.Condition()
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()

    def _read(self) -> None:
        assert self._process.stdout is not None
        for line in self._process.stdout:
            if line.endswith(b"\n"):
                with self._moved:
                    self.last = int(line)
                    self._moved.notify_all()
        with self._moved:
            self._moved.notify_all()

    def until(self, lines: int, timeout_s: float = 30.0) -> bool:
        """Wait until so many batches are on disk, or the process is gone; return whether they are."""
        wanted = self.first + lines * AT_ONCE - 1
        with self._moved:
            self._moved.wait_for(lambda: self.last >= wanted or not self._reader.is_alive(), timeout_s)
        return self.last >= wanted

    def ended(self, timeout_s: float = 30.0) -> int:
        """Wait until it is gone by itself; return its exit code."""
        code = self._process.wait(timeout_s)
        self._reader.join(timeout_s)
        assert self._process.stdout is not None
        self._process.stdout.close()
        return code

    def send(self, number: signal.Signals) -> None:
        os.killpg(self._process.pid, number)

    def kill(self) -> None:
        """kill -9, what it is wrapped in too, and read the rest of what it said."""
        os.killpg(self._process.pid, signal.SIGKILL)
        self.ended()

    @property
    def acknowledged(self) -> range:
        return range(self.first, self.last + 1)


async def emptied(folder: Path) -> tuple[dict[int, float], Report]:
    """Drain what is left; return the store's values by number, those in dead letters too, and what the files tell.

    Each is there once: a second value of one time takes the place of the first.
    """
    store, queue = store_of(folder), spool_of(folder, HoldBack(0.0, 0))
    letters = Letters(queue.folder)
    drain = Drain(queue, store, SystemClock(), letters)
    async with running([store, queue, drain]):
        async with asyncio.timeout(60):
            while queue.queued:
                await asyncio.sleep(0.001)
        tally = queue.tally
        queued = await queue.recounted()
        into = tally.found.values + tally.given.values
        assert into == tally.stored.values + tally.dead.values + tally.shed.values + queued.values
        answer = await store.read(
            SeriesQuery("m", ("v",), {"device": "d"}, EPOCH + timedelta(days=1), datetime(2200, 1, 1, tzinfo=UTC))
        )
    found = {round(value): value for series in answer.series for value in series.values}
    times = [at for series in answer.series for at in series.times_ms]
    assert len(times) == len(set(times)) == len(found)
    for letter in letters.read():
        for entry in letter.samples():
            for row in entry.values:
                found |= {round(value): value for value in row if value is not None}
    return found, report(queue.folder, bodies=True)


def missing(found: dict[int, float], acknowledged: range) -> list[int]:
    """Return numbers that were on disk and are not in the store."""
    return [number for number in acknowledged if number not in found]


if __name__ == "__main__":
    asyncio.run(feed(Path(sys.argv[1]), EPOCH + timedelta(milliseconds=int(sys.argv[2])), int(sys.argv[3])))
