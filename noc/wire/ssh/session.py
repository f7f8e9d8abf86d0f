"""One conversation over SSH, in a thread."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from typing import Final

import paramiko
from netmiko import BaseConnection, NetmikoBaseException, ReadTimeout

from noc.model.command import Command
from noc.model.reading import FailureKind
from noc.wire.errors import WireError
from noc.wire.ssh.driver import GuardedLinux, Talk, TooMuchError
from noc.wire.ssh.hostkeys import HostKeys
from noc.wire.ssh.request import Link, Output, Request, clean, last_line
from noc.wire.ssh.vendors import driver_of

TRANSPORT_ENDS_S: Final = 2.0
"""paramiko's own thread looks every 0.1 s whether it should end."""


def converse(link: Link, request: Request, host_keys: HostKeys, monotonic: Callable[[], float]) -> tuple[Output, ...]:
    """Log in, run the commands, hang up. Raises WireError, and what `HostKeys.verify` raises."""
    talk = Talk(link, request, host_keys)
    connection: BaseConnection | None = None
    try:
        connection = driver_of(request.commands[0].platform)(talk)
        if request.login.enable_password is not None and not isinstance(connection, GuardedLinux):
            talk.stage = "privileged prompt"
            _enable(connection, talk)
        return tuple(_outputs(connection, talk, monotonic))
    except TooMuchError as error:
        reason = f"it sent more than {request.room_bytes} bytes while noc was waiting for the {talk.stage}"
        raise talk.failure(FailureKind.PROTOCOL, reason) from error
    except (NetmikoBaseException, paramiko.SSHException, OSError, EOFError, ValueError) as error:
        raise _explained(error, talk) from error
    finally:
        if connection is not None:
            connection.disconnect()
        if talk.transport is not None:
            talk.transport.close()
        link.sock.close()
        if talk.transport is not None and talk.transport.is_alive():
            talk.transport.join(TRANSPORT_ENDS_S)


def _enable(connection: BaseConnection, talk: Talk) -> None:
    try:
        connection.enable()
    except ValueError as error:
        raise talk.failure(FailureKind.AUTH, "the enable password was refused") from error


def _outputs(connection: BaseConnection, talk: Talk, monotonic: Callable[[], float]) -> Iterator[Output]:
    for command in talk.request.commands:
        talk.stage = f"end of `{command}`"
        if talk.channel is not None:
            talk.channel.begin()
        started = monotonic()
        try:
            text = _answer(connection, command)
        except TooMuchError:
            heard = clean(talk.channel.heard) if talk.channel is not None else ""
            text = connection.strip_command(command.line, heard).lstrip("\n")
            yield Output(command, talk.scrubbed(text), monotonic() - started, is_cut=True)
            return
        yield Output(command, talk.scrubbed(clean(text)), monotonic() - started)


def _answer(connection: BaseConnection, command: Command) -> str:
    if not isinstance(connection, GuardedLinux):
        return str(connection.send_command(command.line))
    prompt = connection.prompt
    answer = connection.send_command(command.line, expect_string=re.escape(prompt), strip_prompt=False)
    return str(answer).partition(prompt)[0]


def _explained(error: Exception, talk: Talk) -> WireError:
    """Return what a library's exception means for an operator. The first cause tells most, so it is looked at first."""
    wait = f"in {talk.request.patience.answer_s:g} s"
    user = talk.request.login.user
    causes = list(_causes(error))
    root = causes[-1]
    if isinstance(error, ReadTimeout):
        return talk.failure(FailureKind.TIMEOUT, f"no {talk.stage} {wait}")
    for cause in causes:
        if isinstance(cause, paramiko.BadAuthenticationType):
            ways = last_line(", ".join(cause.allowed_types))
            return talk.failure(FailureKind.AUTH, f"user '{user}' may log in by {ways} only; see `credentials`")
    if any(isinstance(cause, paramiko.AuthenticationException) for cause in causes):
        if "timeout" in str(root).lower():
            return talk.failure(FailureKind.TIMEOUT, f"no answer to the log-in of user '{user}' {wait}")
        if "EOF" in str(root):
            reason = f"it hung up at the log-in of user '{user}', as many devices do after a wrong password"
            return talk.failure(FailureKind.AUTH, reason)
        what = "password" if talk.request.login.password else "key"
        return talk.failure(FailureKind.AUTH, f"the log-in of user '{user}' was refused: unknown user or wrong {what}")
    if isinstance(root, TimeoutError) or "No existing session" in str(root):
        return talk.failure(FailureKind.TIMEOUT, f"it accepted the connection, but no SSH session came of it {wait}")
    if isinstance(root, EOFError | ConnectionError):
        return talk.failure(FailureKind.PROTOCOL, "it hung up before the log-in")
    return talk.failure(FailureKind.PROTOCOL, f"no conversation: {last_line(str(root)) or type(root).__name__}")


def _causes(error: BaseException) -> Iterator[BaseException]:
    cause: BaseException | None = error
    while cause is not None:
        yield cause
        cause = cause.__cause__ or cause.__context__
