"""Polls by known rows, of agents that change or misbehave: nothing that a walk would tell is lost or made up."""

from __future__ import annotations

import random
from collections.abc import AsyncIterator
from dataclasses import dataclass, replace
from typing import Literal

import pytest

from noc.model.reading import Known, PartFailure, Reading
from noc.wire.ber import Oid, PduType, Tag, Value, Version, encode_varbind
from tests.agents import faults
from tests.agents.device import (
    IF_COLUMNS,
    IF_ENTRY,
    IFX_COLUMNS,
    IFX_ENTRY,
    PROCESSOR_LOAD,
    SYS_DESCR,
    SYS_OBJECT_ID,
    SYS_UP_TIME,
    SYSTEM,
    cell,
    device,
)
from tests.agents.polling import poll, values, wanted
from tests.agents.snmp import Agent, Fault, serving

pytestmark = pytest.mark.live

IF_NUMBER: Oid = (1, 3, 6, 1, 2, 1, 2, 1, 0)
IF_TABLE_LAST_CHANGE: Oid = (1, 3, 6, 1, 2, 1, 31, 1, 5, 0)
IF_SPEED, IF_IN_OCTETS, IF_ALIAS = (*IF_ENTRY, 5), (*IF_ENTRY, 10), (*IFX_ENTRY, 18)

WALKED = {(*IF_ENTRY, 2), (*IFX_ENTRY, 1), PROCESSOR_LOAD}
"""Columns that tell which rows there are."""

ROWS = 30
FAST = 15
"""Requests of a poll by known rows, all of them GETs: 643 objects, 48 at once or an Ethernet frame full."""

Objects = dict[Oid, tuple[Tag, Value]]


def marked(objects: Objects, changed_at: int = 100) -> Objects:
    """Add what tells whether the interfaces are still the same."""
    interfaces = sum(oid[:-1] == (*IF_ENTRY, 2) for oid in objects)
    return objects | {
        IF_NUMBER: (Tag.INTEGER, interfaces),
        IF_TABLE_LAST_CHANGE: (Tag.TIME_TICKS, changed_at),
    }


def without(objects: Objects, index: int) -> Objects:
    """Take an interface away."""
    entries = (IF_ENTRY, IFX_ENTRY)
    return {oid: held for oid, held in objects.items() if oid[-1] != index or oid[: len(oid) - 2] not in entries}


def with_row(objects: Objects, index: int) -> Objects:
    """Add an interface."""
    added: Objects = {}
    for entry, columns in ((IF_ENTRY, IF_COLUMNS), (IFX_ENTRY, IFX_COLUMNS)):
        for name, (column, tag) in columns.items():
            added[*entry, column, index] = (tag, cell(name, tag, index))
    return objects | added


@dataclass
class Polls:
    """Polls an agent again and again, as the daemon does: each with what is known from those before."""

    agent: Agent
    known: Known | None = None
    version: Literal["1", "2c"] = "2c"

    async def __call__(self, timeout_s: float = 0.3, deadline_s: float = 20.0) -> Reading:
        self.agent.asked.clear()
        reading = await poll(
            self.agent, known=self.known, version=self.version, timeout_s=timeout_s, deadline_s=deadline_s
        )
        self.known = reading.known or self.known
        return reading

    @property
    def looked(self) -> bool:
        """Return whether the last poll looked for rows."""
        return any(kind is not PduType.GET for kind, _ in self.agent.asked)

    @property
    def valid(self) -> bool:
        """Return whether the next poll goes by what is known."""
        return self.known is not None and self.known.valid


@pytest.fixture
async def agent() -> AsyncIterator[Agent]:
    async with serving(Agent(marked(device(ROWS)))) as running:
        yield running


@pytest.fixture
async def polls(agent: Agent) -> Polls:
    """An agent that was discovered."""
    found = Polls(agent)
    await found()
    assert found.looked
    assert found.valid
    return found


def assert_whole(reading: Reading, objects: Objects, profile: str = "generic") -> None:
    assert reading.failure is None
    assert reading.parts == ()
    assert values(reading) == wanted(objects, profile=profile)


async def test_a_poll_asks_for_what_is_known_and_for_nothing_else(polls: Polls):
    reading = await polls()
    assert_whole(reading, device(ROWS))
    assert not polls.looked
    assert polls.agent.requests == FAST
    asked = [oid for _, oids in polls.agent.asked for oid in oids]
    assert len(asked) == len(values(reading)) + 2  # both marks


