"""Topology: what is drawn of a site, a device, a path, an incident or the whole network, and where."""

from __future__ import annotations

from typing import Final

from aiohttp import web
from pydantic import Field

from noc.api import _named as named
from noc.api import _query as query
from noc.api._endpoint import Endpoint, Parameter
from noc.api._shapes import Moment, Shape
from noc.http.problems import bad_request
from noc.http.scope import scope
from noc.http.sketches import Sketch, View, drawn
from noc.http.sources import Sources
from noc.model.present import Word
from noc.sketch.graph import EdgeKind, Node, NodeKind
from noc.sketch.measured import Measured

MEMBERS_AT_MOST: Final = 100

PARAMETERS: Final = (
    Parameter("site", "The id of a site: its devices, and its ways to the data centres."),
    Parameter("device", "The id of a device: its ways to the data centres, and what hangs on it."),
    Parameter("incident", "The number of an incident: its root, its symptoms.", {"type": "integer", "minimum": 1}),
    Parameter("from", "One end of a path, `site/…` or `device/…`; with `to`."),
    Parameter("to", "The other end."),
)


class MeasuredItem(Shape):
    """What was measured last on a circuit."""

    by: str
    """probe: of a device."""
    device: str
    name: str
    """Its tag or number."""
    time: Moment
    loss_pct: float | None
    rtt_ms: float | None
    jitter_ms: float | None


class NodeItem(Shape):
    """What is drawn as one: a thing, or a group of things that are alike."""

    id: str
    kind: NodeKind
    """hidden: what lies outside of the regions of the caller."""
    entity: str | None
    name: str
    node_class: str = Field(alias="class")
    site: str | None
    status: Word
    count: int
    """How many things it stands for."""
    members: list[str]
    """Of a group: their entities, the first hundred."""
    layer: int
    """From the top."""
    x: int
    """Pixels from the left to its middle."""
    y: int
    pinned: bool
    """Somebody put it there."""
    marked: bool
    """The view is about it."""
    measured: MeasuredItem | None


class EdgeItem(Shape):
    """A line between two nodes."""

    upper: str
    lower: str
    kind: EdgeKind
    """way: the lower one hangs on the upper one. neighbour: they name each other."""
    status: Word


class TopologyItem(Shape):
    """A drawing. The same question gives the same places while nothing changes."""

    view: str
    width: int
    height: int
    layers: list[list[str]]
    """Ids of the nodes of each layer, from the top, and from the left."""
    nodes: list[NodeItem]
    edges: list[EdgeItem]
    left_out: int
    """How many things belong to it and are not drawn."""
    trouble: str
    """Why nothing measured is shown; empty where it could be read."""


def endpoints(sources: Sources) -> list[Endpoint]:
    """Return the endpoint of the topology."""

    async def one(request: web.Request) -> TopologyItem:
        return _item(await drawn(sources, scope(request), _asked(sources, request)))

    said = "What hangs on what, folded and laid out for a drawing; without a parameter all sites."
    return [Endpoint("GET", "/topology", said, one, TopologyItem, PARAMETERS)]


def _asked(sources: Sources, request: web.Request) -> View:
    inventory, seen = sources.inventory(), scope(request)
    given = [name for name in ("site", "device", "incident", "from") if query.text(request, name) is not None]
    if len(given) > 1:
        raise bad_request(f"/query/{given[1]}", f"can't be asked for together with {given[0]}")
    if ("from" in given) != (query.text(request, "to") is not None):
        raise bad_request("/query/to", "a path has two ends: give from and to")
    if "site" in given:
        return View("site", (f"site/{named.site(request, inventory, seen)}",))
    if "device" in given:
        key = named.one_named(request, "device", "device", named.devices(inventory, seen))
        return View("device", (f"device/{key}",))
    if "incident" in given:
        number = query.text(request, "incident") or ""
        if not (number.isascii() and number.isdigit() and 0 < len(number) < 16):
            raise bad_request("/query/incident", "must be the number of an incident")
        return View("incident", number=int(number))
    if "from" in given:
        return View("path", tuple(_end(request, name, sources) for name in ("from", "to")))
    return View()


def _end(request: web.Request, name: str, sources: Sources) -> str:
    given = query.text(request, name) or ""
    inventory, seen = sources.inventory(), scope(request)
    kind, _, key = given.partition("/")
    if kind not in ("site", "device"):
        raise bad_request(f"/query/{name}", "must be site/ID or device/ID")
    known = named.sites(inventory, seen) if kind == "site" else named.devices(inventory, seen)
    if key not in known:
        raise named.names_nothing(name, kind, key, known)
    return given


def _item(sketch: Sketch) -> TopologyItem:
    places = sketch.layout.places
    keys = sorted(sketch.graph.nodes, key=lambda key: (places[key].layer, places[key].y, places[key].x, key))
    return TopologyItem(
        view=sketch.view.key,
        width=sketch.layout.width,
        height=sketch.layout.height,
        layers=[[key for key in keys if places[key].layer == layer] for layer in range(sketch.layout.layers)],
        nodes=[_node(sketch, sketch.graph.nodes[key]) for key in keys],
        edges=[
            EdgeItem(upper=edge.upper, lower=edge.lower, kind=edge.kind, status=edge.status)
            for _, edge in sorted(sketch.graph.edges.items())
        ],
        left_out=sketch.graph.hidden,
        trouble=sketch.trouble,
    )


def _node(sketch: Sketch, node: Node) -> NodeItem:
    place, known = sketch.layout.places[node.key], sketch.measured.get(node.key)
    return NodeItem.model_validate(
        {
            "id": node.key,
            "kind": node.kind,
            "entity": None if node.kind in ("group", "hidden") else node.key,
            "name": node.name,
            "class": node.what,
            "site": node.site,
            "status": node.status,
            "count": node.count,
            "members": list(node.members[:MEMBERS_AT_MOST]),
            "layer": place.layer,
            "x": place.x,
            "y": place.y,
            "pinned": place.pinned,
            "marked": node.marked,
            "measured": None if known is None else _measured(known),
        }
    )


def _measured(known: Measured) -> MeasuredItem:
    return MeasuredItem(
        by=known.by,
        device=known.device,
        name=known.name,
        time=known.time_ms,
        loss_pct=known.loss_pct,
        rtt_ms=known.rtt_ms,
        jitter_ms=known.jitter_ms,
    )
