"""A centre whose state or store is slow takes no more than it can keep, says so, and loses nothing."""

from __future__ import annotations

import asyncio
import os
import sqlite3
import subprocess
from collections.abc import AsyncIterator
from contextlib import closing
from pathlib import Path

import pytest

from tests.live.influx_server import Influxd, Influxds, influxds
from tests.live.pair import DEVICES, Door, paired
from tests.live.standin_poller import until
from tests.surroundings import leave_out

__all__ = ["influxds"]

pytestmark = [pytest.mark.live, pytest.mark.slow, pytest.mark.timeout(400)]

GROWS_AT_MOST = 48 * 1024 * 1024


@pytest.fixture
async def behind(influxds: Influxds) -> AsyncIterator[tuple[Influxd, Door]]:
    influxd, _ = await asyncio.to_thread(influxds.start)
    door = Door(influxd.url)
    await door.start()
    yield influxd, door
    await door.stop()


async def test_a_state_that_is_locked_keeps_frames_at_the_poller(tmp_path: Path, behind: tuple[Influxd, Door]) -> None:
    influxd, door = behind
    with paired(tmp_path, door.url) as pair:
        await pair.runs()
        before = pair.octets()
        with closing(sqlite3.connect(tmp_path / "state" / "noc.db", isolation_level=None)) as other:
            other.execute("BEGIN IMMEDIATE")
            await until(lambda: pair.centre()["noc_poller_frames_waiting"] > 0, "a frame that isn't settled")
            await until(lambda: "database is locked" in pair.wrong().get("pollers", ""), "that it says why")
            known = pair.stored
            await until(lambda: pair.far()["noc_poller_spool_frames"] >= 30, "frames at the poller", 60)
            assert pair.stored == known
            assert pair.centre()["noc_poller_frames_waiting"] <= pair.far()["noc_poller_spool_frames"]
            assert pair.octets() - before < GROWS_AT_MOST
            other.execute("ROLLBACK")
        await until(lambda: not pair.wrong(), "that all is well")
        await pair.ends(influxd)


async def test_a_store_that_does_not_answer_costs_time_alone(tmp_path: Path, behind: tuple[Influxd, Door]) -> None:
    """The centre's spool stands before the store: it takes what pollers send, and the poller may forget it."""
    influxd, door = behind
    with paired(tmp_path, door.url) as pair:
        await pair.runs()
        before, known = pair.octets(), pair.stored
        door.shut()
        await until(lambda: door.held, "a write that is held up")
        await until(lambda: "samples wait in the spool" in pair.wrong().get("store", ""), "that it says why", 60)
        await until(lambda: pair.centre()["noc_spool_queued_batches"] >= 20, "batches that wait", 60)
        assert pair.stored > known + 10 * DEVICES
        assert pair.octets() - before < GROWS_AT_MOST
        assert pair.wrong().keys() == {"store"}
        door.open()
        await until(lambda: not pair.wrong(), "that all is well", 60)
        await pair.ends(influxd)


async def test_a_spool_that_cannot_be_written_keeps_frames_at_the_poller(
    tmp_path: Path, behind: tuple[Influxd, Door]
) -> None:
    """The store holds up, and the disk of the centre's spool is full: nothing more may be acknowledged."""
    if os.geteuid() != 0:
        leave_out("a full disk", "only root can mount one")
    influxd, door = behind
    spool = tmp_path / "state" / "spool"
    spool.mkdir(parents=True)
    subprocess.run(["mount", "-t", "tmpfs", "-o", "size=2m", "tmpfs", str(spool)], check=True)
    try:
        with paired(tmp_path, door.url) as pair:
            await pair.runs()
            before, ballast = pair.octets(), spool / "ballast"
            door.shut()
            with pytest.raises(OSError, match="No space"):
                ballast.write_bytes(bytes(4 * 1024 * 1024))
            await until(lambda: "can't be written" in pair.wrong().get("store", ""), "that it says why", 60)
            known = pair.stored
            await until(lambda: pair.far()["noc_poller_spool_frames"] >= 30, "frames at the poller", 60)
            assert pair.stored == known
            assert pair.octets() - before < GROWS_AT_MOST
            ballast.unlink()
            door.open()
            await until(lambda: not pair.wrong(), "that all is well", 60)
            await pair.ends(influxd)
    finally:
        subprocess.run(["umount", str(spool)], check=True)
