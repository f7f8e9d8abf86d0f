"""Whole numbers in few octets: seven bits each, the lowest first (LEB128, as in DWARF 5, section 7.6). Pure.

Signed numbers are folded first, so that small ones of either sign stay short: 0, -1, 1, -2 become 0, 1, 2, 3.
"""

from __future__ import annotations

from collections.abc import Iterable

_MORE = 0x80
_BITS = 0x7F


class IntegersError(ValueError):
    """Octets that are no such numbers."""


def pack(numbers: Iterable[int]) -> bytes:
    """Return signed numbers, one behind the other."""
    out = bytearray()
    append = out.append
    for number in numbers:
        left = number << 1 if number >= 0 else ~(number << 1)
        while left > _BITS:
            append(left & _BITS | _MORE)
            left >>= 7
        append(left)
    return bytes(out)


def unpack(octets: bytes, at_most: int) -> list[int]:
    """Return the numbers that octets hold. at_most: so many are expected. Raises IntegersError."""
    found: list[int] = []
    value = shift = 0
    for octet in octets:
        if octet & _MORE:
            value |= (octet & _BITS) << shift
            shift += 7
            if shift > 70:  # a folded number has 65 bits
                raise IntegersError("a number is longer than 64 bits")
            continue
        value |= octet << shift
        found.append(~(value >> 1) if value & 1 else value >> 1)
        value = shift = 0
        if len(found) > at_most:
            raise IntegersError(f"there are more than {at_most} numbers")
    if shift:
        raise IntegersError("the last number is cut off")
    return found
