"""Agents that fail on single objects, or whose tables have no end or the wrong one: all that can be read is read."""

from __future__ import annotations

from typing import Literal

import pytest

from noc.model.reading import PartFailure
from noc.wire.ber import Oid, PduType, Tag, Version
from tests.agents import faults
from tests.agents.device import (
    ENGINE_TIME,
    IF_COLUMNS,
    IF_ENTRY,
    IFX_ENTRY,
    SYS_CONTACT,
    SYS_DESCR,
    SYS_LOCATION,
    SYS_NAME,
    SYS_OBJECT_ID,
    SYS_UP_TIME,
    device,
)
from tests.agents.polling import poll, values, wanted
from tests.agents.snmp import Agent, Fault

pytestmark = pytest.mark.live

HONEST = 26
ROWS = 30
IF_DESCR, IF_OPER_STATUS, IF_IN_OCTETS, IF_SPEED = ((*IF_ENTRY, column) for column in (2, 8, 10, 5))
SYSTEM_GROUP = frozenset({SYS_DESCR, SYS_OBJECT_ID, SYS_UP_TIME, SYS_CONTACT, SYS_NAME, SYS_LOCATION})

VERSIONS: list[Literal["1", "2c"]] = ["1", "2c"]


# --- errors -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("oid", [(*IF_IN_OCTETS, 7), (*IF_ENTRY, 20, ROWS), (*IFX_ENTRY, 18, 1)])
async def test_one_object_that_brings_an_error_costs_only_itself(oid: Oid):
    objects = device()
    agent = Agent(objects, faults.ErrorFor(frozenset({oid})))
    reading = await poll(agent)
    assert reading.failure is None
    assert values(reading) == wanted(objects, oid)
    (part,) = reading.parts
    name = {10: "ifTable.ifInOctets", 20: "ifTable.ifOutErrors", 18: "ifXTable.ifAlias"}[oid[-2]]
    assert part == PartFailure(name, f"the agent answers with an error for row {oid[-1]}")
    assert agent.requests <= HONEST + 16
    assert full_questions(agent) >= 12  # the others are asked for in full questions still


def full_questions(agent: Agent) -> int:
    return sum(len(oids) >= 24 for _, oids in agent.asked)


@pytest.mark.parametrize("scalar", [SYS_CONTACT, SYS_DESCR, ENGINE_TIME])
async def test_a_scalar_that_brings_an_error_costs_only_itself(scalar: Oid):
    objects = device()
    agent = Agent(objects, faults.ErrorFor(frozenset({scalar})))
    reading = await poll(agent)
    assert reading.failure is None
    assert values(reading) == wanted(objects, scalar)
    assert agent.requests <= HONEST + 16


async def test_a_column_that_brings_errors_is_given_up():
    objects = device()
    bad = frozenset(oid for oid in objects if oid[: len(IF_SPEED)] == IF_SPEED)
    agent = Agent(objects, faults.ErrorFor(bad))
    reading = await poll(agent)
    assert reading.failure is None
    assert values(reading) == wanted(objects, IF_SPEED)
    (part,) = reading.parts
    assert part.what == "ifTable.ifSpeed"
    assert part.reason.startswith("the agent answers with an error for rows 1, 2, 3")
    assert "further rows were not asked for" in part.reason
    assert agent.requests <= HONEST + 75


@pytest.mark.parametrize("number", [0, 1, 5, 20])
async def test_an_error_that_does_not_come_again_costs_nothing(number: int):
    objects = device()
    agent = Agent(objects, faults.OneError(number))
    reading = await poll(agent)
    assert reading.failure is None
    assert reading.parts == ()
    assert values(reading) == wanted(objects)
    assert agent.requests <= 2 * HONEST


@pytest.mark.parametrize("version", VERSIONS)
@pytest.mark.parametrize("first", [1, 2, 20])
async def test_an_agent_that_begins_to_answer_only_errors_is_left(version: Literal["1", "2c"], first: int):
    objects = device()
    agent = Agent(objects, faults.ErrorsFrom(first))
    reading = await poll(agent, version=version)
    assert reading.failure is None
    assert values(reading).items() <= wanted(objects).items()
    if version == "2c":  # by v1 all is walked, and walks go well with this agent
        (part,) = reading.parts
        assert "answers with errors, also to what it has answered before" in part.reason
        assert agent.requests <= first + 40


@pytest.mark.parametrize("most", [24, 10, 3, 2, 1])
async def test_an_agent_that_takes_few_objects_is_asked_for_few(most: int):
    objects = device()
    honest = Agent(objects)
    await poll(honest)
    cells = sum(len(oids) for kind, oids in honest.asked if kind is PduType.GET)
    agent = Agent(objects, faults.TooBigAbove(most))
    reading = await poll(agent)
    assert reading.failure is None
    assert reading.parts == ()
    assert values(reading) == wanted(objects)
    assert agent.requests <= HONEST + 40 + cells // max(most // 2, 1)


