"""SNMP v1 and v2c messages as bytes and back (RFC 1157, RFC 3416; X.690, Basic Encoding Rules). Pure functions.

For agents (requests in, responses out) and for receivers of traps, whose senders may be hostile: `decode` raises
BerError with the offset of the fault, and nothing else. The grammar is fixed, so nothing recurses; what is inside an
Opaque stays as bytes.

Accepted, because devices send it: lengths in long form and with leading zeros, integers with padding, Counter64 of 9
bytes, negative encodings of unsigned values, an OBJECT IDENTIFIER without content (0.0), PDUs and types that the
message's version lacks, and bytes after the message. Refused: indefinite lengths, constructed strings, sub-identifiers
with padding, numbers outside the ranges of RFC 2578.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from enum import IntEnum
from typing import Final, NamedTuple, TypeVar

from noc.wire.ber_values import (
    DECODERS,
    ENCODERS,
    BerError,
    Oid,
    Tag,
    Value,
    decode_address,
    decode_integer,
    decode_oid,
    decode_unsigned32,
    encode_address,
    encode_element,
    encode_integer,
    encode_oid,
    encode_unsigned32,
)

__all__ = [
    "SEQUENCE",
    "BerError",
    "ErrorStatus",
    "Message",
    "Oid",
    "Pdu",
    "PduType",
    "Tag",
    "TrapV1",
    "Value",
    "VarBind",
    "Version",
    "decode",
    "decode_pdu",
    "encode",
    "encode_pdu",
    "encode_varbind",
    "enter",
    "field",
]

T = TypeVar("T")

MAX_MESSAGE: Final = 65_535
"""Bytes of a message: no UDP datagram is larger."""

SEQUENCE: Final = 0x30
_MAX_LENGTH_OCTETS: Final = 4


class Version(IntEnum):
    """The version field of a message."""

    V1 = 0
    V2C = 1


class PduType(IntEnum):
    """The tag of a PDU. SET_REQUEST is recognised so that an agent can refuse it; noc never sends one."""

    GET = 0xA0
    GET_NEXT = 0xA1
    RESPONSE = 0xA2
    SET_REQUEST = 0xA3
    TRAP_V1 = 0xA4
    GET_BULK = 0xA5
    INFORM = 0xA6
    TRAP_V2 = 0xA7
    REPORT = 0xA8


class ErrorStatus(IntEnum):
    """The error-status values that an agent for reading needs (RFC 3416, section 3)."""

    NO_ERROR = 0
    TOO_BIG = 1
    NO_SUCH_NAME = 2
    READ_ONLY = 4
    GEN_ERR = 5
    NOT_WRITABLE = 17


class VarBind(NamedTuple):
    """A name and its value. The value's Python type goes with the tag, see Value."""

    oid: Oid
    tag: Tag = Tag.NULL
    value: Value = None


class Pdu(NamedTuple):
    """Any PDU but the trap of v1. In a GET_BULK the two error fields are non-repeaters and max-repetitions."""

    type: PduType
    request_id: int
    error_status: int = 0
    error_index: int = 0
    varbinds: tuple[VarBind, ...] = ()


class TrapV1(NamedTuple):
    """The trap of v1 (RFC 1157, section 4.1.6). timestamp: sysUpTime in hundredths of a second."""

    enterprise: Oid
    agent_address: str
    generic_trap: int
    specific_trap: int
    timestamp: int
    varbinds: tuple[VarBind, ...] = ()


class Message(NamedTuple):
    """A message of v1 or v2c."""

    version: Version
    community: bytes
    pdu: Pdu | TrapV1


_VERSIONS: Final = {int(version): version for version in Version}
_PDU_TYPES: Final = {int(kind): kind for kind in PduType}


