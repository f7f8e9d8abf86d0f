"""What the kernel says of a TCP connection: how many octets of the line it took, headers and retransmissions included.

Linux 4.19 and newer (`struct tcp_info`, include/uapi/linux/tcp.h; its head, RFC 9293 and RFC 7323 for the headers).
Elsewhere nothing is known. What comes twice counts as a header alone, and what is lost on its way here not at all.
"""

from __future__ import annotations

import socket
from struct import Struct
from typing import Final

_HEAD: Final = Struct("=5xB")
"""tcpi_options."""

_BYTES_RECEIVED: Final = Struct("=128xQII")
"""tcpi_bytes_received, tcpi_segs_out, tcpi_segs_in."""

_BYTES_SENT: Final = Struct("=200xQ")
"""tcpi_bytes_sent, with what was sent again."""

_WANTED: Final = 512
_TIME_STAMPS: Final = 1
_TCP_HEADER: Final = 20
_TIME_STAMPS_TAKE: Final = 12
_IP_HEADERS: Final = {socket.AF_INET: 20, socket.AF_INET6: 40}
_SYN_MORE: Final = 2 * 8
"""Both SYN have options that others don't."""


def crossed(connection: socket.socket) -> int | None:
    """Return how many octets of the line a connection took so far, both ways, IP headers included; None: not known."""
    option = getattr(socket, "TCP_INFO", None)
    if option is None:
        return None
    try:
        info = connection.getsockopt(socket.IPPROTO_TCP, option, _WANTED)
    except OSError:
        return None
    return octets_of(info, connection.family)


def octets_of(info: bytes, family: int) -> int | None:
    """Return what `struct tcp_info` says; None where an older kernel doesn't count."""
    if len(info) < _BYTES_SENT.size or family not in _IP_HEADERS:
        return None
    (options,) = _HEAD.unpack_from(info)
    received, out, came = _BYTES_RECEIVED.unpack_from(info)
    (sent,) = _BYTES_SENT.unpack_from(info)
    headers = _IP_HEADERS[socket.AddressFamily(family)] + _TCP_HEADER
    headers += _TIME_STAMPS_TAKE if options & _TIME_STAMPS else 0
    return int(sent) + int(received) + headers * (int(out) + int(came)) + _SYN_MORE
