"""How long a month of a device takes: from the click on `30d` until all its charts are drawn, in a real browser.

    python bench/bench_charts.py [--stores embedded,influx] [--runs 9] [--kept FOLDER]

A router with 48 interfaces and 30 days of what its polls bring (bench/month.py), some ten million numbers, in the
embedded store with its roll-ups, and in Debian's influxd with those that noc makes there; in front of it the real
server, whose page is shown by Chromium in a window so tall that every chart is seen. `drawn`: no chart is busy any
more, and the next picture was painted. Beside it the page opened anew at `?range=30d`. CPU is that of the process of
server and store, and of influxd. `--kept`: where the filled stores stay for another run.
"""

from __future__ import annotations

import argparse
import asyncio
import logging
import os
import statistics
import sys
import tempfile
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

from playwright.async_api import Page

sys.path.insert(0, str(Path(__file__).parents[1]))

from bench.bench_influx import INFLUXD, Place, server, tell
from bench.month import Month, snapshot_of
from noc.clock import ManualClock, SystemClock
from noc.inventory.entities import Device
from noc.service import running
from noc.store import embedded, influx
from noc.store._ports import Surroundings
from noc.store.influx.store import InfluxStore
from tests.live.browser import chromium
from tests.live.paged import paged_house, small_inventory

DAYS = 30
DEVICE = "nairobi-rtr-1"
HOUR = timedelta(hours=1)
WINDOW = {"width": 1440, "height": 4000}

CLICKED = """(range) => new Promise((done) => {
  const began = performance.now();
  const charts = [...document.querySelectorAll("noc-chart")];
  const look = () => {
    if (charts.some((one) => one.getAttribute("aria-busy") !== "false")) return;
    seen.disconnect();
    requestAnimationFrame(() => requestAnimationFrame(() => done(performance.now() - began)));
  };
  const seen = new MutationObserver(look);
  for (const one of charts) seen.observe(one, { attributes: true, attributeFilter: ["aria-busy"] });
  document.querySelector(`a[data-range="${range}"]`).click();
})"""
"""Clicks on a range; gives the milliseconds until all charts are drawn."""

DRAWN = """() => { const all = [...document.querySelectorAll("noc-chart")];
  return all.length > 0 && all.every((one) => one.getAttribute("aria-busy") === "false"); }"""


