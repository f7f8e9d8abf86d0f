"""Small servers for the simulated applications, at the wire: HTTP, SMTP, DNS and NTP, as far as checks ask."""

from __future__ import annotations

import asyncio
import struct
from collections.abc import Awaitable, Callable, Mapping
from contextlib import suppress
from datetime import UTC, datetime
from typing import Final

import dns.exception
import dns.flags
import dns.message
import dns.rcode
import dns.rdatatype
import dns.rrset

from noc.clock import Clock

MAX_HEAD_BYTES: Final = 16 * 1024
PATIENCE_S: Final = 10.0

Talk = Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]
Page = Callable[[], tuple[int, Mapping[str, str], str]]
"""What a web server answers now: status, headers, text."""

Names = Callable[[], Mapping[str, str]]
"""Host names in small letters, with the dot at their end, and their addresses, now."""

_REASONS: Final = {200: "OK", 503: "Service Unavailable"}
_NTP_EPOCH: Final = datetime(1900, 1, 1, tzinfo=UTC)


def bounded(talk: Talk) -> Talk:
    """Return a talk that ends, whoever is at the other end."""

    async def handle(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            with suppress(OSError, TimeoutError, asyncio.IncompleteReadError, asyncio.LimitOverrunError):
                async with asyncio.timeout(PATIENCE_S):
                    await talk(reader, writer)
                    await writer.drain()
        finally:
            writer.close()

    return handle


def web(page: Page) -> Talk:
    """Return a web server with one page."""

    async def talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        status, headers, text = page()
        body = text.encode()
        lines = [
            f"HTTP/1.1 {status} {_REASONS.get(status, 'Unknown')}",
            "Content-Type: text/plain; charset=utf-8",
            f"Content-Length: {len(body)}",
            "Connection: close",
            *(f"{name}: {value}" for name, value in headers.items()),
        ]
        writer.write("\r\n".join([*lines, "", ""]).encode() + body)

    return talk


def mail(name: str, works: Callable[[], bool]) -> Talk:
    """Return a mail server that greets and takes no mail."""

    async def talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        if not works():
            writer.write(f"421 {name} Service not available, closing transmission channel\r\n".encode())
            return
        writer.write(f"220 {name} ESMTP SIMULATED\r\n".encode())
        while line := await reader.readline():
            word = line.split(b" ")[0].strip().upper()
            if word == b"EHLO":
                writer.write(f"250-{name}\r\n250-PIPELINING\r\n250-STARTTLS\r\n250 8BITMIME\r\n".encode())
            elif word == b"QUIT":
                writer.write(b"221 2.0.0 Bye\r\n")
                return
            else:
                writer.write(b"502 5.5.1 This world takes no mail\r\n")

    return talk


class NameServer(asyncio.DatagramProtocol):
    """Answers for host names. names: as they are now. serial: of the zone, now."""

    def __init__(self, zone: str, names: Names, serial: Callable[[], int]) -> None:
        self._zone = zone
        self._names = names
        self._serial = serial
        self._transport: asyncio.DatagramTransport | None = None

    def connection_made(self, transport: asyncio.DatagramTransport) -> None:  # type: ignore[override]  # UDP's
        """Keep the way back."""
        self._transport = transport

    def datagram_received(self, data: bytes, addr: tuple[str, int]) -> None:
        """Answer; what is no question gets none."""
        try:
            question = dns.message.from_wire(data)
            answer = self._answer(question)
        except (dns.exception.DNSException, EOFError, ValueError, IndexError):
            return
        if self._transport is not None:
            self._transport.sendto(answer.to_wire(), addr)

    def _answer(self, question: dns.message.Message) -> dns.message.Message:
        answer = dns.message.make_response(question)
        answer.flags |= dns.flags.AA
        if len(question.question) != 1:
            answer.set_rcode(dns.rcode.FORMERR)
            return answer
        asked = question.question[0]
        name = asked.name.to_text().lower()
        if name == self._zone and asked.rdtype == dns.rdatatype.SOA:
            text = f"ns.{self._zone} hostmaster.{self._zone} {self._serial()} 3600 600 86400 60"
            answer.answer.append(dns.rrset.from_text(asked.name, 60, "IN", "SOA", text))
        elif name in (names := self._names()):
            if asked.rdtype == dns.rdatatype.A:
                answer.answer.append(dns.rrset.from_text(asked.name, 5, "IN", "A", names[name]))
        elif name != self._zone:
            answer.set_rcode(dns.rcode.NXDOMAIN)
        return answer


class TimeServer(asyncio.DatagramProtocol):
    """Tells the time of the machine, by NTP."""

    def __init__(self, clock: Clock, works: Callable[[], bool]) -> None:
        self._clock = clock
        self._works = works
        self._transport: asyncio.DatagramTransport | None = None

    def connection_made(self, transport: asyncio.DatagramTransport) -> None:  # type: ignore[override]  # UDP's
        """Keep the way back."""
        self._transport = transport

    def datagram_received(self, data: bytes, addr: tuple[str, int]) -> None:
        """Answer; what is no question gets none."""
        if len(data) < 48 or self._transport is None or not self._works():
            return
        now = self._stamp()
        head = struct.pack(">BBbbIII", 0b00_100_100, 2, 6, -20, 0, 655, int.from_bytes(b"\x7f\x00\x00\x01"))
        self._transport.sendto(head + struct.pack(">QQQQ", now, int.from_bytes(data[40:48]), now, now), addr)

    def _stamp(self) -> int:
        seconds = (self._clock.now() - _NTP_EPOCH).total_seconds()
        return int(seconds * 2**32) % 2**64
