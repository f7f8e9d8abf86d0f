"""The problem list in a real browser: it stands still for who is in it, is filtered, and takes many at once."""

from __future__ import annotations

import asyncio
import re
from collections.abc import AsyncIterator
from contextlib import suppress
from pathlib import Path

import pytest
from playwright.async_api import Error, Route, expect

from alerts import desk
from noc.model.incident import Fact
from noc.model.instants import from_ms
from noc.state import incidents
from tests.live.visiting import MINUTE_MS, Visit, visiting

pytestmark = pytest.mark.live


@pytest.fixture
async def visit(tmp_path: Path) -> AsyncIterator[Visit]:
    async with visiting(tmp_path) as visit:
        await expect(visit.page.locator("noc-live")).to_have_text("live")
        yield visit


async def order(visit: Visit) -> list[str | None]:
    return [await row.get_attribute("data-row") for row in await visit.page.locator("#problems tr[data-row]").all()]


async def test_rows_stand_still_under_the_pointer_and_new_ones_wait_behind_a_bar(visit: Visit) -> None:
    page, now = visit.page, visit.house.now_ms()
    await page.locator("#incident-2 th a").hover()
    before = await page.locator("#incident-2").bounding_box()
    await visit.house.open_incident("device/bangkok-rtr-1", "device-down", "critical", now)
    await expect(page.locator("#waiting")).to_contain_text("1 new")
    async with visit.house.database.write() as connection:
        await incidents.resolve(connection, 1, now, None)
    await visit.house.open_incident("device/geneva-rtr-1", "device-down", "critical", now)
    await expect(page.locator("#waiting")).to_contain_text("2 new")
    await expect(page.locator("#incident-1")).to_have_class(re.compile("is-over is-gone"))
    assert await order(visit) == ["1", "2"]
    after = await page.locator("#incident-2").bounding_box()
    assert before is not None
    assert after is not None
    assert abs(before["y"] - after["y"]) < 2
    assert await page.locator("#incident-2").evaluate("row => row.matches(':hover')")
    await page.mouse.move(5, 5)
    await expect(page.locator("#waiting")).to_be_hidden()
    assert await order(visit) == ["3", "4", "2"]
    assert visit.said == []


async def test_rows_stand_still_for_the_keyboard_until_the_bar_is_asked(visit: Visit) -> None:
    page = visit.page
    await page.keyboard.press("j")
    await page.keyboard.press("j")
    await visit.house.open_incident("device/bangkok-rtr-1", "device-down", "critical", visit.house.now_ms())
    await expect(page.locator("#waiting")).to_contain_text("1 new")
    await expect(page.locator("#incident-2 a[data-open]")).to_be_focused()
    assert await order(visit) == ["1", "2"]
    await page.locator("[data-release]").press("Enter")
    await expect(page.locator("#incident-3")).to_be_visible()
    await expect(page.locator("#waiting")).to_be_hidden()
    await expect(page.locator("#incident-3 a[data-open]")).to_be_focused()
    assert visit.said == []


