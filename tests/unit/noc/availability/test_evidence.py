"""Section "Raw state": each sentence as a test. Times in seconds; a probe every 10, stale after 30, unless said."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from noc.availability.evidence import Memory, expire, raw_timeline, step
from noc.availability.policy import ProbePolicy
from noc.availability.timeline import Change, State, known_until

UP, DOWN, UNKNOWN = State.UP, State.DOWN, State.UNKNOWN
USUAL = ProbePolicy.probed_every(10)


def results(text: str, start: int = 0, every: int = 10) -> list[tuple[int, bool]]:
    """Turn `++-. +` into results: + ok, - failed, . none."""
    return [(start + index * every, sign == "+") for index, sign in enumerate(text) if sign != "."]


def states(series: list[tuple[int, bool]], end: int, policy: ProbePolicy = USUAL) -> list[tuple[int, State]]:
    return [tuple(change) for change in raw_timeline(series, policy, end)]


def test_defaults_are_three_intervals_and_one() -> None:
    assert ProbePolicy(stale_after=30, skew=10, confirm_down=3, confirm_up=1) == USUAL


def test_before_evidence_the_state_is_unknown() -> None:
    assert states([], 100) == []
    assert states(results("+", 50), 60) == [(50, UP), (60, UNKNOWN)]


def test_after_the_end_everything_is_unknown() -> None:
    assert states(results("++++"), 35) == [(0, UP), (35, UNKNOWN)]


def test_down_needs_three_failures_and_is_dated_back_to_the_first() -> None:
    assert states(results("++---+"), 60) == [(0, UP), (20, DOWN), (50, UP), (60, UNKNOWN)]


def test_two_failures_are_not_enough() -> None:
    assert states(results("++--+-+--+"), 100) == [(0, UP), (100, UNKNOWN)]


def test_up_may_need_more_than_one_and_is_dated_back_too() -> None:
    policy = ProbePolicy(30, 10, confirm_down=1, confirm_up=3)
    assert states(results("-++-++++"), 80, policy) == [(0, DOWN), (40, UP), (80, UNKNOWN)]


def test_without_a_confirmed_run_nothing_is_known() -> None:
    assert states(results("--+"), 30) == [(20, UP), (30, UNKNOWN)]
    assert states(results("--"), 20) == []


def test_a_result_holds_for_stale_after_exactly() -> None:
    assert states([(0, True), (30, True)], 60) == [(0, UP), (60, UNKNOWN)]
    assert states([(0, True), (31, True)], 61) == [(0, UP), (30, UNKNOWN), (31, UP), (61, UNKNOWN)]


def test_it_goes_stale_also_towards_the_end() -> None:
    assert states([(0, True)], 30) == [(0, UP), (30, UNKNOWN)]
    assert states([(0, True)], 500) == [(0, UP), (30, UNKNOWN)]
    assert states([(0, True)], 29) == [(0, UP), (29, UNKNOWN)]


def test_a_run_that_is_not_confirmed_ends_when_it_goes_stale() -> None:
    assert states(results("+--....-+"), 90) == [(0, UP), (50, UNKNOWN), (80, UP), (90, UNKNOWN)]
    assert states(results("+--....--"), 90) == [(0, UP), (50, UNKNOWN)]


def test_a_confirmed_run_ends_too_and_counting_starts_anew() -> None:
    assert states(results("---.....--+"), 110) == [(0, DOWN), (50, UNKNOWN), (100, UP), (110, UNKNOWN)]
    assert states(results("---.....---"), 110) == [(0, DOWN), (50, UNKNOWN), (80, DOWN), (110, UNKNOWN)]


def test_staleness_is_not_dated_over() -> None:
    # The run that began before the hole doesn't reach over it.
    assert states(results("+-.....--"), 90) == [(0, UP), (40, UNKNOWN)]


def test_results_at_the_end_count_and_later_ones_do_not() -> None:
    assert states(results("+---"), 30) == [(0, UP), (10, DOWN), (30, UNKNOWN)]
    assert states(results("+---"), 29) == [(0, UP), (29, UNKNOWN)]
    assert states(results("-++"), 15, ProbePolicy.probed_every(10, 1)) == [(0, DOWN), (10, UP), (15, UNKNOWN)]


def test_a_change_at_the_very_end_leaves_no_trace() -> None:
    assert states(results("---+"), 30) == [(0, DOWN), (30, UNKNOWN)]


def test_the_length_of_an_outage_does_not_depend_on_how_sure_we_want_to_be() -> None:
    series = results("++------++")
    for confirm in range(1, 7):
        policy = ProbePolicy.probed_every(10, confirm_down=confirm)
        assert states(series, 100, policy) == [(0, UP), (20, DOWN), (80, UP), (100, UNKNOWN)]


def test_stale_sooner_than_probed_never_confirms_two() -> None:
    policy = ProbePolicy(5, 10, confirm_down=2)
    assert states(results("--+"), 100, policy) == [(20, UP), (25, UNKNOWN)]


series_of_results = st.lists(st.tuples(st.integers(1, 9), st.booleans()), max_size=40).map(
    lambda gaps: [(sum(gap for gap, _ in gaps[: index + 1]), ok) for index, (_, ok) in enumerate(gaps)]
)
policies = st.builds(ProbePolicy, st.integers(1, 9), st.just(0), st.integers(1, 3), st.integers(1, 3))


@given(series_of_results, policies, st.integers(0, 200))
def test_fed_one_by_one_with_clock_ticks_between_it_says_the_same(
    series: list[tuple[int, bool]], policy: ProbePolicy, end: int
) -> None:
    memory, told = Memory(), []
    pending = dict(series)
    for now in range(end + 1):
        if now in pending:
            memory, changes = step(memory, policy, now, pending[now])
        else:
            memory, changes = expire(memory, policy, now)
        told += changes
    assert [change.time for change in told] == sorted({change.time for change in told})
    assert known_until(told, end) == raw_timeline(series, policy, end)


def test_the_same_result_twice_changes_nothing() -> None:
    memory, _ = step(Memory(), USUAL, 10, False)
    assert step(memory, USUAL, 10, False) == (memory, ())


def test_results_out_of_order_are_refused() -> None:
    memory, _ = step(Memory(), USUAL, 10, True)
    with pytest.raises(ValueError, match="in order of time"):
        step(memory, USUAL, 9, True)
    with pytest.raises(ValueError, match="in order of time"):
        step(memory, USUAL, 10, False)


def test_a_result_that_comes_after_its_time_was_judged_is_refused() -> None:
    memory, _ = step(Memory(), USUAL, 0, True)
    memory, changes = expire(memory, USUAL, 31)
    assert changes == (Change(30, UNKNOWN),)
    with pytest.raises(ValueError, match="comes too late"):
        step(memory, USUAL, 30, True)
    assert step(memory, USUAL, 31, True)[1] == (Change(31, UP),)


def test_expiry_is_told_once() -> None:
    memory, _ = step(Memory(), USUAL, 0, True)
    assert expire(memory, USUAL, 30) == (memory, ())
    memory, _ = expire(memory, USUAL, 31)
    assert expire(memory, USUAL, 99) == (memory, ())
    assert expire(Memory(), USUAL, 99) == (Memory(), ())


@pytest.mark.parametrize("wrong", [(0, 1, 3, 1), (1, -1, 3, 1), (1, 1, 0, 1), (1, 1, 1, 0)])
def test_a_policy_that_can_not_be_followed_is_refused(wrong: tuple[int, int, int, int]) -> None:
    with pytest.raises(ValueError, match="must be positive"):
        ProbePolicy(*wrong)
