"""Worlds of alerting, made from a seed: devices fail and come back, a rule is raised and cleared, people acknowledge.

A world runs once without a fault; its twin goes through the same and is killed as by `kill -9` at one of its
transactions (before or after the commit), or between a mail server's yes and writing that down, and goes on from its
file; or its clock is set, or a notifier hangs. Then what came of both is compared.
"""

from __future__ import annotations

import asyncio
import random
import sqlite3
from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, closing
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Literal

from alerts.dispatch import Dispatch
from alerts.notifiers._ports import Message
from alerts.pace import Pace
from noc.clock import ManualClock
from noc.model.errors import ConflictError
from noc.model.incident import Incident, Notice
from noc.model.instants import to_ms
from noc.state.database import Database, Transaction
from tests.unit.alerts.alerting import (
    CPU,
    DOWN,
    SETTINGS,
    START_MS,
    House,
    Mailbox,
    changed,
    inventory,
    ruled,
    settings,
)

DEVICES = ("a", "b", "c", "d", "e")
MINUTES = 45
LAST_S = 21
"""In a minute, when all has happened."""

QUICK = Pace(timeout_s=5.0, margin_s=5.0)
DUE = (
    "SELECT EXISTS (SELECT 1 FROM handling WHERE due_ms <= ?) OR EXISTS (SELECT 1 FROM symptom WHERE look_ms <= ?)"
    " OR EXISTS (SELECT 1 FROM incident WHERE next_ms <= ? OR life_ms <= ?)"
)
PENDING = "SELECT EXISTS (SELECT 1 FROM outbox WHERE state IN ('queued', 'claimed', 'unknown'))"
Where = Literal["before", "after", "sent"]

Told = tuple[str, str, int, str, int, str, str, int]
"""What somebody was told: entity, rule and since which minute; kind, step, person, channel; and how often before.

What is reopened is told again.
"""


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


def fates(seed: int, whole: Fate, count: int) -> list[Fate]:
    """Return so many deaths, anywhere in a life. whole: what is counted in a life without one."""
    chance = random.Random(seed)  # noqa: S311 a seed, no secret
    found = []
    for _ in range(count):
        where: Where = chance.choice(("before", "after", "sent"))
        found.append(Fate(where, chance.randint(1, whole.messages if where == "sent" else whole.writes)))
    return found


class Mortal(Database):
    """A database whose process may die at a transaction."""

    def __init__(self, path: Path, fate: Fate) -> None:
        super().__init__(path, lasting=False)  # it is the process that dies, and not the machine
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


class Mood:
    """Of the notifiers: they take what they are given and answer at once."""

    def __init__(self) -> None:
        self.hanging = 0
        self._end = asyncio.Event()

    async def before(self, message: Message) -> None:
        """Do something before a message is taken: hang, or raise NotifyError."""

    async def after(self, message: Message) -> None:
        """Do something after it was taken."""

    async def hang(self) -> None:
        """Give no answer, until it is cut off or the process dies."""
        self.hanging += 1
        try:
            await self._end.wait()
            raise KilledError
        finally:
            self.hanging -= 1

    def die(self) -> None:
        """End what hangs with its process."""
        self._end.set()
        self._end = asyncio.Event()


