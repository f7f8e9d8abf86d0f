"""A full disk, for real: transitions wait in memory, and are all in the ledger when there is room again."""

from __future__ import annotations

import asyncio
import os
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from noc.clock import SystemClock
from noc.model.transition import Transition
from noc.state import committer as committer_module
from noc.state import ledger
from noc.state.committer import Committer
from noc.state.database import Database
from tests.surroundings import leave_out

pytestmark = pytest.mark.live


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    if os.geteuid() != 0:
        leave_out("a full disk", "only root can mount one")
    subprocess.run(["mount", "-t", "tmpfs", "-o", "size=3m", "tmpfs", str(tmp_path)], check=True)
    yield tmp_path
    subprocess.run(["umount", str(tmp_path)], check=True)


def transition(number: int) -> Transition:
    results = tuple((number * 1000 + second, False) for second in range(16))
    return Transition("device/a", "down", "up", number, number + 1, "icmp", "p", "confirmed", results)


async def test_nothing_is_lost(
    small_disk: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(committer_module, "RETRY_AFTER_S", 0.05)
    database = Database(small_disk / "noc.db")
    await database.start()
    committer = Committer(database, SystemClock(), list)
    await committer.start()
    committer.put([transition(0)])
    async with asyncio.timeout(10):
        while committer.waiting:
            await asyncio.sleep(0.01)
    ballast = small_disk / "ballast"
    with pytest.raises(OSError, match="No space"):
        ballast.write_bytes(bytes(6 * 1024 * 1024))
    committer.put(transition(number) for number in range(1, 500))
    async with asyncio.timeout(10):
        while "can't be written" not in caplog.text:
            await asyncio.sleep(0.01)
    assert committer.waiting > 0
    ballast.unlink()
    async with asyncio.timeout(30):
        while committer.waiting:
            await asyncio.sleep(0.01)
    await committer.stop()
    async with database.read() as connection:
        assert (await ledger.verify(connection)).broken is None
        assert [record.since_ms async for record in ledger.read(connection)] == list(range(500))
    await database.stop()
    assert "make room" in caplog.text
