"""Agents that fall silent, talk nonsense or flood: the poll ends within bounds, keeps what it read, and says why."""

from __future__ import annotations

import asyncio
import contextlib
import json
import re
from collections import Counter
from collections.abc import Iterable
from typing import Literal

import pytest

from collectors.snmp import SnmpTarget, collect
from noc.cli._snapshot import document
from noc.clock import SystemClock
from noc.model.reading import FailureKind, Reading
from noc.pipeline.normalise import samples
from noc.pipeline.snapshot import snapshot
from noc.wire.ber import Message, Oid, PduType, Tag, Value
from noc.wire.lineprotocol import lines
from tests.agents import faults
from tests.agents.device import SYS_DESCR, SYS_NAME, SYS_UP_TIME, device
from tests.agents.polling import PROFILES, open_files, poll, values, wanted, where
from tests.agents.snmp import Agent, Fault, serving

pytestmark = pytest.mark.live

HONEST = 26
"""Requests that the device costs by v2c when nothing goes wrong."""

VERSIONS: list[Literal["1", "2c"]] = ["1", "2c"]
by_version = pytest.mark.parametrize("version", VERSIONS)


def seen_by(version: str, objects: dict[Oid, tuple[Tag, Value]]) -> dict[Oid, tuple[Tag, Value]]:
    return {oid: held for oid, held in objects.items() if version != "1" or held[0] is not Tag.COUNTER64}


def assert_exact_part(reading: Reading, objects: dict[Oid, tuple[Tag, Value]]) -> None:
    """What was read is what the agent has, though perhaps not all of it."""
    assert values(reading).items() <= wanted(objects).items()


@by_version
async def test_an_honest_agent_is_read_exactly(version: Literal["1", "2c"]):
    objects = device()
    agent = Agent(objects)
    reading = await poll(agent, version=version)
    assert reading.failure is None
    assert reading.parts == ()
    assert values(reading) == wanted(seen_by(version, objects))
    if version == "2c":
        assert agent.requests == HONEST


@by_version
@pytest.mark.parametrize("change", [faults.garbage, faults.truncated])
async def test_an_agent_that_talks_nonsense_is_a_failure(version: Literal["1", "2c"], change: faults.Change):
    agent = Agent(device(), faults.Damaged(change))
    reading = await poll(agent, version=version)
    assert reading.snmp is None
    assert reading.failure is not None
    assert reading.failure.kind is FailureKind.PROTOCOL
    assert "can't be understood" in reading.failure.reason
    assert agent.requests <= 6


@by_version
@pytest.mark.parametrize("change", [faults.garbage, faults.truncated])
@pytest.mark.parametrize("first", [1, 2, 5, 8])
async def test_an_agent_that_begins_to_talk_nonsense_is_left(
    version: Literal["1", "2c"], change: faults.Change, first: int
):
    objects = device()
    agent = Agent(objects, faults.Damaged(change, first))
    reading = await poll(agent, version=version)
    assert reading.failure is None
    assert values(reading)
    assert_exact_part(reading, objects)
    assert len(reading.parts) == 1
    assert "ifXTable" in reading.parts[0].what
    assert "can't be understood" in reading.parts[0].reason
    assert agent.requests <= first + 40


@by_version
@pytest.mark.parametrize(
    ("fault", "why"),
    [
        (faults.Silent(), "it is down, filtered, or the credentials are not its own"),
        (faults.OtherRequestId(), "3 answers came that belong to no question of ours: another request id;"),
        (faults.OtherCommunity(), "3 answers came that belong to no question of ours: another community;"),
    ],
    ids=["silent", "request-id", "community"],
)
async def test_an_agent_that_does_not_answer_is_a_failure(version: Literal["1", "2c"], fault: Fault, why: str):
    agent = Agent(device(), fault)
    reading = await poll(agent, version=version)
    assert reading.snmp is None
    assert reading.failure is not None
    assert reading.failure.kind is FailureKind.TIMEOUT
    assert "no answer" in reading.failure.reason
    assert why in reading.failure.reason
    assert agent.requests == 3
    said = re.search(r"in 3 tries of ([0-9.]+) s in all", reading.failure.reason)
    assert said is not None  # what passed, not what was planned: answers to nothing lengthen the wait
    assert float(said[1]) == pytest.approx(reading.duration_s, abs=0.1)


@by_version
async def test_garbage_is_told_once_and_prints_nothing(version: Literal["1", "2c"], capfd: pytest.CaptureFixture[str]):
    reading = await poll(Agent(device(), faults.Damaged(faults.garbage)), version=version)
    assert reading.failure is not None
    assert "the message begins with 0xff instead of 0x30" in reading.failure.reason
    assert capfd.readouterr() == ("", "")


