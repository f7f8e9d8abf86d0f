"""The objects of an SNMP agent: names in their order, each with a value or the way to work it out."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Final, NamedTuple

from noc.simulator.moment import Moment
from noc.wire.ber import Oid, Tag, Value, encode_varbind
from noc.wire.ber_values import ENCODERS, encode_oid

Worked = Callable[[Moment], Value]
"""How to work out a value of a device at a moment."""


class Object(NamedTuple):
    """One object. value: as it is, or the way to it."""

    oid: Oid
    tag: Tag
    value: Value | Worked


class View:
    """The objects of all devices of one model, sorted, encoded as far as they are the same for all.

    Raises ValueError where a name stands twice.
    """

    def __init__(self, objects: Iterable[Object]) -> None:
        rows = sorted(objects, key=lambda row: row.oid)
        self.oids: Final = [row.oid for row in rows]
        self.position: Final = {oid: index for index, oid in enumerate(self.oids)}
        if len(self.position) != len(rows):
            twice = next(oid for oid, after in zip(self.oids, self.oids[1:], strict=False) if oid == after)
            raise ValueError(f"object {'.'.join(map(str, twice))} stands twice")
        self._values: Final = {row.oid: row.value for row in rows}
        self._cells: Final = [_cell(row) for row in rows]
        # To v1 an object of 64 bits is not there (RFC 3584, section 4.2.2.1).
        self.narrow: Final = [row.tag is not Tag.COUNTER64 for row in rows]

    def after(self, oid: Oid) -> int:
        """Return the position of the first object behind a name; the length of the view at its end."""
        known = self.position.get(oid)
        return known + 1 if known is not None else bisect_right(self.oids, oid)

    def varbind(self, index: int, moment: Moment | None) -> bytes:
        """Return an object, encoded. moment: None where no value is worked out, as in a recording."""
        cell = self._cells[index]
        if isinstance(cell, bytes):
            return cell
        if moment is None:
            raise TypeError(f"object {'.'.join(map(str, self.oids[index]))} is worked out of a moment")
        return cell.encoded(moment)

    def text(self, oid: Oid) -> str:
        """Return a text that is the same for all devices. Raises KeyError where there is none."""
        found = self._values[oid]
        if not isinstance(found, bytes):
            raise KeyError(f"object {'.'.join(map(str, oid))} is no text that is always the same")
        return found.decode()

    def how(self, oid: Oid) -> Value | Worked:
        """Return the value of an object, or the way to it. Raises KeyError where there is none."""
        return self._values[oid]

    def value(self, oid: Oid, moment: Moment) -> Value:
        """Return the value of an object at a moment. Raises KeyError where there is none."""
        found = self._values[oid]
        return found(moment) if callable(found) else found

    def has_instances(self, oid: Oid) -> bool:
        """Tell whether the object that a name is an instance of has other instances."""
        near = self.oids[bisect_right(self.oids, oid[:-1]) :][:1]
        return bool(near) and near[0][: len(oid) - 1] == oid[:-1]


@dataclass(frozen=True, slots=True)
class _Cell:
    name: bytes
    tag: Tag
    encode: Callable[[Value], bytes]
    work: Worked

    def encoded(self, moment: Moment) -> bytes:
        content = self.encode(self.work(moment))
        names, contents = len(self.name), len(content)
        if names + contents < 0x7C:  # all lengths are one byte
            return b"0%c%b%c%c%b" % (names + contents + 2, self.name, self.tag, contents, content)
        return encode_varbind_long(self.name, self.tag, content)


def encode_varbind_long(name: bytes, tag: Tag, content: bytes) -> bytes:
    """Return a varbind of any length. name: encoded, with tag and length."""
    body = name + bytes([tag]) + _length(len(content)) + content
    return b"0" + _length(len(body)) + body


def _length(length: int) -> bytes:
    if length < 0x80:
        return bytes([length])
    octets = length.to_bytes((length.bit_length() + 7) // 8, "big")
    return bytes([0x80 | len(octets)]) + octets


def _cell(row: Object) -> bytes | _Cell:
    if not callable(row.value):
        return encode_varbind(row.oid, row.tag, row.value)
    name = encode_oid(row.oid)
    return _Cell(b"\x06%c%b" % (len(name), name), row.tag, ENCODERS[row.tag], row.value)
