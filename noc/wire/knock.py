"""A knock at a TCP port, and who answered it: the port itself, a wall on the way, or nobody.

What a router or a firewall answers by ICMP is read from the socket's error queue (ip(7), IP_RECVERR), which names the
machine that sent it: by the error of `connect` alone a wall's refusal can't be told from that of the port.
"""

from __future__ import annotations

import asyncio
import errno
import socket
import struct
from contextlib import suppress
from ipaddress import IPv4Address, IPv6Address, ip_address
from typing import Final, Literal, NamedTuple

Answer = Literal["open", "reset", "refused", "prohibited", "unreachable", "silent"]
"""open: a connection. reset: by RST. refused: ICMP says that this port, or all of them, are closed, and it was sent by
the address itself. prohibited: ICMP says that it is forbidden, or somebody on the way says that the port is closed.
unreachable: there is no way to it. silent: nobody answered in time."""

_ORIGIN_ICMP: Final = 2  # linux/errqueue.h
_ORIGIN_ICMP6: Final = 3
_UNREACHABLE: Final = {_ORIGIN_ICMP: 3, _ORIGIN_ICMP6: 1}
"""The type of ICMP and of ICMPv6 that says so."""

_FORBIDDEN: Final = {_ORIGIN_ICMP: frozenset({9, 10, 13}), _ORIGIN_ICMP6: frozenset({1, 5, 6})}
"""Codes that speak of an administrator (RFC 792, RFC 1812 section 5.2.7.1; RFC 4443 section 3.1)."""

_CLOSED: Final = {_ORIGIN_ICMP: frozenset({2, 3}), _ORIGIN_ICMP6: frozenset({4})}
"""Codes that speak of a protocol or a port."""

_IP_RECVERR: Final = 11
_IPV6_RECVERR: Final = 25
_FAMILY_BYTES: Final = 2
_ERROR: Final = struct.Struct("=IBBBxII")
"""struct sock_extended_err: errno, origin, type, code, info, data; the address of the sender follows it."""


class Knock(NamedTuple):
    """What came of it. source: our own address towards there. by: who answered; empty where nobody did."""

    answer: Answer
    source: str
    by: str


def own_address(address: str) -> str:
    """Return our own address towards another; empty where there is no way. Nothing is sent."""
    family = socket.AF_INET6 if ":" in address else socket.AF_INET
    with socket.socket(family, socket.SOCK_DGRAM) as probe, suppress(OSError):
        probe.connect((address, 9))
        return str(probe.getsockname()[0])
    return ""


async def knock(address: str, port: int, timeout_s: float) -> Knock:
    """Ask for a connection and hang up. Raises OSError where this machine itself can't ask."""
    six = ":" in address
    with socket.socket(socket.AF_INET6 if six else socket.AF_INET, socket.SOCK_STREAM) as asked:
        level, option = (socket.IPPROTO_IPV6, _IPV6_RECVERR) if six else (socket.IPPROTO_IP, _IP_RECVERR)
        asked.setsockopt(level, option, 1)
        # A reset when it is closed: nothing was said, and it costs the other side less.
        asked.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        asked.setblocking(False)
        source = own_address(address)
        try:
            async with asyncio.timeout(timeout_s):
                await asyncio.get_running_loop().sock_connect(asked, (address, port))
        except TimeoutError as error:
            if error.errno is None or error.errno == errno.ETIMEDOUT:
                return Knock("silent", source, "")
            raise
        except OSError as error:
            return _refusal(asked, error, address, source)
        return Knock("open", source, address)


def _refusal(asked: socket.socket, error: OSError, address: str, source: str) -> Knock:
    said = _said(asked)
    if said is not None:
        return Knock(answer_of(*said, address), source, said[3])
    if error.errno == errno.ECONNREFUSED:
        return Knock("reset", source, address)
    if error.errno in (errno.EHOSTUNREACH, errno.ENETUNREACH, errno.EHOSTDOWN):
        return Knock("unreachable", source, "")
    raise error


def answer_of(origin: int, kind: int, code: int, by: str, address: str) -> Answer:
    """Return what a message of ICMP means for a knock at an address. origin, kind, code: as the kernel names them."""
    if kind != _UNREACHABLE.get(origin):
        return "unreachable"
    if code in _FORBIDDEN[origin]:
        return "prohibited"
    if code in _CLOSED[origin]:
        return "refused" if ip_address(by) == ip_address(address) else "prohibited"
    return "unreachable"


def _said(asked: socket.socket) -> tuple[int, int, int, str] | None:
    """Return origin, type, code and sender of the message of ICMP that ended a knock; None where there is none."""
    try:
        _, beside, _, _ = asked.recvmsg(512, 512, socket.MSG_ERRQUEUE)
    except OSError:
        return None
    for level, kind, data in beside:
        is_error = (level, kind) in ((socket.IPPROTO_IP, _IP_RECVERR), (socket.IPPROTO_IPV6, _IPV6_RECVERR))
        if is_error and len(data) >= _ERROR.size:
            _, origin, icmp, code, _, _ = _ERROR.unpack_from(data)
            by = _sender(data[_ERROR.size :])
            if origin in _UNREACHABLE and by:
                return origin, icmp, code, by
    return None


def _sender(raw: bytes) -> str:
    """Return the address of a struct sockaddr_in or sockaddr_in6."""
    (family,) = struct.unpack_from("=H", raw) if len(raw) >= _FAMILY_BYTES else (0,)
    if family == socket.AF_INET:
        return str(IPv4Address(raw[4:8]))
    return str(IPv6Address(raw[8:24])) if family == socket.AF_INET6 else ""
