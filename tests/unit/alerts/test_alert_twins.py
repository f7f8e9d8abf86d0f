"""Alerting that is killed, beside its twin that is not: the same incidents, the same calls, and none of them lost.

Each world is made from a seed: devices fail and come back, a rule is raised and cleared, people acknowledge. It runs
once without a fault; then again, and is killed as by `kill -9` at one of its transactions (before or after the commit)
or between a mail server's yes and writing that down, and goes on from its file.
"""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

import pytest

from alerts.dispatch import Dispatch, Pace
from alerts.notifiers._ports import Message, NotifyError
from noc.model.errors import ConflictError
from noc.model.incident import Incident
from noc.state.database import Database, Transaction
from tests.unit.alerts.alerting import CPU, DOWN, MINUTE, START_MS, House, Mailbox, changed, inventory, ruled

DEVICES = ("a", "b", "c", "d", "e")
MINUTES = 45
QUICK = Pace(timeout_s=5.0, margin_s=5.0)
Where = Literal["before", "after", "sent"]

Told = tuple[str, str, int, str, int, str, str]
"""What somebody was told: entity, rule and since when; kind, step, person, channel."""


class KilledError(BaseException):
    """The process is dead; nobody may catch it."""


@dataclass(slots=True)
class Fate:
    """When to die: at so many transactions that were written, or messages that were taken; 0 never."""

    where: Where = "before"
    at: int = 0
    writes: int = 0
    messages: int = 0
    is_dead: bool = False
    is_spared: bool = False

    def dies(self, where: Where) -> bool:
        count = self.messages if where == "sent" else self.writes
        if self.where != where or count != self.at:
            return False
        self.is_dead = True
        return True


class Mortal(Database):
    """A database whose process may die at a transaction."""

    def __init__(self, path: Path, fate: Fate) -> None:
        super().__init__(path)
        self._fate = fate

    @asynccontextmanager
    async def write(self) -> AsyncIterator[Transaction]:
        fate = self._fate
        if fate.is_dead:
            raise KilledError
        async with super().write() as connection:
            yield connection
            fate.writes += not fate.is_spared
            if not fate.is_spared and fate.dies("before"):
                raise KilledError
        if not fate.is_spared and fate.dies("after"):
            raise KilledError


@dataclass(frozen=True, slots=True)
class Happening:
    """Something of a world: what, to which device, in which minute."""

    minute: int
    what: Literal["down", "up", "raised", "cleared", "acknowledged"]
    device: str


def happenings(seed: int) -> list[Happening]:
    """Return a world of this seed: what happens, in order."""
    chance = random.Random(seed)  # noqa: S311 a seed, no secret
    found: list[Happening] = []
    down: set[str] = set()
    raised: set[str] = set()
    for minute in range(1, MINUTES - 10):
        if chance.random() > 0.3:
            continue
        name = chance.choice(DEVICES)
        if chance.random() < 0.2:
            found.append(Happening(minute, "acknowledged", name))
        elif chance.random() < 0.3:
            found.append(Happening(minute, "cleared" if name in raised else "raised", name))
            raised ^= {name}
        else:
            found.append(Happening(minute, "up" if name in down else "down", name))
            down ^= {name}
    return found


