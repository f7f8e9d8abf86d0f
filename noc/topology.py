"""Topology: what each entity hangs on, as far as people wrote it or devices tell; and what several share. Pure.

An entity hangs on groups of others. A group is a set of ways: while one of them works the entity can be reached by it,
and where all of a group are broken, that explains why the entity is silent.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Final

from noc.inventory.adjacencies import carried_by, other_ends
from noc.inventory.entities import Circuit, Device
from noc.inventory.inventory import Inventory
from noc.model.part import PEERS, owner_of, part_name
from noc.model.snapshot import Snapshot

Group = tuple[str, ...]
"""Entities. All of them must be broken to explain anything."""

Links = Mapping[str, Collection[str]]
"""Neighbours of devices of one site, by id, as the devices tell."""

Shared = tuple[str, str]
"""An attribute and its value: ("provider", "SES")."""

PROVIDER: Final = "provider"
REGION: Final = "region"
FEW_LINES: Final = 8


@dataclass(frozen=True, slots=True)
class Vantage:
    """Where this process looks from. uplink: entities over which all else is reached; several are redundant."""

    poller: str = "centre"
    uplink: tuple[str, ...] = ()

    @property
    def entity(self) -> str:
        """Return the entity of the poller."""
        return f"poller/{self.poller}"


class Topology:
    """Answers for one inventory.

    links: tells of a site who neighbours whom inside it; asked once for each site. peers: gives the entities of the
    neighbours in routing that are watched; asked once.
    """

    def __init__(
        self,
        inventory: Inventory,
        vantage: Vantage = Vantage(),
        links: Callable[[str], Links] = lambda _: {},
        peers: Callable[[], Iterable[str]] = tuple,
    ) -> None:
        self.inventory = inventory
        self.vantage = vantage
        self._links = links
        self._peers = peers
        self._other_ends: Mapping[str, str] | None = None
        self._carried_by: Mapping[str, tuple[Group, ...]] = {}
        self._parents: dict[str, tuple[Group, ...]] = {}
        self._inside: dict[str, Mapping[str, Group]] = {}
        self._neighbours: dict[str, Links] = {}
        self._members: dict[Shared, list[str]] | None = None
        self._edges: dict[str, Group] = {}
        self._shares: dict[str, tuple[Shared, ...]] = {}
        self._ending: dict[str, list[str]] | None = None
        self._above_uplink: frozenset[str] | None = None
        self._gates: dict[str, Group] = {}
        self._ways_in: dict[str, Group] = {}

    def parents(self, entity: str) -> tuple[Group, ...]:
        """Return the groups that an entity hangs on, each without the entity itself; none for what is unknown here."""
        found = self._parents.get(entity)
        if found is None:
            groups = (tuple(dict.fromkeys(one for one in group if one != entity)) for group in self._groups(entity))
            found = self._parents[entity] = tuple(group for group in dict.fromkeys(groups) if group)
        return found

    def neighbours(self, site: str) -> Links:
        """Return which devices of a site, `site/nairobi`, name each other as neighbours, by id."""
        key = site.removeprefix("site/")
        found = self._neighbours.get(key)
        if found is None:
            found = self._neighbours[key] = self._links(key)
        return found

    def upstream(self, entity: str) -> tuple[str, ...]:
        """Return the devices and circuits that an entity hangs on directly, each once; of a site its edge devices."""
        found: dict[str, None] = {}
        for group in self.parents(entity):
            for one in group:
                found.update(dict.fromkeys(self.edges(one) if one.startswith("site/") else (one,)))
        return tuple(found)

    def edges(self, site: str) -> Group:
        """Return the edge devices of a site, `site/nairobi`."""
        found = self._edges.get(site)
        if found is None:
            known = self.inventory.sites.get(site.removeprefix("site/"))
            edges = () if known is None else known.edge_devices
            found = tuple(f"device/{one}" for one in edges if one in self.inventory.devices)
            if known is not None:
                self._edges[site] = found
        return found

    def gates(self, site: str) -> Group:
        """Return the devices of a site that its edge devices hang on, where these are several: two modems, say.

        Where all of them are silent nothing tells whether they are what broke, or the site.
        """
        found = self._gates.get(site)
        if found is None:
            found = self._gates[site] = tuple(self._before_edges(site, at_least=2))
        return found

    def ways_in(self, site: str) -> Group:
        """Return the devices of a site that its edge devices hang on: `gates`, and also one modem alone."""
        found = self._ways_in.get(site)
        if found is None:
            found = self._ways_in[site] = tuple(self._before_edges(site, at_least=1))
        return found

    def _before_edges(self, site: str, at_least: int) -> dict[str, None]:
        edges, found = self.edges(site), dict[str, None]()
        for group in (group for edge in edges for group in self.parents(edge) if len(group) >= at_least):
            if all(one.startswith("device/") and one not in edges and self.site_of(one) == site for one in group):
                found.update(dict.fromkeys(group))
        return found

    def site_of(self, entity: str) -> str | None:
        """Return the site of a device, a part of one, a circuit or an end point, `site/nairobi`."""
        owner = owner_of(entity) or entity
        if owner.startswith("site/"):
            return owner
        known = self.inventory.entity(owner)
        site = getattr(known, "site", None)
        return f"site/{site}" if isinstance(site, str) else None

    def shares(self, entity: str) -> tuple[Shared, ...]:
        """Return what a circuit, a site or a device shares with others; a site also what its circuits share."""
        found = self._shares.get(entity)
        if found is None:
            found = self._shares_of(entity)
            if found:  # most devices share nothing, and names that nobody knows are not kept
                self._shares[entity] = found
        return found

    def _shares_of(self, entity: str) -> tuple[Shared, ...]:
        known = self.inventory.entity(entity)
        kind, _, name = entity.partition("/")
        found: dict[Shared, None] = dict.fromkeys(getattr(known, "shares", ()))
        if isinstance(known, Circuit) and known.provider is not None:
            found[PROVIDER, known.provider] = None
        if kind == "site" and known is not None:
            for circuit in self.inventory.circuits_of(name):
                found.update(dict.fromkeys(self.shares(circuit.entity)))
            found[REGION, self.inventory.sites[name].region] = None
        return tuple(found)

    def members(self, shared: Shared) -> tuple[str, ...]:
        """Return the entities that share something: circuits, sites and devices that say so themselves."""
        if self._members is None:
            self._members = {}
            for one in self._sharing():
                own = self.shares(one) if not one.startswith("site/") else self._own_shares(one)
                for key in own:
                    self._members.setdefault(key, []).append(one)
        return tuple(self._members.get(shared, ()))

    def is_data_centre(self, site: str) -> bool:
        """Return whether services are served from a site."""
        name = site.removeprefix("site/")
        return any(name in service.places for service in self.inventory.services.values())

    def _own_shares(self, site: str) -> Iterator[Shared]:
        known = self.inventory.sites[site.removeprefix("site/")]
        yield from known.shares
        if known.edge_devices:
            yield REGION, known.region

    def _sharing(self) -> Iterator[str]:
        groups = (self.inventory.circuits, self.inventory.sites, self.inventory.devices)
        for group in groups:
            yield from (one.entity for one in group.values())

    def _groups(self, entity: str) -> Iterator[Group]:
        kind, _, name = entity.partition("/")
        known = self.inventory
        if owner_of(entity) is not None:
            yield from self._of_part(entity)
        elif kind == "device" and name in known.devices:
            yield from self._of_device(known.devices[name])
        elif kind == "circuit" and name in known.circuits:
            yield from self._of_circuit(known.circuits[name])
        elif kind == "site":
            yield self.edges(entity)
        elif kind == "endpoint" and name in known.endpoints:
            endpoint = known.endpoints[name]
            served_by = known.device_at(str(endpoint.probe.address))
            yield (f"site/{endpoint.site}",)
            yield (served_by.entity,) if served_by is not None else ()
        elif kind == "service" and name in known.services:
            yield from ((one,) for _, formula in known.services[name].formulas() for _, one in formula.entities())

    def _of_device(self, device: Device) -> Iterator[Group]:
        edges = self.edges(f"site/{device.site}")
        is_edge = device.entity in edges
        found = [device.upstream] if device.upstream else []
        if is_edge:
            found.append(tuple(circuit.entity for circuit in self.inventory.circuits_of(device.site)))
        elif not device.upstream:
            found.append(self._inside_site(device.site).get(device.id, edges))
        if not any(found) and self.vantage.uplink and device.entity not in self._over_uplink():
            found.append(self.vantage.uplink)
        yield from found

    def _of_circuit(self, circuit: Circuit) -> Iterator[Group]:
        far = {
            f"device/{one.device}"
            for one in (circuit.z, circuit.probe)
            if one is not None and self.site_of(f"device/{one.device}") not in (None, f"site/{circuit.site}")
        }
        if far:
            yield from ((one,) for one in sorted(far))
        elif circuit.a is not None and circuit.a.device in self.inventory.devices:
            yield self.inventory.devices[circuit.a.device].upstream

    def _of_part(self, entity: str) -> Iterator[Group]:
        part = part_name(entity)
        if part is None:
            return
        yield (part.owner,)
        if part.kind in PEERS:
            other = self._other_end(entity)
            far = None if other is None else part_name(other)
            peer = self._at(part.name.rpartition("/")[2]) if far is None else far.device
            if peer is not None:
                yield (f"device/{peer}",)
                yield tuple(self._between(part.device, peer))
            else:
                yield from self._lines_of(part.device)
            if other is not None and other < entity:  # one of both, always the same, is what people are told of
                yield (other,)
            yield from self._carried_by.get(entity, ())
        elif part.kind == "interface":
            for circuit in self.inventory.circuits.values():
                ends = [end for end in (circuit.a, circuit.z) if end is not None]
                if any((end.device, end.interface) == (part.device, part.name) for end in ends):
                    yield (circuit.entity,)

    def _other_end(self, peer: str) -> str | None:
        """Return the neighbour by which the device at the other end tells of the same; None where that isn't known."""
        if self._other_ends is None:
            peers = tuple(self._peers())
            self._other_ends = other_ends(peers, self._at)
            self._carried_by = carried_by(peers, self._at, self._other_ends)
        return self._other_ends.get(peer)

    def _at(self, address: str) -> str | None:
        found = self.inventory.device_at(address)
        return None if found is None else found.id

    def _lines_of(self, device: str) -> Iterator[Group]:
        """Yield the circuits that end at a device, each for itself: a peer by an address of the line is behind one.

        Not where there are many, as at a hub: one of them is always down, and would explain what it has no part in.
        """
        if self._ending is None:
            self._ending = {}
            for circuit in self.inventory.circuits.values():
                for end in dict.fromkeys(one.device for one in (circuit.a, circuit.z) if one is not None):
                    self._ending.setdefault(end, []).append(circuit.entity)
        lines = self._ending.get(device, [])
        if len(lines) <= FEW_LINES:
            yield from ((one,) for one in lines)

    def _between(self, one: str, other: str) -> Iterator[str]:
        for name in (one, other):
            device = self.inventory.devices.get(name)
            for circuit in self.inventory.circuits_of(device.site) if device is not None else ():
                if circuit.a and circuit.z and {circuit.a.device, circuit.z.device} == {one, other}:
                    yield circuit.entity

    def _over_uplink(self) -> frozenset[str]:
        """Return the uplink, and what that hangs on: these can't hang on it in turn."""
        if self._above_uplink is None:
            found, left = set(self.vantage.uplink), list(self.vantage.uplink)
            self._above_uplink = frozenset(found)
            while left:
                for one in self.upstream(left.pop()):
                    if one not in found:
                        found.add(one)
                        left.append(one)
            self._above_uplink = frozenset(found)
            self._parents.clear()
        return self._above_uplink

    def _inside_site(self, site: str) -> Mapping[str, Group]:
        """Return what devices inside a site hang on, as far as neighbours tell: those one step nearer to its edge."""
        found = self._inside.get(site)
        if found is None:
            edges = [edge.removeprefix("device/") for edge in self.edges(f"site/{site}")]
            found = self._inside[site] = nearer(self.neighbours(site), edges)
        return found


