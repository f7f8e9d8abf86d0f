"""Polls by known rows, of agents that change: nothing that a walk would tell is lost or made up."""

from __future__ import annotations

import random
from collections.abc import AsyncIterator
from dataclasses import replace

import pytest

from noc.wire.ber import Oid, Tag, Version, encode_varbind
from tests.agents.device import (
    IF_ENTRY,
    IFX_ENTRY,
    PROCESSOR_LOAD,
    SYS_DESCR,
    SYS_OBJECT_ID,
    SYS_UP_TIME,
    SYSTEM,
    device,
)
from tests.agents.known import (
    FAST,
    IF_ALIAS,
    IF_IN_OCTETS,
    IF_NUMBER,
    IF_TABLE_LAST_CHANGE,
    ROWS,
    WALKED,
    Polls,
    assert_whole,
    discovered,
    marked,
    with_row,
    without,
)
from tests.agents.polling import values
from tests.agents.snmp import Agent, serving

pytestmark = pytest.mark.live


@pytest.fixture
async def polls() -> AsyncIterator[Polls]:
    async with serving(Agent(marked(device(ROWS)))) as agent:
        yield await discovered(agent)


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
