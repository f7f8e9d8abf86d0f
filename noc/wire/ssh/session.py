"""One conversation over SSH, in a thread: the one door to netmiko, and to paramiko beneath it.

What netmiko leaves open is closed here: host keys are always verified, reading is bounded and ends when the link is
cut, and on Linux the prompt is one that no output can hold. netmiko looks for `$` or `#` there, and takes the `#1` in
the answer to `uname -a` for the end.
"""

from __future__ import annotations

import codecs
import logging
import re
import secrets
from collections.abc import Callable, Iterator, Mapping
from functools import cache
from typing import Final

import paramiko
from netmiko import BaseConnection, NetmikoBaseException, ReadTimeout, ssh_dispatcher
from netmiko.channel import Channel
from netmiko.linux import LinuxSSH

from noc.model.command import Command, Platform
from noc.model.reading import FailureKind
from noc.wire.errors import WireError
from noc.wire.ssh.hostkeys import HostKeys
from noc.wire.ssh.keys import private_key
from noc.wire.ssh.knownhosts import HostKey
from noc.wire.ssh.request import MAX_OUTPUT_BYTES, Link, Output, Request, clean, last_line

# Both log what devices send, and every failure with a traceback; noc tells a failure once, as data.
for _library in ("netmiko", "paramiko"):
    logging.getLogger(_library).setLevel(logging.CRITICAL)

CHUNK_BYTES: Final = 64 * 1024
PROMPT_TRIES: Final = 4
TRANSPORT_ENDS_S: Final = 2.0
"""paramiko's own thread looks every 0.1 s whether it should end."""

# No `fortinet` and no `huawei`: when it logs in, netmiko changes the settings of the one (`config system console`) and
# tells the other to save its configuration when asked.
_DRIVERS: Final[Mapping[Platform, str]] = {
    "linux": "linux",
    "cisco-ios": "cisco_ios",
    "cisco-iosxe": "cisco_ios",
    "cisco-iosxr": "cisco_xr",
    "cisco-nxos": "cisco_nxos",
    "arista-eos": "arista_eos",
    "juniper-junos": "juniper_junos",
    "hp-comware": "hp_comware",
}

# Kinds of key as they stand in known_hosts, and the algorithms that sign with them (RFC 8332).
_ALGORITHMS: Final[Mapping[str, tuple[str, ...]]] = {"ssh-rsa": ("rsa-sha2-512", "rsa-sha2-256", "ssh-rsa")}


def converse(link: Link, request: Request, host_keys: HostKeys, monotonic: Callable[[], float]) -> tuple[Output, ...]:
    """Log in, run the commands, hang up. Raises WireError, and what `HostKeys.verify` raises."""
    talk = _Talk(link, request, host_keys)
    try:
        connection = _driver(request.commands[0].platform)(talk)
        if request.login.enable_password is not None and not isinstance(connection, _GuardedLinux):
            talk.stage = "privileged prompt"
            _enable(connection, talk)
        return tuple(_outputs(connection, talk, monotonic))
    except _TooMuch as error:
        reason = f"it sent more than {MAX_OUTPUT_BYTES} bytes while noc was waiting for the {talk.stage}"
        raise talk.failure(FailureKind.PROTOCOL, reason) from error
    except (NetmikoBaseException, paramiko.SSHException, OSError, EOFError, ValueError) as error:
        raise _explained(error, talk) from error
    finally:
        if talk.transport is not None:
            talk.transport.close()
        link.sock.close()
        if talk.transport is not None and talk.transport.is_alive():
            talk.transport.join(TRANSPORT_ENDS_S)


class _TooMuch(Exception):  # noqa: N818 no error: what was read counts
    """A command printed more than MAX_OUTPUT_BYTES."""


class _Talk:
    """What the parts of one conversation share. stage: what is being waited for, in words."""

    def __init__(self, link: Link, request: Request, host_keys: HostKeys) -> None:
        self.link = link
        self.request = request
        self.host_keys = host_keys
        self.transport: paramiko.Transport | None = None
        self.channel: _Channel | None = None
        self.stage = "prompt"

    def failure(self, kind: FailureKind, reason: str) -> WireError:
        """Return a failure in words: the server, the reason, and what the device said last."""
        said = self.scrubbed(last_line(self.channel.heard)) if self.channel is not None else ""
        return WireError(kind, f"{self.request.server}: {reason}" + (f"; it said: {said}" if said else ""))

    def scrubbed(self, text: str) -> str:
        """Return a text of the device without the passwords that it was given: some echo them."""
        login = self.request.login
        for secret in (login.password, login.enable_password):
            if secret is not None:
                text = text.replace(secret.reveal(), "…")
        return text


