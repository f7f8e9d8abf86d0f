"""The wall in a real browser: legible, without controls, honest about its age, back by itself."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from playwright.async_api import Route, expect

from tests.live.browser import barriers
from tests.live.walled import BY, MINUTE_MS, NAME, SCREEN, Wall, opened, walled

pytestmark = pytest.mark.live

LEGIBLE_PX = 32
CONTROLS = "a, button, input, select, textarea, summary, [tabindex], [onclick]"
SMALL = """least => {
    const words = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
    const found = [];
    while (words.nextNode()) {
        const text = words.currentNode.textContent.trim(), one = words.currentNode.parentElement;
        if (!text || !one.offsetWidth || one.closest(".visually-hidden, svg")) continue;
        const size = parseFloat(getComputedStyle(one).fontSize);
        if (size < least) found.push(`${text}: ${size} px`);
    }
    return found;
}"""
"""Words that are too small, each with its size."""

BEYOND = """() => {
    const tiles = [...document.querySelectorAll(".wall-body")].filter(one => one.scrollHeight > one.clientHeight + 2);
    const page = document.documentElement;
    const whole = page.scrollHeight > innerHeight || page.scrollWidth > innerWidth ? ["the page"] : [];
    return [...whole, ...tiles.map(one => `${one.id}: ${one.scrollHeight} of ${one.clientHeight} px`)];
}"""
"""What doesn't fit: nobody can scroll a wall."""


DRAWN = """() => {
    const canvas = document.querySelector("noc-map canvas");
    const points = new Uint32Array(canvas.getContext("2d").getImageData(0, 0, canvas.width, canvas.height).data.buffer);
    return [...new Set(points)];
}"""
"""The colours that are on the map: sea, land, shore, and those of what is wrong."""


@pytest.fixture
async def wall(tmp_path: Path) -> AsyncIterator[Wall]:
    async with walled(tmp_path) as wall:
        yield wall


async def test_it_shows_what_is_wrong_and_has_nothing_to_press(wall: Wall) -> None:
    page = wall.page
    await expect(page.locator("h1")).to_have_text("Sites up: 5 of 6")
    await expect(page.locator("#tile-problems")).to_contain_text("Goma")
    await expect(page.locator("#wall-region-africa")).to_contain_text("/ 3")
    await expect(page.locator("#tile-oncall tbody tr")).to_have_count(4)
    await expect(page.locator("#wall-sites")).to_contain_text("1 degraded")  # Juba has lost its modem
    await expect(page.locator("noc-map")).to_have_attribute("data-state", "live")
    await wall.passes(200)  # until the next frame
    assert len(await page.evaluate(DRAWN)) > 3
    assert await page.locator(CONTROLS).count() == 0
    assert await page.evaluate(SMALL, LEGIBLE_PX) == []
    assert wall.key not in page.url
    assert wall.said == []


async def test_it_fills_every_screen_and_needs_no_scroll_bar(wall: Wall) -> None:
    page = wall.page
    for width, height in ((1280, 720), SCREEN, (3840, 2160)):
        await page.set_viewport_size({"width": width, "height": height})
        assert await page.evaluate(BEYOND) == []
        assert await page.evaluate(SMALL, LEGIBLE_PX * height / SCREEN[1]) == []
    await page.set_viewport_size({"width": 360, "height": 740})
    assert await page.evaluate("document.documentElement.scrollWidth") == 360


@pytest.mark.parametrize(
    "ways",
    [(("en", "light"), ("ar", "")), pytest.param((("en", ""), ("ru", "light"), ("zh", "")), marks=pytest.mark.slow)],
)
async def test_it_is_fit_for_everybody(wall: Wall, ways: tuple[tuple[str, str], ...]) -> None:
    found = []
    for lang, query in ways:
        page = await opened(wall.house, wall.browser, wall.key, lang=lang, query=query)
        assert await page.locator("html").get_attribute("lang") == lang
        found += await barriers(page)
        found += await page.evaluate(BEYOND)
        await page.context.close()
    assert found == []


async def test_news_come_without_a_reload(wall: Wall) -> None:
    page = wall.page
    await page.evaluate("window.same = true; window.map = document.querySelector('noc-map')")
    await wall.house.open_incident("device/bangkok-rtr-1", "device-down", "critical", wall.house.now_ms())
    await wall.passes(2_000)
    await wall.passes(12_000)
    await expect(page.locator("#tile-problems")).to_contain_text("Bangkok")
    await expect(page.locator("#wall-sites")).to_contain_text("2 degraded")
    assert await page.evaluate("window.same && window.map === document.querySelector('noc-map')") is True


