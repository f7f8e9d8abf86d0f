"""A centre and a poller that is cut off, in any order of what happens at each: what must hold when it is over."""

from __future__ import annotations

import asyncio
import shutil
import tempfile
from collections import Counter
from pathlib import Path
from typing import Literal

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from alerts import desk
from alerts.joining import Told
from noc.model.errors import ConflictError
from tests.unit.alerts.alerting import MINUTE, START_MS, House, changed
from tests.unit.alerts.alerting import settings as alert_settings
from tests.unit.alerts.cutoff import all_of, take, tale_of

Step = Literal[
    "fails there", "told there", "owned there", "back there", "fails here", "told here", "owned here", "tale", "again"
]
STEPS: tuple[Step, ...] = (
    "fails there",
    "told there",
    "owned there",
    "back there",
    "fails here",
    "told here",
    "owned here",
    "tale",
    "again",
)
BACK_MS = 30 * MINUTE
"""When the device is back for good."""


class World:
    """One device, seen by both. alone: the poller may still call people."""

    def __init__(self, folder: Path) -> None:
        (folder / "here").mkdir()
        (folder / "there").mkdir()
        self.here, self.there = House(folder / "here"), House(folder / "there")
        for house in (self.here, self.there):  # so that what begins is an incident of its own
            house.settings = alert_settings(reopen_within="1s")
            house.engine = house.new_engine()
        self.alone = True
        self.down: dict[str, int] = {}
        self.ended: list[int] = []
        self.old: list[list[Told]] = []
        self.begun: set[int] = set()
        self.known: dict[tuple[int, str, str], int] = {}

    def now_ms(self) -> int:
        return START_MS + int(self.here.clock.monotonic() * 1000)

    async def do(self, step: Step) -> None:
        """Do one thing, and let a minute pass."""
        now_ms = self.now_ms()
        if step == "fails there" and self.alone and "there" not in self.down:
            # Who sees it later sees the same beginning.
            self.down["there"] = self.down.get("here", now_ms)
            self.begun.add(self.down["there"])
            await self.there.handle(changed("down", self.down["there"]))
        elif step == "back there" and self.alone and "there" in self.down and "here" not in self.down:
            del self.down["there"]
            await self.there.handle(changed("up", now_ms))
        elif step == "fails here" and "here" not in self.down:
            self.down["here"] = self.down.get("there", now_ms)
            self.begun.add(self.down["here"])
            await self.here.handle(changed("down", self.down["here"]))
        elif step == "told there" and self.alone:
            await self.there.send_all()
        elif step == "told here":
            await self.here.send_all()
        elif step == "owned there" and self.alone:
            await own(self.there, now_ms)
        elif step == "owned here":
            await own(self.here, now_ms)
        elif step == "tale":
            await self.tell()
        elif step == "again" and self.old:
            await take(self.here, self.old[0])
        for house in (self.here, self.there):
            house.clock.stall(60)

    async def tell(self) -> None:
        tale = await tale_of(self.there)
        self.old.append(tale)
        await take(self.here, tale)
        # What the poller sent is known from now on: so often it may have been sent here, and no more.
        for what in said(self.there):
            self.known.setdefault(what, said(self.here)[what])


def said(house: House) -> Counter[tuple[int, str, str]]:
    """Return what was sent: of which beginning, which kind, to whom."""
    return Counter((one.incident.since_ms, one.kind, one.to) for one in house.mailbox.got)


async def own(house: House, now_ms: int) -> None:
    for one in await house.incidents():
        try:
            async with house.database.write() as connection:
                await desk.acknowledge(connection, one.id, now_ms, "achieng")
        except ConflictError:
            continue
    await house.engine.work()


async def play(steps: list[Step], folder: Path) -> None:
    world = World(folder)
    here, there = world.here, world.there
    await here.database.start()
    await there.database.start()
    try:
        for step in steps:
            await world.do(step)
        world.alone = False
        await world.tell()
        before = await all_of(here)
        await world.tell()
        assert await all_of(here) == before, "a tale that comes again changes nothing"
        here.clock.stall(BACK_MS / 1000)
        if "there" in world.down or "here" in world.down:
            await here.handle(changed("up", world.now_ms()))
        await here.engine.work()
        await here.send_all()
        await judge(world)
    finally:
        await here.database.stop()
        await there.database.stop()


async def judge(world: World) -> None:
    here, there = world.here, world.there
    found = await here.incidents()
    assert len({one.since_ms for one in found}) == len(found), "one incident of one beginning"
    assert all(one.resolved_ms is not None for one in found)
    for one in found:
        lines = [(entry.at_ms, entry.kind, entry.who, str(entry.facts)) for entry in await here.timeline(one.id)]
        assert len(set(lines)) == len(lines), "one timeline, each line once"
        assert lines == sorted(lines, key=lambda line: line[0])
        assert sum(line[1] == "opened" for line in lines) == 1
    keys = [notice.key for one in found for notice in await here.notices(one.id)]
    assert len(set(keys)) == len(keys)
    everything = said(here) + said(there)
    called = {(since_ms, to) for since_ms, kind, to in everything if kind != "resolved"}
    ended = {(since_ms, to): count for (since_ms, kind, to), count in everything.items() if kind == "resolved"}
    assert ended == dict.fromkeys(called, 1), "who was called hears of the end once, and nobody else does"
    for what, count in world.known.items():
        assert said(here)[what] == count, "nobody is told again what the poller told"


@settings(max_examples=max(25, settings.default.max_examples), deadline=None, suppress_health_check=list(HealthCheck))
@given(st.lists(st.sampled_from(STEPS), max_size=14))
def test_in_any_order_there_is_one_incident_and_whoever_was_called_hears_of_its_end(steps: list[Step]) -> None:
    folder = Path(tempfile.mkdtemp(prefix="noc-test-"))
    try:
        asyncio.run(play(steps, folder))
    finally:
        shutil.rmtree(folder)
