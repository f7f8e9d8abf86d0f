"""What is looked at from several places: pollers' stand-ins, the centre itself, Mosquitto, and a real agent."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path

import pytest

from noc.bus.plans import digest
from noc.clock import SystemClock
from noc.model.instants import to_ms
from noc.model.reading import Failure, FailureKind, Reading
from tests.live.house import House, noc
from tests.live.mosquitto import broker
from tests.live.standin_poller import StandIn, enrol, ping, standing_in, until

pytestmark = [pytest.mark.live, pytest.mark.timeout(180)]

SETTINGS = """\
pollers:
  broker: {{host: 127.0.0.1, port: {port}}}
  groups:
    east: {{scope: [site/far], vantage: nairobi}}
    west: {{scope: [site/far], vantage: dakar}}
    home: {{scope: [device/agent], from_here: true}}
"""
SITES = "sites:\n  far: {region: here, class: hub, edge_devices: [core], defaults: {confirm_down: 2, confirm_up: 1}}\n"
WATCHED = "class: router, liveness: icmp, interval: 500ms, stale_after: 6s"
DEVICES = f"""\
  core: {{site: far, address: 127.0.0.10, {WATCHED}}}
  any: {{site: far, address: 127.0.0.11, {WATCHED}, down_when: any}}
  quorum: {{site: far, address: 127.0.0.12, {WATCHED}}}
  all: {{site: far, address: 127.0.0.13, {WATCHED}, down_when: all}}
  told: {{site: far, address: 127.0.0.14, {WATCHED}, down_when: testimony, upstream: [device/core]}}
