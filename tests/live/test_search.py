"""The search box and the keys of pages, in a real browser."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from playwright.async_api import expect

from tests.live.browser import barriers
from tests.live.visiting import Visit, visiting

pytestmark = pytest.mark.live


@pytest.fixture
async def visit(tmp_path: Path) -> AsyncIterator[Visit]:
    async with visiting(tmp_path) as visit:
        yield visit


async def test_a_slash_finds_everything_from_everywhere(visit: Visit) -> None:
    page = visit.page
    await visit.go("/availability")
    await page.keyboard.press("/")
    await expect(page.locator("#find-text")).to_be_focused()
    await page.keyboard.type("nairobi-rtr")
    await expect(page.locator("#found a")).to_have_count(1)
    await expect(page.locator("#found")).to_contain_text("Nairobi")
    assert await barriers(page) == []
    await page.keyboard.press("ArrowDown")
    await page.keyboard.press("Enter")
    await expect(page).to_have_url(visit.url("/devices/nairobi-rtr-1"))
    await page.keyboard.press("/")
    await page.keyboard.type("MPLS to Brindisi")
    await page.keyboard.press("Enter")
    await expect(page.locator("h1")).to_contain_text("nairobi-rtr-1")
    await expect(page).to_have_url(re.compile("interface=Gi0"))
    await page.keyboard.press("/")
    await page.keyboard.type("10.3.1.0/24")
    await page.keyboard.press("Enter")
    await expect(page.locator(".found [data-row]")).to_have_count(4)
    assert visit.said == []


async def test_keys_lead_to_pages_and_a_switch_turns_them_off(visit: Visit) -> None:
    page = visit.page
    await page.keyboard.press("?")
    listed = page.locator("#keys")
    await expect(listed).to_contain_text("pick all of this page that nobody owns")
    for name in await page.locator("header nav a").all_inner_texts():
        await expect(listed.locator(".of-keys")).to_contain_text(name.strip())
    await page.keyboard.press("Escape")
    await page.keyboard.press("g")
    await page.keyboard.press("o")
    await expect(page).to_have_url(visit.url("/oncall"))
    await page.keyboard.press("g")
    await page.keyboard.press("p")
    await expect(page).to_have_url(visit.url("/problems"))
    await page.keyboard.press("f")
    await expect(page.locator("#filter-text")).to_be_focused()
    await page.locator("h1").click()
    await page.keyboard.press("?")
    await page.get_by_label("Single keys do this").uncheck()
    await page.keyboard.press("Escape")
    await page.keyboard.press("/")
    await expect(page.locator("#find")).not_to_be_visible()
    assert visit.said == []