def decode(data: bytes) -> Message:
    """Return the message in a datagram. Raises BerError, and nothing else, when there is none."""
    if len(data) > MAX_MESSAGE:
        raise BerError(f"a message of {len(data)} bytes; {MAX_MESSAGE} is the most that a datagram holds", MAX_MESSAGE)
    at, end = enter(data, 0, len(data), SEQUENCE, "message")
    version, at = field(data, at, end, Tag.INTEGER, "version", decode_integer)
    if version not in _VERSIONS:
        kind = "SNMPv3, which is not read here" if version == 3 else "no known version"
        raise BerError(f"version {version} is {kind}; 0 is v1, 1 is v2c", at - 1)
    start, at = enter(data, at, end, Tag.OCTET_STRING, "community")
    community = data[start:at]
    return Message(_VERSIONS[version], community, decode_pdu(data, at, end))


def decode_pdu(data: bytes, at: int, end: int) -> Pdu | TrapV1:
    """Return the PDU that fills the bytes from `at` to `end`. Raises BerError."""
    if at >= end:
        raise BerError("the PDU is missing", at)
    if data[at] not in _PDU_TYPES:
        raise BerError(f"0x{data[at]:02x} is no type of a PDU", at)
    pdu_type = _PDU_TYPES[data[at]]
    at, stop = _length(data, at + 1, end)
    if stop != end:
        raise BerError(f"{end - stop} bytes after the PDU", stop)
    if pdu_type is PduType.TRAP_V1:
        return _trap_v1(data, at, end)
    return _pdu(data, at, end, pdu_type)


def _pdu(data: bytes, at: int, end: int, pdu_type: PduType) -> Pdu:
    request_id, at = field(data, at, end, Tag.INTEGER, "request-id", decode_integer)
    status, at = field(data, at, end, Tag.INTEGER, "error-status or non-repeaters", decode_integer)
    index, at = field(data, at, end, Tag.INTEGER, "error-index or max-repetitions", decode_integer)
    return Pdu(pdu_type, request_id, status, index, _varbinds(data, at, end))


def _trap_v1(data: bytes, at: int, end: int) -> TrapV1:
    enterprise, at = field(data, at, end, Tag.OID, "enterprise", decode_oid)
    address, at = field(data, at, end, Tag.IP_ADDRESS, "agent-addr", decode_address)
    generic, at = field(data, at, end, Tag.INTEGER, "generic-trap", decode_integer)
    specific, at = field(data, at, end, Tag.INTEGER, "specific-trap", decode_integer)
    timestamp, at = field(data, at, end, Tag.TIME_TICKS, "time-stamp", decode_unsigned32)
    return TrapV1(enterprise, address, generic, specific, timestamp, _varbinds(data, at, end))


def _varbinds(data: bytes, at: int, end: int) -> tuple[VarBind, ...]:
    at, stop = enter(data, at, end, SEQUENCE, "list of varbinds")
    if stop != end:
        raise BerError(f"{end - stop} bytes after the list of varbinds", stop)
    found: list[VarBind] = []
    while at < end:
        at, stop = enter(data, at, end, SEQUENCE, "varbind")
        oid, at = field(data, at, stop, Tag.OID, "name of a varbind", decode_oid)
        if at >= stop:
            raise BerError("the value of a varbind is missing", at)
        known = DECODERS.get(data[at])
        if known is None:
            raise BerError(f"0x{data[at]:02x} is no type of a value", at)
        tag, read = known
        value, at = field(data, at, stop, tag, "value of a varbind", read)
        if at != stop:
            raise BerError(f"{stop - at} bytes after the value of a varbind", at)
        found.append(VarBind(oid, tag, value))
    return tuple(found)


def field(data: bytes, at: int, end: int, tag: int, what: str, read: Callable[[bytes], T]) -> tuple[T, int]:
    """Return the value of an element and where it ends."""
    start, stop = enter(data, at, end, tag, what)
    try:
        return read(data[start:stop]), stop
    except BerError as error:
        raise BerError(f"{what}: {error.reason}", start + error.offset) from None


