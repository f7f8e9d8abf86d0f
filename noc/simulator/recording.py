"""Recordings of SNMP agents: one object a line, `OID|tag|value`, as snmpsim reads and writes them. Pure.

The tag is the BER type in decimal, with an `x` behind it where the value is written in hexadecimal.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Final

from noc.model.errors import InputError
from noc.model.finding import Finding
from noc.simulator.objects import Object
from noc.wire.ber_values import MAX_SUBIDENTIFIER, MAX_SUBIDENTIFIERS, Oid, Tag, Value

MAX_OBJECTS: Final = 1_000_000
"""Of one recording; a large router has some hundred thousand."""

_NUMBERS: Final = {Tag.INTEGER, Tag.COUNTER32, Tag.GAUGE32, Tag.TIME_TICKS, Tag.COUNTER64}
_RANGES: Final = {
    Tag.INTEGER: (-(2**31), 2**31 - 1),
    Tag.COUNTER32: (0, 2**32 - 1),
    Tag.GAUGE32: (0, 2**32 - 1),
    Tag.TIME_TICKS: (0, 2**32 - 1),
    Tag.COUNTER64: (0, 2**64 - 1),
}
_PLAIN: Final = re.compile(rb"[\x20-\x7e]*")


@dataclass(frozen=True, slots=True)
class Recording:
    """A recording. objects: in their order, each once; findings: lines that are left out, and why."""

    name: str
    objects: tuple[Object, ...]
    findings: tuple[Finding, ...] = ()


def parse(text: bytes, name: str, file: str) -> Recording:
    """Return what stands in a recording. file: its name in findings.

    Lines that are no objects are findings; of an object that stands twice the first line counts. Raises InputError
    where no line is an object, or there are more than MAX_OBJECTS.
    """
    objects: dict[Oid, Object] = {}
    findings: list[Finding] = []
    for number, line in enumerate(text.split(b"\n"), start=1):
        content = line.rstrip(b"\r")
        if not content or content.startswith(b"#"):
            continue
        try:
            found = _object(content)
        except ValueError as error:
            findings.append(Finding(file, number, 1, "warning", f"{error}; this line is left out"))
            continue
        objects.setdefault(found.oid, found)
        if len(objects) > MAX_OBJECTS:
            raise InputError(
                [Finding(file, number, 1, "error", f"more than {MAX_OBJECTS} objects; record a part of it")]
            )
    if not objects:
        message = "no object in it; a recording has lines such as 1.3.6.1.2.1.1.5.0|4|nbo-rtr-1"
        raise InputError([Finding(file, 1, 1, "error", message)])
    return Recording(name, tuple(objects[oid] for oid in sorted(objects)), tuple(findings))


def written(objects: Iterable[Object]) -> Iterator[str]:
    """Yield the lines of a recording, in the order of the objects' names. Raises TypeError for a value worked out."""
    for row in sorted(objects, key=lambda row: row.oid):
        if callable(row.value):
            raise TypeError(f"object {_dotted(row.oid)} has no fixed value")
        yield f"{_dotted(row.oid)}|{_tag_and_value(row.tag, row.value)}"


def _object(line: bytes) -> Object:
    name, bar, rest = line.partition(b"|")
    tag, second, content = rest.partition(b"|")
    if not bar or not second:
        raise ValueError("not of the form OID|tag|value")
    return _typed(_oid(name.decode("ascii", "replace").strip().strip(".")), tag.decode("ascii", "replace"), content)


def _typed(oid: Oid, tag: str, content: bytes) -> Object:
    is_hex = tag.endswith("x")
    try:
        kind = Tag(int(tag.removesuffix("x")))
    except ValueError as error:
        raise ValueError(f"unknown tag '{tag}'") from error
    if is_hex:
        try:
            octets = bytes.fromhex(content.decode("ascii", "replace"))
        except ValueError as error:
            raise ValueError("the value is not hexadecimal, as its tag says") from error
        return Object(oid, kind, _of_octets(kind, octets))
    return Object(oid, kind, _of_text(kind, content))


def _of_octets(kind: Tag, octets: bytes) -> Value:
    if kind is Tag.IP_ADDRESS:
        return _address(".".join(map(str, octets)))
    if kind in (Tag.OCTET_STRING, Tag.OPAQUE):
        return octets
    raise ValueError(f"a value with tag {int(kind)} is not written in hexadecimal")


def _of_text(kind: Tag, content: bytes) -> Value:
    if kind in (Tag.OCTET_STRING, Tag.OPAQUE):
        return content
    text = content.decode("ascii", "replace").strip()
    if kind is Tag.OID:
        return _oid(text.strip("."))
    if kind is Tag.IP_ADDRESS:
        return _address(text)
    if kind not in _NUMBERS:
        return None
    try:
        number = int(text)
    except ValueError as error:
        raise ValueError(f"'{text[:40]}' is no number") from error
    low, high = _RANGES[kind]
    if not low <= number <= high:
        raise ValueError(f"{number} is outside the range of its type")
    return number


def _oid(text: str) -> Oid:
    parts = text.split(".")
    if not all(part.isascii() and part.isdigit() and len(part) <= 10 for part in parts):
        raise ValueError(f"'{text[:60]}' is no OID")
    oid = tuple(map(int, parts))
    if not 2 <= len(oid) <= MAX_SUBIDENTIFIERS or max(oid) > MAX_SUBIDENTIFIER or oid[0] > 2:
        raise ValueError(f"'{text[:60]}' is no OID")
    return oid


def _address(text: str) -> str:
    parts = text.split(".")
    if len(parts) != 4 or not all(part.isdigit() and int(part) < 256 for part in parts):
        raise ValueError(f"'{text[:40]}' is no IPv4 address")
    return text


def _tag_and_value(tag: Tag, value: Value) -> str:
    if isinstance(value, bytes):
        if tag is Tag.OCTET_STRING and _PLAIN.fullmatch(value):
            return f"{int(tag)}|{value.decode('ascii')}"
        return f"{int(tag)}x|{value.hex()}"
    if isinstance(value, tuple):
        return f"{int(tag)}|{_dotted(value)}"
    return f"{int(tag)}|{'' if value is None else value}"


def _dotted(oid: Oid) -> str:
    return ".".join(map(str, oid))
