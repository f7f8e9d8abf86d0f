"""The whole way of an application: asked at the wire, judged, its service worked out, told in ledger and incidents."""

from __future__ import annotations

import asyncio
import re
from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path

import pytest

from noc.app.build import Daemon, build, orders_of, plan_of
from noc.app.check import check
from noc.clock import SystemClock
from noc.inventory.inventory import Inventory
from noc.model.instants import to_ms
from noc.service import running
from noc.simulator.appfiles import write_applications
from noc.simulator.applications import Applications
from noc.simulator.faults import Story
from noc.simulator.scenario import load_scenarios
from noc.simulator.world import build as build_world
from noc.state import incidents, ledger, switches, symptoms

pytestmark = pytest.mark.live

SETTINGS = """
state_dir: state
inventory: inventory
defaults: {interval: 500ms, timeout: 5s, retries: 0, confirm_down: 2, stale_after: 1m}
"""
"""On a busy machine an answer takes long; neither that nor a check that comes late is a failure here."""
PLACES = """
regions: {europe: {}}
sites:
  brindisi: {region: europe, class: hub}
  valencia: {region: europe, class: hub}
"""


@dataclass
class House:
    """A daemon that watches simulated applications."""

    folder: Path
    applications: Applications

    async def daemon(self) -> tuple[Daemon, AsyncExitStack]:
        checked = check(self.folder / "noc.yaml", {})
        assert checked.ok, checked.findings
        daemon = build(checked, SystemClock())
        stack = AsyncExitStack()
        await stack.enter_async_context(running(daemon.services))
        return daemon, stack


@pytest.fixture
async def house(tmp_path: Path) -> AsyncIterator[House]:
    world = build_world(6, 60, 1)
    clock = SystemClock()
    story = Story(world, load_scenarios(), 1, to_ms(clock.now()), quiet=True)
    applications = Applications(world, story, clock, tmp_path, quiet=True)
    await applications.start()
    folder = tmp_path / "inventory"
    folder.mkdir()
    (tmp_path / "noc.yaml").write_text(SETTINGS)
    (folder / "sites.yaml").write_text(PLACES)
    write_applications(folder, applications)
    for name in ("endpoints", "services"):
        path = folder / f"{name}.yaml"
        path.write_text(re.sub(r'\n *interval: "10s"(?=\n)', "", path.read_text()))  # with it, stale after thrice that
    yield House(tmp_path, applications)
    await applications.stop()


async def until(so: Callable[[], bool], what: str, seconds: float = 30.0) -> None:
    """Wait until something is so."""
    async with asyncio.timeout(seconds):
        while not so():
            await asyncio.sleep(0.05)
    assert so(), what


async def test_a_service_fails_over_fails_and_comes_back(house: House) -> None:
    daemon, stack = await house.daemon()

    def words() -> dict[str, str]:
        inventory: Inventory = daemon.inventory()
        return {key: daemon.presence.status(f"service/{key}").status for key in inventory.services}

    def serving(key: str) -> str | None:
        now = daemon.applications.service(f"service/{key}")
        return None if now is None else now.serving

    async def opened(rule: str) -> list[str]:
        """Return what a rule is raised for, as an incident or as a symptom of one: of the end point that failed."""
        services = [f"service/{key}" for key in daemon.inventory().services]
        async with daemon.database.read() as connection:
            found = [one.entity for one in await incidents.all_open(connection) if one.rule == rule]
            return found + [one.entity for one in await symptoms.open_among(connection, services) if one.rule == rule]

    try:
        await until(lambda: set(words().values()) == {"up"}, "all services are up")
        await until(lambda: serving("mail") == serving("erp") == "brindisi", "their home serves them")
        await until(lambda: serving("documents") == "valencia", "so does that of the documents, which has no marker")
        asked = [one.entity for one in daemon.inventory().endpoints.values()]
        await until(
            lambda: {daemon.presence.status(one).status for one in asked} == {"up"}, "all answer as they should"
        )

        for key in ("mail", "erp"):
            house.applications.fail(key, "brindisi")
        await until(lambda: serving("mail") == serving("erp") == "valencia", "the other place serves them")
        await until(lambda: daemon.presence.status("endpoint/mail-brindisi").status == "down", "noticed at home")
        assert words()["mail"] == "up"
        async with asyncio.timeout(30):
            while set(await opened("service-away")) != {"service/mail", "service/erp"}:
                await asyncio.sleep(0.1)

        for place in ("brindisi", "valencia"):
            house.applications.fail("documents", place)
        await until(lambda: words()["documents"] == "down", "the document system is down")
        async with asyncio.timeout(30):
            while await opened("service-down") != ["service/documents"]:
                await asyncio.sleep(0.1)

        for key, place in (("mail", "brindisi"), ("erp", "brindisi"), ("documents", "valencia")):
            house.applications.restore(key, place)
        await until(lambda: words()["documents"] == "up", "it is back")
        await until(lambda: serving("mail") == "brindisi", "its home serves it again")
        async with asyncio.timeout(30):
            while await opened("service-down") or "service/mail" in await opened("service-away"):
                await asyncio.sleep(0.1)
    finally:
        await stack.aclose()
    # After a restart the ledger's word is taken up, and nothing is told twice.
    daemon, stack = await house.daemon()
    try:
        await until(lambda: set(words().values()) == {"up"}, "all services are up again")
    finally:
        async with daemon.database.read() as connection:
            records = [one async for one in ledger.read(connection, entity="service/documents")]
            served = [(one.before, one.after) for _, one in await switches.page(connection, ["service/mail"])]
        await stack.aclose()
    found = [ledger.transition_of(one) for one in records if one.kind == ledger.TRANSITION]
    assert served == [("valencia", "brindisi"), ("brindisi", "valencia"), (None, "brindisi")]
    told = [one.status for one in found]
    assert told[:3] == ["up", "down", "up"]
    assert all(one != other for one, other in pairwise(told))
    assert all(one.since_ms < other.since_ms for one, other in pairwise(found))


async def test_a_reload_takes_what_is_new_and_ends_what_left(house: House) -> None:
    daemon, stack = await house.daemon()
    try:
        for entity in ("service/documents", "endpoint/erp"):
            await until(lambda entity=entity: daemon.presence.status(entity).status == "up", f"{entity} is up")
        fresh = house.folder / "inventory"
        services, endpoints = fresh / "services.yaml", fresh / "endpoints.yaml"
        services.write_text("services:\n  desk: {formula: {any_of: [endpoint/again, site/brindisi]}}\n")
        port = house.applications.ports["service-desk"]
        probe = f"http: {{url: 'http://127.0.0.1:{port}/', regex: 'from (brindisi|valencia)'}}"
        endpoints.write_text(f"endpoints:\n  again: {{site: valencia, {probe}}}\n")
        checked = check(house.folder / "noc.yaml", {})
        daemon.replace(plan_of(checked), orders_of(checked, daemon.clock), checked)
        await until(lambda: daemon.presence.status("service/desk").status == "up", "the new one is up")
        assert daemon.applications.endpoint("endpoint/erp") is None
        assert daemon.applications.service("service/documents") is None
        async with asyncio.timeout(30):
            while (await last(daemon, "endpoint/erp"), await last(daemon, "service/documents")) != (
                "unknown",
                "unknown",
            ):
                await asyncio.sleep(0.1)
    finally:
        await stack.aclose()


async def last(daemon: Daemon, entity: str) -> str:
    """Return the last word of the ledger on an entity."""
    async with daemon.database.read() as connection:
        return (await ledger.latest(connection, [entity]))[entity].status
