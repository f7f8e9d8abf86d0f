"""A graph to draw: nodes, the edges between them, what stands for many, and what the reader may not see. Pure."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import Final, Literal

from noc.model.present import Word

NodeKind = Literal["site", "device", "circuit", "group", "other", "hidden"]
EdgeKind = Literal["way", "neighbour"]

HIDDEN: Final = "hidden"
WORST: Final[Mapping[Word, int]] = {"down": 0, "unreachable": 1, "unknown": 2, "up": 3}
"""The order of statuses, the worst first."""


@dataclass(frozen=True, slots=True)
class Node:
    """What is drawn as one. key: its entity; of a group `group:…`, the same as long as it stands at the same place.

    what: class of a device or site, kind of a circuit. site: id of the site where it stands. members: entities that a
    group stands for. marked: what the view is about, or the root of an incident.
    """

    key: str
    kind: NodeKind
    name: str
    status: Word = "unknown"
    what: str = ""
    site: str | None = None
    members: tuple[str, ...] = ()
    is_centre: bool = False
    marked: bool = False

    @property
    def count(self) -> int:
        """Return how many things it stands for."""
        return len(self.members) or 1


@dataclass(frozen=True, slots=True)
class Edge:
    """A line between two nodes. upper: nearer to the data centres. kind: what hangs on what, or as devices tell."""

    upper: str
    lower: str
    kind: EdgeKind = "way"
    status: Word = "unknown"


@dataclass(slots=True)
class Graph:
    """Nodes by key, and edges by their ends. hidden: things that belong to the view and are not drawn."""

    nodes: dict[str, Node] = field(default_factory=dict)
    edges: dict[tuple[str, str], Edge] = field(default_factory=dict)
    hidden: int = 0

    def add(self, node: Node) -> None:
        """Take a node, if it is new."""
        self.nodes.setdefault(node.key, node)

    def join(self, upper: str, lower: str, kind: EdgeKind = "way") -> None:
        """Take an edge between nodes that are there, once, in whatever direction it is told again."""
        if upper != lower and (lower, upper) not in self.edges:
            self.edges.setdefault((upper, lower), Edge(upper, lower, kind))

    def mark(self, key: str) -> None:
        """Mark what the view is about."""
        if key in self.nodes:
            self.nodes[key] = replace(self.nodes[key], marked=True)

    def settled(self) -> Graph:
        """Return the same with the health of each edge, worked out from its ends."""
        edges = {}
        for ends, edge in self.edges.items():
            if edge.upper in self.nodes and edge.lower in self.nodes:
                edges[ends] = replace(edge, status=health(self.nodes[edge.upper], self.nodes[edge.lower]))
        return Graph(self.nodes, edges, self.hidden)

    def veiled(self, sees: Callable[[str], bool]) -> Graph:
        """Return what somebody may see: all else becomes one node without a name. sees: told an entity."""
        names = {key: key if self._is_seen(node, sees) else HIDDEN for key, node in self.nodes.items()}
        if HIDDEN not in names.values():
            return self
        nodes = {key: node for key, node in self.nodes.items() if names[key] == key}
        nodes[HIDDEN] = Node(HIDDEN, "hidden", "", is_centre=True)
        found = Graph(nodes, {}, self.hidden)
        for edge in self.edges.values():
            found.join(names[edge.upper], names[edge.lower], edge.kind)
        return found

    def _is_seen(self, node: Node, sees: Callable[[str], bool]) -> bool:
        return all(map(sees, node.members or (node.key,)))


def health(upper: Node, lower: Node) -> Word:
    """Return how a line between two nodes is: as the worse end; a circuit that nobody judges says nothing of it."""
    both = [one for one in (upper, lower) if one.kind != "hidden" and (one.kind, one.status) != ("circuit", "unknown")]
    return min((one.status for one in both or (upper, lower)), key=WORST.__getitem__)


def ranks(keys: Iterable[str], edges: Iterable[tuple[str, str]]) -> tuple[dict[str, int], set[tuple[str, str]]]:
    """Return how deep each node lies below the top, by its longest way; and the edges that close a ring, left out."""
    uppers: dict[str, list[str]] = {key: [] for key in sorted(keys)}
    for upper, lower in sorted(edges):
        uppers[lower].append(upper)
    found, open_, rings = dict[str, int](), set[str](), set[tuple[str, str]]()
    for key in list(uppers):
        stack = [(key, iter(uppers[key]))] if key not in found else []
        open_.update(one for one, _ in stack)
        while stack:
            here, left = stack[-1]
            ahead = next((one for one in left if one not in found), None)
            if ahead is None:
                above = [found[one] for one in uppers[here] if one in found and (one, here) not in rings]
                found[here] = max(above, default=-1) + 1
                open_.discard(here)
                stack.pop()
            elif ahead in open_:
                rings.add((ahead, here))
            else:
                open_.add(ahead)
                stack.append((ahead, iter(uppers[ahead])))
    return found, rings
