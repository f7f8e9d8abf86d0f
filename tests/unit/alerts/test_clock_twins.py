"""The clock of the machine is set, beside a twin whose clock isn't: the same incidents, the same calls, at their times.

Times are counted in seconds that passed: of noc's own clock, without its leaps.
"""

from __future__ import annotations

import random
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path

import pytest

from noc.app.clockwatch import ClockWatch
from noc.clock import SLOWER, SteadyClock
from noc.state.committer import Committer
from tests.unit.alerts.alerting import START
from tests.unit.alerts.twins import MINUTES, Fate, World, lived

HOUR_S = 3_600
SLOTS = MINUTES * 4
"""About so many moments between two steps of a life."""


@dataclass(slots=True)
class SetWorld(World):
    """A world whose clock is set. leaps: in which slot, and by how many seconds; seen: when that is seen."""

    leaps: dict[int, int] = field(default_factory=dict)
    seen: frozenset[int] = frozenset()
    slot: int = 0
    clock: SteadyClock = field(init=False)
    watch: ClockWatch = field(init=False)

    async def begin(self) -> None:
        self.clock = SteadyClock(self.machine)
        self.house.time = self.clock
        await World.begin(self)
        committer = Committer(self.house.database, self.clock, list)
        self.watch = ClockWatch(self.clock, self.house.database, committer, "test")
        self.clock.hold_leaps()

    async def between(self) -> None:
        self.slot += 1
        self.machine.step(self.leaps.get(self.slot, 0))
        if self.slot in self.seen:
            await self.watch.follow()

    def passed_s(self) -> float:
        leapt_ms = sum(by_ms for _, by_ms in self.clock.steps.known)
        return (self.clock.now() - START - timedelta(milliseconds=leapt_ms)) / timedelta(seconds=1)

    def wait_until(self, second: float) -> None:
        # A clock that works off its lead needs more, and is never to the microsecond where the twin's is: what falls
        # due after so many minutes shouldn't wait for another one because of that.
        aim_s = second * (1 + 2e-6)
        while (left_s := aim_s - self.passed_s()) > 0:
            self.machine.stall(left_s + 1e-5)


def set_world(folder: Path, seed: int) -> SetWorld:
    """Return the world of a seed whose clock is set up to three times; each is seen up to three slots later."""
    chance = random.Random(seed)  # noqa: S311 a seed, no secret
    slots = sorted(chance.sample(range(1, SLOTS), chance.randint(1, 3)))
    leaps = {slot: chance.choice((HOUR_S, -HOUR_S)) for slot in slots}
    return SetWorld(folder, Fate(), leaps=leaps, seen=frozenset(slot + chance.randint(0, 3) for slot in slots))


async def compare(tmp_path: Path, seed: int) -> None:
    """Live through the world of a seed twice, and compare."""
    twin = await lived(World(tmp_path / f"{seed}-twin", Fate()), seed)
    world = set_world(tmp_path / f"{seed}-set", seed)
    found = await lived(world, seed)
    said = f"seed {seed}, set {world.leaps}, seen in {sorted(world.seen)}"
    assert twin.told, said
    assert found.incidents == twin.incidents, said
    assert found.times == twin.times, said
    assert world.machine.monotonic() <= MINUTES * 60 / (1 - SLOWER) + 1, "an hour back makes nothing wait for an hour"


@pytest.mark.parametrize("seed", [3])
async def test_a_clock_that_is_set_calls_the_same_people_at_the_same_times(tmp_path: Path, seed: int) -> None:
    await compare(tmp_path, seed)


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(40))
async def test_a_clock_that_is_set_anywhere_calls_the_same_people_at_the_same_times(tmp_path: Path, seed: int) -> None:
    await compare(tmp_path, seed)
