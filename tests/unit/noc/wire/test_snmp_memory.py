"""What is remembered of agents: bounds, how long is waited, how large answers may be."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from noc.wire.snmp.memory import AGENTS_AT_MOST, GROW_AFTER, REPETITIONS, AgentMemory, EngineClock, Memory, RoundTrip


def test_the_agent_that_was_asked_longest_ago_is_forgotten_first() -> None:
    memory = Memory()
    first = memory.of("10.0.0.1", 161)
    for number in range(AGENTS_AT_MOST - 1):
        memory.of(f"10.1.{number}", 161)
    assert memory.of("10.0.0.1", 161) is first
    memory.of("10.2.0.1", 161)
    assert len(memory) == AGENTS_AT_MOST
    assert memory.of("10.0.0.1", 161) is first


@given(st.lists(st.floats(0.0001, 30.0), min_size=1))
def test_no_agent_is_waited_for_shorter_than_set_nor_longer_than_four_times_that(seconds: list[float]) -> None:
    trip = RoundTrip()
    for second in seconds:
        trip.take(second)
        assert 2.0 <= trip.wait_s(2.0) <= 8.0


def test_the_wait_follows_an_agent_that_is_slower_than_set() -> None:
    trip = RoundTrip()
    for _ in range(30):
        trip.take(3.0)
    assert 3.0 < trip.wait_s(2.0) < 3.5


def test_walks_shrink_to_single_rows_and_grow_again() -> None:
    agent = AgentMemory()
    for _ in range(5):
        agent.shrink()
    assert agent.repetitions == REPETITIONS[-1:]
    for _ in range(GROW_AFTER * (len(REPETITIONS) - 1)):
        agent.went_well()
    assert agent.repetitions == REPETITIONS


def test_an_engine_s_clock_goes_on_while_nobody_asks_it() -> None:
    clock = EngineClock(b"\x80\x00\x00\x01\x05", 7, 1000, 50.0)
    assert clock.now_s(350.0) == 1300
    assert clock.agrees(EngineClock(clock.engine_id, 7, 1290, 350.0), 350.0)
    assert not clock.agrees(EngineClock(clock.engine_id, 8, 1300, 350.0), 350.0)
    assert not clock.agrees(EngineClock(clock.engine_id, 7, 3, 350.0), 350.0)
    assert not clock.agrees(EngineClock(b"\x80\x00\x00\x02\x05", 7, 1300, 350.0), 350.0)
    assert clock.seen(350.0).id == "8000000105"
