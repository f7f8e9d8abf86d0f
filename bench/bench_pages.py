"""What the pages cost with the whole network: time, bytes, and the daemon's CPU while hundreds of clients watch.

    python bench/bench_pages.py [--clients 500] [--seconds 60] [--asked 15] [--pages /problems,/wall] [--no-browser]

A real server in a process of its own over 594 sites and 20,303 devices, with a million transitions in the ledger, 300
open incidents and a day of a router's numbers in the embedded store; twenty devices change each second. Each page of
tests/views.py is asked for one after the other, and beside it a plain read of the same data, by the API; then opened
in Chromium. Then clients watch as browsers do: a WebSocket each, and the page fetched anew when told of a change, at
most once a second and not more than a tenth of the time (live.js). It takes some eight minutes on a quiet machine.
"""

from __future__ import annotations

import argparse
import asyncio
import gzip
import json
import logging
import os
import random
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from datetime import timedelta
from pathlib import Path

import aiohttp

sys.path.insert(0, str(Path(__file__).parents[1]))

from bench.bench_availability import fill
from bench.month import Month, snapshot_of
from noc.app.check import check
from noc.clock import SystemClock
from noc.inventory.inventory import Inventory
from noc.model.transition import Status
from noc.service import running
from noc.simulator.configuration import write_configuration
from noc.simulator.world import build
from noc.store import embedded
from noc.store._ports import Surroundings
from tests.live.browser import chromium
from tests.live.paged import House, paged_house
from tests.views import addresses

SITES, DEVICES, INCIDENTS, CHANGES = 594, 20_303, 300, 20
PATIENCE, SLOWEST_S = 10, 30.0
PLAIN = {
    "/wall": "/api/v1/wall",
    "/services": "/api/v1/services?limit=100",
    "/corrections": "/api/v1/corrections",
    "/maintenance": "/api/v1/windows",
    "/assets": "/api/v1/assets?limit=50",
    "/reports": "/api/v1/reports",
    "/rules": "/api/v1/rules",
    "/segmentation": "/api/v1/segmentation",
    "/discovery": "/api/v1/discovery/proposals",
    "/discovery/drift": "/api/v1/discovery/drift",
    "/system": "/api/v1/system",
    "/audit": "/api/v1/audit",
    "/problem-records": "/api/v1/problems",
    "/admin": "/api/v1/accounts",
    "/admin/roles": "/api/v1/roles",
    "/admin/tokens": "/api/v1/tokens",
    "/me": "/api/v1/me",
    "/problems": "/api/v1/incidents?state=open&limit=50",
    "/incidents/1": "/api/v1/incidents/1",
    "/map": "/api/v1/map/states",
    "/sites": "/api/v1/sites?limit=100",
    "/circuits": "/api/v1/circuits?limit=100",
    "/topology": "/api/v1/topology",
    "/availability": "/api/v1/availability",
    "/objectives": "/api/v1/objectives",
    "/oncall": "/api/v1/oncall",
    "/search?q=rtr": "/api/v1/search?q=rtr",
}
"""Pages, and where the API answers with the same data, without a page around it."""


