"""Adjacencies: which two neighbours in routing, each told of by its own device, are the two ends of one; and which
protocols run between the same two devices. Pure.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from ipaddress import ip_address
from typing import Final

from noc.model.part import PEERS, PartKind, PartName, part_name

CARRIERS: Final[tuple[PartKind, ...]] = ("ospf", "isis", "ldp", "bgp")
"""Each may need those before it to find its neighbour."""

_LAST_BITS: Final = 3
_SHIFTS: Final = (3, 1)
"""What tells the two hosts of a /30 (/126) from one another, and the two of a /31 (/127)."""


def other_ends(peers: Iterable[str], at: Callable[[str], str | None]) -> dict[str, str]:
    """Return, of each neighbour of which the other end is known, the entity by which the other device tells of it.

    peers: entities, `peer/<device>/bgp:<address>`; others are passed over. at: gives the id of the device that the
    inventory knows by an address. Two are the ends of one where each names the other's device, or where their
    addresses are the two of a line's network and nobody else names either. What isn't certain is left out.
    """
    named = {one: part for one in peers if (part := part_name(one)) is not None and part.kind in PEERS}
    by_address: dict[tuple[str, str], list[str]] = {}
    by_devices: dict[tuple[str, str, str], list[str]] = {}
    for one, part in named.items():
        by_address.setdefault((part.kind, _address(part)), []).append(one)
        far = at(_address(part))
        if far is not None:
            by_devices.setdefault((part.kind, part.device, far), []).append(one)
    found = {}
    for one, part in named.items():
        far = at(_address(part))
        others = by_devices.get((part.kind, far, part.device), []) if far else _across(one, part, named, by_address)
        if len(others) == 1 and others[0] != one:
            found[one] = others[0]
    return {one: other for one, other in found.items() if found.get(other) == one}


def carried_by(
    peers: Iterable[str], at: Callable[[str], str | None], ends: Mapping[str, str]
) -> dict[str, tuple[tuple[str, ...], ...]]:
    """Return, of each neighbour, the groups of neighbours of other protocols by which its own finds the same device.

    A group is of one protocol, told of by the same device: the neighbour of the same address, or else all that lead to
    the same device. Groups point one way: BGP hangs on LDP, this on IS-IS, this on OSPF. ends: as of `other_ends`.
    """
    named = {one: part for one in peers if (part := part_name(one)) is not None and part.kind in PEERS}
    beside: dict[tuple[str, str, PartKind], list[str]] = {}
    for one, part in named.items():
        for far in _far(one, part, at, ends):
            beside.setdefault((part.device, far, part.kind), []).append(one)
    found: dict[str, tuple[tuple[str, ...], ...]] = {}
    for one, part in named.items():
        groups = dict[tuple[str, ...], None]()
        for kind in CARRIERS[: CARRIERS.index(part.kind)]:
            for far in _far(one, part, at, ends):
                others = beside.get((part.device, far, kind), [])
                same = [other for other in others if _address(named[other]) == _address(part)]
                if others:
                    groups[tuple(sorted(same or others))] = None
                    break
        if groups:
            found[one] = tuple(groups)
    return found


def _far(one: str, part: PartName, at: Callable[[str], str | None], ends: Mapping[str, str]) -> Iterator[str]:
    """Yield what names the other end of a neighbour: its address, and its device where that is known."""
    yield _address(part)
    other = part_name(ends.get(one, ""))
    far = at(_address(part)) if other is None else other.device
    if far is not None:
        yield f"device/{far}"


def _across(
    one: str, part: PartName, named: Mapping[str, PartName], by_address: Mapping[tuple[str, str], list[str]]
) -> list[str]:
    """Return the neighbours whose address is the other one of the network of a line; none where that isn't certain."""
    if by_address[part.kind, _address(part)] != [one]:
        return []
    found = [other for address in _mates(_address(part)) for other in by_address.get((part.kind, address), [])]
    return [] if any(named[other].device == part.device for other in found) else found


def _mates(address: str) -> Iterator[str]:
    """Yield the addresses that may be the other one of a network of two hosts."""
    try:
        known = ip_address(address)
    except ValueError:
        return
    for shift in _SHIFTS:
        if shift == 1 or int(known) & _LAST_BITS in (1, 2):
            yield str(type(known)(int(known) ^ shift))


def _address(part: PartName) -> str:
    return part.name.rpartition("/")[2]
