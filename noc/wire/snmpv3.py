"""SNMPv3 messages as bytes and back (RFC 3412, RFC 3414): the frame around the PDU, no judgement of it. Pure functions.

Like noc.wire.ber: `decode` raises BerError with the offset of the fault, and nothing else; nothing recurses.
"""

from __future__ import annotations

from enum import IntFlag
from typing import Final, NamedTuple

from noc.wire.ber import (
    MAX_MESSAGE,
    SEQUENCE,
    BerError,
    Pdu,
    Tag,
    TrapV1,
    decode_pdu,
    encode_varbind,
    enter,
    field,
)
from noc.wire.ber_values import decode_integer, encode_element, encode_integer

VERSION: Final = 3
USM: Final = 3
"""The security model that is spoken here (RFC 3411, section 6.1)."""

MAX_ENGINE_ID: Final = 32
MAX_USER: Final = 32


class Flags(IntFlag):
    """The flags of a message (RFC 3412, section 6.4)."""

    NONE = 0
    AUTH = 1
    PRIV = 2
    REPORTABLE = 4


class Security(NamedTuple):
    """The parameters of the user-based security model. digest_at: where the digest stands in the message."""

    engine_id: bytes
    boots: int
    time_s: int
    user: bytes
    digest: bytes = b""
    salt: bytes = b""
    digest_at: int = 0


class Frame(NamedTuple):
    """A message. body: the scoped PDU as bytes; encrypted where the flags say so."""

    message_id: int
    max_size: int
    flags: Flags
    security: Security
    body: bytes


class ScopedPdu(NamedTuple):
    """A PDU and the context that it speaks of. A trap of v1 can be decoded here, and is refused by who reads it."""

    engine_id: bytes
    context: bytes
    pdu: Pdu | TrapV1


def is_v3(data: bytes) -> bool:
    """Return whether bytes begin as a message of SNMPv3. Raises BerError where they begin as no message at all."""
    at, end = enter(data, 0, len(data), SEQUENCE, "message")
    return field(data, at, end, Tag.INTEGER, "version", decode_integer)[0] == VERSION


def decode(data: bytes) -> Frame:
    """Return the message in a datagram. Raises BerError, and nothing else, when there is none."""
    if len(data) > MAX_MESSAGE:
        raise BerError(f"a message of {len(data)} bytes; {MAX_MESSAGE} is the most that a datagram holds", MAX_MESSAGE)
    at, end = enter(data, 0, len(data), SEQUENCE, "message")
    version, at = field(data, at, end, Tag.INTEGER, "version", decode_integer)
    if version != VERSION:
        raise BerError(f"version {version} is not SNMPv3", at - 1)
    inner, head_end = enter(data, at, end, SEQUENCE, "header")
    message_id, inner = field(data, inner, head_end, Tag.INTEGER, "message id", decode_integer)
    max_size, inner = field(data, inner, head_end, Tag.INTEGER, "largest size", decode_integer)
    start, inner = enter(data, inner, head_end, Tag.OCTET_STRING, "flags")
    if inner - start != 1:
        raise BerError(f"{inner - start} bytes of flags; there is 1", start)
    flags = Flags(data[start] & 7)
    if Flags.PRIV in flags and Flags.AUTH not in flags:
        raise BerError("flags say encrypted and not authenticated, which can't be", start)
    model, _ = field(data, inner, head_end, Tag.INTEGER, "security model", decode_integer)
    if model != USM:
        raise BerError(f"security model {model}; only {USM}, the user-based one, is spoken here", inner)
    start, at = enter(data, head_end, end, Tag.OCTET_STRING, "security parameters")
    security = _security(data, start, at)
    start, stop = enter(data, at, end, Tag.OCTET_STRING if Flags.PRIV in flags else SEQUENCE, "scoped PDU")
    body = data[start:stop] if Flags.PRIV in flags else data[at:stop]
    return Frame(message_id, max_size, flags, security, body)


def _security(data: bytes, at: int, end: int) -> Security:
    at, end = enter(data, at, end, SEQUENCE, "security parameters")
    engine_id, at = _octets(data, at, end, "engine id", MAX_ENGINE_ID)
    boots, at = field(data, at, end, Tag.INTEGER, "boots of the engine", decode_integer)
    time_s, at = field(data, at, end, Tag.INTEGER, "time of the engine", decode_integer)
    if boots < 0 or time_s < 0:
        raise BerError("boots and time of an engine are not negative", at)
    user, at = _octets(data, at, end, "user", MAX_USER)
    digest_at, stop = enter(data, at, end, Tag.OCTET_STRING, "digest")
    salt, _ = _octets(data, stop, end, "salt", MAX_MESSAGE)
    return Security(engine_id, boots, time_s, user, data[digest_at:stop], salt, digest_at)


def _octets(data: bytes, at: int, end: int, what: str, at_most: int) -> tuple[bytes, int]:
    start, stop = enter(data, at, end, Tag.OCTET_STRING, what)
    if stop - start > at_most:
        raise BerError(f"{stop - start} bytes of {what}; {at_most} is the most", start)
    return data[start:stop], stop


def decode_scoped(body: bytes) -> ScopedPdu:
    """Return the scoped PDU in plain bytes; bytes after it are the padding of DES. Raises BerError."""
    at, end = enter(body, 0, len(body), SEQUENCE, "scoped PDU")
    engine_id, at = _octets(body, at, end, "engine id of the context", MAX_ENGINE_ID)
    context, at = _octets(body, at, end, "name of the context", MAX_MESSAGE)
    return ScopedPdu(engine_id, context, decode_pdu(body, at, end))


def encode_scoped(engine_id: bytes, context: bytes, pdu: Pdu) -> bytes:
    """Return the bytes of a scoped PDU."""
    kind, request_id, status, index, varbinds = pdu
    numbers = b"".join(encode_element(Tag.INTEGER, encode_integer(number)) for number in (request_id, status, index))
    listed = encode_element(SEQUENCE, b"".join(encode_varbind(*varbind) for varbind in varbinds))
    named = encode_element(Tag.OCTET_STRING, engine_id) + encode_element(Tag.OCTET_STRING, context)
    return encode_element(SEQUENCE, named + encode_element(kind, numbers + listed))


def encode(frame: Frame) -> bytes:
    """Return the bytes of a message; its digest stands as it is in `security`, also where it is zeros."""
    header = (
        encode_element(Tag.INTEGER, encode_integer(frame.message_id))
        + encode_element(Tag.INTEGER, encode_integer(frame.max_size))
        + encode_element(Tag.OCTET_STRING, bytes([frame.flags]))
        + encode_element(Tag.INTEGER, encode_integer(USM))
    )
    security = frame.security
    parameters = (
        encode_element(Tag.OCTET_STRING, security.engine_id)
        + encode_element(Tag.INTEGER, encode_integer(security.boots))
        + encode_element(Tag.INTEGER, encode_integer(security.time_s))
        + encode_element(Tag.OCTET_STRING, security.user)
        + encode_element(Tag.OCTET_STRING, security.digest)
        + encode_element(Tag.OCTET_STRING, security.salt)
    )
    body = encode_element(Tag.OCTET_STRING, frame.body) if Flags.PRIV in frame.flags else frame.body
    return encode_element(
        SEQUENCE,
        encode_element(Tag.INTEGER, encode_integer(VERSION))
        + encode_element(SEQUENCE, header)
        + encode_element(Tag.OCTET_STRING, encode_element(SEQUENCE, parameters))
        + body,
    )
