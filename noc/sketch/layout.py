"""The layout: layers from the data centres down, few crossings, no overlaps, the same for the same graph. Pure.

Layers by the longest way from the top; within a layer nodes are ordered by the mean place of their neighbours
(Sugiyama, Tagawa, Toda 1981), several times up and down, and the order with the fewest crossings is taken. Places along
a layer are those nearest to the neighbours that leave no node over another: isotonic regression by pooling neighbours.
"""

from __future__ import annotations

from bisect import bisect_right, insort
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Final

from noc.sketch.graph import Edge, Graph, ranks

WIDTH: Final = 212
HEIGHT: Final = 54
GAP_X: Final = 28
GAP_Y: Final = 62
ROW_GAP: Final = 20
MARGIN: Final = 16
IN_A_ROW: Final = 9
"""A layer of more nodes has several rows."""

SWEEPS: Final = 6
PULLS: Final = 24
"""So often orders are tried, and places drawn to their neighbours."""
_BEND: Final = 40
"""How wide a place is that a line keeps free where it passes a layer."""

Point = tuple[int, int]


@dataclass(frozen=True, slots=True)
class Placed:
    """A node's middle, in pixels from the top left, and its layer from the top. pinned: people put it there."""

    x: int
    y: int
    layer: int
    pinned: bool = False


@dataclass(frozen=True, slots=True)
class Layout:
    """Where everything is. bends: of edges that pass other layers, points between the ends, from the upper one."""

    width: int
    height: int
    places: Mapping[str, Placed]
    bends: Mapping[tuple[str, str], tuple[Point, ...]]
    layers: int


