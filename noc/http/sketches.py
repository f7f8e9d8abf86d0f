"""Drawings of the topology for pages and API: what a view holds, where it stands, what was measured on its lines."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import timedelta
from typing import Final, Literal

from noc.http.problems import not_found
from noc.http.scope import Scope
from noc.http.sources import Sources
from noc.model.errors import StoreError, UsageError
from noc.model.instants import MILLISECOND
from noc.model.present import Word
from noc.model.series import Latest, LatestQuery
from noc.sketch import views
from noc.sketch.graph import Graph
from noc.sketch.layout import Layout, layout
from noc.sketch.measured import MEASUREMENTS, Measured, measured, of_circuits
from noc.sketch.ways import Ways
from noc.state import casefile, incidents, pins
from noc.state.pins import Pin
from noc.topology import Topology

log = logging.getLogger(__name__)

SPAN: Final = timedelta(minutes=30)
"""Older numbers are not shown."""

SITES_ASKED: Final = 4
"""So many sites' numbers are read for a view."""

Kind = Literal["network", "site", "device", "path", "incident"]


@dataclass(frozen=True, slots=True)
class View:
    """What is to be drawn. ends: entities; of a path two. number: of an incident."""

    kind: Kind = "network"
    ends: tuple[str, ...] = ()
    number: int | None = None

    @property
    def key(self) -> str:
        """Return the name under which its pins are kept."""
        return ":".join((self.kind, *(self.ends if self.number is None else (str(self.number),))))

    @property
    def query(self) -> dict[str, str]:
        """Return what stands in an address for it."""
        if self.kind == "incident":
            return {"incident": str(self.number)}
        if self.kind == "path":
            return {"from": self.ends[0], "to": self.ends[1]}
        return {self.kind: self.ends[0].partition("/")[2]} if self.ends else {}


@dataclass(frozen=True, slots=True)
class Sketch:
    """A drawing. graph: what the caller may see. measured: by circuit. trouble: why numbers can't be read, or empty."""

    view: View
    graph: Graph
    layout: Layout
    measured: Mapping[str, Measured] = field(default_factory=dict)
    trouble: str = ""


def ways_of(sources: Sources) -> Ways:
    """Return the ways of the network now."""
    return Ways(sources.topology() if sources.topology is not None else Topology(sources.inventory()))


def status_of(sources: Sources) -> Callable[[str], Word]:
    """Return what gives the status of an entity."""
    return lambda entity: sources.present.status(entity).status


async def drawn(sources: Sources, seen: Scope, view: View, *, with_numbers: bool = True) -> Sketch:
    """Return the drawing of a view. Raises ProblemError (404) where there is nothing of it that the caller may see."""
    inventory = sources.inventory()
    for end in view.ends:
        if inventory.entity(end) is None or not seen.sees(inventory, end):
            raise not_found(end[:100])
    ways, status = ways_of(sources), status_of(sources)
    if view.kind == "incident":
        graph = await _of_incident(sources, seen, view, ways)
    elif view.kind == "path":
        graph = views.path(ways, status, view.ends)
    elif view.kind == "network":
        graph = await asyncio.to_thread(views.network, ways, status)
    else:
        graph = (views.site if view.kind == "site" else views.device)(ways, status, view.ends[0])
    graph = graph.veiled(lambda entity: seen.sees(inventory, entity)).settled()
    async with sources.database.read() as connection:
        pinned = {one.node: (one.x, one.y) for one in await pins.of(connection, view.key)}
    made = Sketch(view, graph, layout(graph, pinned))
    return await numbered(sources, made) if with_numbers else made


async def numbered(sources: Sources, sketch: Sketch) -> Sketch:
    """Return a drawing with what was measured last on its circuits."""
    circuits = [key for key, node in sketch.graph.nodes.items() if node.kind == "circuit"]
    sites = sorted({str(sketch.graph.nodes[key].site) for key in circuits})[:SITES_ASKED]
    known: list[Measured] = []
    try:
        for site in sites:
            known += measured(await latest_of(sources, site))
    except (StoreError, UsageError) as error:
        log.warning("%s: its numbers can't be shown: %s", sketch.view.key, error)
        return replace(sketch, trouble=str(error))
    return replace(sketch, measured=of_circuits(sources.inventory(), circuits, known))


async def latest_of(sources: Sources, site: str) -> tuple[Latest, ...]:
    """Return the newest numbers of probes and pings of a site. Raises StoreError, UsageError."""
    now = sources.clock.now()
    return await sources.series.latest(LatestQuery({"site": site}, now - SPAN, now + MILLISECOND, MEASUREMENTS))


async def pin(sources: Sources, view: View, put: Pin) -> None:
    """Put a node somewhere in a view. Raises ConflictError, StateError."""
    await sources.desk.do(None, lambda connection, now_ms: pins.put(connection, view.key, put, now_ms))


async def release(sources: Sources, view: View, node: str | None = None) -> int:
    """Let a node, or all of a view, go where the layout has them. Raises StateError."""
    return await sources.desk.do(None, lambda connection, _: pins.release(connection, view.key, node))


async def _of_incident(sources: Sources, seen: Scope, view: View, ways: Ways) -> Graph:
    number = view.number or 0
    async with sources.database.read() as connection:
        found = await incidents.get(connection, number)
        if found is None or not seen.sees(ways.inventory, found.entity):
            raise not_found(f"incident {number}")
        listed = await casefile.symptoms_of(connection, number)
        total, standing = await casefile.count_symptoms(connection, number)
    over = found.resolved_ms is not None
    symptoms = [one.entity for one in listed if over or one.left_ms is None]
    more = max(0, (total if over else standing) - len(symptoms))
    return views.incident(ways, status_of(sources), found.entity, dict.fromkeys(symptoms), more)
