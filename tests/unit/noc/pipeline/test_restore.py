"""A crash at any moment, with any checkpoint before it: nothing is told twice, nothing is made up."""

from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from noc.availability.evidence import Memory
from noc.availability.policy import ProbePolicy
from noc.availability.timeline import State
from noc.model.transition import Transition
from noc.pipeline.restore import Row, memories, resume, rows
from noc.pipeline.status import Result, Statuses

ENTITY = "device/a"


def feed(book: Statuses, results: list[tuple[int, bool]]) -> list[Transition]:
    return [change for time, ok in results for change in book.take(Result(ENTITY, time, ok, "icmp", "p"))]


def watching(policy: ProbePolicy) -> Statuses:
    book = Statuses()
    book.watch({ENTITY: policy})
    return book


def test_a_checkpoint_survives_as_plain_rows() -> None:
    book = watching(ProbePolicy.probed_every(10_000))
    feed(book, [(0, True), (10_000, False)])
    assert memories(rows(book.memories()), {}) == dict(book.memories())
    assert memories(rows([(ENTITY, Memory())]), {}) == {ENTITY: Memory()}


@given(
    waits=st.lists(st.tuples(st.integers(1, 45), st.booleans()), min_size=1, max_size=40),
    confirm_down=st.integers(1, 4),
    confirm_up=st.integers(1, 3),
    data=st.data(),
)
def test_after_a_crash_the_ledger_goes_on_without_a_repetition(
    waits: list[tuple[int, bool]], confirm_down: int, confirm_up: int, data: st.DataObject
) -> None:
    policy = ProbePolicy.probed_every(10_000, confirm_down, confirm_up)
    time, results = 0, []
    for wait, ok in waits:
        time += wait * 1000
        results.append((time, ok))
    crash = data.draw(st.integers(0, len(results)))
    checkpoint = data.draw(st.integers(0, crash))
    book = watching(policy)
    ledger = feed(book, results[:checkpoint])
    saved = rows(book.memories())
    ledger += feed(book, results[checkpoint:crash])
    again = watching(policy)
    again.restore(memories(saved, {change.entity: change for change in ledger}).items(), {})
    after = feed(again, results[crash:])
    told = [*ledger, *after]
    for earlier, later in pairwise(told):
        assert earlier.status != later.status
        assert earlier.since_ms < later.since_ms
        assert later.before == earlier.status


@given(
    waits=st.lists(st.tuples(st.integers(1, 45), st.booleans()), min_size=1, max_size=30),
    confirm_down=st.integers(1, 4),
    confirm_up=st.integers(1, 3),
    data=st.data(),
)
def test_with_the_results_on_disk_a_crash_changes_nothing(
    waits: list[tuple[int, bool]], confirm_down: int, confirm_up: int, data: st.DataObject
) -> None:
    policy = ProbePolicy.probed_every(10_000, confirm_down, confirm_up)
    time, results = 0, []
    for wait, ok in waits:
        time += wait * 1000
        results.append((time, ok))
    crash = data.draw(st.integers(0, len(results)))
    checkpoint, on_disk = data.draw(st.integers(0, crash)), data.draw(st.integers(0, crash))
    first = data.draw(st.integers(0, checkpoint))
    book = watching(policy)
    ledger = feed(book, results[:checkpoint])
    saved = 0 if not checkpoint else results[checkpoint - 1][0], rows(book.memories())
    written = len(ledger)
    ledger += feed(book, results[checkpoint:crash])
    whole = list(ledger)
    if on_disk == crash:  # then the ledger may lag behind, but never behind the checkpoint
        ledger = ledger[: data.draw(st.integers(written, len(ledger)))]
        while len(ledger) < len(whole) and ledger and whole[len(ledger)].decided_ms == ledger[-1].decided_ms:
            ledger.append(whole[len(ledger)])  # what comes of one result is written together
    again = watching(policy)
    seen = [Result(ENTITY, at, ok, "icmp", "p") for at, ok in results[first:on_disk]]
    told = resume(again, saved, {change.entity: change for change in ledger}, seen)
    assert [one.since_ms for one in told] == sorted({one.since_ms for one in told} - {one.since_ms for one in ledger})
    reached = max(checkpoint, on_disk, *(1 + [at for at, _ in results].index(one.decided_ms) for one in ledger), 0)
    twin = watching(policy)
    of_twin = feed(twin, results[:reached])
    assert [(one.since_ms, one.status) for one in (*ledger, *told)] == [(one.since_ms, one.status) for one in of_twin]
    after, expected = feed(again, results[crash:]), feed(twin, results[crash:])
    assert [(one.since_ms, one.status) for one in after] == [(one.since_ms, one.status) for one in expected]


def test_what_was_withdrawn_is_not_judged_by_results_from_before() -> None:
    book = watching(ProbePolicy.probed_every(10_000))
    feed(book, [(0, True), (10_000, True)])
    saved = 10_000, rows(book.memories())
    feed(book, [(20_000, True)])
    (gone,) = book.withdraw(ENTITY, 25_000, "snmp", "p")
    seen = [Result(ENTITY, at, True, "icmp", "p") for at in (10_000, 20_000)]
    again = watching(ProbePolicy.probed_every(10_000))
    assert resume(again, saved, {ENTITY: gone}, seen) == []
    assert again.status_of(ENTITY) == "unknown"
    again = watching(ProbePolicy.probed_every(10_000))
    (back,) = resume(again, saved, {ENTITY: gone}, [*seen, Result(ENTITY, 30_000, True, "icmp", "p")])
    assert (back.since_ms, back.status, back.before) == (30_000, "up", "unknown")


def test_a_result_that_showed_how_stale_all_was_begins_a_run() -> None:
    policy = ProbePolicy.probed_every(10_000)
    ledger = feed(watching(policy), [(0, True), (60_000, False)])
    again = watching(policy)
    again.restore(memories([], {ENTITY: ledger[-1]}).items(), {})
    assert [one.since_ms for one in feed(again, [(70_000, False), (80_000, False)])] == [60_000]


@pytest.mark.parametrize(
    "row",
    [
        (),
        ("device/a",),
        ("device/a", "up", 1_000, True, 1_000, 1, "more"),
        (None, "up", 1_000, True, 1_000, 1),
        ("device/a", "sideways", 1_000, True, 1_000, 1),
        ("device/a", "unreachable", 1_000, True, 1_000, 1),
        ("device/a", ["up"], 1_000, True, 1_000, 1),
        ("device/a", "up", "soon", True, 1_000, 1),
        ("device/a", "up", True, True, 1_000, 1),
        ("device/a", "up", 1_000, "yes", 1_000, 1),
        ("device/a", "up", 1_000, True, None, 1),
        ("device/a", "up", 1_000, True, 2_000, 1),
        ("device/a", "up", 1_000, True, 1_000, -1),
        ("device/a", "up", 10**18, True, 1_000, 1),
    ],
)
def test_a_row_that_makes_no_sense_is_told_and_the_ledger_is_believed(
    row: Row, caplog: pytest.LogCaptureFixture
) -> None:
    good = ("device/b", "down", 5_000, False, 3_000, 3)
    change = Transition(ENTITY, "up", "unknown", 500, 500, "icmp", "p", "confirmed", ((500, True),))
    assert list(memories([row, good], {}, 9_000)) == ["device/b"]
    assert memories([row, good], {ENTITY: change}, 9_000)[ENTITY] == Memory(State.UP, 500, True, 500, 1)
    assert caplog.text.count("a row of the checkpoint of statuses is left out") == 2
