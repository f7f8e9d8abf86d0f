"""Reads a recording by itself: what stands in the file, for tests to hold against what noc read of it."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

Value = int | str | bytes
Index = tuple[int, ...]

_NUMBERS = {"2", "65", "66", "67", "70"}
_TEXTS = {"6", "64"}


@dataclass(frozen=True)
class WalkFile:
    """The objects of a recording: those that an agent serving it can answer, and those that it can't."""

    values: dict[Index, Value]
    broken: list[Index] = field(default_factory=list)

    def scalar(self, oid: str) -> Value | None:
        return self.values.get((*arcs(oid), 0))

    def column(self, oid: str) -> dict[Index, Value]:
        """Return the values of a column by index, in the order of the indexes."""
        start = arcs(oid)
        cut = len(start)
        return {name[cut:]: self.values[name] for name in sorted(self.values) if name[:cut] == start}

    def number(self, oid: str, index: Index) -> int | None:
        value = self.values.get((*arcs(oid), *index))
        return value if isinstance(value, int) else None

    def words(self, oid: str, index: Index = (0,)) -> str | None:
        value = self.values.get((*arcs(oid), *index))
        return None if value is None else words(value)


def arcs(oid: str) -> Index:
    return tuple(map(int, oid.split(".")))


def words(value: Value) -> str:
    """Return a value as text: UTF-8 or Latin-1, without blanks and NULs at its ends."""
    if not isinstance(value, bytes):
        return str(value)
    try:
        return value.decode().strip("\0 \t\r\n")
    except UnicodeDecodeError:
        return value.decode("latin-1").strip("\0 \t\r\n")


def read(path: Path) -> WalkFile:
    """Read `OID|tag|value` lines; the format is snmpsim's."""
    found = WalkFile({})
    for line in path.read_bytes().split(b"\n"):
        name, _, rest = line.rstrip(b"\r").partition(b"|")
        tag, _, content = rest.partition(b"|")
        numbers = name.decode("ascii", "replace").strip(".").split(".")
        if not all(number.isdigit() for number in numbers):
            continue
        oid = tuple(map(int, numbers))
        try:
            found.values[oid] = _value(tag.decode(), content)
        except ValueError:
            found.broken.append(oid)
    return found


def _value(tag: str, content: bytes) -> Value:
    if tag in _NUMBERS:
        return int(content)
    if tag in _TEXTS:
        return content.decode()
    if tag.endswith("x"):
        octets = bytes.fromhex(content.decode())
        return ".".join(map(str, octets)) if tag == "64x" else octets
    return content
