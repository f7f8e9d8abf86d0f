"""What was seen before a kill is found in the spool: each result once, of this poller, by whoever judges it."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from noc.app.lastseen import LastSeen
from noc.clock import ManualClock, settle
from noc.model.instants import to_ms
from noc.model.samples import Samples
from noc.pipeline.liveness import LivenessSeries
from noc.pipeline.status import Result
from noc.spool.payload import packed
from noc.spool.spool import COMMIT_EVERY_S, Spool, packer
from noc.wire.bodies import LINES, encode_lines

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)
MS = to_ms(NOON)
OTHER = Samples("cpu", NOON, ("device",), ("usage",), (("a",),), ((3.0,),))


def of(entity: str, at_ms: int, ok: bool = True, poller: str = "hq") -> Result:
    return Result(entity, MS + at_ms, ok, "icmp", poller)


def tables(*results: Result) -> tuple[Samples, ...]:
    series = LivenessSeries(lambda _: {"site": "s, with a blank"})
    for one in results:
        series.take(one)
    return (OTHER, *series.samples())


async def kept(spool: Spool, clock: ManualClock, *batches: tuple[Samples, ...]) -> None:
    """Have each batch on disk, a second apart."""
    for batch in batches:
        waits = asyncio.create_task(spool.durable(spool.take(batch)))
        while not waits.done():
            await clock.advance(COMMIT_EVERY_S)
            await spool.looked_through(1 << 60, lambda _: ())
            await settle()
        await clock.advance(1)


async def stopped(spool: Spool, clock: ManualClock) -> None:
    """Stop a spool, which may be waiting for a moment to pass before it writes."""
    stops = asyncio.create_task(spool.stop())
    while not stops.done():
        await clock.advance(COMMIT_EVERY_S)
        await settle()


@pytest.mark.parametrize("pack", [packed, packer(LINES, encode_lines)])
async def test_each_result_is_given_once(tmp_path: Path, pack: Callable[[Sequence[Samples]], bytes]) -> None:
    clock, told = ManualClock(NOON), []
    spool = Spool(tmp_path, clock, 1_000_000, pack=pack)
    await spool.start()
    old, late = of("device/old", 0), of("device/a", 5_000, ok=False)
    await kept(spool, clock, tables(old))
    since_ms = to_ms(clock.now())
    both = tables(late, of("endpoint/web", 4_000), of("interface/a/eth0", 5_000), of("device/b", 5_000, poller="far"))
    await kept(spool, clock, both, both, (OTHER,))
    seen = LastSeen(spool, clock, "hq", lambda: told.append(True))
    assert await seen.since(since_ms, endpoints=False) == [late, of("interface/a/eth0", 5_000)]
    assert await seen.since(since_ms, endpoints=True) == [of("endpoint/web", 4_000)]
    assert await seen.since(since_ms, endpoints=True) == []
    assert seen.found == 3
    seen.judged()
    assert told == [True]
    assert spool.queued == 4  # nothing was taken from the store
    await stopped(spool, clock)


async def test_without_a_checkpoint_it_looks_back_a_quarter_of_an_hour(tmp_path: Path) -> None:
    clock = ManualClock(NOON)
    spool = Spool(tmp_path, clock, 1_000_000)
    await spool.start()
    await kept(spool, clock, tables(of("device/a", 0)))
    await clock.advance(timedelta(minutes=14).total_seconds())
    await kept(spool, clock, tables(of("device/a", 840_000)))
    assert len(await LastSeen(spool, clock, "hq", tuple).since(None, endpoints=False)) == 2
    await clock.advance(60)
    assert len(await LastSeen(spool, clock, "hq", tuple).since(None, endpoints=False)) == 1
    await stopped(spool, clock)


async def test_a_batch_that_can_not_be_read_is_told_and_the_others_count(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    clock = ManualClock(NOON)
    spool = Spool(tmp_path, clock, 1_000_000)
    await spool.start()
    spool.put(b"of no form at all")
    await kept(spool, clock, tables(of("device/a", 0)))
    assert await LastSeen(spool, clock, "hq", tuple).since(MS, endpoints=False) == [of("device/a", 0)]
    assert "batch 1, of before the start, can't be read" in caplog.text
    await stopped(spool, clock)