async def test_it_greys_by_itself_when_noc_is_dead_and_comes_back(wall: Wall) -> None:
    page, server = wall.page, wall.house.server
    await expect(page.locator(".wall-tile.is-old")).to_have_count(0)
    port = server.port
    await server.stop()
    for _ in range(6):
        await wall.passes(10_000)
    await expect(page.locator(".wall-tile.is-old")).to_have_count(5)
    assert await barriers(page) == []
    lost = page.locator("#wall-lost")
    await expect(lost).to_contain_text("1 min")
    assert float((await lost.evaluate("one => getComputedStyle(one).fontSize")).removesuffix("px")) >= 2 * LEGIBLE_PX
    await expect(page.locator("#tile-problems")).to_contain_text("Goma")  # the last picture stays
    server._settings = server._settings.model_copy(update={"port": port})
    await server.start()
    for _ in range(20):
        await wall.passes(3_000)
        if not await lost.is_visible():
            break
    await expect(lost).to_be_hidden()
    await expect(page.locator("#tile-problems.is-old")).to_have_count(0)


async def test_a_tile_greys_alone_when_nothing_is_asked_any_more(wall: Wall) -> None:
    page = wall.page
    await page.evaluate("document.getElementById('tile-map').dataset.of -= 3_600_000")
    await wall.passes(1_100)
    await expect(page.locator(".wall-tile.is-old")).to_have_count(1)
    await expect(page.locator("#tile-map .wall-age")).to_contain_text("1 h")


async def test_after_an_update_it_loads_itself_anew_once(wall: Wall) -> None:
    page = wall.page
    await page.evaluate("document.querySelector('meta[name=noc-build]').content = 'older'; window.same = true")
    async with page.expect_navigation():
        await wall.passes(12_000)
        await expect(page.locator("#tile-map")).to_be_visible()
        await wall.passes(12_000)
    assert await page.evaluate("window.same") is None


async def test_a_long_list_turns(wall: Wall) -> None:
    for name in ("nairobi", "geneva", "brindisi", "bangkok"):
        await wall.house.open_incident(f"device/{name}-sw-1", "device-down", "minor", wall.house.now_ms() - MINUTE_MS)
    page = wall.page
    await page.reload()
    shown = page.locator("#tile-problems li:visible .wall-where")
    before = await shown.all_inner_texts()
    await expect(page.locator("#tile-problems .wall-turns")).to_have_text("1/2")
    await wall.passes(12_500)
    await expect(page.locator("#tile-problems .wall-turns")).to_have_text("2/2")
    assert set(before).isdisjoint(await shown.all_inner_texts())


CUT = """() => [...document.querySelectorAll(".wall bdi, .wall-what, .wall-where, .wall-names")]
    .filter(one => one.offsetWidth && (one.scrollWidth > one.clientWidth + 1 || one.scrollHeight > one.clientHeight + 4)
        && getComputedStyle(one).overflow === "hidden")
    .map(one => one.textContent)"""
"""Names that are not told to their end."""


async def test_names_of_an_ordinary_length_are_told_in_full(wall: Wall) -> None:
    """Where long ones leave no room for as many rows as usual, the list turns sooner."""
    await wall.house.open_incident("device/nairobi-sw-1", "device-down", "minor", wall.house.now_ms() - MINUTE_MS)
    await wall.page.route("**/wall*", _with_long_names)
    for width, height in ((1280, 720), SCREEN):
        await wall.page.set_viewport_size({"width": width, "height": height})
        await wall.page.reload()
        await expect(wall.page.locator("#tile-oncall")).to_contain_text(LONG["Achieng Otieno"])
        await expect(wall.page.locator("#tile-problems .wall-turns")).to_have_text("1/2")
        assert await wall.page.evaluate(CUT) == []
        assert await wall.page.evaluate(BEYOND) == []


LONG = {
    "Achieng Otieno": "Maria Fernanda Albuquerque de Souza",
    "Device down": f"Device down, {'and more of it, ' * 3}too",
}


async def _with_long_names(route: Route) -> None:
    answer = await route.fetch()
    page = await answer.text()
    for name, long in LONG.items():
        page = page.replace(name, long)
    await route.fulfill(response=answer, body=page)


async def test_a_revoked_key_ends_the_picture(wall: Wall) -> None:
    await wall.house.server.gate.access.scripts.revoke(NAME, BY)
    wall.house.server.gate.access.callers.forget()
    for _ in range(8):
        await wall.passes(12_000)
        if "/login" in wall.page.url:
            break
    await expect(wall.page.get_by_label("Name", exact=True).first).to_be_visible()
