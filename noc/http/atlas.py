"""What the map shows of an inventory: where sites are, and which sites circuits join. Pure; no state is in it."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Final

from noc.http.scope import Scope
from noc.http.sitestates import LEVELS
from noc.inventory.entities import Circuit, Device, Site
from noc.inventory.inventory import Inventory

DECIMALS: Final = 3
"""Of degrees: a hundred metres, less than a dot of the map."""

HOPS_AT_MOST: Final = 50
"""On the way from a router of a site to the first device of another."""

SCOPES_AT_MOST: Final = 50
"""Of those that may look at the same time."""


@dataclass(frozen=True, slots=True)
class Line:
    """A circuit. ends: the sites at its far end, by id: several where the way up is redundant, none if unknown."""

    circuit: Circuit
    ends: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Atlas:
    """Sites and circuits that somebody may see, by id. hubs: sites that others are reached through, or that govern
    a region. version: another one where anything of this is different.
    """

    sites: tuple[Site, ...]
    lines: tuple[Line, ...]
    hubs: frozenset[str]
    version: str


def atlas_of(inventory: Inventory, may_see: Scope) -> Atlas:
    """Return what the map shows to somebody who may see this much."""
    sites = tuple(inventory.sites[key] for key in sorted(inventory.sites) if sees(inventory, may_see, key))
    seen = {site.id for site in sites}
    lines = tuple(
        Line(one, tuple(end for end in far_ends(inventory, one) if end in seen))
        for one in (inventory.circuits[key] for key in sorted(inventory.circuits))
        if one.site in seen
    )
    centres = {region.technology_centre for region in inventory.regions.values()}
    hubs = frozenset(seen & (centres | {end for line in lines for end in line.ends}))
    return Atlas(sites, lines, hubs, _version(sites, lines, hubs))


def sees(inventory: Inventory, may_see: Scope, site: str) -> bool:
    """Return whether somebody may see a site, by its id."""
    return may_see.sees_region(inventory.sites[site].region)


def far_ends(inventory: Inventory, circuit: Circuit) -> tuple[str, ...]:
    """Return the sites at the far end of a circuit, by id: where z is, or else where the way up from its site leads."""
    far = None if circuit.z is None else inventory.devices.get(circuit.z.device)
    if far is not None and far.site != circuit.site:
        return (far.site,)
    near = [end.device for end in (circuit.a, circuit.probe) if end is not None]
    devices = [inventory.devices[key] for key in near if key in inventory.devices]
    return tuple(dict.fromkeys(_upwards(inventory, circuit.site, devices[:1])))


def _upwards(inventory: Inventory, site: str, devices: Iterable[Device]) -> Iterator[str]:
    """Yield the first other sites on the way up from devices of a site."""
    waiting, known = [device.entity for device in devices], set[str]()
    while waiting and len(known) < HOPS_AT_MOST:
        entity = waiting.pop(0)
        if entity in known:
            continue
        known.add(entity)
        thing = inventory.entity(entity)
        if isinstance(thing, Site) and thing.id != site:
            yield thing.id
        elif isinstance(thing, Device) and thing.site != site:
            yield thing.site
        elif isinstance(thing, Device):
            waiting.extend(thing.upstream)


def _version(sites: Iterable[Site], lines: Iterable[Line], hubs: frozenset[str]) -> str:
    told = hashlib.sha256(" ".join(LEVELS).encode())
    for site in sites:
        told.update(f"{site.id}\0{site.name}\0{site.region}\0{point_of(site)}\0{site.id in hubs}\n".encode())
    for line in lines:
        one = line.circuit
        told.update(f"{one.id}\0{one.name}\0{one.kind}\0{one.site}\0{' '.join(line.ends)}\n".encode())
    return told.hexdigest()[:16]


def point_of(site: Site) -> tuple[float, float] | None:
    """Return latitude and longitude of a site in degrees; None where it has none."""
    if site.latitude is None or site.longitude is None:
        return None
    return round(site.latitude, DECIMALS), round(site.longitude, DECIMALS)


class Atlases:
    """Those of an inventory, each made once; another inventory begins anew."""

    def __init__(self) -> None:
        self._inventory: Inventory | None = None
        self._made: dict[frozenset[str] | None, Atlas] = {}

    def of(self, inventory: Inventory, may_see: Scope) -> Atlas:
        """Return what the map shows to somebody who may see this much."""
        if self._inventory is not inventory:
            self._inventory, self._made = inventory, {}
        made = self._made.get(may_see.regions)
        if made is None:
            if len(self._made) >= SCOPES_AT_MOST:
                self._made.clear()
            made = self._made[may_see.regions] = atlas_of(inventory, may_see)
        return made
