"""noc's own time: it follows a clock that goes forward, and never goes back with one that is set back."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from noc.clock import ManualClock, SteadyClock

NOON = datetime(2026, 1, 1, 12, tzinfo=UTC)


def test_it_is_the_other_clock_while_that_goes_forward() -> None:
    machine = ManualClock(NOON)
    clock = SteadyClock(machine)
    machine.stall(10)
    machine.step(3600)
    assert clock.now() == machine.now() == NOON + timedelta(seconds=3610)
    assert clock.ahead == timedelta()


def test_after_a_step_back_it_goes_on_and_works_its_lead_off_by_a_twelfth() -> None:
    machine = ManualClock(NOON)
    clock = SteadyClock(machine)
    machine.step(-3600)
    assert clock.now() == NOON
    machine.stall(120)
    assert clock.now() == NOON + timedelta(seconds=110)
    assert clock.ahead == timedelta(seconds=3590)
    machine.stall(12 * 3590)
    assert clock.now() == machine.now()
    machine.stall(1)
    assert clock.now() == machine.now()


def test_a_step_forward_again_ends_the_lead() -> None:
    machine = ManualClock(NOON)
    clock = SteadyClock(machine)
    machine.step(-3600)
    machine.stall(60)
    machine.step(3600)
    assert clock.now() == machine.now() == NOON + timedelta(seconds=60)


def test_it_begins_where_earlier_work_ended() -> None:
    machine = ManualClock(NOON)
    clock = SteadyClock(machine)
    clock.no_earlier_than(NOON - timedelta(days=1))
    assert clock.now() == NOON
    clock.no_earlier_than(NOON + timedelta(hours=2))
    assert clock.ahead == timedelta(hours=2)


@given(st.lists(st.tuples(st.floats(0, 1e5), st.floats(-1e5, 1e5)), max_size=30))
def test_it_never_goes_back_and_is_never_behind(moves: list[tuple[float, float]]) -> None:
    machine = ManualClock(NOON)
    clock = SteadyClock(machine)
    before = clock.now()
    for seconds, wall_seconds in moves:
        machine.stall(seconds)
        machine.step(wall_seconds)
        now = clock.now()
        assert before <= now >= machine.now()
        before = now
