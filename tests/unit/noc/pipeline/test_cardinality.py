"""The bound on series: what is known goes on, what is too many is counted and told."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime

from hypothesis import given
from hypothesis import strategies as st

from noc.model.samples import Samples
from noc.pipeline.cardinality import GENERATION_MS, TOLD_EVERY_MS, Cardinality

AT = datetime(2026, 11, 21, tzinfo=UTC)


def table(names: Sequence[str], device: str = "d", measurement: str = "interface") -> Samples:
    rows = tuple((device, name) for name in names)
    return Samples(measurement, AT, ("device", "ifName"), ("a", "b"), rows, tuple((1.0, None) for _ in names))


def through(guard: Cardinality, *samples: Samples, now_ms: int = 0) -> list[str]:
    return [row[1] for entry in guard.kept(samples, now_ms) for row in entry.tags]


def test_what_is_known_goes_on_and_what_is_too_many_is_left_out() -> None:
    guard = Cardinality(3)
    assert through(guard, table("ab")) == ["a", "b"]
    assert guard.news(0) == []
    assert through(guard, table("xayb")) == ["x", "a", "b"]
    assert through(guard, table("yz")) == []
    assert through(guard, table("abx"), table("q", measurement="ping")) == ["a", "b", "x", "q"]
    assert guard.refused == {"interface": 3}
    (said,) = guard.news(0)
    assert said == (
        "interface: has 3 series, and further ones are left out, 3 numbers so far; tag 'ifName' differs most among them"
        " ('y', 'z'): see what makes them, or raise spool.series_at_most"
    )


def test_it_is_told_once_an_hour() -> None:
    guard = Cardinality(1)
    through(guard, table("ab"))
    assert len(guard.news(0)) == 1
    through(guard, table("ac"))
    assert guard.news(TOLD_EVERY_MS - 1) == []
    assert len(guard.news(TOLD_EVERY_MS)) == 1
    assert guard.news(2 * TOLD_EVERY_MS) == []


def test_series_that_fell_silent_make_room() -> None:
    guard = Cardinality(2)
    assert through(guard, table("ab")) == ["a", "b"]
    assert through(guard, table("bc"), now_ms=GENERATION_MS) == ["b"]
    assert through(guard, table("bc"), now_ms=2 * GENERATION_MS) == ["b", "c"]
    assert through(guard, table("abc"), now_ms=2 * GENERATION_MS) == ["b", "c"]


@given(st.lists(st.lists(st.text("abcdef", min_size=1, max_size=2), max_size=6), max_size=12), st.integers(1, 8))
def test_there_are_never_more_series_than_the_bound(batches: list[list[str]], at_most: int) -> None:
    guard, seen, given_rows, kept_rows = Cardinality(at_most), set[str](), 0, 0
    for names in batches:
        found = through(guard, table(names))
        seen.update(found)
        given_rows, kept_rows = given_rows + len(names), kept_rows + len(found)
    assert len(seen) <= at_most
    assert given_rows == kept_rows + guard.refused["interface"]
    assert len(seen) == min(at_most, len({name for names in batches for name in names}))
