"""Each collector against the real thing: something that answers, something that refuses, something that is silent."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from collectors._ports import Doors, Target
from noc import plugins
from noc.clock import SystemClock
from noc.inventory.profiles.load import load_profiles
from noc.inventory.shipped import shipped
from noc.inventory.values import Liveness
from noc.model.check import Check
from noc.model.reading import FailureKind, Reading
from noc.wire.icmp import Pinger, PingerError
from noc.wire.snmp import Community, User
from noc.wire.ssh import HostKeyFiles, HostKeys, Shell
from tests.live.conftest import RunningAgent, free_udp_port
from tests.surroundings import leave_out
from tests.things import device, watch

pytestmark = pytest.mark.live

PROFILES, _ = load_profiles([shipped("profiles")])
PUBLIC = Community("public")
QUICK = watch().timeout / 4


@pytest.fixture
async def doors(tmp_path: Path) -> AsyncIterator[Doors]:
    pinger = Pinger()
    try:
        await pinger.start()
    except PingerError as error:
        leave_out("icmp", str(error))
    clock = SystemClock()
    shell = Shell(HostKeys(HostKeyFiles(tmp_path / "known_hosts"), "accept-new"), clock)
    yield Doors(clock, "test-poller", PROFILES, pinger, shell)
    await pinger.stop()


async def ask(doors: Doors, kind: str, target: Target) -> Reading:
    reading: Reading = await plugins.load("collectors", kind).build(doors).collect(target)
    assert reading.check == kind
    assert reading.poller == "test-poller"
    assert reading.address == str(target.device.address)
    assert reading.started_at.utcoffset() is not None
    assert 0.0 <= reading.duration_s < target.check.deadline_s + 1.0
    return reading


def question(kind: str, port: int = 161, snmp: Community | User | None = None, tcp_port: int | None = None) -> Target:
    liveness = Liveness("tcp", tcp_port) if tcp_port is not None else Liveness("icmp")
    watched = watch(timeout=QUICK, retries=1, liveness=liveness)
    asked = device(address="127.0.0.1", watched=watched, snmp_port=port)
    return Target(Check(asked.entity, kind, 60.0, 10.0, liveness=True), asked, snmp)


def test_every_collector_has_a_builder_and_a_page_of_its_own() -> None:
    for name in set(plugins.names("collectors")) - {"receivers"}:
        module = plugins.load("collectors", name)
        assert callable(module.build)
        assert module.__doc__


async def test_icmp_measures_a_burst(doors: Doors) -> None:
    reading = await ask(doors, "icmp", question("icmp"))
    assert reading.failure is None
    assert reading.ping is not None
    assert reading.ping.received == len(reading.ping.rtts_s) == 5


async def test_tcp_connects(doors: Doors) -> None:
    async def hang_up(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.close()

    server = await asyncio.start_server(hang_up, "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    reading = await ask(doors, "tcp", question("tcp", tcp_port=port))
    server.close()
    assert reading.failure is None
    assert reading.connect is not None
    assert reading.connect.port == port


async def test_tcp_tells_a_closed_port_from_silence(doors: Doors) -> None:
    with socket.socket() as closed:
        closed.bind(("127.0.0.1", 0))
        refused = await ask(doors, "tcp", question("tcp", tcp_port=closed.getsockname()[1]))
    assert refused.failure is not None
    assert refused.failure.kind is FailureKind.REFUSED
    assert refused.failure.reason.endswith("connection refused")
    # A listener whose backlog is full drops further connections without a word.
    with socket.socket() as full, socket.socket() as first, socket.socket() as second:
        full.bind(("127.0.0.1", 0))
        full.listen(0)
        address = full.getsockname()
        for waiting in (first, second):
            waiting.setblocking(False)
            waiting.connect_ex(address)
        silent = await ask(doors, "tcp", question("tcp", tcp_port=address[1]))
    assert silent.failure is not None
    assert silent.failure.kind is FailureKind.TIMEOUT


async def test_uptime_asks_an_agent(doors: Doors, snmpd: RunningAgent) -> None:
    reading = await ask(doors, "uptime", question("uptime", snmpd.port, PUBLIC))
    assert reading.failure is None
    assert reading.snmp is not None
    assert isinstance(reading.snmp.scalars["sysUpTime"], int)


@pytest.mark.parametrize("kind", ["uptime", "snmp"])
async def test_an_agent_that_is_not_there_is_a_failure_and_no_exception(doors: Doors, kind: str) -> None:
    reading = await ask(doors, kind, question(kind, free_udp_port(), PUBLIC))
    assert reading.failure is not None
    assert reading.failure.kind is FailureKind.REFUSED


@pytest.mark.parametrize("kind", ["uptime", "snmp"])
async def test_a_wrong_key_is_told_as_such(doors: Doors, snmpd: RunningAgent, kind: str) -> None:
    wrong = User("alice", "SHA-256", "not-her-auth-key", "AES-128", "alice-priv-key")
    reading = await ask(doors, kind, question(kind, snmpd.port, wrong))
    assert reading.failure is not None
    assert reading.failure.kind is FailureKind.AUTH


async def test_snmp_reads_the_device_by_its_profile(doors: Doors, snmpd: RunningAgent) -> None:
    reading = await ask(doors, "snmp", question("snmp", snmpd.port, PUBLIC))
    assert reading.failure is None
    assert reading.snmp is not None
    assert reading.snmp.profile == "net-snmp-linux"
