"""The daemon's polling and what is known of agents: it asks for known rows until it has reason to look again."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from collectors._ports import Doors
from noc.app.gathering import Plan
from noc.app.polling import Polling
from noc.clock import SystemClock
from noc.inventory.entities import Region, Site
from noc.inventory.inventory import Inventory
from noc.inventory.layers import Watch
from noc.inventory.values import Liveness
from noc.model.check import Check
from noc.pipeline.ingest import Ingested
from noc.pipeline.status import Statuses
from noc.state.committer import Committer
from noc.state.database import Database
from noc.wire.ber import PduType
from noc.wire.icmp import Pinger
from noc.wire.snmp import Community
from noc.wire.ssh import HostKeyFiles, HostKeys, Shell
from tests.agents.device import device as objects
from tests.agents.polling import PROFILES
from tests.agents.snmp import Agent, serving
from tests.things import device, watch

pytestmark = pytest.mark.live

WATCH = watch(
    interval=timedelta(hours=1),
    poll_interval=timedelta(milliseconds=500),
    timeout=timedelta(milliseconds=150),
    liveness=Liveness("tcp", 1),
)


def plan(agent: Agent, watched: Watch, budget: str | None = None) -> Plan:
    site = Site.model_validate({"id": "s", "name": "S", "region": "r", "class": "field", "budget": budget})
    asked = device(address="127.0.0.1", watched=watched, snmp_port=agent.port)
    inventory = Inventory({"r": Region(id="r", name="R")}, {"s": site}, {"d": asked})
    return Plan(inventory, {"standard": Community("public")})


class Watched:
    """Tells of each poll whether it looked for rows."""

    def __init__(self, agent: Agent) -> None:
        self._agent = agent
        self._came = asyncio.Event()
        self.looked: list[bool] = []

    def told(self, check: Check | None, ingested: Ingested) -> None:
        if check is not None and check.kind == "snmp":
            assert ingested.snapshot is not None
            assert len(ingested.snapshot.interfaces) == 3
            self.looked.append(any(kind is PduType.GET_BULK for kind, _ in self._agent.asked))
            self._agent.asked.clear()
            self._came.set()

    async def until(self, met: Callable[[], bool]) -> None:
        async with asyncio.timeout(10):
            while not met():
                self._came.clear()
                await self._came.wait()


@asynccontextmanager
async def polling(
    folder: Path, agent: Agent, seen: Watched, watched: Watch, budget: str | None = None
) -> AsyncIterator[Polling]:
    clock, database = SystemClock(), Database(folder / "noc.db")
    shell = Shell(HostKeys(HostKeyFiles(folder / "known_hosts"), "accept-new"), clock)
    doors = Doors(clock, "test", PROFILES, Pinger(), shell)
    await database.start()
    asked, committer = plan(agent, watched, budget), Committer(database, clock, list)
    made = Polling(asked, doors, database, committer, Statuses(), 10, seen.told)
    await made.start()
    try:
        yield made
    finally:
        await made.stop()
        await database.stop()


async def test_the_first_poll_looks_and_the_next_ones_ask_for_what_is_known(tmp_path: Path):
    async with serving(Agent(objects(3))) as agent:
        seen = Watched(agent)
        async with polling(tmp_path, agent, seen, WATCH):
            await seen.until(lambda: len(seen.looked) >= 4)
    assert seen.looked[:4] == [True, False, False, False]


async def test_every_poll_looks_when_rows_have_to_be_found_at_each(tmp_path: Path):
    async with serving(Agent(objects(3))) as agent:
        seen = Watched(agent)
        async with polling(tmp_path, agent, seen, replace(WATCH, rediscover=WATCH.poll_interval)):
            await seen.until(lambda: len(seen.looked) >= 3)
    assert seen.looked[:3] == [True, True, True]


async def test_a_reload_that_names_another_profile_makes_the_next_poll_look(tmp_path: Path):
    async with serving(Agent(objects(3))) as agent:
        seen = Watched(agent)
        async with polling(tmp_path, agent, seen, WATCH) as running:
            await seen.until(lambda: len(seen.looked) >= 2)
            assert seen.looked == [True, False]
            running.replace(plan(agent, replace(WATCH, retries=1)))
            await seen.until(lambda: len(seen.looked) >= 3)
            assert seen.looked[2:] == [False], "what is asked is the same"
            running.replace(plan(agent, replace(WATCH, profile="generic")))
            await seen.until(lambda: len(seen.looked) >= 5)
    assert seen.looked[3:5] == [True, False]


async def test_the_daemon_keeps_the_budget_of_a_site_and_tells_what_it_left_out(tmp_path: Path):
    agent = Agent(objects(3))
    async with serving(agent):
        seen = Watched(agent)
        async with polling(tmp_path, agent, seen, WATCH, "24KiB/h") as running:
            left = running.scheduler.tally
            await seen.until(lambda: len(seen.looked) >= 1)
            while left.left_out < 3:  # the polls that are due after the first: each takes its turn, and has no room
                assert left.due < 50
                running.look("device/d")
            now = running.budgets.now("site/s")
            assert now is not None
            assert 0 < now.spent_bytes <= now.limit_bytes == 24 * 1024
            assert {one.entity for one in now.left_out} == {"device/d"}
            assert seen.looked[0] is True
            assert left.started >= 1
