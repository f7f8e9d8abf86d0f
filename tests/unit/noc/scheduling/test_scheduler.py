"""The scheduler in virtual time."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import AsyncIterator

import pytest

from noc.clock import ManualClock
from noc.model.check import Check
from noc.model.errors import NoEvidenceError
from noc.model.reading import Failure, FailureKind
from noc.scheduling.breaker import ASKS_EVERY, OPENS_AFTER
from noc.scheduling.scheduler import Scheduler
from tests.scheduled import START, World, probe

DOWN = Failure(FailureKind.TIMEOUT, "no answer")


@pytest.fixture
async def world() -> AsyncIterator[World]:
    world = World()
    world.scheduler.start()
    yield world
    await world.scheduler.stop()


def conserved(scheduler: Scheduler) -> bool:
    tally = scheduler.tally
    return tally.due == tally.started + tally.missed + tally.held + tally.left_out


async def test_each_check_is_asked_once_an_interval(world: World) -> None:
    world.scheduler.replace([probe(number) for number in range(50)])
    await world.clock.advance(600.0)
    assert world.count() == {f"device/d{number}:icmp": 10 for number in range(50)}
    assert len(world.came_back) == 500
    assert conserved(world.scheduler)


async def test_checks_are_spread_over_the_interval(world: World) -> None:
    world.scheduler.replace([probe(number) for number in range(600)])
    await world.clock.advance(60.0)
    per_second = Counter(int(moment) for moment, _ in world.asked)
    assert max(per_second.values()) <= 30  # 10 a second on average, hashed


async def test_a_restart_keeps_the_moment_of_each_check() -> None:
    moments = []
    for start in (START, START.replace(minute=7, second=13)):
        world = World()
        world.clock = ManualClock(start)
        world.scheduler = Scheduler(world.clock, world._run, world._sink, 10)
        world.scheduler.replace([probe()])
        world.scheduler.start()
        await world.clock.advance(60.0)
        moment = (start.timestamp() + world.asked[0][0]) % 60.0
        moments.append(round(moment, 3))
        await world.scheduler.stop()
    assert moments[0] == moments[1]


async def test_a_check_never_runs_twice_at_once_and_the_missed_run_is_counted(world: World) -> None:
    async def slow(check: Check) -> None:
        await world.clock.sleep(90.0)

    world.answer = slow
    world.scheduler.replace([Check("device/slow", "snmp", 60.0, 1000.0)])
    await world.clock.advance(60.0 * 4)
    assert world.count()["device/slow:snmp"] == 2
    assert world.scheduler.tally.missed == 2
    assert conserved(world.scheduler)


async def test_no_more_than_the_bound_run_at_once() -> None:
    world = World(max_concurrent=3)
    most = 0
    now = 0

    async def held(check: Check) -> None:
        nonlocal most, now
        now += 1
        most = max(most, now)
        await world.clock.sleep(5.0)
        now -= 1

    world.answer = held
    world.scheduler.replace([probe(number, interval_s=600.0) for number in range(30)])  # they need one place
    world.scheduler.start()
    for check in world.scheduler.checks:
        world.scheduler.expedite(check.key)
    await world.clock.advance(120.0)
    assert most == 3
    assert set(world.count().values()) <= {1, 2}
    assert len(world.count()) == 30
    await world.scheduler.stop()


async def test_a_fault_in_one_check_does_not_touch_the_others(world: World, caplog: pytest.LogCaptureFixture) -> None:
    async def fault(check: Check) -> None:
        if check.entity == "device/d1":
            raise ZeroDivisionError

    world.answer = fault
    world.scheduler.replace([probe(1), probe(2)])
    await world.clock.advance(180.0)
    assert set(world.came_back) == {"device/d2:icmp"}
    assert world.scheduler.tally.faults == 3
    assert "device/d1:icmp" in caplog.text


async def test_a_new_plan_keeps_the_rhythm_of_what_did_not_change(world: World) -> None:
    world.scheduler.replace([probe(1), probe(2)])
    await world.clock.advance(61.0)
    before = [moment for moment, key in world.asked if key == "device/d1:icmp"]
    world.scheduler.replace([probe(1), probe(3), probe(4, interval_s=30.0)])
    await world.clock.advance(119.0)
    after = [moment for moment, key in world.asked if key == "device/d1:icmp"]
    assert [round(moment - before[0]) for moment in after] == [0, 60, 120]
    assert world.count()["device/d2:icmp"] == 1
    assert world.count()["device/d3:icmp"] == 2
    assert world.count()["device/d4:icmp"] == 4


async def test_what_leaves_the_plan_is_cancelled_under_way(world: World) -> None:
    cancelled = []

    async def for_ever(check: Check) -> None:
        try:
            await asyncio.get_running_loop().create_future()
        except asyncio.CancelledError:
            cancelled.append(check.key)
            raise

    world.answer = for_ever
    world.scheduler.replace([probe(1)])
    await world.clock.advance(61.0)
    world.scheduler.replace([])
    await world.clock.advance(120.0)
    assert cancelled == ["device/d1:icmp"]
    assert world.came_back == []


async def test_an_expedited_check_runs_now_and_keeps_its_rhythm(world: World) -> None:
    world.scheduler.replace([probe(1)])
    await world.clock.advance(60.0)
    first = world.asked[0][0]
    await world.clock.advance((first + 30.0) % 60.0)
    count = len(world.asked)
    assert world.scheduler.expedite("device/d1:icmp")
    assert not world.scheduler.expedite("device/nobody:icmp")
    await world.clock.advance(0.0)
    assert len(world.asked) == count + 1
    await world.clock.advance(120.0)
    regular = {round((moment - first) % 60.0, 3) for moment, _ in world.asked}
    assert len(regular - {0.0, 60.0}) == 1
    assert conserved(world.scheduler)


async def test_a_device_that_fails_is_polled_less_often_but_its_liveness_is_not(world: World) -> None:
    world.failure = DOWN
    world.scheduler.replace([probe(1), probe(1, kind="snmp", liveness=False)])
    await world.clock.advance(60.0 * 60)
    count = world.count()
    assert count["device/d1:icmp"] == 60
    assert count["device/d1:snmp"] == OPENS_AFTER + (60 - OPENS_AFTER) // ASKS_EVERY
    assert conserved(world.scheduler)
    world.failure = None
    await world.clock.advance(60.0 * ASKS_EVERY)
    before = world.count()["device/d1:snmp"]
    await world.clock.advance(60.0 * 10)
    assert world.count()["device/d1:snmp"] == before + 10


async def test_a_step_of_the_wall_clock_moves_nothing(world: World) -> None:
    world.scheduler.replace([probe(1)])
    await world.clock.advance(120.0)
    for step in (3600.0, -7200.0, 315_360_000.0):
        world.clock.step(step)
        before = len(world.asked)
        await world.clock.advance(600.0)
        assert len(world.asked) == before + 10


async def test_after_a_stall_there_is_no_burst(world: World) -> None:
    world.scheduler.replace([probe(number, interval_s=10.0) for number in range(5)])
    await world.clock.advance(10.0)
    world.clock.stall(1000.0)
    await world.clock.advance(0.0)
    assert len(world.asked) == 10
    assert world.scheduler.tally.missed in range(490, 501)
    assert conserved(world.scheduler)


async def test_slow_polls_never_keep_liveness_waiting() -> None:
    world = World(max_concurrent=8)
    gate = asyncio.Event()

    async def answer(check: Check) -> None:
        if not check.liveness:
            await gate.wait()

    world.answer = answer
    polls = [Check(f"device/p{number}", "snmp", 600.0, 300.0, False) for number in range(100)]
    world.scheduler.start()
    world.scheduler.replace([*polls, *(probe(number, interval_s=10.0) for number in range(20))])
    await world.clock.advance(200.0)
    assert {key: times for key, times in world.count().items() if key.endswith(":icmp")} == {
        f"device/d{number}:icmp": 20 for number in range(20)
    }
    assert sum(key.endswith(":snmp") for key in world.count()) == 6  # three quarters of eight
    gate.set()
    await world.clock.advance(600.0)
    assert sum(key.endswith(":snmp") for key in world.count()) == 100
    await world.scheduler.stop()
    assert conserved(world.scheduler)


async def test_what_the_gate_leaves_out_is_counted_and_asked_again_when_it_is_next_due(world: World) -> None:
    world.scheduler.replace([probe(0), probe(1)])
    world.may = lambda check: check.entity != "device/d1"
    await world.clock.advance(600.0)
    assert world.count() == {"device/d0:icmp": 10}
    assert world.scheduler.tally.left_out == 10
    assert world.scheduler.expedite("device/d1:icmp")
    world.may = lambda _: True
    await world.clock.advance(60.0)
    assert world.count() == {"device/d0:icmp": 11, "device/d1:icmp": 1}
    assert world.scheduler.tally.left_out == 11
    assert conserved(world.scheduler)


async def test_a_run_that_the_gate_lets_through_has_its_place(world: World) -> None:
    """What is admitted has octets kept for it: it must run, not wait and be forgotten."""
    held = asyncio.Event()
    admitted: list[str] = []

    async def answer(_: Check) -> None:
        await held.wait()

    small = World(max_concurrent=1)
    small.answer = answer
    small.may = lambda check: admitted.append(check.key) is None
    small.scheduler.start()
    small.scheduler.replace([probe(number, liveness=False) for number in range(3)])
    await small.clock.advance(60.0)
    assert len(admitted) == 1
    held.set()
    await small.clock.advance(1.0)
    assert sorted(admitted) == sorted(small.came_back) == [f"device/d{number}:icmp" for number in range(3)]
    await small.scheduler.stop()


async def test_a_check_that_goes_to_somebody_else_ends_by_itself(world: World) -> None:
    go_on = asyncio.Event()
    world.answer = lambda _: _done(go_on)
    world.scheduler.replace([probe(0), probe(1)])
    await world.clock.advance(60.0)
    assert world.count().total() == 2
    world.scheduler.replace([probe(1)], let_end=True)
    await world.clock.advance(0.0)
    go_on.set()
    await world.clock.advance(120.0)
    assert sorted(set(world.came_back)) == ["device/d0:icmp", "device/d1:icmp"]
    assert world.count()["device/d0:icmp"] == 1


async def test_what_still_runs_of_another_plan_is_ended_with_the_scheduler(world: World) -> None:
    world.answer = lambda _: _done(asyncio.Event())
    world.scheduler.replace([probe(0)])
    await world.clock.advance(60.0)
    world.scheduler.replace([], let_end=True)
    await world.scheduler.stop()
    assert world.came_back == []


async def _done(event: asyncio.Event) -> None:
    await event.wait()


async def test_a_run_that_came_to_nothing_by_nocs_own_fault_is_no_evidence(world: World) -> None:
    async def late(_: Check) -> None:
        raise NoEvidenceError("noc was too busy")

    world.answer = late
    world.scheduler.replace([probe()])
    await world.clock.advance(600.0)
    assert (world.came_back, world.scheduler.tally.withheld, world.scheduler.tally.faults) == ([], 10, 0)


async def test_what_noc_could_not_ask_is_no_evidence_and_is_told_once_in_a_while(
    world: World, caplog: pytest.LogCaptureFixture
) -> None:
    world.failure = Failure(FailureKind.REFUSED, "192.0.2.1: no way to the device: too many open files", ours=True)
    world.scheduler.replace([probe(number) for number in range(3)])
    await world.clock.advance(600.0)
    assert (world.came_back, world.scheduler.tally.withheld, world.scheduler.tally.faults) == ([], 30, 0)
    assert 2 <= caplog.text.count("too many open files") <= 11
