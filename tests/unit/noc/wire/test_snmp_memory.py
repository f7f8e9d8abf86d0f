"""What is remembered of agents: bounds, engines, how large answers of walks may be."""

from __future__ import annotations

from dataclasses import replace

from noc.model.reading import SnmpLine
from noc.wire.snmp import Agent, Community
from noc.wire.snmp.memory import AGENTS_AT_MOST, GROW_AFTER, REPETITIONS, AgentMemory, EngineClock, Memory


def test_the_agent_that_was_asked_longest_ago_is_forgotten_first() -> None:
    memory = Memory()
    first = memory.of("10.0.0.1", 161)
    for number in range(AGENTS_AT_MOST - 1):
        memory.of(f"10.1.{number}", 161)
    assert memory.of("10.0.0.1", 161) is first
    memory.of("10.2.0.1", 161)
    assert len(memory) == AGENTS_AT_MOST
    assert memory.of("10.0.0.1", 161) is first


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


def test_what_is_known_of_a_line_is_told_once_the_agent_answered() -> None:
    memory, agent = AgentMemory(), Agent("10.0.0.1", Community("public"), timeout_s=2.0, retries=2)
    lines: list[SnmpLine | None] = [memory.line(agent, 48)]
    memory.round_trip.take(1.25)
    lines.append(memory.line(agent, 48))
    for _ in range(200):
        memory.round_trip.take(0.25)
    lines.append(memory.line(agent, 60))
    assert lines[:2] == [None, SnmpLine(1.25, 3.75, 1400, 48)]
    assert lines[2] is not None
    assert replace(lines[2], rtt_s=round(lines[2].rtt_s, 3)) == SnmpLine(0.25, 0.5, 1400, 60)
