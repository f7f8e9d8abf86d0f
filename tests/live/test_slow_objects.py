"""Polls that leave out what seldom changes, on the simulated world at the wire: the same is told, for fewer bytes."""

from __future__ import annotations

import random
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from collectors.snmp import SnmpTarget, collect
from noc.clock import SystemClock
from noc.inventory.profiles.kept import kept_profiles
from noc.inventory.shipped import shipped
from noc.model.reading import Reading
from noc.model.snapshot import Interface, Snapshot
from noc.pipeline.known import KnownAgents
from noc.pipeline.slow import SlowObjects
from noc.pipeline.snapshot import snapshot
from noc.simulator.agent import Agent
from noc.simulator.faults import Story
from noc.simulator.loopback import Wire
from noc.simulator.scenario import load_scenarios
from noc.simulator.scene import Scene
from noc.simulator.world import SimDevice, build
from noc.wire.snmp import Agent as Where
from noc.wire.snmp import Community

pytestmark = pytest.mark.live

PROFILES, _ = kept_profiles([shipped("profiles")])
WORLD = build(60, 3000)
BEGIN = datetime(2026, 3, 1, tzinfo=UTC)
FIVE, HOUR = timedelta(minutes=5), timedelta(hours=1)


@pytest.fixture
async def port() -> AsyncIterator[int]:
    begin_ms = int(BEGIN.timestamp() * 1000)
    scene = Scene(Story(WORLD, load_scenarios(), 1, begin_ms, quiet=True), begin_ms)
    chance = random.Random(1)  # noqa: S311 no secret
    wire = Wire(scene, Agent(scene, b"public"), SystemClock(), chance, (0.0, 0.001), 0.0)
    yield wire.open()
    wire.close()


async def polls(device: SimDevice, port: int, count: int) -> list[Reading]:
    """Poll as the daemon does, each five minutes."""
    agents, slow, found = KnownAgents(), SlowObjects(PROFILES), []
    where = Where(str(device.address), Community("public"), port, timeout_s=2.0, retries=1)
    for number in range(count):
        at = BEGIN + number * FIVE
        known = slow.narrowed(device.entity, agents.of(device.entity, at, HOUR, FIVE), at, FIVE)
        reading = await collect(SnmpTarget(where, 30.0, None, known), PROFILES, SystemClock(), "test")
        reading = slow.completed(device.entity, replace(reading, started_at=at))
        agents.take(device.entity, reading)
        found.append(reading)
    return found


def names(taken: Snapshot) -> list[object]:
    """Return what doesn't change from one poll to the next."""
    ports = [_of(one) for one in taken.interfaces]
    sensors = [(one.kind, one.index, one.name, one.oid) for one in taken.sensors]
    return [taken.device.model, taken.device.serial, ports, sensors, taken.records["neighbors"]]


def _of(one: Interface) -> tuple[object, ...]:
    return one.if_index, one.name, one.descr, one.alias, one.if_type, one.mtu, one.mac, one.oper_status


@pytest.mark.parametrize("device_class", ["router", "switch", "server", "satellite-modem", "microwave"])
async def test_the_same_is_told_for_fewer_bytes(device_class: str, port: int) -> None:
    device = next(one for one in WORLD.devices if one.device_class == device_class)
    found = await polls(device, port, 5)
    taken = [snapshot(one, PROFILES[one.snmp.profile]) for one in found if one.snmp is not None]
    assert [one.parts for one in found] == [()] * 5
    assert [names(one) for one in taken] == [names(taken[0])] * 5
    assert taken[0].ages_s == {}
    assert taken[1].ages_s["ifDescr"] == 300
    assert taken[2].ages_s["ifDescr"] == 600
    assert "ifDescr" not in taken[3].ages_s  # after 15 minutes it is read anew
    assert all(age_s <= 3600 for one in taken for age_s in one.ages_s.values())
    whole, narrow = found[3].octets, found[4].octets
    assert narrow < 0.97 * whole
