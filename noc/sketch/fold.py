"""Folding: what is alike is drawn as one, with its number. Pure.

Alike are things of one class and one status that hang on the same. First only those that nothing hangs on; where that
leaves too many, also those with nothing but healthy things behind them; then all, each status for itself.
"""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Mapping
from typing import Final

from noc.model.present import Word
from noc.sketch.graph import Graph, Node, ranks

NODES_AT_MOST: Final = 48
"""Where there are more, more is folded."""

UP_FROM: Final = 2
NOT_UP_FROM: Final = 4
"""So many are drawn as one; of what isn't up the names say more."""

_STRENGTHS: Final = range(4)
_KEY_AT_MOST: Final = 120


def folded(whole: Graph, keep: Collection[str] = (), at_most: int = NODES_AT_MOST) -> Graph:
    """Return a graph of which what is alike is one node. keep: keys of nodes that stay as they are."""
    depth, rings = ranks(whole.nodes, (ends for ends, edge in whole.edges.items() if edge.kind == "way"))
    ways = [ends for ends, edge in whole.edges.items() if edge.kind == "way" and ends not in rings]
    quiet = _quiet(whole, ways, depth)
    found = whole
    for strength in _STRENGTHS:
        found = _folded(whole, _mergeable(whole, ways, quiet, strength) - set(keep), ways, depth, strength)
        if len(found.nodes) <= at_most:
            break
    return found


def _quiet(whole: Graph, ways: list[tuple[str, str]], depth: Mapping[str, int]) -> set[str]:
    """Return the nodes that are up, and so is all behind them."""
    loud = {key for key, node in whole.nodes.items() if node.status != "up"}
    for upper, lower in sorted(ways, key=lambda ends: -depth[ends[1]]):
        if lower in loud:
            loud.add(upper)
    return set(whole.nodes) - loud


def _mergeable(whole: Graph, ways: list[tuple[str, str]], quiet: set[str], strength: int) -> set[str]:
    holders = {upper for upper, _ in ways}
    things = {key for key, node in whole.nodes.items() if node.kind in ("device", "site") and not node.marked}
    if strength == 0:
        return things - holders
    return things - holders | things & quiet if strength == 1 else things


def _folded(whole: Graph, may: set[str], ways: list[tuple[str, str]], depth: Mapping[str, int], strength: int) -> Graph:
    """Return the graph with classes of nodes in place of nodes, made from the top down."""
    uppers: dict[str, set[str]] = {key: set() for key in whole.nodes}
    for upper, lower in ways:
        uppers[lower].add(upper)
    names: dict[str, str] = {}
    found = Graph({}, {}, whole.hidden)
    layers: dict[int, list[str]] = {}
    for key in sorted(whole.nodes):
        layers.setdefault(depth[key], []).append(key)
    for _, layer in sorted(layers.items()):
        alike: dict[tuple[tuple[str, ...], str, Word, str], list[str]] = {}
        for key in layer:
            node, above = whole.nodes[key], tuple(sorted({names[one] for one in uppers[key]}))
            own = key if key not in may else ""
            alike.setdefault((() if strength == 3 and not own else above, node.what, node.status, own), []).append(key)
        for (above, what, status, own), keys in alike.items():
            nodes = [whole.nodes[key] for key in keys]
            if own or len(keys) < (UP_FROM if status == "up" else NOT_UP_FROM):
                found.nodes.update({node.key: node for node in nodes})
                names.update({key: key for key in keys})
            else:
                group = _group(nodes, above, what, status, depth[keys[0]])
                found.add(group)
                names.update(dict.fromkeys(keys, group.key))
    for (upper, lower), edge in whole.edges.items():
        found.join(names[upper], names[lower], edge.kind)
    return found


def _group(nodes: list[Node], above: tuple[str, ...], what: str, status: Word, depth: int) -> Node:
    members = tuple(sorted(member for node in nodes for member in (node.members or (node.key,))))
    sites = {node.site for node in nodes}
    key = f"group:{depth}:{what}:{status}:{'+'.join(above)}"
    if len(key) > _KEY_AT_MOST:
        key = f"group:{depth}:{what}:{status}:{hashlib.sha256(key.encode()).hexdigest()[:16]}"
    return Node(key, "group", what, status, what, sites.pop() if len(sites) == 1 else None, members)
