"""Commands over SSH against Debian's sshd and worse: all that can go wrong, and the bounds."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import socket
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from collectors._ports import Doors, Target
from noc import plugins
from noc.clock import SystemClock
from noc.inventory.ssh import SshCheck
from noc.model.check import Check
from noc.model.reading import FailureKind, Reading
from noc.settings.secrets import Secret
from noc.wire.icmp import Pinger
from noc.wire.ssh import (
    MAX_OUTPUT_BYTES,
    Patience,
    Shell,
    ShellError,
    SshLogin,
)
from tests.live.conftest import find_program
from tests.live.ssh_server import Sshd, SshServers, free_tcp_port, make_key, ssh_servers, sshd
from tests.live.ssh_shells import (
    HURRIED,
    UNAME,
    UPTIME,
    MakeShell,
    Talk,
    assert_no_threads,
    bash,
    failure,
    run,
    shell,
    shells,
)
from tests.things import device, watch

__all__ = ["shell", "shells", "ssh_servers", "sshd"]  # fixtures

pytestmark = pytest.mark.live

# --- what fails -----------------------------------------------------------------------------------------------------


async def test_a_key_that_the_server_does_not_know_is_refused(shell: Shell, sshd: Sshd, tmp_path: Path) -> None:
    refused = await failure(shell, sshd.login(key=make_key(tmp_path / "other")))
    assert refused.kind is FailureKind.AUTH
    assert f"the log-in of user '{sshd.login().user}' was refused: unknown user or wrong key" in str(refused)


async def test_an_unknown_user_is_refused(shell: Shell, sshd: Sshd) -> None:
    refused = await failure(shell, sshd.login(user="nobody-by-this-name"))
    assert refused.kind is FailureKind.AUTH


async def test_a_password_where_only_keys_are_taken_is_told_as_that(shell: Shell, sshd: Sshd) -> None:
    refused = await failure(shell, SshLogin(sshd.login().user, password=Secret("tell-nobody"), port=sshd.port))
    assert refused.kind is FailureKind.AUTH
    assert "may log in by publickey only" in str(refused)
    assert "tell-nobody" not in str(refused)


async def test_a_wrong_password_is_refused(shell: Shell, ssh_servers: SshServers) -> None:
    server, _ = ssh_servers.start(settings=["Match all", "PasswordAuthentication yes", "PermitRootLogin yes"])
    refused = await failure(shell, SshLogin("nobody-by-this-name", password=Secret("tell-nobody"), port=server.port))
    assert refused.kind is FailureKind.AUTH
    assert "was refused: unknown user or wrong password" in str(refused)
    assert "Failed password for invalid user nobody-by-this-name" in server.log


async def test_a_closed_port_is_refused(shell: Shell) -> None:
    refused = await failure(shell, SshLogin("u", password=Secret("p"), port=free_tcp_port()))
    assert refused.kind is FailureKind.REFUSED
    assert "connection refused" in str(refused)


async def test_a_port_that_drops_connections_is_a_timeout(shell: Shell) -> None:
    # A listener whose backlog is full drops further connections without a word.
    with socket.socket() as full, socket.socket() as first, socket.socket() as second:
        full.bind(("127.0.0.1", 0))
        full.listen(0)
        for waiting in (first, second):
            waiting.setblocking(False)
            waiting.connect_ex(full.getsockname())
        silent = await failure(shell, SshLogin("u", password=Secret("p"), port=full.getsockname()[1]), HURRIED)
    assert silent.kind is FailureKind.TIMEOUT
    assert "no answer from TCP port" in str(silent)


@contextlib.asynccontextmanager
async def listening(talk: Talk) -> AsyncIterator[int]:
    """Listen on a port of loopback and talk to whoever connects."""
    writers: list[asyncio.StreamWriter] = []

    def connected(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writers.append(writer)
        talk(writer)

    server = await asyncio.start_server(connected, "127.0.0.1", 0)
    yield server.sockets[0].getsockname()[1]
    server.close()
    for writer in writers:
        writer.transport.abort()
    await asyncio.sleep(0)


def silent(_: asyncio.StreamWriter) -> None:
    """Say nothing."""


def banner_only(writer: asyncio.StreamWriter) -> None:
    writer.write(b"SSH-2.0-slow\r\n")


def hang_up(writer: asyncio.StreamWriter) -> None:
    writer.close()


def web_server(writer: asyncio.StreamWriter) -> None:
    writer.write(b"HTTP/1.1 400 Bad \x1b[31mRequest\r\n" * 200)
    writer.close()


def old_protocol(writer: asyncio.StreamWriter) -> None:
    writer.write(b"SSH-1.5-ancient\r\n")


@pytest.mark.parametrize(
    ("talk", "kind", "words"),
    [
        (silent, FailureKind.TIMEOUT, "it accepted the connection, but"),
        (banner_only, FailureKind.TIMEOUT, "it accepted the connection, but"),
        (hang_up, FailureKind.PROTOCOL, "it hung up before the log-in"),
        (web_server, FailureKind.PROTOCOL, "no conversation: "),
        (old_protocol, FailureKind.PROTOCOL, "1.5"),
    ],
)
async def test_a_server_that_does_not_talk_ssh(shell: Shell, talk: Talk, kind: FailureKind, words: str) -> None:
    async with listening(talk) as port:
        failed = await failure(shell, SshLogin("u", password=Secret("p"), port=port), HURRIED)
    assert failed.kind is kind
    assert words in str(failed)
    await shell.stop()
    assert_no_threads(shell)


async def test_a_server_without_a_common_algorithm_is_told_as_that(shell: Shell, ssh_servers: SshServers) -> None:
    server, _ = ssh_servers.start(settings=["KexAlgorithms sntrup761x25519-sha512@openssh.com"])
    failed = await failure(shell, server.login())
    assert failed.kind is FailureKind.PROTOCOL
    assert "no conversation: Incompatible ssh peer (no acceptable kex algorithm)" in str(failed)


async def test_a_shell_that_is_no_posix_shell_gives_no_prompt(shell: Shell, ssh_servers: SshServers) -> None:
    server, _ = ssh_servers.start(forced="exec cat")
    failed = await failure(shell, server.login(), HURRIED)
    assert failed.kind is FailureKind.TIMEOUT
    assert "no prompt in 1 s" in str(failed)


async def test_an_account_without_a_shell_hangs_up_with_its_last_word(shell: Shell, ssh_servers: SshServers) -> None:
    server, _ = ssh_servers.start(forced="echo This account is not available.; exit 1")
    failed = await failure(shell, server.login())
    assert failed.kind is FailureKind.PROTOCOL
    assert str(failed).endswith("it said: This account is not available.")


# --- bounds ---------------------------------------------------------------------------------------------------------

ENDLESS = "uptime() { echo so far so good; sleep infinity; }"


async def test_a_command_that_never_ends_is_a_timeout(shell: Shell, ssh_servers: SshServers, tmp_path: Path) -> None:
    server, _ = ssh_servers.start(forced=bash(tmp_path, ENDLESS))
    failed = await failure(shell, server.login(), HURRIED)
    assert failed.kind is FailureKind.TIMEOUT
    assert "no end of `uptime` in 1 s" in str(failed)
    assert str(failed).endswith("it said: so far so good")
    await shell.stop()
    assert_no_threads(shell)


async def test_what_outlasts_the_deadline_is_cut_from_outside(
    shell: Shell, ssh_servers: SshServers, tmp_path: Path
) -> None:
    server, _ = ssh_servers.start(forced=bash(tmp_path, ENDLESS))
    failed = await failure(shell, server.login(), Patience(answer_s=300.0, total_s=2.5))
    assert failed.kind is FailureKind.TIMEOUT
    assert "not finished in 2.5 s" in str(failed)
    started = SystemClock().monotonic()
    await shell.stop()  # waits for the thread
    assert SystemClock().monotonic() - started < 5.0
    assert_no_threads(shell)


@pytest.mark.parametrize("talk", [silent, banner_only])
async def test_a_cancelled_call_leaves_no_thread(shell: Shell, talk: Talk) -> None:
    async with listening(talk) as port:
        login = SshLogin("u", password=Secret("p"), port=port)
        call = asyncio.create_task(shell.run("127.0.0.1", login, [UPTIME], Patience(300.0, 300.0, 300.0)))
        while not shell.sessions:
            await asyncio.sleep(0)
        call.cancel()
        with pytest.raises(asyncio.CancelledError):
            await call
        await shell.stop()
        assert_no_threads(shell)


@pytest.mark.parametrize("flood", ["seq 1 400000", "yes"])
async def test_huge_output_is_cut(shell: Shell, ssh_servers: SshServers, tmp_path: Path, flood: str) -> None:
    server, _ = ssh_servers.start(forced=bash(tmp_path, f"uptime() {{ {flood}; }}"))
    outputs = await run(shell, server, UPTIME, UNAME)
    (output,) = outputs  # what stands behind it on the line is not read
    assert output.is_cut
    assert 0.6 * MAX_OUTPUT_BYTES < len(output.text.encode()) <= MAX_OUTPUT_BYTES
    assert output.text.startswith("1\n2\n3\n" if flood != "yes" else "y\ny\n")
    await shell.stop()
    assert_no_threads(shell)


async def test_a_flood_before_the_prompt_is_a_failure(shell: Shell, ssh_servers: SshServers, tmp_path: Path) -> None:
    server, _ = ssh_servers.start(forced=bash(tmp_path, "yes"))
    failed = await failure(shell, server.login())
    assert failed.kind is FailureKind.PROTOCOL
    assert f"more than {MAX_OUTPUT_BYTES} bytes while noc was waiting for the prompt" in str(failed)


async def test_no_more_sessions_than_allowed(shells: MakeShell, ssh_servers: SshServers, tmp_path: Path) -> None:
    shell = shells(max_sessions=2)
    await shell.start()
    server, _ = ssh_servers.start(forced=bash(tmp_path, ENDLESS))
    long = Patience(answer_s=60.0, total_s=60.0)
    calls = [asyncio.create_task(run(shell, server, UPTIME, patience=long)) for _ in range(2)]
    while shell.sessions < 2:
        await asyncio.sleep(0)
    with pytest.raises(ShellError, match=r"none of 2 SSH sessions was free in 0\.2 s; raise `ssh: max_sessions`"):
        await run(shell, server, UPTIME, patience=Patience(total_s=0.2))
    # A session that ends makes room for one that waits.
    waiting = asyncio.create_task(run(shell, server, UNAME))
    calls[0].cancel()
    (output,) = await waiting
    assert output.text.startswith("Linux")
    calls[1].cancel()
    await asyncio.gather(*calls, return_exceptions=True)


async def test_a_service_that_does_not_run_says_so(shells: MakeShell, sshd: Sshd) -> None:
    shell = shells()
    with pytest.raises(ShellError, match="the shell service is not running"):
        await run(shell, sshd, UPTIME)
    await shell.start()
    await run(shell, sshd, UPTIME)
    await shell.stop()
    with pytest.raises(ShellError, match="the shell service is not running"):
        await run(shell, sshd, UPTIME)
    await shell.start()
    await run(shell, sshd, UPTIME)


async def test_nothing_secret_is_logged(
    shell: Shell, sshd: Sshd, caplog: pytest.LogCaptureFixture, tmp_path: Path
) -> None:
    caplog.set_level(logging.DEBUG)
    await run(shell, sshd, UPTIME)
    await failure(shell, sshd.login(key=make_key(tmp_path / "other")))
    await failure(shell, SshLogin("u", password=Secret("tell-nobody"), port=sshd.port))
    logged = "\n".join(f"{record.getMessage()} {record.exc_text}" for record in caplog.records)
    assert "accepted at the first log-in" in logged
    assert "tell-nobody" not in logged
    keys = [(sshd.folder / "user").read_text(), (tmp_path / "other").read_text()]
    assert [line for key in keys for line in key.splitlines() if line in logged] == []
    assert {record.name.split(".")[0] for record in caplog.records} <= {"noc", "asyncio"}
    assert "tell-nobody" not in repr(SshLogin("u", password=Secret("tell-nobody")))


# --- the collector --------------------------------------------------------------------------------------------------


async def collect(shell: Shell, login: SshLogin, deadline_s: float = 20.0) -> Reading:
    doors = Doors(SystemClock(), "test-poller", {}, Pinger(), shell)
    asked = device(address="127.0.0.1", watched=watch(ssh=SshCheck(platform="linux", command=UPTIME)))
    target = Target(Check(asked.entity, "ssh", 300.0, deadline_s), asked, ssh=login)
    reading: Reading = await plugins.load("collectors", "ssh").build(doors).collect(target)
    assert (reading.check, reading.poller, reading.address) == ("ssh", "test-poller", "127.0.0.1")
    assert reading.started_at.utcoffset() is not None
    assert 0.0 < reading.duration_s < deadline_s + 1.0
    return reading


async def test_the_collector_brings_back_what_the_command_printed(shell: Shell, sshd: Sshd) -> None:
    reading = await collect(shell, sshd.login())
    assert reading.failure is None
    assert reading.parts == ()
    assert reading.ssh is not None
    (answer,) = reading.ssh
    assert (answer.platform, answer.command) == ("linux", "uptime")
    assert "load average:" in answer.text
    assert 0.0 < answer.duration_s < reading.duration_s


async def test_the_collectors_failures_are_data(shell: Shell, ssh_servers: SshServers, tmp_path: Path) -> None:
    reading = await collect(shell, SshLogin("u", password=Secret("p"), port=free_tcp_port()))
    assert reading.ssh is None
    assert reading.failure is not None
    assert reading.failure.kind is FailureKind.REFUSED
    server, _ = ssh_servers.start(forced=bash(tmp_path, ENDLESS))
    reading = await collect(shell, server.login(), deadline_s=2.0)
    assert reading.failure is not None
    assert reading.failure.kind is FailureKind.TIMEOUT


async def test_the_collector_marks_an_output_that_was_cut(
    shell: Shell, ssh_servers: SshServers, tmp_path: Path
) -> None:
    server, _ = ssh_servers.start(forced=bash(tmp_path, "uptime() { yes; }"))
    reading = await collect(shell, server.login())
    assert reading.failure is None
    assert reading.ssh is not None
    assert [part.what for part in reading.parts] == ["uptime"]
    assert f"cut after {MAX_OUTPUT_BYTES} bytes" in reading.parts[0].reason


async def test_the_collector_needs_a_command_and_a_log_in(shell: Shell) -> None:
    find_program("sshd", "openssh-server")
    doors = Doors(SystemClock(), "test-poller", {}, Pinger(), shell)
    collector = plugins.load("collectors", "ssh").build(doors)
    plain = device(address="127.0.0.1")
    with pytest.raises(ValueError, match="device 'd' has nothing to be asked by SSH"):
        await collector.collect(Target(Check(plain.entity, "ssh", 300.0, 20.0), plain))
