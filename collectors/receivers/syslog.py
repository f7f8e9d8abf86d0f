"""Syslog by UDP, TCP (a count before each message, or a line each) and TLS."""

from __future__ import annotations

import asyncio
import logging
import socket
import ssl
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from collectors.receivers._intake import Intake
from collectors.receivers._settings import Endpoint, TlsSettings
from collectors.receivers._sockets import ListenError, bound, datagrams, plain
from collectors.receivers._syslogevent import event_of
from noc.wire.syslog import parse
from noc.wire.syslogframes import Frames

log = logging.getLogger(__name__)

CONNECTIONS_AT_MOST: Final = 1_000
READ_OCTETS: Final = 65_536
HANDSHAKE_S: Final = 10.0
IDLE_S: Final = 3_600.0
"""A connection on which nothing comes for so long is closed: its sender is gone, or opens another."""

ROOM_EVERY_S: Final = 0.05
"""How often a connection looks whether there is room again; until then its sender waits, and nothing is lost."""


def tls_context(settings: TlsSettings, folder: Path) -> ssl.SSLContext:
    """Return how TLS is spoken: 1.2 at least. Raises ListenError where a file can't be read or is another thing."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    certificate, key = folder / settings.certificate, folder / settings.private_key
    try:
        context.load_cert_chain(certificate, key)
        if settings.client_ca is not None:
            context.load_verify_locations(folder / settings.client_ca)
            context.verify_mode = ssl.CERT_REQUIRED
    except ssl.SSLError as error:
        raise ListenError(
            f"receivers.syslog.tls: {certificate}, {key}: not a certificate and its key: {error}"
        ) from error
    except OSError as error:
        reason = (error.strerror or str(error)).lower()
        raise ListenError(f"receivers.syslog.tls: {error.filename or certificate}: {reason}") from error
    return context


@dataclass(frozen=True, slots=True)
class Listening:
    """What is listened on. handed: sockets of systemd's."""

    udp: Sequence[Endpoint] = ()
    tcp: Sequence[Endpoint] = ()
    tls: Sequence[Endpoint] = ()
    handed_udp: Sequence[socket.socket] = ()
    handed_tcp: Sequence[socket.socket] = ()
    handed_tls: Sequence[socket.socket] = ()


@dataclass(slots=True)
class SyslogReceiver:
    """A service: listens, reads, hands on. context: of TLS, where it is spoken."""

    intake: Intake
    listening: Listening = Listening()
    context: ssl.SSLContext | None = None
    ports: dict[str, list[int]] = field(default_factory=lambda: {"udp": [], "tcp": [], "tls": []})
    cut: int = 0
    _transports: list[asyncio.DatagramTransport] = field(default_factory=list)
    _servers: list[asyncio.Server] = field(default_factory=list)
    _open: set[asyncio.StreamWriter] = field(default_factory=set)

    async def start(self) -> None:
        """Begin to listen. Raises ListenError."""
        where = self.listening
        for made in (*where.handed_udp, *(bound(one, socket.SOCK_DGRAM) for one in where.udp)):
            self.ports["udp"].append(made.getsockname()[1])
            self._transports.append(await datagrams(made, lambda data, address, _: self.datagram(data, address)))
        for made in (*where.handed_tcp, *(bound(one, socket.SOCK_STREAM) for one in where.tcp)):
            await self._serve(made, "tcp", None)
        if self.context is not None:
            for made in (*where.handed_tls, *(bound(one, socket.SOCK_STREAM) for one in where.tls)):
                await self._serve(made, "tls", self.context)
        if any(self.ports.values()):
            said = (f"{name} {', '.join(map(str, ports))}" for name, ports in self.ports.items() if ports)
            log.info("syslog: %s", "; ".join(said))

    async def stop(self) -> None:
        """Listen no more, and close what is open."""
        for transport in self._transports:
            transport.close()
        for server in self._servers:
            server.close()
        for writer in list(self._open):
            writer.close()
        for server in self._servers:
            await server.wait_closed()
        self._transports.clear()
        self._servers.clear()

    async def _serve(self, made: socket.socket, name: str, context: ssl.SSLContext | None) -> None:
        made.setblocking(False)
        self.ports[name].append(made.getsockname()[1])
        handshake = HANDSHAKE_S if context is not None else None
        server = await asyncio.start_server(self._connection, sock=made, ssl=context, ssl_handshake_timeout=handshake)
        self._servers.append(server)

    def datagram(self, data: bytes, address: str) -> None:
        """Take a message; returns at once."""
        if not self.intake.admits(address, data):
            return
        if not data.strip(b"\r\n\0 "):
            self.intake.malformed(address, "it is empty")
            return
        doors = self.intake.doors
        now_ms = self.intake.now_ms()
        line = parse(data, now_ms)
        senders = doors.senders()
        device = senders.at(address)
        if senders.is_relay(address):
            device = (senders.called(line.host) if line.host is not None else None) or device
        if device is None:
            self.intake.unknown(line.host or address, f"by {address}: {line.text}".encode())
            return
        event, meaning = event_of(line, doors.book(), address, device, now_ms)
        self.intake.take(event, meaning)

    async def _connection(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        peer = writer.get_extra_info("peername")
        address = plain(peer[0]) if peer else ""
        senders = self.intake.doors.senders()
        if senders.at(address) is None and not senders.is_relay(address):
            self.intake.tally.received += 1
            self.intake.unknown(address, b"a connection")
            writer.close()
            return
        if len(self._open) >= CONNECTIONS_AT_MOST:
            log.warning("%s: a connection for syslog is refused: %d are open", address, CONNECTIONS_AT_MOST)
            writer.close()
            return
        self._open.add(writer)
        frames = Frames()
        try:
            while data := await asyncio.wait_for(reader.read(READ_OCTETS), IDLE_S):
                for message in frames.feed(data):
                    await self._room()
                    self.datagram(message, address)
            last = frames.rest()
            if last:
                self.datagram(last, address)
        except (OSError, TimeoutError, ssl.SSLError) as error:
            log.debug("%s: a connection for syslog ended: %s", address, error)
        finally:
            self.cut += frames.cut
            self._open.discard(writer)
            writer.close()

    async def _room(self) -> None:
        while not self.intake.doors.sink.has_room:
            await self.intake.doors.clock.sleep(ROOM_EVERY_S)
