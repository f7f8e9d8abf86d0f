"""The views: what is drawn of the network, of a site, a device, a path, an incident. Pure."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from typing import Final

from noc.model.present import Word
from noc.sketch.draw import Draft
from noc.sketch.fold import folded
from noc.sketch.graph import Graph
from noc.sketch.ways import Ways

SNIPPET_AT_MOST: Final = 24
SITES_AT_MOST: Final = 12

Status = Callable[[str], Word]


def network(ways: Ways, status: Status) -> Graph:
    """Return all sites, folded: those that others hang on stand by themselves."""
    draft = Draft(ways, status)
    for site in ways.inventory.sites:
        draft.node(f"site/{site}")
    for site in ways.inventory.sites:
        lower = f"site/{site}"
        for way in ways.out_of(lower) if lower not in ways.centres else ():
            for far in way.far:
                upper = far if far.startswith("site/") else ways.topology.site_of(far)
                if upper in draft.graph.nodes:
                    draft.graph.join(upper, lower)
    return folded(draft.graph, keep=ways.centres).settled()


def site(ways: Ways, status: Status, entity: str) -> Graph:
    """Return a site: its ways to the data centres above, and its devices."""
    draft = Draft(ways, status)
    draft.inside(entity)
    draft.up(entity)
    if not draft.graph.nodes:
        draft.node(entity)
    keep = {key for key, node in draft.graph.nodes.items() if f"site/{node.site}" != entity or node.kind == "circuit"}
    return folded(draft.graph, keep={*keep, *ways.topology.edges(entity)}).settled()


def device(ways: Ways, status: Status, entity: str) -> Graph:
    """Return a device: its ways up to the data centres, and what hangs on it directly."""
    draft = Draft(ways, status)
    _climb(draft, entity)
    stays = set(draft.graph.nodes)
    for lower in draft.below(entity):
        draft.graph.join(entity, draft.node(lower))
    for lower in _hanging(ways, entity):
        draft.graph.join(entity, draft.node(lower))
    draft.graph.mark(entity)
    return folded(draft.graph, keep=stays).settled()


def path(ways: Ways, status: Status, ends: Sequence[str]) -> Graph:
    """Return the ways between sites and devices: up to the data centres, or only from one to the other above it."""
    draft = Draft(ways, status)
    for end in ends:
        if end in ways.centres:
            draft.node(end)
        elif end.startswith("site/"):
            draft.up(end, bottom=draft.node(end))
        else:
            _climb(draft, end)
    goals = [draft.node(end) for end in ends]
    for goal in goals:
        draft.graph.mark(goal)
    for goal in goals:
        others = {one for one in goals if one != goal}
        if goal in _reached(draft.graph, others):
            return _only_to(draft.graph, goal, others).settled()
    return draft.graph.settled()


def incident(ways: Ways, status: Status, root: str, symptoms: Iterable[str], more: int = 0) -> Graph:
    """Return what an incident is about: its root, the ways up from it, and its symptoms. more: symptoms not given."""
    draft, inventory = Draft(ways, status), ways.inventory
    top = draft.node(root)
    if top.startswith("device/") and top.partition("/")[2] in inventory.devices:
        _climb(draft, top)
    elif inventory.entity(top) is not None and top.startswith(("site/", "circuit/")):
        place = ways.topology.site_of(top)
        if place is not None:
            draft.up(place, bottom=draft.node(place))
    draft.graph.mark(top)
    stays = set(draft.graph.nodes)
    home = ways.topology.site_of(top)
    left = more
    far: Counter[str] = Counter()
    for entity in symptoms:
        place = ways.topology.site_of(entity)
        if place is None or place == home:
            key = draft.node(entity)
            if key not in stays:
                uppers = [one for one in draft.above(key) if one in stays] if key.startswith("device/") else []
                for upper in uppers or [top]:
                    draft.graph.join(upper, key)
        else:
            far[place] += 1
    for place, _ in sorted(far.items(), key=lambda one: (-one[1], one[0]))[:SITES_AT_MOST]:
        draft.graph.join(top, draft.node(place))
    found = folded(draft.graph, keep=stays, at_most=SNIPPET_AT_MOST)
    found.hidden = left + sum(sorted(far.values(), reverse=True)[SITES_AT_MOST:])
    return found.settled()


def _climb(draft: Draft, entity: str) -> None:
    """Put a device in, with what it hangs on in its site, and the ways from there up."""
    topology = draft.ways.topology
    seen, left = {entity}, [draft.node(entity)]
    while left:
        lower = left.pop(0)
        for upper in draft.above(lower):
            draft.graph.join(draft.node(upper), lower)
            if upper not in seen:
                seen.add(upper)
                left.append(upper)
    place = topology.site_of(entity)
    if place is not None:
        draft.up(place, only=seen)
        if place in draft.ways.centres:
            tops = [one for one in seen if not draft.above(one)]
            for top in tops:
                draft.graph.join(draft.node(place), top)


def _hanging(ways: Ways, entity: str) -> list[str]:
    """Return the sites of devices elsewhere that name a device as the one they hang on."""
    topology = ways.topology
    own = topology.site_of(entity)
    found = dict.fromkeys(
        f"site/{one.site}"
        for one in ways.inventory.devices.values()
        if entity in one.upstream and f"site/{one.site}" != own
    )
    return list(found)


def _reached(graph: Graph, starts: Iterable[str]) -> set[str]:
    """Return what lies above some nodes."""
    found, left = set[str](), list(starts)
    while left:
        lower = left.pop()
        above = [upper for upper, below in graph.edges if below == lower and upper not in found]
        found.update(above)
        left += above
    return found


def _only_to(graph: Graph, goal: str, starts: set[str]) -> Graph:
    """Return the part of a graph that lies on ways from some nodes up to one."""
    above = _reached(graph, starts) | starts
    below, left = {goal}, [goal]
    while left:
        upper = left.pop()
        lowers = [lower for top, lower in graph.edges if top == upper and lower not in below]
        below.update(lowers)
        left += lowers
    kept = above & below
    nodes = {key: node for key, node in graph.nodes.items() if key in kept}
    return Graph(nodes, {ends: edge for ends, edge in graph.edges.items() if set(ends) <= kept}, graph.hidden)
