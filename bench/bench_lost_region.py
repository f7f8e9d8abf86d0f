"""A region falls silent while the loop is busy: how long until all of it is known to be down, and what others miss.

    python bench/bench_lost_region.py [--devices 10000] [--lost 3000] [--liveness icmp|snmp] [--busy 0.6]
                                      [--chunk 0.15] [--slow 1] [--at-most 500]

The scheduler, re-probing and the state machine are the real ones, on a real event loop whose time is virtual: it goes
on by what work is said to take of the processor, and by waiting, so that what else the machine does changes nothing.
busy: so much of the processor something else in the loop takes, chunk seconds at a time, from the loss on, as the
engine does with what a lost region brings. slow: all work takes so many times as long: others use the processor.
"""

from __future__ import annotations

import argparse
import asyncio
import selectors
import sys
from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Literal

sys.path.insert(0, str(Path(__file__).parents[1]))

from noc.app.reprobing import Reprobing
from noc.availability.evidence import Memory
from noc.clock import NO_STEPS, Timer
from noc.inventory.inventory import Inventory
from noc.inventory.values import Liveness
from noc.model.check import Check
from noc.model.instants import to_ms
from noc.model.reading import Failure, FailureKind, Reading
from noc.model.transition import Transition
from noc.pipeline.policy import probe_policy
from noc.pipeline.status import Result, Statuses
from noc.scheduling.plan import checks
from noc.scheduling.scheduler import Scheduler
from noc.topology import Topology
from tests.flows.world import device, inventory, site
from tests.things import watch

START = datetime(2026, 3, 1, tzinfo=UTC)
PER_SITE = 34
CALM_S, LOST_S = 240.0, 600.0
REPROBE_S = 5.0

PROBE_S, STEP_S, STEPS = 0.0006, 0.0008, 10
"""What a probe takes of the processor, and each step of a poll. A router of 48 interfaces has some ten steps."""

TURN_S = 0.00001

ANSWERS_S = {"icmp": 0.83, "uptime": 0.1, "snmp": 0.1}
SILENT_S = {"icmp": 2.8, "uptime": 6.0, "snmp": 6.0}
"""A burst of five takes 0.8 s; silence is known after `timeout`, by SNMP after each of three."""


class Waiting(selectors.SelectSelector):
    """Waits for nothing: virtual time goes on instead."""

    at_s = 0.0

    def select(self, timeout: float | None = None) -> list[tuple[selectors.SelectorKey, int]]:
        """Return what is ready, and let the time pass that was to be waited, and what a turn takes at least."""
        self.at_s += (timeout or 0.0) + TURN_S
        return super().select(0)


class Loop(asyncio.SelectorEventLoop):
    """An event loop whose time goes on by waiting, and by `work`."""

    def __init__(self, slow: float) -> None:
        self.waiting = Waiting()
        self._slow = slow
        super().__init__(self.waiting)

    def time(self) -> float:
        """Return the virtual time, in seconds."""
        return self.waiting.at_s

    def work(self, seconds: float) -> None:
        """Use the processor: nothing else goes on meanwhile."""
        self.waiting.at_s += seconds * self._slow


class LoopClock:
    """The clock of such a loop."""

    steps = NO_STEPS

    def __init__(self, loop: Loop) -> None:
        self._loop = loop

    def now(self) -> datetime:
        """Return the moment, UTC."""
        return START + timedelta(seconds=self._loop.time())

    def monotonic(self) -> float:
        """Return the virtual time, in seconds."""
        return self._loop.time()

    async def sleep(self, seconds: float) -> None:
        """Wait in virtual time."""
        await asyncio.sleep(seconds)

    def call_later(self, seconds: float, call: Callable[[], None]) -> Timer:
        """Call in so many seconds."""
        return self._loop.call_later(max(0.0, seconds), call)


