"""When a poller says that it is there."""

from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from noc.bus.rhythm import SECOND_AFTER_S, SELDOM_S, Rhythm

FRAMES_EVERY_S = 10.0


def rhythm(*, is_alone: bool, lost_after_s: float = 60.0) -> Rhythm:
    made = Rhythm()
    made.is_alone, made.lost_after_s = is_alone, lost_after_s
    made.linked()
    return made


def moments(made: Rhythm, until_s: float, *, answers: bool, frames: bool, news: bool = False) -> list[float]:
    """Return when presences go, second by second. frames: so often one is acknowledged. answers: each presence is."""
    found = []
    for second in range(int(until_s) + 1):
        now_s = float(second)
        if frames and now_s % FRAMES_EVERY_S == 0:
            made.answered(now_s)
        if made.wait_s(now_s, has_news=news) == 0:
            made.said(now_s)
            found.append(now_s)
            if answers:
                made.answered(now_s)
    return found


def test_one_alone_whose_frames_are_acknowledged_says_it_each_five_minutes() -> None:
    first, second, *rest = moments(rhythm(is_alone=True), 1_505, answers=True, frames=True)
    assert (first, second) == (0.0, SECOND_AFTER_S)
    assert rest == [second + SELDOM_S * turn for turn in range(1, 6)]


@pytest.mark.parametrize(
    ("is_alone", "frames", "news"),
    [(False, True, False), (True, False, False), (True, True, True)],
    ids=["others hear it", "no frames", "a backlog"],
)
def test_else_two_may_be_lost_before_it_counts_as_gone(is_alone: bool, frames: bool, news: bool) -> None:
    said = moments(rhythm(is_alone=is_alone), 200, answers=frames, frames=frames, news=news)
    assert max(later - one for one, later in pairwise(said)) == 20.0


def test_when_the_centre_stops_to_answer_it_asks_often() -> None:
    made = rhythm(is_alone=True)
    moments(made, 100, answers=True, frames=True)
    made.answered(100.0)
    assert made.wait_s(100.0, has_news=False) > 0
    assert made.wait_s(120.0, has_news=False) == 0
    made.said(120.0)
    assert made.wait_s(139.0, has_news=False) == 1.0
    assert not made.is_silent(160.0)
    assert made.is_silent(160.1)


def test_nobody_is_silent_who_never_spoke_on_this_link() -> None:
    made = rhythm(is_alone=True)
    made.answered(0.0)
    made.linked()
    assert not made.is_silent(1e6)
    assert made.wait_s(1e6, has_news=False) == 0


@given(st.floats(30, 3_600), st.booleans(), st.lists(st.tuples(st.floats(0.1, 100), st.booleans()), max_size=50))
def test_a_sign_of_life_comes_three_times_before_it_counts_as_gone(
    lost_after_s: float, is_alone: bool, steps: list[tuple[float, bool]]
) -> None:
    """At each moment: what was heard last, plus what is waited, is a third of lost_after, whoever hears it."""
    made, now_s, sign_s = rhythm(is_alone=is_alone, lost_after_s=lost_after_s), 0.0, 0.0
    for passed_s, acknowledged in steps:
        due_s = now_s + made.wait_s(now_s, has_news=False)
        if due_s <= now_s + passed_s:
            now_s = due_s
            made.said(now_s)
            sign_s = now_s
        else:
            now_s += passed_s
            if acknowledged:
                made.answered(now_s)
                sign_s = now_s if is_alone else sign_s
        wait_s = made.wait_s(now_s, has_news=False)
        assert now_s + wait_s <= sign_s + lost_after_s / 3 + 1e-6
