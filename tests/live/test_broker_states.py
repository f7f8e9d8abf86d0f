"""States and incidents on a real Mosquitto: what a screen sees at once, what changes, and what is cleared."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from noc.app.pollersettings import PollersSettings
from noc.app.settings import RootSettings
from noc.app.stateout import LOOK_EVERY_S, Ground, StateOut, StatesShown
from noc.clock import ManualClock
from noc.model.poller import RemotePoller
from noc.model.present import StatusNow
from noc.state import incidents, pollers
from noc.state.database import Database
from noc.wire.mqtt import Broker, Heard, linked, publish
from tests.database import empty_database
from tests.live.mosquitto import broker
from tests.unit.alerts.alerting import START, START_MS, inventory

pytestmark = pytest.mark.live

OPENING = incidents.Opening(
    "device/a", "device-down", "status", "major", "standard", START_MS, START_MS, {"reason": "timeout"}
)


class Rig:
    """A broker, a database with one open incident, and a screen that notes what it hears."""

    def __init__(self, port: int, database: Database) -> None:
        self.port = port
        self.database = database
        self.clock = ManualClock(START)
        self.statuses: dict[str, StatusNow] = {"device/a": StatusNow("down", START_MS)}
        self.seen: dict[str, bytes] = {}
        self.count = 0

    def at(self, name: str) -> Broker:
        return Broker("127.0.0.1", self.port, name)

    def out(self, *, tells_incidents: bool = True) -> StateOut:
        status = self.statuses
        known = inventory("a", "b")
        return StateOut(
            self.at("states"),
            self.clock,
            self.database,
            lambda: known,
            lambda entity: status.get(entity, StatusNow("up", START_MS)),
            "hq",
            tells_incidents=tells_incidents,
        )

    def take(self, one: Heard) -> None:
        self.count += 1
        self.seen[one.topic.removeprefix("noc/v1/")] = one.body

    async def until(self, topic: str, body: object) -> None:
        """Let time pass until a screen sees this. body: a key and its value in it; None: nothing is kept there."""
        async with asyncio.timeout(20):
            while not self._is(topic, body):
                await self.clock.advance(LOOK_EVERY_S)
                await asyncio.sleep(0.02)

    def _is(self, topic: str, body: object) -> bool:
        found = self.seen.get(topic)
        if not isinstance(body, tuple):
            return found == b""
        return bool(found) and json.loads(found or b"{}").get(body[0]) == body[1]


@asynccontextmanager
async def rigged(folder: Path) -> AsyncIterator[Rig]:
    database = empty_database(folder / "noc.db")
    await database.start()
    async with database.write() as connection:
        await incidents.insert(connection, OPENING)
        await pollers.write(connection, [RemotePoller("nbo-1", "africa", state="here", since_ms=START_MS)])
    async with broker(folder) as port:
        rig = Rig(port, database)
        await publish(rig.at("old"), "noc/v1/state/device/of-before", b"{}", retain=True)
        await publish(rig.at("old"), "noc/v1/incident/99", b"{}", retain=True)
        await publish(rig.at("old"), "noc/v1/state/ledger/seal", b"sealed", retain=True)
        screen = asyncio.create_task(watch(rig))
        yield rig
        screen.cancel()
    await database.stop()


async def watch(rig: Rig) -> None:
    async with linked(rig.at("wall"), ["noc/v1/state/#", "noc/v1/incident/#"]) as link:
        async for one in link.heard():
            rig.take(one)


async def test_what_is_so_is_published_what_was_is_cleared_and_what_changes_follows(tmp_path: Path) -> None:
    async with rigged(tmp_path) as rig:
        out = rig.out()
        await out.start()
        await rig.until("state/device/of-before", None)
        await rig.until("state/device/b", ("status", "up"))
        assert rig.seen["incident/99"] == b""
        assert rig.seen["state/ledger/seal"] == b"sealed"
        assert json.loads(rig.seen["state/device/a"]) == {
            "entity": "device/a",
            "name": "a",
            "region": "africa",
            "site": "s",
            "status": "down",
            "since": "2026-03-01T00:00:00Z",
            "incident": 1,
            "reason": "timeout",
        }
        assert json.loads(rig.seen["state/region/africa"])["sites"]["up"] == 1
        assert json.loads(rig.seen["state/poller/nbo-1"])["status"] == "up"
        assert json.loads(rig.seen["state/poller/hq"])["status"] == "up"
        assert json.loads(rig.seen["incident/1"])["entity"] == "device/a"

        count = rig.count
        del rig.statuses["device/a"]
        async with rig.database.write() as connection:
            await incidents.resolve(connection, 1, START_MS + 1, None)
        await rig.until("incident/1", None)
        await rig.until("state/device/a", ("status", "up"))
        assert rig.count == count + 2  # nothing is said twice
        await out.stop()
        await rig.until("state/poller/hq", ("status", "unknown"))


async def test_a_start_says_only_what_changed_and_leaves_incidents_to_a_notifier(tmp_path: Path) -> None:
    async with rigged(tmp_path) as rig:
        first = rig.out(tells_incidents=False)
        await first.start()
        await rig.until("state/poller/nbo-1", ("status", "up"))
        await rig.until("incident/99", None)
        await first.stop()
        assert "incident/1" not in rig.seen
        await publish(rig.at("notifier"), "noc/v1/incident/1", b'{"title":"a"}', retain=True)
        rig.statuses["device/b"] = StatusNow("down", START_MS + 1)
        count = rig.count
        second = rig.out(tells_incidents=False)
        await second.start()
        await rig.until("state/device/b", ("status", "down"))
        assert second.published == 2  # its own state, and b's
        await second.stop()
        assert rig.seen["incident/1"] == b'{"title":"a"}'
        assert rig.count >= count


async def test_a_reload_begins_and_ends_it_and_leaves_it_where_nothing_changed(tmp_path: Path) -> None:
    async with rigged(tmp_path) as rig:

        def settings(wanted: bool) -> RootSettings:
            told = {"broker": {"host": "127.0.0.1", "port": rig.port, "tls": False}, "state_out": wanted}
            written = PollersSettings.model_validate_json(json.dumps(told))
            return RootSettings(pollers=written)

        known = inventory("a", "b")
        up = StatusNow("up", START_MS)
        shown = StatesShown(settings(False), tmp_path, Ground(rig.clock, rig.database, lambda: known, lambda _: up))
        own = f"state/poller/{RootSettings().polling.poller}"
        await shown.start()
        assert not shown.is_wanted
        shown.replace(settings(True))
        await rig.until("state/device/b", ("status", "up"))
        await rig.until(own, ("status", "up"))
        count = rig.count
        shown.replace(settings(True))
        await rig.clock.advance(3 * LOOK_EVERY_S)
        assert rig.count == count
        shown.replace(settings(False))
        await rig.until(own, ("status", "unknown"))
        shown.replace(settings(True))
        await rig.until(own, ("status", "up"))
        await shown.stop()
        await rig.until(own, ("status", "unknown"))