async def test_answers_from_another_port_are_none():
    loop = asyncio.get_running_loop()
    other, _ = await loop.create_datagram_endpoint(asyncio.DatagramProtocol, local_addr=("127.0.0.1", 0))
    agent = Agent(device(), faults.OtherPort(other))
    reading = await poll(agent)
    other.close()
    await asyncio.sleep(0)
    assert reading.failure is not None
    assert reading.failure.kind is FailureKind.TIMEOUT
    assert agent.requests == 3


async def test_a_port_without_an_agent_is_a_failure_at_once():
    agent = Agent(device())
    async with serving(agent):
        target = SnmpTarget(where(agent), 20.0)
    before = open_files()
    reading = await collect(target, PROFILES, SystemClock(), "test")
    assert open_files() <= before
    assert reading.failure is not None
    assert reading.failure.kind is FailureKind.REFUSED
    assert "no SNMP agent listens there" in reading.failure.reason


@by_version
@pytest.mark.parametrize("answered", [1, 2, 3, 5, 10, 20, 25])
async def test_an_agent_that_falls_silent_is_left(version: Literal["1", "2c"], answered: int):
    objects = device()
    agent = Agent(objects, faults.Silent(answered))
    reading = await poll(agent, version=version, timeout_s=0.03)
    assert reading.failure is None
    assert values(reading)
    assert_exact_part(reading, objects)
    (part,) = reading.parts
    assert "no answer" in part.reason
    assert "mplsTunnelTable" in part.what  # the last one that is asked for
    assert agent.requests <= answered + 6  # one question, and one whether the agent is there at all


DEAF: frozenset[Oid] = frozenset({(1, 3, 6, 1, 2, 1, arc) for arc in (10, 14, 15, 17, 47, 68, 99, 131)})
"""Subtrees with tables that are asked for of every device: entities, neighbours, ports."""


class DeafAndLossy(faults.SilentBelow):
    """Besides, of every three requests one gets lost on the way."""

    def answers(self, agent: Agent, request: Message) -> Iterable[bytes]:
        return () if agent.requests % 3 == 0 else super().answers(agent, request)


@by_version
async def test_an_agent_that_is_silent_on_tables_is_soon_asked_once_only(version: Literal["1", "2c"]):
    objects = device()
    agent = Agent(objects, faults.SilentBelow(DEAF))
    reading = await poll(agent, version=version, timeout_s=0.03)
    assert reading.failure is None
    assert values(reading) == wanted(seen_by(version, objects))
    lost = [part for part in reading.parts if "no answer" in part.reason]
    assert len(lost) > 10
    assert all("in 1 try of" in part.reason for part in lost[2:])
    unanswered = Counter(tuple(asked) for kind, asked in agent.asked if kind is not PduType.GET and deaf(asked))
    assert sum(count > 1 for count in unanswered.values()) <= 2


def deaf(asked: tuple[Oid, ...]) -> bool:
    return any(oid[: len(top)] == top for oid in asked for top in DEAF)


async def test_where_answers_get_lost_a_silent_agent_is_asked_as_often_as_any():
    objects = device()
    reading = await poll(Agent(objects, DeafAndLossy(DEAF)), timeout_s=0.03)
    assert reading.failure is None
    assert values(reading) == wanted(objects)
    assert all("in 3 tries of" in part.reason for part in reading.parts)


async def test_what_was_read_before_the_deadline_is_kept():
    objects = device()
    agent = Agent(objects, faults.Silent(20))
    reading = await poll(agent, timeout_s=5.0, deadline_s=0.3)
    assert reading.failure is None
    assert len(values(reading)) > 100
    assert_exact_part(reading, objects)
    (part,) = reading.parts
    assert "not finished in 0.3 s, the deadline of a poll" in part.reason


async def test_nothing_before_the_deadline_is_a_failure():
    reading = await poll(Agent(device(), faults.Silent()), timeout_s=5.0, deadline_s=0.1)
    assert reading.failure is not None
    assert reading.failure.kind is FailureKind.TIMEOUT
    assert "deadline" in reading.failure.reason


