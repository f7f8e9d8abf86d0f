"""How far answers moved."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from noc.bus.cells import CellsError, Moved, laid_out
from noc.bus.moving import Moves, moved_on, moves
from noc.model.reading import Raw, SnmpAnswer

from .conftest import ANSWER, RAW

ONE = SnmpAnswer("p", {"sysUpTime": 100}, {"t": {(1,): {"in": 5, "name": b"a"}, (2,): {"in": 2**64 - 1, "name": b"b"}}})
LONG, SHORT = "ifHCInOctets", "ifInOctets"


def counters(short: list[Raw], long: list[Raw]) -> SnmpAnswer:
    """Return an answer of interfaces with counters of both lengths."""
    rows = [(place,) for place in range(len(short))]
    return SnmpAnswer(
        "p",
        {},
        {
            "ifTable": {row: {SHORT: value} for row, value in zip(rows, short, strict=True)},
            "ifXTable": {row: {LONG: value} for row, value in zip(rows, long, strict=True)},
        },
    )


@given(ANSWER, st.data())
def test_moves_lead_to_the_answer(answer: SnmpAnswer, data: st.DataObject) -> None:
    shape, base = laid_out(answer)
    cells = tuple(tuple(data.draw(st.one_of(st.just(value), RAW)) for value in column) for column in base)
    assert repr(moved_on(shape, moves(shape, cells, base), base)) == repr(cells)


NUMBER = st.one_of(st.integers(0, 2**32 - 1), st.integers(-3, 2**64 - 1), st.sampled_from([0, 2**32 - 1, 2**32]), RAW)


@given(st.integers(1, 3), st.data())
def test_moves_of_counters_that_are_told_twice_lead_to_the_answer(rows: int, data: st.DataObject) -> None:
    column = st.lists(NUMBER, min_size=rows, max_size=rows)
    (shape, base), (_, cells) = (laid_out(counters(data.draw(column), data.draw(column))) for _ in range(2))
    assert repr(moved_on(shape, moves(shape, cells, base), base)) == repr(cells)


def test_only_what_moved_is_told() -> None:
    shape, base = laid_out(ONE)
    later = SnmpAnswer("p", {"sysUpTime": 100}, {"t": {(1,): {"in": 9, "name": b"a"}, (2,): {"in": 0, "name": b"c"}}})
    same, cells = laid_out(later)
    assert same == shape
    names = [(column.table, column.name) for column in shape.columns]
    found = moves(shape, cells, base)
    place = names.index(("t", "in"))
    assert found.numbers == (place + 1, 4, 1 - 2**64)
    assert found.others == (Moved(names.index(("t", "name")), (b"c",), (1,)),)
    assert moves(shape, base, base) == Moves()


@pytest.mark.parametrize(
    ("short", "long", "numbers"),
    [
        ((900, 50), (2**40 + 900, 50), (2, 800, 50)),
        ((96, 0), (2**40 + 2**32 + 96, 0), (2, 2**32 - 4, 0)),
        ((100, 0), (2**40 + 100, 0), ()),
        ((101, 0), (2**40 + 100, 0), (1, 1, 0)),
        ((99, 0), (2**40 + 101, 0), (1, -2, 0, 1, 1, 0)),
    ],
    ids=["both", "wrapped", "still", "short alone", "read a moment apart"],
)
def test_a_counter_that_is_told_twice_is_sent_once(
    short: tuple[int, ...], long: tuple[int, ...], numbers: tuple[int, ...]
) -> None:
    shape, base = laid_out(counters([100, 0], [2**40 + 100, 0]))
    _, cells = laid_out(counters([*short], [*long]))
    found = moves(shape, cells, base)
    assert moved_on(shape, found, base) == cells
    assert found.numbers == numbers


@pytest.mark.parametrize(
    ("moved", "reason"),
    [
        (Moves((9,)), "there is no column 8"),
        (Moves((0,)), "there is no column -1"),
        (Moves((2, 0)), "1 numbers moved, of 2 rows"),
        (Moves((3, 0, 0)), "column 2: numbers moved, where the base has other values"),
        (Moves((), (Moved(9, (1,), (0,)),)), "there is no column 9"),
        (Moves((), (Moved(1, (1, 2), (0,)),)), "1 rows have 2 values"),
        (Moves((), (Moved(1, (1,), (2,)),)), "has no row 2"),
        (Moves((), (Moved(1, (1,), (-1,)),)), "has no row -1"),
    ],
)
def test_moves_of_another_answer_are_refused(moved: Moves, reason: str) -> None:
    shape, base = laid_out(ONE)
    with pytest.raises(CellsError, match=reason):
        moved_on(shape, moved, base)
