"""A poller for real: a process, Mosquitto, Debian's snmpd, and a small centre that looks at what crosses the line."""

from __future__ import annotations

import asyncio
import base64
import os
import signal
import subprocess
import sys
from collections.abc import AsyncIterator, Iterator
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from noc.bus import identity
from noc.bus.identity import Identity
from noc.bus.sealing import new_key
from tests.live.conftest import SNMPD_CONF, agent_answers, find_program, free_udp_port, running, wait_for
from tests.live.mosquitto import broker
from tests.live.standin import StandIn

pytestmark = pytest.mark.live

SETTINGS = """\
credentials:
  standard: {snmp: {version: 2c, community: !secret file:secrets/1}}
defaults: {credentials: standard, interval: 1s, poll_interval: 2s, timeout: 300ms, retries: 0}
polling: {poller: nbo-1, vantage: nairobi}
pollers: {groups: {africa: {scope: [region/here]}}}
"""
INVENTORY = """\
regions: {{here: {{name: Here}}}}
sites: {{nairobi: {{region: here, class: field}}}}
devices:
  agent: {{site: nairobi, address: 127.0.0.1, class: server, liveness: snmp, snmp_port: {port}}}
"""


def plan_files(port: int) -> dict[str, bytes]:
    """Return a plan of one device."""
    return {
        "noc.yaml": SETTINGS.encode(),
        "inventory/all.yaml": INVENTORY.format(port=port).encode(),
        "secrets/1": b"public\n",
    }


def identity_at(port: int, poller: str = "nbo-1") -> Identity:
    """Return the identity of a poller at a broker without TLS."""
    key = base64.b64encode(new_key()).decode()
    return Identity(
        poller=poller, group="africa", centre="c", host="127.0.0.1", port=port, tls=False, user="", password="", key=key
    )


@dataclass
class Process:
    """A poller's process, and its folder."""

    folder: Path
    said: Identity
    running: subprocess.Popen[bytes] | None = None
    _stack: ExitStack = field(default_factory=ExitStack)

    def __post_init__(self) -> None:
        self.folder.mkdir(exist_ok=True)
        path = self.folder / "identity.json"
        path.write_bytes(identity.written(self.said))
        path.chmod(0o600)
        (self.folder / "poller.yaml").write_text("state_dir: state\nhttp: {port: 0}\nnewcomer: 300ms\n")

    @property
    def log(self) -> str:
        return (self.folder / "poller.log").read_text()

    def start(self) -> None:
        command = [sys.executable, "-m", "noc", "run", "--role", "poller", "-c", str(self.folder / "poller.yaml")]
        with (self.folder / "poller.log").open("ab") as log:
            self.running = subprocess.Popen(command, stdout=log, stderr=log, env={**os.environ})

    def end(self, number: signal.Signals = signal.SIGTERM) -> int:
        assert self.running is not None
        self.running.send_signal(number)
        code = self.running.wait(20)
        self.running = None
        return code

    def close(self) -> None:
        if self.running is not None:
            self.end(signal.SIGKILL)


@pytest.fixture
def agent(tmp_path: Path) -> Iterator[int]:
    port, log = free_udp_port(), tmp_path / "snmpd.log"
    settings = tmp_path / "snmpd.conf"
    settings.write_text(SNMPD_CONF.format(port=port))
    command = [find_program("snmpd", "snmpd"), "-f", "-Lo", "-C", "-c", str(settings)]
    with running(command, log, {**os.environ, "SNMP_PERSISTENT_DIR": str(tmp_path)}) as process:
        wait_for(lambda: agent_answers(port, "public"), process, "snmpd", log)
        yield port


@pytest.fixture
async def line(tmp_path: Path, agent: int) -> AsyncIterator[tuple[StandIn, Process]]:
    async with broker(tmp_path) as port:
        said = identity_at(port)
        process = Process(tmp_path / "poller", said)
        try:
            yield StandIn(said, plan_files(agent)), process
        finally:
            process.close()


async def test_it_fetches_its_plan_and_sends_what_its_devices_answer(line: tuple[StandIn, Process]) -> None:
    centre, process = line
    process.start()
    async with centre.there():
        await centre.until(lambda: len(centre.readings) >= 6, "readings")
        keys = {key for key, _ in centre.readings}
        assert keys == {"device/agent:uptime", "device/agent:snmp"}
        assert all(reading.failure is None for _, reading in centre.readings)
        await centre.until(lambda: centre.presences[-1].devices == 1, "its share")
        assert await asyncio.to_thread(process.end) == 0
        await centre.until(lambda: centre.presences[-1].state == "gone", "its goodbye")
    assert not list((process.folder / "state").glob("noc-plan-*"))
    assert b"public" not in (process.folder / "state" / "plan.sealed").read_bytes()
