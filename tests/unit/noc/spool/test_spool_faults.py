"""The spool where something fails: the disk, a file, a batch; what was put is stored, dead, shed or still queued."""

from __future__ import annotations

import asyncio
import errno
import os
import resource
from collections.abc import AsyncIterator, Sequence
from dataclasses import replace
from pathlib import Path

import pytest

from noc.clock import SystemClock
from noc.model.errors import StoreError
from noc.model.samples import Samples
from noc.spool import spool as spool_module
from noc.spool.payload import packed
from noc.spool.record import HEADER_BYTES, Record
from noc.spool.spool import Spool
from tests.spools import BUDGET, TIME, conserved, drained, numbered, reopened, sample


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
    assert len(set(found)) == 50 - spool.tally.sheds["memory"].batches <= 30
    assert "is written again" in caplog.text
    again = await reopened(spool)
    assert again.tally.lost == 0
    await again.stop()


async def test_batches_that_no_record_takes_are_shed_and_the_rest_goes_on(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("noc.spool.spool.MAX_PAYLOAD_BYTES", 200)
    spool = Spool(tmp_path, SystemClock(), 10_000_000)
    await spool.start()
    spool.put(b"x" * 201)
    spool.take([sample(float(number)) for number in range(1000)])
    wrong = Samples("m", TIME, ("device",), ("v",), (("d",),), ((1.0, 2.0),))  # rows of another length than the keys
    spool.take([wrong])
    async with asyncio.timeout(10):
        await spool.durable(spool.put(numbered(1.0)))
        assert [record.seq for record in await spool.waiting(10)] == [4]
    await conserved(spool)
    assert {reason: amount.batches for reason, amount in spool.tally.sheds.items() if amount.batches} == {
        "size": 2,
        "fault": 1,
    }
    await spool.stop()


async def test_a_full_disk_is_told_once_however_often_it_is_tidied(
    spool: Spool, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(spool_module, "TIDY_EVERY_S", 0)
    tries, tidy = 0, spool._files.tidy

    def full(now_s: float) -> None:
        nonlocal tries
        tries += 1
        raise OSError(errno.ENOSPC, "No space left on device")

    async def tried(until: int) -> None:
        async with asyncio.timeout(10):
            while tries < until:
                spool.put(b"x")
                await asyncio.sleep(0.002)

    monkeypatch.setattr(spool._files, "tidy", full)
    await tried(5)
    assert caplog.text.count("can't be kept: No space left on device") == 1
    monkeypatch.setattr(spool._files, "tidy", tidy)
    async with asyncio.timeout(10):
        while spool._untidy is not None:
            spool.put(b"x")
            await asyncio.sleep(0.002)
    assert caplog.text.count("the places of its readers are kept again") == 1
    monkeypatch.setattr(spool._files, "tidy", full)
    await tried(tries + 5)
    assert caplog.text.count("can't be kept: No space left on device") == 2
    monkeypatch.setattr(spool._files, "tidy", tidy)


async def test_a_fault_in_one_batch_costs_that_batch(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    def pack(batch: Sequence[Samples]) -> bytes:
        if batch[0].measurement == "poison":
            raise KeyError("a fault in noc")
        return packed(batch)

    spool = Spool(tmp_path, SystemClock(), BUDGET, pack=pack)
    await spool.start()
    async with asyncio.timeout(10):
        for name in ("a", "poison", "b"):
            await spool.durable(spool.take([replace(sample(1.0), measurement=name)]))
    assert [len(entry) for entry in await drained(spool)] == [len(packed([sample(1.0)]))] * 2
    assert spool.tally.sheds["fault"].batches == 1
    assert "KeyError: 'a fault in noc'" in caplog.text
    await spool.stop()


async def test_a_fault_in_writing_loses_nothing_and_is_tried_again(
    spool: Spool, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    faults, append = ["1", "2"], spool._files.segments.append

    def failing(records: Sequence[Record], values: Sequence[int]) -> None:
        if faults:
            raise RuntimeError(f"fault {faults.pop()}")
        append(records, values)

    monkeypatch.setattr(spool._files.segments, "append", failing)
    async with asyncio.timeout(10):
        await spool.durable(spool.put(b"a"))
    assert await drained(spool) == [b"a"]
    assert spool.failing is None
    assert caplog.text.count("RuntimeError: fault") == 1
    assert caplog.text.count("batches wait in memory: a fault in noc, see the log") == 1


async def test_what_is_shed_while_the_disk_fails_hides_nothing_that_waits(
    spool: Spool, monkeypatch: pytest.MonkeyPatch
) -> None:
    failing, append = True, spool._files.segments.append

    def appending(records: Sequence[Record], values: Sequence[int]) -> None:
        if failing:
            raise OSError(errno.EIO, "Input/output error")
        append(records, values)

    monkeypatch.setattr(spool._files.segments, "append", appending)
    monkeypatch.setattr(spool_module, "MAX_PAYLOAD_BYTES", 100)
    spool.put(numbered(1.0))
    last = spool.put(bytes(101))
    async with asyncio.timeout(10):
        while spool.failing is None:
            await asyncio.sleep(0)
        await conserved(spool)
        failing = False
        await spool.durable(last)
    assert await drained(spool) == [numbered(1.0)]
    assert spool.tally.sheds["size"].batches == 1


async def test_what_is_shed_at_once_is_not_waited_for(spool: Spool) -> None:
    wrong = Samples("m", TIME, ("device",), ("v",), (("d",),), ((1.0, 2.0),))
    async with asyncio.timeout(10):
        await spool.durable(spool.take([wrong]))
    assert spool.tally.sheds["fault"].batches == 1


async def test_a_place_that_the_disk_does_not_give_back_costs_what_lay_there(
    spool: Spool, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in (b"a", b"b", b"c"):
        await spool.durable(spool.put(name))
    pread = os.pread

    def failing(file: int, length: int, offset: int) -> bytes:
        if offset == HEADER_BYTES + 1:
            raise OSError(errno.EIO, "Input/output error")
        return pread(file, length, offset)

    monkeypatch.setattr(os, "pread", failing)
    assert await drained(spool) == [b"a", b"c"]
    assert (spool.tally.lost, spool.tally.sheds["damage"].batches) == (1, 1)


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
            assert list(spool.folder.glob("*.seg")) == []
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, limits)
    await spool._commit()
    assert spool.failing is None
    assert await drained(spool) == [b"a"]


async def test_a_file_that_was_begun_when_power_failed_stops_nobody(spool: Spool) -> None:
    await spool.stop()
    (spool.folder / f"{1:020d}.seg").touch()
    again = Spool(spool.folder, SystemClock(), BUDGET)
    await again.start()
    async with asyncio.timeout(10):
        await again.durable(again.put(b"a"))
    assert await drained(again) == [b"a"]
    assert again.tally.lost == 0
    await again.stop()
