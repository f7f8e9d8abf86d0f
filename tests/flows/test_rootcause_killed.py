"""Alerting that is killed while symptoms wait, join and leave, beside its twin that is not: the same incidents with the
same symptoms, and the same calls. The real state machine, re-probing, engine and database; a process that dies forgets
all but its file and the checkpoint of what it had seen.
"""

from __future__ import annotations

import itertools
import random
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest

from noc.app.reprobing import Reprobing
from noc.inventory.inventory import Inventory
from noc.pipeline.status import Statuses
from noc.state.database import Database, Transaction
from tests.flows.world import World, circuit, device, inventory, site

FIELDS = 4


class KilledError(BaseException):
    """The process is dead; nobody may catch it."""


@dataclass(slots=True)
class Fate:
    """Die at this transaction of alerting, 0 for never; before it is written, or after."""

    at: int = 0
    is_after: bool = False
    writes: int = 0
    is_working: bool = False
    deaths: int = 0

    def dies(self, is_after: bool) -> bool:
        met = self.is_working and self.writes == self.at and self.is_after == is_after
        self.deaths += met
        return met


class Mortal(Database):
    """A database whose process may die at a transaction."""

    def __init__(self, path: Path, fate: Fate) -> None:
        super().__init__(path)
        self._fate = fate

    @asynccontextmanager
    async def write(self) -> AsyncIterator[Transaction]:
        async with super().write() as connection:
            yield connection
            self._fate.writes += self._fate.is_working
            if self._fate.dies(is_after=False):
                raise KilledError
        if self._fate.dies(is_after=True):
            raise KilledError


class Mortals(World):
    """A world whose alerting may die, and is started anew on its file."""

    def __init__(self, folder: Path, known: Inventory, fate: Fate) -> None:
        folder.mkdir()
        super().__init__(folder, known)
        self._path, self._fate = folder / "noc.db", fate
        self._anew()

    def _anew(self) -> None:
        self.database = Mortal(self._path, self._fate)
        self.engine = self.new_engine()

    async def _work(self) -> None:
        self._fate.is_working = True
        try:
            await super()._work()
        except KilledError:
            self._fate.is_working = False
            await self.database.stop()
            self.reprobing.stop()
            self.reprobing = Reprobing(self.clock, lambda: self.topology, self._now, 5.0)
            seen = self.statuses
            self.statuses = Statuses(self.reprobing.heard)
            self.statuses.watch(self.policies)
            memories = seen.memories()
            since = {entity: seen.since_ms(entity) for entity, _ in memories}
            self.statuses.restore(memories, {one: at_ms for one, at_ms in since.items() if at_ms is not None})
            self._anew()
            await self.database.start()
            await super()._work()
        self._fate.is_working = False


def network() -> Inventory:
    """Return a hub with two routers, and sites with a line to each of these."""
    numbers = itertools.count(1)
    devices = [device(name, "hub", next(numbers)) for name in ("hub-1", "hub-2", "hub-sw")]
    sites, lines = [site("hub", "hub-1", "hub-2")], []
    for name in (f"f{index}" for index in range(FIELDS)):
        sites.append(site(name, f"{name}-rtr"))
        devices += [device(f"{name}-{one}", name, next(numbers)) for one in ("rtr", "sw", "ap")]
        lines += [circuit(f"{name}-{z}", name, f"{name}-rtr", f"hub-{z}") for z in (1, 2)]
    return inventory(sites, devices, lines)


@dataclass(frozen=True, slots=True)
class Outcome:
    """What came of a world. incidents: entity, cause, whether it is over, of which it is a child. symptoms: of which
    incident, entity, whether it left. told: what, to whom, of which.
    """

    incidents: tuple[tuple[str, str, bool, str], ...]
    symptoms: tuple[tuple[str, str, bool], ...]
    told: tuple[tuple[str, str, str], ...]


async def lived(folder: Path, seed: int, fate: Fate) -> Outcome:
    """Return what comes of a world: a child fails, then the hub with all behind it; the hub is back, and one is not."""
    chance = random.Random(seed)  # noqa: S311 a seed, no secret
    fields = [f"f{index}" for index in range(FIELDS)]
    world = Mortals(folder, network(), fate)
    await world.begin()
    world.fail(f"device/{chance.choice(fields)}-sw")
    await world.go(chance.uniform(20, 120))
    world.fail_site("hub", *fields)
    await world.go(chance.uniform(150, 200))
    late = chance.choice(fields)
    world.restore_site("hub", *(name for name in fields if name != late))
    world.restore(f"device/{late}-rtr", f"device/{late}-sw")
    await world.go(240)
    found = await world.incidents()
    names = {one.id: one.entity for one in found}
    held = [(one, await world.symptoms(one.id, left=True)) for one in found]
    told = sorted(await world.called())
    await world.database.stop()
    return Outcome(
        tuple(
            sorted(
                (one.entity, one.cause, one.resolved_ms is not None, names[one.parent] if one.parent else "")
                for one in found
            )
        ),
        tuple(sorted({(one.entity, x.entity, x.left_ms is not None) for one, some in held for x in some})),
        tuple(told),
    )


async def faults_of(folder: Path, seed: int, count: int) -> None:
    """Kill the world of a seed so many times, each time in another life, and compare with the twin."""
    whole = Fate()
    twin = await lived(folder / f"{seed}-twin", seed, whole)
    assert ("page", "achieng", "site/hub") in twin.told
    assert len(twin.symptoms) >= FIELDS * 3
    chance = random.Random(seed)  # noqa: S311 a seed, no secret
    for life in range(count):
        fate = Fate(chance.randint(1, whole.writes), chance.random() < 0.5)
        died = await lived(folder / f"{seed}-{life}", seed, fate)
        said = f"seed {seed}, killed {'after' if fate.is_after else 'before'} transaction {fate.at} of {whole.writes}"
        assert fate.deaths == 1, said
        assert died == twin, said


async def test_who_is_killed_while_symptoms_wait_finds_the_same_roots(tmp_path: Path) -> None:
    await faults_of(tmp_path, 1, 2)


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(20))
async def test_who_is_killed_anywhere_finds_the_same_roots(tmp_path: Path, seed: int) -> None:
    await faults_of(tmp_path, seed, 10)
