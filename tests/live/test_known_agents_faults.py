"""Polls by known rows, of agents that misbehave or fall silent."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest

from noc.model.reading import PartFailure
from noc.wire.ber import Tag
from tests.agents import faults
from tests.agents.device import (
    device,
)
from tests.agents.known import (
    FAST,
    IF_ALIAS,
    IF_IN_OCTETS,
    IF_NUMBER,
    IF_SPEED,
    IF_TABLE_LAST_CHANGE,
    ROWS,
    Objects,
    Polls,
    assert_whole,
    discovered,
    marked,
    without,
)
from tests.agents.polling import values, wanted
from tests.agents.snmp import Agent, Fault, serving

pytestmark = pytest.mark.live


@pytest.fixture
async def polls() -> AsyncIterator[Polls]:
    async with serving(Agent(marked(device(ROWS)))) as agent:
        yield await discovered(agent)


async def test_a_fault_that_lasts_is_told_at_each_poll_and_not_asked_for_again():
    objects, bad = marked(device(ROWS)), (*IF_IN_OCTETS, 7)
    part = PartFailure("ifTable.ifInOctets", "the agent answers with an error for row 7")
    async with serving(Agent(objects, faults.ErrorFor(frozenset({bad})))) as agent:
        polls = Polls(agent)
        looked = []
        for _ in range(4):
            reading = await polls()
            assert values(reading) == wanted(device(ROWS), bad)
            assert reading.parts == (part,)
            looked.append(polls.looked)
        assert looked == [True, True, False, False]
        assert agent.requests <= FAST


async def test_a_fault_that_comes_costs_itself_and_the_next_poll_looks(polls: Polls):
    bad = (*IF_SPEED, 9)
    polls.agent.fault = faults.ErrorFor(frozenset({bad}))
    reading = await polls()
    assert values(reading) == wanted(device(ROWS), bad)
    assert reading.parts == (PartFailure("ifTable.ifSpeed", "the agent answers with an error for row 9"),)
    assert not polls.looked
    assert not polls.valid
    polls.agent.fault = Fault()
    assert_whole(await polls(), device(ROWS))
    assert polls.valid


async def test_an_agent_of_small_answers_is_asked_for_so_much_at_once():
    objects = marked(device(ROWS))
    async with serving(Agent(objects, faults.TooBigAbove(13))) as agent:
        polls = Polls(agent)
        await polls()
        assert_whole(await polls(), device(ROWS))
        assert not polls.looked
        assert max(len(oids) for _, oids in agent.asked) <= 13
        assert agent.requests <= 643 // 6 + 2


async def test_long_texts_are_asked_for_so_that_answers_fit_a_frame():
    texts: Objects = {(*IF_ALIAS, row): (Tag.OCTET_STRING, b"a long way to " * 16) for row in range(1, ROWS + 1)}
    objects = device(ROWS) | texts
    async with serving(Agent(marked(objects))) as agent:  # tooBig is what does not fit an Ethernet frame
        polls = Polls(agent)
        await polls()
        assert_whole(await polls(), objects)
        asked = [oid for _, oids in agent.asked for oid in oids]
        assert len(asked) == len(values(await polls())) + 2, "nothing was asked for twice"


@pytest.mark.parametrize("answered", [1, 2, 5, 8, 10])
async def test_an_agent_that_falls_silent_half_way_is_left_and_looked_at_again(polls: Polls, answered: int):
    objects = device(ROWS)
    polls.agent.fault = faults.Silent(answered)
    reading = await polls(timeout_s=0.03)
    assert reading.failure is None
    assert values(reading).items() <= wanted(objects).items()
    assert values(reading)
    (part,) = reading.parts
    assert "no answer" in part.reason
    assert polls.agent.requests <= answered + 6
    assert not polls.valid
    polls.agent.fault = Fault()
    assert_whole(await polls(), objects)
    assert polls.looked
    assert polls.valid


async def test_an_agent_that_does_not_answer_is_a_failure(polls: Polls):
    polls.agent.fault = faults.Silent()
    reading = await polls(timeout_s=0.03)
    assert reading.failure is not None
    assert (reading.snmp, reading.parts) == (None, ())
    assert polls.agent.requests == 3
    assert not polls.valid


async def test_large_answers_that_begin_to_get_lost_cost_one_poll(polls: Polls):
    polls.agent.fault = faults.SilentAbove(12)
    assert (await polls(timeout_s=0.03)).failure is not None
    assert_whole(await polls(timeout_s=0.03), device(ROWS))
    assert_whole(await polls(timeout_s=0.03), device(ROWS))
    assert not polls.looked
    assert max(len(oids) for _, oids in polls.agent.asked) <= 12


async def test_what_was_read_is_kept_when_the_time_does_not_suffice_to_look(polls: Polls):
    fewer = without(device(ROWS), 7)
    polls.agent.become({**fewer, IF_NUMBER: (Tag.INTEGER, ROWS), IF_TABLE_LAST_CHANGE: (Tag.TIME_TICKS, 100)})
    polls.agent.fault = faults.Silent(FAST + 8)
    reading = await polls(timeout_s=5.0, deadline_s=0.5)
    assert_whole(reading, fewer)
    assert reading.known is None
    polls.agent.fault = Fault()
    assert_whole(await polls(), fewer)
    assert polls.looked, "the next poll tries again"