async def test_many_are_acknowledged_at_once_and_each_says_what_became_of_it(visit: Visit) -> None:
    page, now = visit.page, visit.house.now_ms()
    for device in ("bangkok", "geneva", "brindisi"):
        await visit.house.open_incident(f"device/{device}-rtr-1", "device-down", "minor", now - 60 * MINUTE_MS)
    async with visit.house.database.write() as connection:
        await desk.acknowledge(connection, 3, now, "Kofi")
    await visit.go("/problems")
    await page.locator("#problems input[data-pick]").first.click()
    await page.locator("#incident-3 input[data-pick]").click(modifiers=["Shift"])
    await expect(page.locator("#picked-count")).to_have_text("5")
    async with visit.house.database.write() as connection:
        await incidents.resolve(connection, 2, now, None)
    await page.locator("#picked input[name=note]").fill("rain over Juba")
    await page.locator("#picked select[name=hours]").select_option("4")
    await page.locator("#picked button").click()
    await expect(page.locator("#told")).to_contain_text("3 are yours now: #1 #4 #5")
    await expect(page.locator("#told li").filter(has_text="#3")).to_contain_text("Kofi owns it; nothing was changed")
    await expect(page.locator("#told li").filter(has_text="#2")).to_contain_text("it is over since")
    await expect(page.locator("#picked")).to_be_hidden()
    await page.locator("#incident-3 input[data-pick]").click()
    await page.get_by_label("take over what others own").check()
    await page.locator("#picked button").click()
    await expect(page.locator("#told")).to_contain_text("1 is yours now: #3")
    async with visit.house.database.read() as connection:
        kept = await incidents.get(connection, 1)
    assert kept is not None
    assert kept.acknowledged_until_ms is not None
    assert 0 <= kept.acknowledged_until_ms - 240 * MINUTE_MS - now < 5 * MINUTE_MS
    assert visit.said == []


async def test_enter_in_the_note_takes_what_was_picked_and_not_the_first_row(visit: Visit) -> None:
    page = visit.page
    await page.locator("#incident-2 input[data-pick]").click()
    await page.locator("#picked input[name=note]").fill("rain over Juba")
    await page.keyboard.press("Enter")
    await expect(page.locator("#told")).to_contain_text("1 is yours now: #2")
    await expect(page.locator("#incident-1")).not_to_have_class(re.compile("is-handled"))
    assert visit.said == []


async def test_what_was_done_is_not_overwritten_by_a_list_that_was_asked_for_before(visit: Visit) -> None:
    """On a long line the list that a live page has just asked for comes after the answer to the deed."""
    page = visit.page
    asked, goes_on, gone = asyncio.Event(), asyncio.Event(), asyncio.Event()

    async def late(route: Route) -> None:
        answer = await route.fetch()  # made now: nobody owns 2 in it
        asked.set()
        await goes_on.wait()
        with suppress(Error):  # the page may wait for it no more
            await route.fulfill(response=answer)
        gone.set()

    await page.route("**/problems", late, times=1)
    await visit.house.open_incident("device/bangkok-rtr-1", "device-down", "critical", visit.house.now_ms())
    async with asyncio.timeout(20):
        await asked.wait()
    await page.locator("#incident-2 input[data-pick]").click()
    await page.locator("#picked input[name=note]").fill("rain over Juba")
    # The list is asked for anew after the deed, and not with its answer alone.
    anew = page.expect_response(lambda one: one.url.endswith("?told=2") and one.request.redirected_from is None)
    async with anew:
        await page.keyboard.press("Enter")
    await expect(page.locator("#told")).to_contain_text("1 is yours now: #2")
    goes_on.set()
    async with asyncio.timeout(20):
        await gone.wait()
    await visit.house.open_incident("device/geneva-rtr-1", "device-down", "critical", visit.house.now_ms())
    await expect(page.locator("#problems")).to_contain_text("geneva-rtr-1")
    await expect(page.locator("#told")).to_contain_text("1 is yours now: #2")
    assert visit.said == []


async def test_a_filter_is_written_chosen_and_taken_away(visit: Visit) -> None:
    page = visit.page
    field = page.locator("#filter-text")
    await field.fill("reg")
    await expect(page.locator("#filter-words option[value='region:']")).to_be_attached()
    await field.fill("region:afr")
    await expect(page.locator("#filter-words option[value='region:africa']")).to_be_attached()
    await field.fill("region:africa -owner:*")
    await field.press("Enter")
    await expect(page).to_have_url(visit.url("/problems?q=region:africa+-owner:*"))
    await expect(page.locator("#problems tr[data-row]")).to_have_count(2)
    await page.get_by_label("Severity", exact=True).select_option("major")
    await expect(page).to_have_url(visit.url("/problems?q=region:africa+-owner:*+severity:major"))
    await expect(page.locator("#problems tr[data-row]")).to_have_count(1)
    await page.get_by_label("Take region:africa out of the filter").click()
    await expect(page).to_have_url(visit.url("/problems?q=-owner:*+severity:major"))
    await visit.go("/problems?q=severity:loud+juba")
    await expect(page.locator("#filter-faults mark")).to_have_text("severity:loud")
    await expect(page.locator("#filter-faults")).to_contain_text("write one of critical, major, minor, warning")
    await expect(page.locator("#problems tr[data-row]")).to_have_count(1)
    assert visit.said == []


