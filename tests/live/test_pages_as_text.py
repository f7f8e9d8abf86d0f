"""Pages as text, `?lite`, in a real browser without JavaScript: what they weigh, that they read well, that one acts."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator, Iterable
from pathlib import Path

import pytest
from aiohttp import ClientSession, CookieJar
from playwright.async_api import Page, expect

from tests.live import paged
from tests.live.browser import barriers
from tests.live.furnished import Furnished, furnished
from tests.views import LOADED_LATER, addresses, lacking

pytestmark = pytest.mark.live

SITES = 80
MOST = 50_000
"""Bytes of a page with all that it loads, not compressed."""

FOR_SCRIPTS = ("/problems/words", "/maintenance/impact")
"""Parts of pages that only a script asks for."""

HEAVY = re.compile(r"<(script|svg|img|canvas|noc-\w+|dialog|style)\b| (hx-\w+|style|on\w+)=", re.IGNORECASE)
LOADED = re.compile(r'<link[^>]* href="(/[^"]+)"')
FEW = ("/problems", "/incidents/1", "/sites/goma", "/devices/nairobi-rtr-1", "/availability", "/oncall", "/me")


@pytest.fixture
async def house(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Furnished]:
    more = [("africa", f"office-{n}", f"Office {n}", "field", "KE", "Africa/Nairobi", None) for n in range(6, SITES)]
    monkeypatch.setattr(paged, "PLACES", (*paged.PLACES, *more))
    async with furnished(tmp_path) as house:
        assert len(house.visit.house.inventory.sites) == SITES
        yield house


def pages(house: Furnished) -> list[str]:
    parts = [one for one in LOADED_LATER if one not in FOR_SCRIPTS and not lacking(one, house.names)]
    known = addresses({**house.names})
    known.pop("login")  # who is logged in goes on from there
    known.pop("mail-landed")  # is as it was sent
    return [*known.values(), *(one.format_map(house.names) for one in parts), "/nowhere"]


def as_text(path: str) -> str:
    return f"{path}{'&' if '?' in path else '?'}lite"


async def test_every_page_is_text_and_light(house: Furnished) -> None:
    found = []
    server = house.visit.house.server
    async with ClientSession(server.url, cookie_jar=CookieJar(unsafe=True)) as http:
        async with http.get("/", params={"token": house.visit.house.login_url.partition("token=")[2]}) as answer:
            assert answer.status == 200
        for path in pages(house):
            async with http.get(as_text(path)) as answer:
                text = await answer.text()
            weight = len(text.encode())
            for one in LOADED.findall(text):
                async with http.get(one) as answer:
                    weight += len(await answer.read())
            found += [f"{path}: {weight} bytes"] * (weight > MOST)
            found += [f"{path}: {one[0]}" for one in HEAVY.finditer(text)]
            found += [f"{path}: {text.count('<h1')} h1"] * (text.count("<h1") != 1)
    assert found == []


async def unfit(house: Furnished, paths: Iterable[str]) -> list[str]:
    page, found = house.visit.page, []
    await page.set_viewport_size({"width": 360, "height": 740})
    for number, path in enumerate(paths):
        await page.emulate_media(color_scheme="dark" if number % 2 else "light")
        await house.visit.go(as_text(path))
        width = await page.evaluate("document.documentElement.scrollWidth")
        found += [f"{path}: {width} px wide"] * (width > 360)
        found += await barriers(page)
    return found


async def test_text_is_fit_for_everybody(house: Furnished) -> None:
    assert await unfit(house, FEW) == []
    assert house.visit.said == []


@pytest.mark.slow
@pytest.mark.timeout(900)
async def test_every_page_as_text_is_fit_for_everybody(house: Furnished) -> None:
    assert await unfit(house, pages(house)) == []


async def without_scripts(house: Furnished) -> Page:
    context = await house.visit.browser.new_context(java_script_enabled=False)
    page = await context.new_page()
    await page.goto(house.visit.house.login_url + "&name=Amina+K.")
    return page


async def test_without_javascript_links_keep_the_text_and_one_acknowledges(house: Furnished) -> None:
    page = await without_scripts(house)
    await page.goto(house.visit.url("/problems?lite&zone=Africa/Nairobi"))
    await expect(page.get_by_text(re.compile(r"As of \d"))).to_contain_text("+03:00")
    row = page.locator("tr", has_text="goma-rtr-1")
    await row.get_by_role("button", name="Acknowledge").click()
    await expect(page.locator("tr", has_text="goma-rtr-1")).to_contain_text("Amina K.")
    await page.locator("tr", has_text="goma-rtr-1").get_by_role("link").first.click()
    await expect(page).to_have_url(house.visit.url("/incidents/1?zone=Africa/Nairobi&lite="))
    await expect(page.locator("main")).to_contain_text("Acknowledged")
    await page.get_by_role("link", name="Sites", exact=True).click()
    await expect(page.locator("main")).to_contain_text(f"1–25 of {SITES}")
    await page.get_by_role("link", name=f"{SITES - 25} more").click()
    await expect(page.locator("main")).to_contain_text(f"26–50 of {SITES}")
    await expect(page.locator("link[rel=stylesheet], script, svg")).to_have_count(1)


async def test_the_choice_is_kept_until_it_is_taken_back(house: Furnished) -> None:
    page = await without_scripts(house)
    await page.goto(house.visit.url("/sites/goma"))
    await page.get_by_label("You and this page").click()
    await page.get_by_role("button", name="Text alone, for a thin line").click()
    await expect(page).to_have_url(house.visit.url("/sites/goma"))
    await expect(page.locator("svg, script")).to_have_count(0)
    await page.get_by_role("link", name="Availability").last.click()
    await expect(page.get_by_role("link", name="The whole page")).to_be_visible()
    await page.goto(house.visit.url("/problems"))
    await expect(page.locator("svg, script")).to_have_count(0)
    await page.get_by_role("button", name="Pages with everything").click()
    assert await page.locator("script").count() > 0