@by_version
@pytest.mark.parametrize(
    ("fault", "most"),
    [
        (faults.OtherRequestId(then_right=True), 1.0),
        (faults.Twice(), 1.0),
        (faults.Stale(150), 1.0),
        (faults.DropsEverySecond(), 2.2),
    ],
    ids=lambda value: type(value).__name__,
)
async def test_what_disturbs_only_the_order_of_answers_costs_nothing_but_time(
    version: Literal["1", "2c"], fault: Fault, most: float
):
    objects = device(5 if version == "1" else 30)
    honest = Agent(objects)
    await poll(honest, version=version)
    agent = Agent(objects, fault)
    reading = await poll(agent, version=version, timeout_s=0.02 if most > 1 else 0.5)
    assert reading.failure is None
    assert reading.parts == ()
    assert values(reading) == wanted(seen_by(version, objects))
    assert agent.requests <= honest.requests * most


async def test_a_burst_that_drowns_every_answer_is_a_failure():
    agent = Agent(device(), faults.Stale(3000))  # more than the socket holds, so the right answer is lost
    reading = await poll(agent)
    assert reading.failure is not None
    assert reading.failure.kind is FailureKind.TIMEOUT
    assert agent.requests == 3


@pytest.mark.parametrize("datagram", [b"", b"\x30\x00", b"\xff" * 100, bytes(1400)])
async def test_a_flood_ends_with_the_deadline_at_the_latest(datagram: bytes):
    objects = device(5)
    agent = Agent(objects)

    async def flood() -> None:
        assert agent.transport is not None
        while True:
            if agent.requests:
                for _ in range(20):
                    agent.transport.sendto(datagram, agent.asker)
            await asyncio.sleep(0)

    async with serving(agent):
        flooding = asyncio.create_task(flood())
        reading = await poll(agent, deadline_s=1.0)
        flooding.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await flooding
    assert reading.duration_s < 2.0
    assert_exact_part(reading, objects)
    assert agent.requests <= 2 * HONEST


async def test_a_cancelled_poll_leaves_nothing_behind():
    agent = Agent(device(), faults.Silent(20))
    async with serving(agent):
        files, watched = open_files(), watched_files()
        task = asyncio.create_task(
            collect(SnmpTarget(where(agent, timeout_s=30.0), 30.0), PROFILES, SystemClock(), "test")
        )
        while agent.requests < 21:
            await asyncio.sleep(0)
        assert len(open_files() - files) == 1
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        assert open_files() <= files
        assert watched_files() == watched


def watched_files() -> int:
    """Return how many file descriptors the running loop watches."""
    selector = asyncio.get_running_loop()._selector  # type: ignore[attr-defined]
    return len(selector.get_map())


async def test_an_agent_without_sysuptime_is_read():
    objects = device()
    del objects[SYS_UP_TIME]
    agent = Agent(objects)
    reading = await poll(agent)
    assert reading.failure is None
    assert reading.parts == ()
    assert values(reading) == wanted(objects)
    assert agent.requests == HONEST + 1  # whether it lacks sysUpTime, or had no room for it


async def test_an_agent_without_a_system_group_is_read():
    objects = {oid: held for oid, held in device().items() if oid[:7] != SYS_DESCR[:7]}
    agent = Agent(objects)
    reading = await poll(agent)
    assert reading.failure is None
    assert reading.parts == ()
    assert values(reading) == wanted(objects)
    assert agent.requests <= HONEST + 35


async def test_an_agent_without_any_object_is_read_as_empty():
    agent = Agent({})
    reading = await poll(agent)
    assert reading.failure is None
    assert values(reading) == {}
    assert agent.requests <= 3 * HONEST


HOSTILE = {
    SYS_DESCR: b"\x1b]0;owned\x07\x1b[2J\r\n\x00\x7f" + bytes(range(32)),
    SYS_NAME: b"\xff\xfe\xc0\x80\xed\xa0\x80 caf\xe9",
}


async def test_hostile_strings_come_as_they_are():
    objects = device() | {oid: (Tag.OCTET_STRING, text) for oid, text in HOSTILE.items()}
    reading = await poll(Agent(objects))
    assert reading.failure is None
    assert reading.parts == ()
    assert values(reading) == wanted(objects)


@pytest.mark.parametrize("seed", range(25))
@by_version
async def test_whatever_is_damaged_the_poll_ends_with_a_reading(version: Literal["1", "2c"], seed: int):
    agent = Agent(device(8), faults.Damaged(faults.mutated(seed)))
    reading = await poll(agent, version=version, timeout_s=0.01, deadline_s=3.0)
    assert reading.failure is None or reading.snmp is None
    assert reading.duration_s < 4.0
    assert agent.requests < 1000
    taken = snapshot(reading, PROFILES[reading.snmp.profile if reading.snmp else "generic"])
    assert json.dumps(document(taken), allow_nan=False)
    assert all("\n" not in line for table in samples(taken, reading.started_at) for line in lines(table))