def main() -> None:
    """Run, and print."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--clients", type=int, default=500)
    parser.add_argument("--seconds", type=int, default=60)
    parser.add_argument("--asked", type=int, default=15)
    parser.add_argument("--pages", default="")
    parser.add_argument("--no-browser", action="store_true")
    parser.add_argument("--serve", type=Path, help=argparse.SUPPRESS)
    asked = parser.parse_args()
    logging.disable(logging.WARNING)
    if asked.serve:
        asyncio.run(_serve(asked.serve))
    else:
        asyncio.run(_measure(asked))


async def _serve(folder: Path) -> None:
    """Be the server; tell the parent where, and go on until it closes our input."""
    inventory = check(write_configuration(build(SITES, DEVICES, 1), folder, 1161), {}).inventory
    if inventory is None:
        raise SystemExit("the configuration of the demo has faults")
    (folder / "series").mkdir()
    store = embedded.build(embedded.Settings(), Surroundings(folder, folder / "series", SystemClock()))
    change = lambda sources: replace(sources, series=store)  # noqa: E731
    async with running([store]), paged_house(folder, large=inventory, change=change) as house:
        fill(house.database.path, [device.entity for device in inventory.devices.values()])
        chance = random.Random(1)  # noqa: S311 no secret
        await _fail(house, inventory, chance)
        router = next(one for one in inventory.devices.values() if one.device_class == "router")
        house.present.keep(router.entity, snapshot_of(router))
        month, now = Month(router, inventory.sites[router.site].region), house.clock.now()
        for hours in range(24, 0, -1):
            batch = [one for some in month.hour(now - timedelta(hours=hours)) for one in some]
            await store.write(store.encode(batch))
        told = {"url": house.login_url, "device": router.id, "site": router.site, "circuit": min(inventory.circuits)}
        print(json.dumps(told), flush=True)
        changing = asyncio.create_task(_change(house, inventory, chance))
        await asyncio.to_thread(sys.stdin.read)
        changing.cancel()


async def _fail(house: House, inventory: Inventory, chance: random.Random) -> None:
    failing = chance.sample([*inventory.devices.values()], INCIDENTS)
    house.are({one.entity: "down" for one in failing})
    for one in failing:
        severity = chance.choice(("critical", "major", "minor"))
        await house.open_incident(one.entity, "device-down", severity, house.now_ms() - chance.randrange(86_400_000))


async def _change(house: House, inventory: Inventory, chance: random.Random) -> None:
    """Let twenty devices change each second, as a day with rain may have it, and one incident with them."""
    entities = [one.entity for one in inventory.devices.values()]
    number = 1
    while True:
        await asyncio.sleep(1)
        word: Status = chance.choice(("up", "down"))
        changed = dict.fromkeys(chance.sample(entities, CHANGES), word)
        house.are(changed)
        for entity in changed:
            house.hub.publish("statuses", {"entity": entity, "status": word}, key=entity)
        house.hub.publish("incidents", {"id": number}, key=str(number))
        number = number % INCIDENTS + 1


@dataclass
class Daemon:
    """The server's process. login_url: logs in once. names: of a device, a site and a circuit that it has."""

    process: asyncio.subprocess.Process
    login_url: str
    names: Mapping[str, str]

    @property
    def url(self) -> str:
        """Return where it listens."""
        return self.login_url.partition("/?")[0]

    def cpu_s(self) -> float:
        """Return the CPU time it has used, user and system, in seconds."""
        told = Path(f"/proc/{self.process.pid}/stat").read_text().rpartition(")")[2].split()
        return (int(told[11]) + int(told[12])) / os.sysconf("SC_CLK_TCK")

    def memory_mb(self) -> float:
        """Return the memory it holds."""
        told = Path(f"/proc/{self.process.pid}/status").read_text()
        return int(told.partition("VmRSS:")[2].split()[0]) / 1024


@asynccontextmanager
async def _daemon(folder: Path) -> AsyncIterator[Daemon]:
    process = await asyncio.create_subprocess_exec(
        sys.executable, __file__, "--serve", str(folder), stdin=subprocess.PIPE, stdout=subprocess.PIPE
    )
    assert process.stdout is not None and process.stdin is not None  # noqa: PT018, S101
    try:
        told = json.loads(await process.stdout.readline())
        yield Daemon(process, told.pop("url"), {**told, "incident": "1"})
    finally:
        process.stdin.close()
        await process.wait()


async def _measure(asked: argparse.Namespace) -> None:
    with tempfile.TemporaryDirectory() as folder:
        async with _daemon(Path(folder)) as daemon:
            connector = aiohttp.TCPConnector(limit=0)
            async with aiohttp.ClientSession(connector=connector, cookie_jar=aiohttp.CookieJar(unsafe=True)) as session:
                async with session.get(daemon.login_url) as answer:
                    answer.raise_for_status()
                paths = asked.pages.split(",") if asked.pages else _paths(daemon)
                print(f"load {os.getloadavg()[0]:.1f}; one after the other, {asked.asked} times each, by a client;")
                print("`plain`: the same data by the API; `live`: Chromium, from navigation until the page can be used")
                print("and its socket speaks, median of 5")
                costs = [await _cost(session, daemon, path, asked.asked) for path in paths]
                if not asked.no_browser:
                    await _in_browser(daemon, session, costs)
                _show(costs)
                await _watched(session, daemon, asked.clients, asked.seconds)


