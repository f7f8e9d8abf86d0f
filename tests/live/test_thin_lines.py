"""Long, thin, lossy lines: timeouts follow the round trip, late answers count, sizes follow what comes through."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Literal

import pytest

from bench.polling_relay import Line, Wire, relayed
from collectors import uptime
from collectors._ports import Target
from collectors.snmp import SnmpTarget, collect
from noc.clock import SystemClock
from noc.inventory.values import Liveness
from noc.model.check import Check
from noc.model.reading import Known, Reading
from noc.wire.ber import Message
from noc.wire.snmp import Agent as Where
from noc.wire.snmp import Community, Memory, SnmpSession
from noc.wire.snmp.roundtrip import SOONEST_S
from tests.agents.device import IF_ENTRY, device
from tests.agents.faults import SilentAbove, TooBigAbove
from tests.agents.polling import PROFILES, doors, values, wanted
from tests.agents.snmp import Agent, Fault, serving
from tests.things import device as inventory_device
from tests.things import watch

pytestmark = pytest.mark.live

VERSIONS: tuple[Literal["1", "2c"], ...] = ("1", "2c")
SYS_NAME = "1.3.6.1.2.1.1.5.0"
IF_DESCR = ".".join(map(str, (*IF_ENTRY, 2)))


@dataclass
class Loses(Fault):
    """Does not answer the requests of these numbers, from 0; notes when each came."""

    numbers: frozenset[int]

    def __post_init__(self) -> None:
        self.at_s: list[float] = []

    def answers(self, agent: Agent, request: Message) -> Iterable[bytes]:
        self.at_s.append(time.monotonic())
        return () if agent.requests - 1 in self.numbers else super().answers(agent, request)


def at(port: int, version: Literal["1", "2c"] = "2c", timeout_s: float = 0.1, retries: int = 2) -> Where:
    return Where("127.0.0.1", Community("public", version), port, timeout_s=timeout_s, retries=retries)


async def poll(to: Where, memory: Memory, known: Known | None = None, deadline_s: float = 30.0) -> Reading:
    return await collect(SnmpTarget(to, deadline_s, known=known), PROFILES, SystemClock(), "test", memory)


# --- late answers -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("version", VERSIONS)
async def test_a_late_answer_to_an_earlier_try_is_taken_and_tells_the_round_trip(version: Literal["1", "2c"]) -> None:
    memory = Memory()
    async with serving(Agent(device(3))) as agent, relayed("127.0.0.1", agent.port, Line(2.0)) as (port, count):
        session = SnmpSession(at(port, version, timeout_s=0.8), memory)
        await session.open()
        found = await session.get([SYS_NAME])
        session.close()
    assert found == {SYS_NAME: b"edge-1"}
    assert count.requests == 3
    # The first try was answered: a sample of the last one would be 0.4 s.
    assert memory.of("127.0.0.1", port).round_trip.mean_s >= 2.0


@pytest.mark.parametrize("version", VERSIONS)
async def test_a_walk_goes_on_from_a_late_answer(version: Literal["1", "2c"]) -> None:
    rows = 30
    memory = Memory()
    async with serving(Agent(device(rows))) as agent, relayed("127.0.0.1", agent.port, Line(0.14)) as (port, count):
        session = SnmpSession(at(port, version), memory)
        await session.open()
        walk = await session.walk(IF_DESCR)
        asked = count.requests
        session.close()
    assert [index for index, _ in walk.rows] == [(row,) for row in range(1, rows + 1)]
    # The first question came twice; then it is known how long the agent takes.
    assert 1 < asked <= 3 + (rows + 1 if version == "1" else 2)


async def test_answers_that_come_when_all_is_over_were_on_the_wire_too() -> None:
    async with serving(Agent(device(3))) as agent, relayed("127.0.0.1", agent.port, Line(0.24)) as (port, count):
        session = SnmpSession(at(port))
        await session.open()
        await session.get([SYS_NAME])
        session.close()
        async with asyncio.timeout(5):
            while agent.requests < 3:
                await asyncio.sleep(0.01)
        assert count.requests == 3
        assert count.octets <= session.octets <= 2 * count.octets


# --- how long is waited -----------------------------------------------------------------------------------------------


async def test_a_quick_agent_is_asked_again_long_before_the_timeout() -> None:
    fault = Loses(frozenset({6}))
    async with serving(Agent(device(3), fault)) as agent:
        session = SnmpSession(at(agent.port, timeout_s=5.0))
        await session.open()
        for _ in range(7):
            assert await session.get([SYS_NAME])
        session.close()
    waited_s = fault.at_s[7] - fault.at_s[6]
    assert SOONEST_S <= waited_s < SOONEST_S + 1.0


@pytest.mark.parametrize("known", [True, False])
async def test_liveness_of_an_agent_that_dies_waits_as_is_set_however_quick_it_was(known: bool) -> None:
    fault, all_doors = Loses(frozenset(range(10, 20)) if known else frozenset(range(20))), doors()
    async with serving(Agent(device(1), fault)) as agent:
        if known:
            session = SnmpSession(at(agent.port), all_doors.agents)
            await session.open()
            for _ in range(10):
                await session.get([SYS_NAME])
            session.close()
        watched = watch(timeout=timedelta(seconds=0.7), retries=2, liveness=Liveness("snmp"))
        asked = inventory_device("d", "127.0.0.1", watched, agent.port)
        check = Check(asked.entity, "uptime", 60.0, 3.1, liveness=True)
        reading = await uptime.build(all_doors).collect(Target(check, asked, Community("public")))
    assert reading.failure is not None
    first, second, third = fault.at_s[-3:]
    assert second - first == pytest.approx(0.7, abs=0.15)
    assert third - second == pytest.approx(0.7, abs=0.15)
    assert reading.duration_s == pytest.approx(2.1, abs=0.3)


# --- how large answers are --------------------------------------------------------------------------------------------


async def test_questions_shrink_by_halves_and_grow_again_when_the_agent_is_looked_at_anew() -> None:
    objects, memory, most = device(8), Memory(), 20
    async with serving(Agent(objects, SilentAbove(most))) as agent:
        first = await poll(at(agent.port), memory)
        assert values(first) == wanted(objects)
        assert first.known is not None
        assert 6 <= first.known.oids_per_request <= most
        agent.fault = Fault()  # it was an accident of the line
        again = await poll(at(agent.port), memory, replace(first.known, valid=False))
        assert again.known is not None
        assert again.known.oids_per_request > first.known.oids_per_request
        last = await poll(at(agent.port), memory, replace(again.known, valid=False))
        last = await poll(at(agent.port), memory, replace(last.known or again.known, valid=False))
        assert last.known is not None
        assert last.known.oids_per_request >= 48


async def test_an_agent_that_takes_no_more_is_not_asked_for_more_at_each_poll() -> None:
    objects, memory = device(8), Memory()
    async with serving(Agent(objects, TooBigAbove(50))) as agent:
        found = await poll(at(agent.port), memory)
        assert found.known is not None
        assert found.known.oids_per_request == 48
        for _ in range(2):
            agent.asked.clear()
            again = await poll(at(agent.port), memory, found.known)
            assert values(again) == wanted(objects)
            assert max(len(asked) for _, asked in agent.asked) <= 50
            assert agent.requests == 4


async def test_a_table_that_is_known_is_walked_by_one_question() -> None:
    rows = 40
    async with serving(Agent(device(rows))) as agent:
        session = SnmpSession(at(agent.port, timeout_s=2.0))
        await session.open()
        walk = await session.walk(IF_DESCR, rows=rows)
        session.close()
        assert len(walk.rows) == rows
        assert agent.requests == 1


# --- all of it --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("seed", range(3))
async def test_devices_behind_one_thin_line_are_read_whole_at_once(seed: int) -> None:
    """A tenth of a satellite line's times: 640 kbit/s, 120 ms, 5 % lost each way; the timeout is shorter than that."""
    objects, memory, wire = device(8), Memory(), Wire(Line(0.12, 0.05, seed, 640_000, 0.2))
    async with (
        serving(Agent(objects)) as agent,
        relayed("127.0.0.1", agent.port, wire) as (one, _),
        relayed("127.0.0.1", agent.port, wire) as (two, _),
    ):
        found = await asyncio.gather(*[poll(at(port, retries=4), memory) for port in (one, two)])
        known = [(port, reading.known) for port, reading in zip((one, two), found, strict=True)]
        found += await asyncio.gather(*[poll(at(port, retries=4), memory, one) for port, one in known])
    assert [(reading.failure, reading.parts) for reading in found] == [(None, ())] * 4
    assert all(values(reading) == wanted(objects) for reading in found)
