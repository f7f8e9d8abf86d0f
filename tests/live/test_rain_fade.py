"""A storm over a terminal with adaptive coding, told by the simulator at the wire and lived through in virtual time.

The link is degraded first, then down, then well again, and the shipped rules say so.
"""

from __future__ import annotations

import asyncio
import random
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from alerts.engine import Engine
from alerts.messages import words
from alerts.rules.compiled import Rules
from alerts.rules.load import load_rules
from alerts.scene import scene_of
from alerts.watch import Watch
from collectors.snmp import SnmpTarget, collect
from noc.availability.policy import ProbePolicy
from noc.clock import ManualClock, SystemClock
from noc.inventory.inventory import Inventory
from noc.inventory.profiles.kept import kept_profiles
from noc.inventory.shipped import shipped
from noc.model.check import Check
from noc.model.incident import Incident, Notice
from noc.model.snapshot import Scalar
from noc.pipeline.ingest import Ingest
from noc.pipeline.status import Statuses
from noc.simulator import models
from noc.simulator.agent import Agent
from noc.simulator.faults import Fault, Story
from noc.simulator.loopback import Wire
from noc.simulator.scenario import load_scenarios
from noc.simulator.scene import Scene
from noc.simulator.world import SimDevice, World, build
from noc.state import handling, incidents, ledger
from noc.state.database import Database
from noc.wire.snmp import Agent as Where
from noc.wire.snmp import Community
from tests.database import empty_database
from tests.things import device, watch
from tests.unit.alerts.alerting import REGION, SITE, settings

pytestmark = pytest.mark.live

PROFILES, _ = kept_profiles([shipped("profiles")])
BEGIN = datetime(2026, 3, 1, tzinfo=UTC)
BEGIN_MS = int(BEGIN.timestamp() * 1000)
MINUTE_MS = 60_000
NOTICE = Notice(1, "1-x", 1, 1, "achieng", "email", "page", BEGIN_MS)
CALM = 5
"""Minutes before the storm, and after it."""

WORLD = build(40, 400)


class Virtual(SystemClock):
    """Real time for waiting, another one for what the time is."""

    def __init__(self, at: datetime) -> None:
        self.at = at

    def now(self) -> datetime:
        return self.at


def storm(world: World) -> tuple[Story, Fault, SimDevice]:
    """Return a story, at the pace of the real world, that begins with rain over a terminal with adaptive coding."""
    rain = {"rain-fade": load_scenarios()["rain-fade"]}
    for seed in range(100):
        story = Story(world, rain, seed, BEGIN_MS, hurry=1)
        (fault,) = (one for one in story.between(BEGIN_MS, BEGIN_MS + 10_000) if one.key == "opening-0")
        (hit,) = world.members(fault.target)
        site_class = world.place[hit.site].site_class
        others = [one for one in story.between(BEGIN_MS, fault.end_ms + 3_600_000) if one.key != fault.key]
        alone = all(one.target != fault.target for one in others)
        if alone and models.model_of(hit.device_class, site_class, hit.number) == models.ACM_MODEM:
            return story, fault, hit
    raise AssertionError("no seed begins with rain over a terminal with adaptive coding")


@dataclass
class Life:
    """A terminal that is polled each minute, and all that noc makes of it."""

    scene: Scene
    clock: Virtual
    terminal: SimDevice
    target: SnmpTarget
    ingest: Ingest
    watched: Watch
    engine: Engine
    database: Database
    inventory: Inventory
    manual: ManualClock
    polls: list[tuple[datetime, dict[str, Scalar]]]

    async def minute(self, at: datetime) -> None:
        """Let the world be as it is then, poll the terminal, judge, and do what is due."""
        self.clock.at = at
        self.scene.advance(int(at.timestamp() * 1000))
        reading = await collect(self.target, PROFILES, self.clock, "test")
        check = Check(self.terminal.entity, "snmp", 60.0, 10.0, liveness=True)
        came = self.ingest.take(check, replace(reading, started_at=at))
        if came.snapshot is not None:
            self.polls.append((at, dict(came.snapshot.satellite)))
        raised = self.watched.take(self.terminal.entity, came.samples, "test")
        self.manual.stall((at - self.manual.now()).total_seconds())
        async with self.database.write() as connection:
            numbers = await ledger.append(connection, came.transitions)
            await handling.put(connection, (*came.transitions, *raised), numbers)
        await self.engine.work()


Lived = tuple[Fault, Life, list[Incident]]


