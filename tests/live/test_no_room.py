"""A machine on which no file can be opened any more asks nobody: that is told as its own fault, never as an outage."""

from __future__ import annotations

import resource
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from collectors._endpoints import Question
from collectors._ports import Doors, Target
from noc import plugins
from noc.app.openfiles import allow_many
from noc.clock import SystemClock
from noc.inventory.endpoints import DnsProbe, HttpProbe, NtpProbe, Probe, SmtpProbe, TcpProbe, TlsProbe
from noc.inventory.values import Liveness
from noc.model.check import Check
from noc.model.reading import Reading
from noc.settings.secrets import Secret
from noc.wire.icmp import Pinger
from noc.wire.snmp import Community, User
from noc.wire.ssh import HostKeyFiles, HostKeys, Shell
from tests.live.endpoint_servers import Doors as ProbeDoors
from tests.live.endpoint_servers import endpoint
from tests.live.test_collectors import PROFILES
from tests.things import device, watch

pytestmark = pytest.mark.live

ALICE = User("alice", "SHA", Secret("authentication"), None, None)
PORT = 9  # nobody is there, and nobody is asked


@contextmanager
def limited(soft: int) -> Iterator[None]:
    """Allow files below a number alone; those that are open stay so."""
    before = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (soft, before[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_NOFILE, before)


def is_ours(reading: Reading) -> bool:
    return reading.failure is not None and reading.failure.ours and "too many open files" in reading.failure.reason


@pytest.mark.parametrize(
    ("kind", "snmp"),
    [("tcp", None), ("uptime", Community("public")), ("snmp", Community("public")), ("uptime", ALICE), ("snmp", ALICE)],
    ids=["tcp", "uptime-v2c", "snmp-v2c", "uptime-v3", "snmp-v3"],
)
async def test_a_device(tmp_path: Path, kind: str, snmp: Community | User | None) -> None:
    clock = SystemClock()
    shell = Shell(HostKeys(HostKeyFiles(tmp_path / "known_hosts"), "accept-new"), clock)
    collector = plugins.load("collectors", kind).build(Doors(clock, "here", PROFILES, Pinger(), shell))
    asked = device(address="127.0.0.1", watched=watch(retries=1, liveness=Liveness("tcp", PORT)), snmp_port=PORT)
    target = Target(Check(asked.entity, kind, 60.0, 10.0, liveness=True), asked, snmp)
    assert not is_ours(await collector.collect(target))  # all that it needs is loaded
    with limited(1):
        reading = await collector.collect(target)
    assert is_ours(reading)


@pytest.mark.parametrize(
    "probe",
    [
        TcpProbe(host="127.0.0.1", port=PORT),
        TlsProbe(host="127.0.0.1", port=PORT),
        HttpProbe(url=f"http://127.0.0.1:{PORT}/"),
        DnsProbe(server="127.0.0.1", name="example.org", port=PORT),
        NtpProbe(host="127.0.0.1", port=PORT),
        SmtpProbe(host="127.0.0.1", port=PORT),
    ],
    ids=lambda probe: type(probe).__name__,
)
async def test_an_end_point(probe: Probe) -> None:
    asked = endpoint(probe, timeout_s=1.0)
    question = Question(Check(asked.entity, asked.kind, 60.0, 10.0, liveness=True), asked, Path("/"), {})
    prober = plugins.load("collectors", asked.kind).build(ProbeDoors())
    assert not is_ours(await prober.probe(question))  # all that it needs is loaded
    with limited(1):
        reading = await prober.probe(question)
    assert is_ours(reading)


def test_the_limit_of_a_shell_is_raised() -> None:
    hard = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
    with limited(256):
        allow_many()
        assert resource.getrlimit(resource.RLIMIT_NOFILE)[0] == (65_536 if hard < 0 else min(65_536, hard))
