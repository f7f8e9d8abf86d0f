"""From the spool to a store that is away, refuses, or comes back."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from noc.clock import ManualClock, SystemClock
from noc.model.errors import StoreError
from noc.model.series import Refusal
from noc.spool import drain as drain_module
from noc.spool import spool as spool_module
from noc.spool.drain import Drain
from noc.spool.letters import Letters
from noc.spool.payload import Payload
from noc.spool.spool import Spool
from noc.wire import columns
from noc.wire.bodies import COLUMNS, LINES, encode_lines
from tests.spools import TIME, Shelf, conserved, driven, emptied, numbered, sample


@pytest.fixture(autouse=True)
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(spool_module, "COMMIT_EVERY_S", 0.001)
    monkeypatch.setattr(drain_module, "FIRST_WAIT_S", 0.001)
    monkeypatch.setattr(drain_module, "LONGEST_WAIT_S", 0.002)


@pytest.fixture
async def spool(tmp_path: Path) -> AsyncIterator[Spool]:
    spool = Spool(tmp_path / "spool", SystemClock(), 10_000_000)
    await spool.start()
    yield spool
    await conserved(spool)
    await spool.stop()


def drain_of(spool: Spool, shelf: Shelf) -> Drain:
    return Drain(spool, shelf, SystemClock(), Letters(spool.folder))


async def test_everything_arrives_in_order(spool: Spool) -> None:
    shelf = Shelf()
    for value in range(60):
        last = spool.put(numbered(float(value)))
    await spool.durable(last)
    await emptied(spool, drain_of(spool, shelf))
    assert shelf.taken == [float(value) for value in range(60)]
    assert (spool.tally.stored.batches, spool.tally.stored.values) == (60, 60)


async def test_the_newest_arrive_before_a_backlog_and_all_arrive_once(
    spool: Spool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(drain_module, "BATCHES_AT_ONCE", 10)
    shelf = Shelf()
    for value in range(200):
        last = spool.put(numbered(float(value)))
    await spool.durable(last)
    await emptied(spool, drain_of(spool, shelf))
    assert shelf.taken[:20] == [*map(float, range(190, 200)), *map(float, range(10))]
    assert sorted(shelf.taken) == [float(value) for value in range(200)]


async def test_a_store_that_is_away_is_asked_again_and_told_of_once(
    spool: Spool, caplog: pytest.LogCaptureFixture
) -> None:
    shelf = Shelf(*(StoreError("influx at 127.0.0.1:1: connection refused") for _ in range(5)))
    drain = drain_of(spool, shelf)
    spool.put(numbered(1.0))
    await emptied(spool, drain)
    assert shelf.taken == [1.0]
    assert drain.tally.failures == 5
    assert drain.failing is None
    assert [record.levelname for record in caplog.records if "store" in record.message] == ["ERROR", "WARNING"]


async def test_it_waits_longer_and_longer_and_as_long_as_it_is_asked_to(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(drain_module, "FIRST_WAIT_S", 1.0)
    monkeypatch.setattr(drain_module, "LONGEST_WAIT_S", 15.0)
    clock, waits = ManualClock(TIME), list[float]()
    spool = Spool(tmp_path, clock, 10_000_000)
    drain = Drain(spool, Shelf(), clock, Letters(tmp_path), chance=lambda: 0.5)
    for error in [StoreError("away")] * 6 + [StoreError("busy", 100.0), StoreError("busy", 10_000.0)]:
        waits.append(drain._pause_s(error))
    assert waits == pytest.approx([1.1, 2.2, 4.4, 8.8, 16.5, 16.5, 110.0, 660.0])


async def test_what_is_refused_for_good_is_kept_for_people_and_the_rest_goes_on(spool: Spool) -> None:
    shelf = Shelf((Refusal("m v=1 1", "field type conflict", 1),))
    drain = drain_of(spool, shelf)
    spool.put(numbered(1.0))
    await emptied(spool, drain)
    spool.put(numbered(2.0))
    await emptied(spool, drain)
    (letter,) = Letters(spool.folder).read()
    assert (letter.reason, letter.rows, letter.values) == ("field type conflict", "m v=1 1", 1)
    assert (spool.tally.stored.values, spool.tally.dead.values, spool.tally.dead.batches) == (1, 1, 1)


async def test_some_refused_rows_leave_the_batch_stored(spool: Spool) -> None:
    shelf = Shelf((Refusal("m v=1 1\nm v=2 2", "beyond retention", 2),))
    body = columns.encode([sample(float(value)) for value in range(5)])
    spool.put(Payload(COLUMNS, 5, body).pack())
    await emptied(spool, drain_of(spool, shelf))
    tally = spool.tally
    assert (tally.stored.values, tally.stored.batches, tally.dead.values, tally.dead.batches) == (3, 1, 2, 0)


async def test_a_batch_stays_while_its_dead_letters_cannot_be_written(spool: Spool) -> None:
    refusal = (Refusal("m v=1 1", "beyond retention", 1),)
    drain = drain_of(spool, Shelf(*[refusal] * 1000))
    (spool.folder / "dead-letters.jsonl").mkdir()
    spool.put(numbered(1.0))
    await drain.start()
    async with asyncio.timeout(10):
        while drain.failing is None:
            await asyncio.sleep(0)
    assert "dead letters can't be written" in drain.failing
    assert spool.queued == 1
    (spool.folder / "dead-letters.jsonl").rmdir()
    async with asyncio.timeout(10):
        while spool.queued:
            await asyncio.sleep(0)
    await drain.stop()
    assert len(Letters(spool.folder).read()) == 1


async def test_a_batch_that_cannot_be_read_is_a_dead_letter(spool: Spool) -> None:
    shelf = Shelf()
    drain = drain_of(spool, shelf)
    spool.put(b"of another program")
    spool.put(Payload(COLUMNS, 3, b"of another program").pack())
    spool.put(numbered(2.0))
    await emptied(spool, drain)
    assert shelf.taken == [2.0]
    assert (spool.tally.dead.values, spool.tally.stored.values, drain.tally.unreadable) == (3, 1, 2)
    assert (spool.tally.dead.batches, spool.tally.stored.batches) == (2, 1)
    letters = sorted(Letters(spool.folder).read(), key=lambda letter: letter.id)
    assert [letter.raw for letter in letters] == [b"of another program", b"columns 3\nof another program"]
    assert all("can't be read" in letter.reason for letter in letters)


async def test_a_queue_outlives_a_change_of_store_and_of_version(spool: Spool) -> None:
    shelf = Shelf()
    spool.put(Payload(LINES, 1, encode_lines([sample(1.0)])).pack())
    spool.put(columns.columnsjson.encode([sample(2.0)]))  # as the first version wrote them
    spool.put(Payload("newer", 1, b"x").pack())
    drain = drain_of(spool, shelf)
    await emptied(spool, drain)
    assert sorted(shelf.taken) == [1.0, 2.0]
    assert (spool.tally.stored.values, drain.tally.unreadable) == (2, 1)


async def test_what_did_not_arrive_stays_in_the_spool(spool: Spool) -> None:
    away = drain_of(spool, Shelf(*(StoreError("away") for _ in range(10_000))))
    spool.put(numbered(1.0))
    await away.start()
    async with asyncio.timeout(10):
        while not away.tally.failures:
            await asyncio.sleep(0)
    await away.stop()
    assert spool.queued == 1
    shelf = Shelf()
    await emptied(spool, drain_of(spool, shelf))
    assert shelf.taken == [1.0]


async def test_a_fault_does_not_end_the_drain(spool: Spool, caplog: pytest.LogCaptureFixture) -> None:
    shelf = Shelf(RuntimeError("a fault"))
    drain = drain_of(spool, shelf)
    spool.put(numbered(1.0))
    await emptied(spool, drain)
    assert shelf.taken == [1.0]
    assert drain.failing is None
    assert caplog.text.count("takes no samples") == caplog.text.count("takes samples again") == 1
    assert caplog.text.count("meets a fault in noc") == caplog.text.count("RuntimeError: a fault") == 1


@pytest.mark.parametrize(
    ("error", "said"),
    [
        (StoreError("500: it breaks the server"), "500: it breaks the server"),
        (KeyError("a fault in noc"), "a fault in noc, see the log: KeyError('a fault in noc')"),
    ],
    ids=["the server fails", "noc fails"],
)
async def test_one_batch_that_always_fails_holds_nothing_up_and_is_given_up(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, error: Exception, said: str
) -> None:
    monkeypatch.setattr(drain_module, "FIRST_WAIT_S", 1.0)
    monkeypatch.setattr(drain_module, "LONGEST_WAIT_S", 15.0)
    monkeypatch.setattr(drain_module, "GIVEN_UP_AFTER_S", 100.0)
    monkeypatch.setattr(drain_module, "GIVEN_UP_TRIES", 5)
    clock, shelf = ManualClock(TIME), Shelf()
    spool = Spool(tmp_path, clock, 10_000_000)
    drain = Drain(spool, shelf, clock, Letters(tmp_path))
    shelf.never[0.0] = error
    await spool.start()
    spool.put(numbered(0.0))
    await drain.start()

    async def worked(seconds: float) -> None:
        await clock.advance(seconds)
        for _ in range(3):  # what that set in motion in the thread comes to an end
            await spool.recounted()
            await asyncio.sleep(0)

    stored: list[int] = []
    for number in range(1, 80):
        await driven(clock, spool.durable(spool.put(numbered(float(number)))))
        async with asyncio.timeout(10):
            while float(number) not in shelf.taken:  # whatever becomes of the one that fails
                await worked(0.5)
        stored.append(number)
        await worked(10)
        if spool.tally.dead.batches:
            break
    async with asyncio.timeout(10):
        while spool.queued:
            await worked(0.5)
    assert clock.monotonic() >= drain_module.GIVEN_UP_AFTER_S
    assert (spool.tally.dead.values, spool.tally.stored.values) == (1, len(stored))
    (letter,) = Letters(tmp_path).read()
    assert letter.reason.endswith(f"while others were stored: {said}")
    await driven(clock, drain.stop())
    await conserved(spool)
    await driven(clock, spool.stop())


async def test_a_spool_that_can_not_be_read_is_read_again(spool: Spool, tmp_path: Path) -> None:
    shelf = Shelf()
    drain = drain_of(spool, shelf)
    await spool.durable(spool.put(numbered(1.0)))
    (segment,) = spool.folder.glob("*.seg")
    away = segment.rename(tmp_path / "away")
    segment.mkdir()  # reading it fails, also for root
    await drain.start()
    async with asyncio.timeout(10):
        while drain.failing is None:
            await asyncio.sleep(0)
        assert "can't be read" in drain.failing
        segment.rmdir()
        away.rename(segment)
        while spool.queued:
            await asyncio.sleep(0)
    await drain.stop()
    assert shelf.taken == [1.0]
