"""The pages of windows in a real browser: asked for, foreseen, approved by somebody else, taken from a carrier."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import timedelta
from itertools import cycle
from pathlib import Path

import pytest
from playwright.async_api import Page, expect

from noc.clock import SystemClock
from noc.model.window import WindowDecision
from noc.state import windows
from tests.live.browser import barriers, chromium, complaints_of
from tests.live.paged import House, paged_house

pytestmark = pytest.mark.live

HOSTILE = '"><img src=x onerror=alert(1)><script>document.title="owned"</script>'
HOUR = 3_600_000
HELD_BACK = re.compile(r"Nobody is called: it is in window 7 until Sun,? 1 Mar( 2026)?, 04:00 UTC")
"""With its year in other years."""


async def written(house: House) -> None:
    """One that is under way, one that comes again, one that waits, one that is rejected."""
    now = house.now_ms()
    first = WindowDecision(
        "site/goma", now - HOUR, 0, "requested", now - HOUR, now + HOUR, "", "UTC", (), "berta", HOSTILE
    )
    weekly = replace(first, start_ms=now + HOUR, end_ms=now + 2 * HOUR, rrule="FREQ=WEEKLY", zone="Africa/Nairobi")
    async with house.database.write() as connection:
        for asked in (first, weekly, replace(weekly, rrule=""), replace(weekly, entity="circuit/nbo-mpls")):
            await windows.request(connection, asked)
        await windows.approve(connection, 1, who="carl", now_ms=now - HOUR)
        await windows.approve(connection, 2, who="carl", why=HOSTILE, now_ms=now)
        await windows.reject(connection, 3, who="carl", now_ms=now)


async def fill(page: Page, entity: str, ahead: timedelta, long: timedelta) -> None:
    begin = SystemClock().now() + ahead
    await page.locator("[name=entity]").fill(entity)
    await page.locator("[name=from]").fill(f"{begin:%Y-%m-%dT%H:%M}")
    await page.locator("[name=to]").fill(f"{begin + long:%Y-%m-%dT%H:%M}")


async def test_windows_are_shown_as_text_and_for_everybody(tmp_path: Path) -> None:
    async with paged_house(tmp_path) as house, chromium() as browser:
        page = await browser.new_page(viewport={"width": 1440, "height": 900})
        said, found = complaints_of(page), []
        await page.goto(house.login_url)
        await page.goto(house.server.url + "/maintenance")
        await expect(page.locator("main")).to_contain_text("Nothing is planned.")
        await written(house)
        paths = (
            "/maintenance",
            "/maintenance?view=week&zone=Africa/Nairobi",
            "/maintenance/1",
            "/maintenance/2",
            "/maintenance/4",
        )
        for path, (scheme, width) in zip(paths, cycle((("light", 1440), ("dark", 820), ("light", 360))), strict=False):
            await page.emulate_media(color_scheme=scheme)  # type: ignore[arg-type]  # literals
            await page.set_viewport_size({"width": width, "height": 900})
            await page.goto(house.server.url + path)
            assert await page.locator("h1").count() == 1
            assert await page.evaluate("document.documentElement.scrollWidth <= innerWidth"), (path, width)
            found += await barriers(page)
        assert found == []
        await page.goto(house.server.url + "/maintenance?view=week")
        await expect(page.locator("#lane-1")).to_contain_text("under way")
        await expect(page.locator("[aria-labelledby=waiting-title] tbody tr")).to_contain_text(HOSTILE)
        assert await page.title() == "Maintenance · noc"
        await page.goto(house.server.url + "/maintenance/2")
        await page.get_by_role("button", name="Leave it out").click()
        await expect(page.locator(".story")).to_contain_text("without 1 of its times")
        assert said == []


async def test_what_noc_refuses_when_empty_the_browser_asks_for(tmp_path: Path) -> None:
    async with paged_house(tmp_path) as house, chromium() as browser:
        page = await browser.new_page(viewport={"width": 1440, "height": 900})
        await written(house)
        await page.goto(house.login_url)
        await page.goto(house.server.url + "/maintenance")
        await fill(page, "site/goma", timedelta(days=3), timedelta(hours=1))
        await page.get_by_role("button", name="Ask for it").click()
        await expect(page.locator("[name=why]:invalid")).to_be_focused()
        await page.get_by_role("button", name="What does it touch?").click()  # takes no reason
        await expect(page.locator("#impact")).to_contain_text("Notice")
        await page.goto(house.server.url + "/maintenance/1")
        await page.get_by_role("button", name="Shorten").click()
        await expect(page.locator("[name=when]:invalid")).to_be_focused()
        await page.get_by_role("button", name="End it now").click()  # takes no moment
        await expect(page.locator(".tiles")).to_contain_text("cancelled")


async def test_the_calendar_is_walked_filtered_and_told_in_a_zone(tmp_path: Path) -> None:
    async with paged_house(tmp_path) as house, chromium() as browser:
        page = await browser.new_page(viewport={"width": 1440, "height": 900})
        await written(house)
        await page.goto(house.login_url)
        await page.goto(house.server.url + "/maintenance")
        plans = page.locator("table.month a.plan")
        await expect(plans.filter(has_text="Goma").first).to_be_visible()
        await expect(page.locator("table.month .is-today a.plan.is-running")).to_contain_text("under way: ")
        await page.keyboard.press("j")
        await expect(plans.first).to_be_focused()
        await page.get_by_label("Region", exact=True).select_option("asia")
        await expect(page).to_have_url(re.compile("region=asia"))
        await expect(page.locator("[aria-labelledby=calendar-title]")).to_contain_text("Nothing fits this filter.")
        await page.get_by_role("link", name="Show all").click()
        await expect(page).not_to_have_url(re.compile("region="))
        await page.get_by_label("Time zone", exact=True).select_option("Asia/Bangkok")
        await expect(page.locator("[aria-labelledby=calendar-title]")).to_contain_text(
            "Times in Asia/Bangkok (UTC+07:00)"
        )
        title = await page.locator("#calendar-title").inner_text()
        await page.keyboard.press("]")
        await expect(page.locator("#calendar-title")).not_to_have_text(title)
        await expect(page).to_have_url(re.compile("zone=Asia"))
        await page.keyboard.press("[")
        await expect(page.locator("#calendar-title")).to_have_text(title)
        await page.goto(house.server.url + "/windows/1?x=1")
        await expect(page).to_have_url(house.server.url + "/maintenance/1?x=1")
        await page.goto(house.server.url + "/maintenance?site=nowhere")
        await expect(page.get_by_role("alert")).to_contain_text("No site is called nowhere")


async def test_what_is_still_down_after_its_window_is_overrun(tmp_path: Path) -> None:
    async with paged_house(tmp_path) as house, chromium() as browser:
        page = await browser.new_page(viewport={"width": 1440, "height": 900})
        now = house.now_ms()
        asked = WindowDecision(
            "site/goma", now - 5 * HOUR, 0, "requested", now - 3 * HOUR, now - HOUR, "", "UTC", (), "berta", "work"
        )
        async with house.database.write() as connection:
            await windows.request(connection, asked)
            await windows.approve(connection, 1, who="carl", now_ms=now - 4 * HOUR)
        await house.history("goma-rtr-1", [(now - 2 * HOUR, "down")])
        await page.goto(house.login_url)
        await page.goto(house.server.url + "/maintenance")
        await expect(page.get_by_role("alert")).to_contain_text("window 1 is over, and what went down in it still is")
        await page.get_by_role("link", name="window 1").first.click()
        await expect(page.locator(".tiles")).to_contain_text("overrun")


async def test_while_somebody_asks_the_page_says_what_is_cut_together_with_another(tmp_path: Path) -> None:
    async with paged_house(tmp_path) as house, chromium() as browser:
        page = await browser.new_page(viewport={"width": 390, "height": 844})
        await page.goto(house.login_url)
        await page.goto(house.server.url + "/maintenance")
        await page.locator("[name=entity]").fill("device/nairobi-rtr-1")
        await fill(page, "device/nairobi-rtr-1", timedelta(hours=4), timedelta(hours=2))
        await page.locator("[name=why]").focus()
        await expect(page.locator("#impact")).to_contain_text("1 site loses its only path: Nairobi")
        await expect(page.locator("#impact")).to_contain_text("devices that nobody reaches")
        await page.locator("[name=entity]").fill("site/narobi")
        await page.locator("[name=why]").focus()
        await expect(page.locator("#impact")).to_contain_text("did you mean")


async def test_an_incident_in_a_window_says_so(tmp_path: Path) -> None:
    async with paged_house(tmp_path) as house, chromium() as browser:
        page = await browser.new_page(viewport={"width": 1440, "height": 900})
        await page.goto(house.login_url)
        facts = {"status": "down", "window": 7, "window_until": "2026-03-01T04:00:00Z"}
        opened = await house.open_incident("device/goma-rtr-1", "device-down", "critical", house.now_ms(), facts)
        incident = opened.id
        await page.goto(house.server.url + "/problems")
        await expect(page.locator(f"#incident-{incident}")).to_contain_text("in window 7")
        await page.goto(f"{house.server.url}/incidents/{incident}")
        await expect(page.locator("main")).to_contain_text(HELD_BACK)


async def test_one_asks_another_approves_and_it_is_shortened(tmp_path: Path) -> None:
    async with paged_house(tmp_path) as house, chromium() as browser:
        page = await browser.new_page(viewport={"width": 1440, "height": 900})
        await page.goto(house.login_url)
        await page.goto(house.server.url + "/maintenance?entity=site/narobi")
        await fill(page, "site/narobi", timedelta(hours=4), timedelta(hours=2))
        await page.get_by_role("button", name="What does it touch?").click()
        await expect(page.get_by_role("alert")).to_contain_text("did you mean 'site/nairobi'?")
        await page.locator("[name=entity]").fill("device/nairobi-rtr-1")
        await page.get_by_role("button", name="What does it touch?").click()
        await expect(page.locator("[aria-labelledby=ask-title]")).to_contain_text("1 site loses its only path: Nairobi")
        await expect(page.locator("#impact")).to_contain_text("Notice: 3 h")
        await expect(page.locator("[aria-labelledby=ask-title]")).to_contain_text("The window is not for Nairobi")
        await page.locator("[name=why]").fill("new line card")
        await page.get_by_role("button", name="Ask for it").click()
        await expect(page.locator("h1")).to_contain_text("Window 1")
        await expect(page.locator("main")).to_contain_text("somebody else approves it")
        await page.get_by_label("You and this page").click()
        await page.get_by_label("Your name in timelines").fill("Berta")
        await page.get_by_role("button", name="Keep this name").click()
        await page.goto(house.server.url + "/maintenance/1")
        await page.get_by_role("button", name="Approve").click()
        await expect(page.locator(".tiles")).to_contain_text("approved")
        await page.locator("[name=when]").fill(f"{SystemClock().now() + timedelta(hours=5):%Y-%m-%dT%H:%M}")
        await page.get_by_role("button", name="Shorten").click()
        await expect(page.locator(".story")).to_contain_text("shortened Berta")
        await page.get_by_role("button", name="Cancel it").click()
        await expect(page.locator(".tiles")).to_contain_text("cancelled")


async def test_the_notice_of_a_carrier_is_taken_in(tmp_path: Path) -> None:
    begin = SystemClock().now() + timedelta(days=3)
    lines = (
        *(
            "BEGIN:VCALENDAR",
            "VERSION:2.0",
            "PRODID:-//c//EN",
            "BEGIN:VEVENT",
            "UID:1@c",
            f"SUMMARY:nbo-mpls {HOSTILE}",
        ),
        *(f"DTSTART:{begin:%Y%m%dT%H%M%SZ}", "DURATION:PT2H", "END:VEVENT", "END:VCALENDAR", ""),
    )
    async with paged_house(tmp_path) as house, chromium() as browser:
        page = await browser.new_page(viewport={"width": 1440, "height": 900})
        await page.goto(house.login_url)
        await page.goto(house.server.url + "/maintenance")
        content = "\r\n".join(lines).encode()
        await page.locator("[name=notice]").set_input_files(
            [{"name": "n.ics", "mimeType": "text/calendar", "buffer": content}]
        )
        await page.get_by_role("button", name="Take it in").click()
        await expect(page.locator("[aria-labelledby=notices-title] tbody")).to_contain_text("circuit/nbo-mpls")
        await expect(page.locator("[aria-labelledby=waiting-title] tbody")).to_contain_text(HOSTILE)
        await page.locator("[name=notice]").set_input_files(
            [{"name": "n.ics", "mimeType": "text/calendar", "buffer": b"hello"}]
        )
        await page.get_by_role("button", name="Take it in").click()
        await expect(page.get_by_role("alert")).to_contain_text("no iCalendar file")