@pytest.mark.parametrize("size", [300, 484, 1472])
@pytest.mark.parametrize("version", VERSIONS)
async def test_an_agent_of_small_answers_is_read_exactly(version: Literal["1", "2c"], size: int):
    objects = device(6)
    agent = Agent(objects, max_size=size)
    reading = await poll(agent, version=version)
    assert reading.failure is None
    assert reading.parts == ()
    hidden = [oid for oid, (tag, _) in objects.items() if tag is Tag.COUNTER64 and version == "1"]
    assert values(reading) == wanted(objects, *hidden)


@pytest.mark.parametrize("fault", [faults.AnswersOnly(10), faults.AnswersOnly(2), faults.SilentAbove(12)], ids=repr)
async def test_what_is_left_out_without_a_word_is_asked_for_again(fault: Fault):
    objects = device(6)
    agent = Agent(objects, fault)
    reading = await poll(agent, timeout_s=0.05)
    assert reading.failure is None
    assert reading.parts == ()
    assert values(reading) == wanted(objects)
    assert agent.requests <= 8 * HONEST


async def test_values_that_come_with_an_error_do_not_pass_as_all():
    objects = device()
    bad = (*IF_IN_OCTETS, 7)
    reading = await poll(Agent(objects, faults.HalfFilledError(bad)))
    assert values(reading) == wanted(objects, bad)
    assert reading.parts == (PartFailure("ifTable.ifInOctets", "the agent answers with an error for row 7"),)


@pytest.mark.parametrize("gone", [frozenset({SYS_DESCR}), SYSTEM_GROUP - {SYS_NAME}, SYSTEM_GROUP], ids=len)
@pytest.mark.parametrize("first", [2, 5, 20])
async def test_objects_that_vanish_half_way_take_nothing_with_them(gone: frozenset[Oid], first: int):
    objects = device()
    agent = Agent(objects, faults.Vanishes(gone, first))
    reading = await poll(agent)
    assert reading.failure is None
    if gone != SYSTEM_GROUP:
        assert reading.parts == ()
        assert values(reading) == wanted(objects)
        assert agent.requests <= HONEST + 50
    else:  # nothing answers any more that has answered before: what is left can't be told from errors
        assert values(reading).items() <= wanted(objects).items()


# --- tables -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("version", VERSIONS)
async def test_a_table_without_end_is_left_out(version: Literal["1", "2c"]):
    objects = device(5)
    agent = Agent(objects, faults.EndlessTable(IF_ENTRY))
    reading = await poll(agent, version=version, deadline_s=60.0)
    assert reading.failure is None
    assert reading.snmp is not None
    assert reading.snmp.tables["ifTable"] == {}
    assert len(reading.snmp.tables["ifXTable"]) == 5
    (part,) = reading.parts
    assert part == PartFailure("ifTable", "left out: more than 20000 rows, larger than any real table")
    assert agent.requests <= (1000 if version == "2c" else 20_500)


def columns_of(entry: Oid) -> list[Oid]:
    return [(*entry, column) for column, _ in IF_COLUMNS.values()]


@pytest.mark.parametrize("version", VERSIONS)
@pytest.mark.parametrize("back_to", [1, 12, 20], ids=["the first row", "a row before", "the same row"])
async def test_a_table_that_goes_round_in_circles_is_read_once(version: Literal["1", "2c"], back_to: int):
    objects = device(ROWS)
    jumps = {(*column, 20): (*column, back_to) for column in columns_of(IF_ENTRY)}
    agent = Agent(objects, faults.LoopingTable(jumps))
    reading = await poll(agent, version=version)
    assert reading.failure is None
    assert reading.snmp is not None
    assert sorted(reading.snmp.tables["ifTable"]) == [(row,) for row in range(1, 21)]
    lost = [(*column, row) for column in columns_of(IF_ENTRY) for row in range(21, ROWS + 1)]
    hidden = [oid for oid, (tag, _) in objects.items() if tag is Tag.COUNTER64 and version == "1"]
    assert values(reading) == wanted(objects, *lost, *hidden)
    assert reading.parts == (
        PartFailure("ifTable", "the agent begins to repeat itself after 20 rows: rows may be missing"),
    )
    assert agent.requests <= (HONEST + 10 if version == "2c" else 700)


async def test_a_table_in_the_wrong_order_is_read_whole():
    objects = device(ROWS)
    jumps: dict[Oid, Oid] = {}
    for column in columns_of(IF_ENTRY):  # 1 … 9, 20 … 30, 10 … 19
        behind = Agent(objects).successor((*column, ROWS), Version.V2C)
        assert behind is not None
        jumps |= {(*column, 9): (*column, 20), (*column, ROWS): (*column, 10), (*column, 19): behind}
    agent = Agent(objects, faults.LoopingTable(jumps))
    reading = await poll(agent)
    assert reading.parts == ()
    assert values(reading) == wanted(objects)


