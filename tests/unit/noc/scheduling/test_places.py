"""How many checks the scheduler has under way at once: while turns of the loop are long, and where nothing answers."""

from __future__ import annotations

from collections import Counter

from noc.clock import ManualClock
from noc.model.check import Check
from noc.scheduling.scheduler import Scheduler
from noc.scheduling.width import LEAST
from tests.scheduled import START, World, probe


async def test_what_waits_for_silent_devices_keeps_nobody_waiting_whatever_the_bound_is() -> None:
    """A lost region: each is waited for as long as is allowed, and all are to be asked at their rhythm."""
    world = World(max_concurrent=4)

    async def answer(check: Check) -> None:
        if check.liveness and int(check.entity.removeprefix("device/d")) < 40:
            await world.clock.sleep(check.deadline_s)

    world.answer = answer
    polls = [Check(f"device/d{number}", "snmp", 60.0, 30.0) for number in range(100)]
    world.scheduler.replace([*polls, *(probe(number) for number in range(100))])
    world.scheduler.start()
    await world.clock.advance(600.0)
    assert world.count() == {check.key: 10 for check in world.scheduler.checks}
    assert world.scheduler.tally.missed == 0
    await world.scheduler.stop()


class LateClock(ManualClock):
    """Virtual time in which work takes time, too: what falls due meanwhile is called late."""

    behind_s = 0.0

    def monotonic(self) -> float:
        return super().monotonic() + self.behind_s


async def test_while_turns_of_the_loop_are_long_fewer_run_at_once_and_all_that_is_allowed_when_they_are_short() -> None:
    world = World()
    world.clock = clock = LateClock(START)
    world.scheduler = Scheduler(clock, world._run, world._sink, 64)
    under_way: list[int] = [0, 0]
    work_s, answer_s = 1.0, 1.0

    async def slow(_: Check) -> None:
        under_way[0] += 1
        under_way[1] = max(under_way)
        clock.behind_s += work_s  # of the processor: nothing else goes on meanwhile
        await clock.sleep(answer_s)
        under_way[0] -= 1

    world.answer = slow
    world.scheduler.replace([probe(number) for number in range(100)])
    world.scheduler.start()
    try:
        await clock.advance(100.0)
        assert LEAST <= world.scheduler.width < 56
        work_s, answer_s, under_way[1] = 0.0, 50.0, 0
        await clock.advance(200.0)
        assert (world.scheduler.width, under_way[1]) == (64, 64)
    finally:
        await world.scheduler.stop()


async def test_while_turns_are_long_a_lost_region_is_asked_at_its_rhythm_and_few_polls_at_once() -> None:
    """Turns are long by something else, such as what a lost region brings."""
    world = World(max_concurrent=500)
    under_way: Counter[bool] = Counter()
    polls_at_once = 0

    async def answer(check: Check) -> None:
        nonlocal polls_at_once
        world.scheduler._turned(world.clock.monotonic() - 1.0)
        under_way[check.liveness] += 1
        polls_at_once = max(polls_at_once, under_way[False])
        await world.clock.sleep(7.0 if check.liveness else 0.5)
        under_way[check.liveness] -= 1

    world.answer = answer
    liveness = [Check(f"device/d{number}", "uptime", 60.0, 7.0, liveness=True) for number in range(600)]
    world.scheduler.replace([*liveness, *(Check(f"device/d{number}", "snmp", 60.0, 60.0) for number in range(600))])
    world.scheduler.start()
    await world.clock.advance(60.0)
    assert world.scheduler.width < LEAST + 10
    polls_at_once = 0
    await world.clock.advance(240.0)
    assert {world.count()[check.key] for check in liveness} == {5}
    assert 5 <= polls_at_once <= (LEAST + 10) * 3 / 4
    await world.scheduler.stop()


async def test_a_loop_that_is_woken_late_with_little_to_do_takes_as_many_as_ever() -> None:
    world = World()
    world.clock = clock = LateClock(START)
    world.scheduler = Scheduler(clock, world._run, world._sink, 64)
    world.scheduler.replace([probe(number) for number in range(100)])
    world.scheduler.start()
    for _ in range(100):
        clock.behind_s += 0.5  # the machine had others in front
        await clock.advance(0.5)
    assert max(world.scheduler.tally.lateness_s) > 0.4
    assert world.scheduler.width == 64
    await world.scheduler.stop()
