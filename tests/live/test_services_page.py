"""The page of services in a real browser: from where each was served, and what told so."""

from __future__ import annotations

from pathlib import Path

import pytest
from playwright.async_api import expect

from noc.model.switch import ServiceSwitch
from noc.state import ledger
from tests.live.browser import barriers, chromium, complaints_of
from tests.live.paged import paged_house

pytestmark = pytest.mark.live


async def test_the_history_of_who_served_is_shown_the_newest_first(tmp_path: Path) -> None:
    async with paged_house(tmp_path) as house, chromium() as browser:
        page = await browser.new_page(viewport={"width": 1440, "height": 900})
        said, found = complaints_of(page), []
        await page.goto(house.login_url)
        await page.goto(house.server.url + "/services")
        await expect(page.locator("#switches")).to_have_count(0)
        (service,) = list(house.inventory.services.values())[:1]
        now, evidence = house.now_ms(), (("endpoint/gone", "<b>mx.geneva</b>"),)
        async with house.database.write() as connection:
            first = ServiceSwitch(service.entity, None, "brindisi", now - 3_600_000, "hq", ())
            await ledger.append(
                connection, [first, ServiceSwitch(service.entity, "brindisi", "geneva", now, "hq", evidence)]
            )
        for scheme, width in (("light", 1440), ("dark", 360)):
            await page.emulate_media(color_scheme=scheme)  # type: ignore[arg-type]  # literals
            await page.set_viewport_size({"width": width, "height": 800})
            await page.goto(house.server.url + "/services")
            await expect(page.locator("#switches tbody tr")).to_have_count(2)
            assert await page.evaluate("document.documentElement.scrollWidth <= innerWidth"), width
            found += await barriers(page)
        newest, oldest = page.locator("#switches tbody tr").nth(0), page.locator("#switches tbody tr").nth(1)
        await expect(newest).to_contain_text("Geneva")
        await expect(newest).to_contain_text("gone: <b>mx.geneva</b>")
        await expect(oldest).to_contain_text("not known")
        assert found == []
        assert said == []
