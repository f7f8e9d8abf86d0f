"""What tests of the spool share: that nothing is unaccounted for, and a store that does as it is told."""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine, Sequence
from datetime import UTC, datetime
from typing import TypeVar

import pytest

from noc.clock import ManualClock, SystemClock
from noc.model.samples import Samples
from noc.model.series import Refusal
from noc.spool.drain import Drain
from noc.spool.payload import Payload
from noc.spool.spool import STORE, Spool
from noc.wire import columns
from noc.wire.bodies import COLUMNS

T = TypeVar("T")
TIME = datetime(2026, 1, 1, tzinfo=UTC)
BUDGET = 10 * 1024 * 1024
"""Bytes of the spools of most tests."""


async def conserved(spool: Spool, name: str = STORE) -> None:
    """Assert found + given = stored + dead + shed + queued, with what is queued counted one by one.

    What comes and goes meanwhile is counted anew: a true difference stays.
    """
    tally = spool.tally_of(name)
    for _ in range(50):
        queued = await spool.recounted(name)
        known = [(amount.batches, amount.values) for amount in (tally.stored, tally.dead, tally.shed, queued)]
        out = tuple(map(sum, zip(*known, strict=True)))
        into = (tally.found.batches + tally.given.batches, tally.found.values + tally.given.values)
        if into == out:
            return
        await asyncio.sleep(0)
    raise AssertionError((tally, queued))


@pytest.fixture(autouse=True)
def every_spool_adds_up(monkeypatch: pytest.MonkeyPatch) -> None:
    """Prove it of each spool that a test stops, for each consumer."""
    stop = Spool.stop

    async def proved(spool: Spool) -> None:
        await stop(spool)
        for name in spool._files.consumers:
            await conserved(spool, name)

    monkeypatch.setattr(Spool, "stop", proved)


async def reopened(spool: Spool) -> Spool:
    """Stop a spool and return another one on its folder."""
    await conserved(spool)
    await spool.stop()
    again = Spool(spool.folder, SystemClock(), BUDGET)
    await again.start()
    return again


async def drained(spool: Spool, name: str = STORE, *, newest: bool = False) -> list[bytes]:
    """Read and settle everything that is queued."""
    payloads: list[bytes] = []
    while spool.tally_of(name).queued.batches:
        async with asyncio.timeout(10):
            records = await spool.waiting(7, newest=newest, name=name)
        payloads += [record.payload for record in records]
        await spool.settle({record.seq: 0 for record in records}, name)
    await conserved(spool, name)
    return payloads


def sample(value: float) -> Samples:
    """Return one number of one device."""
    return Samples("m", TIME, ("device",), ("v",), (("d",),), ((value,),))


def numbered(value: float) -> bytes:
    """Return the payload of one number."""
    return Payload(COLUMNS, 1, columns.encode([sample(value)])).pack()


Mood = Exception | tuple[Refusal, ...]


class Shelf:
    """A store that does as it is told: `moods` are the answers to the next writes, then all is taken.

    never: numbers that it fails with, each time. taken: numbers in the order in which they came.
    """

    def __init__(self, *moods: Mood) -> None:
        self.moods = list(moods)
        self.never: dict[float, Exception] = {}
        self.taken: list[float] = []

    @property
    def form(self) -> str:
        return COLUMNS

    def encode(self, batch: Sequence[Samples]) -> bytes:
        return columns.encode(batch)

    async def write(self, body: bytes) -> tuple[Refusal, ...]:
        mood = self.moods.pop(0) if self.moods else ()
        if isinstance(mood, Exception):
            raise mood
        batch = columns.decode(body)
        values = [value for samples in batch for row in samples.values for value in row if value is not None]
        for value in values:
            if value in self.never:
                raise self.never[value]
        self.taken += values
        return mood


async def emptied(spool: Spool, drain: Drain) -> None:
    """Drain until nothing waits."""
    await drain.start()
    async with asyncio.timeout(20):
        while spool.queued:
            await asyncio.sleep(0)
    await drain.stop()


async def driven(clock: ManualClock, work: Coroutine[object, object, T]) -> T:
    """Await something that needs the clock to go on a little."""
    task = asyncio.ensure_future(work)
    async with asyncio.timeout(20):
        while not task.done():
            await clock.advance(0.002)
            await asyncio.sleep(0)
    return task.result()
