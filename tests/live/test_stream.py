"""Server-sent events with a real client: a browser's EventSource comes back by itself, and has missed nothing."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from playwright.async_api import Page

from tests.live.browser import chromium
from tests.live.paged import paged_house

pytestmark = pytest.mark.live

LISTEN = """() => {
    window.heard = [];
    const source = new EventSource("/api/v1/stream?topics=incidents");
    const number = said => said.data ? JSON.parse(said.data).data?.id ?? null : null;
    const note = said => heard.push([said.type, number(said), said.lastEventId]);
    for (const kind of ["hello", "incidents", "resync", "error"]) source.addEventListener(kind, note);
}"""


async def until(page: Page, what: str) -> list[Any]:
    """Wait until what was heard is so, and return it."""
    await page.wait_for_function(f"() => {what}", timeout=30_000)
    heard: list[Any] = await page.evaluate("heard")
    return heard


async def test_a_browser_goes_on_where_it_was_after_the_server_was_away(tmp_path: Path) -> None:
    async with paged_house(tmp_path) as house, chromium() as browser:
        server, hub = house.server, house.hub
        server._settings = server._settings.model_copy(update={"port": server.port})
        page = await browser.new_page()
        await page.goto(house.login_url)
        await page.evaluate(LISTEN)
        await until(page, "heard.length == 1")
        hub.publish("incidents", {"id": 1})
        await until(page, "heard.length == 2")
        await server.stop()
        await until(page, "heard.some(one => one[0] == 'error')")
        for number in (2, 3):
            hub.publish("incidents", {"id": number})
        await server.start()
        heard = await until(page, "heard.some(one => one[1] == 3)")
        assert [one[:2] for one in heard if one[0] != "error"] == [
            ["hello", None], ["incidents", 1], ["hello", None], ["incidents", 2], ["incidents", 3],
        ]  # fmt: skip
        assert [hub.number_of(one[2]) for one in heard if one[0] == "incidents"] == [1, 2, 3]
