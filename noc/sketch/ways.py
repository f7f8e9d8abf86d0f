"""Ways: how a site is joined to the data centres, over which circuits and which other sites. Pure.

A circuit says where it ends (`a`, `z`); the rest is what `upstream` says. Where a site has several ways out, a
satellite circuit is taken to run over its satellite terminals, and another not.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import Final

from noc.inventory.entities import Circuit, Device
from noc.topology import Topology

SATELLITE: Final = frozenset(("satellite-modem", "earth-station"))
STEPS_AT_MOST: Final = 8
PATHS_AT_MOST: Final = 6


@dataclass(frozen=True, slots=True)
class Way:
    """A way out of a site. inside: its devices from which it leaves. far: where it leads, devices and sites."""

    inside: tuple[str, ...]
    circuit: Circuit | None
    far: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Path:
    """One way from a site to a data centre. steps: circuits, far devices and sites, the nearest to the site first."""

    site: str
    centre: str
    steps: tuple[str, ...]


class Ways:
    """Answers for one topology."""

    def __init__(self, topology: Topology) -> None:
        self.topology = topology
        self.inventory = topology.inventory
        self._out: dict[str, tuple[Way, ...]] = {}

    @cached_property
    def centres(self) -> frozenset[str]:
        """Return the sites that services are served from, `site/brindisi`: by their places, else by their formulas."""
        services = self.inventory.services.values()
        places = {f"site/{site}" for service in services for site in service.places if site in self.inventory.sites}
        if places:
            return frozenset(places)
        named = (one for service in services for _, formula in service.formulas() for _, one in formula.entities())
        return frozenset(one for one in named if one.startswith("site/"))

    def out_of(self, site: str) -> tuple[Way, ...]:
        """Return the ways out of a site, `site/juba`."""
        found = self._out.get(site)
        if found is None:
            found = self._out[site] = tuple(self._ways(site))
        return found

    def beside(self, site: str) -> dict[str, tuple[str, ...]]:
        """Return the devices of a site that hang on something outside, and not on the way of its edge: other modems."""
        taken = {one for way in self.out_of(site) for one in way.inside}
        found = {}
        for device in self.inventory.devices_of(site.partition("/")[2]):
            far = tuple(one for one in device.upstream if self.topology.site_of(one) not in (None, site))
            if far and device.entity not in taken:
                found[device.entity] = far
        return found

    def paths(self, site: str, centre: str) -> list[Path]:
        """Return the ways from a site to a data centre, the shortest first, six at most."""
        found: list[Path] = []
        ahead: list[tuple[str, tuple[str, ...]]] = [(site, ())]
        while ahead and len(found) < PATHS_AT_MOST:
            here, steps = ahead.pop(0)
            for way in self.out_of(here):
                for far in way.far:
                    stop = far if far.startswith("site/") else self.topology.site_of(far)
                    if stop is None or stop == site or stop in steps:
                        continue
                    taken = (way.circuit.entity,) if way.circuit is not None else ()
                    through = (*steps, *taken, *((far,) if far != stop else ()))
                    if stop == centre:
                        found.append(Path(site, centre, through))
                    elif stop not in self.centres and len(through) < STEPS_AT_MOST:
                        ahead.append((stop, (*through, stop)))
        return found[:PATHS_AT_MOST]

    def _ways(self, site: str) -> Iterator[Way]:
        key = site.partition("/")[2]
        exits = self._exits(site)
        taken: set[str] = set()
        for circuit in sorted(self.inventory.circuits_of(key), key=lambda one: one.id):
            inside = self._inside(circuit, exits)
            far = self._far_end(circuit, site) or tuple(dict.fromkeys(one for own in inside for one in exits[own]))
            taken.update(inside)
            ends = inside or ((f"device/{circuit.a.device}",) if circuit.a is not None else ())
            yield Way(ends, circuit, far)
        for own, far in exits.items():
            if own not in taken:
                yield Way((own,), None, far)

    def _exits(self, site: str) -> dict[str, tuple[str, ...]]:
        """Return the devices of a site that hang on something outside, with that; found from its edge on."""
        devices = self.inventory.devices
        start = list(self.topology.edges(site)) or [
            one.entity for one in self.inventory.devices_of(site.partition("/")[2])
        ]
        found: dict[str, tuple[str, ...]] = {}
        seen, left = set(start), start
        while left:
            device = devices[left.pop(0).partition("/")[2]]
            inside = [one for one in device.upstream if self.topology.site_of(one) == site]
            outside = tuple(one for one in device.upstream if self.topology.site_of(one) not in (None, site))
            if outside:
                found[device.entity] = outside
            left += [one for one in inside if one.startswith("device/") and one not in seen]
            seen.update(inside)
        return found

    def _inside(self, circuit: Circuit, exits: dict[str, tuple[str, ...]]) -> tuple[str, ...]:
        over_satellite = circuit.kind == "satellite"
        fitting = [one for one in exits if (self._device(one).device_class in SATELLITE) == over_satellite]
        own = f"device/{circuit.a.device}" if circuit.a is not None else ""
        if own in exits and (own in fitting or not fitting):
            return (own,)
        return tuple(fitting or exits)

    def _far_end(self, circuit: Circuit, site: str) -> tuple[str, ...]:
        if circuit.z is None:
            return ()
        far = self.topology.site_of(f"device/{circuit.z.device}")
        return () if far in (None, site) else (str(far),)

    def _device(self, entity: str) -> Device:
        return self.inventory.devices[entity.partition("/")[2]]