@dataclass(frozen=True, slots=True)
class Happening:
    """Something of a world: what, to which device, in which minute."""

    minute: int
    what: Literal["down", "up", "raised", "cleared", "acknowledged"]
    device: str

    @property
    def second(self) -> int:
        """Return when it happens, in seconds of the world.

        No two are just as far apart as some rule waits: whether five minutes are within five minutes would hang on the
        microsecond, and a world with a fault has others.
        """
        return self.minute * 60 + self.minute * 7 % 20 + 1


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
    """A house that lives through happenings, and what came of it.

    heard: what was taken, with the seconds that had passed. minutes: when what happened, by its time in the ledger.
    phones: everybody can be told by SMS, too.
    """

    folder: Path
    fate: Fate
    mood: Mood = field(default_factory=Mood)
    phones: bool = False
    house: House = field(init=False)
    senders: Dispatch = field(init=False)
    heard: list[tuple[float, Message]] = field(default_factory=list)
    minutes: dict[int, int] = field(default_factory=lambda: {START_MS: 0})
    is_new: bool = True

    def __post_init__(self) -> None:
        self.folder.mkdir()
        self.house = House(self.folder)
        self.house.rules = type(self.house.rules)([DOWN, CPU])
        self.house.inventory = inventory(*DEVICES)
        self.house.notifiers = {"email": self._box(self.mood)}
        if self.phones:
            people = {
                name: {"addresses": {"sms": "+254"}, "email": f"{name}@example.org"} for name in ("achieng", "berta")
            }
            self.house.settings = settings(**{**SETTINGS, "people": people, "notifiers": {"email": {}, "sms": {}}})
            self.house.notifiers = {**self.house.notifiers, "sms": self._box(Mood())}

    @property
    def machine(self) -> ManualClock:
        """Return the clock of the machine."""
        return self.house.clock

    def _box(self, mood: Mood) -> Mailbox:
        box = Mailbox()

        async def send(message: Message) -> None:
            if self.fate.is_dead:
                raise KilledError
            await mood.before(message)
            self.heard.append((self.passed_s(), message))
            self.fate.messages += 1
            if self.fate.dies("sent"):
                raise KilledError
            await mood.after(message)

        box.send = send  # type: ignore[method-assign]
        return box

    async def begin(self) -> None:
        """Open the file anew: at first, and after a death."""
        self.fate.is_dead, self.is_new = False, True
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
        self.mood.die()
        while self.senders.under_way:
            await asyncio.sleep(0.001)
        await self.house.database.stop()
        await self.begin()
        await step()

    async def live(self, world: list[Happening]) -> None:
        await self.begin()
        coming = list(world)
        for minute in range(MINUTES):
            while coming and coming[0].minute == minute:
                await self.between()
                self.wait_until(coming[0].second)
                await self.happen(coming.pop(0))
            await self.between()
            self.wait_until(minute * 60 + LAST_S)
            await self.survive(self.work)
            await self.between()
            await self.survive(self.tell)
            for second in (40, 50):  # claims run out, and what failed is tried again, between two minutes
                await self.between()
                self.wait_until(minute * 60 + second)
                await self.survive(self.tell)
        await self.house.database.stop()

    async def between(self) -> None:
        """Do something between two steps of a life."""

    def passed_s(self) -> float:
        """Return how much time has passed."""
        return self.machine.monotonic()

    def wait_until(self, second: float) -> None:
        """Let time pass."""
        self.machine.stall(max(second - self.passed_s(), 0))

    async def work(self) -> None:
        """Let the engine work, where something is due; nothing else would be done, and it takes ten times as long."""
        now_ms = to_ms(self.house.time.now())
        if self.is_new or self._finds(DUE, now_ms):
            await self.house.engine.work()
            self.is_new = False

    def _finds(self, query: str, *values: int) -> bool:
        with closing(sqlite3.connect(self.house.path)) as connection:
            return bool(connection.execute(query, values * query.count("?")).fetchone()[0])

    async def tell(self) -> None:
        """Send all that is due; time passes only while notifiers hang, and never into what happens next."""
        async with asyncio.timeout(20):
            while self._finds(PENDING) and self.passed_s() % 60 <= 60 - QUICK.timeout_s:
                before = self.senders.tally.claimed
                await self.senders.work()
                while self.senders.under_way:
                    next_s = self.machine.next_call_s()
                    if self.mood.hanging == self.senders.under_way and next_s is not None and not self.fate.is_dead:
                        await self.machine.advance(next_s)
                    elif self.fate.is_dead:
                        return
                    await asyncio.sleep(0.001)  # the database's thread works in real time
                if self.senders.tally.claimed == before:
                    return

    async def happen(self, one: Happening) -> None:
        at_ms, entity = to_ms(self.house.time.now()), f"device/{one.device}"
        if one.what == "acknowledged":
            for incident in await self.incidents():
                if incident.entity == entity and incident.state == "new":
                    await self.survive(self._acknowledging(incident.id))
            return
        self.minutes[at_ms] = one.minute
        self.fate.is_spared = True  # what is put is the ledger's, which has a twin test of its own
        if one.what in ("down", "up"):
            before = "down" if one.what == "up" else "up"
            await self.house.put(changed(one.what, at_ms, entity, before))  # type: ignore[arg-type]
        else:
            await self.house.put(replace(ruled(one.what, entity), since_ms=at_ms, decided_ms=at_ms))
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
    """What came of a world. incidents: with what happened to each. told: how often each was told what.

    times: in which second each was told.
    """

    incidents: frozenset[tuple[str, str, int, str, bool]]
    told: Counter[Told]
    times: tuple[tuple[int, Told], ...]


async def outcome(world: World) -> Outcome:
    """Return what came of a world that is over."""
    world.house.database = Database(world.house.path)
    await world.house.database.start()
    found = await world.incidents()
    known = {one.id: one for one in found}
    notices = {notice.key: notice for one in found for notice in await world.house.notices(one.id)}
    await world.house.database.stop()
    times: list[tuple[int, Told]] = []
    for second, message in world.heard:
        notice = notices[message.key]
        about = known[notice.incident]
        since = world.minutes[about.since_ms]
        same = [
            one.id
            for one in found
            if (one.entity, one.rule, one.since_ms) == (about.entity, about.rule, about.since_ms)
        ]
        before = sum(
            1
            for other in notices.values()
            if other.id < notice.id and other.incident in same and _what(other) == _what(notice)
        )
        times.append((round(second), (about.entity, about.rule, since, *_what(notice), before)))
    return Outcome(
        frozenset(
            (one.entity, one.rule, world.minutes[one.since_ms], one.state, one.acknowledged_ms is not None)
            for one in found
        ),
        Counter(told for _, told in times),
        tuple(sorted(times)),
    )


def _what(notice: Notice) -> tuple[str, int, str, str]:
    return notice.kind, notice.step, notice.person, notice.channel


async def lived(world: World, seed: int) -> Outcome:
    """Return what comes of the world of a seed."""
    await world.live(happenings(seed))
    return await outcome(world)
