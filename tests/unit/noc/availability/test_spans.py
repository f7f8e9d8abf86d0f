from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from noc.availability.spans import ALWAYS, NEVER, Spans, complement, contains, intersect, length, subtract, union

LAST = 30
anything = st.lists(st.tuples(st.integers(0, LAST), st.integers(0, LAST)), max_size=6)


def moments(spans: Spans) -> set[int]:
    return {time for time in range(-1, LAST + 2) if any(start <= time < end for start, end in spans)}


def is_normal(spans: Spans) -> bool:
    edges = [edge for span in spans for edge in span]
    return edges == sorted(set(edges))


@given(anything)
def test_union_holds_every_moment_once(pairs: list[tuple[int, int]]) -> None:
    merged = union(pairs)
    assert is_normal(merged)
    assert moments(merged) == {time for start, end in pairs for time in range(start, end)}
    assert length(merged) == len(moments(merged))


@given(anything, anything)
def test_intersect_and_subtract_are_those_of_sets(left: list[tuple[int, int]], right: list[tuple[int, int]]) -> None:
    a, b = union(left), union(right)
    assert moments(intersect(a, b)) == moments(a) & moments(b)
    assert moments(subtract(a, b)) == moments(a) - moments(b)
    assert moments(subtract(ALWAYS, b)) == moments(ALWAYS) - moments(b)
    assert is_normal(intersect(a, b))
    assert is_normal(subtract(a, b))


@given(anything)
def test_always_and_never(pairs: list[tuple[int, int]]) -> None:
    spans = union(pairs)
    assert intersect(spans, ALWAYS) == intersect(ALWAYS, spans) == spans
    assert list(intersect(spans, NEVER)) == []
    assert list(subtract(spans, ALWAYS)) == []
    assert complement(complement(spans)) == spans


@given(anything, st.integers(-1, LAST + 1))
def test_contains_knows_the_end_is_outside(pairs: list[tuple[int, int]], time: int) -> None:
    assert contains(union(pairs), time) == (time in moments(pairs))
