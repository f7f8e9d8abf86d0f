"""FRR's vtysh by SSH: OpenSSH, a shell, a living router; what it prints becomes peers and neighbours."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from collectors._ports import Doors, Target
from noc import plugins
from noc.clock import SystemClock
from noc.inventory.profiles.cli import load_cli
from noc.inventory.shipped import shipped
from noc.inventory.ssh import Backup, SshCheck
from noc.model.check import Check
from noc.model.reading import Reading
from noc.model.snapshot import Snapshot
from noc.pipeline.cli import CliViews
from noc.pipeline.clirhythm import wanted
from noc.pipeline.configtext import copy_of
from noc.wire.cliparser import CliParser
from noc.wire.icmp import Pinger
from noc.wire.ssh import Shell
from tests.live.frr_network import FrrNetwork, frr_network
from tests.live.ssh_server import Sshd, SshServers, ssh_servers
from tests.live.ssh_shells import bash, shell, shells
from tests.things import device, watch

__all__ = ["shell", "shells", "ssh_servers"]  # fixtures

pytestmark = pytest.mark.live

CATALOGUE, _ = load_cli([shipped("profiles")])
CHECKS = SshCheck(platform="frr", checks=("version", "bgp", "ospf", "mpls"))


@pytest.fixture(scope="module")
def network() -> Iterator[FrrNetwork]:
    with frr_network() as found:
        yield found


@pytest.fixture
async def parser() -> AsyncIterator[CliParser]:
    made = CliParser([shipped("profiles").absolute() / "cli"])
    yield made
    await made.stop()


@pytest.fixture
def router(network: FrrNetwork, ssh_servers: SshServers, tmp_path: Path) -> Sshd:
    """The machine of r1: a shell where `vtysh` is that of its router."""
    start = f'vtysh() {{ command vtysh --vty_socket {network.folder / "r1"} "$@"; }}\n'
    return ssh_servers.start(forced=bash(tmp_path, start))[0]


async def collected(shell: Shell, parser: CliParser, router: Sshd, kind: str) -> Reading:
    doors = Doors(SystemClock(), "test", {}, Pinger(), shell, parser)
    asked = device(address="127.0.0.1", watched=watch(ssh=CHECKS, backup=Backup(every=timedelta(hours=1))))
    commands = wanted(CATALOGUE["frr"].commands, CHECKS)
    target = Target(Check(asked.entity, kind, 300.0, 60.0), asked, None, router.login(), None, "frr", commands)
    reading: Reading = await plugins.load("collectors", kind).build(doors).collect(target)
    assert (reading.failure, reading.parts) == (None, ())
    return reading


def peers(snapshot: Snapshot, name: str, key: str) -> set[tuple[object, ...]]:
    return {(row[key], row["state"]) for row in snapshot.records[name]}


async def test_a_living_routers_peers_are_read_by_vtysh(
    shell: Shell, parser: CliParser, router: Sshd, network: FrrNetwork
) -> None:
    expected = {("10.0.1.2", "established"), ("10.0.3.2", "established")}
    snapshot: Snapshot | None = None
    for _ in range(20):  # the sessions come up within seconds; each log-in takes one
        reading = await collected(shell, parser, router, "ssh")
        told = CliViews(lambda: CATALOGUE).take_ssh("device/r1", reading)
        assert told is not None
        snapshot = told[1]
        if peers(snapshot, "bgp_peers", "peer") == expected and len(snapshot.records["mpls_ldp_sessions"]) == 2:
            break
    assert snapshot is not None
    assert peers(snapshot, "bgp_peers", "peer") == expected
    assert {row["remote_as"] for row in snapshot.records["bgp_peers"]} == {65002, 65003}
    assert peers(snapshot, "ospf_neighbors", "neighbor") == {("10.0.1.2", "full"), ("10.0.3.2", "full")}
    assert peers(snapshot, "mpls_ldp_sessions", "peer") == {
        ("10.255.0.2", "operational"),
        ("10.255.0.3", "operational"),
    }
    assert snapshot.device.os == "frr"
    assert snapshot.device.version is not None
    assert snapshot.device.version in network.vtysh("r1", "show version")


async def test_its_configuration_is_copied(shell: Shell, parser: CliParser, router: Sshd) -> None:
    reading = await collected(shell, parser, router, "backup")
    assert reading.ssh is not None
    copy = copy_of([answer.text for answer in reading.ssh])
    assert copy is not None
    assert "router bgp 65001" in copy.text
    again = await collected(shell, parser, router, "backup")
    other = copy_of([answer.text for answer in again.ssh or ()])
    assert other is not None
    assert other.digest == copy.digest
