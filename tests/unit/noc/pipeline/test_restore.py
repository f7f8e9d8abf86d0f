"""A crash at any moment, with any checkpoint before it: nothing is told twice, nothing is made up."""

from __future__ import annotations

from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from noc.availability.evidence import Memory
from noc.availability.policy import ProbePolicy
from noc.model.transition import Transition
from noc.pipeline.restore import memories, rows
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