class _Channel(Channel):
    """Reads no more than is wanted, a piece at a time, and no further once the link is cut."""

    def __init__(self, channel: paramiko.Channel, talk: _Talk) -> None:
        self._channel = channel
        self._talk = talk
        self._decoder = codecs.getincrementaldecoder("utf-8")("replace")
        self._room = MAX_OUTPUT_BYTES
        self._heard: list[str] = []

    @property
    def heard(self) -> str:
        """Return what was read since `begin`."""
        return "".join(self._heard)

    def begin(self) -> None:
        """Count anew: a command follows."""
        self._room = MAX_OUTPUT_BYTES
        self._heard.clear()

    def write_channel(self, out_data: str) -> None:
        """Send."""
        self._channel.sendall(out_data.encode())

    def read_buffer(self) -> str:
        """Return what has come, an empty text for nothing. Raises WireError when nothing can come any more."""
        has_ended = self._talk.link.is_cut or self._channel.closed or self._channel.eof_received
        if not self._channel.recv_ready() or self._talk.link.is_cut:
            if has_ended:
                raise self._talk.failure(
                    FailureKind.PROTOCOL, f"it hung up; noc was waiting for the {self._talk.stage}"
                )
            return ""
        data = self._channel.recv(min(self._room, CHUNK_BYTES))
        self._room -= len(data)
        text = self._decoder.decode(data)
        self._heard.append(text)
        if self._room <= 0:
            raise _TooMuch
        return text

    def read_channel(self) -> str:
        """Return one piece: netmiko's own loop would go on for as long as a device floods it."""
        return self.read_buffer()


class _HostKeyCheck(paramiko.MissingHostKeyPolicy):
    """Has every host key verified by noc: paramiko itself is given none to compare with."""

    def __init__(self, talk: _Talk) -> None:
        self._talk = talk

    def missing_host_key(self, client: paramiko.SSHClient, hostname: str, key: paramiko.PKey) -> None:
        """Raise WireError (auth) for a key that is not to be trusted; that is before the log-in."""
        self._talk.host_keys.verify(self._talk.request.server, HostKey(key.get_name(), key.asbytes()))


class _Transport(paramiko.Transport):
    channel_timeout: float  # paramiko has it and waits an hour; its type stubs lack it


class _Guarded(BaseConnection):
    """What every driver of netmiko gets before itself."""

    def __init__(self, talk: _Talk) -> None:
        self._talk = talk
        self._bounded: Channel
        request = talk.request
        login, patience = request.login, request.patience
        super().__init__(
            host=request.address,
            port=login.port,
            username=login.user,
            password=login.password.reveal() if login.password else None,
            pkey=private_key(request.server, login) if login.private_key else None,
            secret=login.enable_password.reveal() if login.enable_password else "",
            device_type=_DRIVERS[request.commands[0].platform],
            sock=talk.link.sock,
            conn_timeout=patience.answer_s,
            banner_timeout=patience.answer_s,
            auth_timeout=patience.answer_s,
            blocking_timeout=patience.answer_s,
            read_timeout_override=patience.answer_s,
        )

    @property
    def channel(self) -> Channel:
        """The channel that netmiko reads from and writes to."""
        return self._bounded

    @channel.setter
    def channel(self, _: Channel) -> None:
        if not isinstance(self.remote_conn, paramiko.Channel):
            raise TypeError("noc speaks SSH only")
        self._bounded = self._talk.channel = _Channel(self.remote_conn, self._talk)

    def _connect_params_dict(self) -> dict[str, object]:
        return {**super()._connect_params_dict(), "transport_factory": self._transport}

    def _transport(self, sock: paramiko.transport._SocketLike, **options: object) -> paramiko.Transport:
        """Return a transport that asks first for the kinds of host key that are known."""
        transport = self._talk.transport = _Transport(sock)
        transport.handshake_timeout = transport.channel_timeout = self._talk.request.patience.answer_s
        offered = tuple(transport.get_security_options().key_types)
        kinds = self._talk.host_keys.kinds_of(self._talk.request.server)
        first = [name for kind in kinds for name in _ALGORITHMS.get(kind, (kind,)) if name in offered]
        transport.get_security_options().key_types = (*first, *(name for name in offered if name not in first))
        return transport

    def _build_ssh_client(self) -> paramiko.SSHClient:
        client = self._get_ssh_client_instance()
        client.set_missing_host_key_policy(_HostKeyCheck(self._talk))
        return client

    def cleanup(self, command: str = "") -> None:
        """Say nothing: the drivers ask for more prompts here, and closing the connection ends the session too."""