async def test_a_notice_on_a_phone_is_acknowledged_in_two_taps(visit: Visit) -> None:
    page = visit.page
    await page.set_viewport_size({"width": 390, "height": 844})
    await visit.go("/incidents/1")  # the first tap: the link of the notice
    button = page.locator("[data-acknowledge]")
    await expect(button).to_be_in_viewport(ratio=1)
    box = await button.bounding_box()
    assert box is not None
    assert box["y"] > 844 * 0.6  # at the thumb
    assert box["height"] >= 48
    assert box["width"] > 300
    await button.click()
    await expect(page.locator("#incident .tiles")).to_contain_text("acknowledged")
    assert visit.said == []


IN_ORDER_ON_PHONES = (".tiles", "#incident > form", "#charts", "#timeline-title", "#facts-title")


async def test_an_incident_shows_its_numbers_at_its_time(visit: Visit) -> None:
    page, now = visit.page, visit.house.now_ms()
    since = now - 3 * 60 * MINUTE_MS
    facts: dict[str, Fact] = {"runbook": "https://wiki.example.org/runbooks/reach", "status": "down"}
    one = await visit.house.open_incident("device/nairobi-rtr-1", "device-down", "major", since, facts)
    await page.set_viewport_size({"width": 1440, "height": 900})
    await visit.go(f"/incidents/{one.id}")
    chart = page.locator("noc-chart").filter(has_text="Round-trip time").first
    await expect(chart.locator("canvas")).to_be_in_viewport(ratio=1)
    await page.set_viewport_size({"width": 390, "height": 844})
    tops = [await page.locator(one).evaluate("it => it.getBoundingClientRect().top") for one in IN_ORDER_ON_PHONES]
    assert tops == sorted(tops)
    await chart.locator("summary").click()
    hours = "|".join(f"{from_ms(time_ms):%H}:" for time_ms in (since, since + 60 * MINUTE_MS))
    await expect(chart.locator("table tbody td").first).to_contain_text(re.compile(hours))
    await expect(page.get_by_role("link", name="https://wiki.example.org/runbooks/reach")).to_be_visible()
    assert visit.said == []


async def test_the_runbook_stays_as_its_reader_left_it_while_the_page_changes(visit: Visit) -> None:
    page, now = visit.page, visit.house.now_ms()
    facts: dict[str, Fact] = {"runbook": "/help/runbooks/devices#device-down", "status": "down"}
    one = await visit.house.open_incident("device/nairobi-rtr-1", "device-down", "major", now, facts)
    await visit.go(f"/incidents/{one.id}")
    text = page.locator("#runbook").get_by_text("It doesn't answer its liveness check")
    await expect(text).to_be_visible()
    await page.locator("#runbook summary").click()
    await expect(text).to_be_hidden()
    async with visit.house.database.write() as connection:
        await desk.note(connection, one.id, visit.house.now_ms(), "ann", "on my way")
    visit.house.hub.publish("incidents", {"id": one.id})
    await expect(page.locator("#incident")).to_contain_text("on my way")
    await expect(text).to_be_hidden()
    await page.locator("#runbook summary").click()
    await page.get_by_role("link", name="More runbooks of this kind").click()
    await expect(page.get_by_role("heading", name="device-down")).to_be_in_viewport()
    assert visit.said == []
