"""Parts of a device that have a status of their own: routing neighbours, VRFs, tunnels, probes, watched interfaces.

Their names as entities: `peer/<device>/bgp:<address>` (also `ospf:`, `isis:`, `ldp:`; of a routing instance that is not
the default one `bgp:<instance>/<address>`), `vrf/<device>/<name>`, `tunnel/<device>/<name>`,
`probe/<device>/<tag or index>`, `interface/<device>/<name>`. Standard library only.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final, Literal, get_args

PartKind = Literal["bgp", "ospf", "isis", "ldp", "vrf", "tunnel", "probe", "interface"]
PART_KINDS: Final[tuple[PartKind, ...]] = get_args(PartKind)

PEERS: Final[tuple[PartKind, ...]] = ("bgp", "ospf", "isis", "ldp")
"""Kinds whose entities are called `peer/…`."""

PART_WORDS: Final[Mapping[PartKind, str]] = {
    "bgp": "BGP peer",
    "ospf": "OSPF neighbour",
    "isis": "IS-IS neighbour",
    "ldp": "LDP session with",
    "vrf": "VRF",
    "tunnel": "tunnel",
    "probe": "probe",
    "interface": "interface",
}
"""What stands before a part's name, in English."""

NAME_AT_MOST: Final = 150
"""Characters of a part's name; of a longer one the beginning, and what tells it from others like it."""

_PEER: Final = "peer"
_ENTITY_KINDS: Final[Mapping[str, PartKind]] = {kind: kind for kind in PART_KINDS if kind not in PEERS}
_SESSIONS: Final[Mapping[str, PartKind]] = {kind: kind for kind in PEERS}


@dataclass(frozen=True, slots=True)
class Part:
    """A part as its device told of it at one moment.

    name: what the device calls it. state: the device's own word. ok: whether it works, None where that can't be told.
    judged: False where people switched it off, or nothing is expected of it: then it is neither up nor down.
    is_fleeting: its device tells of it only while it is up. stands: False where it isn't known yet to be more than a
    passing thing: then nobody begins to watch it.
    """

    entity: str
    kind: PartKind
    name: str
    state: str | None
    ok: bool | None
    judged: bool = True
    is_fleeting: bool = False
    stands: bool = True


@dataclass(frozen=True, slots=True)
class PartName:
    """The name of a part, taken apart. device: the id."""

    kind: PartKind
    device: str
    name: str

    @property
    def words(self) -> str:
        """Return what people call it: `BGP peer 192.0.2.1`."""
        return f"{PART_WORDS[self.kind]} {self.name}"

    @property
    def owner(self) -> str:
        """Return its device's entity."""
        return f"device/{self.device}"


def part_entity(kind: PartKind, device: str, name: str) -> str:
    """Return the entity of a part. name: a device's text, made fit to be part of a name."""
    clean = _clean(name)
    return f"{_PEER}/{device}/{kind}:{clean}" if kind in PEERS else f"{kind}/{device}/{clean}"


def part_name(entity: str) -> PartName | None:
    """Return the name of a part, taken apart; None where the entity is none."""
    first, _, rest = entity.partition("/")
    device, _, name = rest.partition("/")
    if not device or not name:
        return None
    if first == _PEER:
        session, _, name = name.partition(":")
        kind = _SESSIONS.get(session)
        return PartName(kind, device, name) if kind is not None and name else None
    kind = _ENTITY_KINDS.get(first)
    return None if kind is None else PartName(kind, device, name)


def owner_of(entity: str) -> str | None:
    """Return the device that an entity is a part of, `device/nbo-rtr-1`; None where it is part of none."""
    name = part_name(entity)
    return None if name is None else name.owner


def _clean(name: str) -> str:
    shown = "".join(char if char.isprintable() else "?" for char in name).strip() or "?"
    if shown == name and len(name) <= NAME_AT_MOST:
        return name
    mark = hashlib.sha256(name.encode("utf-8", "surrogatepass")).hexdigest()[:8]
    return f"{shown[: NAME_AT_MOST - len(mark) - 1].strip()}~{mark}"
