"""Numbers on pages, in a real browser: charts with gaps and bands, the highest of the fleet, the lines of a site."""

from __future__ import annotations

import math
import re
from collections.abc import AsyncIterator
from datetime import datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from playwright.async_api import Browser, Page, expect

from noc.i18n.language import language
from noc.model.samples import Samples
from tests.live.browser import barriers, chromium, complaints_of
from tests.live.paged import House, paged_house, snapshot_of
from tests.stores import put

pytestmark = pytest.mark.live

MINUTE = timedelta(minutes=1)
NAMED = ("in_bps", "out_bps", "in_pct", "out_pct", "in_errors_ps")
TAGS = ("device", "site", "region", "ifName")
HOSTILE = '<img src=x onerror="document.title=1">'


async def fleet(house: House) -> None:
    """Write half an hour of traffic of all routers, the first the busiest; one interface has a name that bites."""
    now = house.clock.now().replace(microsecond=0)
    routers = [one for one in house.inventory.devices.values() if one.device_class == "router"]
    batch = []
    for number, router in enumerate(routers):
        house.present.keep(router.entity, snapshot_of(router))
        region = house.inventory.sites[router.site].region
        for minute in range(1, 30, 5):
            for name, load in (("Gi0/0", 96 - 13 * number), ("Gi0/1", 31 - 4 * number), (HOSTILE, 3)):
                speed = 1e7 if name == "Gi0/0" else 1e9
                row = (speed * load / 100, speed * load / 300, float(load), load / 3, 0.5 * (number == 1))
                tags = (router.id, router.site, region, name)
                batch.append(Samples("interface", now - minute * MINUTE, TAGS, NAMED, (tags,), (row,)))
            modem = (f"{router.site}-modem-1", router.site, region)
            signal = (12.5 - 1.9 * number,)
            batch.append(Samples("noc_satellite", now - minute * MINUTE, TAGS[:3], ("es_n0_db",), (modem,), (signal,)))
    await put(house.store, batch)


async def month(house: House, device: str) -> None:
    """Write thirty days of round-trip times each ten minutes, with a gap of two days."""
    now = house.clock.now().replace(microsecond=0)
    fields, batch = ("average_response_ms", "maximum_response_ms", "percent_packet_loss"), []
    for step in range(30 * 144):
        if 10 * 144 < step < 12 * 144:
            continue
        phase = step / 144 * 2 * math.pi
        rtt = 48 + 14 * math.sin(phase) + (step * 7919 % 29)
        row = (rtt, rtt + 20, 0.0)
        batch.append(Samples("ping", now - step * 10 * MINUTE, ("device", "url"), fields, ((device, "::"),), (row,)))
    await put(house.store, batch)


@pytest.fixture
async def house(tmp_path: Path) -> AsyncIterator[House]:
    async with paged_house(tmp_path) as house:
        yield house


@pytest.fixture
async def browser() -> AsyncIterator[Browser]:
    async with chromium() as found:
        yield found


async def visitor(house: House, browser: Browser, width: int = 1440) -> tuple[Page, list[str]]:
    page = await browser.new_page(viewport={"width": width, "height": 900})
    said = complaints_of(page)
    await page.goto(house.login_url)
    return page, said


async def test_the_highest_of_the_fleet_on_a_page(house: House, browser: Browser) -> None:
    await fleet(house)
    page, said = await visitor(house, browser)
    await page.keyboard.press("g")
    await page.keyboard.press("t")
    await expect(page).to_have_url(house.server.url + "/top")
    rows = page.locator(".toplist tbody tr")
    await expect(rows).to_have_count(18)
    await expect(rows.first).to_contain_text("nairobi-rtr-1")
    await expect(rows.first).to_contain_text("96 %")
    await expect(rows.first).to_contain_text("9.60 Mbit/s of 10 Mbit/s")
    await expect(rows.first.locator("meter.is-loud")).to_be_visible()
    await expect(page.locator(".pager")).to_contain_text("the first 18 of 18")
    await page.locator("select[name=region]").select_option("asia")
    await expect(rows).to_have_count(3)
    await page.locator("select[name=list]").select_option("satellite")
    await expect(page.locator("h1")).to_have_text("Weakest satellite links")
    await expect(rows.first).to_contain_text("bangkok-modem-1")
    await page.locator("select[name=list]").select_option("errors")
    await expect(page.locator("main")).to_contain_text("All 3 are at zero in this time.")
    await page.locator("nav.switch a", has_text="6h").click()
    await expect(page.locator("select[name=list]")).to_have_value("errors")
    assert await barriers(page) == []
    assert said == []


async def test_a_device_opens_at_the_interface_that_is_busy(house: House, browser: Browser) -> None:
    await fleet(house)
    page, said = await visitor(house, browser, 390)
    await page.goto(house.server.url + "/top")
    assert await page.evaluate("document.documentElement.scrollWidth") <= 390
    await page.locator(".toplist a[data-open]").first.click()
    await expect(page.locator("noc-chart h3").first).to_contain_text("Gi0/0: Traffic")
    assert said == []


