"""The layout: the same for the same graph, in layers, and nothing over anything."""

from __future__ import annotations

from itertools import combinations
from random import Random

from hypothesis import given
from hypothesis import strategies as st

from noc.sketch.graph import Edge, Graph, Node, ranks
from noc.sketch.layout import GAP_X, HEIGHT, ROW_GAP, WIDTH, Layout, layout

NAMES = [f"device/d{number:02}" for number in range(28)]


@st.composite
def graphs(draw: st.DrawFn) -> Graph:
    keys = draw(st.lists(st.sampled_from(NAMES), unique=True, max_size=28))
    ends = st.sampled_from(keys or NAMES)
    pairs = draw(st.lists(st.tuples(ends, ends, st.sampled_from(("way", "neighbour"))), max_size=50)) if keys else []
    centres = draw(st.sets(ends, max_size=2)) if keys else set()
    graph = Graph()
    for key in keys:
        graph.add(Node(key, "device", key, is_centre=key in centres))
    for upper, lower, kind in pairs:
        graph.join(upper, lower, kind)  # type: ignore[arg-type]
    return graph


def shuffled(graph: Graph, chance: Random) -> Graph:
    nodes, edges = list(graph.nodes.items()), list(graph.edges.items())
    chance.shuffle(nodes)
    chance.shuffle(edges)
    return Graph(dict(nodes), dict(edges), graph.hidden)


def crossings(made: Layout, edges: list[Edge]) -> int:
    places = [(made.places[one.upper].x, made.places[one.lower].x) for one in edges]
    return sum((a[0] - b[0]) * (a[1] - b[1]) < 0 for a, b in combinations(places, 2))


@given(graphs(), st.randoms())
def test_it_is_the_same_in_whatever_order_things_are_told(graph: Graph, chance: Random) -> None:
    assert layout(graph) == layout(shuffled(graph, chance))


@given(graphs())
def test_nothing_overlaps_and_all_lies_on_the_paper(graph: Graph) -> None:
    made = layout(graph)
    for one, other in combinations(made.places.values(), 2):
        assert abs(one.x - other.x) >= WIDTH + GAP_X - 1 or abs(one.y - other.y) >= HEIGHT + ROW_GAP
    for place in made.places.values():
        assert WIDTH / 2 <= place.x <= made.width - WIDTH / 2
        assert HEIGHT / 2 <= place.y <= made.height - HEIGHT / 2


@given(graphs())
def test_what_hangs_on_something_stands_below_it(graph: Graph) -> None:
    made, ways = layout(graph), [ends for ends, edge in graph.edges.items() if edge.kind == "way"]
    _, rings = ranks(graph.nodes, ways)
    for upper, lower in ways:
        if (upper, lower) not in rings:
            assert made.places[upper].layer < made.places[lower].layer
            assert made.places[upper].y + HEIGHT < made.places[lower].y
    assert {place.layer for place in made.places.values()} == set(range(made.layers))


@given(graphs())
def test_only_edges_that_close_a_ring_are_left_out(graph: Graph) -> None:
    ways = [ends for ends, edge in graph.edges.items() if edge.kind == "way"]
    depth, rings = ranks(graph.nodes, ways)
    assert all(depth[upper] < depth[lower] for upper, lower in ways if (upper, lower) not in rings)
    assert depth.keys() == graph.nodes.keys()


def test_two_lines_that_need_not_cross_do_not() -> None:
    graph = Graph()
    for key in ("a", "b", "c", "d"):
        graph.add(Node(key, "device", key))
    graph.join("a", "d")
    graph.join("b", "c")
    assert crossings(layout(graph), list(graph.edges.values())) == 0


def test_a_line_over_a_layer_keeps_a_place_there() -> None:
    graph = Graph()
    for key in ("top", "middle", "bottom"):
        graph.add(Node(key, "device", key))
    graph.join("top", "middle")
    graph.join("middle", "bottom")
    graph.join("top", "bottom")
    made = layout(graph)
    ((x, y),) = made.bends["top", "bottom"]
    assert y == made.places["middle"].y
    assert abs(x - made.places["middle"].x) >= WIDTH / 2


def test_what_people_put_somewhere_is_there_and_nothing_else_moves() -> None:
    graph = Graph()
    for key in ("a", "b", "c"):
        graph.add(Node(key, "device", key))
    before, after = layout(graph), layout(graph, {"b": (900, 700), "gone": (1, 1)})
    assert (after.places["b"].x, after.places["b"].y, after.places["b"].pinned) == (900, 700, True)
    assert {key: after.places[key] for key in "ac"} == {key: before.places[key] for key in "ac"}
    assert after.width > 900
    assert after.height > 700


def test_nothing_is_drawn_of_nothing() -> None:
    assert layout(Graph()).places == {}
