"""The status of a circuit that one end alone tells of: down by what that end says, unknown where nobody sees it."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from noc.clock import ManualClock
from noc.inventory.entities import Circuit
from noc.inventory.inventory import Inventory
from noc.model.instants import to_ms
from noc.model.present import StatusNow
from noc.model.snapshot import Counters, DeviceIdentity, Interface, Snapshot
from noc.model.transition import Transition
from noc.pipeline.partwatch import Look, PartWatch
from noc.pipeline.policy import part_policy, probe_policy
from noc.pipeline.present import Presence
from noc.pipeline.status import Result, Statuses
from tests.things import device

NOW = datetime(2026, 3, 1, tzinfo=UTC)
DEVICE = replace(device("near"), site="s")
POLL_S = DEVICE.watch.poll_interval.total_seconds()
STALE_MS = part_policy(DEVICE.watch).stale_after
IDENTITY = DeviceIdentity("192.0.2.1", *(None,) * 10, "generic")  # type: ignore[arg-type]


class World:
    """A device that is the only end of a circuit, polled every five minutes."""

    def __init__(self, interface: str = "Gi0") -> None:
        circuit = {"id": "c", "name": "c", "kind": "mpls", "site": "s", "a": {"device": "near", "interface": interface}}
        inventory = Inventory(devices={"near": DEVICE}, circuits={"c": Circuit.model_validate(circuit)})
        self.clock, self.statuses = ManualClock(NOW), Statuses()
        self.parts = PartWatch(self.statuses, inventory)
        self.statuses.watch({DEVICE.entity: probe_policy(DEVICE.watch), **self.parts.policies()})
        self.presence = Presence(self.statuses, lambda: inventory, self.clock, self.parts)

    @property
    def now_ms(self) -> int:
        return to_ms(self.clock.now())

    async def poll(self, times: int, oper: str | None, admin: str = "up") -> list[Transition]:
        """Read the device so often; oper: None where it no longer tells of the interface."""
        found: list[Transition] = []
        for _ in range(times):
            await self.clock.advance(POLL_S)
            counters = Counters(*(None,) * 12)
            port = Interface(
                1, "Gi0", "GigabitEthernet0", "", 6, None, None, None, admin, oper, None, None, False, counters
            )
            other = replace(port, if_index=2, name="Gi1", descr="GigabitEthernet1", oper_status="up", admin_status="up")
            taken = Snapshot(IDENTITY, (other,) if oper is None else (port, other))
            self.statuses.take(Result(DEVICE.entity, self.now_ms, ok=True, check="icmp", poller="hq"))
            found += self.parts.take(Look(DEVICE, taken, frozenset(), self.now_ms, "snmp", "hq")).transitions
        return [change for change in found if change.entity == "circuit/c"]

    async def silence(self, duration: timedelta) -> list[Transition]:
        """Let the device give no answer for so long."""
        found: list[Transition] = []
        for _ in range(int(duration.total_seconds() // 60)):
            await self.clock.advance(60)
            self.statuses.take(Result(DEVICE.entity, self.now_ms, ok=False, check="icmp", poller="hq"))
            found += self.statuses.expire(self.now_ms)
        return [change for change in found if change.entity == "circuit/c"]

    @property
    def circuit(self) -> StatusNow:
        return self.presence.status("circuit/c")


@pytest.mark.parametrize("interface", ["Gi0", "GigabitEthernet0"])
async def test_the_end_that_tells_down_makes_it_down_from_the_first_look_on(interface: str) -> None:
    world = World(interface)
    await world.poll(1, "up")
    assert world.circuit.status == "up"
    first_ms = world.now_ms + int(POLL_S * 1000)
    (change,) = await world.poll(3, "down")
    assert (change.status, change.since_ms, len([ok for _, ok in change.results if not ok])) == ("down", first_ms, 3)
    (change,) = await world.poll(1, "up")
    assert change.status == "up"


@pytest.mark.parametrize("interface", ["Gi0", "GigabitEthernet0"])
async def test_an_interface_that_vanished_makes_it_down_however_people_write_it(interface: str) -> None:
    world = World(interface)
    await world.poll(1, "up")
    (change,) = await world.poll(3, None)
    assert change.status == "down"


async def test_where_the_device_is_cut_off_with_it_nobody_sees_it_and_it_is_unknown_never_down_or_up() -> None:
    world = World()
    await world.poll(2, "up")
    seen_ms = world.now_ms
    (change,) = await world.silence(timedelta(hours=2))
    assert world.presence.status(DEVICE.entity).status == "down"
    assert (change.status, change.before, change.since_ms) == ("unknown", "up", seen_ms + STALE_MS)
    assert world.circuit.status == "unknown"
    (change,) = await world.poll(1, "up")
    assert (change.status, change.before) == ("up", "unknown")


async def test_failures_that_were_not_sure_yet_when_the_device_fell_silent_make_no_outage() -> None:
    world = World()
    await world.poll(1, "up")
    assert await world.poll(2, "down") == []
    (change,) = await world.silence(timedelta(hours=2))
    assert change.status == "unknown"


async def test_one_that_is_down_is_unknown_once_nobody_looks_and_out_of_service_where_people_switched_it_off() -> None:
    world = World()
    await world.poll(1, "up")
    await world.poll(3, "down")
    (change,) = await world.silence(timedelta(hours=2))
    assert (change.status, change.before) == ("unknown", "down")
    await world.poll(1, "up")
    (change,) = await world.poll(1, "down", admin="down")
    assert (change.status, change.before) == ("unknown", "up")
