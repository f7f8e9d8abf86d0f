"""The mailbox of a world: a mail server on loopback that keeps what it gets as .eml files. The door to aiosmtpd."""

from __future__ import annotations

import asyncio
import contextlib
from pathlib import Path
from typing import Final

from aiosmtpd.smtp import SMTP, Envelope, Session

from noc.clock import Clock
from noc.model.errors import ReachError
from noc.model.instants import to_ms

HOST: Final = "127.0.0.1"
KEPT: Final = 500
"""Messages; the oldest goes when another comes."""

MAX_MESSAGE_BYTES: Final = 1024 * 1024
MAX_CONNECTIONS: Final = 50


class Mailbox:
    """A service. folder: where the messages go, `<milliseconds>-<number>.eml`, so that names sort by time.

    Each begins with X-Envelope-From and X-Envelope-To: who it really went to. kept: how many stay. port: 0 takes a
    free one.
    """

    def __init__(self, folder: Path, clock: Clock, *, kept: int = KEPT, port: int = 0) -> None:
        self._folder = folder
        self._clock = clock
        self._kept = kept
        self._wanted_port = port
        self._server: asyncio.Server | None = None
        self._connected: set[asyncio.Transport] = set()
        self._number = 0
        self.refused = 0

    @property
    def port(self) -> int:
        """Return the TCP port; 0 before the start."""
        return int(self._server.sockets[0].getsockname()[1]) if self._server is not None else 0

    async def start(self) -> None:
        """Listen. Raises ReachError when the port is taken."""
        self._folder.mkdir(parents=True, exist_ok=True)
        try:
            self._server = await asyncio.get_running_loop().create_server(self._protocol, HOST, self._wanted_port)
        except OSError as error:
            reason = (error.strerror or str(error)).lower()
            raise ReachError(f"the mailbox can't listen on {HOST}:{self._wanted_port}: {reason}") from error

    async def stop(self) -> None:
        """Listen no more and hang up; the messages stay."""
        server, self._server = self._server, None
        if server is not None:
            server.close()
            for transport in tuple(self._connected):
                transport.abort()
            await server.wait_closed()

    def messages(self) -> list[Path]:
        """Return the messages, the newest first."""
        return sorted(self._folder.glob("*.eml"), reverse=True)

    def _protocol(self) -> asyncio.Protocol:
        return _Conversation(self)

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:  # noqa: N802 names and arguments are aiosmtpd's
        """Keep one message: a call of aiosmtpd."""
        content = envelope.content if isinstance(envelope.content, bytes) else b""
        head = f"X-Envelope-From: {_one_line(envelope.mail_from)}\r\n"
        head += f"X-Envelope-To: {', '.join(map(_one_line, envelope.rcpt_tos))}\r\n"
        self._number += 1
        now_ms = to_ms(self._clock.now())
        path = self._folder / f"{now_ms:013d}-{self._number:06d}.eml"
        part = path.with_suffix(".part")  # a reader sees whole messages only
        part.write_bytes(head.encode("utf-8", "replace") + content)
        part.replace(path)
        for old in self.messages()[self._kept :]:
            with contextlib.suppress(FileNotFoundError):
                old.unlink()
        return "250 Message kept"

    def connected(self, transport: asyncio.Transport) -> bool:
        """Take note of a caller. Return False when there are too many."""
        if len(self._connected) >= MAX_CONNECTIONS:
            self.refused += 1
            return False
        self._connected.add(transport)
        return True

    def gone(self, transport: asyncio.Transport | None) -> None:
        """Take note that a caller hung up."""
        if transport is not None:
            self._connected.discard(transport)


class _Conversation(SMTP):
    def __init__(self, mailbox: Mailbox) -> None:
        super().__init__(mailbox, hostname="mailbox.example.org", ident="noc", data_size_limit=MAX_MESSAGE_BYTES)
        self._mailbox = mailbox
        self._own: asyncio.Transport | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        if isinstance(transport, asyncio.Transport):
            if not self._mailbox.connected(transport):
                transport.abort()
                return
            self._own = transport
        super().connection_made(transport)

    def connection_lost(self, error: Exception | None) -> None:
        self._mailbox.gone(self._own)
        super().connection_lost(error)


def _one_line(address: str | None) -> str:
    return " ".join((address or "").split())
