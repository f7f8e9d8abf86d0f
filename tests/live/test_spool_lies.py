"""A store that says yes and loses it all the same: VictoriaMetrics, killed before its disk has what it took.

The spool holds back what was stored for a while, and gives it again when it is asked to.
"""

from __future__ import annotations

import asyncio
import signal
import subprocess
from collections.abc import Iterator
from contextlib import ExitStack
from datetime import timedelta
from pathlib import Path

import pytest

from noc.clock import SystemClock
from noc.model.instants import to_ms
from noc.model.samples import Samples
from noc.service import running as services
from noc.spool.drain import Drain
from noc.spool.files import HoldBack
from noc.spool.letters import Letters
from noc.spool.report import report, wrong
from noc.spool.spool import Spool, packer
from noc.store._ports import Surroundings
from noc.store.influx import Settings, build
from tests.live.conftest import find_program, running, wait_for
from tests.live.ssh_server import free_tcp_port
from tests.live.victoria_server import Victoria
from tests.spools import conserved
from tests.spools import every_spool_adds_up as every_spool_adds_up  # noqa: PLC0414 a fixture

pytestmark = pytest.mark.live

BATCHES, ROWS = 20, 100
BEGIN = SystemClock().now().replace(microsecond=0) - timedelta(hours=1)


class Mortal:
    """A VictoriaMetrics that is killed, and started again on the same data."""

    def __init__(self, folder: Path) -> None:
        self.server = Victoria(free_tcp_port())
        self._folder = folder
        self._stack = ExitStack()
        self._process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        program = find_program("victoria-metrics", "victoria-metrics")
        command = [
            program,
            f"-httpListenAddr=127.0.0.1:{self.server.port}",
            f"-storageDataPath={self._folder / 'data'}",
        ]
        command += ["-retentionPeriod=2y", "-dedup.minScrapeInterval=1ms"]
        log = self._folder / "victoria.log"
        self._process = self._stack.enter_context(running(command, log))
        wait_for(self.server.is_there, self._process, "victoria-metrics", log)

    def kill(self) -> None:
        assert self._process is not None
        self._process.send_signal(signal.SIGKILL)
        self._process.wait(20)

    def close(self) -> None:
        self._stack.close()

    def held(self) -> list[float]:
        """Return all values that can be found, sorted; each as often as the server has it."""
        self.server.flush()
        found = self.server.export('{__name__="lied_v"}')
        return sorted(value for series in found for value in series["values"])  # type: ignore[attr-defined]


@pytest.fixture
def mortal(tmp_path: Path) -> Iterator[Mortal]:
    made = Mortal(tmp_path)
    try:
        made.start()
        yield made
    finally:
        made.close()


def batch(number: int) -> list[Samples]:
    at = BEGIN + timedelta(seconds=number)
    tags = tuple(("d", str(row)) for row in range(ROWS))
    return [Samples("lied", at, ("device", "n"), ("v",), tags, tuple((float(number * ROWS + n),) for n in range(ROWS)))]


async def drained(spool: Spool) -> None:
    async with asyncio.timeout(60):
        while spool.queued:
            await asyncio.sleep(0.02)
    await conserved(spool)


async def test_what_a_store_lost_after_it_said_yes_is_given_again(mortal: Mortal, tmp_path: Path) -> None:
    clock = SystemClock()
    settings = Settings.model_validate({"url": mortal.server.url, "dialect": "victoria"})
    store = build(settings, Surroundings(tmp_path, tmp_path, clock))
    pack = packer(store.form, store.encode)
    spool = Spool(tmp_path / "spool", clock, 10**9, pack=pack, hold_back=HoldBack(3600.0, 10**9))
    drain = Drain(spool, store, clock, Letters(spool.folder))
    whole = [float(number) for number in range(BATCHES * ROWS)]
    since_ms = to_ms(clock.now())
    async with services([store, spool, drain]):
        for number in range(BATCHES):
            spool.take(batch(number))
            await asyncio.sleep(0)
        await drained(spool)
        assert spool.tally.stored.values == len(whole)
        await asyncio.to_thread(mortal.kill)
        await asyncio.to_thread(mortal.start)
        assert await asyncio.to_thread(mortal.held) != whole  # it had said yes to all of it
        again = await spool.replay(since_ms, to_ms(clock.now()) + 1)
        assert (again.batches, again.values) == (BATCHES, len(whole))
        await drained(spool)
        assert await asyncio.to_thread(mortal.held) == whole
        assert (spool.tally.given.values, spool.tally.stored.values) == (2 * len(whole), 2 * len(whole))
    assert list(wrong(report(spool.folder, bodies=True))) == []