async def test_values_are_those_of_now(polls: Polls):
    now = device(ROWS) | {(*IF_IN_OCTETS, 7): (Tag.COUNTER32, 4_000_000_000), SYS_UP_TIME: (Tag.TIME_TICKS, 200_000)}
    polls.agent.become(marked(now))
    assert_whole(await polls(), now)
    assert not polls.looked


async def test_an_agent_of_version_1_is_polled_by_known_rows():
    objects = device(5)
    async with serving(Agent(objects)) as agent:
        polls = Polls(agent, version="1")
        walked = await polls()
        fast = await polls()
    assert values(fast) == values(walked) != {}
    assert not polls.looked
    assert agent.requests <= 4


# --- rows -------------------------------------------------------------------------------------------------------------


async def test_a_row_that_vanishes_is_gone_and_makes_the_poll_look(polls: Polls):
    fewer = without(device(ROWS), 7)
    polls.agent.become({**fewer, IF_NUMBER: (Tag.INTEGER, ROWS), IF_TABLE_LAST_CHANGE: (Tag.TIME_TICKS, 100)})
    assert_whole(await polls(), fewer)
    assert polls.looked
    assert polls.valid
    assert_whole(await polls(), fewer)
    assert not polls.looked, "it is known now that the row is gone"


async def test_a_row_that_vanished_is_seen_at_once_when_it_is_back(polls: Polls):
    marks = marked(device(ROWS))
    polls.agent.become(without(marks, 7))
    await polls()
    polls.agent.become(marks)
    assert_whole(await polls(), device(ROWS))
    assert not polls.looked
    polls.agent.become(without(marks, 7))
    assert_whole(await polls(), without(device(ROWS), 7))
    assert not polls.looked, "a row that comes and goes makes no poll look twice"


async def test_the_only_row_of_a_table_is_seen_at_once_when_it_is_back(polls: Polls):
    idle = {oid: held for oid, held in device(ROWS).items() if oid != (*PROCESSOR_LOAD, 1)}
    polls.agent.become(marked(idle))
    assert_whole(await polls(), idle)
    assert_whole(await polls(), idle)
    polls.agent.become(marked(device(ROWS)))
    assert_whole(await polls(), device(ROWS))
    assert not polls.looked


async def test_a_row_that_takes_the_place_of_another_is_seen_at_once(polls: Polls):
    now = with_row(without(device(ROWS), 7), 31)
    polls.agent.become(marked(now))  # as many interfaces as before, and no word of a change
    assert_whole(await polls(), now)
    assert polls.looked


async def test_a_row_that_appears_is_seen_at_once_where_the_agent_says_so(polls: Polls):
    now = with_row(device(ROWS), 31)
    polls.agent.become(marked(now, changed_at=150))
    assert_whole(await polls(), now)
    assert polls.looked
    assert_whole(await polls(), now)
    assert not polls.looked


async def test_a_row_that_appears_without_a_word_is_seen_at_the_next_discovery(polls: Polls):
    now = with_row(device(ROWS), 31)
    polls.agent.become({**now, IF_NUMBER: (Tag.INTEGER, ROWS), IF_TABLE_LAST_CHANGE: (Tag.TIME_TICKS, 100)})
    assert_whole(await polls(), device(ROWS))
    assert polls.known is not None
    polls.known = replace(polls.known, valid=False)  # as noc.pipeline.known has it after an hour
    assert_whole(await polls(), now)


async def test_a_mark_that_changes_without_cause_is_believed_once(polls: Polls):
    looked = []
    for change in range(101, 105):
        polls.agent.become(marked(device(ROWS), changed_at=change))
        assert_whole(await polls(), device(ROWS))
        looked.append(polls.looked)
    assert looked == [True, False, False, False]


async def test_a_cell_that_vanishes_leaves_its_row(polls: Polls):
    bare = {oid: held for oid, held in device(ROWS).items() if oid != (*IF_ALIAS, 3)}
    polls.agent.become(marked(bare))
    assert_whole(await polls(), bare)
    assert polls.valid


class WalkOnly(Agent):
    """Has names of interfaces for a walk, but not for a GET."""

    def value(self, oid: Oid, version: Version) -> bytes | None:
        hidden = oid[: len(IFX_ENTRY)] == IFX_ENTRY and oid[len(IFX_ENTRY)] == 1
        return encode_varbind(oid, Tag.NO_SUCH_INSTANCE, None) if hidden else super().value(oid, version)


