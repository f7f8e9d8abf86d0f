"""A visit to the pages of a small house, in a real browser."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

from playwright.async_api import Browser, Page

from noc.http.sources import Sources
from noc.reports.frame.asked import Asked
from noc.state import configurations
from noc.state.configurations import Fetched
from tests.live.browser import chromium, complaints_of
from tests.live.paged import House, paged_house, snapshot_of

MINUTE_MS = 60_000

COPIES = (
    Fetched("hostname nbo\n secret <hidden>\nend\n", b"1", None, "amina"),
    Fetched("hostname nairobi\n secret <hidden>\nend\n", b"2", None, "kofi"),
)

MAIL = """\
From: noc <noc@example.org>
To: desk@example.org
Subject: Goma is down
Date: Sat, 21 Nov 2026 10:04:05 +0000

<script>document.title = "hostile"</script> See http://127.0.0.1/incidents/1
"""


@dataclass
class Visit:
    """Somebody who has logged in. said: what the pages complained of."""

    house: House
    browser: Browser
    page: Page
    said: list[str]

    def url(self, path: str) -> str:
        return self.house.server.url + path

    async def go(self, path: str) -> None:
        await self.page.goto(self.url(path))


@asynccontextmanager
async def visiting(
    tmp_path: Path, change: Callable[[Sources], Sources] = lambda sources: sources
) -> AsyncIterator[Visit]:
    """Run a house with two problems, and a browser that has logged in as Amina. change: what it is given too."""
    mailbox = tmp_path / "mail"
    mailbox.mkdir()
    (mailbox / "0001.eml").write_text(MAIL)
    async with paged_house(tmp_path, simulated=True, mailbox=mailbox, change=change) as house, chromium() as browser:
        now = house.now_ms()
        await house.history("goma-rtr-1", [(now - 40 * MINUTE_MS, "down")])
        await house.open_incident("device/goma-rtr-1", "device-down", "critical", now - 40 * MINUTE_MS)
        await house.open_incident("device/juba-modem-1", "terminal-down", "major", now - 3 * 60 * MINUTE_MS)
        router = house.inventory.devices["nairobi-rtr-1"]
        house.present.keep(router.entity, snapshot_of(router))
        await house.numbers("nairobi-rtr-1")
        async with house.database.write() as connection:
            for copy in COPIES:
                await configurations.keep(connection, "nairobi-rtr-1", copy, now, 10)
        reports = house.server._sources.reports
        assert reports is not None
        await reports.issue(Asked(report="availability", period="7d"))
        page = await browser.new_page(viewport={"width": 1440, "height": 900})
        said = complaints_of(page)
        await page.goto(house.login_url + "&name=Amina+K.")
        yield Visit(house, browser, page, said)
