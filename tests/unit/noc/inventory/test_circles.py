"""Circles in a graph, as chains."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from hypothesis import given
from hypothesis import strategies as st

from noc.inventory.circles import circles


def test_no_circle() -> None:
    assert circles({}) == []
    assert circles({"a": ["b", "c"], "b": ["d"], "c": ["d"], "d": []}) == []
    assert circles({"a": ["unknown"]}) == []


def test_a_circle_starts_with_its_first_name() -> None:
    assert circles({"c": ["a"], "b": ["c"], "a": ["b"]}) == [("a", "b", "c")]
    assert circles({"a": ["a"]}) == [("a",)]


def test_each_circle_is_told() -> None:
    assert circles({"a": ["b"], "b": ["a"], "c": ["d", "a"], "d": ["c"], "e": ["c"]}) == [("a", "b"), ("c", "d")]


def test_a_long_chain_needs_no_stack() -> None:
    chain = {str(number): [str(number + 1)] for number in range(50_000)}
    assert circles(chain) == []
    [circle] = circles(chain | {"50000": ["0"]})
    assert len(circle) == 50_001


def is_acyclic(edges: Mapping[str, Sequence[str]]) -> bool:
    """Take away nodes that lead nowhere until none is left, or none can be taken."""
    left = dict(edges)
    while ends := [node for node, targets in left.items() if not any(target in left for target in targets)]:
        for node in ends:
            del left[node]
    return not left


@given(st.dictionaries(st.sampled_from("abcdefgh"), st.lists(st.sampled_from("abcdefgh"), max_size=4)))
def test_circles_are_found_just_where_there_are_some(edges: dict[str, list[str]]) -> None:
    found = circles(edges)
    assert (found == []) == is_acyclic(edges)
    for circle in found:
        assert len(set(circle)) == len(circle)
        assert circle[0] == min(circle)
        assert all(after in edges[before] for before, after in zip(circle, (*circle[1:], circle[0]), strict=True))