async def test_what_is_only_given_to_a_walk_is_never_lost():
    objects = device(5)
    async with serving(WalkOnly(objects)) as agent:
        polls = Polls(agent)
        for _ in range(5):
            assert_whole(await polls(), objects)


@pytest.mark.parametrize("seed", range(15))
async def test_whatever_comes_and_goes_a_poll_tells_what_a_walk_would(seed: int):
    """Interfaces come with a word of the agent; any cell may go without one, and come back."""
    dice = random.Random(seed)  # noqa: S311
    now, taken, changed_at, uptime = device(6), {}, 100, 1000
    async with serving(Agent(marked(now))) as agent:
        polls = Polls(agent)
        looked = 0
        for _ in range(12):
            deed = dice.choice(["nothing", "nothing", "add", "remove", "take", "give back", "restart"])
            uptime += 100
            indexes = sorted({oid[-1] for oid in now if oid[: len(IF_ENTRY)] == IF_ENTRY})
            if deed == "add":
                now, changed_at = with_row(now, indexes[-1] + dice.randint(1, 200)), changed_at + 1
            elif deed == "remove" and len(indexes) > 1:
                index = dice.choice(indexes)
                now, taken = without(now, index), without(taken, index)
            elif deed == "take":
                cells = [oid for oid in now if oid[: len(SYSTEM)] != SYSTEM and oid[:-1] not in WALKED]
                taken |= {oid: now[oid] for oid in dice.sample(cells, min(5, len(cells)))}
                now = {oid: held for oid, held in now.items() if oid not in taken}
            elif deed == "give back":
                now, taken = now | taken, {}
            elif deed == "restart":
                now, taken, uptime = device(dice.randint(1, 9)), {}, 1
            now = now | {SYS_UP_TIME: (Tag.TIME_TICKS, uptime)}
            agent.become(now | {IF_TABLE_LAST_CHANGE: (Tag.TIME_TICKS, changed_at)})
            assert_whole(await polls(), now)
            looked += polls.looked
    assert 0 < looked < 12


async def test_a_description_longer_than_a_frame_hides_no_sign():
    objects = device(5) | {SYS_DESCR: (Tag.OCTET_STRING, b"A long tale. " * 100)}
    async with serving(Agent(marked(objects), max_size=4000)) as agent:
        polls = Polls(agent)
        for looked in (True, False, False):
            assert_whole(await polls(), objects)
            assert polls.looked is looked
        agent.become(marked(objects | {SYS_UP_TIME: (Tag.TIME_TICKS, 1)}))
        assert_whole(await polls(), objects | {SYS_UP_TIME: (Tag.TIME_TICKS, 1)})
        assert polls.looked


# --- another agent ----------------------------------------------------------------------------------------------------


async def test_an_agent_that_restarted_is_discovered_anew(polls: Polls):
    now = device(4) | {SYS_UP_TIME: (Tag.TIME_TICKS, 500)}
    now = with_row(without(now, 2), 102)
    polls.agent.become({**now, IF_NUMBER: (Tag.INTEGER, ROWS), IF_TABLE_LAST_CHANGE: (Tag.TIME_TICKS, 100)})
    assert_whole(await polls(), now)
    assert polls.known is not None
    assert (polls.valid, polls.known.uptime, polls.known.gone) == (True, 500, {})


async def test_a_device_that_was_replaced_is_read_by_the_profile_of_the_new_one(polls: Polls):
    now = device(3) | {
        SYS_OBJECT_ID: (Tag.OID, (1, 3, 6, 1, 4, 1, 9, 1, 1208)),
        SYS_DESCR: (Tag.OCTET_STRING, b"Cisco IOS Software, C2960X Software, Version 15.2(2)E7"),
        SYS_UP_TIME: (Tag.TIME_TICKS, 999_999_999),
    }
    polls.agent.become(now)
    reading = await polls()
    assert reading.snmp is not None
    assert reading.snmp.profile == "cisco-ios"
    assert_whole(reading, now, "cisco-ios")
    assert polls.known is not None
    assert polls.known.profile == "cisco-ios"


async def test_what_another_profile_found_is_not_gone_by(polls: Polls):
    assert polls.known is not None
    for other in (replace(polls.known, named=True), replace(polls.known, profile="no such profile")):
        polls.known = other
        assert_whole(await polls(), device(ROWS))
        assert polls.looked


# --- faults -----------------------------------------------------------------------------------------------------------


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


@pytest.mark.parametrize("answered", [1, 2, 5, 10, 13])
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