async def test_one_column_that_ends_half_way_is_completed_by_the_others():
    objects = device(ROWS)
    agent = Agent(objects, faults.EndsHalfWay(frozenset({(*IF_DESCR, 15)})))
    reading = await poll(agent)
    assert reading.failure is None
    assert reading.parts == ()
    assert values(reading) == wanted(objects)


async def test_a_table_that_ends_half_way_does_not_pass_as_whole():
    objects = device(ROWS)
    agent = Agent(objects, faults.EndsHalfWay(frozenset((*column, 15) for column in columns_of(IF_ENTRY))))
    reading = await poll(agent)
    assert reading.failure is None
    lost = [(*column, row) for column in columns_of(IF_ENTRY) for row in range(16, ROWS + 1)]
    assert values(reading) == wanted(objects, *lost)
    (part,) = reading.parts
    assert part.what == "ifTable"
    assert part.reason == "the agent ends its view after 15 rows but shows objects beyond: rows may be missing"
    assert agent.requests <= HONEST + 30


# --- odd values -------------------------------------------------------------------------------------------------------

UNDECODABLE = {
    "an unknown type": (0x49, b"\x05"),
    "NsapAddress": (0x45, b"\x05\x01"),
    "an address of 16 bytes": (0x40, bytes(16)),
    "an OID without content": (0x06, b""),
    "a constructed string": (0x24, b"\x04\x03abc"),
    "a sequence": (0x30, b""),
    "60 kB": (0x04, b"x" * 60_000),
}
by_kind = pytest.mark.parametrize("kind", UNDECODABLE)


@by_kind
@pytest.mark.parametrize("column", [IF_DESCR, IF_IN_OCTETS], ids=["walked", "asked for"])
async def test_one_value_that_can_not_be_decoded_costs_only_itself(kind: str, column: Oid):
    objects = device()
    bad = (*column, 7)
    agent = Agent(objects, faults.OddCells({bad: faults.odd_varbind(bad, *UNDECODABLE[kind])}), max_size=65_000)
    reading = await poll(agent)
    assert reading.failure is None
    assert values(reading) == wanted(objects, bad)
    (part,) = reading.parts
    assert part.what == ("ifTable.ifDescr" if column == IF_DESCR else "ifTable.ifInOctets")
    assert part.reason.startswith("the agent's answer for row 7 can't be decoded")
    assert agent.requests <= HONEST + 60


@by_kind
@pytest.mark.parametrize("scalar", [SYS_DESCR, SYS_OBJECT_ID, SYS_LOCATION, SYS_UP_TIME])
async def test_a_scalar_that_can_not_be_decoded_costs_only_itself(kind: str, scalar: Oid):
    objects = device()
    agent = Agent(objects, faults.OddCells({scalar: faults.odd_varbind(scalar, *UNDECODABLE[kind])}), max_size=65_000)
    reading = await poll(agent)
    if scalar == SYS_UP_TIME and reading.failure is not None:
        pytest.fail(f"the whole device is lost for its sysUpTime: {reading.failure.reason}")
    assert values(reading) == wanted(objects, scalar)
    assert agent.requests <= HONEST + 40


async def test_a_column_that_can_not_be_decoded_is_given_up():
    objects = device()
    cells = {oid: faults.odd_varbind(oid, 0x49, b"\x05") for oid in objects if oid[: len(IF_SPEED)] == IF_SPEED}
    agent = Agent(objects, faults.OddCells(cells))
    reading = await poll(agent)
    assert values(reading) == wanted(objects, IF_SPEED)
    (part,) = reading.parts
    assert part.what == "ifTable.ifSpeed"
    assert "not asked for" in part.reason
    assert agent.requests <= HONEST + 110


@pytest.mark.parametrize("version", VERSIONS)
async def test_values_of_wrong_types_come_as_they_are(version: Literal["1", "2c"]):
    odd = {
        SYS_DESCR: (Tag.INTEGER, -5),
        SYS_OBJECT_ID: (Tag.OCTET_STRING, b"no identifier"),
        SYS_UP_TIME: (Tag.OCTET_STRING, b"two weeks"),
        SYS_NAME: (Tag.IP_ADDRESS, "192.0.2.1"),
        (*IF_DESCR, 3): (Tag.TIME_TICKS, 12),
        (*IF_SPEED, 3): (Tag.OCTET_STRING, b"fast"),
        (*IF_OPER_STATUS, 3): (Tag.OID, (1, 3, 6, 1)),
        (*IF_IN_OCTETS, 3): (Tag.OPAQUE, b"\x9f\x78\x04\x7f\xc0\x00\x00"),
    }
    objects = device(5) | odd
    reading = await poll(Agent(objects), version=version)
    assert reading.failure is None
    assert reading.parts == ()
    hidden = [oid for oid, (tag, _) in objects.items() if tag is Tag.COUNTER64 and version == "1"]
    assert values(reading) == wanted(objects, *hidden)
