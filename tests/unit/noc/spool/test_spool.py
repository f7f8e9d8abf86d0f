"""The spool: everything that was put is stored, shed or still queued, over restarts and full disks."""

from __future__ import annotations

import asyncio
import resource
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from noc.clock import SystemClock
from noc.model.errors import StoreError
from noc.spool import segments as segments_module
from noc.spool import spool as spool_module
from noc.spool.spool import Spool

BUDGET = 10 * 1024 * 1024


@pytest.fixture(autouse=True)
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(spool_module, "COMMIT_EVERY_S", 0.001)
    monkeypatch.setattr(spool_module, "RETRY_AFTER_S", 0.01)


@pytest.fixture
async def spool(tmp_path: Path) -> AsyncIterator[Spool]:
    spool = Spool(tmp_path / "spool", SystemClock(), BUDGET)
    await spool.start()
    yield spool
    await spool.stop()
    assert conserved(spool)


def conserved(spool: Spool) -> bool:
    tally = spool.tally
    return tally.found + tally.given == tally.stored + tally.shed + spool.queued


async def reopened(spool: Spool) -> Spool:
    await spool.stop()
    again = Spool(spool._segments.folder, SystemClock(), BUDGET)
    await again.start()
    return again


async def drained(spool: Spool) -> list[bytes]:
    """Read and acknowledge everything that is queued."""
    payloads: list[bytes] = []
    while spool.queued:
        async with asyncio.timeout(10):
            records = await spool.waiting(7)
        payloads += [record.payload for record in records]
        await spool.acknowledge(records[-1].seq)
    return payloads


async def test_batches_come_out_in_the_order_they_were_put(spool: Spool) -> None:
    for number in range(100):
        spool.put(b"%d" % number)
    assert await drained(spool) == [b"%d" % number for number in range(100)]
    assert spool.tally.stored == 100


async def test_what_is_durable_is_there_after_a_restart_and_what_was_acknowledged_is_not(spool: Spool) -> None:
    for number in range(10):
        last = spool.put(b"%d" % number)
    await spool.durable(last)
    await spool.acknowledge((await spool.waiting(4))[-1].seq)
    again = await reopened(spool)
    assert (again.tally.found, again.queued) == (6, 6)
    assert await drained(again) == [b"%d" % number for number in range(4, 10)]
    assert again.put(b"next") == last + 1
    await again.stop()


async def test_numbers_go_on_after_everything_was_acknowledged_and_deleted(spool: Spool) -> None:
    spool.put(b"a")
    await drained(spool)
    again = await reopened(spool)
    assert again.put(b"b") == 2
    third = await reopened(again)
    assert await drained(third) == [b"b"]
    assert (third._segments.folder / "cursor").read_text() == "2"
    await third.stop()


async def test_over_its_budget_the_oldest_are_shed_and_counted(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(segments_module, "SEGMENT_BYTES", 1000)
    spool = Spool(tmp_path, SystemClock(), budget_bytes=5000)
    await spool.start()
    for number in range(100):
        await spool.durable(spool.put(b"%03d" % number * 30))
    assert sum(segment.bytes for segment in spool._segments.all) <= 5000 + 1000
    assert spool.tally.shed > 0
    payloads = await drained(spool)
    assert payloads == [b"%03d" % number * 30 for number in range(spool.tally.shed, 100)]
    assert conserved(spool)
    assert "shed" in caplog.text
    await spool.stop()


async def test_a_damaged_place_costs_one_batch_and_the_rest_comes_out(spool: Spool) -> None:
    for number in range(10):
        last = spool.put(b"batch %d" % number)
    await spool.durable(last)
    path = spool._segments.all[0].path
    await spool.stop()
    damaged = bytearray(path.read_bytes())
    damaged[damaged.index(b"batch 4")] ^= 1
    path.write_bytes(damaged)
    again = Spool(path.parent, SystemClock(), BUDGET)
    await again.start()
    assert again.tally.damaged == 1
    assert await drained(again) == [b"batch %d" % number for number in range(10) if number != 4]
    await again.stop()


async def test_a_damaged_cursor_sends_again_rather_than_losing(spool: Spool) -> None:
    await spool.durable(spool.put(b"a"))
    spool.put(b"b")
    await spool.durable(2)
    await spool.acknowledge(1)
    folder = spool._segments.folder
    await spool.stop()
    (folder / "cursor").write_text("garbage")
    again = Spool(folder, SystemClock(), BUDGET)
    await again.start()
    assert await drained(again) == [b"a", b"b"]
    await again.stop()


async def test_while_the_disk_can_not_be_written_batches_wait_and_memory_is_bounded(
    spool: Spool, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(spool_module, "MEMORY_BYTES", 1000)
    limits = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, limits[1]))  # no file of this process may grow
    try:
        for number in range(50):
            spool.put(b"%02d" % number * 50)
            await asyncio.sleep(0.001)
        async with asyncio.timeout(10):
            while "can't be written" not in caplog.text:
                await asyncio.sleep(0.001)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, limits)
    assert spool._pending_bytes <= 1000
    assert caplog.text.count("can't be written") == 1
    found = await drained(spool)
    assert found == sorted(found)
    assert found[-1] == b"49" * 50
    assert len(set(found)) == 50 - spool.tally.shed <= 30
    assert "is written again" in caplog.text


async def test_a_reader_waits_for_the_first_batch(spool: Spool) -> None:
    reader = asyncio.create_task(spool.waiting(10))
    await asyncio.sleep(0.01)
    assert not reader.done()
    spool.put(b"at last")
    async with asyncio.timeout(10):
        assert [record.payload for record in await reader] == [b"at last"]


async def test_a_batch_that_no_record_takes_is_shed_and_the_rest_goes_on(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("noc.spool.spool.MAX_PAYLOAD_BYTES", 10)
    spool = Spool(tmp_path, SystemClock(), 10_000_000)
    await spool.start()
    spool.put(b"x" * 11)
    async with asyncio.timeout(10):
        await spool.durable(spool.put(b"y"))
        assert [record.payload for record in await spool.waiting(10)] == [b"y"]
    await spool.stop()
    assert (spool.tally.given, spool.tally.shed, spool.queued) == (2, 1, 1)


async def test_a_folder_that_can_not_be_used_is_named(tmp_path: Path) -> None:
    (tmp_path / "spool").write_text("a file")
    with pytest.raises(StoreError, match=r"spool: the spool can't be used: .*; noc must own it"):
        await Spool(tmp_path / "spool", SystemClock(), 10_000_000).start()


async def test_a_disk_that_is_full_for_several_tries_is_written_again_and_keeps_no_empty_files(spool: Spool) -> None:
    limits = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, limits[1]))  # no file of this process may grow
    try:
        spool.put(b"a")  # memory has room: the first batch that waits stays the first
        for _ in range(3):
            await spool._commit()
            assert "File too large" in str(spool.failing)
            assert list(spool._segments.folder.glob("*.seg")) == []
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, limits)
    await spool._commit()
    assert spool.failing is None
    assert await drained(spool) == [b"a"]


async def test_a_file_that_was_begun_when_power_failed_stops_nobody(spool: Spool) -> None:
    folder = spool._segments.folder
    await spool.stop()
    (folder / f"{1:020d}.seg").touch()
    again = Spool(folder, SystemClock(), BUDGET)
    await again.start()
    async with asyncio.timeout(10):
        await again.durable(again.put(b"a"))
    assert await drained(again) == [b"a"]
    await again.stop()