@dataclass(slots=True)
class World:
    """A house that lives through happenings, and what came of it. mood: of the mail server, for a message."""

    folder: Path
    fate: Fate
    mood: Callable[[Message], Awaitable[None] | None] = lambda _: None
    house: House = field(init=False)
    mailbox: Mailbox = field(init=False)
    senders: Dispatch = field(init=False)

    def __post_init__(self) -> None:
        self.folder.mkdir()
        self.house = House(self.folder)
        self.house.rules = type(self.house.rules)([DOWN, CPU])
        self.house.inventory = inventory(*DEVICES)
        self.mailbox = Mailbox(self.mood)
        answer = self.mailbox.send

        async def send(message: Message) -> None:
            if self.fate.is_dead:
                raise KilledError
            await answer(message)
            self.fate.messages += 1
            if self.fate.dies("sent"):
                raise KilledError

        self.mailbox.send = send  # type: ignore[method-assign]
        self.house.notifiers = {"email": self.mailbox}

    async def begin(self) -> None:
        """Open the file anew: at first, and after a death."""
        self.fate.is_dead = False
        self.house.database = Mortal(self.house.path, self.fate)
        await self.house.database.start()
        self.house.engine = self.house.new_engine()
        self.senders = self.house.new_dispatch(QUICK)

    async def survive(self, step: Callable[[], Awaitable[None]]) -> None:
        """Do a step; where the process dies of it, begin anew and do it once more, as people and devices would."""
        try:
            await step()
            if not self.fate.is_dead:
                return
        except KilledError:
            pass
        await self.house.database.stop()
        await self.begin()
        await step()

    async def live(self, world: list[Happening]) -> None:
        await self.begin()
        coming = list(world)
        for minute in range(MINUTES):
            while coming and coming[0].minute == minute:
                await self.happen(coming.pop(0))
            await self.survive(self.work)
            await self.survive(self.tell)
            for _ in range(2):  # claims run out, and what failed is tried again, between two minutes
                self.house.clock.stall(30)
                await self.survive(self.tell)
        await self.house.database.stop()

    async def work(self) -> None:
        await self.house.engine.work()

    async def tell(self) -> None:
        await self.house.send_all(self.senders)

    async def happen(self, one: Happening) -> None:
        at_ms, entity = START_MS + one.minute * MINUTE, f"device/{one.device}"
        if one.what == "acknowledged":
            for incident in await self.incidents():
                if incident.entity == entity and incident.state == "new":
                    await self.survive(self._acknowledging(incident.id))
            return
        self.fate.is_spared = True  # what is put is the ledger's, which has a twin test of its own
        if one.what in ("down", "up"):
            before = "down" if one.what == "up" else "up"
            await self.house.put(changed(one.what, at_ms, entity, before))  # type: ignore[arg-type]
        else:
            await self.house.put(ruled(one.what, entity))
        self.fate.is_spared = False

    def _acknowledging(self, number: int) -> Callable[[], Awaitable[None]]:
        async def acknowledge() -> None:
            try:
                await self.house.engine.acknowledge(number, "achieng")
            except ConflictError:
                return  # the first try was written, and it was resolved since

        return acknowledge

    async def incidents(self) -> list[Incident]:
        return await self.house.incidents()


@dataclass(frozen=True, slots=True)
class Outcome:
    """What came of a world. incidents: with what happened to each. told: how often each was told what."""

    incidents: frozenset[tuple[str, str, int, str, bool]]
    told: Counter[Told]


async def outcome(world: World) -> Outcome:
    """Return what came of a world that is over."""
    world.house.database = Database(world.house.path)
    await world.house.database.start()
    found = await world.incidents()
    known = {one.id: one for one in found}
    notices = {notice.key: notice for one in found for notice in await world.house.notices(one.id)}
    await world.house.database.stop()
    told: Counter[Told] = Counter()
    for message in world.mailbox.got:
        notice = notices[message.key]
        about = known[notice.incident]
        told[about.entity, about.rule, about.since_ms, notice.kind, notice.step, notice.person, notice.channel] += 1
    return Outcome(
        frozenset((one.entity, one.rule, one.since_ms, one.state, one.acknowledged_ms is not None) for one in found),
        told,
    )


async def lived(folder: Path, seed: int, fate: Fate, mood: Callable[[Message], None] = lambda _: None) -> Outcome:
    """Return what comes of the world of a seed."""
    world = World(folder, fate, mood)
    await world.live(happenings(seed))
    return await outcome(world)


async def faults_of(tmp_path: Path, seed: int, count: int) -> None:
    """Kill the world of a seed so many times, each time in another life, and compare with the twin."""
    whole = Fate()
    twin = await lived(tmp_path / f"{seed}-twin", seed, whole)
    assert twin.told
    assert set(twin.told.values()) == {1}, "without a fault nobody is told anything twice"
    chance = random.Random(seed)  # noqa: S311 a seed, no secret
    for life in range(count):
        where: Where = chance.choice(("before", "after", "sent"))
        most = whole.messages if where == "sent" else whole.writes
        fate = Fate(where, chance.randint(1, most))
        died = await lived(tmp_path / f"{seed}-{life}", seed, fate)
        said = f"seed {seed}, killed {fate.where} {fate.at}"
        assert died.incidents == twin.incidents, said
        assert died.told.keys() == twin.told.keys(), said
        assert max(died.told.values()) <= 2, f"{said}: one that was on its way is told once more at most"
        assert sum(died.told.values()) - len(died.told) <= QUICK.concurrent, said


async def test_who_is_killed_calls_the_same_people(tmp_path: Path) -> None:
    await faults_of(tmp_path, 1, 2)


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(20))
async def test_who_is_killed_anywhere_calls_the_same_people(tmp_path: Path, seed: int) -> None:
    await faults_of(tmp_path, seed, 25)


async def test_a_mail_server_that_fails_for_a_while_delays_and_loses_nothing(tmp_path: Path) -> None:
    tried: set[str] = set()

    def moody(message: Message) -> None:
        if message.key not in tried and message.key[-1] in "02468ace":
            tried.add(message.key)
            raise NotifyError("451 try again later")

    twin = await lived(tmp_path / "twin", 3, Fate())
    failed = await lived(tmp_path / "failed", 3, Fate(), moody)
    assert tried
    assert failed == twin
