"""Lines that are slow, lose datagrams, or take no large ones: answers shrink to what comes through, and stay so."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace

import pytest

from bench.polling_relay import Line, relayed
from collectors.snmp import SnmpTarget, collect
from noc.clock import SystemClock
from noc.model.reading import FailureKind, Known, Reading
from noc.wire.ber import ErrorStatus, Message, Pdu, PduType
from noc.wire.errors import WireError
from noc.wire.snmp import Agent as Where
from noc.wire.snmp import Community, Memory, SnmpSession
from noc.wire.snmp.exchange import REQUESTS_AT_MOST
from noc.wire.snmp.memory import REPETITIONS
from tests.agents.device import IF_ENTRY, device
from tests.agents.polling import PROFILES, values, wanted, where
from tests.agents.snmp import Agent, Fault, serving

pytestmark = pytest.mark.live


class TooBigForBulk(Fault):
    """Answers GETBULK of more than a few rows with tooBig, where it should cut its answer (RFC 3416, section 4.2.3)."""

    def answers(self, agent: Agent, request: Message) -> Iterable[bytes]:
        pdu = request.pdu
        assert isinstance(pdu, Pdu)
        if pdu.type is PduType.GET_BULK and pdu.error_index > 2:
            return [agent.error(request, ErrorStatus.TOO_BIG, 0)]
        return super().answers(agent, request)


@dataclass
class LosesLarge(Fault):
    """The line loses answers of more than so many bytes: fragments that don't come through."""

    most: int

    def answers(self, agent: Agent, request: Message) -> Iterable[bytes]:
        return (answer for answer in super().answers(agent, request) if len(answer) <= self.most)


async def poll(to: Where, memory: Memory, known: Known | None = None) -> Reading:
    return await collect(SnmpTarget(to, 30.0, known=known), PROFILES, SystemClock(), "test", memory)


async def test_an_agent_that_finds_bulks_too_big_is_read_row_by_row_from_then_on() -> None:
    objects, memory = device(), Memory()
    async with serving(Agent(objects, TooBigForBulk())) as agent:
        reading = await poll(where(agent), memory)
        assert (reading.failure, reading.parts) == (None, ())
        assert values(reading) == wanted(objects)
        assert memory.of("127.0.0.1", agent.port).repetitions == REPETITIONS[-1:]


async def test_large_answers_that_get_lost_are_waited_for_once_not_at_each_poll() -> None:
    objects, memory = device(), Memory()
    async with serving(Agent(objects, LosesLarge(700))) as agent:
        to = replace(where(agent), timeout_s=0.1)
        first = await poll(to, memory)
        assert values(first) == wanted(objects)
        asked = agent.requests
        again = await poll(to, memory, first.known)
        assert values(again) == wanted(objects)
        assert memory.of("127.0.0.1", agent.port).repetitions != REPETITIONS
        assert agent.requests - asked < asked
        assert again.duration_s < first.duration_s


async def test_an_agent_slower_than_the_timeout_is_read_and_waited_for_from_then_on() -> None:
    objects, memory = device(3), Memory()
    async with serving(Agent(objects)) as agent, relayed("127.0.0.1", agent.port, Line(0.14)) as (port, count):
        to = Where("127.0.0.1", Community("public"), port, timeout_s=0.1, retries=2)
        reading = await poll(to, memory)
        assert (reading.failure, reading.parts) == (None, ())
        assert values(reading) == wanted(objects)
        trip = memory.of("127.0.0.1", port).round_trip
        assert 0.14 <= trip.mean_s < 0.3
        assert trip.wait_s(0.1) > 0.14
        asked = count.requests
        again = await poll(to, memory, reading.known)
        assert (again.failure, again.parts) == (None, ())
        assert count.requests - asked <= 4  # each question once: no storm of retries


@pytest.mark.parametrize("seed", range(4))
async def test_a_line_that_loses_datagrams_costs_time_and_no_values(seed: int) -> None:
    objects, memory = device(8), Memory()
    line = Line(0.02, 0.2, seed)
    async with serving(Agent(objects)) as agent, relayed("127.0.0.1", agent.port, line) as (port, count):
        to = Where("127.0.0.1", Community("public"), port, timeout_s=0.1, retries=4)
        reading = await poll(to, memory)
        assert (reading.failure, reading.parts) == (None, ())
        assert values(reading) == wanted(objects)
        assert count.lost > 0
        assert count.requests < 1.6 * agent.requests


async def test_one_poll_sends_no_more_than_its_bound_of_requests() -> None:
    async with serving(Agent(device(1))) as agent:
        session = SnmpSession(where(agent))
        await session.open()
        session._transport._exchange.requests = REQUESTS_AT_MOST  # type: ignore[attr-defined]
        with pytest.raises(WireError, match="requests in one poll"):
            await session.get(["1.3.6.1.2.1.1.5.0"])
        session.close()


async def test_a_poll_ends_where_its_octets_do_and_keeps_what_it_read() -> None:
    objects = device()
    async with serving(Agent(objects)) as agent, relayed("127.0.0.1", agent.port) as (port, count):
        session = SnmpSession(Where("127.0.0.1", Community("public"), port, octets_at_most=4_000))
        await session.open()
        found: dict[str, object] = {}

        async def ask() -> None:
            for index in range(1, 31):
                found.update(await session.get([".".join(map(str, (*IF_ENTRY, 2, index)))]))

        with pytest.raises(WireError) as told:
            await ask()
        session.close()
        assert told.value.kind is FailureKind.REFUSED
        assert len(found) > 10
        assert count.octets <= session.octets <= 4_000
