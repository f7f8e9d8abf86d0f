"""Devices and circuits in a real browser: why something is red, interfaces, charts as files, marks behind charts."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import AsyncIterator
from pathlib import Path
from time import monotonic
from urllib.parse import parse_qs, quote, urlsplit

import pytest
from playwright.async_api import expect

from noc.availability.times import parse
from noc.model.instants import from_ms
from noc.model.reading import Reading, SnmpAnswer
from noc.model.samples import Samples
from tests.live.browser import barriers
from tests.live.test_series_pages import month
from tests.live.visiting import MINUTE_MS, Visit, visiting

pytestmark = pytest.mark.live

ROUTER = "device/nairobi-rtr-1"
HOSTILE = b'<img src=x onerror="document.title=1">'


@pytest.fixture
async def visit(tmp_path: Path) -> AsyncIterator[Visit]:
    async with visiting(tmp_path) as visit:
        yield visit


def read_by_snmp(visit: Visit) -> None:
    """Let the router be read by SNMP just now."""
    house = visit.house
    cells = {(number,): {"ifOperStatus": 2 if number == 3 else 1} for number in (1, 2, 3, 4)}
    answer = SnmpAnswer("small", {"sysName": HOSTILE}, {"ifTable": cells})
    house.raw.keep(ROUTER, Reading("snmp", "10.1.1.1", "centre", house.clock.now(), 0.5, snmp=answer))
    rates = Samples("interface", house.clock.now(), ("ifName",), ("in_bps", "out_bps"), (("Gi0/0",),), ((9e6, 2e6),))
    house.uses.take("nairobi-rtr-1", [rates])


async def test_why_is_it_red_from_the_incident_to_the_raw_value(visit: Visit) -> None:
    read_by_snmp(visit)
    page = visit.page
    await visit.go("/incidents/1/why")
    await expect(page).to_have_url(visit.url("/devices/goma-rtr-1/why"))
    await expect(page.locator(".because")).to_contain_text("Down: 3 bad results in a row since")
    await expect(page.locator("main")).to_contain_text("Goma")
    await expect(page.locator("table", has_text="device-down")).to_be_visible()
    await expect(page.locator("#raw")).to_contain_text("was not read by SNMP")
    assert await barriers(page) == []
    await visit.go("/devices/nairobi-rtr-1/why?of=interface/nairobi-rtr-1/Gi0%2F2")
    raw = page.locator("#raw tbody tr")
    await expect(raw).to_have_count(1)
    await expect(raw).to_contain_text("1.3.6.1.2.1.2.2.1.8.3")
    await expect(raw.locator("td").nth(2)).to_have_text("2")
    await visit.go("/devices/nairobi-rtr-1/why?q=sysname")
    await expect(raw).to_have_count(1)
    await expect(raw).to_contain_text("<img src=x")
    assert visit.said == []


async def test_why_is_told_by_the_api_too(visit: Visit) -> None:
    read_by_snmp(visit)
    answer = await visit.page.request.get(visit.url("/api/v1/devices/goma-rtr-1/why"))
    why = await answer.json()
    assert (why["status"], why["reason"], why["judged"]["run"]) == ("down", "down", 3)
    assert [one["rule"] for one in why["incidents"]] == ["device-down"]
    answer = await visit.page.request.get(visit.url("/api/v1/devices/nairobi-rtr-1/why?q=ifOper"))
    raw = (await answer.json())["raw"]
    assert (raw["total"], raw["profile"]) == (4, "small")
    assert raw["values"][2]["value"] == "2"
    wrong = await visit.page.request.get(visit.url("/api/v1/devices/nairobi-rtr-1/why?of=device/goma-rtr-1"))
    assert wrong.status == 400


async def test_interfaces_come_with_sparklines_and_are_sorted_by_the_address(visit: Visit) -> None:
    page = visit.page
    await visit.go("/devices/nairobi-rtr-1?sort=state")
    rows = page.locator("#ports tbody tr")
    await expect(rows).to_have_count(4)
    await expect(rows.first).to_contain_text("Gi0/2")
    await expect(page.locator("#ports tr", has_text="Gi0/0").locator("svg.spark polyline").first).to_be_attached()
    await page.locator("#device-more").scroll_into_view_if_needed()
    await expect(page.locator("#device-more")).to_contain_text("What changed with version")
    assert await barriers(page) == []
    assert visit.said == []


async def test_charts_zoom_together_tell_what_was_behind_and_are_files(visit: Visit) -> None:
    page, now = visit.page, visit.house.now_ms()
    await visit.house.history("nairobi-rtr-1", [(now - 3 * 60 * MINUTE_MS, "down"), (now - 2 * 60 * MINUTE_MS, "up")])
    await visit.go("/devices/nairobi-rtr-1?range=6h")
    charts = page.locator("noc-chart")
    await expect(charts.nth(1).locator("canvas")).to_be_visible()
    marks = page.locator("noc-marks")
    await expect(marks).to_contain_text("Outages, planned work")
    await marks.locator("summary").click()
    await expect(marks.locator("tbody tr").first).to_contain_text("Outage")
    link = charts.first.locator("a[data-csv]")
    answer = await page.request.get(visit.url(await link.get_attribute("href") or ""))
    table = list(csv.reader(io.StringIO(await answer.text())))
    assert table[0][:3] == ["time", "measurement", "field"]
    assert len(table) > 50
    async with page.expect_download() as download:
        await charts.first.locator("[data-png]").click()
    picture = await (await download.value).path()
    assert picture.read_bytes().startswith(b"\x89PNG")
    box = await charts.first.locator(".u-over").bounding_box()
    assert box is not None
    await page.mouse.move(box["x"] + box["width"] * 0.3, box["y"] + 40)
    await expect(charts.nth(1).locator(".u-cursor-x")).not_to_have_css("transform", "none")
    await page.mouse.down()
    await page.mouse.move(box["x"] + box["width"] * 0.6, box["y"] + 40, steps=4)
    await page.mouse.up()
    await page.wait_for_url("**from=*")
    asked = parse_qs(urlsplit(page.url).query)
    length_s = (parse(asked["to"][0]) - parse(asked["from"][0])) / 1000
    assert 0.2 * 21_600 < length_s < 0.4 * 21_600
    for chart in (charts.first, charts.nth(1)):
        begin = re.compile(re.escape(quote(asked["from"][0][:-1], safe="")))
        await expect(chart.locator("a[data-csv]")).to_have_attribute("href", begin)
    await page.go_back()  # one zoom is one step, however many charts there are
    await expect(page).to_have_url(visit.url("/devices/nairobi-rtr-1?range=6h"))
    assert visit.said == []


async def test_a_beginning_alone_is_until_now_and_what_makes_no_sense_is_told(visit: Visit) -> None:
    page, link = visit.page, visit.page.locator("noc-chart a[data-csv]").first
    begin = f"{from_ms(visit.house.now_ms() - 2 * 60 * MINUTE_MS):%Y-%m-%dT%H:%M}"
    await visit.go(f"/devices/nairobi-rtr-1?from={begin}Z")
    await expect(link).to_have_attribute("href", re.compile(f"from={re.escape(quote(begin, safe=''))}"))
    await expect(page.locator("[data-misread], [data-range][aria-current]")).to_have_count(0)
    await visit.go("/devices/nairobi-rtr-1?range=24h&from=2026-11-02&to=2026-11-01")
    await expect(page.locator("noc-chart canvas").first).to_be_visible()
    await expect(page.locator("[data-misread]")).to_have_text(re.compile("must be before .* the last 24h"))
    await expect(page.locator("[data-range][aria-current]")).to_have_text("24h")
    await page.get_by_role("link", name="1h", exact=True).click()
    await expect(page.locator("[data-misread]")).to_have_count(0)
    assert visit.said == []


async def test_thirty_days_are_drawn_within_a_second(visit: Visit) -> None:
    await month(visit.house, "juba-rtr-1")
    page = visit.page
    await visit.go("/devices/juba-rtr-1?range=24h")
    await expect(page.locator("noc-chart canvas").first).to_be_visible()
    begin = monotonic()
    await page.get_by_role("link", name="30d", exact=True).click()
    await expect(page.locator("noc-chart [data-fine]").first).to_contain_text("mean of 2 h")
    assert monotonic() - begin < 5, "a second on a quiet machine; tests run on busy ones"


async def test_circuits_are_filtered_and_one_tells_all_of_itself(visit: Visit) -> None:
    read_by_snmp(visit)
    page = visit.page
    await visit.go("/circuits?kind=mpls&use=80")
    row = page.locator("#circuit-nbo-mpls")
    await expect(row).to_contain_text("9 Mbit/s")
    assert await barriers(page) == []
    await row.locator("a[data-open]").click()
    await expect(page.locator("h1")).to_have_text("Nairobi to Brindisi, MPLS")
    await expect(page.locator("#figures")).to_contain_text("95th percentile")
    await expect(page.locator("#circuit-about")).to_contain_text("MPLS to Brindisi")
    assert await barriers(page) == []
    await visit.go("/circuits?kind=satellite")
    await expect(page.locator(".nothing")).to_contain_text("No circuit fits this filter.")
    answer = await page.request.get(visit.url("/api/v1/circuits?min_use_pct=80"))
    items = (await answer.json())["items"]
    assert [(one["id"], one["use"]["in_bps"]) for one in items] == [("nbo-mpls", 9e6)]
    assert visit.said == []
