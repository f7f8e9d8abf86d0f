"""Every page in a real browser: what everybody must be able to read, on every screen."""

from __future__ import annotations

from collections.abc import AsyncIterator
from itertools import product
from pathlib import Path

import pytest
from playwright.async_api import expect

from noc.i18n.language import NATIVE
from noc.model.incident import Facts
from noc.state import incidents
from tests.live.browser import barriers
from tests.live.furnished import Furnished, furnished
from tests.live.visiting import Visit, visiting
from tests.views import BUDGET, BUDGETS, addresses

pytestmark = pytest.mark.live

STATES = (
    "/problems?state=resolved",
    "/problems?q=nothing-has-this-name",
    "/problems?q=severty:major+-owner:*&group=site&density=dense&told=1",
    "/search?q=nairobi",
    "/help?q=byte+budget",
    "/help?q=nothing-has-this-name",
    "/map?region=africa&state=down&site=goma",
    "/map?q=nothing-has-this-name",
    "/topology?site=goma",
    "/topology?q=rtr&to=goma",
    "/top?list=satellite&span=1h",
    "/devices/goma-rtr-1",
    "/devices/goma-rtr-1/why",
    "/devices/goma-rtr-1/configuration",
    "/availability?period=7d&region=africa",
    "/availability?target=99.99",
    "/corrections?entity=site/goma&period=7d",
    "/objectives?period=quarter&kind=circuit&region=africa",
    "/oncall?day=2027-03-28",
    "/nowhere",
)
"""Pages that look otherwise with something chosen, with nothing found, or because something is wrong."""

COMBINATIONS = tuple(product(("light", "dark"), ("en", "ar"), ("phone", "desk", "wall")))
SCREENS = {"phone": (360, 740), "desk": (1440, 900), "wall": (1920, 1080)}
TURN = 5
"""Has no divisor in common with the number of combinations: page after page, all of them come."""

LOADED = """() => [...performance.getEntriesByType("navigation"), ...performance.getEntriesByType("resource")]
    .reduce((sum, one) => sum + one.encodedBodySize, 0)"""
"""Bytes of the page and of all that it loaded, as they came, also those that were kept from before."""

MOVES = """() => {
    const lasting = one => getComputedStyle(one).transitionDuration.split(",").some(time => parseFloat(time) > 0);
    const moving = [...document.querySelectorAll("*")].filter(lasting).map(one => `${one.localName}.${one.className}`);
    return [...moving, ...document.getAnimations().map(one => `animation ${one.id}`)];
}"""
"""What moves, or would."""

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
async def house(tmp_path: Path) -> AsyncIterator[Furnished]:
    async with furnished(tmp_path, is_played=True) as house:
        yield house


@pytest.fixture
async def visit(tmp_path: Path) -> AsyncIterator[Visit]:
    async with visiting(tmp_path) as visit:
        yield visit


def pages(house: Furnished) -> list[str]:
    return [*addresses(house.names).values(), *STATES]


async def see_as(visit: Visit, scheme: str, tag: str, screen: str) -> None:
    width, height = SCREENS[screen]
    await visit.page.emulate_media(color_scheme="dark" if scheme == "dark" else "light")
    await visit.page.context.add_cookies([{"name": "noc_language", "value": tag, "url": visit.url("/")}])
    await visit.page.set_viewport_size({"width": width, "height": height})


async def unfit(visit: Visit, path: str, how: tuple[str, str, str]) -> list[str]:
    """Return what is wrong with a page for somebody with such a screen and language."""
    page = visit.page
    await see_as(visit, *how)
    await visit.go(path)
    assert await page.locator("h1").count() == 1, path
    found = [f"{how}: {said}" for said in await barriers(page)]
    width, most = await page.evaluate("document.documentElement.scrollWidth"), SCREENS[how[2]][0]
    if width > most:
        found.append(f"{path} as {how}: {width} of {most} px wide")
    loaded, budget = await page.evaluate(LOADED), BUDGETS.get(path.partition("?")[0].strip("/"), BUDGET)
    if loaded > budget:
        found.append(f"{path}: {loaded} of {budget} bytes")
    return found


