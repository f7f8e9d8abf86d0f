"""What of a Snapshot has a status of its own: neighbours, VRFs, tunnels, probes, interfaces, each well or not. Pure."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Collection, Iterator, Mapping
from typing import Final

from noc.inventory.profiles.compiled import Profile, as_text
from noc.model.part import PART_KINDS, Part, PartKind, part_entity
from noc.model.snapshot import Interface, Scalar, Snapshot
from noc.pipeline.expression import number_of

RECORDS_OF: Final[Mapping[PartKind, tuple[str, ...]]] = {
    "bgp": ("bgp_peers",),
    "ospf": ("ospf_neighbors",),
    "isis": ("isis_adjacencies",),
    "ldp": ("mpls_ldp_sessions",),
    "vrf": ("mpls_vrfs",),
    "tunnel": ("mpls_te_tunnels", "vpn_tunnels"),
    "probe": ("ip_sla",),
}
"""The lists of a Snapshot that tell of each kind; of interfaces it is the interfaces themselves."""

STANDS_AFTER_S: Final = 24 * 3600
"""A tunnel that was up for so long is a line, and not a traveller who logged in."""

INTERFACE_TABLES: Final = frozenset({"ifTable", "ifXTable"})

_OPER_OK: Final[Mapping[str, bool | None]] = {
    "up": True,
    "down": False,
    "lowerLayerDown": False,
    "notPresent": False,
}
"""Of ifOperStatus and its like; all other words (unknown, testing, dormant) are no evidence of either."""

_OSPF_OK: Final = frozenset({"full", "twoWay"})
"""Two routers of a broadcast network that are neither designated nor backup stay `twoWay`: that is how it should be."""

Row = Mapping[str, Scalar]
Wanted = Callable[[Interface], bool]


def parts_of(device: str, snapshot: Snapshot, wanted: Wanted) -> dict[str, Part]:
    """Return the parts that a device tells of, by entity.

    device: the id. wanted: which interfaces. Of two that have one name (the paths of a tunnel, an address on two links)
    it is enough that one is well.
    """
    found: dict[str, Part] = {}
    for part in (*_records(device, snapshot), *_interfaces(device, snapshot, wanted)):
        known = found.get(part.entity)
        if known is None or _rank(part) > _rank(known):
            found[part.entity] = part
    return found


def unread_kinds(snapshot: Snapshot, profile: Profile) -> frozenset[PartKind]:
    """Return the kinds of parts of which not all may have been read: what is missing of these is no evidence."""
    if not snapshot.errors:
        return frozenset()
    failed = {name.strip().partition(".")[0] for error in snapshot.errors for name in error.what.split(",")}
    tables: dict[PartKind, set[str]] = {
        kind: {spec.table for name in names for spec in profile.records.get(name, ()) if spec.table is not None}
        for kind, names in RECORDS_OF.items()
    }
    tables["interface"] = set(INTERFACE_TABLES)
    return frozenset(kind for kind, names in tables.items() if not names.isdisjoint(failed))


def untold_kinds(snapshot: Snapshot) -> frozenset[PartKind]:
    """Return the kinds of parts that answers by SSH tell nothing of: they may not have been asked for."""
    told = {kind for kind, names in RECORDS_OF.items() if any(snapshot.records.get(name) for name in names)}
    return frozenset(PART_KINDS) - told


def interface_ok(interface: Interface) -> bool | None:
    """Return whether an interface works; None where it can't be told, or people switched it off."""
    return None if interface.admin_status == "down" else _OPER_OK.get(interface.oper_status or "")


def _rank(part: Part) -> int:
    return 3 if part.ok else 2 if part.ok is False and part.judged else 1 if part.judged else 0


def _records(device: str, snapshot: Snapshot) -> Iterator[Part]:
    tags = Counter(as_text(row["tag"]) for row in snapshot.records.get("ip_sla", ()))
    for kind, lists in RECORDS_OF.items():
        for row in (row for records in lists for row in snapshot.records.get(records, ())):
            name = _probe_name(row, tags) if kind == "probe" else _NAMES[kind](row)
            if name:
                state, ok, judged = _READ[kind](row)
                is_fleeting = row.get("configured") is False
                stands = not is_fleeting or (number_of(row["uptime_s"]) or 0) >= STANDS_AFTER_S
                entity = part_entity(kind, device, name)
                yield Part(entity, kind, name, state, ok, judged, is_fleeting, stands)


def _interfaces(device: str, snapshot: Snapshot, wanted: Wanted) -> Iterator[Part]:
    for interface in snapshot.interfaces:
        name = interface.name or interface.descr or f"ifIndex {interface.if_index}"
        if wanted(interface):
            off = interface.admin_status == "down"
            state = "off" if off else interface.oper_status
            yield Part(
                part_entity("interface", device, name), "interface", name, state, interface_ok(interface), not off
            )


def _probe_name(row: Row, tags: Mapping[str, int]) -> str:
    """Return the tag of a probe where it tells it from the others, else its index."""
    tag = as_text(row["tag"])
    return tag if tag and tags[tag] == 1 else as_text(row["index"])


def _in_instance(row: Row, name: str) -> str:
    """Return the name of a peer, with its routing instance before it where that isn't the default one."""
    return f"{as_text(row['vrf'])}/{name}" if name and row["vrf"] else name


def _ospf_name(row: Row) -> str:
    address = as_text(row["neighbor"])
    unnumbered = address in ("", "0.0.0.0")  # noqa: S104 no address that is listened on
    return _in_instance(row, as_text(row["router_id"]) if unnumbered else address)


def _isis_name(row: Row) -> str:
    return as_text(row["neighbor"]) or as_text(row["system_id"])


_NAMES: Final[Mapping[PartKind, Callable[[Row], str]]] = {
    "bgp": lambda row: _in_instance(row, as_text(row["peer"])),
    "ospf": _ospf_name,
    "isis": _isis_name,
    "ldp": lambda row: as_text(row["peer"]),
    "vrf": lambda row: as_text(row["name"]),
    "tunnel": lambda row: as_text(row["name"]),
}

Read = tuple[str | None, bool | None, bool]


def _session(well: Collection[str]) -> Callable[[Row], Read]:
    def read(row: Row) -> Read:
        state, admin = as_text(row["state"]) or None, as_text(row.get("admin_status"))
        return state, None if state is None else state in well, admin not in ("stop", "off")

    return read


def _vrf(row: Row) -> Read:
    state = as_text(row["oper_status"]) or None
    # By RFC 4382 a VRF without an interface that is up is down, also one that was never given any.
    empty = state == "down" and row.get("interfaces") == 0
    return state, _OPER_OK.get(state or ""), not empty


def _tunnel(row: Row) -> Read:
    state = as_text(row["oper_status"]) or None
    return state, _OPER_OK.get(state or ""), as_text(row["admin_status"]) != "down"


def _probe(row: Row) -> Read:
    ok = row["ok"]
    return (None, None, True) if not isinstance(ok, bool) else ("ok" if ok else "failed", ok, True)


_READ: Final[Mapping[PartKind, Callable[[Row], Read]]] = {
    "bgp": _session(("established",)),
    "ospf": _session(_OSPF_OK),
    "isis": _session(("up",)),
    "ldp": _session(("operational",)),
    "vrf": _vrf,
    "tunnel": _tunnel,
    "probe": _probe,
}
