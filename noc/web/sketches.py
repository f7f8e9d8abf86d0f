"""Drawings of the topology as templates get them: lines as paths, nodes with their texts and addresses. Pure."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from itertools import pairwise
from typing import Final
from urllib.parse import quote, urlencode

from markupsafe import Markup

from noc.http.sketches import Sketch
from noc.i18n.marking import say
from noc.inventory.inventory import Inventory
from noc.sketch.graph import HIDDEN, WORST, Edge, Graph, Node
from noc.sketch.layout import HEIGHT, WIDTH, Layout, Placed
from noc.sketch.measured import Measured
from noc.web.places import Place, place_of, url_of

NAME_AT_MOST: Final = 24
"""Characters of a name that have room in a drawing; the whole of it stands in its tooltip and in the table."""

PORT_Y: Final = HEIGHT // 2

PLURALS: Final[Mapping[str, str]] = {
    "switch": say("Switches"),
    "router": say("Routers"),
    "firewall": say("Firewalls"),
    "satellite-modem": say("Satellite modems"),
    "earth-station": say("Earth stations"),
    "microwave": say("Microwaves"),
    "radio": say("Radios"),
    "server": say("Servers"),
    "storage": say("Storages"),
    "tape-library": say("Tape libraries"),
    "ups": say("UPSs"),
    "pabx": say("PABXs"),
    "video": say("Video terminals"),
    "digital-terminal": say("Digital terminals"),
    "other": say("Other devices"),
}
"""What groups of devices are called, by class."""


@dataclass(frozen=True, slots=True)
class Box:
    """A node. x, y: of its top left. url: of its page, None where it has none. above: what it hangs on.

    drawn: the address of the drawing of it, None where that would be this one. is_new: nobody has measured it yet, so
    that it is quiet: its status is unknown, and no problem.
    """

    node: Node
    place: Placed
    where: Place
    url: str | None
    drawn: str | None
    measured: Measured | None
    above: tuple[tuple[Edge, Node], ...]
    is_new: bool = False

    @property
    def x(self) -> int:
        """Return its left side."""
        return self.place.x - WIDTH // 2

    @property
    def y(self) -> int:
        """Return its upper side."""
        return self.place.y - HEIGHT // 2

    @property
    def id(self) -> str:
        """Return an id for the page."""
        return f"node-{quote(self.node.key, safe='')}"


@dataclass(frozen=True, slots=True)
class Line:
    """An edge as a path of SVG. is_new: all that is unknown of it is what nobody has measured yet."""

    edge: Edge
    path: str
    is_new: bool = False


@dataclass(frozen=True, slots=True)
class Drawing:
    """What a template draws. boxes: from the top; of a layer from the left. not_up: how many things are not."""

    sketch: Sketch
    boxes: tuple[Box, ...]
    lines: tuple[Line, ...]
    not_up: int

    @property
    def address(self) -> str:
        """Return the address of the page of it."""
        return address(self.sketch.view.query)

    @property
    def pinned(self) -> int:
        """Return how many things people put somewhere."""
        return sum(box.place.pinned for box in self.boxes)

    @property
    def hidden(self) -> int:
        """Return how many things belong to it and are not drawn."""
        return self.sketch.graph.hidden

    def place(self, node: Node) -> Place:
        """Return where a node is, which has its name."""
        return next(box.where for box in self.boxes if box.node.key == node.key)

    def plural(self, node: Node) -> str:
        """Return what a group of devices is called, a text of the catalogues."""
        return PLURALS.get(node.what, PLURALS["other"])

    def is_new(self, edge: Edge) -> bool:
        """Return whether all that is unknown of a line is what nobody has measured yet."""
        return any(line.is_new and line.edge == edge for line in self.lines)

    def short(self, name: str, at_most: int = NAME_AT_MOST) -> str:
        """Return a name that has room in a drawing. name: also one that is escaped. at_most: characters."""
        return short(name.unescape() if isinstance(name, Markup) else name, at_most)


def address(query: Mapping[str, str]) -> str:
    """Return the address of the page of a view."""
    return f"/topology?{urlencode(query, safe='/')}" if query else "/topology"


def drawing_of(
    sketch: Sketch, inventory: Inventory, sees: Callable[[str], bool], is_new: Callable[[str], bool]
) -> Drawing:
    """Return what a template draws. sees: whether the reader may open the page of an entity. is_new: never measured."""
    graph, made = sketch.graph, sketch.layout
    new = {key for key, node in graph.nodes.items() if node.kind != "hidden" and _is_new(node, is_new)}
    above: dict[str, list[tuple[Edge, Node]]] = {}
    for edge in graph.edges.values():
        if edge.kind == "way":
            above.setdefault(edge.lower, []).append((edge, graph.nodes[edge.upper]))
    order = sorted(graph.nodes, key=lambda key: (made.places[key].layer, made.places[key].y, made.places[key].x, key))
    boxes = []
    for key in order:
        node = graph.nodes[key]
        where = place_of(inventory, key)
        drawn = _drawn(node, sketch)
        uppers = sorted(above.get(key, ()), key=lambda pair: (WORST[pair[0].status], pair[1].name))
        url = _url(node, where) if sees(key) or node.members else None
        measured = sketch.measured.get(key)
        boxes.append(Box(node, made.places[key], where, url, drawn, measured, tuple(uppers), key in new))
    # What is wrong is drawn last, over the rest.
    edges = sorted(graph.edges.values(), key=lambda one: (-WORST[one.status], one.upper, one.lower))
    lines = tuple(Line(edge, path_of(edge, made), _is_quiet(edge, graph, new)) for edge in edges)
    loud = [one for key, one in graph.nodes.items() if one.status != "up" and one.kind != "hidden" and key not in new]
    not_up = sum(node.count for node in loud)
    return Drawing(sketch, tuple(boxes), lines, not_up)


def _is_new(node: Node, is_new: Callable[[str], bool]) -> bool:
    return node.status == "unknown" and all(map(is_new, node.members or (node.key,)))


def _is_quiet(edge: Edge, graph: Graph, new: Collection[str]) -> bool:
    unknown = [key for key in (edge.upper, edge.lower) if graph.nodes[key].status == "unknown" and key != HIDDEN]
    return edge.status == "unknown" and bool(unknown) and all(key in new for key in unknown)


def path_of(edge: Edge, made: Layout) -> str:
    """Return an edge as a path: from the lower side of the upper node to the upper side of the lower one."""
    upper, lower = made.places[edge.upper], made.places[edge.lower]
    if upper.y > lower.y:
        upper, lower = lower, upper
    if upper.y == lower.y:
        deep = upper.y + HEIGHT // 2 + 24
        return f"M{upper.x} {upper.y + PORT_Y}C{upper.x} {deep} {lower.x} {deep} {lower.x} {lower.y + PORT_Y}"
    bends = () if upper.pinned or lower.pinned else made.bends.get((edge.upper, edge.lower), ())
    points = [(upper.x, upper.y + PORT_Y), *bends, (lower.x, lower.y - PORT_Y)]
    path = f"M{points[0][0]} {points[0][1]}"
    for (x, y), (to_x, to_y) in pairwise(points):
        middle = (y + to_y) // 2
        path += f"C{x} {middle} {to_x} {middle} {to_x} {to_y}"
    return path


def _url(node: Node, where: Place) -> str | None:
    if node.kind == "group":
        if node.site is not None:
            return f"{url_of('site', node.site)}?status={node.status}"
        return f"/sites?status={node.status}"
    return where.url


def _drawn(node: Node, sketch: Sketch) -> str | None:
    if node.kind not in ("site", "device"):
        return None
    found = address({node.kind: node.key.partition("/")[2]})
    return None if found == address(sketch.view.query) else found


def short(name: str, at_most: int = NAME_AT_MOST) -> str:
    """Return a name that has room in a drawing."""
    return name if len(name) <= at_most else f"{name[: at_most - 1].rstrip()}…"
