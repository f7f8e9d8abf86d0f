"""The pages in a real browser: what people do with them, live changes, and what everybody must be able to read."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from playwright.async_api import Browser, Page, WebSocketRoute, expect

from noc.model.finding import Finding
from noc.model.incident import Facts, Notice
from noc.reports.frame.asked import Asked
from noc.state import configurations, incidents, outbox
from noc.state.configurations import Fetched
from tests.live.browser import barriers, chromium, complaints_of
from tests.live.paged import House, paged_house, snapshot_of

pytestmark = pytest.mark.live

MINUTE_MS = 60_000
PAGES = (
    "/problems",
    "/problems?state=resolved",
    "/problems?q=nothing-has-this-name",
    "/incidents/1",
    "/problem-records",
    "/sites",
    "/sites/goma",
    "/services",
    "/top",
    "/top?list=satellite&span=1h",
    "/devices/nairobi-rtr-1",
    "/devices/goma-rtr-1",
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

COPIES = (
    Fetched("hostname nbo\n secret <hidden>\nend\n", b"1", None, "amina"),
    Fetched("hostname nairobi\n secret <hidden>\nend\n", b"2", None, "kofi"),
)

MAIL = """\
From: noc <noc@example.org>
To: desk@example.org
Subject: Goma is down
Date: Sat, 21 Nov 2026 10:04:05 +0000

