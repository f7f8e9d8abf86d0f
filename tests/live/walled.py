"""A wall: a small house with places on the map, and a browser that came by a key, with a clock of its own."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from unittest.mock import patch

from playwright.async_api import Browser, Page

from noc.access.people import Acting
from noc.access.scripts import Wanted
from noc.http.wallkeys import RIGHTS
from noc.inventory.inventory import Inventory
from tests.live import paged
from tests.live.browser import chromium, complaints_of
from tests.live.paged import House

PLACES = {
    "nairobi": (-1.3, 36.8),
    "juba": (4.9, 31.6),
    "goma": (-1.7, 29.2),
    "brindisi": (40.6, 17.9),
    "geneva": (46.2, 6.1),
    "bangkok": (13.8, 100.5),
}
BY = Acting("test")
NAME = "wall-geneva"
SCREEN = (1920, 1080)
MINUTE_MS = 60_000


@dataclass
class Wall:
    """said: what the page complained of."""

    house: House
    browser: Browser
    page: Page
    key: str
    said: list[str]

    async def passes(self, milliseconds: int) -> None:
        """Let time pass on the wall, and nowhere else."""
        await self.page.clock.run_for(milliseconds)


async def opened(
    house: House, browser: Browser, key: str, *, size: tuple[int, int] = SCREEN, lang: str = "en", query: str = ""
) -> Page:
    """Return a wall of a browser that knows nothing yet."""
    context = await browser.new_context(viewport={"width": size[0], "height": size[1]}, locale=lang)
    page = await context.new_page()
    await page.clock.install()
    await page.goto(f"{house.server.url}/wall?{query}&key={key}")
    return page


@asynccontextmanager
async def walled(folder: Path) -> AsyncIterator[Wall]:
    """Run a house with a site that is down and two incidents, and a wall that shows it."""
    with patch.object(paged, "small_inventory", placed(paged.small_inventory())):
        house_of_it = paged.paged_house(folder, simulated=True)
        async with house_of_it as house, chromium() as browser:
            yield await _hung(house, browser)


def placed(inventory: Inventory) -> Callable[[], Inventory]:
    """Return what makes the same inventory with places on the map."""
    sites = {
        key: site.model_copy(update=dict(zip(("latitude", "longitude"), PLACES[key], strict=True)))
        for key, site in inventory.sites.items()
    }
    return lambda: replace(inventory, sites=sites)


async def _hung(house: House, browser: Browser) -> Wall:
    now = house.now_ms()
    await house.history("goma-rtr-1", [(now - 40 * MINUTE_MS, "down")])
    await house.open_incident("device/goma-rtr-1", "device-down", "critical", now - 40 * MINUTE_MS)
    await house.open_incident("device/juba-modem-1", "terminal-down", "major", now - 180 * MINUTE_MS)
    wanted = Wanted(NAME, "viewer", rights=RIGHTS)
    key = (await house.server.gate.access.scripts.add(wanted, BY))[1]
    page = await opened(house, browser, key)
    return Wall(house, browser, page, key, complaints_of(page))
