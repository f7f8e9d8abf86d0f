"""The pages of discovery in a real browser, with devices that call themselves what they like."""

from __future__ import annotations

from pathlib import Path

import pytest
from playwright.async_api import expect

from noc.model.discovery import Drift, Found, SiteLook, SweepRecord
from noc.state import drifts, proposals
from tests.live.browser import barriers, chromium, complaints_of
from tests.live.paged import House, paged_house

pytestmark = pytest.mark.live

HOSTILE = '"><img src=x onerror=alert(1)><script>document.title="owned"</script>'
FOUND = [
    Found("10.9.0.1", ("10.9.0.1", "10.9.0.2"), ("icmp", "snmp"), sys_name=HOSTILE, vendor=HOSTILE, serial=HOSTILE),
    Found("10.9.0.3", ("10.9.0.3",), ("ssh",), banner="SSH-2.0-" + "x" * 247, site="nairobi", site_why="near " * 9),
    Found("10.2.1.1", ("10.2.1.1",)),  # the inventory has it
]


async def written(house: House) -> None:
    now = house.now_ms()
    async with house.database.write() as connection:
        await proposals.add(connection, FOUND, now - 60_000)
        await proposals.begin_sweep(connection, SweepRecord(0, ("10.9.0.0/24",), (), 254, 17, now - 90_000))
        about = [Drift("goma-rtr-1", "serial", "", HOSTILE, "S2"), Drift("goma-rtr-1", "neighbour", HOSTILE)]
        await drifts.write(connection, ["goma-rtr-1"], about, now)
        await drifts.looked(connection, [SiteLook("goma", now - 7_200_000, 1, 1), SiteLook("juba", now - 60_000, 1, 1)])


async def test_proposals_and_drift_are_shown_as_text_and_for_everybody(tmp_path: Path) -> None:
    async with paged_house(tmp_path) as house, chromium() as browser:
        page = await browser.new_page(viewport={"width": 1440, "height": 900})
        said, found = complaints_of(page), []
        await page.goto(house.login_url)
        await page.locator(".more > summary").click()
        await page.get_by_role("link", name="Discovery").click()
        await expect(page.locator(".nothing")).to_contain_text("No proposals")
        await written(house)
        for scheme, width in (("light", 1440), ("dark", 1440), ("light", 360)):
            await page.emulate_media(color_scheme=scheme)  # type: ignore[arg-type]  # literals
            await page.set_viewport_size({"width": width, "height": 800})
            for path, rows in (("/discovery", 2), ("/discovery/drift", 2)):
                await page.goto(house.server.url + path)
                await expect(page.locator("tbody tr")).to_have_count(rows)
                assert await page.locator("h1").count() == 1
                assert await page.evaluate("document.documentElement.scrollWidth <= innerWidth"), (path, width)
                found += await barriers(page)
        assert found == []
        await page.goto(house.server.url + "/discovery")
        first = page.locator("#proposal-1")
        await expect(first).to_contain_text(HOSTILE)
        await expect(first).to_contain_text("noc discover accept 1 --site SITE")
        await expect(page.locator("#proposal-2")).to_contain_text("Nairobi")
        await expect(page.locator("main")).to_contain_text("17 of 254 addresses done")
        assert await page.title() == "Discovery · noc"
        await page.get_by_role("button", name="Propose it no more: 2").click()
        await expect(page.locator("tbody tr")).to_have_count(1)
        await page.get_by_label("State").select_option("ignored")
        await expect(page.locator("#proposal-2")).to_contain_text("noc discover accept 2")
        await page.get_by_role("button", name="Propose it again: 2").click()
        await expect(page.locator(".nothing")).to_contain_text("Nothing fits")
        await page.get_by_role("link", name="Drift").click()
        await expect(page.locator("#looks")).to_contain_text("Looked at 2 of 6 sites")
        await expect(page.locator("#looks")).to_contain_text("the longest 2 h")
        await expect(page.locator("tbody")).to_contain_text("another serial number")
        await expect(page.locator("tbody")).to_contain_text(HOSTILE)
        assert said == []