@pytest.mark.timeout(380)
async def test_every_third_page_is_fit_for_everybody(house: Furnished) -> None:
    """Each once; over all of them with each screen, colours and language. All pages in all ways: the slow one below."""
    visit, found = house.visit, []
    seen: Facts = {"value": 97.2, "limit": 90.0, "unit": "percent"}
    over = await visit.house.open_incident("device/juba-fw-1", "cpu", "warning", visit.house.now_ms(), seen)
    async with visit.house.database.write() as connection:
        await incidents.resolve(connection, over.id, visit.house.now_ms(), None)
    for number, path in enumerate(pages(house)[::3]):
        found += await unfit(visit, path, COMBINATIONS[TURN * number % len(COMBINATIONS)])
    await see_as(visit, "light", "en", "desk")
    await visit.go("/problems")
    await visit.page.locator("#pick-all").check()
    await visit.page.get_by_label("You and this page").click()
    found += await barriers(visit.page)
    await visit.page.get_by_label("Keyboard shortcuts").click()
    found += await barriers(visit.page)
    assert found == []
    assert [said for said in visit.said if "404" not in said] == []


@pytest.mark.slow
@pytest.mark.timeout(900)
@pytest.mark.parametrize("how", COMBINATIONS, ids="-".join)
async def test_every_page_is_fit_in_every_combination(house: Furnished, how: tuple[str, str, str]) -> None:
    found = [said for path in pages(house) for said in await unfit(house.visit, path, how)]
    assert found == []


async def test_nothing_moves_for_who_wants_nothing_to_move(visit: Visit) -> None:
    await visit.page.emulate_media(reduced_motion="reduce")
    for path in ("/problems", "/map", "/devices/nairobi-rtr-1", "/wall"):
        await visit.go(path)
        assert await visit.page.evaluate(MOVES) == [], path


@pytest.mark.slow
async def test_on_a_phone_selects_show_their_words_and_ranges_fill_their_row(house: Furnished) -> None:
    page, cut = house.visit.page, []
    for path in pages(house):
        await house.visit.go(path)
        for width in (360, 390):
            await page.set_viewport_size({"width": width, "height": 844})
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


@pytest.mark.slow
@pytest.mark.timeout(900)
@pytest.mark.parametrize("tag", NATIVE)
async def test_no_page_is_wider_than_its_screen_nor_takes_words_apart(house: Furnished, tag: str) -> None:
    assert await too_wide(house, tag, pages(house)) == []


@pytest.mark.timeout(380)
async def test_every_third_page_keeps_long_words_whole(house: Furnished) -> None:
    """In Russian, which has the longest; others than those above."""
    assert await too_wide(house, "ru", pages(house)[1::3]) == []


async def too_wide(house: Furnished, tag: str, paths: list[str]) -> list[str]:
    visit, page, wide = house.visit, house.visit.page, []
    await page.context.add_cookies([{"name": "noc_language", "value": tag, "url": visit.url("/")}])
    theirs = [addresses(house.names)[view] for view in ("acknowledge", "mail-landed")]
    for path in paths:
        await visit.go(path)
        if path not in theirs:  # these speak the language of whom they were sent to
            await expect(page.locator(f"html[lang={tag}][dir={'rtl' if tag == 'ar' else 'ltr'}]")).to_have_count(1)
        for screen in (360, 820, 1100):
            await page.set_viewport_size({"width": screen, "height": 740})
            width = await page.evaluate("document.documentElement.scrollWidth")
            narrow = await page.evaluate(NARROW)
            if width > screen or narrow:
                wide.append(f"{path} at {screen}: {width}, {narrow}")
    return wide


async def test_a_part_of_a_page_that_has_nothing_takes_no_room(visit: Visit) -> None:
    await visit.go("/services")
    await expect(visit.page.locator("#switched")).to_be_hidden()
