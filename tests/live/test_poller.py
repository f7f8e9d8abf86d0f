"""A poller for real: a process, Mosquitto, Debian's snmpd, and a small centre that looks at what crosses the line."""

from __future__ import annotations

import asyncio
import base64
import os
import signal
import socket
import subprocess
from collections.abc import AsyncIterator, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from noc.bus import identity
from noc.bus.frames import head_of
from noc.bus.identity import Identity
from noc.bus.messages import Order
from noc.bus.plans import digest
from noc.bus.sealing import new_key
from noc.bus.sending import UPLINK
from noc.spool.files import Files, HoldBack
from noc.spool.payload import unpack
from tests.live.conftest import SNMPD_CONF, agent_answers, find_program, free_udp_port, running, wait_for
from tests.live.forked import Program
from tests.live.mosquitto import broker
from tests.live.ssh_server import free_tcp_port
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
        "pollers.txt": b"nbo-1\nnbo-2\n",
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
    running: Program | None = None
    _stack: ExitStack = field(default_factory=ExitStack)

    def __post_init__(self) -> None:
        self.folder.mkdir(exist_ok=True)
        path = self.folder / "identity.json"
        path.write_bytes(identity.written(self.said))
        path.chmod(0o600)
        self.syslog = free_udp_port()
        listen = f'{{syslog: {{udp: ["127.0.0.1:{self.syslog}"]}}}}'
        text = f"state_dir: state\nhttp: {{port: 0}}\nnewcomer: 300ms\nreceivers: {listen}\n"
        (self.folder / "poller.yaml").write_text(text)

    @property
    def log(self) -> str:
        return (self.folder / "poller.log").read_text()

    def start(self) -> None:
        log = self.folder / "poller.log"
        self.running = Program(("run", "--role", "poller", "-c", str(self.folder / "poller.yaml")), log, log)

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
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as device:
            device.sendto(
                b"<187>Nov 22 06:00:00 agent %LINK-3-UPDOWN: Interface x, changed state to down",
                ("127.0.0.1", process.syslog),
            )
        await centre.until(lambda: bool(centre.events), "what the device said by itself")
        assert (centre.events[0].device, centre.events[0].kind) == ("device/agent", "syslog")
        assert await asyncio.to_thread(process.end) == 0
        await centre.until(lambda: centre.presences[-1].state == "gone", "its goodbye")
    assert not list((process.folder / "state").glob("noc-plan-*"))
    assert b"public" not in (process.folder / "state" / "plan.sealed").read_bytes()


def on_disk(process: Process) -> set[tuple[str, int]]:
    """Return boot and number of all frames that wait in the spool of a poller that was killed."""
    files = Files(process.folder / "state" / "spool", 1 << 30, HoldBack(), [UPLINK])
    files.open()
    heads = [head_of(unpack(record.payload).body) for record in files.window(UPLINK, 10_000)]
    return {(head.boot.hex(), head.number) for head in heads}


def taken(centre: StandIn) -> set[tuple[str, int]]:
    return {(boot, number) for boot, numbers in centre.numbers.items() for number in numbers}


@pytest.mark.slow
async def test_nothing_on_its_disk_is_lost_when_it_and_the_centre_are_killed(line: tuple[StandIn, Process]) -> None:
    centre, process = line
    process.start()
    async with centre.there():
        await centre.until(lambda: len(centre.readings) >= 3, "readings")
        centre.acknowledges = False
        known = len(centre.readings)
        await centre.until(lambda: len(centre.readings) >= known + 6, "readings that are not acknowledged")
        await asyncio.to_thread(process.end, signal.SIGKILL)
        spooled = on_disk(process)
        assert spooled & taken(centre)  # none of these is forgotten before it is acknowledged
        again = StandIn(centre.identity, centre.files)  # a centre that has lost its bases, and knows no number
    process.start()
    async with again.there():
        await again.until(lambda: spooled <= taken(again), "all that was on the disk")
        await again.until(lambda: len(again.numbers) == 2, "frames of the new start")
        assert again.asked, "the bases of the frames before the kill had to be asked for"


