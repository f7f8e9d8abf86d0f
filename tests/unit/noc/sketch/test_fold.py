"""Folding: what is alike is one, nothing is lost, what is marked or kept stays."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from noc.model.present import Word
from noc.sketch.fold import NOT_UP_FROM, UP_FROM, folded
from noc.sketch.graph import Graph, Node

WORDS: tuple[Word, ...] = ("up", "down", "unknown", "unreachable")


@st.composite
def sites(draw: st.DrawFn) -> Graph:
    """A tree of switches with devices on them."""
    graph = Graph()
    count = draw(st.integers(1, 60))
    for number in range(count):
        status, what = draw(st.sampled_from(WORDS)), draw(st.sampled_from(("switch", "router", "server")))
        graph.add(Node(f"device/{number:03}", "device", f"{number}", status, what, "juba"))
        if number:
            graph.join(f"device/{draw(st.integers(0, number - 1)):03}", f"device/{number:03}")
    return graph


@given(sites(), st.integers(1, 60))
def test_each_device_is_in_one_node_of_its_class_and_status(whole: Graph, at_most: int) -> None:
    found = folded(whole, at_most=at_most)
    members = [member for node in found.nodes.values() for member in (node.members or (node.key,))]
    assert sorted(members) == sorted(whole.nodes)
    for node in found.nodes.values():
        for member in node.members:
            assert (whole.nodes[member].status, whole.nodes[member].what) == (node.status, node.what)
        assert node.kind != "group" or node.count >= (UP_FROM if node.status == "up" else NOT_UP_FROM)


@given(sites(), st.data())
def test_what_is_kept_stays_by_itself(whole: Graph, data: st.DataObject) -> None:
    kept = data.draw(st.sets(st.sampled_from(sorted(whole.nodes))))
    assert kept <= folded(whole, keep=kept, at_most=1).nodes.keys()


@given(sites(), st.integers(1, 60))
def test_each_line_is_drawn_between_the_nodes_of_its_ends(whole: Graph, at_most: int) -> None:
    found = folded(whole, at_most=at_most)
    names = {member: node.key for node in found.nodes.values() for member in (node.members or (node.key,))}
    wanted = {(names[upper], names[lower]) for upper, lower in whole.edges} - {(key, key) for key in found.nodes}
    drawn = set(found.edges)
    assert {frozenset(ends) for ends in wanted} == {frozenset(ends) for ends in drawn}


def test_a_site_of_a_thousand_healthy_devices_is_a_handful_of_nodes() -> None:
    graph = Graph()
    graph.add(Node("device/rtr", "device", "rtr", "up", "router", "juba"))
    for number in range(50):
        switch = f"device/sw{number}"
        graph.add(Node(switch, "device", switch, "up", "switch", "juba"))
        graph.join("device/rtr", switch)
        for other in range(20):
            graph.add(Node(f"{switch}-{other}", "device", "phone", "up", "video", "juba"))
            graph.join(switch, f"{switch}-{other}")
    found = folded(graph)
    assert sorted((node.kind, node.what, node.count) for node in found.nodes.values()) == [
        ("device", "router", 1),
        ("group", "switch", 50),
        ("group", "video", 1_000),
    ]


def test_what_is_down_is_told_apart() -> None:
    graph = Graph()
    graph.add(Node("device/sw", "device", "sw", "up", "switch", "juba"))
    for number in range(9):
        graph.add(Node(f"device/{number}", "device", "x", "down" if number == 4 else "up", "server", "juba"))
        graph.join("device/sw", f"device/{number}")
    found = folded(graph)
    assert found.nodes["device/4"].status == "down"
    assert [node.count for node in found.nodes.values() if node.kind == "group"] == [8]