class _GuardedLinux(_Guarded, LinuxSSH):
    """Linux with any POSIX shell; the session leaves nothing in the shell's history."""

    prompt = ""

    def session_preparation(self) -> None:
        """Set a prompt that no output can hold. The echo doesn't hold it either: it is written in two pieces.

        A start-up file may throw away what was typed so far, so it is said again; each time with another prompt, so
        that the one waited for comes after all the others.
        """
        self.ansi_escape_codes = True
        answer_s, self.read_timeout_override = self.read_timeout_override or 0.0, None
        for tries_left in reversed(range(PROMPT_TRIES)):
            mark = secrets.token_hex(8)
            self.prompt = self.base_prompt = f"noc-{mark}> "
            line = f" unset HISTFILE PROMPT_COMMAND; LC_ALL=C; export LC_ALL; PS1='noc-''{mark}> ' PS2=\n"
            self.write_channel(line)
            try:
                self.read_until_pattern(re.escape(self.prompt), answer_s / PROMPT_TRIES)
                break
            except ReadTimeout:
                if not tries_left:
                    raise
        self.read_timeout_override = answer_s


@cache
def _driver(platform: Platform) -> Callable[[_Talk], BaseConnection]:
    if platform == "linux":
        return _GuardedLinux
    driver = ssh_dispatcher(_DRIVERS[platform])
    guarded: Callable[[_Talk], BaseConnection] = type(f"Guarded{driver.__name__}", (_Guarded, driver), {})
    return guarded


def _enable(connection: BaseConnection, talk: _Talk) -> None:
    try:
        connection.enable()
    except ValueError as error:
        raise talk.failure(FailureKind.AUTH, "the enable password was refused") from error


def _outputs(connection: BaseConnection, talk: _Talk, monotonic: Callable[[], float]) -> Iterator[Output]:
    for command in talk.request.commands:
        talk.stage = f"end of `{command}`"
        if talk.channel is not None:
            talk.channel.begin()
        started = monotonic()
        try:
            text = _answer(connection, command)
        except _TooMuch:
            heard = talk.channel.heard if talk.channel is not None else ""
            text = connection.strip_ansi_escape_codes(connection.normalize_linefeeds(heard))
            text = connection.strip_command(command.text, text)
            yield Output(command, talk.scrubbed(clean(text)), monotonic() - started, is_cut=True)
            return
        yield Output(command, talk.scrubbed(clean(text)), monotonic() - started)


def _answer(connection: BaseConnection, command: Command) -> str:
    if not isinstance(connection, _GuardedLinux):
        return str(connection.send_command(command.text))
    prompt = connection.prompt
    answer = connection.send_command(command.text, expect_string=re.escape(prompt), strip_prompt=False)
    return str(answer).partition(prompt)[0]


def _explained(error: Exception, talk: _Talk) -> WireError:
    """Return what a library's exception means for an operator. The first cause tells most, so it is looked at first."""
    wait = f"in {talk.request.patience.answer_s:g} s"
    user = talk.request.login.user
    causes = list(_causes(error))
    root = causes[-1]
    if isinstance(error, ReadTimeout):
        return talk.failure(FailureKind.TIMEOUT, f"no {talk.stage} {wait}")
    for cause in causes:
        if isinstance(cause, paramiko.BadAuthenticationType):
            ways = ", ".join(cause.allowed_types)
            return talk.failure(
                FailureKind.AUTH, f"user '{user}' may log in by {ways} only; give that in `credentials`"
            )
    if any(isinstance(cause, paramiko.AuthenticationException) for cause in causes):
        if "timeout" in str(root).lower():
            return talk.failure(FailureKind.TIMEOUT, f"no answer to the log-in of user '{user}' {wait}")
        if "EOF" in str(root):
            reason = f"it hung up at the log-in of user '{user}', as many devices do after a wrong password"
            return talk.failure(FailureKind.AUTH, reason)
        what = "password" if talk.request.login.password else "key"
        return talk.failure(FailureKind.AUTH, f"the log-in of user '{user}' was refused: unknown user or wrong {what}")
    if isinstance(root, TimeoutError) or "No existing session" in str(root):
        return talk.failure(FailureKind.TIMEOUT, f"it accepted the connection, but said nothing that ends {wait}")
    if isinstance(root, EOFError | ConnectionError):
        return talk.failure(FailureKind.PROTOCOL, "it hung up before the log-in")
    return talk.failure(FailureKind.PROTOCOL, f"no conversation: {last_line(str(root)) or type(root).__name__}")


def _causes(error: BaseException) -> Iterator[BaseException]:
    cause: BaseException | None = error
    while cause is not None:
        yield cause
        cause = cause.__cause__ or cause.__context__