@dataclass
class Network:
    """What is asked, and what came of it."""

    loop: Loop
    known: Inventory
    lost: frozenset[str]
    at_most: int

    def __post_init__(self) -> None:
        clock = self.clock = LoopClock(self.loop)
        topology = Topology(self.known)
        self.silent = False
        self.statuses = Statuses(self._heard)
        self.statuses.watch({one.entity: probe_policy(one.watch) for one in self.known.devices.values()})
        self.scheduler = Scheduler(clock, self._ask, self._take, self.at_most)
        self.reprobing = Reprobing(clock, lambda: topology, self.scheduler.expedite, REPROBE_S)
        self.down_s: list[float] = []
        self.unknown: dict[str, set[str]] = {"lost": set(), "others": set()}
        self.asked: Counter[str] = Counter()
        self.least = self.at_most

    def _heard(self, result: Result, before: Memory, after: Memory, speaks_ms: int) -> None:
        self.reprobing.heard(result, before, after, speaks_ms)

    async def _ask(self, check: Check) -> Reading:
        at = self.clock.now()
        if self.silent and check.entity in self.lost:
            self.loop.work(PROBE_S)
            await asyncio.sleep(SILENT_S[check.kind])
            failure = Failure(FailureKind.TIMEOUT, "no answer")
            return Reading(check.kind, "192.0.2.1", "bench", at, 0.0, failure=failure)
        for _ in range(1 if check.liveness else STEPS):
            self.loop.work(PROBE_S if check.liveness else STEP_S)
            await asyncio.sleep(ANSWERS_S[check.kind])
        return Reading(check.kind, "192.0.2.1", "bench", at, 0.0)

    def _take(self, check: Check, reading: Reading) -> None:
        kind = "probes" if check.liveness else "polls"
        self.asked[f"{kind} of {'lost' if check.entity in self.lost else 'others'}"] += 1
        if check.liveness:
            result = Result(check.entity, to_ms(reading.started_at), reading.failure is None, check.kind, "bench")
            self._changed(self.statuses.take(result))

    def _changed(self, transitions: Iterable[Transition]) -> None:
        for one in transitions:
            of = "lost" if one.entity in self.lost else "others"
            if one.status == "down":
                self.down_s.append(self.loop.time())
            elif one.status == "unknown":
                self.unknown[of].add(one.entity)

    async def watch(self) -> None:
        """Say who is not known any more, and how few run at once."""
        while True:
            self.least = min(self.least, self.scheduler.width)
            self._changed(self.statuses.expire(to_ms(self.clock.now())))
            await asyncio.sleep(0.5)


def network(devices: int, lost: int, liveness: Literal["icmp", "snmp"]) -> tuple[Inventory, frozenset[str]]:
    """Return sites, and the devices that will be lost."""
    watched = watch(liveness=Liveness(liveness))
    names = [f"s{number // PER_SITE}" for number in range(devices)]
    found = [device(f"d{number}", name, number + 1, watch=watched) for number, name in enumerate(names)]
    known = inventory([site(name) for name in dict.fromkeys(names)], found)
    return known, frozenset(one.entity for one in found[:lost])


async def run(net: Network, busy: float, chunk_s: float) -> None:
    """Let all be known, then let some fall silent, with the loop busy; print what came of it."""
    net.scheduler.replace(checks(net.known))
    net.scheduler.start()
    tasks = [asyncio.create_task(net.watch())]
    await asyncio.sleep(CALM_S)
    net.asked.clear()
    net.silent, lost_at_s, missed_before = True, net.loop.time(), net.scheduler.tally.missed
    if busy:
        tasks.append(asyncio.create_task(occupy(net.loop, busy, chunk_s)))
    await asyncio.sleep(LOST_S)
    passed_s, missed = net.loop.time() - lost_at_s, net.scheduler.tally.missed - missed_before
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)
    net.reprobing.stop()
    await net.scheduler.stop()
    tell(net, [one - lost_at_s for one in net.down_s], passed_s)
    print(f"missed {missed}; at once {net.scheduler.width} at the end, {net.least} at least")


def tell(net: Network, down: list[float], passed_s: float) -> None:
    """Print what came of a loss. down: after how many seconds each was known to be."""
    lost, others = len(net.lost), len(net.known.devices) - len(net.lost)
    wanted = {part: int(lost * part) for part in (0.5, 0.9, 1.0)}
    after = ", ".join(f"{part:.0%} {down[count - 1]:.0f} s" for part, count in wanted.items() if len(down) >= count)
    print(f"down after the loss: {after}; {len(down)} of {lost} in {passed_s:.0f} s")
    print(f"unknown for a while: {len(net.unknown['lost'])} of the lost, {len(net.unknown['others'])} of the others")
    rhythms = (("probes of others", others, 60), ("polls of others", others, 300), ("probes of lost", lost, 60))
    for what, count, every_s in rhythms:
        print(f"{what}: {net.asked[what] / (count * passed_s / every_s):.0%} of what their rhythm asks for")


async def occupy(loop: Loop, busy: float, chunk_s: float) -> None:
    """Take a share of the processor."""
    while True:
        loop.work(chunk_s)
        await asyncio.sleep(chunk_s * (1 - busy) / busy)


def main() -> None:
    """Run, and print what came of it."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--devices", type=int, default=10_000)
    parser.add_argument("--lost", type=int, default=3_000)
    parser.add_argument("--liveness", choices=("icmp", "snmp"), default="icmp")
    parser.add_argument("--busy", type=float, default=0.6)
    parser.add_argument("--chunk", type=float, default=0.15)
    parser.add_argument("--slow", type=float, default=1.0)
    parser.add_argument("--at-most", type=int, default=500)
    asked = parser.parse_args()
    print(
        f"{asked.devices} devices, {asked.lost} lost, liveness by {asked.liveness}; "
        f"busy {asked.busy}, chunks of {asked.chunk} s, slow {asked.slow}, {asked.at_most} at most"
    )
    loop = Loop(asked.slow)
    with asyncio.Runner(loop_factory=lambda: loop) as runner:
        net = Network(loop, *network(asked.devices, asked.lost, asked.liveness), asked.at_most)
        runner.run(run(net, asked.busy, asked.chunk))


if __name__ == "__main__":
    main()