def nearer(links: Links, edges: Iterable[str]) -> dict[str, Group]:
    """Return, of each device that neighbours lead to from the edges, the devices that are one step nearer to them."""
    both: dict[str, set[str]] = {}
    for one, others in links.items():
        for other in others:
            both.setdefault(one, set()).add(other)
            both.setdefault(other, set()).add(one)
    steps = dict.fromkeys(edges, 0)
    ahead = deque(steps)
    while ahead:
        one = ahead.popleft()
        for other in sorted(both.get(one, ())):
            if other not in steps:
                steps[other] = steps[one] + 1
                ahead.append(other)
    return {
        one: tuple(f"device/{other}" for other in sorted(both[one]) if steps.get(other) == step - 1)
        for one, step in steps.items()
        if step > 0
    }


def links_of(devices: Iterable[Device], snapshot: Callable[[str], Snapshot | None]) -> dict[str, set[str]]:
    """Return which devices of a site name each other as neighbours, by LLDP, CDP, OSPF, IS-IS or BGP.

    snapshot: gives a device as it was last read. A name is found with and without its domain.
    """
    read = {device.id: snapshot(device.entity) for device in devices}
    names: dict[str, str] = {}
    for device in devices:
        names[str(device.address)] = device.id
        taken = read[device.id]
        for name in (device.id, device.name, taken.device.sys_name if taken is not None else None):
            if name:
                names.setdefault(name.casefold(), device.id)
                names.setdefault(name.casefold().partition(".")[0], device.id)
    found: dict[str, set[str]] = {}
    for one, taken in read.items():
        for told in _told(taken) if taken is not None else ():
            other = names.get(told.casefold()) or names.get(told.casefold().partition(".")[0])
            if other is not None and other != one:
                found.setdefault(one, set()).add(other)
    return found


_TELLS: Final[Mapping[str, str]] = {
    "neighbors": "remote_name",
    "ospf_neighbors": "neighbor",
    "isis_adjacencies": "neighbor",
    "bgp_peers": "peer",
}


def _told(taken: Snapshot) -> Iterator[str]:
    for rows, field in _TELLS.items():
        for row in taken.records.get(rows, ()):
            value = row.get(field)
            if isinstance(value, str) and value:
                yield value
