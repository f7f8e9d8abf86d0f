"""NTP as a client: one packet of 48 octets there and back (RFC 5905, sections 7.3 and 8). Sets no clock."""

from __future__ import annotations

import asyncio
import secrets
import struct
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from ipaddress import IPv4Address
from typing import Final

from noc.clock import Clock
from noc.model.reading import FailureKind
from noc.model.replies import NtpReply
from noc.wire.errors import WireError
from noc.wire.streams import broken

PACKET_BYTES: Final = 48
_FORMAT: Final = struct.Struct(">BBbbIII4Q")
_CLIENT: Final = 0b00_100_011  # leap 0, version 4, mode 3
_SERVER_MODES: Final = (4,)
_EPOCH: Final = datetime(1900, 1, 1, tzinfo=UTC)
_ERA_S: Final = 2**32
_SECOND: Final = timedelta(seconds=1)


def request(nonce: int) -> bytes:
    """Return a question. nonce: 64 bits, in the place of our time, which is nobody's concern; comes back as origin."""
    return _FORMAT.pack(_CLIENT, 0, 0, 0, 0, 0, 0, 0, 0, 0, nonce)


@dataclass(frozen=True, slots=True)
class Packet:
    """What a server answers. received, sent: its times, as NTP counts them, 32.32 bits."""

    leap: int
    mode: int
    stratum: int
    root_dispersion_s: float
    reference: bytes
    origin: int
    received: int
    sent: int


def decode(data: bytes) -> Packet:
    """Return an answer. Raises ValueError where it is none."""
    if len(data) < PACKET_BYTES:
        raise ValueError(f"it has {len(data)} octets, not {PACKET_BYTES}")
    first, stratum, _, _, _, dispersion, reference, _, origin, received, sent = _FORMAT.unpack(data[:PACKET_BYTES])
    return Packet(first >> 6, first & 7, stratum, dispersion / 2**16, reference.to_bytes(4), origin, received, sent)


def time_of(stamp: int, near: datetime) -> datetime:
    """Return the time that a time stamp of NTP means, in the era that is nearest to `near` (one begins in 2036)."""
    at = _EPOCH + (stamp >> 32) * _SECOND + timedelta(microseconds=round((stamp & 0xFFFFFFFF) * 1e6 / 2**32))
    eras = round((near - at) / _SECOND / _ERA_S)
    return at + eras * _ERA_S * _SECOND


async def ask(host: str, port: int, clock: Clock, timeout_s: float) -> NtpReply:
    """Return what a time server answers. Raises WireError: TIMEOUT, REFUSED, PROTOCOL (no NTP, or a kiss of death)."""
    where = f"{host} port {port}"
    nonce = secrets.randbits(64)
    loop = asyncio.get_running_loop()
    try:
        async with asyncio.timeout(timeout_s):
            transport, protocol = await loop.create_datagram_endpoint(
                lambda: _Talk(nonce, clock), remote_addr=(host, port)
            )
            try:
                sent_at, begun = clock.now(), clock.monotonic()
                transport.sendto(request(nonce))
                packet, ended = await protocol.answer
            finally:
                transport.close()
    except TimeoutError:
        raise WireError(FailureKind.TIMEOUT, f"{where}: no answer within {timeout_s:g} s") from None
    except ValueError as error:
        raise WireError(FailureKind.PROTOCOL, f"{where}: what it answers is no NTP: {error}") from None
    except OSError as error:
        raise broken(where, error) from None
    if packet.stratum == 0:
        code = packet.reference.decode("ascii", "replace").rstrip("\0")
        said = code if code.isalnum() else "no code"
        raise WireError(FailureKind.REFUSED, f"{where}: it does not serve us ({said})")
    return _reply(packet, sent_at, ended - begun)


class _Talk(asyncio.DatagramProtocol):
    """Waits for the one answer that carries our nonce; whatever else comes is not from whom we asked."""

    def __init__(self, nonce: int, clock: Clock) -> None:
        self._nonce = nonce
        self._clock = clock
        self.answer: asyncio.Future[tuple[Packet, float]] = asyncio.get_running_loop().create_future()

    def datagram_received(self, data: bytes, _: tuple[str, int]) -> None:
        if self.answer.done():
            return
        ended = self._clock.monotonic()
        try:
            packet = decode(data)
        except ValueError as error:
            self.answer.set_exception(error)
            return
        if packet.origin == self._nonce and packet.mode in _SERVER_MODES:
            self.answer.set_result((packet, ended))

    def error_received(self, exc: Exception) -> None:
        if not self.answer.done():
            self.answer.set_exception(exc)

    def connection_lost(self, exc: Exception | None) -> None:
        if not self.answer.done():
            self.answer.cancel()


def _reply(packet: Packet, sent_at: datetime, took_s: float) -> NtpReply:
    """Return offset and delay by the four times of RFC 5905, section 8; ours by the monotonic clock in between."""
    received, sent = time_of(packet.received, sent_at), time_of(packet.sent, sent_at)
    came_at = sent_at + took_s * _SECOND
    offset = ((received - sent_at) + (sent - came_at)) / 2
    delay_s = max(0.0, took_s - (sent - received) / _SECOND)
    return NtpReply(
        offset / _SECOND, delay_s, packet.stratum, packet.leap, packet.root_dispersion_s, _reference(packet)
    )


def _reference(packet: Packet) -> str:
    if packet.stratum == 1:
        text = packet.reference.decode("ascii", "replace").rstrip("\0 ")
        return text if text.isalnum() else "?"
    return str(IPv4Address(packet.reference))
