"""The map in a real browser: a site that fails shows at once, the view stays, keys and pointer open its card."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from playwright.async_api import Locator, expect

from noc.inventory.inventory import Inventory
from tests.live.browser import barriers, chromium
from tests.live.paged import paged_house, small_inventory
from tests.live.visiting import MINUTE_MS, Visit, visiting

pytestmark = pytest.mark.live

LOUD = """canvas => {
    const pen = canvas.getContext("2d");
    const seen = pen.getImageData(0, 0, canvas.width, canvas.height).data;
    let found = 0;
    for (let at = 0; at < seen.length; at += 4) {
        found += Math.abs(seen[at] - 213) + Math.abs(seen[at + 1] - 94) + Math.abs(seen[at + 2]) < 12;
    }
    return found;
}"""
"""How many pixels have the colour of what is down."""

WHERE = """canvas => {
    const pen = canvas.getContext("2d"), ratio = canvas.width / canvas.clientWidth;
    const seen = pen.getImageData(0, 0, canvas.width, canvas.height).data;
    for (let at = 0; at < seen.length; at += 4) {
        const away = Math.abs(seen[at] - 213) + Math.abs(seen[at + 1] - 94) + Math.abs(seen[at + 2]);
        if (away < 12) return [(at / 4 % canvas.width) / ratio + 4, Math.floor(at / 4 / canvas.width) / ratio + 4];
    }
    return [0, 0];
}"""
"""Where in the canvas the first thing that is down is drawn."""


@pytest.fixture
async def visit(tmp_path: Path) -> AsyncIterator[Visit]:
    async with visiting(tmp_path) as visit:
        await visit.go("/map")
        await expect(visit.page.locator("noc-map")).to_have_attribute("data-state", "live")
        yield visit


def _canvas(visit: Visit) -> Locator:
    return visit.page.locator("noc-map canvas")


async def _fails(visit: Visit, device: str) -> None:
    now = visit.house.now_ms()
    await visit.house.history(device, [(now - MINUTE_MS, "down")])
    visit.house.hub.publish("statuses", {"entity": f"device/{device}", "status": "down"})


# The text of an answer comes when the test says so.
SLOW_TEXT = """() => {
  const text = Response.prototype.text;
  Response.prototype.text = async function () {
    const said = await text.call(this);
    await new Promise(done => { window.goOn = done; });
    return said;
  };
}"""


async def _until_louder(visit: Visit, than: int) -> None:
    await visit.page.wait_for_function(f"than => ({LOUD})(document.querySelector('noc-map canvas')) > than", arg=than)


async def test_a_site_that_fails_shows_on_the_map_and_in_the_list_and_the_view_stays(visit: Visit) -> None:
    page, rows = visit.page, visit.page.locator("tr[data-site]")
    await expect(rows).to_have_count(6)
    await expect(rows.first).to_have_attribute("data-site", "goma")
    await expect(page.locator("#place-geneva")).to_contain_text("no coordinates")
    await expect(page.get_by_text("1 site has no coordinates")).to_be_visible()
    await _canvas(visit).focus()
    for key in ("+", "+", "ArrowLeft"):
        await page.keyboard.press(key)
    await expect(page).to_have_url(re.compile(r"#map=2\.56/"))
    before, address = await _canvas(visit).evaluate(LOUD), page.url
    assert before > 0
    await _fails(visit, "brindisi-rtr-1")
    await expect(page.locator("#place-brindisi")).to_contain_text("down")
    await _until_louder(visit, before)
    assert page.url == address
    await expect(_canvas(visit)).to_be_focused()
    await page.reload()
    await expect(page.locator("noc-map")).to_have_attribute("data-state", "live")
    assert page.url == address
    assert visit.said == []


async def test_keys_go_to_the_worst_site_and_open_its_card(visit: Visit) -> None:
    page, card = visit.page, visit.page.locator("#map-card")
    await _canvas(visit).focus()
    await page.keyboard.press("n")
    await expect(page.locator("noc-map [role=status].visually-hidden")).to_have_text("Goma: down, 1 of 5")
    await page.keyboard.press("Enter")
    await expect(card.get_by_role("link", name="Goma", exact=True)).to_be_focused()
    await expect(card).to_contain_text("Device down")
    await expect(page).to_have_url(visit.url("/map?site=goma"))
    assert await barriers(page) == []
    await _fails(visit, "goma-sw-1")
    await expect(card).to_contain_text("1 down")
    await expect(card.get_by_role("link", name="Goma", exact=True)).to_be_focused()
    await page.keyboard.press("Escape")
    await expect(card).to_be_empty()
    await expect(_canvas(visit)).to_be_focused()
    await expect(page).to_have_url(visit.url("/map"))
    await page.keyboard.press("g")
    await page.keyboard.press("p")
    await expect(page).to_have_url(visit.url("/problems"))


async def test_a_card_that_was_closed_before_its_answer_was_read_stays_closed(visit: Visit) -> None:
    page = visit.page
    await page.evaluate(SLOW_TEXT)
    await _canvas(visit).focus()
    await page.keyboard.press("n")
    await page.keyboard.press("Enter")
    await page.wait_for_function("() => window.goOn")
    await page.keyboard.press("Escape")
    await page.evaluate("() => new Promise(done => { window.goOn(); setTimeout(done, 50); })")
    await expect(page.locator("#map-card")).to_be_empty()


async def test_what_fails_in_a_region_beyond_the_edge_makes_no_page_wider(visit: Visit) -> None:
    page = visit.page
    await page.context.add_cookies([{"name": "noc_language", "value": "ar", "url": visit.url("/")}])
    await page.set_viewport_size({"width": 300, "height": 740})
    await visit.go("/map")
    for device in ("brindisi-rtr-1", "bangkok-rtr-1"):
        await _fails(visit, device)
    await expect(page.locator("#map-regions a .sign")).to_have_count(4)
    assert await page.evaluate("document.documentElement.scrollWidth") == 300


async def test_a_pointer_picks_a_site_and_a_region_comes_near(visit: Visit) -> None:
    page = visit.page
    await page.get_by_role("link", name=re.compile("^Africa")).click()
    await expect(page).to_have_url(re.compile(r"\?region=africa"))
    await expect(page.locator("tr[data-site]")).to_have_count(3)
    await expect(page.locator("noc-map")).to_have_attribute("data-state", "live")
    await expect(_canvas(visit)).not_to_have_class(re.compile("is-whole"))
    x, y = await _canvas(visit).evaluate(WHERE)
    await _canvas(visit).click(position={"x": x, "y": y})
    await expect(page.locator("#map-card h2")).to_have_text("Goma")
    assert visit.said == []


async def test_a_map_that_can_not_be_read_says_so_and_one_for_a_wall_has_no_controls(visit: Visit) -> None:
    page = visit.page
    await page.route("**/api/v1/map", lambda route: route.abort())
    await visit.go("/map")
    await expect(page.locator("noc-map")).to_have_attribute("data-state", "failed")
    await expect(page.locator(".map-note")).to_contain_text("The map can't be read now")
    await expect(page.locator("tr[data-site]")).to_have_count(6)
    await page.unroute("**/api/v1/map")
    await page.evaluate("document.body.dispatchEvent(new CustomEvent('noc:changed'))")
    await expect(page.locator("noc-map")).to_have_attribute("data-state", "live")
    await expect(page.locator(".map-note")).to_be_hidden()
    await page.evaluate("document.querySelector('.map-panel').innerHTML = '<noc-map data-quiet></noc-map>'")
    await expect(page.locator("noc-map")).to_have_attribute("data-state", "live")
    await expect(page.locator("noc-map button")).to_have_count(0)
    await expect(_canvas(visit)).to_have_attribute("role", "img")
    assert await _canvas(visit).get_attribute("tabindex") is None


async def test_without_coordinates_the_list_stands_alone(tmp_path: Path) -> None:
    async with paged_house(tmp_path, large=_nowhere(small_inventory())) as house, chromium() as browser:
        page = await browser.new_page()
        await page.goto(house.login_url)
        await page.goto(house.server.url + "/map")
        await expect(page.get_by_text("No site here has coordinates.")).to_be_visible()
        await expect(page.locator("noc-map")).to_have_count(0)
        await expect(page.locator("tr[data-site]")).to_have_count(6)
        assert await barriers(page) == []


def _nowhere(inventory: Inventory) -> Inventory:
    sites = {
        key: site.model_copy(update={"latitude": None, "longitude": None}) for key, site in inventory.sites.items()
    }
    return Inventory(inventory.regions, sites, inventory.devices, inventory.circuits)
