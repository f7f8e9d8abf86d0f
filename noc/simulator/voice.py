"""Sends what devices say to whoever listens: SNMPv2c traps and syslog over UDP, from the devices' own addresses.

One socket for all of them, which sets the address that each datagram leaves from (IP_PKTINFO). Needs no root; Linux.
"""

from __future__ import annotations

import socket
import struct
from dataclasses import dataclass
from typing import Final

from noc.model.instants import from_ms
from noc.simulator.telling import Line, Saying, Trap
from noc.wire.ber import Message, Pdu, PduType, Tag, VarBind, Version, encode

LISTENER: Final = "127.0.0.1"

_SYS_UP_TIME: Final = (1, 3, 6, 1, 2, 1, 1, 3, 0)
_TRAP_OID: Final = (1, 3, 6, 1, 6, 3, 1, 1, 4, 1, 0)
_IP_PKTINFO: Final = 8  # linux/in.h; Python's socket module names it only from 3.14 on
_PKTINFO: Final = struct.Struct("=I4s4s")
_NOWHERE: Final = bytes(4)
_LOCAL7: Final = 23
_DAEMON: Final = 3


@dataclass(frozen=True, slots=True)
class Listener:
    """UDP ports of who listens, on loopback; 0: nobody."""

    trap: int = 0
    syslog: int = 0


class Voice:
    """Sends for all devices. sent, lost: datagrams; lost are those that the kernel didn't take."""

    def __init__(self, listener: Listener, community: bytes) -> None:
        self._listener = listener
        self._community = community
        self._socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM | socket.SOCK_NONBLOCK | socket.SOCK_CLOEXEC)
        self._number = 0
        self.sent = 0
        self.lost = 0

    def close(self) -> None:
        """Send no more."""
        self._socket.close()

    def say(self, saying: Saying) -> None:
        """Send what a device says, once; nobody answers."""
        self._number += 1
        if isinstance(saying.what, Trap):
            port, data = self._listener.trap, trap_of(saying, saying.what, self._number, self._community)
        else:
            port, data = self._listener.syslog, line_of(saying, saying.what, self._number)
        if port:
            self._send(data, saying.now.machine.device.address.packed, port)

    def _send(self, data: bytes, source: bytes, port: int) -> None:
        leaves_from = (socket.IPPROTO_IP, _IP_PKTINFO, _PKTINFO.pack(0, source, _NOWHERE))
        try:
            self._socket.sendmsg([data], [leaves_from], 0, (LISTENER, port))
            self.sent += 1
        except OSError:
            self.lost += 1  # the buffer is full, or nobody listens there any more


def trap_of(saying: Saying, trap: Trap, number: int, community: bytes) -> bytes:
    """Return a notification of SNMPv2 (RFC 3416, section 4.2.6)."""
    first = (
        VarBind(_SYS_UP_TIME, Tag.TIME_TICKS, saying.now.ticks),
        VarBind(_TRAP_OID, Tag.OID, trap.oid),
    )
    pdu = Pdu(PduType.TRAP_V2, number % 2**31, 0, 0, (*first, *trap.varbinds))
    return encode(Message(Version.V2C, community, pdu))


def line_of(saying: Saying, line: Line, number: int) -> bytes:
    """Return a message of syslog: as Cisco's devices write it, with a number, or by RFC 3164."""
    at, name = from_ms(saying.now.time_ms), saying.now.machine.device.id
    when = f"{at:%b} {at.day:2d} {at:%H:%M:%S}"
    if line.app:
        return f"<{_DAEMON * 8 + line.severity}>{when} {name} {line.app}: {line.text}".encode()
    when += f".{at.microsecond // 1000:03d} UTC"
    return f"<{_LOCAL7 * 8 + line.severity}>{number}: {name}: {when}: {line.text}".encode()
