"""Real servers on free loopback ports, started by the tests and stopped by them."""

from __future__ import annotations

import contextlib
import fcntl
import os
import random
import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

import pytest

from tests.surroundings import Recordings, leave_out
from tests.templates import kept_templates

__all__ = ["kept_templates"]

START_TIMEOUT_S = 30.0


def free_udp_port() -> int:
    """Return a UDP port on loopback that nobody uses now, and that the kernel gives to nobody who names none."""
    return free_port(socket.SOCK_DGRAM)


def free_port(kind: socket.SocketKind) -> int:
    """Return a free port below those that pollers and clients are given meanwhile (from 32768 on)."""
    while True:
        port = random.randrange(12_000, 32_000)  # noqa: S311
        with socket.socket(socket.AF_INET, kind) as probe, contextlib.suppress(OSError):
            probe.bind(("127.0.0.1", port))
            return port


class Server(Protocol):
    """A program that runs, as `subprocess.Popen` shows it."""

    @property
    def pid(self) -> int:
        """Return its number."""

    def poll(self) -> int | None:
        """Return how it ended; None while it runs."""

    def wait(self, timeout: float | None = None) -> int:
        """Return how it ended. Raises subprocess.TimeoutExpired while it runs."""

    def send_signal(self, sig: int, /) -> None:
        """Send it a signal, if it still runs."""


def wait_for(
    ready: Callable[[], bool],
    process: Server,
    what: str,
    log: Path,
    timeout_s: float = START_TIMEOUT_S,
) -> None:
    """Wait until a server is ready; fail with its log when it dies or takes longer."""
    deadline = time.monotonic() + timeout_s
    while not ready():
        if process.poll() is not None or time.monotonic() > deadline:
            tail = log.read_text(errors="replace")[-2000:] if log.exists() else ""
            pytest.fail(f"{what} did not start (exit {process.poll()}): {tail}")
        with contextlib.suppress(subprocess.TimeoutExpired):
            process.wait(0.05)


@contextlib.contextmanager
def running(
    command: list[str], log: Path, env: dict[str, str] | None = None, pass_fds: Sequence[int] = ()
) -> Iterator[subprocess.Popen[bytes]]:
    """Run a server, its output in a file; it is stopped at the end, whatever happens. pass_fds: what it inherits."""
    with log.open("wb") as output:
        process = subprocess.Popen(command, stdout=output, stderr=subprocess.STDOUT, env=env, pass_fds=pass_fds)
        try:
            yield process
        finally:
            process.terminate()
            try:
                process.wait(10)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait(10)


def find_program(name: str, package: str) -> str:
    """Return the path of a Debian program, or leave the test out."""
    path = shutil.which(name, path=f"{os.environ.get('PATH', '')}:/usr/sbin:/sbin")
    if path is None:
        leave_out(package, f"{name} is not installed (as root: apt-get install {package})")
    assert path is not None
    return path


# A GET of sysDescr.0 in SNMP v2c with community "%s", request id 1: enough to ask "are you there?".
def _sysdescr_request(community: str) -> bytes:
    name = community.encode()
    varbinds = bytes.fromhex("300e300c06082b060102010101000500")
    pdu = bytes.fromhex("020101020100020100") + varbinds
    body = bytes([2, 1, 1, 4, len(name)]) + name + bytes([0xA0, len(pdu)]) + pdu
    return bytes([0x30, len(body)]) + body


def agent_answers(port: int, community: str) -> bool:
    """Return whether an SNMP agent answers on a loopback port."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        probe.settimeout(0.5)
        try:
            probe.connect(("127.0.0.1", port))
            probe.send(_sysdescr_request(community))
            return bool(probe.recv(4096))
        except OSError:
            return False


@dataclass(frozen=True)
class RunningAgent:
    """An agent that answers on loopback."""

    port: int


@pytest.fixture(scope="session")
def snmpsim(recordings: Recordings, tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningAgent]:
    """All recordings, ours and others', served by snmpsim; the community is the file's name without `.snmprec`."""
    responder = Path(sys.executable).with_name("snmpsim-command-responder")
    port, log = free_udp_port(), tmp_path_factory.mktemp("snmpsim") / "log"
    # Those who run tests side by side have one parent folder: one of them has snmpsim make its indexes, which takes
    # seconds, and the others find them there.
    beside = "PYTEST_XDIST_WORKER" in os.environ
    folder = tmp_path_factory.getbasetemp().parent / "snmpsim" if beside else log.parent
    folder.mkdir(exist_ok=True)
    served = folder / "served"
    command = [
        str(responder),
        f"--data-dir={served}",
        f"--cache-dir={folder / 'cache'}",
        f"--agent-udpv4-endpoint=127.0.0.1:{port}",
        "--logging-method=null",
    ]
    if os.geteuid() == 0:
        command += ["--process-user=root", "--process-group=root"]
    community = recordings.names()[0]
    with contextlib.ExitStack() as stack:
        with (folder / "lock").open("w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            if not served.exists():
                served.mkdir()
                for name, path in recordings.paths().items():
                    shutil.copyfile(path, served / f"{name}.snmprec")  # snmpsim follows no links
            process = stack.enter_context(running(command, log))
            wait_for(lambda: agent_answers(port, community), process, "snmpsim", log)
        yield RunningAgent(port)


SNMPD_CONF = """\
agentaddress udp:127.0.0.1:{port}
rocommunity public
createUser alice SHA-256 "alice-auth-key" AES "alice-priv-key"
createUser bob SHA-512 "bob-auth-key-1" AES-256 "bob-priv-key-1"
createUser carol SHA "carol-auth-key"
createUser dave MD5 "dave-auth-key" DES "dave-priv-key"
rouser alice priv
rouser bob priv
rouser carol auth
rouser dave priv
sysName noc-test-agent
sysLocation loopback
"""


@pytest.fixture(scope="session")
def snmpd(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningAgent]:
    """Debian's snmpd: community public; users alice (SHA-256, AES-128), bob (SHA-512, AES-256), carol (auth), dave."""
    program = find_program("snmpd", "snmpd")
    folder = tmp_path_factory.mktemp("snmpd")
    port, log = free_udp_port(), folder / "log"
    settings = folder / "snmpd.conf"
    settings.write_text(SNMPD_CONF.format(port=port))
    env = {**os.environ, "SNMP_PERSISTENT_DIR": str(folder), "SNMPCONFPATH": str(folder)}
    with running([program, "-f", "-Lo", "-C", "-c", str(settings)], log, env) as process:
        wait_for(lambda: agent_answers(port, "public"), process, "snmpd", log)
        yield RunningAgent(port)
