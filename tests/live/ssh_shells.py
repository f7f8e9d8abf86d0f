"""What tests of SSH share: services that are stopped, and a way to see how a conversation fails."""

from __future__ import annotations

import asyncio
import logging
import threading
from collections.abc import AsyncIterator, Callable, Sequence
from pathlib import Path

import paramiko
import pytest

from noc.clock import SystemClock
from noc.model.command import Command
from noc.wire.errors import WireError
from noc.wire.ssh import (
    HostKeyFiles,
    HostKeyPolicy,
    HostKeys,
    Output,
    Patience,
    Shell,
    SshLogin,
)
from tests.live.ssh_server import Sshd, ssh_servers, sshd

__all__ = ["ssh_servers", "sshd"]  # fixtures

UPTIME = Command("linux", "uptime")
UNAME = Command("linux", "uname -a")
PATIENCE = Patience(connect_s=5.0, answer_s=10.0, total_s=30.0)
HURRIED = Patience(connect_s=1.0, answer_s=1.0, total_s=20.0)

MakeShell = Callable[..., Shell]
Talk = Callable[[asyncio.StreamWriter], None]


@pytest.fixture
async def shells(tmp_path: Path) -> AsyncIterator[MakeShell]:
    """What makes services; they learn host keys in `known_hosts` of the test's folder."""
    made: list[Shell] = []

    def make(policy: HostKeyPolicy = "accept-new", given: Path | None = None, max_sessions: int = 4) -> Shell:
        files = HostKeyFiles(tmp_path / "known_hosts", given)
        made.append(Shell(HostKeys(files, policy), SystemClock(), max_sessions))
        return made[-1]

    yield make
    for shell in made:
        await shell.stop()
        assert_no_threads(shell)


@pytest.fixture
async def shell(shells: MakeShell) -> Shell:
    started = shells()
    await started.start()
    return started


def assert_no_threads(shell: Shell) -> None:
    assert shell.sessions == 0
    assert [thread for thread in threading.enumerate() if isinstance(thread, paramiko.Transport)] == []
    assert logging.getLogger("netmiko").filters == []  # each would hold a password


async def run(shell: Shell, server: Sshd, *commands: Command, patience: Patience = PATIENCE) -> tuple[Output, ...]:
    return await shell.run("127.0.0.1", server.login(), commands, patience)


async def failure(
    shell: Shell, login: SshLogin, patience: Patience = PATIENCE, commands: Sequence[Command] = (UPTIME,)
) -> WireError:
    """Return how a conversation fails, in a sentence for an operator."""
    with pytest.raises(WireError) as raised:
        await shell.run("127.0.0.1", login, commands, patience)
    message = str(raised.value)
    assert message.startswith(("127.0.0.1: ", f"[127.0.0.1]:{login.port}: "))
    assert message.isprintable()
    assert "PRIVATE KEY" not in message
    return raised.value


def bash(folder: Path, start_up: str) -> str:
    """Return the command line of a bash with a start-up file of its own."""
    (folder / "bashrc").write_text(start_up)
    return f"exec /bin/bash --noprofile --rcfile {folder}/bashrc -i"
