"""An SSH server with a command line: what real devices print, over real SSH. The one door to asyncssh.

It knows no device: a Console says what is printed. One listening socket serves every address of 127.0.0.0/8, as
`loopback` does for SNMP, so that each simulated device has a command line of its own.
"""

from __future__ import annotations

import logging
import socket
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Final, Protocol

import asyncssh

from noc.model.errors import ReachError

logging.getLogger("asyncssh").setLevel(logging.CRITICAL)

PAGE_SEAM: Final = "--More-- "
_ERASED: Final = "\r         \r"
_LINE_AT_MOST: Final = 4096
_BACKLOG: Final = 128
_DISCONNECT: Final = "\x04"


class Console(Protocol):
    """The command line of one device."""

    @property
    def prompt(self) -> str:
        """Return what it says when it waits for a command."""
        ...

    @property
    def page(self) -> int:
        """Return after how many lines it stops until a blank is typed; 0: never."""
        ...

    def answer(self, line: str) -> str:
        """Return what a command prints."""
        ...


@dataclass(frozen=True, slots=True)
class User:
    """Who may log in."""

    name: str
    password: str


ConsoleOf = Callable[[str], Console | None]
"""The address that was dialled to the command line there; None where nothing answers."""


class TerminalServer:
    """Serves command lines. key: file of the host key, which is made where there is none."""

    def __init__(self, consoles: ConsoleOf, user: User, key: Path) -> None:
        self._consoles = consoles
        self._user = user
        self._key = key
        self._acceptor: asyncssh.SSHAcceptor | None = None
        self.sessions = 0

    async def open(self, port: int = 0) -> int:
        """Listen on loopback, and return the port. Raises ReachError when the port is taken."""
        listening = socket.socket(socket.AF_INET, socket.SOCK_STREAM | socket.SOCK_NONBLOCK | socket.SOCK_CLOEXEC)
        try:
            listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            with suppress(PermissionError):
                listening.setsockopt(socket.SOL_SOCKET, socket.SO_BINDTODEVICE, b"lo")
            listening.bind(("", port))
            listening.listen(_BACKLOG)
        except OSError as error:
            listening.close()
            reason = (error.strerror or str(error)).lower()
            raise ReachError(f"the simulator can't listen on TCP port {port}: {reason}; name another port") from error
        self._acceptor = await asyncssh.listen(
            sock=listening,
            server_factory=lambda: _Door(self._consoles, self._user),
            process_factory=self._serve,
            server_host_keys=[_host_key(self._key)],
            line_editor=False,
            encoding="utf-8",
            errors="replace",
        )
        return int(listening.getsockname()[1])

    async def close(self) -> None:
        """Listen no more, and hang up."""
        acceptor, self._acceptor = self._acceptor, None
        if acceptor is not None:
            acceptor.close()
            await acceptor.wait_closed()

    async def _serve(self, process: asyncssh.SSHServerProcess[str]) -> None:
        console = self._consoles(_dialled(process))
        if console is None:
            process.exit(1)
            return
        self.sessions += 1
        with suppress(asyncssh.Error, OSError):
            process.stdout.write(console.prompt)
            while (line := await _line(process)) is not None:
                if line.strip() in ("exit", "quit", "logout"):
                    break
                await _print(process, console.answer(line.strip()) if line.strip() else "", console.page)
                process.stdout.write(console.prompt)
        process.exit(0)


class _Door(asyncssh.SSHServer):
    """Lets one user in, by password, where something answers at all."""

    def __init__(self, consoles: ConsoleOf, user: User) -> None:
        self._consoles = consoles
        self._user = user

    def connection_made(self, conn: asyncssh.SSHServerConnection) -> None:
        """Hang up where nothing answers, and on who is not of this machine."""
        here, there = conn.get_extra_info("sockname"), conn.get_extra_info("peername")
        local = all(str(end[0]).startswith("127.") for end in (here, there) if end)
        if not local or not here or self._consoles(str(here[0])) is None:
            conn.abort()

    def password_auth_supported(self) -> bool:
        """Return that there is a password."""
        return True

    def validate_password(self, username: str, password: str) -> bool:
        """Return whether it is the one; options behind the name, as RouterOS takes them, don't count."""
        return (username.partition("+")[0], password) == (self._user.name, self._user.password)


def _dialled(process: asyncssh.SSHServerProcess[str]) -> str:
    return str(process.get_extra_info("sockname")[0])


async def _line(process: asyncssh.SSHServerProcess[str]) -> str | None:
    """Return the next line that is typed, echoed as it comes; None at the end."""
    typed = ""
    while True:
        character = await process.stdin.read(1)
        if not character or (character == _DISCONNECT and not typed):
            return None
        if character in "\r\n":
            process.stdout.write("\r\n")
            return typed
        if len(typed) < _LINE_AT_MOST:
            typed += character
            process.stdout.write(character)


async def _print(process: asyncssh.SSHServerProcess[str], text: str, page: int) -> None:
    lines = text.splitlines()
    for number, line in enumerate(lines, 1):
        process.stdout.write(f"{line}\r\n")
        if page and number % page == 0 and number < len(lines):
            process.stdout.write(PAGE_SEAM)
            await process.stdin.read(1)
            process.stdout.write(_ERASED)
        if number % 500 == 0:
            await process.stdout.drain()


def _host_key(path: Path) -> asyncssh.SSHKey:
    if not path.exists():
        key = asyncssh.generate_private_key("ssh-ed25519")
        path.parent.mkdir(parents=True, exist_ok=True)
        path.touch(0o600)
        path.write_bytes(key.export_private_key())
    return asyncssh.read_private_key(path)