<script>document.title = "hostile"</script> See http://127.0.0.1/incidents/1
"""


@dataclass
class Visit:
    """Somebody who has logged in. said: what the pages complained of."""

    house: House
    browser: Browser
    page: Page
    said: list[str]

    def url(self, path: str) -> str:
        return self.house.server.url + path

    async def go(self, path: str) -> None:
        await self.page.goto(self.url(path))


@pytest.fixture
async def visit(tmp_path: Path) -> AsyncIterator[Visit]:
    """A house with two problems, and a browser that has logged in as Amina."""
    mailbox = tmp_path / "mail"
    mailbox.mkdir()
    (mailbox / "0001.eml").write_text(MAIL)
    async with paged_house(tmp_path, simulated=True, mailbox=mailbox) as house, chromium() as browser:
        now = house.now_ms()
        await house.history("goma-rtr-1", [(now - 40 * MINUTE_MS, "down")])
        await house.open_incident("device/goma-rtr-1", "device-down", "critical", now - 40 * MINUTE_MS)
        await house.open_incident("device/juba-modem-1", "terminal-down", "major", now - 3 * 60 * MINUTE_MS)
        router = house.inventory.devices["nairobi-rtr-1"]
        house.present.keep(router.entity, snapshot_of(router))
        await house.numbers("nairobi-rtr-1")
        async with house.database.write() as connection:
            for copy in COPIES:
                await configurations.keep(connection, "nairobi-rtr-1", copy, now, 10)
        reports = house.server._sources.reports
        assert reports is not None
        await reports.issue(Asked(report="availability", period="7d"))
        page = await browser.new_page(viewport={"width": 1440, "height": 900})
        said = complaints_of(page)
        await page.goto(house.login_url + "&name=Amina+K.")
        yield Visit(house, browser, page, said)


async def test_a_token_opens_the_problem_list_with_what_nobody_owns_first(visit: Visit) -> None:
    page = visit.page
    await expect(page).to_have_url(visit.url("/problems"))
    await expect(page).to_have_title("(2) Problems · noc")
    await expect(page.locator("tr[id^=incident-]")).to_have_count(2)
    await expect(page.locator("tr[id^=incident-]").first).to_contain_text("Device down")
    await expect(page.locator("tr[id^=incident-]").first).to_contain_text("critical")
    await expect(page.locator(".simulated")).to_contain_text("SIMULATED")
    await expect(page.locator("noc-live")).to_have_text("live")
    assert visit.said == []


async def test_what_changes_arrives_without_a_reload_and_leaves_the_reader_alone(visit: Visit) -> None:
    page = visit.page
    await expect(page.locator("noc-live")).to_have_text("live")
    await page.evaluate("window.stillTheSame = true")
    await page.locator("#incident-2 input[data-pick]").check()
    await page.locator("input[type=search]").fill("half a wo")
    await visit.house.open_incident("device/bangkok-rtr-1", "device-down", "major", visit.house.now_ms())
    await expect(page.locator("#incident-3")).to_be_visible()
    await expect(page).to_have_title("(3) Problems · noc")
    await expect(page.locator("#incident-2 input[data-pick]")).to_be_checked()
    await expect(page.locator("#picked")).to_be_visible()
    await expect(page.locator("input[type=search]")).to_have_value("half a wo")
    await expect(page.locator("input[type=search]")).to_be_focused()
    assert await page.evaluate("window.stillTheSame")
    assert visit.said == []


async def test_acknowledging_from_the_list_says_who_owns_it(visit: Visit) -> None:
    page = visit.page
    await page.locator("#incident-2 input[data-pick]").check()
    await page.locator("#incident-1 [data-acknowledge]").click()
    await expect(page.locator("#incident-1")).to_contain_text("Amina K.")
    await expect(page.locator("#incident-1 [data-acknowledge]")).to_have_count(0)
    await expect(page).to_have_url(visit.url("/problems"))
    await expect(page.locator("#incident-2")).to_contain_text("nobody")  # picked, and that alone is no word
    await visit.go("/incidents/1")
    await expect(page.locator(".story")).to_contain_text("Acknowledged Amina K.")
    assert visit.said == []


async def test_the_keyboard_does_it_too_and_picked_ones_go_together(visit: Visit) -> None:
    page = visit.page
    await page.keyboard.press("j")
    await expect(page.locator("#incident-1 a[data-open]")).to_be_focused()
    await page.keyboard.press("j")
    await page.keyboard.press("x")
    await page.keyboard.press("k")
    await page.locator("#incident-1 input[data-pick]").check()
    await expect(page.locator("#picked-count")).to_have_text("2")
    await page.locator("#picked input[name=note]").fill("rain over Juba")
    await page.locator("#picked button").click()
    await expect(page.locator("tbody [data-acknowledge]")).to_have_count(0)
    await page.locator("#incident-2 a[data-open]").click()
    await expect(page.locator(".story blockquote")).to_have_text("rain over Juba")
    await page.keyboard.press("?")
    await expect(page.locator("#keys")).to_be_visible()


async def test_a_deep_link_works_when_logged_out(visit: Visit) -> None:
    context = await visit.browser.new_context()
    page = await context.new_page()
    await page.goto(visit.url("/incidents/2"))
    await expect(page.locator("h1")).to_have_text("Log in")
    await page.get_by_label("Token").fill("wrong")
    await page.get_by_role("button", name="Log in").click()
    await expect(page.get_by_role("alert")).to_contain_text("not known")
    await page.get_by_label("Token").fill(visit.house.server.gate.tokens.issue())
    await page.get_by_label("Your name").fill("Kofi")
    await page.get_by_role("button", name="Log in").click()
    await expect(page).to_have_url(visit.url("/incidents/2"))
    await page.locator("[data-acknowledge]").click()
    await expect(page.locator(".story")).to_contain_text("Acknowledged Kofi")
    await context.close()


async def test_notes_and_resolving_by_hand_stand_in_the_timeline(visit: Visit) -> None:
    page = visit.page
    async with visit.house.database.write() as connection:
        notice = Notice(0, "k", 1, 1, "Nairobi desk", "email", "page", visit.house.now_ms(), "dead", error="550 <b>no")
        await outbox.put(connection, [notice])
    await visit.go("/incidents/1")
    await expect(page.get_by_role("row", name="Nairobi desk")).to_contain_text("given up")
    await expect(page.get_by_role("row", name="Nairobi desk")).to_contain_text("550 <b>no")
    await page.get_by_label("What was seen or done").fill("<img src=x onerror=alert(1)>\nsecond line")
    await page.get_by_role("button", name="Add the note").click()
    await expect(page.locator(".story blockquote")).to_contain_text("<img src=x onerror=alert(1)>")
    await page.get_by_role("button", name="Resolve by hand").click()
    await expect(page.locator("#incident .tiles")).to_contain_text("resolved")
    await expect(page.locator(".story li").last).to_contain_text("by hand")
    assert visit.said == []


async def test_a_device_has_charts_with_a_table_and_ranges_in_the_address(visit: Visit) -> None:
    page = visit.page
    await visit.go("/devices/nairobi-rtr-1")
    traffic = page.locator("noc-chart").filter(has_text="Gi0/0: Traffic")
    await expect(traffic.locator("canvas")).to_be_visible()
    await expect(traffic.locator(".u-legend")).to_contain_text("Mbit/s")
    await traffic.locator("summary").click()
    await expect(traffic.locator("tbody tr").first).to_contain_text("Mbit/s")
    await expect(traffic.locator("tbody tr").nth(50)).to_be_attached()
    await page.get_by_role("link", name="1h", exact=True).click()
    await expect(page).to_have_url(visit.url("/devices/nairobi-rtr-1?range=1h"))
    await expect(page.get_by_role("link", name="1h", exact=True)).to_have_attribute("aria-current", "true")
    # Polls come each five minutes: twelve in an hour, where six hours had more than fifty.
    await expect(traffic.locator("tbody tr").nth(12)).to_have_count(0)
    await page.get_by_role("link", name="Gi0/1").click()
    await expect(page.locator("noc-chart").filter(has_text="Gi0/1: Traffic").locator("canvas")).to_be_visible()
    await page.get_by_role("link", name="CPU").click()
    await expect(page.get_by_role("heading", name="Interfaces")).to_be_visible()
    assert visit.said == []


async def test_a_page_tells_that_it_is_old_and_finds_back(visit: Visit) -> None:
    page, live = visit.page, visit.page.locator("noc-live")
    await expect(live).to_have_text("live")
    is_cut = True

    async def cut(socket: WebSocketRoute) -> None:
        if is_cut:
            await socket.close()
        else:
            socket.connect_to_server()

    await page.route_web_socket("**/live?**", cut)
    await page.reload()
    await expect(live).to_have_attribute("data-state", "old")
    await expect(live).to_contain_text("old")
    await visit.house.open_incident("device/bangkok-rtr-1", "device-down", "major", visit.house.now_ms())
    is_cut = False
    await expect(live).to_have_text("live", timeout=15_000)
    await expect(page.locator("#incident-3")).to_be_visible()


async def test_a_failed_reload_is_told_on_every_page(visit: Visit) -> None:
    text = "device 'nbo-rtr-1': unknown profile 'cisco-iosxz'"
    visit.house.findings.append(Finding("config/inventory/sites.yaml", 42, 7, "error", text))
    for path in ("/problems", "/sites", "/availability"):
        await visit.go(path)
        await expect(visit.page.get_by_role("alert")).to_contain_text(f"sites.yaml:42:7: error: {text}")
        box = await visit.page.get_by_role("alert").bounding_box()
        assert box is not None
        assert box["height"] < 100  # told, and out of the way


async def test_a_chosen_colour_is_kept(visit: Visit) -> None:
    page = visit.page
    await page.get_by_label("You and this page").click()
    await page.get_by_label("Colours").select_option("dark")
    await visit.go("/sites")
    assert await page.evaluate("document.documentElement.dataset.theme") == "dark"
    assert await page.evaluate("getComputedStyle(document.body).backgroundColor") == "rgb(13, 17, 23)"


@pytest.mark.parametrize("scheme", ["light", "dark"])
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


async def test_what_could_not_be_done_is_told(visit: Visit) -> None:
    page = visit.page
    await expect(page.locator("noc-live")).to_have_text("live")
    await visit.house.database.stop()
    await page.locator("#incident-1 [data-acknowledge]").click()
    await expect(page.locator("#failed")).to_contain_text("may not have been done")
    await expect(page.locator("#failed")).to_contain_text("503")
    await visit.house.database.start()
    await page.locator("#incident-1 [data-acknowledge]").click()
    await expect(page.locator("#incident-1")).to_contain_text("Amina K.")
    await expect(page.locator("#failed")).not_to_be_visible()


async def test_who_acknowledges_what_was_resolved_meanwhile_sees_that_it_is_over(visit: Visit) -> None:
    page = visit.page
    await visit.go("/incidents/1")
    await page.route("**/live?**", lambda route: route.abort())
    async with visit.house.database.write() as connection:
        await incidents.resolve(connection, 1, visit.house.now_ms(), None)
    await page.locator("[data-acknowledge]").click()
    await expect(page.locator("#incident .tiles")).to_contain_text("resolved")
    await expect(page.locator("[data-acknowledge]")).to_have_count(0)


@pytest.mark.parametrize("direction", ["ltr", "rtl"])
async def test_no_page_is_wider_than_its_screen_nor_takes_words_apart(visit: Visit, direction: str) -> None:
    page, wide = visit.page, []
    for path in PAGES:
        await visit.go(path)
        await page.evaluate("direction => { document.documentElement.dir = direction; }", direction)
        for screen in (360, 820, 1100):
            await page.set_viewport_size({"width": screen, "height": 740})
            width = await page.evaluate("document.documentElement.scrollWidth")
            narrow = await page.evaluate(NARROW)
            if width > screen or narrow:
                wide.append(f"{path} at {screen}: {width}, {narrow}")
    assert wide == []


async def test_a_configuration_has_its_lines_and_shows_which_came_and_went(visit: Visit) -> None:
    page = visit.page
    await visit.go("/devices/nairobi-rtr-1/configuration?show=all")
    assert (await page.locator("pre").inner_text()).splitlines() == ["hostname nairobi", " secret <hidden>", "end"]
    await visit.go("/devices/nairobi-rtr-1/configuration")
    assert await page.locator("del").all_inner_texts() == ["-hostname nbo"]
    assert await page.locator("ins").all_inner_texts() == ["+hostname nairobi"]
    lines = (await page.locator("pre").inner_text()).splitlines()
    assert lines[-2:] == ["  secret <hidden>", " end"]


async def test_a_part_of_a_page_that_has_nothing_takes_no_room(visit: Visit) -> None:
    await visit.go("/services")
    await expect(visit.page.locator("#switched")).to_be_hidden()


async def test_what_fetches_itself_anew_is_not_dimmed(visit: Visit) -> None:
    button = visit.page.locator("#incident-1 [data-acknowledge]")
    await visit.page.locator("#problems").evaluate("one => one.classList.add('htmx-request')")
    await expect(button).to_have_css("opacity", "1")
    await button.evaluate("one => one.classList.add('htmx-request')")
    await expect(button).to_have_css("opacity", "0.6")


async def test_a_mail_is_text_and_no_part_of_the_page(visit: Visit) -> None:
    await visit.go("/mailbox/0001")
    await expect(visit.page.locator("pre")).to_contain_text("<script>document.title")
    await expect(visit.page).to_have_title("Mailbox · noc")
