"""Statuses in memory say exactly what the arithmetic says of the same results."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from noc.availability.evidence import raw_timeline
from noc.availability.policy import ProbePolicy
from noc.availability.timeline import Change, State
from noc.model.transition import Transition
from noc.pipeline.status import Result, Statuses

POLICY = ProbePolicy.probed_every(10_000)
ENTITY = "device/nbo-rtr-1"


def statuses(policy: ProbePolicy = POLICY) -> Statuses:
    made = Statuses()
    made.watch({ENTITY: policy})
    return made


def feed(book: Statuses, *results: tuple[int, bool]) -> list[Transition]:
    return [
        transition
        for seconds, ok in results
        for transition in book.take(Result(ENTITY, seconds * 1000, ok, "icmp", "brindisi"))
    ]


def test_down_is_dated_back_to_the_first_failure_and_carries_its_evidence() -> None:
    found = feed(statuses(), (0, True), (10, False), (20, False), (30, False))
    assert [(change.status, change.since_ms, change.decided_ms) for change in found] == [
        ("up", 0, 0),
        ("down", 10_000, 30_000),
    ]
    down = found[1]
    assert (down.before, down.check, down.poller, down.reason) == ("up", "icmp", "brindisi", "confirmed")
    assert down.results == ((0, True), (10_000, False), (20_000, False), (30_000, False))


def test_silence_makes_unknown_from_the_moment_the_last_result_went_stale() -> None:
    book = statuses()
    feed(book, (0, True))
    assert book.expire(30_000) == []
    (unknown,) = book.expire(30_001)
    assert (unknown.status, unknown.before, unknown.since_ms, unknown.reason) == ("unknown", "up", 30_000, "stale")
    assert book.expire(10**9) == []
    assert book.status_of(ENTITY) == "unknown"


def test_a_clock_that_goes_back_gives_no_evidence() -> None:
    book = statuses()
    feed(book, (100, True), (50, False), (60, False), (70, False))
    assert book.status_of(ENTITY) == "up"
    assert book.tally.late == 3
    assert book.tally.given == book.tally.taken + book.tally.late + book.tally.unwatched


def test_a_result_of_the_time_that_was_judged_stale_comes_too_late() -> None:
    book = statuses()
    feed(book, (0, True))
    book.expire(60_000)
    assert feed(book, (25, True)) == []
    assert book.tally.late == 1
    assert [change.status for change in feed(book, (61, True))] == ["up"]


def test_what_is_not_watched_is_counted_and_has_no_status() -> None:
    book = Statuses()
    assert feed(book, (0, True)) == []
    assert book.tally.unwatched == 1
    assert book.status_of(ENTITY) == "unknown"


def test_a_new_plan_keeps_the_memory_of_what_stays() -> None:
    book = statuses()
    feed(book, (0, True), (10, False), (20, False))
    book.watch({ENTITY: POLICY, "device/other": POLICY})
    assert [change.status for change in feed(book, (30, False))] == ["down"]
    book.watch({})
    assert book.memories() == []


def test_a_restart_goes_on_where_it_was() -> None:
    book = statuses()
    feed(book, (0, True), (10, False), (20, False))
    again = statuses()
    again.restore([*book.memories(), ("device/gone", book.memories()[0][1])], {})
    assert again.status_of(ENTITY) == "up"
    (down,) = feed(again, (30, False))
    assert (down.status, down.since_ms) == ("down", 10_000)
    (unknown,) = again.expire(10**6)
    assert unknown.since_ms == 60_000


@pytest.mark.parametrize("length", [3, 400])
def test_deadlines_do_not_pile_up(length: int) -> None:
    book = statuses()
    feed(book, *((10 * number, True) for number in range(length)))
    assert len(book._deadlines) == 1


@given(
    steps=st.lists(st.tuples(st.integers(1, 80), st.booleans()), min_size=1, max_size=60),
    confirm_down=st.integers(1, 4),
    confirm_up=st.integers(1, 3),
    looks=st.lists(st.integers(0, 60), max_size=10),
)
def test_statuses_agree_with_the_arithmetic_whenever_one_looks(
    steps: list[tuple[int, bool]], confirm_down: int, confirm_up: int, looks: list[int]
) -> None:
    policy = ProbePolicy.probed_every(10_000, confirm_down, confirm_up)
    book, time, results, changes = statuses(policy), 0, [], []
    for number, (wait, ok) in enumerate(steps):
        time += wait
        if number in looks:
            changes += book.expire(time * 1000)
        results.append((time * 1000, ok))
        changes += feed(book, (time, ok))
    end = time * 1000 + 1_000_000
    changes += book.expire(end)
    told = [Change(change.since_ms, State(change.status)) for change in changes]
    assert told == list(raw_timeline(results, policy, end))
