"""The spool: everything that was put is stored, dead, shed or still queued, over restarts and full disks."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from noc.clock import ManualClock, SystemClock
from noc.model.instants import to_ms
from noc.spool import spool as spool_module
from noc.spool.files import HoldBack
from noc.spool.payload import unpack
from noc.spool.spool import STORE, Spool
from tests.spools import BUDGET, TIME, conserved, drained, driven, reopened, sample

NOTHING_HELD = HoldBack(0.0, 0)


@pytest.fixture(autouse=True)
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(spool_module, "COMMIT_EVERY_S", 0.001)
    monkeypatch.setattr(spool_module, "RETRY_AFTER_S", 0.01)


@pytest.fixture
async def spool(tmp_path: Path) -> AsyncIterator[Spool]:
    spool = Spool(tmp_path / "spool", SystemClock(), BUDGET)
    await spool.start()
    yield spool
    await conserved(spool)
    await spool.stop()


async def test_batches_come_out_in_the_order_they_were_put(spool: Spool) -> None:
    for number in range(100):
        spool.put(b"%d" % number)
    assert await drained(spool) == [b"%d" % number for number in range(100)]
    assert spool.tally.stored.batches == 100


async def test_batches_are_made_into_payloads_in_their_order(spool: Spool) -> None:
    for number in range(20):
        last = spool.take([sample(float(number)), sample(float("nan"))])
    assert (spool.queued, spool.tally.given.values) == (20, 20)
    await spool.durable(last)
    payloads = [unpack(payload) for payload in await drained(spool)]
    assert [payload.samples()[0].values for payload in payloads] == [((float(number),),) for number in range(20)]
    assert [payload.values for payload in payloads] == [1] * 20


async def test_the_newest_are_given_beside_the_oldest_and_none_twice(spool: Spool) -> None:
    for number in range(10):
        last = spool.put(b"%d" % number)
    await spool.durable(last)
    newest = await spool.waiting(3, newest=True)
    assert [record.payload for record in newest] == [b"7", b"8", b"9"]
    assert [record.payload for record in await spool.waiting(2)] == [b"0", b"1"]
    assert [record.payload for record in await spool.waiting(100)] == [b"%d" % number for number in range(2, 7)]
    await spool.settle({newest[0].seq: 0, newest[2].seq: 0})
    await spool.release([newest[1].seq])
    assert [record.payload for record in await spool.waiting(100)] == [b"8"]
    again = await reopened(spool)  # what was settled out of order stays settled, what was given and not settled comes
    assert await drained(again) == [b"%d" % number for number in (0, 1, 2, 3, 4, 5, 6, 8)]
    await again.stop()


async def test_what_is_durable_is_there_after_a_restart_and_what_was_settled_is_not(spool: Spool) -> None:
    for number in range(10):
        last = spool.put(b"%d" % number)
    await spool.durable(last)
    await spool.settle({record.seq: 0 for record in await spool.waiting(4)})
    again = await reopened(spool)
    assert (again.tally.found.batches, again.queued) == (6, 6)
    assert await drained(again) == [b"%d" % number for number in range(4, 10)]
    assert again.put(b"next") == last + 1
    assert again.tally.lost == 0
    await again.stop()


async def test_numbers_go_on_after_everything_was_settled_and_deleted(tmp_path: Path) -> None:
    for number in range(1, 4):
        spool = Spool(tmp_path, SystemClock(), BUDGET, hold_back=NOTHING_HELD)
        await spool.start()
        assert spool.put(b"a") == number
        assert await drained(spool) == [b"a"]
        await spool.stop()
        assert spool.tally.lost == 0
    assert len(list(tmp_path.glob("*.seg"))) <= 2  # noqa: ASYNC240 nothing else runs


async def test_two_consumers_are_each_given_everything(tmp_path: Path) -> None:
    spool = Spool(tmp_path, SystemClock(), BUDGET, hold_back=NOTHING_HELD, consumers=(STORE, "other"))
    await spool.start()
    for number in range(10):
        spool.put(b"%d" % number)
    assert len(await drained(spool)) == 10
    await spool.stop()
    spool = Spool(tmp_path, SystemClock(), BUDGET, hold_back=NOTHING_HELD, consumers=(STORE, "other"))
    await spool.start()
    assert spool.queued == 0
    assert len(await drained(spool, "other")) == 10
    await spool.stop()


async def test_over_its_budget_the_oldest_are_shed_and_counted(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    clock = ManualClock(TIME)
    spool = Spool(tmp_path, clock, budget_bytes=8000)
    await spool.start()
    for number in range(100):
        spool.put(b"%03d" % number * 30)
        await clock.advance(2.0)
        await driven(clock, spool.durable(number + 1))
    await driven(clock, spool._tidy())
    await clock.advance(2.0)
    await driven(clock, spool._tidy())
    assert spool.size <= 8000 + 1000
    shed = spool.tally.sheds["budget"].batches
    assert shed > 0
    assert await drained(spool) == [b"%03d" % number * 30 for number in range(shed, 100)]
    assert "shed" in caplog.text
    await driven(clock, spool.stop())
    again = Spool(tmp_path, SystemClock(), budget_bytes=8000)
    await again.start()
    assert (again.tally.lost, again.queued) == (0, 0)  # what was shed is not lost
    await again.stop()


async def test_what_is_settled_is_held_back_and_given_again_where_that_is_asked(tmp_path: Path) -> None:
    clock = ManualClock(TIME)
    spool = Spool(tmp_path, clock, BUDGET, hold_back=HoldBack(3600.0, BUDGET))
    await spool.start()
    for minute in range(20):
        spool.put(b"%d" % minute)
        await clock.advance(60)
    await driven(clock, spool.durable(20))
    assert len(await drained(spool)) == 20
    since = to_ms(TIME) + 12 * 60_000
    assert (await spool.replay(since, since + 60 * 60_000)).batches == 8
    await conserved(spool)
    assert await drained(spool) == [b"%d" % minute for minute in range(12, 20)]
    for _ in range(3):  # sealed, settled, held back for an hour
        await clock.advance(3601)
        await driven(clock, spool._tidy())
    assert (await spool.replay(0, since + 10**10)).batches == 0
    await conserved(spool)
    await driven(clock, spool.stop())


async def test_a_damaged_place_costs_one_batch_and_the_rest_comes_out(spool: Spool) -> None:
    for number in range(10):
        last = spool.put(b"batch %d" % number)
    await spool.durable(last)
    (path,) = spool.folder.glob("*.seg")
    damaged = bytearray(path.read_bytes())
    damaged[damaged.index(b"batch 4")] ^= 1
    path.write_bytes(damaged)
    assert await drained(spool) == [b"batch %d" % number for number in range(10) if number != 4]
    assert (spool.tally.damaged, spool.tally.lost, spool.tally.sheds["damage"].batches) == (1, 1, 1)


async def test_lost_numbers_are_counted_at_the_start_and_only_once(spool: Spool) -> None:
    for number in range(10):
        last = spool.put(b"batch %d" % number)
    await spool.durable(last)
    (path,) = spool.folder.glob("*.seg")
    await spool.stop()
    content = path.read_bytes()
    one = len(content) // 10
    path.write_bytes(content[: 2 * one] + b"\0" * one + content[3 * one : 9 * one])  # the third, and the last
    again = Spool(spool.folder, SystemClock(), BUDGET)
    await again.start()
    assert (again.tally.lost, again.tally.found.batches, again.tally.damaged) == (2, 8, 1)
    assert again.put(b"next") == 11
    third = await reopened(again)
    assert (third.tally.lost, third.queued) == (0, 9)
    await third.stop()


@pytest.mark.parametrize("content", ["garbage", "", '{"format": 2}', '{"format": 1, "settled": [[3, 1]]}', "[" * 9999])
async def test_a_damaged_cursor_sends_again_rather_than_losing(spool: Spool, content: str) -> None:
    await spool.durable(spool.put(b"a"))
    await spool.durable(spool.put(b"b"))
    await spool.settle({record.seq: 0 for record in await spool.waiting(1)})
    await spool.stop()
    (spool.folder / "cursor-store.json").write_text(content)
    again = Spool(spool.folder, SystemClock(), BUDGET)
    await again.start()
    assert await drained(again) == [b"a", b"b"]
    await again.stop()


async def test_a_cursor_of_before_there_were_consumers_is_taken_up(spool: Spool) -> None:
    for name in (b"a", b"b", b"c"):
        await spool.durable(spool.put(name))
    await spool.stop()
    (spool.folder / "cursor-store.json").unlink()
    (spool.folder / "cursor").write_text("2")
    again = Spool(spool.folder, SystemClock(), BUDGET)
    await again.start()
    assert await drained(again) == [b"c"]
    await again.stop()
    assert not (spool.folder / "cursor").exists()


async def test_a_reader_waits_for_the_first_batch(spool: Spool) -> None:
    reader = asyncio.create_task(spool.waiting(10))
    await asyncio.sleep(0.01)
    assert not reader.done()
    spool.put(b"at last")
    async with asyncio.timeout(10):
        assert [record.payload for record in await reader] == [b"at last"]