def layout(graph: Graph, pins: Mapping[str, Point] | None = None) -> Layout:
    """Return where each node of a graph is drawn. pins: middles of nodes that people put somewhere."""
    depth, rings = _layers(graph)
    rows = [sorted(key for key in depth if depth[key] == layer) for layer in range(max(depth.values(), default=-1) + 1)]
    chains = _chains(graph.edges.values(), depth, rings)
    for chain in chains.values():
        for one in chain[1:-1]:
            rows[int(one[1:].partition(":")[0])].append(one)
    links = [pair for chain in chains.values() for pair in pairwise(chain)]
    rows = _ordered(rows, links)
    lines = [(number, line) for number, row in enumerate(rows) for line in _lines(row)]
    xs = _along([line for _, line in lines], links)
    ys = _down([number for number, _ in lines])
    points = {one: (xs[one], y) for y, (_, line) in zip(ys, lines, strict=True) for one in line}
    places = {key: Placed(*points[key], depth[key]) for key in graph.nodes}
    for key, (x, y) in (pins or {}).items():
        if key in places:
            places[key] = Placed(max(WIDTH // 2, x), max(HEIGHT // 2, y), depth[key], pinned=True)
    bends = {ends: tuple(points[one] for one in chain[1:-1]) for ends, chain in chains.items()}
    width = max((place.x for place in places.values()), default=0) + WIDTH // 2 + MARGIN
    height = max((place.y for place in places.values()), default=0) + HEIGHT // 2 + MARGIN
    return Layout(width, height, places, bends, len(rows))


def _layers(graph: Graph) -> tuple[dict[str, int], set[tuple[str, str]]]:
    """Return the layer of each node; what hangs on nothing and is no centre stands just above what it carries."""
    ways = [ends for ends, edge in graph.edges.items() if edge.kind == "way"]
    depth, rings = ranks(graph.nodes, ways)
    lowers: dict[str, list[str]] = {}
    for upper, lower in ways:
        if (upper, lower) not in rings:
            lowers.setdefault(upper, []).append(lower)
    has_upper = {lower for upper, lower in ways if (upper, lower) not in rings}
    for key, node in graph.nodes.items():
        if key not in has_upper and not node.is_centre and key in lowers:
            depth[key] = min(depth[one] for one in lowers[key]) - 1
    used = {layer: number for number, layer in enumerate(sorted(set(depth.values())))}
    return {key: used[layer] for key, layer in depth.items()}, rings


def _chains(
    edges: Iterable[Edge], depth: Mapping[str, int], rings: set[tuple[str, str]]
) -> dict[tuple[str, str], list[str]]:
    """Return each edge as the nodes that it passes, downwards, with one `~layer:…` for each layer between its ends."""
    found = {}
    for edge in sorted(edges, key=lambda one: (one.upper, one.lower)):
        ends = (edge.upper, edge.lower)
        first, last = depth[edge.upper], depth[edge.lower]
        if first >= last or ends in rings:
            found[ends] = [] if first == last or ends in rings else [edge.lower, edge.upper]
            continue
        between = [f"~{layer}:{edge.upper}>{edge.lower}" for layer in range(first + 1, last)]
        found[ends] = [edge.upper, *between, edge.lower]
    return found


def _ordered(rows: list[list[str]], links: Sequence[tuple[str, str]]) -> list[list[str]]:
    """Return the rows with few crossings."""
    above: dict[str, list[str]] = {}
    below: dict[str, list[str]] = {}
    for upper, lower in links:
        above.setdefault(lower, []).append(upper)
        below.setdefault(upper, []).append(lower)
    best, fewest = rows, _crossings(rows, below)
    for sweep in range(SWEEPS):
        neighbours = above if sweep % 2 == 0 else below
        order = range(1, len(rows)) if sweep % 2 == 0 else range(len(rows) - 2, -1, -1)
        rows = [list(row) for row in rows]
        at = {one: index for row in rows for index, one in enumerate(row)}
        for number in order:
            wished = {one: _mean([at[other] for other in neighbours.get(one, ())], at[one]) for one in rows[number]}
            rows[number].sort(key=lambda one: (wished[one], at[one]))
            at.update({one: index for index, one in enumerate(rows[number])})
        crossings = _crossings(rows, below)
        if crossings < fewest:
            best, fewest = rows, crossings
    return best


def _crossings(rows: Sequence[Sequence[str]], below: Mapping[str, Sequence[str]]) -> int:
    """Return how many pairs of lines between neighbouring rows cross."""
    found = 0
    for row, under in pairwise(rows):
        at = {one: index for index, one in enumerate(under)}
        seen: list[int] = []
        for one in row:
            ends = sorted(at[other] for other in below.get(one, ()) if other in at)
            found += sum(len(seen) - bisect_right(seen, end) for end in ends)
            for end in ends:
                insort(seen, end)
    return found


def _lines(row: Sequence[str]) -> list[list[str]]:
    """Return a layer as rows of nodes, as even as can be."""
    count = -(-len(row) // IN_A_ROW) or 1
    size = -(-len(row) // count)
    return [list(row[start : start + size]) for start in range(0, len(row), size)]


def _down(layers: Sequence[int]) -> list[int]:
    """Return the middle of each row from the top."""
    found, y = [], MARGIN + HEIGHT // 2
    for index, layer in enumerate(layers):
        if index:
            y += HEIGHT + (GAP_Y if layer != layers[index - 1] else ROW_GAP)
        found.append(y)
    return found


def _along(lines: Sequence[Sequence[str]], links: Sequence[tuple[str, str]]) -> dict[str, int]:
    """Return the middle of each node from the left."""
    near: dict[str, list[str]] = {}
    for upper, lower in links:
        near.setdefault(upper, []).append(lower)
        near.setdefault(lower, []).append(upper)
    xs: dict[str, float] = {}
    for line in lines:
        start = -sum(map(_room, line)) / 2
        for one in line:
            xs[one] = start + _room(one) / 2
            start += _room(one)
    for sweep in range(PULLS):
        for line in lines if sweep % 2 == 0 else reversed(lines):
            wished = [_mean([xs[other] for other in near.get(one, ())], xs[one]) for one in line]
            xs.update(zip(line, _apart(line, wished), strict=True))
    left = min((x - _room(one) / 2 for one, x in xs.items()), default=0) - MARGIN + GAP_X / 2
    return {one: round(x - left) for one, x in xs.items()}


def _apart(line: Sequence[str], wished: Sequence[float]) -> list[float]:
    """Return the places nearest to those wished for, in the order of the line, that leave everybody their room."""
    offsets, offset = [], 0.0
    for index, one in enumerate(line):
        offset += (_room(line[index - 1]) + _room(one)) / 2 if index else 0.0
        offsets.append(offset)
    pools: list[tuple[float, int]] = []
    for wish, offset in zip(wished, offsets, strict=True):
        total, count = wish - offset, 1
        while pools and pools[-1][0] / pools[-1][1] > total / count:
            before = pools.pop()
            total, count = total + before[0], count + before[1]
        pools.append((total, count))
    means = [total / count for total, count in pools for _ in range(count)]
    return [mean + offset for mean, offset in zip(means, offsets, strict=True)]


def _room(one: str) -> int:
    return _BEND if one.startswith("~") else WIDTH + GAP_X


def _mean(values: Sequence[float], otherwise: float) -> float:
    return sum(values) / len(values) if values else otherwise
