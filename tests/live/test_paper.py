"""What people get when they print a page: all of it, dark on white, and none of what is pressed."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from playwright.async_api import Page

from tests.live.furnished import Furnished, furnished
from tests.views import addresses

pytestmark = pytest.mark.live

PRINTED = ("problems", "incident", "circuits", "availability", "maintenance", "rules")

ON_PAPER = """() => {
    const seen = (one) => one.checkVisibility({ contentVisibilityAuto: true, visibilityProperty: true });
    const rgb = (text) => text.match(/[\\d.]+/g).map(Number);
    const light = (text) => { const [r, g, b] = rgb(text); return (0.299 * r + 0.587 * g + 0.114 * b) / 255; };
    const said = [];
    for (const name of ["header.top", "nav.pages", "form.filter", "noc-live", ".pager", ".not-printed"])
        if ([...document.querySelectorAll(name)].some(seen)) said.push(`${name} is printed`);
    const ground = getComputedStyle(document.body).backgroundColor;
    if (light(ground) < 0.95) said.push(`the ground is ${ground}`);
    for (const one of document.querySelectorAll("main :is(h1, h2, p, td, th, dd)")) {
        if (!seen(one)) continue;
        const ink = getComputedStyle(one).color;
        if (light(ink) > 0.62) said.push(`${one.tagName} is ${ink}: ${one.innerText.slice(0, 40)}`);
    }
    for (const one of document.querySelectorAll("main table.table")) {
        if (!seen(one)) continue;
        for (let box = one.parentElement; box && box.tagName !== "MAIN"; box = box.parentElement)
            if (getComputedStyle(box).overflowX !== "visible" && box.scrollWidth > box.clientWidth + 1)
                said.push(`a table is cut: ${one.innerText.slice(0, 40)}`);
        if (one.getBoundingClientRect().right > document.documentElement.clientWidth + 1)
            said.push(`a table is wider than the paper: ${one.innerText.slice(0, 40)}`);
    }
    return said;
}"""
"""What is wrong with a page in the style of paper: what is pressed, ink as light as the ground, tables cut off."""

A4_PX = 980
"""The width of a page on A4, landscape, with margins of a centimetre; half of it is the portrait's, which is scaled."""


@pytest.fixture
async def house(tmp_path: Path) -> AsyncIterator[Furnished]:
    async with furnished(tmp_path) as house:
        yield house


async def choose_dark(page: Page) -> None:
    """Keep the dark colours in this browser, as its menu does."""
    await page.emulate_media(color_scheme="dark")
    await page.evaluate("localStorage.setItem('noc-theme', 'dark')")


async def test_pages_are_printed_whole_and_dark_on_white(house: Furnished) -> None:
    """One house for both: it is slow to furnish."""
    await without_navigation_and_with_whole_tables(house)
    await what_is_closed_is_open_on_paper_alone(house)


async def without_navigation_and_with_whole_tables(house: Furnished) -> None:
    page, found = house.visit.page, {}
    where = addresses(house.names)
    await choose_dark(page)
    await page.set_viewport_size({"width": A4_PX, "height": 700})
    for name in PRINTED:
        await page.emulate_media(media="screen")
        await house.visit.go(where[name])
        assert await page.evaluate("document.documentElement.dataset.theme") == "dark"
        assert "header.top is printed" in await page.evaluate(ON_PAPER), "on the screen it is there, and dark"
        await page.emulate_media(media="print")
        found[name] = await page.evaluate(ON_PAPER)
    assert {name: said for name, said in found.items() if said} == {}


async def what_is_closed_is_open_on_paper_alone(house: Furnished) -> None:
    page = house.visit.page
    await page.emulate_media(media="screen")
    await house.visit.go(addresses(house.names)["incident"])
    folded = page.locator("main details#runbook")
    await folded.evaluate("one => { one.open = false; }")
    seen = """() => {
        const root = document.documentElement;
        const folded = [...document.querySelectorAll("main details:not([open])")];
        const closed = folded.filter(one => !one.closest("noc-chart"));
        window.printed = { closed: closed.length, theme: root.dataset.theme };
    }"""
    await page.evaluate(f"addEventListener('beforeprint', {seen})")
    paper = await page.pdf(format="A4")
    assert paper[:5] == b"%PDF-"
    assert await page.evaluate("window.printed") == {"closed": 0, "theme": "light"}
    assert re.search(rb"/Type\s*/Page\b", paper)
    assert await folded.get_attribute("open") is None
    assert await page.evaluate("document.documentElement.dataset.theme") == "dark"
