"""Circles in a graph of names, each as a chain. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence


def circles(edges: Mapping[str, Sequence[str]]) -> list[tuple[str, ...]]:
    """Return circles of a graph: at least one through every knot, so that mending them all leaves none or shows others.

    edges: node to the nodes that it leads to. A circle starts with its first name in the alphabet, and isn't closed:
    a → b → a is ("a", "b").
    """
    done: set[str] = set()
    found: set[tuple[str, ...]] = set()
    for start in edges:
        if start not in done:
            found |= _from(start, edges, done)
    return sorted(found)


def _from(start: str, edges: Mapping[str, Sequence[str]], done: set[str]) -> set[tuple[str, ...]]:
    """Walk depth first without recursion: a chain of upstreams may be long."""
    found: set[tuple[str, ...]] = set()
    trail: list[str] = [start]
    on_trail: dict[str, int] = {start: 0}
    ahead: list[Iterator[str]] = [iter(edges[start])]
    while ahead:
        node = next(ahead[-1], None)
        if node is None:
            ahead.pop()
            left = trail.pop()
            del on_trail[left]
            done.add(left)
        elif node in on_trail:
            circle = trail[on_trail[node] :]
            turn = circle.index(min(circle))
            found.add((*circle[turn:], *circle[:turn]))
        elif node not in done and node in edges:
            on_trail[node] = len(trail)
            trail.append(node)
            ahead.append(iter(edges[node]))
    return found
