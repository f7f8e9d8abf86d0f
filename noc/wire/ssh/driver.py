"""netmiko's drivers, guarded: with `session` and `keys` the one door to netmiko, and to paramiko beneath it.

What netmiko leaves open is closed here: host keys are always verified, reading is bounded and ends when the link is
cut, and on Linux the prompt is one that no output can hold. netmiko looks for `$` or `#` there, and takes the `#1` in
the answer to `uname -a` for the end.
"""

from __future__ import annotations

import codecs
import logging
import re
import secrets
from collections.abc import Mapping
from typing import Final

import paramiko
from netmiko import BaseConnection, ReadTimeout
from netmiko.channel import Channel
from netmiko.linux import LinuxSSH

from noc.model.command import Platform
from noc.model.reading import FailureKind
from noc.wire.errors import WireError
from noc.wire.ssh.hostkeys import HostKeys
from noc.wire.ssh.keys import private_key
from noc.wire.ssh.knownhosts import HostKey
from noc.wire.ssh.request import Link, Request, last_line

# Both log what devices send, and every failure with a traceback; noc tells a failure once, as data.
for _library in ("netmiko", "paramiko"):
    logging.getLogger(_library).setLevel(logging.CRITICAL)

CHUNK_BYTES: Final = 64 * 1024
PROMPT_TRIES: Final = 4

_DRIVERS: Final[Mapping[Platform, str]] = {
    "linux": "linux",
    "frr": "linux",
    "cisco-ios": "cisco_ios",
    "cisco-iosxe": "cisco_ios",
    "cisco-iosxr": "cisco_xr",
    "cisco-nxos": "cisco_nxos",
    "cisco-asa": "cisco_asa",
    "arista-eos": "arista_eos",
    "juniper-junos": "juniper_junos",
    "hp-comware": "hp_comware",
    "huawei-vrp": "huawei_vrp",
    "fortinet": "fortinet",
    "mikrotik": "mikrotik_routeros",
    "paloalto-panos": "paloalto_panos",
    "checkpoint-gaia": "checkpoint_gaia",
    "aruba-aoscx": "aruba_aoscx",
}
"""What netmiko calls each platform. Any other is spoken to by `vendors.GuardedPlain`."""

ENDS_AS_A_PROMPT: Final = r"[>#%$\]] ?(?:\x1b\[[0-9;?]*[A-Za-z])*\Z"

# Kinds of key as they stand in known_hosts, and the algorithms that sign with them (RFC 8332).
_ALGORITHMS: Final[Mapping[str, tuple[str, ...]]] = {"ssh-rsa": ("rsa-sha2-512", "rsa-sha2-256", "ssh-rsa")}


def library_name(platform: Platform) -> str:
    """Return what netmiko calls a platform; one that it needn't know is `generic` there."""
    return _DRIVERS.get(platform, "generic")


class TooMuchError(Exception):
    """More than `Request.room_bytes` came where an end should have."""


class Talk:
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

    def __init__(self, channel: paramiko.Channel, talk: Talk) -> None:
        self._channel = channel
        self._talk = talk
        self._decoder = codecs.getincrementaldecoder("utf-8")("replace")
        self._room = talk.request.room_bytes
        self._heard: list[str] = []

    @property
    def heard(self) -> str:
        """Return what was read since `begin`."""
        return "".join(self._heard)

    def begin(self) -> None:
        """Count anew: a command follows."""
        self._room = self._talk.request.room_bytes
        self._heard.clear()

    def write_channel(self, out_data: str) -> None:
        """Send. Raises WireError, with what the device said last, when it has hung up."""
        try:
            self._channel.sendall(out_data.encode())
        except OSError as error:
            while self._channel.recv_ready() and not self._talk.link.is_cut:
                self.read_buffer()
            raise self._hung_up() from error

    def read_buffer(self) -> str:
        """Return what has come, an empty text for nothing. Raises WireError when nothing can come any more."""
        has_ended = self._talk.link.is_cut or self._channel.closed or self._channel.eof_received
        if not self._channel.recv_ready() or self._talk.link.is_cut:
            if has_ended:
                raise self._hung_up()
            return ""
        data = self._channel.recv(min(self._room, CHUNK_BYTES))
        self._room -= len(data)
        text = self._decoder.decode(data)
        self._heard.append(text)
        if self._room <= 0:
            raise TooMuchError
        return text

    def _hung_up(self) -> WireError:
        return self._talk.failure(FailureKind.PROTOCOL, f"it hung up; noc was waiting for the {self._talk.stage}")

    def read_channel(self) -> str:
        """Return one piece: netmiko's own loop would go on for as long as a device floods it."""
        return self.read_buffer()


class _HostKeyCheck(paramiko.MissingHostKeyPolicy):
    """Has every host key verified by noc: paramiko itself is given none to compare with."""

    def __init__(self, talk: Talk) -> None:
        self._talk = talk

    def missing_host_key(self, client: paramiko.SSHClient, hostname: str, key: paramiko.PKey) -> None:
        """Raise WireError (auth) for a key that is not to be trusted; that is before the log-in."""
        self._talk.host_keys.verify(self._talk.request.server, HostKey(key.get_name(), key.asbytes()))


class _Transport(paramiko.Transport):
    channel_timeout: float  # paramiko has it and waits an hour; its type stubs lack it


class Guarded(BaseConnection):
    """What every driver of netmiko gets before itself."""

    def __init__(self, talk: Talk) -> None:
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
            device_type=library_name(request.commands[0].platform),
            sock=talk.link.sock,
            conn_timeout=patience.answer_s,
            banner_timeout=patience.answer_s,
            auth_timeout=patience.answer_s,
            blocking_timeout=patience.answer_s,
            read_timeout_override=patience.answer_s,
            fast_cli=False,  # its short waits get out of step with old devices and satellite links
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
        patience = self._talk.request.patience
        transport.channel_timeout = patience.answer_s
        transport.handshake_timeout = patience.total_s  # answer_s ends it before, and is told as a timeout
        offered = tuple(transport.get_security_options().key_types)
        kinds = self._talk.host_keys.kinds_of(self._talk.request.server)
        first = [name for kind in kinds for name in _ALGORITHMS.get(kind, (kind,)) if name in offered]
        transport.get_security_options().key_types = (*first, *(name for name in offered if name not in first))
        return transport

    def _build_ssh_client(self) -> paramiko.SSHClient:
        client = self._get_ssh_client_instance()
        client.set_missing_host_key_policy(_HostKeyCheck(self._talk))
        return client

    def session_preparation(self) -> None:
        """Let the greeting pass, then do as the driver does: it would take a `#` in the greeting for the prompt."""
        self.pass_greeting()
        super().session_preparation()

    def pass_greeting(self) -> None:
        """Read up to the prompt, and have the device say it again."""
        self.read_until_pattern(ENDS_AS_A_PROMPT)
        self.clear_buffer()
        self.write_channel(self.RETURN)

    def cleanup(self, command: str = "") -> None:
        """Say nothing: the drivers ask for more prompts here, and closing the connection ends the session too."""


class GuardedLinux(Guarded, LinuxSSH):
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