def main() -> None:
    """Run, and print."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--stores", default="embedded,influx")
    parser.add_argument("--runs", type=int, default=9)
    parser.add_argument("--kept", type=Path)
    asked = parser.parse_args()
    logging.disable(logging.WARNING)
    for kind in asked.stores.split(","):
        with tempfile.TemporaryDirectory(prefix="noc-bench-") as folder:
            asyncio.run(_bench(kind, asked.kept / kind if asked.kept else Path(folder), asked.runs))


def device() -> Device:
    """Return whose charts they are."""
    return small_inventory().devices[DEVICE]


def _is_empty(folder: Path) -> bool:
    folder.mkdir(parents=True, exist_ok=True)
    return not any(folder.iterdir())


async def _fill_embedded(folder: Path) -> None:
    """Let 30 days pass, so that days are merged and rolled up as they are in a daemon."""
    begin = SystemClock().now().replace(minute=0, second=0, microsecond=0) - timedelta(days=DAYS)
    clock, month = ManualClock(begin), Month(device(), "africa")
    async with running([store := embedded.build(embedded.Settings(), Surroundings(folder, folder, clock))]):
        for hour in range(DAYS * 24):
            batch = [one for some in month.hour(begin + hour * HOUR) for one in some]
            await clock.advance(HOUR.total_seconds())
            await store.write(store.encode(batch))
            if hour % 24 == 23:
                await store.caught_up()  # type: ignore[attr-defined]


async def _fill_server(store: InfluxStore) -> None:
    """Write 30 days as fast as it goes, and have them rolled up as noc does it when hours are over."""
    end = SystemClock().now().replace(minute=0, second=0, microsecond=0)
    month = Month(device(), "africa")
    for hour in range(DAYS * 24):
        batch = [one for some in month.hour(end - timedelta(days=DAYS) + hour * HOUR) for one in some]
        await store.write(store.encode(batch))
    roller = store._roller  # noqa: SLF001 it has a rhythm of its own, and no other way to hurry
    while roller is not None and await roller._roll_due():  # noqa: SLF001
        pass


@asynccontextmanager
async def _embedded(folder: Path) -> AsyncIterator[Place]:
    if _is_empty(folder):
        await _fill_embedded(folder)
    async with running([store := embedded.build(embedded.Settings(), Surroundings(folder, folder, SystemClock()))]):
        yield Place(store, ManualClock(SystemClock().now()), folder, 0)


@asynccontextmanager
async def _influx(folder: Path) -> AsyncIterator[Place]:
    (filled := folder / "filled").parent.mkdir(parents=True, exist_ok=True)
    (folder / "conf").write_text(INFLUXD.format(folder=folder))
    url = "http://127.0.0.1:18086"
    with server(["/usr/bin/influxd", "-config", str(folder / "conf")], url) as pid:
        tell(f"{url}/query?q=CREATE%20DATABASE%20noc", "POST")
        keeping = {"raw": "31d", "five_minutes": "31d", "hourly": "730d"}  # steps of 5 minutes are not asked for here
        written = {"url": url, "dialect": "v1", "database": "noc", "timeout": "60s", "retention": keeping}
        store = influx.build(influx.Settings.model_validate(written), Surroundings(folder, folder, SystemClock()))
        assert isinstance(store, InfluxStore)  # noqa: S101 for the type checker
        async with running([store]):
            _ = [look async for look in store.prepare(None)]
            if not filled.exists():
                await _fill_server(store)
                filled.touch()
            yield Place(store, ManualClock(SystemClock().now()), folder, pid)


STORES = {"embedded": _embedded, "influx": _influx}


async def _bench(kind: str, folder: Path, runs: int) -> None:
    async with STORES[kind](folder) as place:
        with tempfile.TemporaryDirectory() as house_folder:
            change = lambda sources: replace(sources, series=place.store)  # noqa: E731
            async with paged_house(Path(house_folder), change=change) as house, chromium() as browser:
                house.present.keep(device().entity, snapshot_of(device()))
                page = await browser.new_page(viewport=WINDOW)  # type: ignore[arg-type]
                await page.goto(house.login_url)
                await page.goto(f"{house.server.url}/devices/{DEVICE}")
                await page.wait_for_function(DRAWN)
                charts = await page.locator("noc-chart").count()
                print(f"{kind}, {charts} charts, load {os.getloadavg()[0]:.1f}; ms, median (least, most) of {runs}:")
                await _times(
                    "click on 30d until drawn", place, lambda: _clicked(page, "30d"), runs, lambda: _back(page)
                )
                await _times("opened at ?range=30d until drawn", place, lambda: _opened(page, house.server.url), runs)


async def _clicked(page: Page, span: str) -> float:
    return float(await page.evaluate(CLICKED, span))


async def _back(page: Page) -> None:
    await _clicked(page, "6h")


async def _opened(page: Page, url: str) -> float:
    began = time.perf_counter()
    await page.goto(f"{url}/devices/{DEVICE}?range=30d", wait_until="commit")
    await page.wait_for_function(DRAWN)
    return (time.perf_counter() - began) * 1000


async def _times(
    what: str,
    place: Place,
    once: Callable[[], Awaitable[float]],
    runs: int,
    between: Callable[[], Awaitable[None]] | None = None,
) -> None:
    took, cpu_ms, server_cpu_s = [], [], 0.0
    for _ in range(runs):
        before, server_before = time.process_time(), place.server_cpu_s()
        took.append(await once())
        cpu_ms.append((time.process_time() - before) * 1000)
        server_cpu_s += place.server_cpu_s() - server_before
        if between is not None:
            await between()
    figures = f"{statistics.median(took):7.0f} ({min(took):.0f}, {max(took):.0f})"
    influxd = f", influxd's {server_cpu_s / runs * 1000:.0f}" if place.pid else ""
    print(f"  {what:36} {figures}; the server's CPU {statistics.median(cpu_ms):.0f}{influxd}", flush=True)


if __name__ == "__main__":
    main()
