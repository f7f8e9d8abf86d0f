"""How large an answer may be: moderate first, as much as fits, less where it gets lost."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from noc.wire.snmp.sizes import FIRST_ROWS, FRAME_OCTETS, OCTETS_AT_MOST, ROWS_AT_MOST, Sizes, first_rows, next_rows


@given(st.lists(st.integers(0, 70_000)))
def test_answers_are_as_large_as_a_frame_or_as_what_came_through(octets: list[int]) -> None:
    sizes = Sizes()
    for size in octets:
        sizes.came(size)
    assert FRAME_OCTETS <= sizes.octets <= OCTETS_AT_MOST
    assert sizes.octets <= max([FRAME_OCTETS, *octets])


@given(st.lists(st.integers(0, 70_000)))
def test_after_a_loss_none_is_larger_than_a_frame(octets: list[int]) -> None:
    sizes = Sizes(3_000)
    sizes.lost()
    for size in octets:
        sizes.came(size)
    assert sizes.octets == FRAME_OCTETS


def test_a_walk_asks_for_one_row_more_than_there_are() -> None:
    assert first_rows(24, 3) == 4
    assert first_rows(24, 0) == 1
    assert first_rows(24, 48) == 49
    assert first_rows(24, 5_000) == ROWS_AT_MOST
    assert first_rows(24, None) == FIRST_ROWS
    assert first_rows(6, None) == 6


@given(st.integers(1, 64), st.integers(0, 64), st.integers(0, 4_000), st.integers(400, 4_000))
def test_a_walk_asks_for_at_least_one_row_and_at_most_for_twice_as_many(
    asked: int, came: int, octets: int, room: int
) -> None:
    following = next_rows(asked, came, octets, room)
    assert 1 <= following <= max(2 * asked, 1)
    assert following <= ROWS_AT_MOST


@given(st.integers(1, 64), st.integers(1, 200))
def test_what_is_asked_for_fits(asked: int, row: int) -> None:
    octets = 72 + asked * row
    assert next_rows(asked, asked, octets, FRAME_OCTETS) * row <= max(FRAME_OCTETS, row)


def test_an_agent_that_cuts_its_answers_is_asked_for_as_many_again() -> None:
    assert next_rows(24, 17, 1_400, 1_400) == 24
