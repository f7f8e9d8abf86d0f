"""Puts things into a graph: a site's devices, and its ways up to the data centres. Pure.

status: gives the status of an entity now.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Final

from noc.inventory.entities import Circuit, Device, Site
from noc.model.part import owner_of
from noc.model.present import Word
from noc.sketch.graph import Graph, Node
from noc.sketch.ways import Ways

HOPS_AT_MOST: Final = 6


class Draft:
    """A graph in the making."""

    def __init__(self, ways: Ways, status: Callable[[str], Word]) -> None:
        self.ways = ways
        self.inventory = ways.inventory
        self.graph = Graph()
        self._status = status

    def node(self, entity: str) -> str:
        """Put an entity in, and return its key: of a part of a device its device's."""
        key = owner_of(entity) or entity
        if key in self.graph.nodes:
            return key
        thing, name = self.inventory.entity(key), key.partition("/")[2]
        status = self._status(key)
        if isinstance(thing, Device):
            self.graph.add(Node(key, "device", thing.name, status, thing.device_class, thing.site))
        elif isinstance(thing, Site):
            is_centre = key in self.ways.centres
            self.graph.add(Node(key, "site", thing.name, status, thing.site_class, thing.id, is_centre=is_centre))
        elif isinstance(thing, Circuit):
            self.graph.add(Node(key, "circuit", thing.name, status, thing.kind, thing.site))
        else:
            self.graph.add(Node(key, "other", getattr(thing, "name", name), status, key.partition("/")[0]))
        return key

    def inside(self, site: str) -> None:
        """Put all devices of a site in, with what they hang on there, and what else they say is beside them."""
        topology = self.ways.topology
        devices = self.inventory.devices_of(site.partition("/")[2])
        for device in devices:
            self.node(device.entity)
        for device in devices:
            for upper in self.above(device.entity):
                if upper in self.graph.nodes:
                    self.graph.join(upper, device.entity)
        for one, others in topology.neighbours(site).items():
            for other in sorted(others):
                if f"device/{one}" in self.graph.nodes and f"device/{other}" in self.graph.nodes:
                    self.graph.join(f"device/{one}", f"device/{other}", "neighbour")

    def above(self, device: str) -> list[str]:
        """Return the devices of the same site that a device hangs on."""
        topology, site = self.ways.topology, self.ways.topology.site_of(device)
        found = dict.fromkeys(one for group in topology.parents(device) for one in group if one.startswith("device/"))
        return [one for one in found if topology.site_of(one) == site]

    def below(self, device: str) -> list[str]:
        """Return the devices of the same site that hang on a device directly."""
        site = self.ways.topology.site_of(device) or ""
        others = self.inventory.devices_of(site.partition("/")[2])
        return [one.entity for one in others if device in self.above(one.entity)]

    def up(self, site: str, bottom: str | None = None, only: Iterable[str] = ()) -> None:
        """Put the ways of a site to the data centres in. bottom: draws the site as this one; default: its devices.

        only: devices of the site whose ways are wanted; none means all.
        """
        ahead, seen, wanted = [(site, bottom, 0)], {site}, set(only)
        for lower, fars in (self.ways.beside(site) if bottom is None else {}).items():
            for far in fars if not wanted or lower in wanted else ():
                self._far(far, [self.node(lower)], site)
        while ahead:
            here, drawn_as, hop = ahead.pop(0)
            for way in self.ways.out_of(here):
                lowers = [drawn_as] if drawn_as else [one for one in way.inside if not wanted or one in wanted]
                lowers = [self.node(one) for one in lowers]
                if lowers and way.circuit is not None:
                    key = self.node(way.circuit.entity)
                    for lower in lowers:
                        self.graph.join(key, lower)
                    lowers = [key]
                for far in way.far if lowers else ():
                    stop = self._far(far, lowers, site)
                    if stop is not None and stop not in seen and stop not in self.ways.centres and hop < HOPS_AT_MOST:
                        seen.add(stop)
                        ahead.append((stop, stop, hop + 1))

    def _far(self, far: str, lowers: Iterable[str], own: str) -> str | None:
        """Put the far end of a way in; return the site that it stands at."""
        stop = far if far.startswith("site/") else self.ways.topology.site_of(far)
        if stop is None or stop == own:
            return None
        key = self.node(far)
        if key != stop:
            self.graph.join(self.node(stop), key)
        for lower in lowers:
            self.graph.join(key, lower)
        return stop
