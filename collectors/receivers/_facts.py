"""Values of messages as facts of an event: bounded, clean, in words. Pure."""

from __future__ import annotations

from ipaddress import ip_address
from typing import Final

from noc.inventory.events.compiled import EventBook, Varbind
from noc.model.event import FACT_AT_MOST, FACTS_AT_MOST, clean
from noc.model.incident import Fact
from noc.wire.ber import Oid, Tag, Value, VarBind

_ADDRESSES: Final = ("peer", "from", "local_address", "address")
_WORDS: Final = ("state", "from_state", "admin_status")
_ADDRESS_OCTETS: Final = (4, 16)


class Facts:
    """Gathers the facts of one event."""

    def __init__(self) -> None:
        self.found: dict[str, Fact] = {}
        self.left_out = 0

    def put(self, key: str, value: Fact, *, instead: bool = False) -> None:
        """Take a fact; the first one of a name counts, unless it is to stand instead of it."""
        if key in self.found and not instead:
            return
        if len(self.found) >= FACTS_AT_MOST and key not in self.found:
            self.left_out += 1
            return
        if isinstance(value, str):
            value = clean(value.strip(), FACT_AT_MOST)
            if key in _WORDS:
                value = value.lower()
        self.found[key] = value


def put_varbind(facts: Facts, varbind: VarBind, book: EventBook) -> None:
    """Take a varbind: its value under the fact that the book says, else under the object's name; its index too."""
    known = book.varbind(varbind.oid)
    if known is None:
        facts.put(".".join(map(str, varbind.oid[-12:])), _plain(varbind.tag, varbind.value, "", book))
        return
    what, index = known
    value = varbind.value
    if isinstance(value, int) and value in what.values:
        facts.put(what.key, what.values[value])
    else:
        facts.put(what.key, _plain(varbind.tag, value, what.key, book), instead=what.name == "IF-MIB::ifName")
    if what.index is not None and index:
        facts.put(what.index, _index(what, index))


def _plain(tag: Tag, value: Value, key: str, book: EventBook) -> Fact:
    if isinstance(value, bytes):
        return _text(value, key)
    if isinstance(value, tuple):
        return book.object_name(value)
    return value / 100 if tag is Tag.TIME_TICKS and isinstance(value, int) else value


def _text(value: bytes, key: str) -> str:
    """Return octets as text: as they are where they are text, an address where one is meant, else in hexadecimal."""
    if key in _ADDRESSES and len(value) in _ADDRESS_OCTETS:
        return str(ip_address(value))
    stripped = value.rstrip(b"\0")
    try:
        text = stripped.decode()
    except UnicodeDecodeError:
        text = ""
    if text.isprintable() and (text or not value):
        return text
    if text and all(one.isprintable() or one in "\r\n\t" for one in text):
        return text
    return value[: FACT_AT_MOST // 3].hex(":")


def _index(what: Varbind, index: Oid) -> Fact:
    if what.index != "peer":
        return index[0] if what.index == "if_index" else ".".join(map(str, index))
    octets = index
    if len(index) > 2 and index[0] in (1, 2) and index[1] in _ADDRESS_OCTETS and len(index) >= index[1] + 2:
        octets = index[2 : 2 + index[1]]  # InetAddressType, length, address (RFC 4001)
    if len(octets) in _ADDRESS_OCTETS and all(one < 256 for one in octets):
        return str(ip_address(bytes(octets)))
    return ".".join(map(str, index))
