"""Answers that noc decodes itself as sessions take them: the same plain values that gufo-snmp gives. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from typing import Final

from noc.model.reading import Raw
from noc.wire.ber import ErrorStatus, Oid, Pdu, Tag, Value, VarBind
from noc.wire.snmp.link import Following, Item

_CACHED: Final = 16_384
_NOTHING: Final = frozenset((Tag.NULL, Tag.NO_SUCH_OBJECT, Tag.NO_SUCH_INSTANCE, Tag.END_OF_MIB_VIEW))


@lru_cache(maxsize=_CACHED)
def numbers(oid: str) -> Oid:
    """Return a dotted OID as numbers."""
    return tuple(map(int, oid.split(".")))


@lru_cache(maxsize=_CACHED)
def dotted(oid: Oid) -> str:
    """Return numbers as a dotted OID."""
    return ".".join(map(str, oid))


def values(pdu: Pdu) -> dict[str, Raw]:
    """Return the values of a response to GET: not of objects that the agent lacks, and none at all after an error."""
    if pdu.error_status:
        return {}
    return {dotted(varbind.oid): raw(varbind.value) for varbind in pdu.varbinds if varbind.tag not in _NOTHING}


def items(pdu: Pdu, column: Oid) -> Sequence[Item]:
    """Return the objects of a response to GETBULK up to the end of a column, which is None; empty where none follow."""
    found: list[Item] = []
    for varbind in () if pdu.error_status else pdu.varbinds:
        if varbind.tag is Tag.END_OF_MIB_VIEW:
            break
        if varbind.oid[: len(column)] != column:
            found.append(None)
            break
        if varbind.tag not in _NOTHING:
            found.append((dotted(varbind.oid), raw(varbind.value)))
    return found


def following(pdu: Pdu, asked: int) -> Following:
    """Return the names in a response to GETNEXT of so many objects."""
    if pdu.error_status or len(pdu.varbinds) != asked:
        return Following(ended=pdu.error_index - 1 if pdu.error_status == ErrorStatus.NO_SUCH_NAME else -1)
    ended = Tag.END_OF_MIB_VIEW
    return Following(tuple(None if varbind.tag is ended else dotted(varbind.oid) for varbind in pdu.varbinds))


def last(pdu: Pdu) -> Oid | None:
    """Return the name where a walk stands after an answer."""
    return pdu.varbinds[-1].oid if pdu.varbinds else None


def raw(value: Value) -> Raw:
    """Return a value as gufo-snmp gives it: OBJECT IDENTIFIER is dotted text."""
    return dotted(value) if isinstance(value, tuple) else value


def asking(oids: Sequence[str]) -> tuple[VarBind, ...]:
    """Return the varbinds that ask for objects."""
    return tuple(VarBind(numbers(oid)) for oid in oids)


def holds(subtree: str, name: str | None) -> bool | None:
    """Return whether the name that follows a subtree's is in it; None where it tells nothing: it went backwards."""
    if name is None:
        return None
    top, beginning = numbers(subtree), numbers(name)[: len(numbers(subtree))]
    return None if beginning < top or numbers(name) == top else beginning == top