@contextmanager
def plain_broker(folder: Path, port: int) -> Iterator[subprocess.Popen[bytes]]:
    """Run a broker that can be killed."""
    config, log = folder / "mosquitto.conf", folder / "mosquitto.log"
    config.write_text(f"listener {port} 127.0.0.1\nallow_anonymous true\n")
    with running([find_program("mosquitto", "mosquitto"), "-c", str(config)], log) as process:
        wait_for(lambda: is_open(port), process, "mosquitto", log)
        yield process


def is_open(port: int) -> bool:
    with socket.socket() as asked:
        return asked.connect_ex(("127.0.0.1", port)) == 0


@pytest.mark.slow
async def test_a_broker_that_is_killed_costs_nothing(tmp_path: Path, agent: int) -> None:
    port = free_tcp_port()
    said = identity_at(port)
    centre, process = StandIn(said, plan_files(agent)), Process(tmp_path / "poller", said)
    try:
        async with centre.there():
            with plain_broker(tmp_path, port) as first:
                process.start()
                await centre.until(lambda: len(centre.readings) >= 3, "readings")
                first.kill()
            known = len(centre.readings)
            with plain_broker(tmp_path, port):
                await centre.until(lambda: len(centre.readings) >= known + 6, "readings after the broker came back")
        [numbers] = centre.numbers.values()
        assert numbers == set(range(1, max(numbers) + 1))
    finally:
        process.close()


@pytest.mark.slow
async def test_it_does_as_it_is_ordered(line: tuple[StandIn, Process]) -> None:
    centre, process = line
    process.start()
    async with centre.there():
        await centre.until(lambda: len(centre.readings) >= 3, "readings")
        await centre.order(Order(quarantine="its twin speaks too"))
        await centre.until(lambda: centre.presences[-1].devices == 0, "the end of its share")
        frames = len(centre.came)
        waiting = centre.presences[-1].waiting
        await centre.until(lambda: centre.presences[-1].sent_us > centre.presences[0].sent_us + 12e6, "more presences")
        assert len(centre.came) == frames, "a frame left quarantine"
        await centre.order(Order(quarantine=""))
        await centre.until(lambda: len(centre.came) > frames + waiting + 2, "readings after quarantine")
        await centre.order(Order(drain=True))
        await centre.until(lambda: centre.presences[-1].state == "draining", "that it drains")
        await centre.until(lambda: centre.presences[-1].devices == 0, "that its share is gone")
        await centre.until(lambda: centre.presences[-1].waiting == 0, "the end of its backlog")
        await centre.order(Order(drain=False))
        await centre.until(lambda: centre.presences[-1].devices == 1, "its share again")
        await centre.plan({**centre.files, "noc.yaml": SETTINGS.replace("2s", "1h").replace("1s", "30m").encode()})
        await centre.until(lambda: centre.presences[-1].plan == digest(centre.files), "the other plan")
        known = len(centre.readings)
        await centre.order(Order(look=("device/agent:uptime", "device/agent:snmp", "device/else:snmp")))
        await centre.until(lambda: len(centre.readings) >= known + 2, "what it was asked to look at")


@pytest.mark.slow
async def test_two_processes_with_one_identity_are_seen(line: tuple[StandIn, Process], tmp_path: Path) -> None:
    centre, process = line
    clone = Process(tmp_path / "clone", process.said)
    process.start()
    try:
        async with centre.there():
            await centre.until(lambda: len(centre.readings) >= 3, "readings")
            clone.start()
            await centre.until(lambda: "another process with the identity" in process.log + clone.log, "its being told")
            assert len({said.boot for said in centre.presences if said.boot}) == 2
    finally:
        clone.close()
