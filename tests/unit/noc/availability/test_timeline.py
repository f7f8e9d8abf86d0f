from __future__ import annotations

from noc.availability.spans import FOREVER
from noc.availability.timeline import BAD, Change, Interval, State, intervals, known_until, spans_in, stretches

UP, DOWN, UNREACHABLE, UNKNOWN = State.UP, State.DOWN, State.UNREACHABLE, State.UNKNOWN
SEEN = [Change(10, UP), Change(20, DOWN), Change(30, UNREACHABLE), Change(40, UP), Change(50, UNKNOWN)]


def test_intervals_cover_the_period_from_end_to_end() -> None:
    assert intervals(SEEN, 0, 60) == [
        (0, 10, UNKNOWN),
        (10, 20, UP),
        (20, 30, DOWN),
        (30, 40, UNREACHABLE),
        (40, 50, UP),
        (50, 60, UNKNOWN),
    ]


def test_intervals_are_cut_at_the_period() -> None:
    assert intervals(SEEN, 15, 25) == [(15, 20, UP), (20, 25, DOWN)]
    assert intervals(SEEN, 20, 30) == [(20, 30, DOWN)]
    assert intervals(SEEN, 55, 60) == [(55, 60, UNKNOWN)]
    assert intervals((), 0, 5) == [(0, 5, UNKNOWN)]


def test_nothing_is_known_from_the_end_on() -> None:
    assert known_until(SEEN, 25) == [Change(10, UP), Change(20, DOWN), Change(25, UNKNOWN)]
    assert known_until(SEEN, 20) == [Change(10, UP), Change(20, UNKNOWN)]
    assert known_until(SEEN, 10) == []
    assert known_until(SEEN, 99) == SEEN


def test_neighbouring_states_that_are_asked_for_together_are_one_span() -> None:
    assert spans_in(SEEN, BAD) == [(20, 40)]
    assert spans_in(SEEN, (UP,)) == [(10, 20), (40, 50)]
    assert spans_in([Change(5, DOWN)], BAD) == [(5, FOREVER)]


def test_the_last_stretch_lasts_for_ever() -> None:
    assert list(stretches([Change(5, DOWN), Change(7, UP)])) == [Interval(5, 7, DOWN), Interval(7, FOREVER, UP)]
    assert list(stretches(())) == []
