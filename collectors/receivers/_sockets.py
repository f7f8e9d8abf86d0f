"""Sockets that are listened on: made by ourselves, or handed over by systemd."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import Callable
from contextlib import suppress
from typing import Final

from collectors.receivers._settings import Endpoint
from noc.model.errors import NocError

RECEIVE_BUFFER: Final = 4 * 1024 * 1024
"""Bytes that the kernel may keep for us while we are busy; it gives as much of it as net.core.rmem_max allows."""

Take = Callable[[bytes, str, Callable[[bytes], None]], None]
"""Is given a datagram, its sender's address, and a way to answer."""


class ListenError(NocError):
    """A port that can't be listened on. The text names it and says what to do."""


def bound(endpoint: Endpoint, kind: socket.SocketKind) -> socket.socket:
    """Return a socket that is bound, and listens where it is of TCP. Raises ListenError."""
    family = socket.AF_INET6 if ":" in endpoint.address else socket.AF_INET
    made = socket.socket(family, kind)
    try:
        if family == socket.AF_INET6:
            made.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 1)
        if kind == socket.SOCK_STREAM:
            made.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        made.bind((endpoint.address, endpoint.port))
        if kind == socket.SOCK_STREAM:
            made.listen(128)
    except OSError as error:
        made.close()
        reason = (error.strerror or str(error)).lower()
        hint = "; ports below 1024 are for root: let systemd listen (docs/operate.md)" if endpoint.port < 1024 else ""
        raise ListenError(f"receivers: {endpoint}: can't listen: {reason}{hint}") from error
    return made


def plain(address: str) -> str:
    """Return an address as the inventory writes it: without zone, IPv4 that came in through IPv6 as IPv4."""
    return address.partition("%")[0].removeprefix("::ffff:") if ":" in address else address


class _Datagrams(asyncio.DatagramProtocol):
    def __init__(self, take: Take) -> None:
        self._take = take
        self._transport: asyncio.DatagramTransport | None = None

    def connection_made(self, transport: asyncio.DatagramTransport) -> None:  # type: ignore[override]
        self._transport = transport

    def datagram_received(self, data: bytes, addr: tuple[str, int]) -> None:
        self._take(data, plain(addr[0]), lambda answer: self._answer(answer, addr))

    def _answer(self, answer: bytes, to: tuple[str, int]) -> None:
        if self._transport is not None and not self._transport.is_closing():
            self._transport.sendto(answer, to)


async def datagrams(made: socket.socket, take: Take) -> asyncio.DatagramTransport:
    """Have each datagram of a socket taken, until the transport is closed; the socket is the transport's."""
    with suppress(OSError):  # what systemd gave may be larger already
        if made.getsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF) < RECEIVE_BUFFER:
            made.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, RECEIVE_BUFFER)
    made.setblocking(False)
    loop = asyncio.get_running_loop()
    transport, _ = await loop.create_datagram_endpoint(lambda: _Datagrams(take), sock=made)
    return transport