async def lived(folder: Path) -> Lived:
    """Live through the storm; return it, what was read, and the incidents, the first that was opened first."""
    story, fault, terminal = storm(WORLD)
    known = replace(
        device(terminal.id, str(terminal.address), watch(poll_interval=timedelta(minutes=1))),
        device_class=terminal.device_class,
    )
    inventory = Inventory({"africa": REGION}, {"s": SITE}, {terminal.id: known})
    rules = Rules(load_rules([shipped("rules")])[0].values())
    statuses = Statuses()
    statuses.watch({known.entity: ProbePolicy(3 * MINUTE_MS, MINUTE_MS)})
    database = empty_database(folder / "noc.db")
    clock, manual = Virtual(BEGIN), ManualClock(BEGIN - timedelta(minutes=CALM))
    scene = Scene(story, BEGIN_MS - CALM * MINUTE_MS)
    chance = random.Random(1)  # noqa: S311 no secret
    wire = Wire(scene, Agent(scene, b"public"), clock, chance, (0.0, 0.001), 0.0)
    await database.start()
    port = wire.open()
    try:
        target = SnmpTarget(Where(str(terminal.address), Community("public"), port, timeout_s=0.2, retries=0), 10.0)
        ingest = Ingest(PROFILES, statuses, lambda _: {"device": terminal.id})
        watched = Watch(rules, inventory, "test")
        engine = Engine(database, manual, rules, settings(), lambda: inventory)
        life = Life(scene, clock, terminal, target, ingest, watched, engine, database, inventory, manual, polls=[])
        minutes = (fault.end_ms - BEGIN_MS) // MINUTE_MS
        for minute in range(-CALM, minutes + CALM + 1):
            await life.minute(BEGIN + timedelta(minutes=minute))
        async with database.read() as connection:
            return fault, life, (await incidents.page(connection))[::-1]
    finally:
        wire.close()
        await database.stop()


@pytest.fixture(scope="module")
def storm_lived(tmp_path_factory: pytest.TempPathFactory) -> Lived:
    """Return what came of one storm; both tests look at it."""
    return asyncio.run(lived(tmp_path_factory.mktemp("storm")))


def test_a_storm_degrades_a_link_before_it_takes_it_and_both_end_by_themselves(storm_lived: Lived) -> None:
    fault, life, found = storm_lived
    told = {one.rule: one for one in found}
    degraded = [one for one in found if one.facts.get("status") == "degraded"]
    down = told["transport-down"]
    assert found[0].facts["status"] == "degraded"
    assert {"satellite-margin-low", "satellite-modcod-reduced"} <= {one.rule for one in degraded}
    assert {"satellite-es-n0-low", "satellite-snr-low"}.isdisjoint(told)  # the margin tells more
    assert down.facts["status"] == "down"
    assert told["satellite-margin-low"].opened_ms < down.opened_ms
    assert all(one.resolved_ms is not None for one in found)
    resolved = [one.resolved_ms or 0 for one in degraded]
    assert min(resolved) > (down.resolved_ms or 0)  # after the rain comes the margin back, and last the rate
    cut = (fault.end_ms - fault.start_ms) * 0.42 + fault.start_ms
    assert cut <= down.since_ms <= cut + 2 * MINUTE_MS
    said = words(told["satellite-margin-low"], NOTICE, scene_of(life.terminal.entity, life.inventory), BEGIN_MS)
    assert "degraded: link margin low (rain fade?)" in said.text


def test_the_rate_goes_before_the_margin_and_the_numbers_agree(storm_lived: Lived) -> None:
    _, life, _ = storm_lived
    for _, told in life.polls:
        if told["rx_lock"]:
            margin, signal, needed = (told[key] for key in ("link_margin_db", "es_n0_db", "es_n0_threshold_db"))
            assert isinstance(margin, float)
            assert isinstance(signal, float | int)
            assert isinstance(needed, float | int)
            assert margin == pytest.approx(signal - needed)
        else:
            assert (told["es_n0_db"], told["link_margin_db"], told["modcod"]) == (None, None, None)
    modcods = [told["modcod"] for _, told in life.polls if told["modcod"] is not None]
    assert modcods[0] == "8PSK 3/5"
    assert "QPSK 1/2" in modcods
    stepped = next(at for at, told in life.polls if told["modcod"] == "QPSK 3/5")
    thin = next(at for at, told in life.polls if isinstance(m := told["link_margin_db"], float) and m < 3)
    assert stepped < thin
    assert min(p for _, told in life.polls if isinstance(p := told["capacity_pct"], float)) < 70
