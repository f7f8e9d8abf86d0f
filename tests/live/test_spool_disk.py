"""A disk that is full, and one that fails: noc stays up, promises nothing that it can't keep, and goes on by itself."""

from __future__ import annotations

import asyncio
import contextlib
import os
import random
import re
import subprocess
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from noc.clock import SystemClock
from noc.service import running
from noc.spool import spool as spool_module
from noc.spool.drain import Drain
from noc.spool.files import HoldBack
from noc.spool.letters import Letters
from noc.spool.payload import packed
from noc.spool.report import report
from noc.spool.spool import Spool
from tests.live.conftest import find_program
from tests.live.feeding import Feeder, emptied, missing
from tests.spools import Shelf, conserved, numbered, sample
from tests.spools import every_spool_adds_up as every_spool_adds_up  # noqa: PLC0414 a fixture
from tests.surroundings import leave_out

pytestmark = pytest.mark.live

BASE = SystemClock().now().replace(microsecond=0) - timedelta(days=1)


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    if os.geteuid() != 0:
        leave_out("a full disk", "only root can mount one")
    folder = tmp_path / "small"
    folder.mkdir()
    subprocess.run(["mount", "-t", "tmpfs", "-o", "size=4m", "tmpfs", str(folder)], check=True)
    yield folder
    subprocess.run(["umount", str(folder)], check=True)


def fill(ballast: Path) -> None:
    """Take all room that is left."""
    file = os.open(ballast, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
    with contextlib.suppress(OSError):
        while os.write(file, bytes(1024 * 1024)):
            pass
    os.close(file)


async def until(met: str, spool: Spool) -> float:
    """Wait until the spool is written again, or isn't; return how long that took."""
    clock = SystemClock()
    began_s = clock.monotonic()
    async with asyncio.timeout(20):
        while (spool.failing is None) == (met == "fails"):
            await asyncio.sleep(0.01)
    return clock.monotonic() - began_s


@pytest.mark.parametrize("drains", [True, False])
async def test_a_full_disk_costs_nothing_and_is_written_again_at_once(small_disk: Path, drains: bool) -> None:
    spool, shelf = Spool(small_disk / "spool", SystemClock(), 100_000_000), Shelf()
    drain = Drain(spool, shelf, SystemClock(), Letters(spool.folder))
    async with running([spool, drain] if drains else [spool]):
        for number in range(500):
            last = spool.put(numbered(float(number)))
        await spool.durable(last)
        ballast = small_disk / "ballast"
        for number in range(500, 1500):
            fill(ballast)  # the last page, again and again, while the spool makes room
            spool.put(numbered(float(number)))
            await asyncio.sleep(0)
        await until("fails", spool)
        await conserved(spool)
        assert "No space left" in str(spool.failing)
        for number in range(1500, 2000):
            last = spool.put(numbered(float(number)))
        await conserved(spool)
        ballast.unlink()
        assert await until("works", spool) < 10
        await spool.durable(last)
        async with asyncio.timeout(20):
            while drains and spool.queued:
                await asyncio.sleep(0.01)
        await conserved(spool)
        assert spool.tally.shed.batches == 0
    if not drains:
        shelf = Shelf()
        spool = Spool(small_disk / "spool", SystemClock(), 100_000_000)
        async with running([spool, Drain(spool, shelf, SystemClock(), Letters(spool.folder))]):
            async with asyncio.timeout(20):
                while spool.queued:
                    await asyncio.sleep(0.01)
    assert sorted(set(shelf.taken)) == [float(number) for number in range(2000)]
    assert len(shelf.taken) == 2000
    assert report(spool.folder).adds_up


async def test_what_is_held_back_goes_before_anything_is_shed_or_waits_in_memory(
    small_disk: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(spool_module, "COMMIT_EVERY_S", 0.01)
    monkeypatch.setattr(spool_module, "RETRY_AFTER_S", 0.05)
    hold_back = HoldBack(3600.0, 100_000_000)
    spool, shelf = Spool(small_disk / "spool", SystemClock(), 100_000_000, hold_back=hold_back), Shelf()
    chance = random.Random(1)  # noqa: S311 numbers that don't compress
    batch = [replace(sample(0.0), values=((chance.random(),),)) for _ in range(1300)]
    body = packed(batch)
    assert len(body) > 10_000
    async with running([spool, Drain(spool, shelf, SystemClock(), Letters(spool.folder))]):
        spool._files.segments._segment_bytes = 200_000
        for _ in range(80):  # twice what fits
            for _ in range(10):
                last = spool.put(body)
            await spool.durable(last)
            async with asyncio.timeout(20):
                while spool.queued > 20:
                    await asyncio.sleep(0)
        await conserved(spool)
        assert spool.tally.shed.batches == 0
        assert spool.failing is None


# --- a disk that fails, by strace -----------------------------------------------------------------------------------


def injected(log: Path, what: str) -> tuple[str, ...]:
    """Return the command that has a system call of another program fail, or leaves the test out."""
    strace = find_program("strace", "strace")
    tried = subprocess.run([strace, "-o", "/dev/null", "true"], capture_output=True, text=True, check=False)
    if tried.returncode:
        pytest.skip(f"errors are injected by strace, which is not permitted here: {tried.stderr.strip()}")
    calls = "trace=fdatasync,write,openat,close"
    return (strace, "-f", "-qq", "-e", "signal=none", "-o", str(log), "-e", calls, "-e", f"inject={what}")


@pytest.mark.parametrize(
    "what", ["fdatasync:error=EIO:when=20+40", "fdatasync:error=EIO:when=30..33", "fdatasync:error=ENOSPC:when=15+25"]
)
async def test_after_a_failed_sync_a_group_is_written_anew_elsewhere(tmp_path: Path, what: str) -> None:
    trace = tmp_path / "trace"
    feeder = Feeder(tmp_path, BASE, 1, *injected(trace, what))
    assert feeder.until(60, 60.0), (tmp_path / "feeder.log").read_text()
    feeder.kill()
    found, told = await emptied(tmp_path)
    assert missing(found, feeder.acknowledged) == []
    assert told.batches["lost"] == 0
    assert told.adds_up
    failed = 0
    open_files: dict[str, bool] = {}
    for line in trace.read_text().splitlines():
        if (opened := re.search(r"openat.*= (\d+)$", line)) is not None:
            open_files.pop(opened[1], None)
            if re.search(r"openat\(.*\.seg\".*O_APPEND", line) is not None:
                open_files[opened[1]] = True
        elif (synced := re.search(r"fdatasync\((\d+)\)\s+= (-1|0)", line)) is not None:
            assert open_files.get(synced[1], True), f"synced once more after it failed: {line}"
            if synced[2] == "-1" and synced[1] in open_files:
                open_files[synced[1]] = False
                failed += 1
    assert failed > 0
