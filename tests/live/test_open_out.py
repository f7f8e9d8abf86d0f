"""Open incidents for pollers that may call people, on a real Mosquitto: what they hear, and what is cleared."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from alerts.escalation import key_of
from noc.app.openout import Around, OpenOut
from noc.app.pollersettings import PollersSettings, groups_of
from noc.app.retained import LOOK_EVERY_S
from noc.bus.tales import OpenIncidents, read_open
from noc.clock import ManualClock
from noc.model.incident import Incident, Notice, NoticeState, Symptom
from noc.model.poller import RemotePoller
from noc.state import incidents, outbox, symptoms
from noc.state.database import Database
from noc.wire.mqtt import Broker, Heard, linked, publish
from tests.database import empty_database
from tests.live.mosquitto import broker
from tests.unit.alerts.alerting import START, START_MS, inventory

pytestmark = pytest.mark.live


class Rig:
    """A broker, a database, and a poller's ears. autonomous: whether the group may call people."""

    def __init__(self, port: int, database: Database) -> None:
        self.port = port
        self.database = database
        self.clock = ManualClock(START)
        self.inventory = inventory("a", "b")
        self.pollers = [RemotePoller("nbo-1", "east"), RemotePoller("bko-1", "west")]
        self.heard: dict[str, bytes] = {}
        self.count = 0
        self.set(autonomous=True)

    def set(self, *, autonomous: bool) -> None:
        groups = {
            "east": {"scope": ["device/a"], "autonomy": autonomous},
            "west": {"scope": ["device/b"]},
        }
        self.settings = PollersSettings.model_validate({"groups": groups}, strict=False)
        self.scopes = groups_of(self.settings, self.inventory)

    def at(self, name: str) -> Broker:
        return Broker("127.0.0.1", self.port, name)

    def out(self) -> OpenOut:
        around = Around(lambda: self.settings, lambda: self.scopes, lambda: self.inventory, lambda: self.pollers)
        return OpenOut(self.at("centre"), self.clock, self.database, "hq", around)

    def take(self, one: Heard) -> None:
        self.count += 1
        self.heard[one.topic.removeprefix("noc/v1/poller/")] = one.body

    def said(self) -> OpenIncidents | None:
        body = self.heard.get("nbo-1/incidents")
        return read_open(body) if body else None

    async def until(self, met: object) -> None:
        """Let time pass until a poller heard this."""
        assert callable(met)
        async with asyncio.timeout(20):
            while not met():
                await self.clock.advance(LOOK_EVERY_S)
                await asyncio.sleep(0.02)

    async def open(self, entity: str, state: NoticeState = "sent") -> Incident:
        async with self.database.write() as connection:
            opening = incidents.Opening(
                entity, "device-down", "status", "major", "standard", START_MS, START_MS, {"reason": "timeout"}
            )
            one = await incidents.insert(connection, opening)
            key = key_of(one, "page", 1, ("achieng", "email"))
            notice = Notice(0, key, one.id, 1, "achieng", "email", "page", START_MS, state, sent_ms=START_MS)
            await outbox.put(connection, [notice])
        return one


@asynccontextmanager
async def rigged(folder: Path) -> AsyncIterator[Rig]:
    database = empty_database(folder / "noc.db")
    await database.start()
    async with broker(folder) as port:
        rig = Rig(port, database)
        async with linked(rig.at("poller"), ["noc/v1/poller/+/incidents"]) as link:

            async def hear() -> None:
                async for one in link.heard():
                    rig.take(one)

            hearing = asyncio.create_task(hear())
            yield rig
            hearing.cancel()
            await asyncio.gather(hearing, return_exceptions=True)
    await database.stop()


async def test_a_poller_hears_of_its_scope_who_was_told_and_no_more_when_it_may_not(tmp_path: Path) -> None:
    async with rigged(tmp_path) as rig:
        one = await rig.open("device/a")
        other = await rig.open("device/b")
        async with rig.database.write() as connection:
            held = Symptom(0, other.id, "interface/a/wan", "port", "rule", "minor", "", START_MS, START_MS, {})
            far = Symptom(0, other.id, "interface/b/wan", "port", "rule", "minor", "", START_MS, START_MS, {})
            await symptoms.put(connection, [held, far])
        out = rig.out()
        await out.start()
        await rig.until(lambda: rig.said() is not None)
        said = rig.said()
        assert said is not None
        assert [(of.number, of.entity, of.symptoms) for of in said.incidents] == [
            (one.id, "device/a", ()),
            (other.id, "device/b", ("interface/a/wan",)),
        ]
        (told,) = said.incidents[0].told
        assert (told.person, told.channel, told.kind, told.step, told.number) == ("achieng", "email", "page", 1, 1)
        assert "bko-1/incidents" not in rig.heard
        count = rig.count
        for _ in range(3):
            await rig.clock.advance(LOOK_EVERY_S)
            await asyncio.sleep(0.05)
        assert rig.count == count, "what is as before is not said again"
        async with rig.database.write() as connection:
            await incidents.acknowledge(connection, one.id, START_MS + 5, "berta")
            await incidents.record(connection, [incidents.Entry(one.id, START_MS + 5, "acknowledged", "berta")])
        await rig.until(lambda: (rig.said() or said).incidents[0].acknowledged_by == "berta")
        rig.set(autonomous=False)
        await rig.until(lambda: rig.heard["nbo-1/incidents"] == b"")
        await out.stop()


async def test_what_was_left_of_a_poller_that_is_no_more_is_cleared(tmp_path: Path) -> None:
    async with rigged(tmp_path) as rig:
        await publish(rig.at("before"), "noc/v1/poller/old-1/incidents", b"left", retain=True)
        out = rig.out()
        await out.start()
        await rig.until(lambda: rig.heard.get("old-1/incidents") == b"")
        await rig.until(lambda: rig.said() is not None)
        assert (rig.said() or OpenIncidents(at_ms=0)).incidents == ()
        await out.stop()
