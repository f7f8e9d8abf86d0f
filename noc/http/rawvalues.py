"""Which values of a poll concern an entity, and how values are shown. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Final

from noc.model.evidence import RawValue
from noc.model.part import part_name
from noc.model.reading import Raw

SHOWN_AT_MOST: Final = 300
"""Characters of a value."""

_INTERFACES: Final = ("ifTable", "ifXTable")


def concerned(
    values: Sequence[RawValue], entity: str, interfaces: Mapping[str, int], oids: Iterable[str] = ()
) -> tuple[RawValue, ...]:
    """Return the values that concern an entity. interfaces: their ifIndex by name. oids: of what is wrong with it.

    Of an interface: its rows of the interface tables. Of another part: the rows whose index, or one of whose texts, is
    its name. Of a device: all, beginning with the rows of `oids`, then what stands in no table.
    """
    part = part_name(entity)
    if part is None:
        rows = {(one.table, one.index) for one in values if one.oid in oids}
        return tuple(sorted(values, key=lambda one: (one.oid not in oids, not _is_in(one, rows), one.table != "")))
    number = interfaces.get(part.name) if part.kind == "interface" else None
    if number is not None:
        return tuple(one for one in values if one.table in _INTERFACES and one.index == (number,))
    name = part.name.rpartition("/")[2] if part.kind in ("bgp", "probe") else part.name
    wanted = {(one.table, one.index) for one in values if one.table and _names(one, name, part.name)}
    return tuple(one for one in values if one.table and (one.table, one.index) in wanted)


def _is_in(one: RawValue, rows: set[tuple[str, tuple[int, ...]]]) -> bool:
    return bool(one.table) and (one.table, one.index) in rows


def _names(one: RawValue, *names: str) -> bool:
    dotted = ".".join(map(str, one.index))
    text = raw_text(one.value)
    return any(name and (name == text or f".{name}." in f".{dotted}.") for name in names)


def filtered(values: Sequence[RawValue], words: str) -> list[RawValue]:
    """Return the values that a search is about: all its words stand in name, OID, table or value."""
    wanted = words.casefold().split()
    return [
        one
        for one in values
        if all(word in f"{one.name} {one.oid} {one.table} {raw_text(one.value)}".casefold() for word in wanted)
    ]


def raw_text(value: Raw) -> str:
    """Return a value as text: octets as UTF-8 where they are all printable, else in hexadecimal, as snmpget does."""
    if isinstance(value, bytes):
        try:
            text = value.decode("utf-8")
        except UnicodeDecodeError:
            text = ""
        stripped = text.strip("\0\r\n\t ")
        if value and (not text or any(not char.isprintable() and char not in "\r\n\t\0" for char in text)):
            return value.hex(" ")[:SHOWN_AT_MOST]
        return stripped[:SHOWN_AT_MOST]
    return "" if value is None else str(value)[:SHOWN_AT_MOST]


def raw_type(value: Raw) -> str:
    """Return what kind of value it is, in the words of SNMP: as far as it is kept."""
    if isinstance(value, bytes):
        return "OCTET STRING"
    if isinstance(value, bool | int):
        return "INTEGER"
    if isinstance(value, float):
        return "Opaque"
    return "NULL" if value is None else "OBJECT IDENTIFIER"
