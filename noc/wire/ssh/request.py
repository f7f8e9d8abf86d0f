"""What is asked over SSH and what comes back; and the link, which can be cut from outside."""

from __future__ import annotations

import contextlib
import re
import socket
import threading
from dataclasses import dataclass
from typing import Final

from noc.model.command import Command
from noc.settings.secrets import Secret
from noc.wire.ssh.knownhosts import host_name

MAX_OUTPUT_BYTES: Final = 1024 * 1024
"""Of one command, where nobody asks for more; what comes behind is not read."""

# Control sequences (colours, cursor), operating system commands (the window's title), and single escapes.
_ESCAPES: Final = re.compile("\x1b(?:\\[[0-?]*[ -/]*[@-~]|\\][^\x07\x1b]*(?:\x07|\x1b\\\\)|[ -/]*[0-Z\\\\^-~])")


@dataclass(frozen=True, slots=True)
class SshLogin:
    """How to log in: with a password, or with a private key in OpenSSH's format (passphrase: of the key).

    enable_password: for the privileged mode of routers and switches; it is not used on Linux.
    """

    user: str
    password: Secret | None = None
    private_key: Secret | None = None
    passphrase: Secret | None = None
    enable_password: Secret | None = None
    port: int = 22


@dataclass(frozen=True, slots=True)
class Patience:
    """How long to wait, in seconds.

    connect_s: for the TCP connection. answer_s: for each step after it: the keys, the log-in, the prompt, the end of
    each command. total_s: for all of it, with the wait for a free session.
    """

    connect_s: float = 10.0
    answer_s: float = 20.0
    total_s: float = 60.0


@dataclass(frozen=True, slots=True)
class Request:
    """Commands for one server. All are of one platform. room_bytes: what one may print; the rest is not read."""

    address: str
    login: SshLogin
    commands: tuple[Command, ...]
    patience: Patience
    room_bytes: int = MAX_OUTPUT_BYTES

    @property
    def server(self) -> str:
        """Return the server's name for people and for known_hosts: `192.0.2.1`, `[192.0.2.1]:2222`."""
        return host_name(self.address, self.login.port)


@dataclass(frozen=True, slots=True)
class Output:
    """What a command printed.

    text: without echo and prompt; control characters other than line feed and tab are `�`. duration_s: of the command
    alone. is_cut: there was more than the request has room for.
    """

    command: Command
    text: str
    duration_s: float
    is_cut: bool = False


class Link:
    """A connection under way in a thread, which another thread may cut: whoever reads or writes is then woken."""

    def __init__(self, sock: socket.socket) -> None:
        self.sock = sock
        self._cut = threading.Event()

    @property
    def is_cut(self) -> bool:
        """Return whether the link was cut from outside."""
        return self._cut.is_set()

    def cut(self) -> None:
        """End the connection now."""
        self._cut.set()
        with contextlib.suppress(OSError):  # it has ended already
            self.sock.shutdown(socket.SHUT_RDWR)


def clean(text: str) -> str:
    """Return text of a device as it may be shown.

    Line ends are line feeds, colours and other escape sequences (ECMA-48) are gone, blanks that don't break are blanks,
    and what is left of control characters is `�`; empty lines at both ends are left out.
    """
    text = _ESCAPES.sub("", text).replace("\r\n", "\n").replace("\r", "\n").replace("\xa0", " ")
    kept = (character if character.isprintable() or character in "\n\t" else "�" for character in text)
    return "".join(kept).strip("\n")


def last_line(text: str) -> str:
    """Return the last line of what a device said, for a sentence: clean, and 120 characters at most."""
    lines = [line.strip() for line in clean(text).replace("\t", " ").splitlines() if line.strip()]
    return lines[-1][:120] if lines else ""
