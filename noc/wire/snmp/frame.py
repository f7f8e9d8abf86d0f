"""Whether a datagram is a response that gufo-snmp can read without panicking: do its lengths fit into each other? Pure.

gufo-snmp 0.13 trusts lengths: where one reaches beyond what holds it, Rust panics, which prints a backtrace for each
such datagram. Values and their types are left to it: what it reads is not refused here.
"""

from __future__ import annotations

import re
from functools import lru_cache
from typing import Final

from noc.wire.ber import SEQUENCE, BerError, PduType, Tag, enter

OCTETS_AT_MOST: Final = 4_080
"""Of a datagram that gufo-snmp reads whole: its buffer, as measured."""

_KNOWN: Final = frozenset(map(int, Tag))
_VALUES: Final = _KNOWN - {int(Tag.NO_SUCH_OBJECT), int(Tag.NO_SUCH_INSTANCE)}
_NAMES: Final = (10, 11, 12, 9, 13, 14, 8, 15, 16, 17, 18)
"""The octets of usual names, the most frequent first."""

_SIZES: Final = range(12, 45)
"""The octets of usual varbinds."""

_RUN_OCTETS: Final = 64
"""After a shorter run of usual varbinds the others are looked at one by one: these are answers of long texts."""

_LONG_TAG: Final = 0x1F
"""The bits of a tag that goes on in the octets behind it, which SNMP has none of (X.690, section 8.1.2.4)."""


def community_of(data: bytes, *, exceptions: bool = True) -> bytes:
    """Return the community of a response of v1 or v2c. Raises BerError where gufo-snmp could panic at it.

    exceptions: values may be noSuchObject and noSuchInstance, which gufo-snmp takes for an answer to GETNEXT never.
    """
    if len(data) > OCTETS_AT_MOST:
        raise BerError(f"{len(data)} bytes, where {OCTETS_AT_MOST} can be read", OCTETS_AT_MOST)
    at, end = enter(data, 0, len(data), SEQUENCE, "message")
    if end != len(data):
        raise BerError(f"{len(data) - end} bytes after the message", end)
    _, at = enter(data, at, end, Tag.INTEGER, "version")
    start, stop = enter(data, at, end, Tag.OCTET_STRING, "community")
    at, end = enter(data, stop, end, PduType.RESPONSE, "PDU")
    for what in ("request-id", "error-status", "error-index"):
        _, at = enter(data, at, end, Tag.INTEGER, what)
    at, end = enter(data, at, end, SEQUENCE, "list of varbinds")
    check_varbinds(data, at, end, exceptions=exceptions)
    return data[start:stop]


def check_varbinds(data: bytes, at: int, end: int, *, exceptions: bool = True) -> None:
    """See that varbinds fill their list and their parts fill them. Raises BerError where they don't."""
    known = _KNOWN if exceptions else _VALUES
    by_runs, match = True, _usual(known).match
    while at < end:
        if by_runs:
            run = match(data, at, end)
            after = at if run is None else run.end()
            at, by_runs = after, after - at >= _RUN_OCTETS
            if at >= end:
                break
        # Most others are short, too: SEQUENCE, length, OID, length, the name, the value's type and length, the value.
        try:
            size, value = data[at + 1], at + data[at + 3] + 4
            if (
                data[value + 1] + value - at == size
                and data[value] in known
                and data[at] == 0x30
                and data[at + 2] == 0x06
                and size < 0x80
            ):
                at += size + 2
                continue
        except IndexError:
            pass  # it is another one, or cut off
        at = _check_varbind(data, at, end, known)
    if at > end:
        raise BerError("the last varbind reaches beyond their list", end)


@lru_cache(maxsize=2)
def _usual(known: frozenset[int]) -> re.Pattern[bytes]:
    """Return what matches as many varbinds as have the usual sizes, which are nearly all: it needs 0.04 µs for each,
    where a walk in Python needs 0.17.

    The first length is the sum of what follows: so there is one branch for each sum, and in it one for each length of
    a name.
    """
    types = b"[" + b"".join(re.escape(bytes([one])) for one in sorted(known)) + b"]"

    def rest(name: int, value: int) -> bytes:
        return b"%b.{%d}%b%b.{%d}" % (re.escape(bytes([name])), name, types, re.escape(bytes([value])), value)

    sizes = [
        b"%b\x06(?:%b)"
        % (re.escape(bytes([size])), b"|".join(rest(name, size - 4 - name) for name in _NAMES if name <= size - 4))
        for size in _SIZES
    ]
    return re.compile(b"(?s:(?>0(?:%b))*+)" % b"|".join(sizes))


def _check_varbind(data: bytes, at: int, end: int, known: frozenset[int]) -> int:
    """Return where a varbind ends."""
    at, end = enter(data, at, end, SEQUENCE, "varbind")
    _, at = enter(data, at, end, Tag.OID, "name of a varbind")
    if at >= end:
        raise BerError("the value of a varbind is missing", at)
    if data[at] & _LONG_TAG == _LONG_TAG or (data[at] in _KNOWN and data[at] not in known):
        raise BerError(f"0x{data[at]:02x} is no type of a value", at)
    enter(data, at, end, data[at], "value of a varbind")
    return end
