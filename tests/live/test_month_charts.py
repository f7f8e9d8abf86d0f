"""A month of a device in a real browser, from noc's own store: charts are drawn from roll-ups, and of few numbers."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from playwright.async_api import Response, expect

from noc.clock import ManualClock, SystemClock
from noc.model.samples import Samples
from noc.service import running
from noc.store import embedded
from noc.store._ports import Surroundings
from noc.store.embedded.store import EmbeddedStore
from tests.live.browser import chromium, complaints_of
from tests.live.paged import paged_house

pytestmark = pytest.mark.live

DEVICE = "nairobi-rtr-1"
DAYS = 10
POINTS_AT_MOST = 1_000


def _store(folder: Path, clock: ManualClock | SystemClock) -> EmbeddedStore:
    store = embedded.build(embedded.Settings(), Surroundings(folder, folder, clock))
    assert isinstance(store, EmbeddedStore)
    return store


async def _let_days_pass(folder: Path) -> None:
    """Write ten days of numbers each ten minutes, and let each day be rolled up when it is over."""
    begin = SystemClock().now().replace(minute=0, second=0, microsecond=0) - timedelta(days=DAYS)
    clock = ManualClock(begin)
    async with running([store := _store(folder, clock)]):
        for day in range(DAYS):
            batch = []
            for step in range(144):
                at = begin + timedelta(days=day, minutes=10 * step)
                rtt = ("ping", at, ("device",), ("average_response_ms", "maximum_response_ms"), ((DEVICE,),))
                busy = ("noc_processor", at, ("device", "name"), ("usage_pct",), ((DEVICE, "cpu0"),))
                batch += [Samples(*rtt, ((40.0 + step % 9, 60.0),)), Samples(*busy, ((20.0 + step % 7,),))]
            await clock.advance(86_400)
            await store.write(store.encode(batch))
            await store.caught_up()


@asynccontextmanager
async def _month(folder: Path) -> AsyncIterator[EmbeddedStore]:
    await _let_days_pass(folder)
    async with running([store := _store(folder, SystemClock())]):
        yield store


async def test_a_month_is_drawn_from_roll_ups(tmp_path: Path) -> None:
    async with (
        _month(tmp_path / "series") as store,
        paged_house(tmp_path, change=lambda sources: replace(sources, series=store)) as house,
        chromium() as browser,
    ):
        page = await browser.new_page(viewport={"width": 1440, "height": 2400})
        said = complaints_of(page)
        await page.goto(house.login_url)
        await page.goto(f"{house.server.url}/devices/{DEVICE}?range=6h")
        charts = page.locator("noc-chart")
        await expect(page.locator("noc-chart[aria-busy=false]")).to_have_count(2)
        answers: list[Response] = []
        page.on("response", lambda one: answers.append(one) if "/api/v1/series?" in one.url else None)
        await page.locator("a[data-range='30d']").click()
        for index in range(2):
            await expect(charts.nth(index).locator("[data-fine]")).to_contain_text("from roll-ups of 1 h")
            await expect(charts.nth(index)).to_have_attribute("aria-busy", "false")
        told = [await one.json() for one in answers]
        assert len(told) == 2  # one for each chart
        for one in told:
            assert one["resolution"] == "1h"
            assert one["items"]
            for series in one["items"]:
                assert 100 < len(series["values"]) <= POINTS_AT_MOST
        assert said == []