def _paths(daemon: Daemon) -> list[str]:
    """Return every page that this world has, and some that people ask for in a way that costs."""
    own = addresses(daemon.names)
    left_out = ("login", "welcome", "acknowledge", "help-page", "help-chapter", "api-noun")
    first = [path for name, path in own.items() if name not in left_out]
    return [*first, "/problems?region=africa", f"/devices/{daemon.names['device']}/interfaces", "/search?q=rtr"]


@dataclass
class Times:
    """What an address takes: CPU of the server, time until it was read, in milliseconds; bytes, and these packed."""

    status: int
    cpu_ms: float
    middle_ms: float
    last_ms: float
    size: int
    packed: int


@dataclass
class Cost:
    """What a page costs. plain: a read of the same data by the API. live_ms: in a browser."""

    path: str
    page: Times
    plain: Times | None = None
    live_ms: float | None = None


async def _cost(session: aiohttp.ClientSession, daemon: Daemon, path: str, times: int) -> Cost:
    cost = Cost(path, await _one(session, daemon, path, times))
    if plain := PLAIN.get(path) or _plain(path):
        found = await _one(session, daemon, plain, times)
        cost.plain = found if found.status == 200 else None
    return cost


def _show(costs: Sequence[Cost]) -> None:
    head = ("CPU", "p50", "p99", "bytes", "gzip", "plain CPU", "p50", "p99", "bytes", "live")
    print(f"\n{'page':40}" + "".join(f"{word:>10}" for word in head))
    for cost in costs:
        named = cost.path if cost.page.status == 200 else f"{cost.path} ({cost.page.status})"
        page, plain = cost.page, cost.plain
        cells = [f"{page.cpu_ms:.1f}", f"{page.middle_ms:.1f}", f"{page.last_ms:.0f}", f"{page.size}", f"{page.packed}"]
        cells += ["", "", "", ""] if plain is None else [
            f"{plain.cpu_ms:.1f}", f"{plain.middle_ms:.1f}", f"{plain.last_ms:.0f}", f"{plain.size}",
        ]  # fmt: skip
        cells.append("" if cost.live_ms is None else f"{cost.live_ms:.0f}")
        print(f"{named:40}" + "".join(f"{cell:>10}" for cell in cells), flush=True)


def _plain(path: str) -> str | None:
    """Return the same address of the API where there is one: `/sites/x`, `/devices/x`."""
    parts = path.split("/")
    return f"/api/v1{path}" if len(parts) == 3 and parts[1] in ("sites", "devices") and "?" not in path else None


async def _one(session: aiohttp.ClientSession, daemon: Daemon, path: str, times: int) -> Times:
    took, raw, status = [], b"", 0
    async with session.get(daemon.url + path) as answer:
        raw, status = await answer.read(), answer.status
    before = daemon.cpu_s()
    for _ in range(times):
        began = time.perf_counter()
        async with session.get(daemon.url + path) as answer:
            await answer.read()
        took.append((time.perf_counter() - began) * 1000)
    cpu_ms = (daemon.cpu_s() - before) * 1000 / times
    took.sort()
    middle, last = statistics.median(took), took[min(len(took) - 1, int(len(took) * 0.99))]
    return Times(status, cpu_ms, middle, last, len(raw), len(gzip.compress(raw, 6)))


@dataclass
class Watching:
    """What all clients saw. took_s: of each page fetched anew. frames: messages by WebSocket."""

    took_s: list[float] = field(default_factory=list)
    frames: int = 0
    bytes_read: int = 0
    amiss: int = 0


