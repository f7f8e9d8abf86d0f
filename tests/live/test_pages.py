"""The pages in a real browser: what people do with them, and live changes."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from playwright.async_api import Route, WebSocketRoute, expect

from noc.model.finding import Finding
from noc.model.incident import Notice
from noc.state import incidents, outbox
from tests.live.visiting import Visit, visiting

pytestmark = pytest.mark.live


@pytest.fixture
async def visit(tmp_path: Path) -> AsyncIterator[Visit]:
    async with visiting(tmp_path) as visit:
        yield visit


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
    await page.locator("#filter-text").fill("half a wo")
    await page.mouse.move(5, 5)
    await visit.house.open_incident("device/bangkok-rtr-1", "device-down", "major", visit.house.now_ms())
    await expect(page.locator("#incident-3")).to_be_visible()
    await expect(page).to_have_title("(3) Problems · noc")
    await expect(page.locator("#incident-2 input[data-pick]")).to_be_checked()
    await expect(page.locator("#picked")).to_be_visible()
    await expect(page.locator("#filter-text")).to_have_value("half a wo")
    await expect(page.locator("#filter-text")).to_be_focused()
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
    await page.get_by_role("button", name="Log in by token").click()
    await expect(page.get_by_role("alert")).to_contain_text("not known")
    await page.get_by_label("Token").fill(visit.house.server.gate.tokens.issue())
    await page.get_by_label("Your name").fill("Kofi")
    await page.get_by_role("button", name="Log in by token").click()
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


async def test_a_configuration_has_its_lines_and_shows_which_came_and_went(visit: Visit) -> None:
    page = visit.page
    await visit.go("/devices/nairobi-rtr-1/configuration?show=all")
    assert (await page.locator("pre").inner_text()).splitlines() == ["hostname nairobi", " secret <hidden>", "end"]
    await visit.go("/devices/nairobi-rtr-1/configuration")
    assert await page.locator("del").all_inner_texts() == ["-hostname nbo"]
    assert await page.locator("ins").all_inner_texts() == ["+hostname nairobi"]
    lines = (await page.locator("pre").inner_text()).splitlines()
    assert lines[-2:] == ["  secret <hidden>", " end"]


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


async def test_a_page_without_news_asks_and_says_how_old_it_is_after_two_questions_without_an_answer(
    visit: Visit,
) -> None:
    page, live = visit.page, visit.page.locator("noc-live")
    asked: list[str] = []

    async def stall(route: Route) -> None:
        asked.append(route.request.url)  # never answered: as by a daemon that stands still, or a line that is dead

    await page.route("**/healthz", stall)
    await page.clock.install()
    await page.reload()
    await expect(live).to_have_text("live")
    await page.clock.run_for(19_000)
    await expect(live).to_have_text("live")
    await page.clock.run_for(3_000)
    await expect(live).to_have_text(re.compile(r"^2\d s old$"))  # its clock goes on while it is looked at
    assert len(asked) == 2
    await page.unroute("**/healthz")
    await page.clock.run_for(9_000)
    await expect(live).to_have_text("live")
