"""Raw values to values: text, numbers, addresses, as the profile's type of the object says."""

from __future__ import annotations

import ipaddress
import math
import re

from noc.inventory.profiles.compiled import Object, ValueType
from noc.model.reading import Raw
from noc.model.snapshot import Scalar

MAX_TEXT = 4096
"""Characters of a device's text that are kept."""

_NUMBER = re.compile(r"\s*[<>]?\s*([-+]?(?:\d+(?:\.\d*)?|\.\d+)(?:[eE][-+]?\d+)?)")
_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f]")
_MAC_OCTETS = 6
_ASCII = 0x7F
_NTP_OCTETS = 4
_MAC_TEXT = re.compile(r"[0-9a-fA-F]{1,2}(?:[:-][0-9a-fA-F]{1,2}){5}\Z")


def convert(raw: Raw, kind: ValueType) -> Scalar:
    """Return a raw value as its type means it; None where it can't be read so."""
    if raw is None:
        return None
    return _CONVERTERS[kind](raw)


def value_of(raw: Raw, thing: Object) -> Scalar:
    """Return the value of an object."""
    return convert(raw, thing.type)


def text(raw: Raw) -> str | None:
    """Return text: UTF-8 where it is that, else Latin-1; without NULs and blanks at its ends.

    Six octets that no person would write are a MAC address, for LLDP names ports so: control characters are among them,
    or they are no UTF-8 and most of them no ASCII.
    """
    if isinstance(raw, bytes):
        is_odd = False
        try:
            decoded = raw.decode("utf-8")
        except UnicodeDecodeError:
            decoded = raw.decode("latin-1")
            is_odd = sum(octet <= _ASCII for octet in raw) < _MAC_OCTETS / 2
        decoded = decoded.strip("\0 \t\r\n")
        if len(raw) == _MAC_OCTETS and (is_odd or _CONTROL.search(decoded)):
            return raw.hex(":")
        return decoded[:MAX_TEXT]
    return None if raw is None else str(raw)


def integer(raw: Raw) -> int | None:
    """Return a whole number, also where the agent sends it as text."""
    if isinstance(raw, int):
        return raw
    value = number(raw)
    return int(value) if value is not None and value == int(value) else None


def number(raw: Raw) -> int | float | None:
    """Return the number that a value is or begins with (`-40`, `12.5 dB`, `<1.0E-9`)."""
    if isinstance(raw, bool):
        return int(raw)
    if isinstance(raw, int):
        return raw
    if isinstance(raw, float):
        return raw if math.isfinite(raw) else None
    match = _NUMBER.match(text(raw) or "")
    if match is None:
        return None
    value = float(match[1])
    if not math.isfinite(value):
        return None
    return int(match[1]) if re.fullmatch(r"[-+]?\d+", match[1]) else value  # not by way of the float: 2^53


def signed32(raw: Raw) -> int | None:
    """Return a number that an agent sends as Gauge32 though it may be negative: 4294967275 is -21."""
    value = integer(raw)
    return value - 2**32 if value is not None and 2**31 <= value < 2**32 else value


def unsigned32(raw: Raw) -> int | None:
    """Return a number that an agent sends as Integer32 though it may be larger: -1 is 4294967295."""
    value = integer(raw)
    return value + 2**32 if value is not None and -(2**31) <= value < 0 else value


def mac(raw: Raw) -> str | None:
    """Return a MAC address as `00:1c:7f:00:00:01`, from 6 bytes or from text; None when it is empty."""
    if isinstance(raw, bytes) and len(raw) == _MAC_OCTETS:
        return raw.hex(":")
    written = text(raw) or ""
    if _MAC_TEXT.match(written):
        return ":".join(part.zfill(2) for part in re.split("[:-]", written.lower()))
    return None


def address(raw: Raw) -> str | None:
    """Return an IPv4 or IPv6 address, from IpAddress, 4 or 16 bytes, or text."""
    try:
        if isinstance(raw, bytes) and len(raw) in (4, 16):
            return str(ipaddress.ip_address(raw))
        return str(ipaddress.ip_address((text(raw) or "").strip()))
    except ValueError:
        return None


def _ticks(raw: Raw) -> float | None:
    value = integer(raw)
    return None if value is None else value / 100


def _truth(raw: Raw) -> bool | None:
    return {1: True, 2: False}.get(integer(raw) or 0)  # TruthValue, RFC 2579


def _counter32(raw: Raw) -> int | None:
    value = integer(raw)
    return value if value is not None and 0 <= value < 2**32 else None


def _counter64(raw: Raw) -> int | None:
    value = integer(raw)
    return value if value is not None and 0 <= value < 2**64 else None


def _hex(raw: Raw) -> str | None:
    if isinstance(raw, int) and raw >= 0:
        return f"{raw:x}"
    return raw.hex() if isinstance(raw, bytes) else text(raw)


def _dotted(raw: Raw) -> str | None:
    value = integer(raw)
    return ".".join(map(str, value.to_bytes(4, "big"))) if value is not None and 0 <= value < 2**32 else None


def _ntp(raw: Raw) -> float | None:
    # NTPSignedTimeValue of CISCO-NTP-MIB: fixed point, 16 bits before and behind it.
    if not isinstance(raw, bytes) or len(raw) != _NTP_OCTETS:
        return None
    return round(int.from_bytes(raw, "big", signed=True) / 2**16, 6)


_CONVERTERS = {
    "string": text,
    "integer": integer,
    "signed32": signed32,
    "unsigned32": unsigned32,
    "number": number,
    "counter32": _counter32,
    "counter64": _counter64,
    "timeticks": _ticks,
    "truth": _truth,
    "mac": mac,
    "ip": address,
    "oid": text,
    "hex": _hex,
    "dotted": _dotted,
    "ntp": _ntp,
}
