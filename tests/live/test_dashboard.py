"""A real daemon, a real agent, a real browser: a device goes down before one's eyes, and somebody owns it."""

from __future__ import annotations

import asyncio
import re
import signal
from contextlib import ExitStack
from pathlib import Path

import pytest
from playwright.async_api import expect

from tests.live.browser import chromium, complaints_of
from tests.live.house import House

pytestmark = pytest.mark.live

PATIENCE_MS = 30_000


async def test_a_device_goes_down_live_and_is_acknowledged(tmp_path: Path) -> None:
    with ExitStack() as stack:
        house = House(tmp_path)
        stack.callback(house.close)
        await asyncio.to_thread(house.agent_on)
        await asyncio.to_thread(house.start)
        url, token = house.login()
        async with chromium() as browser:
            page = await browser.new_page()
            said = complaints_of(page)
            await page.goto(f"{url}/devices/agent?token={token}")
            await expect(page).to_have_url(re.compile(r"/devices/agent(\?range=\w+)?$"))  # no token is left in it
            await expect(page.locator("main")).to_contain_text("net-snmp-linux", timeout=PATIENCE_MS)
            await expect(page.locator("noc-chart canvas").first).to_be_visible(timeout=PATIENCE_MS)
            await page.goto(f"{url}/problems")
            await expect(page.locator("tbody tr a[href^='/incidents/']")).to_have_count(0)
            house.agent_off()
            row = page.locator("tbody tr", has_text="agent")
            await expect(row).to_be_visible(timeout=PATIENCE_MS)
            await row.get_by_role("button", name=re.compile("Acknowledge")).click()
            await expect(row).to_contain_text("operator", timeout=PATIENCE_MS)
            await page.mouse.move(2, 2)  # rows stand still under the pointer
            await page.locator("h1").click()
            await asyncio.to_thread(house.agent_on)
            await expect(page.locator("tbody tr a[href^='/incidents/']")).to_have_count(0, timeout=PATIENCE_MS)
            assert said == []
        assert await asyncio.to_thread(house.stop, signal.SIGTERM) == 0
