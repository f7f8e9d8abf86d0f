"""Debian's sshd on a free loopback port, with host keys and a user key that are made for the test."""

from __future__ import annotations

import contextlib
import getpass
import os
import socket
import subprocess
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import pytest

from noc.settings.secrets import Secret
from noc.wire.ssh import SshLogin
from tests.live.conftest import find_program, free_port, running, wait_for

SETTINGS = """\
ListenAddress 127.0.0.1
Port {port}
AuthorizedKeysFile {folder}/authorized_keys
SetEnv HOME={folder}
StrictModes no
UsePAM no
PasswordAuthentication no
KbdInteractiveAuthentication no
PermitRootLogin prohibit-password
PidFile none
PrintMotd no
PrintLastLog no
LogLevel VERBOSE
"""


def free_tcp_port() -> int:
    """Return a TCP port on loopback that nobody uses now."""
    return free_port(socket.SOCK_STREAM)


def make_key(path: Path, kind: str = "ed25519") -> str:
    """Make a key pair and return the private key."""
    if not path.exists():
        command = [find_program("ssh-keygen", "openssh-client"), "-q", "-t", kind, "-N", "", "-C", "", "-f", str(path)]
        subprocess.run(command, check=True)
    return path.read_text()


@dataclass(frozen=True)
class Sshd:
    """A server that runs."""

    folder: Path
    port: int

    @property
    def name(self) -> str:
        """Return what known_hosts files call it."""
        return f"[127.0.0.1]:{self.port}"

    @property
    def log(self) -> str:
        """Return what it has logged."""
        return (self.folder / "log").read_text()

    def login(self, user: str | None = None, key: str | None = None) -> SshLogin:
        """Return how to log in: as oneself, with the key that it knows."""
        private_key = key or (self.folder / "user").read_text()
        return SshLogin(user or getpass.getuser(), private_key=Secret(private_key), port=self.port)


class SshServers:
    """Starts servers in a folder; all are stopped at the end of the test."""

    def __init__(self, folder: Path, stack: contextlib.ExitStack) -> None:
        self.folder = folder
        self._stack = stack

    def start(
        self,
        *,
        forced: str | None = None,
        settings: Sequence[str] = (),
        port: int | None = None,
        host_keys: Sequence[str] = ("ed25519",),
        generation: str = "",
    ) -> tuple[Sshd, Callable[[], None]]:
        """Start a server and return it, and what stops it before the end of the test.

        forced: a command line that takes the place of the user's own shell. host_keys: the kinds that it has.
        generation: another one makes other host keys.
        """
        program = find_program("sshd", "openssh-server")
        if os.geteuid() == 0:  # where sshd locks up what may not be root; systemd makes it elsewhere
            Path("/run/sshd").mkdir(mode=0o755, exist_ok=True)
        folder = self.folder
        make_key(folder / "user")
        (folder / "authorized_keys").write_text((folder / "user.pub").read_text())
        lines = [SETTINGS.format(port=port or (port := free_tcp_port()), folder=folder), *settings]
        for kind in host_keys:
            path = folder / f"host-{kind}{generation}"
            make_key(path, kind)
            lines.append(f"HostKey {path}")
        if forced is not None:
            lines.append(f"ForceCommand {forced}")
        (folder / "sshd_config").write_text("\n".join(lines) + "\n")
        log = folder / "log"
        server = self._stack.enter_context(contextlib.ExitStack())
        process = server.enter_context(running([program, "-D", "-e", "-f", str(folder / "sshd_config")], log))
        wait_for(lambda: f"Server listening on 127.0.0.1 port {port}" in log.read_text(), process, "sshd", log)
        return Sshd(folder, port), server.close


@pytest.fixture
def ssh_servers(tmp_path: Path) -> Iterator[SshServers]:
    """What starts servers for one test."""
    folder = tmp_path / "sshd"
    folder.mkdir()
    with contextlib.ExitStack() as stack:
        yield SshServers(folder, stack)


@pytest.fixture
def sshd(ssh_servers: SshServers) -> Sshd:
    """A server with one's own shell."""
    return ssh_servers.start()[0]
