"""Every page in a real browser: what everybody must be able to read, on every screen."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from playwright.async_api import expect

from noc.model.incident import Facts
from noc.state import incidents
from tests.live.browser import barriers
from tests.live.visiting import Visit, visiting

pytestmark = pytest.mark.live

PAGES = (
    "/problems",
    "/problems?state=resolved",
    "/problems?q=nothing-has-this-name",
    "/problems?q=severty:major+-owner:*&group=site&density=dense&told=1",
    "/incidents/1",
    "/search",
    "/search?q=nairobi",
    "/problem-records",
    "/map",
    "/map?region=africa&state=down&site=goma",
    "/map?q=nothing-has-this-name",
    "/sites",
    "/sites/goma",
    "/services",
    "/top",
    "/topology",
    "/topology?site=goma",
    "/topology?q=rtr&to=goma",
    "/top?list=satellite&span=1h",
    "/devices/nairobi-rtr-1",
    "/devices/goma-rtr-1",
    "/devices/nairobi-rtr-1/why",
    "/devices/goma-rtr-1/why",
    "/circuits",
    "/circuits/nbo-mpls",
    "/circuits/nbo-mpls/why",
    "/devices/nairobi-rtr-1/configuration",
    "/devices/goma-rtr-1/configuration",
    "/availability",
    "/availability?period=7d&region=africa",
    "/availability?target=99.99",
    "/corrections",
    "/corrections?entity=site/goma&period=7d",
    "/objectives",
    "/objectives?period=quarter&kind=circuit&region=africa",
    "/oncall",
    "/oncall?day=2027-03-28",
    "/reports",
    "/reports/1",
    "/me",
    "/admin",
    "/admin/tokens",
    "/admin/roles",
    "/audit",
    "/system",
    "/discovery",
    "/discovery/drift",
    "/mailbox/0001",
    "/mailbox",
    "/nowhere",
)
CUT = """() => [...document.querySelectorAll("select, .switch, .figures td[data-label]")].flatMap(one => {
    if (!one.offsetWidth) return [];
    if (one.matches(".switch")) {
        const gap = one.getBoundingClientRect().right - one.lastElementChild.getBoundingClientRect().right;
        return gap > 2 ? [`${one.ariaLabel}: ${gap} px are empty`] : [];
    }
    if (one.matches("td")) {
        const beyond = one.closest(".panel").getBoundingClientRect().right - one.getBoundingClientRect().right;
        const lacks = one.scrollWidth - one.clientWidth;
        if (beyond < 0 || lacks > 0) return [`${one.innerText}: ${-beyond} px beyond, ${lacks} px are cut off`];
        return one.offsetHeight > 40 ? [`${one.innerText}: ${one.offsetHeight} px high`] : [];
    }
    const whole = one.cloneNode(true);
    whole.style.cssText = "position: absolute; inline-size: max-content !important";
    one.parentElement.append(whole);
    const lacks = whole.offsetWidth - one.offsetWidth;
    whole.remove();
    return lacks > 0 ? [`${one.ariaLabel}: ${lacks} px are cut off`] : [];
})"""
"""What is cut off, or empty, in words."""

NARROW = """() => {
    const isNarrow = one => one.offsetWidth && one.offsetWidth < 80;
    const heads = [...document.querySelectorAll(".table tbody th")].filter(isNarrow);
    const links = [...document.querySelectorAll(".brand, .pages a")].filter(one => {
        const text = document.createRange();
        text.selectNode(one.lastChild);
        return text.getClientRects().length > 1;
    });
    return [...heads, ...links].map(one => one.innerText);
}"""
"""The heads of rows that are so narrow that words are taken apart, and the names of pages that take two lines."""


@pytest.fixture
async def visit(tmp_path: Path) -> AsyncIterator[Visit]:
    async with visiting(tmp_path) as visit:
        yield visit


@pytest.mark.parametrize("scheme", ["light", pytest.param("dark", marks=pytest.mark.slow)])
async def test_every_page_is_fit_for_everybody(visit: Visit, scheme: str) -> None:
    page, found = visit.page, []
    seen: Facts = {"value": 97.2, "limit": 90.0, "unit": "percent"}
    over = await visit.house.open_incident("device/juba-fw-1", "cpu", "warning", visit.house.now_ms(), seen)
    async with visit.house.database.write() as connection:
        await incidents.resolve(connection, over.id, visit.house.now_ms(), None)
    await page.emulate_media(color_scheme="dark" if scheme == "dark" else "light")
    for path in PAGES:
        await visit.go(path)
        assert await page.locator("h1").count() == 1, path
        found += await barriers(page)
    await visit.go("/problems")
    await page.locator("#pick-all").check()
    await page.get_by_label("You and this page").click()
    found += await barriers(page)
    await page.get_by_label("Keyboard shortcuts").click()
    found += await barriers(page)
    assert found == []
    assert [said for said in visit.said if "404" not in said] == []


async def test_on_a_phone_selects_show_their_words_and_ranges_fill_their_row(visit: Visit) -> None:
    page, cut = visit.page, []
    for width in (360, 390):
        await page.set_viewport_size({"width": width, "height": 844})
        for path in PAGES:
            await visit.go(path)
            cut += [f"{width}: {path}: {said}" for said in await page.evaluate(CUT)]
    assert cut == []


async def test_on_a_phone_the_chosen_mail_stands_before_the_others(visit: Visit) -> None:
    page = visit.page
    await page.set_viewport_size({"width": 390, "height": 844})
    await visit.go("/mailbox/0001")
    chosen, others = await page.locator("pre").bounding_box(), await page.locator("#mails").bounding_box()
    assert chosen is not None
    assert others is not None
    assert chosen["y"] < others["y"]
    await visit.go("/mailbox")
    await expect(page.get_by_text("Choose a message")).not_to_be_visible()


@pytest.mark.parametrize("tag", ["ru", *(pytest.param(tag, marks=pytest.mark.slow) for tag in ("ar", "en"))])
async def test_no_page_is_wider_than_its_screen_nor_takes_words_apart(visit: Visit, tag: str) -> None:
    page, wide = visit.page, []
    await page.context.add_cookies([{"name": "noc_language", "value": tag, "url": visit.url("/")}])
    for path in PAGES:
        await visit.go(path)
        await expect(page.locator(f"html[lang={tag}][dir={'rtl' if tag == 'ar' else 'ltr'}]")).to_have_count(1)
        for screen in (360, 820, 1100):
            await page.set_viewport_size({"width": screen, "height": 740})
            width = await page.evaluate("document.documentElement.scrollWidth")
            narrow = await page.evaluate(NARROW)
            if width > screen or narrow:
                wide.append(f"{path} at {screen}: {width}, {narrow}")
    assert wide == []


async def test_a_part_of_a_page_that_has_nothing_takes_no_room(visit: Visit) -> None:
    await visit.go("/services")
    await expect(visit.page.locator("#switched")).to_be_hidden()
