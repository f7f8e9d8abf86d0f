"""The demo's world in a browser: something fails while somebody looks, and what people do about it then."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from playwright.async_api import Browser, Page, expect

from tests.live.browser import chromium, complaints_of
from tests.live.test_demo import WORLD, demo

pytestmark = pytest.mark.live

PATIENCE_MS = 120_000
"""The tour of the demo begins with its first fault within a minute; machines that test all at once are slow."""

ROWS = "tr[id^=incident-]"


def address(log: Path) -> str:
    """Return the address that the demo printed."""
    found = re.search(r"http://\S+?/\?token=\S+", log.read_text())
    assert found is not None
    return found[0]


async def arrived(browser: Browser, url: str) -> Page:
    """Return a desk's browser."""
    page = await browser.new_page(viewport={"width": 1440, "height": 900})
    await page.goto(f"{url}&name=Achieng")
    await expect(page).to_have_url(re.compile("/wall$"))  # the whole network first
    await expect(page.locator("noc-map[data-state=live]")).to_be_visible()
    await page.get_by_role("link", name="What to try").click()
    await expect(page).to_have_url(re.compile("/problems$"))
    return page


async def sees_it_fail(page: Page) -> str:
    """Wait, without a reload, until something fails; return the address of its incident."""
    await page.evaluate("window.same = true")
    await expect(page.locator(ROWS).first).to_be_visible(timeout=PATIENCE_MS)
    assert await page.evaluate("window.same")
    return str(await page.locator(f"{ROWS} a[data-open]").first.get_attribute("href"))


async def acknowledges_on_a_phone(page: Page, incident: str) -> None:
    """Two taps: the problem, and the button."""
    await page.set_viewport_size({"width": 360, "height": 740})
    await page.locator(f"{ROWS} a[data-open][href='{incident}']").click()
    await page.locator("[data-acknowledge]").first.click()
    await expect(page.locator("main")).to_contain_text("Achieng")
    assert await page.evaluate("document.documentElement.scrollWidth") == 360
    await page.set_viewport_size({"width": 1440, "height": 900})


async def filters(page: Page, base: str) -> None:
    """The filter stands in the address, and finds what was acknowledged."""
    await page.goto(f"{base}/problems")
    await page.locator("#filter-text").fill("owner:me")
    await page.keyboard.press("Enter")
    await expect(page).to_have_url(re.compile(r"q=owner(:|%3A)me"))
    await expect(page.locator(ROWS).first).to_contain_text("Achieng")


async def zooms(page: Page, base: str) -> None:
    """Drag over a chart of a device: all charts show what lies between, and the address says so."""
    answer = await page.request.get(f"{base}/api/v1/devices?status=up&class=router&limit=1")
    (router,) = (await answer.json())["items"]
    await page.goto(f"{base}/devices/{router['id']}")
    chart = page.locator("noc-chart .u-over").first
    await chart.scroll_into_view_if_needed(timeout=PATIENCE_MS)
    box = await chart.bounding_box()
    assert box is not None
    await page.mouse.move(box["x"] + 0.3 * box["width"], box["y"] + 20)
    await page.mouse.down()
    await page.mouse.move(box["x"] + 0.7 * box["width"], box["y"] + 20, steps=5)
    await page.mouse.up()
    await expect(page).to_have_url(re.compile("from="))


async def reads_arabic_and_prints_a_report(page: Page, base: str) -> None:
    """Another language by the menu; a report asked for, and its PDF."""
    await page.goto(f"{base}/reports")
    await page.locator(".top-end details summary").click()
    await page.locator("form[action='/language'] select").select_option("ar")
    await page.locator("form[action='/language'] button").click()
    await expect(page.locator("html[dir=rtl][lang=ar]")).to_have_count(1)
    await page.locator("form[action='/reports'][method=post] button").last.click()
    link = page.locator("a[href*='format=pdf'][href*='lang=ar']").first
    await link.wait_for(timeout=PATIENCE_MS)
    answer = await page.request.get(base + str(await link.get_attribute("href")))
    assert (await answer.body())[:5] == b"%PDF-"
    await page.emulate_media(media="print")
    await expect(page.locator("header.top")).to_be_hidden()


@pytest.mark.slow
@pytest.mark.timeout(400)
async def test_an_operator_sees_acknowledges_filters_zooms_reads_arabic_and_prints(tmp_path: Path) -> None:
    with demo(tmp_path, world=WORLD) as (_, log):
        async with chromium() as browser:
            page = await arrived(browser, address(log))
            base, said = page.url.partition("/problems")[0], complaints_of(page)
            incident = await sees_it_fail(page)
            await acknowledges_on_a_phone(page, incident)
            await filters(page, base)
            await zooms(page, base)
            await reads_arabic_and_prints_a_report(page, base)
            assert said == []
