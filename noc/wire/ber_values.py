"""Values of SNMP v1 and v2c as bytes and back (RFC 2578; X.690, Basic Encoding Rules). Pure functions.

Decoders take the content of an element; the offset of the BerError that they raise counts from the content's first
byte. Encoders return the shortest content and raise ValueError for a value outside its type.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from enum import IntEnum
from functools import lru_cache
from typing import Final, NoReturn

from noc.model.errors import NocError

Oid = tuple[int, ...]
"""The sub-identifiers of an OBJECT IDENTIFIER, at least 2 (RFC 2578, section 3.5: at most 128, each below 2^32)."""

Value = int | bytes | str | Oid | None
"""OCTET STRING and Opaque are bytes, IpAddress is dotted text, NULL and the three exceptions are None."""

MAX_SUBIDENTIFIERS: Final = 128
MAX_SUBIDENTIFIER: Final = 2**32 - 1

_CACHED: Final = 16_384  # names: an agent's tables are the same OIDs again and again


class BerError(NocError):
    """Bytes that are no SNMP message. reason: what is wrong; offset: of the byte where it shows, from 0."""

    def __init__(self, reason: str, offset: int) -> None:
        super().__init__(f"byte {offset}: {reason}")
        self.reason = reason
        self.offset = offset


class Tag(IntEnum):
    """The type of a value (RFC 2578, section 2), or one of the exceptions in its place (RFC 3416, section 3)."""

    INTEGER = 0x02
    OCTET_STRING = 0x04
    NULL = 0x05
    OID = 0x06
    IP_ADDRESS = 0x40
    COUNTER32 = 0x41
    GAUGE32 = 0x42
    TIME_TICKS = 0x43
    OPAQUE = 0x44
    COUNTER64 = 0x46
    NO_SUCH_OBJECT = 0x80
    NO_SUCH_INSTANCE = 0x81
    END_OF_MIB_VIEW = 0x82


def decode_integer(content: bytes) -> int:
    """Return an Integer32, whatever padding it has."""
    number = int.from_bytes(content, "big", signed=True)
    if not content or not -(2**31) <= number < 2**31:
        _no_integer(content, 32)
    return number


def decode_unsigned32(content: bytes) -> int:
    """Return a Counter32, Gauge32 or TimeTicks; a negative encoding is one without its leading zero."""
    number = int.from_bytes(content, "big", signed=True)
    if not content or not -(2**31) <= number < 2**32:
        _no_integer(content, 32)
    return number & 0xFFFF_FFFF


def _decode_unsigned64(content: bytes) -> int:
    number = int.from_bytes(content, "big", signed=True)
    if not content or not -(2**63) <= number < 2**64:
        _no_integer(content, 64)
    return number & 0xFFFF_FFFF_FFFF_FFFF


def _no_integer(content: bytes, bits: int) -> NoReturn:
    raise BerError(f"a number of {len(content)} bytes that is outside {bits} bits" if content else "an empty number", 0)


def _decode_bytes(content: bytes) -> bytes:
    return content


def _decode_nothing(content: bytes) -> None:
    if content:
        raise BerError(f"{len(content)} bytes in a value that has none", 0)


def decode_address(content: bytes) -> str:
    """Return an IpAddress as dotted text."""
    if len(content) != 4:
        raise BerError(f"an IpAddress of {len(content)} bytes; it has 4", 0)
    return ".".join(map(str, content))


@lru_cache(maxsize=_CACHED)
def decode_oid(content: bytes) -> Oid:
    """Return the sub-identifiers of an OBJECT IDENTIFIER."""
    if not content:
        return 0, 0  # against X.690, but sent for zeroDotZero
    parts: list[int] = []
    part = 0
    inside = False
    for offset, byte in enumerate(content):
        if not inside and byte == 0x80:
            raise BerError("a sub-identifier with padding", offset)
        part = part << 7 | byte & 0x7F
        if part > MAX_SUBIDENTIFIER + 80:  # the first one carries 40 times the root's number, at most 80
            raise BerError("a sub-identifier above 2^32 - 1", offset)
        inside = byte > 0x7F
        if inside:
            continue
        if not parts:
            root = min(part // 40, 2)
            parts.append(root)
            part -= 40 * root
        if part > MAX_SUBIDENTIFIER:
            raise BerError("a sub-identifier above 2^32 - 1", offset)
        parts.append(part)
        if len(parts) > MAX_SUBIDENTIFIERS:
            raise BerError(f"an OBJECT IDENTIFIER of more than {MAX_SUBIDENTIFIERS} sub-identifiers", offset)
        part = 0
    if inside:
        raise BerError("the last sub-identifier is cut off", len(content))
    return tuple(parts)


def encode_element(tag: int, content: bytes) -> bytes:
    """Return tag, length in the shortest form, and content."""
    length = len(content)
    if length < 0x80:
        return b"%c%c%b" % (tag, length, content)
    octets = length.to_bytes((length.bit_length() + 7) // 8, "big")
    return b"%c%c%b%b" % (tag, 0x80 | len(octets), octets, content)


def encode_integer(value: Value) -> bytes:
    """Return the content of an Integer32."""
    return _encode_number(value, -(2**31), 2**31)


def encode_unsigned32(value: Value) -> bytes:
    """Return the content of a Counter32, Gauge32 or TimeTicks."""
    return _encode_number(value, 0, 2**32)


def _encode_unsigned64(value: Value) -> bytes:
    return _encode_number(value, 0, 2**64)


def _encode_number(value: Value, low: int, high: int) -> bytes:
    if not isinstance(value, int) or not low <= value < high:
        raise ValueError(f"{value!r} is no integer from {low} to {high - 1}")
    return value.to_bytes((value if value >= 0 else ~value).bit_length() // 8 + 1, "big", signed=True)


def _encode_bytes(value: Value) -> bytes:
    if isinstance(value, bytes):
        return value
    raise ValueError(f"{value!r} is not bytes")


def _encode_nothing(value: Value) -> bytes:
    if value is None:
        return b""
    raise ValueError(f"{value!r} where there is no value")


def encode_address(value: Value) -> bytes:
    """Return the content of an IpAddress, from dotted text."""
    parts = value.split(".") if isinstance(value, str) else []
    if len(parts) != 4 or not all(part.isascii() and part.isdigit() and int(part) < 256 for part in parts):
        raise ValueError(f"{value!r} is no dotted IPv4 address")
    return bytes(map(int, parts))


@lru_cache(maxsize=_CACHED)
def encode_oid(value: Value) -> bytes:
    """Return the content of an OBJECT IDENTIFIER."""
    if not isinstance(value, tuple) or not _is_oid(value):
        raise ValueError(f"{value!r} is no OBJECT IDENTIFIER of 2 to {MAX_SUBIDENTIFIERS} sub-identifiers")
    encoded = bytearray()
    for part in (value[0] * 40 + value[1], *value[2:]):
        encoded += bytes(0x80 | part >> shift & 0x7F for shift in (28, 21, 14, 7) if part >> shift)
        encoded.append(part & 0x7F)
    return bytes(encoded)


def _is_oid(parts: Sequence[int]) -> bool:
    if not 2 <= len(parts) <= MAX_SUBIDENTIFIERS or not all(0 <= part <= MAX_SUBIDENTIFIER for part in parts):
        return False
    return parts[0] == 2 or (parts[0] < 2 and parts[1] < 40)


_NOTHING: Final = (Tag.NULL, Tag.NO_SUCH_OBJECT, Tag.NO_SUCH_INSTANCE, Tag.END_OF_MIB_VIEW)

DECODERS: Final[dict[int, tuple[Tag, Callable[[bytes], Value]]]] = {
    Tag.INTEGER: (Tag.INTEGER, decode_integer),
    Tag.OCTET_STRING: (Tag.OCTET_STRING, _decode_bytes),
    Tag.OID: (Tag.OID, decode_oid),
    Tag.IP_ADDRESS: (Tag.IP_ADDRESS, decode_address),
    Tag.COUNTER32: (Tag.COUNTER32, decode_unsigned32),
    Tag.GAUGE32: (Tag.GAUGE32, decode_unsigned32),
    Tag.TIME_TICKS: (Tag.TIME_TICKS, decode_unsigned32),
    Tag.OPAQUE: (Tag.OPAQUE, _decode_bytes),
    Tag.COUNTER64: (Tag.COUNTER64, _decode_unsigned64),
    **{tag: (tag, _decode_nothing) for tag in _NOTHING},
}
"""The byte of a tag to the tag and the decoder of its content."""

ENCODERS: Final[dict[Tag, Callable[[Value], bytes]]] = {
    Tag.INTEGER: encode_integer,
    Tag.OCTET_STRING: _encode_bytes,
    Tag.OID: encode_oid,
    Tag.IP_ADDRESS: encode_address,
    Tag.COUNTER32: encode_unsigned32,
    Tag.GAUGE32: encode_unsigned32,
    Tag.TIME_TICKS: encode_unsigned32,
    Tag.OPAQUE: _encode_bytes,
    Tag.COUNTER64: _encode_unsigned64,
    **dict.fromkeys(_NOTHING, _encode_nothing),
}
