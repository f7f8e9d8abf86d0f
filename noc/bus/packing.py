"""The messages between pollers and centre, and their octets: MessagePack, compressed. The one door of msgspec. Pure.

Whatever doesn't have exactly the shape of its message is refused with the place where it differs.
"""

from __future__ import annotations

import zlib
from collections.abc import Sequence
from typing import Final, TypeVar

import msgspec

from noc.bus.cells import Cells
from noc.model.reading import Index, Raw

LEVEL: Final = 6
LARGEST: Final = 16 * 1024 * 1024
"""Octets of a message when it is not compressed: of one that says that it has more nothing is read."""

_RAW: Final = -15

Said = TypeVar("Said")


class PackingError(ValueError):
    """Octets that are no such message."""


class Whole(msgspec.Struct, array_like=True, frozen=True, forbid_unknown_fields=True, tag="w"):
    """A base of version 1. rows: sets of rows; columns: table, name, and the number of their set; cells: values column
    by column.
    """

    profile: str
    empty: tuple[str, ...]
    rows: tuple[tuple[Index, ...], ...]
    columns: tuple[tuple[str, str, int], ...]
    cells: tuple[tuple[object, ...], ...]

    def __post_init__(self) -> None:
        """Refuse what doesn't fit together."""
        sizes = [len(one) for one in self.rows]
        if not all(0 <= number < len(sizes) for _, _, number in self.columns):
            raise ValueError("a column has a set of rows that isn't there")
        if [sizes[number] for _, _, number in self.columns] != [len(column) for column in self.cells]:
            raise ValueError("a base has not one value for each row of each column")


class Named(Whole, array_like=True, frozen=True, forbid_unknown_fields=True, tag="b"):
    """A base, and whose it is. check: its key; at_us: when it was asked, of the Unix epoch. engine: of SNMPv3, its id,
    how often it was started, and seconds since then.
    """

    check: str
    address: str
    at_us: int
    engine: tuple[str, int, int] | None = None


def cells_of(said: Sequence[Sequence[object]]) -> Cells:
    """Return values column by column. Raises PackingError where one is of another type than devices' values are."""
    return tuple([raw(column) for column in said])


def raw(values: Sequence[object]) -> tuple[Raw, ...]:
    """Return values of a device. Raises PackingError."""
    found: list[Raw] = []
    for value in values:
        if (value is not None and not isinstance(value, str | bytes | int | float)) or isinstance(value, bool):
            raise PackingError(f"a value is of the type {type(value).__name__}")
        found.append(value)
    return tuple(found)


def packed(said: msgspec.Struct) -> bytes:
    """Return a message, not compressed."""
    return msgspec.msgpack.encode(said)


def unpacked(octets: bytes, kind: type[Said]) -> Said:
    """Return what a message says. Raises PackingError."""
    try:
        return msgspec.msgpack.decode(octets, type=kind)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise PackingError(f"it can't be read: {error}") from None


def squeezed(octets: bytes) -> bytes:
    """Return octets compressed (deflate, RFC 1951)."""
    packer = zlib.compressobj(LEVEL, zlib.DEFLATED, _RAW)
    return packer.compress(octets) + packer.flush()


def swollen(octets: bytes) -> bytes:
    """Return compressed octets as they were. Raises PackingError."""
    reader = zlib.decompressobj(_RAW)
    try:
        found = reader.decompress(octets, LARGEST)
    except zlib.error as error:
        raise PackingError(f"it is not compressed as it should be: {error}") from None
    if not reader.eof or reader.unused_data:
        raise PackingError(f"it is cut off, or has more than {LARGEST} octets")
    return found
