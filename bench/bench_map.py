"""Measures the map with the whole network: bytes, time to draw, frames while a thousand states change each second.

    python bench/bench_map.py [--seconds 20] [--pictures FOLDER] [--throttle 1]

A real server over the inventory of the demo (594 sites, 20,303 devices), whose statuses are set in memory, and a real
browser. `--throttle 4` makes its processor four times slower, as an old PC's.
"""

from __future__ import annotations

import argparse
import asyncio
import gzip
import json
import logging
import random
import statistics
import sys
import tempfile
import time
from pathlib import Path

from playwright.async_api import CDPSession, Page

sys.path.insert(0, str(Path(__file__).parents[1]))

from noc.app.check import check
from noc.inventory.inventory import Inventory
from noc.model.transition import Status
from noc.simulator.configuration import write_configuration
from noc.simulator.world import build
from tests.live.browser import chromium
from tests.live.paged import House, paged_house

SITES, DEVICES, CHANGES = 594, 20_303, 1_000
WATCH = """() => {
    window.frames_ms = []; window.work_ms = [];
    const real = window.requestAnimationFrame.bind(window);
    window.requestAnimationFrame = call => real(at => {
        const began = performance.now(); call(at); window.work_ms.push(performance.now() - began);
    });
    let before = performance.now();
    const tick = at => { window.frames_ms.push(at - before); before = at; real(tick); };
    real(tick);
}"""
DRAWN = "() => document.querySelector('noc-map')?.dataset.state === 'live'"


def main() -> None:
    """Run, and print."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--seconds", type=int, default=20)
    parser.add_argument("--pictures", type=Path)
    parser.add_argument("--throttle", type=float, default=1)
    logging.disable(logging.WARNING)
    asked = parser.parse_args()
    if asked.pictures:
        asked.pictures.mkdir(parents=True, exist_ok=True)
    asyncio.run(_run(asked))


async def _run(asked: argparse.Namespace) -> None:
    with tempfile.TemporaryDirectory() as folder:
        inventory = check(write_configuration(build(SITES, DEVICES, 1), Path(folder), 1161), {}).inventory
        if inventory is None:
            raise SystemExit("the configuration of the demo has faults")
        async with paged_house(Path(folder), large=inventory) as house, chromium() as browser:
            page = await browser.new_page(viewport={"width": 1440, "height": 900})
            await page.goto(house.login_url)
            house.are(_some_fail(inventory, random.Random(1)))  # noqa: S311 no secret
            await _bytes(page, house)
            session = await page.context.new_cdp_session(page)
            await session.send("Emulation.setCPUThrottlingRate", {"rate": asked.throttle})
            await _draws(page, house, session)
            if asked.pictures:
                await _pictures(page, house, asked.pictures)
            await _changes(page, house, inventory, asked.seconds)


async def _bytes(page: Page, house: House) -> None:
    total = 0
    for path in ("/map", "/api/v1/map", "/api/v1/map/states"):
        began = time.perf_counter()
        answer = await page.request.get(house.server.url + path, headers={"Accept-Encoding": "identity"})
        took_ms = (time.perf_counter() - began) * 1000
        body = await answer.body()
        total += (packed := len(gzip.compress(body, 6)))
        print(f"{path:>22}: {len(body):7} bytes, {packed:6} gzipped, first answer in {took_ms:.0f} ms")
    static = Path(__file__).parents[1] / "noc/web/static"
    names = json.loads((static / "manifest.json").read_text())
    for name in ("noc.css", "noc.js", "theme.js", "icon.svg", "map.js"):
        total += (size := (static / f"{names[name]}.gz").stat().st_size)
        print(f"{name:>22}: {size:6} gzipped")
    print(f"{'in all':>22}: {total} of 250000")


async def _draws(page: Page, house: House, session: CDPSession) -> None:
    await session.send("Performance.enable")
    found = []
    for _ in range(5):
        await page.goto(house.server.url + "/map")
        await page.wait_for_function(DRAWN)
        found.append(await page.evaluate("performance.now()"))
    print(f"from navigation to the map drawn: median of 5 {statistics.median(found):.0f} ms, worst {max(found):.0f}")


async def _changes(page: Page, house: House, inventory: Inventory, seconds: int) -> None:
    chance, known = random.Random(2), [*inventory.sites.values()]  # noqa: S311 no secret
    await page.evaluate(WATCH)
    answers: list[float] = []
    for _ in range(seconds):
        changed: dict[str, Status] = {}
        for entity in chance.sample([*inventory.circuits], CHANGES - len(known)):
            changed[f"circuit/{entity}"] = chance.choice(("up", "down", "unknown"))
        for site in known:
            word: Status = chance.choice(("up", "down", "unknown"))
            changed |= {f"device/{edge}": word for edge in site.edge_devices}
        house.are(changed)
        await page.evaluate("document.body.dispatchEvent(new CustomEvent('noc:changed'))")
        began = time.perf_counter()
        await page.request.get(house.server.url + "/api/v1/map/states")
        answers.append((time.perf_counter() - began) * 1000)
        await asyncio.sleep(max(0.0, 1 - (time.perf_counter() - began)))
    frames, work = await page.evaluate("[window.frames_ms, window.work_ms]")
    slow = sum(one > 50 for one in frames)
    print(f"{len(work)} drawings: median {statistics.median(work):.1f} ms, worst {max(work):.1f} ms")
    print(f"{len(frames)} frames: {slow} longer than 50 ms, longest {max(frames):.0f} ms")
    print(f"/api/v1/map/states while all changes: median {statistics.median(answers):.0f} ms, worst {max(answers):.0f}")
    view = await page.evaluate("document.querySelector('noc-map').dataset.state")
    print(f"state of the map: {view}")


async def _pictures(page: Page, house: House, folder: Path) -> None:
    for name, size, scheme, language, path in (
        ("desk", (1440, 900), "light", "en", "/map"),
        ("desk-dark", (1440, 900), "dark", "en", "/map?region=africa"),
        ("phone", (390, 844), "light", "en", "/map?site=goma"),
        ("arabic", (1440, 900), "light", "ar", "/map?site=goma&state=down"),
    ):
        await page.set_viewport_size({"width": size[0], "height": size[1]})
        await page.emulate_media(color_scheme="dark" if scheme == "dark" else "light")
        await page.context.add_cookies([{"name": "noc_language", "value": language, "url": house.server.url}])
        await page.goto(house.server.url + path)
        await page.wait_for_function(DRAWN)
        await page.wait_for_timeout(300)
        await page.screenshot(path=folder / f"{name}.png")
    await page.set_viewport_size({"width": 1440, "height": 900})


def _some_fail(inventory: Inventory, chance: random.Random) -> dict[str, Status]:
    """Return a day as it may be: three sites in a hundred are down, a few circuits, and some devices."""
    found: dict[str, Status] = {}
    for site in inventory.sites.values():
        if site.site_class not in ("hub", "rtc") and chance.random() < 0.03:
            found |= {f"device/{edge}": "down" for edge in site.edge_devices}
        elif chance.random() < 0.05:
            found |= {one.entity: "down" for one in inventory.devices_of(site.id)[-1:]}
        if chance.random() < 0.02:
            found |= {one.entity: "down" for one in inventory.circuits_of(site.id)}
    return found


if __name__ == "__main__":
    main()
