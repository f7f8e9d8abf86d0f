"""The topology in a real browser: find a thing, see it fail live, put it somewhere, read it without a script."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from playwright.async_api import Page, expect

from noc.inventory.inventory import Inventory
from noc.model.samples import Samples
from noc.state import pins
from tests.live import paged
from tests.live.paged import small_inventory
from tests.live.visiting import Visit, visiting
from tests.stores import put

pytestmark = pytest.mark.live

BOX = "[data-node='device/{}']"


def joined() -> Inventory:
    """Return the small house, of which juba and goma hang on nairobi."""
    known = small_inventory()
    edges = {key: replace(known.devices[key], upstream=("site/nairobi",)) for key in ("juba-rtr-1", "goma-rtr-1")}
    return replace(known, devices={**known.devices, **edges})


@pytest.fixture
async def visit(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Visit]:
    monkeypatch.setattr(paged, "small_inventory", joined)
    async with visiting(tmp_path) as visit:
        yield visit


async def middle(page: Page, device: str) -> tuple[float, float]:
    box = await page.locator(BOX.format(device)).locator(".front").bounding_box()
    assert box is not None
    return box["x"] + box["width"] / 2, box["y"] + box["height"] / 2


async def test_a_device_is_found_by_its_name_and_is_seen_to_fail(visit: Visit) -> None:
    page = visit.page
    await visit.go("/topology")
    await page.get_by_label("Site or device").fill("juba-sw")
    await page.get_by_role("button", name="Draw").click()
    await expect(page).to_have_url(visit.url("/topology?device=juba-sw-1"))
    drawn = page.locator(BOX.format("juba-sw-1"))
    await expect(drawn).to_have_class("box s-up k-device is-marked")
    await visit.house.history("juba-sw-1", [(visit.house.now_ms(), "down")])
    visit.house.hub.publish("statuses", {"entity": "device/juba-sw-1"})
    await expect(drawn).to_have_class("box s-down k-device is-marked")
    await expect(page.locator("#drawn-table tr", has_text="juba-sw-1").first).to_contain_text("down")


async def test_a_name_that_several_have_offers_them_and_a_path_is_drawn(visit: Visit) -> None:
    page = visit.page
    await visit.go("/topology?q=rtr&to=goma")
    await expect(page.get_by_role("heading", name="Which one is meant?")).to_be_visible()
    await page.locator("#main").get_by_role("link", name="nairobi-rtr-1").click()
    await expect(page).to_have_url(visit.url("/topology?from=device/nairobi-rtr-1&to=site/goma"))
    await expect(page.locator(".box.is-marked")).to_have_count(2)


async def test_what_somebody_drags_stays_there_for_all_until_it_is_released(visit: Visit) -> None:
    page = visit.page
    await visit.go("/topology?site=juba")
    await page.get_by_role("button", name="Arrange").click()
    x, y = await middle(page, "juba-fw-1")
    await page.mouse.move(x, y)
    await page.mouse.down()
    await page.mouse.move(x + 60, y + 90, steps=4)
    await page.mouse.up()
    await expect(page.get_by_role("button", name="Release 1 thing")).to_be_visible()
    async with visit.house.database.read() as connection:
        (kept,) = await pins.of(connection, "site:site/juba")
    assert (kept.node, kept.who) == ("device/juba-fw-1", "Amina K.")
    await page.reload()
    moved = await middle(page, "juba-fw-1")
    assert moved[0] - x == pytest.approx(60, abs=8)
    assert moved[1] - y == pytest.approx(90, abs=40)
    await page.get_by_role("button", name="Release 1 thing").click()
    await expect(page.locator(".is-pinned")).to_have_count(0)


async def test_a_thing_is_put_somewhere_by_the_keyboard_and_by_two_clicks(visit: Visit) -> None:
    page = visit.page
    await visit.go("/topology?site=juba")
    await page.locator("noc-topology").focus()
    await page.keyboard.press("m")
    await page.locator(BOX.format("juba-fw-1")).focus()
    await page.keyboard.press("Alt+ArrowDown")
    await expect(page.get_by_role("button", name="Release 1 thing")).to_be_visible()
    await page.locator(BOX.format("juba-sw-1")).click()
    room = await page.locator("svg.sketch[data-movable]").bounding_box()
    assert room is not None
    await page.mouse.click(room["x"] + 4, room["y"] + room["height"] - 4)
    await expect(page.get_by_role("button", name="Release 2 things")).to_be_visible()
    await expect(page).to_have_url(visit.url("/topology?site=juba"))


async def test_it_is_read_without_a_script(visit: Visit) -> None:
    state = await visit.page.context.storage_state()
    context = await visit.browser.new_context(java_script_enabled=False, storage_state=state)
    page = await context.new_page()
    await page.goto(visit.url("/topology?site=juba"))
    await expect(page.locator(BOX.format("juba-rtr-1")).locator(".name")).to_have_text("juba-rtr-1")
    await page.locator(BOX.format("juba-rtr-1")).click()
    await expect(page).to_have_url(visit.url("/devices/juba-rtr-1"))
    await context.close()


async def test_the_page_of_a_site_tells_its_ways_with_what_was_measured(visit: Visit) -> None:
    page, at = visit.page, visit.house.clock.now() - timedelta(minutes=3)
    tags, fields = ("device", "site", "index", "tag"), ("rtt_ms", "loss_pct", "jitter_ms")
    row = (("goma-rtr-1", "goma", "10", "nairobi"),)
    await put(visit.house.store, [Samples("noc_path", at, tags, fields, row, ((642.0, 1.5, 14.0),))])
    await visit.go("/sites/goma")
    ways = page.locator("#paths")
    await expect(ways).to_contain_text("1.50 %")
    await expect(ways).to_contain_text("642 ms")
    await expect(ways).to_contain_text("3 min")
    await visit.go("/sites/juba")
    await expect(page.locator("#paths")).to_contain_text("Not measured")
    await visit.go("/sites/nairobi")
    await expect(page.locator("#paths")).to_contain_text("This is a data centre")


async def test_an_incident_shows_where_it_is(visit: Visit) -> None:
    page = visit.page
    await visit.go("/incidents/1")
    await expect(page.locator("#topology .is-marked .name")).to_have_text("goma-rtr-1")
    await page.get_by_role("link", name="Large, and as a table").click()
    await expect(page.get_by_role("heading", level=1)).to_have_text("Topology: Incident 1")
