"""The sweep in virtual time: its pace, what it keeps, neighbours, and being broken off."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from datetime import UTC, datetime

import pytest

from noc.clock import ManualClock
from noc.discovery.pace import Pace, paced
from noc.discovery.ranges import Addresses, targets
from noc.discovery.sweep import Asked, Progress, Sweep
from noc.model.discovery import Found, Neighbour

START = datetime(2026, 3, 1, tzinfo=UTC)


class Network:
    """Answers for some addresses, after a second of the clock; keeps what was asked and when."""

    def __init__(self, clock: ManualClock, answers: dict[str, Found | None]) -> None:
        self.clock = clock
        self.answers = answers
        self.asked: list[tuple[float, str]] = []
        self.under_way = self.most = 0
        self.kept: list[tuple[int, int]] = []
        self.told: list[Progress] = []

    async def ask(self, address: str) -> Asked:
        self.asked.append((self.clock.monotonic(), address))
        self.under_way += 1
        self.most = max(self.most, self.under_way)
        try:
            await self.clock.sleep(1.0)
        finally:
            self.under_way -= 1
        found = self.answers.get(address)
        return Asked(alive=address in self.answers, found=found)

    async def keep(self, found: Sequence[Found], position: int) -> None:
        self.kept.append((len(found), position))

    def sweep(self, pace: Pace) -> Sweep:
        return Sweep(self.ask, pace, self.clock, self.keep, self.told.append)


def device(address: str, *neighbours: str) -> Found:
    heard = tuple(Neighbour("lldp", "1", f"n-{one}", "1", one) for one in neighbours)
    return Found(address, (address,), ("snmp",), sys_name=f"d-{address}", neighbours=heard)


def addresses(text: str) -> Addresses:
    return targets([text], (), 1_000)


async def to_the_end(clock: ManualClock, work: asyncio.Task[None]) -> None:
    for _ in range(2_000):
        if work.done():
            break
        await clock.advance(0.05)
    await work


async def test_it_keeps_its_pace_and_its_bound() -> None:
    clock = ManualClock(START)
    network = Network(clock, {})
    work = asyncio.create_task(network.sweep(Pace(10, 100)).run(addresses("10.0.0.0/27")))
    await to_the_end(clock, work)
    times = [at for at, _ in network.asked]
    assert len(times) == 30
    assert times[-1] >= 2.9
    assert network.most <= 11
    slow = Network(clock, {})
    await to_the_end(clock, asyncio.create_task(slow.sweep(Pace(1_000, 3)).run(addresses("10.0.0.0/28"))))
    assert slow.most == 3


async def test_everything_is_counted_and_kept() -> None:
    clock = ManualClock(START)
    network = Network(clock, {"10.0.0.1": device("10.0.0.1"), "10.0.0.2": None})
    sweep = network.sweep(Pace(2, 10))
    await to_the_end(clock, asyncio.create_task(sweep.run(addresses("10.0.0.0/27"))))
    tally = sweep.tally
    assert (tally.asked, tally.alive, tally.silent, tally.found, tally.by_snmp) == (30, 2, 28, 1, 1)
    assert network.kept[0][1] < 30  # on the way
    assert network.kept[-1] == (1, 30)
    assert network.told[-1].done == 30
    assert network.told[-1].left_s == 0


async def test_what_is_broken_off_goes_on_where_it_stood() -> None:
    clock = ManualClock(START)
    network = Network(clock, {"10.0.0.1": device("10.0.0.1")})
    sweep = network.sweep(Pace(10, 100))
    work = asyncio.create_task(sweep.run(addresses("10.0.0.0/24")))
    for _ in range(100):
        await clock.advance(0.05)
    work.cancel()
    with pytest.raises(asyncio.CancelledError):
        await work
    assert network.under_way == 0
    found, position = network.kept[-1]
    assert found == 1
    assert 30 <= position <= 50
    before = [address for _, address in network.asked]
    again = Network(clock, {})
    await to_the_end(clock, asyncio.create_task(again.sweep(Pace(100, 100)).run(addresses("10.0.0.0/24"), position)))
    after = [address for _, address in again.asked]
    assert len(after) == 254 - position
    assert set(before) | set(after) == {f"10.0.0.{number}" for number in range(1, 255)}


async def test_neighbours_are_followed_so_many_steps_and_each_once() -> None:
    clock = ManualClock(START)
    chain = {f"10.9.0.{number}": device(f"10.9.0.{number}", f"10.9.0.{number + 1}", "10.0.0.1") for number in range(9)}
    network = Network(clock, {"10.0.0.1": device("10.0.0.1", "10.9.0.1", "10.0.0.2"), **chain})
    sweep = network.sweep(Pace(100, 10))
    await to_the_end(clock, asyncio.create_task(sweep.run(addresses("10.0.0.0/30"), follow=3, at_most=10)))
    assert [address for _, address in network.asked] == [
        *("10.0.0.1", "10.0.0.2", "10.9.0.1", "10.9.0.2", "10.9.0.3"),
    ]
    assert sweep.tally.followed == 3


async def test_neighbours_have_a_bound() -> None:
    clock = ManualClock(START)
    liar = device("10.0.0.1", *(f"10.8.0.{number}" for number in range(200)))
    network = Network(clock, {"10.0.0.1": liar})
    await to_the_end(
        clock, asyncio.create_task(network.sweep(Pace(100, 10)).run(addresses("10.0.0.1"), follow=5, at_most=7))
    )
    assert len(network.asked) == 8


async def test_a_fault_ends_it_and_leaves_nothing_behind() -> None:
    clock = ManualClock(START)
    under_way = 0

    async def do(index: int) -> None:
        nonlocal under_way
        under_way += 1
        try:
            await clock.sleep(1)
            if index == 2:
                raise ZeroDivisionError
            await clock.sleep(100)
        finally:
            under_way -= 1

    async def begun(_: int) -> None:
        pass

    work = asyncio.create_task(paced(1_000, do, Pace(10, 50), clock, begun))
    with pytest.raises(ZeroDivisionError):
        await to_the_end(clock, work)
    assert under_way == 0
