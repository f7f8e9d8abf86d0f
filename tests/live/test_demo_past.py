"""The past of the demo's charts is what polls of its devices would have brought, had somebody asked then."""

from __future__ import annotations

import random
from datetime import datetime

import pytest

from collectors.snmp import SnmpTarget, collect
from noc.clock import SystemClock
from noc.inventory.profiles.load import load_profiles
from noc.inventory.shipped import shipped
from noc.model.check import Check
from noc.model.instants import from_ms
from noc.model.reading import Reading
from noc.model.samples import Samples
from noc.pipeline.ingest import Ingest
from noc.pipeline.status import Statuses
from noc.simulator.agent import Agent
from noc.simulator.faults import Story
from noc.simulator.loopback import Wire
from noc.simulator.pastplan import Wave
from noc.simulator.pastpolls import PastPolls, context
from noc.simulator.scenario import load_scenarios
from noc.simulator.scene import Scene
from noc.simulator.world import SimDevice, build
from noc.wire.snmp import Agent as Where
from noc.wire.snmp import Community

pytestmark = pytest.mark.live

PROFILES, _ = load_profiles([shipped("profiles")])
BEGINS_MS = 1_780_000_000_000
WORLD = build(60, 3000)
CHANCE = random.Random(1)  # noqa: S311 no secret
HOUR_MS = 3_600_000
POLL_S = 120.0


class Then(SystemClock):
    """The machine's clock, but for the time of the day: that of a moment in the past."""

    def __init__(self) -> None:
        self.at_ms = BEGINS_MS

    def now(self) -> datetime:
        """Return that moment."""
        return from_ms(self.at_ms)


def story() -> Story:
    return Story(WORLD, load_scenarios(), 1, BEGINS_MS)


def one_of_each_kind() -> list[SimDevice]:
    """Return the first device of each set of objects that agents have."""
    views = Scene(story(), BEGINS_MS).views
    return list({views[device.number]: device for device in reversed(WORLD.devices)}.values())


async def asked(device: SimDevice, moments: list[int]) -> list[tuple[Samples, ...]]:
    """Return what comes of real polls of the device's agent, as it was at these moments."""
    clock = Then()
    scene = Scene(story(), moments[0], BEGINS_MS - 30 * 24 * HOUR_MS)
    wire = Wire(scene, Agent(scene, b"public"), clock, CHANCE, (0.0, 0.001), 0.0)
    port = wire.open()
    ingest = Ingest(PROFILES, Statuses(), lambda entity: context(WORLD, entity))
    found = []
    try:
        for clock.at_ms in moments:
            scene.advance(clock.at_ms)
            where = Where(str(device.address), Community("public"), port, timeout_s=2.0, retries=1)
            reading: Reading = await collect(SnmpTarget(where, 30.0), PROFILES, clock, "brindisi")
            assert reading.failure is None
            assert reading.parts == ()
            found.append(ingest.take(Check(device.entity, "snmp", POLL_S, POLL_S), reading).samples)
    finally:
        wire.close()
    return found


@pytest.mark.parametrize("device", one_of_each_kind(), ids=lambda device: device.id)
async def test_what_is_told_of_a_moment_is_what_a_poll_brings_then(device: SimDevice) -> None:
    polls = PastPolls(story(), PROFILES, POLL_S)
    wave = Wave((device.number,), BEGINS_MS - 3 * HOUR_MS, BEGINS_MS - 2 * HOUR_MS, 10)
    moments = [poll.at_ms for poll in wave.polls(*polls.rhythm(device))]
    told, brought = list(polls.of(wave)), await asked(device, moments)
    assert len(told) == 3
    assert [list(map(plain, one)) for one in told] == [list(map(plain, one)) for one in brought[1:]]


def plain(table: Samples) -> object:
    """Return a table as names and values, in whatever order these are."""
    rows = [
        (dict(zip(table.tag_keys, tags, strict=True)), dict(zip(table.field_keys, row, strict=True)))
        for tags, row in zip(table.tags, table.values, strict=True)
    ]
    return table.measurement, table.time, rows