def enter(data: bytes, at: int, end: int, tag: int, what: str) -> tuple[int, int]:
    """Return where the content of an element begins and ends."""
    if at >= end:
        raise BerError(f"the {what} is missing", at)
    if data[at] != tag:
        raise BerError(f"the {what} begins with 0x{data[at]:02x} instead of 0x{tag:02x}", at)
    return _length(data, at + 1, end)


def _length(data: bytes, at: int, end: int) -> tuple[int, int]:
    """Return where the content begins and ends; `at` is the length's first byte, `end` where the enclosing ends."""
    if at >= end:
        raise BerError("the length is missing", at)
    length, start = data[at], at + 1
    if length > 0x7F:
        count = length & 0x7F
        if count == 0:
            raise BerError("an indefinite length, which SNMP forbids (RFC 3417, section 8)", at)
        if count > _MAX_LENGTH_OCTETS:
            raise BerError(f"a length of {count} bytes; {_MAX_LENGTH_OCTETS} is the most", at)
        start += count
        if start > end:
            raise BerError("the length is cut off", end)
        length = int.from_bytes(data[at + 1 : start], "big")
    if start + length > end:
        raise BerError(f"{length} bytes of content where {end - start} are left", at)
    return start, start + length


def encode(message: Message) -> bytes:
    """Return the bytes of a message, in the shortest encoding. Raises ValueError for a value outside its type."""
    version, community, pdu = message
    varbinds = [encode_varbind(*varbind) for varbind in pdu.varbinds]
    if isinstance(pdu, Pdu):
        return encode_pdu(version, community, pdu.type, pdu.request_id, pdu.error_status, pdu.error_index, varbinds)
    fields = (
        encode_element(Tag.OID, encode_oid(pdu.enterprise)),
        encode_element(Tag.IP_ADDRESS, encode_address(pdu.agent_address)),
        encode_element(Tag.INTEGER, encode_integer(pdu.generic_trap)),
        encode_element(Tag.INTEGER, encode_integer(pdu.specific_trap)),
        encode_element(Tag.TIME_TICKS, encode_unsigned32(pdu.timestamp)),
        encode_element(SEQUENCE, b"".join(varbinds)),
    )
    return _wrap(version, community, PduType.TRAP_V1, b"".join(fields))


def encode_pdu(
    version: Version,
    community: bytes,
    pdu_type: PduType,
    request_id: int,
    error_status: int,
    error_index: int,
    varbinds: Iterable[bytes],
) -> bytes:
    """Return the bytes of a message whose varbinds are encoded already: an agent encodes an object once."""
    fields = (
        encode_element(Tag.INTEGER, encode_integer(request_id)),
        encode_element(Tag.INTEGER, encode_integer(error_status)),
        encode_element(Tag.INTEGER, encode_integer(error_index)),
        encode_element(SEQUENCE, b"".join(varbinds)),
    )
    return _wrap(version, community, pdu_type, b"".join(fields))


def encode_varbind(oid: Oid, tag: Tag, value: Value) -> bytes:
    """Return the bytes of a varbind. Raises ValueError when the value is outside its type."""
    name = encode_oid(oid)
    content = ENCODERS[tag](value)
    names, contents = len(name), len(content)
    if names + contents < 0x7C:  # the whole fits lengths of one byte: one step instead of three
        return b"0%c\x06%c%b%c%c%b" % (names + contents + 4, names, name, tag, contents, content)
    return encode_element(SEQUENCE, encode_element(Tag.OID, name) + encode_element(tag, content))


def _wrap(version: Version, community: bytes, pdu_type: PduType, body: bytes) -> bytes:
    head = encode_element(Tag.INTEGER, encode_integer(version)) + encode_element(Tag.OCTET_STRING, community)
    message = encode_element(SEQUENCE, head + encode_element(pdu_type, body))
    if len(message) > MAX_MESSAGE:
        raise ValueError(f"a message of {len(message)} bytes; {MAX_MESSAGE} is the most that a datagram holds")
    return message