"""
FAR = {"core": "127.0.0.10", "any": "127.0.0.11", "quorum": "127.0.0.12", "all": "127.0.0.13", "told": "127.0.0.14"}
RULES = ("any", "quorum", "all", "told")
EVERY_S = 0.5


@dataclass
class Place:
    """A poller that looks every half second. down: what it sees down. late_s: how long its word is on its way."""

    poller: StandIn
    devices: dict[str, str]
    down: set[str] = field(default_factory=set)
    late_s: float = 0.0
    silent: bool = False
    _sent: int = 0

    async def looks(self) -> None:
        """Look for ever; what it says comes in order."""
        async with asyncio.TaskGroup() as on_their_way:
            while True:
                self._sent += 1
                if self._sent % 4 == 1:
                    await self.poller.here()
                if not self.silent:
                    at_ms = to_ms(SystemClock().now())
                    seen = [self._seen(name, address, at_ms) for name, address in self.devices.items()]
                    on_their_way.create_task(self._say(self._sent, seen))
                await asyncio.sleep(EVERY_S)

    def _seen(self, name: str, address: str, at_ms: int) -> tuple[str, Reading]:
        ok = name not in self.down
        if name in FAR:
            return ping(name, address, at_ms, ok=ok)
        at = SystemClock().now() + timedelta(milliseconds=at_ms - to_ms(SystemClock().now()))
        failure = None if ok else Failure(FailureKind.TIMEOUT, "no reply")
        return f"device/{name}:uptime", Reading("uptime", address, "", at, 0.01, failure)

    async def _say(self, number: int, seen: list[tuple[str, Reading]]) -> None:
        await asyncio.sleep(self.late_s)
        await self.poller.send(number, seen)


@dataclass
class Stage:
    house: House
    places: dict[str, Place]

    async def are(self, wanted: dict[str, str]) -> None:
        """Wait until devices are in these states."""
        known = dict.fromkeys(wanted, "")

        def met() -> bool:
            for name in wanted:
                known[name] = str(self.house.ask(f"/devices/{name}")["status"])
            return known == wanted

        try:
            await until(met, "")
        except AssertionError:
            raise AssertionError(f"they are {known}, not {wanted}") from None


@asynccontextmanager
async def staged(folder: Path) -> AsyncIterator[Stage]:
    async with broker(folder) as port:
        house = House(folder, SETTINGS.format(port=port))
        path = folder / "inventory" / "all.yaml"
        calm = f"snmp_port: {house.port}, stale_after: 6s"
        text = path.read_text().replace("sites:\n", SITES).replace(f"snmp_port: {house.port}", calm)
        path.write_text(text + DEVICES)
        groups = {"nbo-1": "east", "dkr-1": "west", "home-1": "home"}
        for name, group in groups.items():
            enrol(folder / "state", name, group)
        try:
            house.agent_on()
            await asyncio.to_thread(house.start)
            async with (
                standing_in(port, "nbo-1", "east") as east,
                standing_in(port, "dkr-1", "west") as west,
                standing_in(port, "home-1", "home") as home,
            ):
                places = {"east": Place(east, FAR), "west": Place(west, FAR)}
                places["home"] = Place(home, {"agent": "127.0.0.1"})
                for one in places.values():
                    await until(lambda one=one: one.poller.plans, "a plan")
                    one.poller.plan = digest(one.poller.plans[-1].files)
                looking = [asyncio.create_task(one.looks()) for one in places.values()]
                yield Stage(house, places)
                for task in looking:
                    task.cancel()
                await asyncio.gather(*looking, return_exceptions=True)
        finally:
            house.close()


@pytest.mark.slow
async def test_what_it_takes_to_be_down_and_who_has_a_vote(tmp_path: Path) -> None:
    async with staged(tmp_path) as stage:
        east, west = stage.places["east"], stage.places["west"]
        await stage.are(dict.fromkeys(FAR, "up"))
        east.down = set(RULES)
        await stage.are({"any": "down", "told": "down", "quorum": "up", "all": "up", "core": "up"})
        await shown(stage)
        west.down = set(RULES)
        await stage.are({"any": "down", "told": "down", "quorum": "down", "all": "down", "core": "up"})
        east.down, west.down = set(), set()
        await stage.are(dict.fromkeys(FAR, "up"))
        east.silent, west.down = True, {"all"}
        await stage.are({"all": "down", "quorum": "up"})
        assert list(await places_of(stage.house, "quorum")) == []  # one place is alone with it
        east.silent, east.late_s, west.down = False, 1.2, set()
        await stage.are(dict.fromkeys(FAR, "up"))
        east.down = {"any"}
        await stage.are({"any": "down", "quorum": "up"})
        assert (await asyncio.to_thread(noc, stage.house, "ledger", "verify")).returncode == 0


async def places_of(house: House, name: str) -> dict[str, bool]:
    """Return what each place sees, as the API says."""
    found = (await asyncio.to_thread(house.ask, f"/devices/{name}"))["places"]
    assert isinstance(found, list)
    return {one["place"]: one["ok"] for one in found}


async def shown(stage: Stage) -> None:
    """See that page, API and explanation tell what each place saw, while one sees it down and one doesn't."""
    assert await places_of(stage.house, "quorum") == {"east": False, "west": True}
    page = await asyncio.to_thread(stage.house.page, "/devices/quorum")
    assert "Seen from" in page
    assert "down when: " in page
    said = await asyncio.to_thread(noc, stage.house, "explain", "device/any", "--json")
    assert "east: failed, west: ok" in said.stdout, said.stdout + said.stderr
    assert "east+west" in said.stdout


@pytest.mark.slow
async def test_the_centre_is_a_place_too(tmp_path: Path) -> None:
    async with staged(tmp_path) as stage:
        home = stage.places["home"]
        await stage.are({"agent": "up"})
        await until(lambda: len(stage.house.ask("/devices/agent")["places"]) == 2, "two places")  # type: ignore[arg-type]
        home.down = {"agent"}
        await until(lambda: is_seen(stage.house, {"home": False, "test-poller": True}), "what the poller sees")
        await stage.are({"agent": "up"})
        stage.house.agent_off()
        await stage.are({"agent": "down"})
        assert is_seen(stage.house, {"home": False, "test-poller": False})


def is_seen(house: House, wanted: dict[str, bool]) -> bool:
    found = house.ask("/devices/agent")["places"]
    assert isinstance(found, list)
    return {one["place"]: one["ok"] for one in found} == wanted
