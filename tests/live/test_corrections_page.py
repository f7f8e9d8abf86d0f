"""The pages of corrections in a real browser: from an outage to a proposed cause, approved by somebody else."""

from __future__ import annotations

import re
from itertools import cycle
from pathlib import Path

import pytest
from playwright.async_api import expect

from noc.state import corrections
from tests.live.browser import barriers, chromium, complaints_of
from tests.live.paged import House, paged_house

pytestmark = pytest.mark.live

HOSTILE = '"><img src=x onerror=alert(1)><script>document.title="owned"</script>'
HOUR = 3_600_000
MINUTE = 60_000


async def outages(house: House) -> int:
    """Write two outages of Goma, of half an hour and of a minute; return when the first began."""
    now = house.now_ms()
    began = now - 3 * HOUR
    changes = [(began - HOUR, "up"), (began, "down"), (began + 30 * MINUTE, "up"), (now - 9 * MINUTE, "down")]
    await house.history("goma-rtr-1", [*changes, (now - 8 * MINUTE, "up")])  # type: ignore[list-item]
    return began


async def test_corrections_are_shown_as_text_and_for_everybody(tmp_path: Path) -> None:
    async with paged_house(tmp_path) as house, chromium() as browser:
        page = await browser.new_page(viewport={"width": 1440, "height": 900})
        said, found = complaints_of(page), []
        await page.goto(house.login_url)
        await page.goto(house.server.url + "/corrections")
        await expect(page.locator("main")).to_contain_text("Nothing waits.")
        began = await outages(house)
        about = ("site/goma", began, began + HOUR, "satellite_weather")
        async with house.database.write() as connection:
            for _ in range(3):
                await corrections.propose(
                    connection, *about, who="berta", why=HOSTILE, evidence=[HOSTILE], now_ms=house.now_ms()
                )
            await corrections.decide(connection, 1, "approved", who="carl", why=HOSTILE, now_ms=house.now_ms())
            await corrections.decide(connection, 2, "rejected", who="carl", why="", now_ms=house.now_ms())
        paths = (
            "/corrections",
            "/corrections?entity=site/goma&period=24h",
            "/corrections/1",
            "/corrections/3",
        )
        for path, (scheme, width) in zip(paths, cycle((("light", 1440), ("dark", 820), ("light", 360))), strict=False):
            await page.emulate_media(color_scheme=scheme)  # type: ignore[arg-type]  # literals
            await page.set_viewport_size({"width": width, "height": 900})
            await page.goto(house.server.url + path)
            assert await page.locator("h1").count() == 1
            assert await page.evaluate("document.documentElement.scrollWidth <= innerWidth"), (path, width)
            found += await barriers(page)
        assert found == []
        await page.goto(house.server.url + "/corrections?entity=site/goma&period=24h")
        rows = page.locator("[aria-labelledby=outages-title] tbody tr")
        await expect(rows).to_have_count(2)
        await expect(rows.nth(0)).to_contain_text("nobody knows")
        await expect(rows.nth(1)).to_contain_text("rain or storm on a satellite path")
        await expect(page.locator("[aria-labelledby=waiting-title] tbody tr")).to_contain_text(HOSTILE)
        assert await page.title() == "Corrections · noc"
        assert said == []


async def test_from_an_outage_to_an_approved_cause(tmp_path: Path) -> None:
    async with paged_house(tmp_path) as house, chromium() as browser:
        page = await browser.new_page(viewport={"width": 1440, "height": 900})
        await page.goto(house.login_url)
        await outages(house)
        await page.goto(house.server.url + "/availability?period=24h&region=africa")
        row = page.locator("tr", has_text="Goma")
        await row.locator("[data-label=Outages] a").click()
        await expect(page.locator("h1")).to_contain_text("Outages and causes: Goma")
        written = page.locator("[aria-labelledby=ledger-title] tbody tr")
        await expect(written.filter(has_text="goma-rtr-1").first).to_contain_text("check icmp of poller centre")
        await expect(written.first.locator("td").first).to_have_text(re.compile(r"[0-9]+"))
        await written.first.locator("summary").click()
        await expect(written.first.locator("details li")).to_contain_text("good")
        await page.get_by_role("link", name="Propose a cause").nth(1).click()
        await page.locator("[name=cause]").select_option("power")
        await page.locator("[name=why]").fill("the generator says so")
        await page.locator("[name=evidence]").fill("TT 1\n\nTT 2\n")
        entity = page.locator("form[method=post] [name=entity]").first
        await entity.fill("site/gomma")
        await page.get_by_role("button", name="Propose it").click()
        await expect(page.get_by_role("alert")).to_contain_text("the inventory has no 'site/gomma'")
        await entity.fill("site/goma")
        await page.get_by_role("button", name="Propose it").click()
        await expect(page.locator("h1")).to_contain_text("Correction 1: Goma")
        await expect(page.locator(".tiles")).to_contain_text("30 min")
        await expect(page.locator("main")).to_contain_text("somebody else approves it")
        await expect(page.locator("[aria-labelledby=facts-title]")).to_contain_text("TT 2")
        await page.get_by_label("You and this page").click()
        await page.get_by_label("Your name in timelines").fill("Berta")
        await page.get_by_role("button", name="Keep this name").click()
        await page.goto(house.server.url + "/corrections/1")
        await page.get_by_label("Reason of the decision").press("Enter")  # as likely meant to reject
        await page.get_by_role("button", name="Approve").click()
        await expect(page.locator(".tiles")).to_contain_text("approved")
        await expect(page.locator(".story")).to_contain_text("approved Berta")
        await page.goto(house.server.url + "/corrections?entity=site/goma&period=24h")
        await expect(page.locator("[aria-labelledby=outages-title] tbody tr").nth(1)).to_contain_text("no power")