async def _watched(session: aiohttp.ClientSession, daemon: Daemon, clients: int, seconds: int) -> None:
    idle = daemon.cpu_s()
    await asyncio.sleep(10)
    idle_pct = (daemon.cpu_s() - idle) * 10
    seen = Watching()
    views = (("/wall", "statuses,incidents"), ("/problems", "incidents"), ("/map", "statuses,incidents"))
    watching = [
        asyncio.create_task(_watch(session, daemon, *views[number % len(views)], seen)) for number in range(clients)
    ]
    await asyncio.sleep(20)  # all are connected, and have found their rhythm
    seen.took_s.clear()
    seen.frames = seen.bytes_read = 0
    before, began = daemon.cpu_s(), time.perf_counter()
    await asyncio.sleep(seconds)
    spent, lasted = daemon.cpu_s() - before, time.perf_counter() - began
    for task in watching:
        task.cancel()
    await asyncio.gather(*watching, return_exceptions=True)
    took = sorted(seen.took_s) or [0.0]
    print(f"\n{clients} clients watch (wall, problems, map), {CHANGES} devices and an incident change each second:")
    print(f"  daemon's CPU {spent / lasted * 100:.0f} % of a core ({idle_pct:.0f} % with nobody)")
    print(f"  {seen.frames / lasted:.0f} frames/s, {len(took) / lasted:.0f} pages/s, {seen.amiss} failed")
    print(f"  {seen.bytes_read / lasted / 1e6:.2f} MB/s unpacked; memory {daemon.memory_mb():.0f} MB")
    print(f"  a page fetched anew: p50 {statistics.median(took) * 1000:.0f} ms, p99 {_p99(took) * 1000:.0f} ms")


def _p99(sorted_values: Sequence[float]) -> float:
    return sorted_values[min(len(sorted_values) - 1, int(len(sorted_values) * 0.99))]


async def _watch(session: aiohttp.ClientSession, daemon: Daemon, path: str, topics: str, seen: Watching) -> None:
    """Be a page that somebody looks at."""
    address = {"/map": "/api/v1/map/states"}.get(path, path)
    headers = {"HX-Request": "true"} if address == path else {}
    refreshed = took_s = 0.0
    tag = ""
    await asyncio.sleep(random.random() * 10)  # noqa: S311 no secret
    origin = {"Origin": daemon.url}
    async with session.ws_connect(f"{daemon.url}/live?topics={topics}", headers=origin, timeout=None) as socket:
        async for message in socket:
            seen.frames += 1
            if json.loads(message.data)["type"] == "hello":
                continue
            apart = min(SLOWEST_S, max(1.0, PATIENCE * took_s))
            await asyncio.sleep(max(0.0, refreshed + apart - time.perf_counter()))
            refreshed = time.perf_counter()
            asked = {**headers, **({"If-None-Match": tag} if tag else {})}
            async with session.get(daemon.url + address, headers=asked) as answer:
                seen.bytes_read += len(await answer.read())
                seen.amiss += answer.status not in (200, 304)
                tag = answer.headers.get("ETag", "")
            took_s = time.perf_counter() - refreshed
            seen.took_s.append(took_s)


async def _in_browser(daemon: Daemon, session: aiohttp.ClientSession, costs: Sequence[Cost]) -> None:
    cookies = [{"name": one.key, "value": one.value, "url": daemon.url} for one in session.cookie_jar]
    async with chromium() as browser:
        context = await browser.new_context(viewport={"width": 1440, "height": 900})
        await context.add_cookies(cookies)  # type: ignore[arg-type]
        page = await context.new_page()
        for cost in costs:
            if cost.page.status != 200:
                continue
            found = []
            for _ in range(5):
                began = time.perf_counter()
                await page.goto(daemon.url + cost.path, wait_until="domcontentloaded")
                if await page.locator("noc-live").count():
                    await page.wait_for_selector("noc-live[data-state=live]", state="attached")
                found.append((time.perf_counter() - began) * 1000)
            cost.live_ms = statistics.median(found)


if __name__ == "__main__":
    main()