async def test_a_site_shows_how_full_its_lines_are(house: House, browser: Browser) -> None:
    await fleet(house)
    page, said = await visitor(house, browser)
    await page.goto(house.server.url + "/sites/nairobi")
    line = page.locator("#numbers tr", has_text="Nairobi to Brindisi, MPLS")
    await expect(line).to_contain_text("9.60 Mbit/s 96 %")
    await expect(page.locator("#numbers .toplist tbody tr")).to_have_count(3)
    assert await barriers(page) == []
    assert said == []


async def test_a_chart_of_a_month_has_a_band_a_gap_and_small_print(house: House, browser: Browser) -> None:
    await month(house, "goma-rtr-1")
    page, said = await visitor(house, browser)
    await page.goto(house.server.url + "/devices/goma-rtr-1?range=30d")
    chart = page.locator("noc-chart").first
    await expect(chart.locator("canvas")).to_be_visible()
    fine = chart.locator("[data-fine]")
    await expect(fine).to_have_text("mean of 2 h, band from least to greatest · 93 % complete")
    await expect(chart.locator(".u-legend .u-series:visible")).to_have_count(3)
    await chart.locator("summary").click()
    await expect(chart.locator("tr.is-gap")).to_have_count(1)
    await expect(chart.locator("tr.is-gap")).to_contain_text("no numbers for 46 h")
    assert await barriers(page) == []
    assert said == []


async def test_polls_each_five_minutes_are_no_gaps_and_a_missing_one_is(house: House, browser: Browser) -> None:
    await house.numbers("nairobi-rtr-1")
    house.present.keep("device/nairobi-rtr-1", snapshot_of(house.inventory.devices["nairobi-rtr-1"]))
    page, said = await visitor(house, browser)
    await page.goto(house.server.url + "/devices/nairobi-rtr-1?range=6h&interface=Gi0/0")
    chart = page.locator("noc-chart", has_text="Gi0/0: Traffic")
    await expect(chart.locator("[data-fine]")).to_contain_text("measured every 5 min")
    await chart.locator("summary").click()
    await expect(chart.locator("tr.is-gap")).to_have_count(1)
    await expect(chart.locator("tr.is-gap")).to_contain_text("no numbers for 25 min")
    assert said == []


async def test_axis_table_and_clock_are_in_the_zone_that_one_chooses(house: House, browser: Browser) -> None:
    await month(house, "goma-rtr-1")
    page, said = await visitor(house, browser)
    await page.goto(house.server.url + "/devices/goma-rtr-1?range=6h")
    chart = page.locator("noc-chart").first
    await expect(chart.locator(".u-legend .u-label").first).to_have_text("UTC")
    await page.get_by_label("You and this page").click()
    await page.locator("#zone").select_option("site")
    await page.get_by_role("button", name="Read times in this zone").click()
    await expect(page).to_have_url(house.server.url + "/devices/goma-rtr-1?range=6h&zone=site")
    await expect(page.locator("#clock-zone")).to_have_text("UTC+2")
    await expect(chart.locator(".u-legend .u-label").first).to_have_text("Africa/Lubumbashi")
    await chart.locator("summary").click()
    await expect(chart.locator("thead th").first).to_have_text("Africa/Lubumbashi")
    newest = await chart.locator("tbody tr td").first.inner_text()
    there = house.clock.now().astimezone(ZoneInfo("Africa/Lubumbashi"))
    day, clock = newest.split(", ")
    shown = datetime.strptime(f"{there:%Y-%m-%d} {clock}", "%Y-%m-%d %H:%M:%S %z")
    assert day in {language("en").dates.day(there - back, year=False) for back in (timedelta(0), timedelta(days=1))}
    assert timedelta(0) <= (there - shown) % timedelta(days=1) < timedelta(minutes=15)
    assert newest.endswith("+02:00")
    await page.locator("nav.switch a", has_text="24h").click()
    await expect(page).to_have_url(house.server.url + "/devices/goma-rtr-1?zone=site&range=24h")
    await page.get_by_role("link", name="Goma").first.click()
    await expect(page).to_have_url(house.server.url + "/sites/goma?zone=site")
    assert said == []


async def test_a_time_in_an_address_without_an_offset_is_of_the_page_s_zone(house: House, browser: Browser) -> None:
    await month(house, "goma-rtr-1")
    page, said = await visitor(house, browser)
    day = f"{house.clock.now() - timedelta(days=3):%Y-%m-%d}"
    await page.goto(f"{house.server.url}/devices/goma-rtr-1?from={day}T12:00&to={day}T13:00&zone=Asia/Kathmandu")
    chart = page.locator("noc-chart").first
    await expect(chart.locator(".u-legend .u-label").first).to_have_text("Asia/Kathmandu")
    await expect(chart.locator("a[data-csv]")).to_have_attribute("href", re.compile(f"from={day}T06%3A15%3A00.000Z"))
    await chart.locator("summary").click()
    await expect(chart.locator("tbody td").first).to_contain_text(re.compile(r" 12:\d\d:\d\d \+05:45"))
    assert said == []
