"""Answers as differences to answers."""

from __future__ import annotations

import pytest
from hypothesis import given

from noc.bus.cells import CellsError, Moved, answered, applied, laid_out
from noc.model.reading import SnmpAnswer

from .conftest import ANSWER

ONE = SnmpAnswer("p", {"sysUpTime": 100}, {"t": {(1,): {"in": 5, "name": b"a"}, (2,): {"in": 2**64 - 1, "name": b"b"}}})


@given(ANSWER)
def test_an_answer_comes_back_from_its_columns(answer: SnmpAnswer) -> None:
    shape, cells = laid_out(answer)
    assert repr(answered(shape, cells, answer.ages_s)) == repr(_sorted(answer))


def test_another_shape_is_seen() -> None:
    fewer = SnmpAnswer("p", {"sysUpTime": 100}, {"t": {(1,): {"in": 5, "name": b"a"}}})
    none = SnmpAnswer("p", {"sysUpTime": 100}, {"t": {}})
    unread = SnmpAnswer("p", {"sysUpTime": 100}, {})
    assert len({laid_out(one)[0] for one in (ONE, fewer, none, unread)}) == 4


@pytest.mark.parametrize(
    ("moved", "reason"),
    [
        (Moved(9, b""), "there is no column 9"),
        (Moved(-1, b""), "there is no column -1"),
        (Moved(1, b"\0"), "1 numbers moved, of 2 rows 2 have one"),
        (Moved(2, b"\0\0"), "2 numbers moved, of 2 rows 0 have one"),
        (Moved(1, b"\x80"), "the last number is cut off"),
        (Moved(1, (1, 2), (0,)), "1 rows have 2 values"),
        (Moved(1, (1,), (2,)), "has no row 2"),
        (Moved(1, (1,), (-1,)), "has no row -1"),
    ],
)
def test_a_difference_of_another_answer_is_refused(moved: Moved, reason: str) -> None:
    _, base = laid_out(ONE)
    with pytest.raises(CellsError, match=reason):
        applied([moved], base)


def _sorted(answer: SnmpAnswer) -> SnmpAnswer:
    """Return an answer with its names in order."""
    tables = {
        name: {index: dict(sorted(row.items())) for index, row in sorted(rows.items())}
        for name, rows in sorted(answer.tables.items(), key=lambda one: (bool(one[1]), one[0]))
    }
    return SnmpAnswer(answer.profile, dict(sorted(answer.scalars.items())), tables, dict(answer.ages_s))
