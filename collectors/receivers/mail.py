"""Answers by mail: a small SMTP server (RFC 5321) to which the mail server of the house hands what people reply.

It takes mail of named neighbours only, keeps nothing, and answers when somebody else has it safe.
"""

from __future__ import annotations

import asyncio
import socket
from collections.abc import Awaitable, Callable
from contextlib import AsyncExitStack, suppress
from typing import Final

from aiosmtpd.smtp import SMTP, Envelope, Session

from collectors.receivers._settings import Endpoint, MailSettings
from collectors.receivers._sockets import bound, plain

MAX_MESSAGE_BYTES: Final = 1_000_000
MAX_CONNECTIONS: Final = 50
TALK_S: Final = 60.0
BUSY: Final = "421 4.3.2 not from here, or too many at once"

Take = Callable[[bytes], Awaitable[str]]
"""Takes a mail; returns the answer of the server, `250 …` where it is safe."""


class MailReceiver:
    """A service. take: is given each mail."""

    def __init__(self, settings: MailSettings, take: Take) -> None:
        self._settings = settings
        self._take = take
        self._servers: list[asyncio.Server] = []
        self._connected: set[asyncio.Transport] = set()
        self.taken = 0
        self.refused = 0

    @property
    def ports(self) -> tuple[int, ...]:
        """Return the TCP ports that are listened on."""
        return tuple(server.sockets[0].getsockname()[1] for server in self._servers)

    async def start(self) -> None:
        """Listen. Raises ListenError."""
        async with AsyncExitStack() as undo:
            undo.push_async_callback(self.stop)
            for endpoint in self._settings.listen:
                self._servers.append(await self._listen(endpoint))
            undo.pop_all()

    async def stop(self) -> None:
        """Listen no more and hang up: whoever was not answered sends again."""
        for server in self._servers:
            server.close()
        for transport in tuple(self._connected):
            transport.abort()
        for server in self._servers:
            await server.wait_closed()
        self._servers.clear()

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:  # noqa: N802 names and arguments are aiosmtpd's
        """Hand a mail on: a call of aiosmtpd."""
        self.taken += 1
        return await self._take(envelope.content if isinstance(envelope.content, bytes) else b"")

    def connected(self, transport: asyncio.Transport) -> bool:
        """Take note of a caller. Return False where it is no neighbour, or there are too many."""
        peer = transport.get_extra_info("peername")
        address = plain(str(peer[0])) if peer else ""
        if address not in self._settings.accept_from or len(self._connected) >= MAX_CONNECTIONS:
            self.refused += 1
            return False
        self._connected.add(transport)
        return True

    def gone(self, transport: asyncio.Transport | None) -> None:
        """Take note that a caller hung up."""
        if transport is not None:
            self._connected.discard(transport)

    async def _listen(self, endpoint: Endpoint) -> asyncio.Server:
        made = bound(endpoint, socket.SOCK_STREAM)
        made.setblocking(False)
        return await asyncio.get_running_loop().create_server(lambda: _Conversation(self), sock=made)


class _Conversation(SMTP):
    def __init__(self, receiver: MailReceiver) -> None:
        super().__init__(
            receiver,
            hostname="noc.invalid",
            ident="noc",
            data_size_limit=MAX_MESSAGE_BYTES,
            enable_SMTPUTF8=True,
            timeout=TALK_S,
        )
        self._receiver = receiver
        self._own: asyncio.Transport | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        if isinstance(transport, asyncio.Transport):
            if not self._receiver.connected(transport):
                with suppress(OSError):
                    transport.write(f"{BUSY}\r\n".encode())
                transport.close()
                return
            self._own = transport
        super().connection_made(transport)

    def connection_lost(self, error: Exception | None) -> None:
        self._receiver.gone(self._own)
        if self._own is not None:
            super().connection_lost(error)
