"""A byte budget on the wire: a relay counts each octet between noc and the agents; hours go by in virtual time."""

from __future__ import annotations

from collections import Counter
from contextlib import AsyncExitStack
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Literal

import pytest

from bench.polling_relay import Count, relayed
from collectors._ports import Collector, Doors, Target
from collectors.snmp import build as polls
from collectors.uptime import build as probes
from noc.clock import SystemClock
from noc.inventory.entities import Device, Region, Site
from noc.inventory.inventory import Inventory
from noc.inventory.values import Liveness
from noc.model.check import Check
from noc.model.reading import Known, Reading
from noc.pipeline.snapshot import snapshot
from noc.scheduling.budgets import Budgets
from noc.scheduling.plan import checks, offset_s
from noc.wire.icmp import Pinger
from noc.wire.snmp import Community
from noc.wire.ssh import HostKeyFiles, HostKeys, Shell
from tests.agents.device import device as objects_of
from tests.agents.polling import PROFILES
from tests.agents.snmp import Agent, serving
from tests.things import WATCH, device

pytestmark = pytest.mark.live

HOUR = 3_600.0
QUIET = replace(
    WATCH, interval=timedelta(minutes=2), poll_interval=timedelta(minutes=5), liveness=Liveness("snmp", None)
)


class Field:
    """A site with devices behind a relay, polled by the real collectors; `now_s` is virtual."""

    def __init__(
        self, devices: dict[str, Device], budget: str | None, version: Literal["1", "2c"], folder: Path
    ) -> None:
        site = Site.model_validate({"id": "s", "name": "S", "region": "r", "class": "field", "budget": budget})
        self.plan = Inventory({"r": Region(id="r", name="R")}, {"s": site}, devices)
        self.now_s = 0.0
        self.budgets = Budgets(self.plan, lambda: self.now_s)
        self.budgets.watch(checks(self.plan))
        shell = Shell(HostKeys(HostKeyFiles(folder / "known_hosts"), "accept-new"), SystemClock())
        doors = Doors(SystemClock(), "test", PROFILES, Pinger(), shell)
        self.collectors: dict[str, Collector] = {"snmp": polls(doors), "uptime": probes(doors)}
        self.login = Community("public", version)
        self.known: dict[str, tuple[float, Known]] = {}
        self.took: list[tuple[float, int]] = []
        self.due: Counter[str] = Counter()
        self.read: dict[str, list[Reading]] = {"snmp": [], "uptime": []}

    async def run(self, hours: int, count: Count) -> None:
        moments = sorted(
            (offset_s(check.key, check.interval_s) + turn * check.interval_s, check.key, check)
            for check in checks(self.plan)
            for turn in range(int(hours * HOUR / check.interval_s))
        )
        for self.now_s, _, check in moments:
            self.due[check.kind] += 1
            await self.ask(check, count)

    async def ask(self, check: Check, count: Count) -> None:
        found_s, known = self.known.get(check.entity, (0.0, None))
        if known is not None and self.now_s - found_s >= HOUR:
            known = replace(known, valid=False)
        due = known is not None and not known.valid
        grant = self.budgets.admit(check, known=known is not None, due=due)
        if grant is None:
            return
        asked = self.plan.devices[check.entity.removeprefix("device/")]
        before = count.octets
        reading = await self.collectors[check.kind].collect(Target(check, asked, self.login, known=known, grant=grant))
        self.took.append((self.now_s, count.octets - before))
        assert reading.octets is not None
        # What is counted here is never less than what was on the wire, and not much more.
        assert count.octets - before <= reading.octets <= 1.2 * (count.octets - before) + 60
        self.read[check.kind].append(reading)
        if reading.known is not None:
            fresh = known is None or reading.known.discovered_at != known.discovered_at
            self.known[check.entity] = (self.now_s if fresh else found_s, reading.known)
        self.budgets.settle(check, reading)

    def busiest_hour(self) -> int:
        return max(sum(size for at_s, size in self.took if start <= at_s < start + HOUR) for start, _ in self.took)


async def polled(
    budget: str | None, folder: Path, version: Literal["1", "2c"] = "2c", interfaces: int = 4, hours: int = 4
) -> Field:
    async with AsyncExitStack() as stack:
        agent = await stack.enter_async_context(serving(Agent(objects_of(interfaces))))
        port, count = await stack.enter_async_context(relayed("127.0.0.1", agent.port))
        named = [replace(device(name, "127.0.0.1", QUIET, port), site="s") for name in ("one", "two")]
        field = Field({one.id: one for one in named}, budget, version, folder)
        await field.run(hours, count)
        return field


async def test_all_is_read_where_the_budget_is_wide(tmp_path: Path) -> None:
    field = await polled("2MiB/h", tmp_path)
    assert len(field.read["snmp"]) == field.due["snmp"]
    assert all(reading.failure is None and reading.parts == () for reading in field.read["snmp"])
    assert field.budgets.left_out == 0


@pytest.mark.parametrize("version", ["1", "2c"])
@pytest.mark.parametrize("kib", [16, 32, 64])
async def test_no_hour_on_the_wire_takes_more_than_the_budget(
    kib: int, version: Literal["1", "2c"], tmp_path: Path
) -> None:
    field = await polled(f"{kib}KiB/h", tmp_path, version)
    assert 0 < field.busiest_hour() <= kib * 1024
    assert len(field.read["uptime"]) == field.due["uptime"]  # liveness goes first
    assert all(reading.failure is None for reading in field.read["uptime"])
    assert field.budgets.left_out > 0
    for reading in field.read["snmp"]:
        assert reading.failure is None or "left out: byte budget of site/s" in reading.failure.reason
        for part in reading.parts:
            assert "left out: byte budget of site/s" in part.reason


async def test_interfaces_are_read_more_often_than_sensors(tmp_path: Path) -> None:
    field = await polled("64KiB/h", tmp_path, interfaces=4, hours=6)
    taken = [snapshot(one, PROFILES[one.snmp.profile]) for one in field.read["snmp"] if one.snmp is not None]
    named = sum(bool(one.interfaces) for one in taken)
    assert named > sum(bool(one.records["processors"]) for one in taken) > 0
    assert named >= 0.9 * len(taken)
    now = field.budgets.now("site/s")
    assert now is not None
    assert {left.what for left in now.left_out} >= {"sensors and records"}
