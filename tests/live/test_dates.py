"""Scripts write times as the server does: the sources of the scripts, run by Chromium, beside noc/web/zones.py."""

from __future__ import annotations

import html
import json
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from playwright.async_api import Browser, Page, Route

from noc.i18n.language import LOCALES, language
from noc.model.instants import from_ms, in_zone, to_ms
from noc.web import scriptwords
from noc.web.zones import Times, times_for
from tests.live.browser import ROOT, chromium, complaints_of

pytestmark = pytest.mark.live

HOST = "http://localhost"
SOURCES = ROOT / "noc" / "web" / "assets" / "src"
NOW = datetime(2026, 11, 22, 11, 5, 9, tzinfo=UTC)
ZONES = ("UTC", "Africa/Nairobi", "Asia/Kathmandu", "Europe/Rome", "Pacific/Marquesas", "Africa/Abidjan")
MOMENTS = [
    *(to_ms(datetime(2026, month, 2 * month + 1, 2 * month - 1, month, 9, tzinfo=UTC)) for month in range(1, 13)),
    *(to_ms(datetime(2026, 10, 25, hour, 30, tzinfo=UTC)) for hour in (0, 1)),  # shown twice in Rome
    *(to_ms(datetime(year, 12, 31, 23, 30, tzinfo=UTC)) for year in (1999, 2024, 2025, 2026)),
    to_ms(NOW),
]
PAGE = """<!doctype html><html lang="{lang}" dir="{dir}">
<head><meta charset="utf-8"><meta name="noc-now" content="{now}"></head>
<body data-words="{words}" data-zone="{zone}"><script type="module">
import {{ shortTime, tickTime }} from "/numbers.js"; import {{ whole, written }} from "/dates.js";
window.told = (seconds) => [written(seconds), whole(seconds), shortTime(seconds), tickTime(seconds, 86400)];
</script></body></html>"""


def page_for(times: Times) -> str:
    spoken = times.spoken
    words = html.escape(scriptwords.said(spoken))
    now = f"{NOW:%Y-%m-%dT%H:%M:%SZ}"
    return PAGE.format(lang=spoken.tag, dir=spoken.direction, now=now, words=words, zone=times.name)


async def opened(browser: Browser, shown: Mapping[str, Times]) -> tuple[Page, list[str]]:
    """Return a page that has the scripts, and no server. shown: what it gets at an address."""
    page = await browser.new_page()
    said = complaints_of(page)

    async def answer(route: Route) -> None:
        name = Path(route.request.url).name
        if name.endswith(".js"):
            script = (SOURCES / name).read_text(encoding="utf-8")
            await route.fulfill(body=script, content_type="text/javascript")
        else:
            await route.fulfill(body=page_for(shown[name]) if name in shown else "", content_type="text/html")

    await page.route("**/*", answer)
    return page, said


async def test_scripts_write_times_as_the_server_does_in_all_languages_and_zones() -> None:
    pairs = [*zip(LOCALES, ZONES, strict=True), *zip(LOCALES, reversed(ZONES), strict=True)]
    shown = {
        str(number): times_for(zone, "", "", None).read(language(tag), NOW) for number, (tag, zone) in enumerate(pairs)
    }
    seconds = json.dumps([one / 1000 for one in MOMENTS])
    async with chromium() as browser:
        page, said = await opened(browser, shown)
        for name, times in shown.items():
            await page.goto(f"{HOST}/{name}")
            await page.wait_for_function("() => window.told")
            found = await page.evaluate(f"() => {seconds}.map(window.told)")
            assert found == [expected(times, from_ms(one)) for one in MOMENTS]
        assert said == []


def expected(times: Times, moment: datetime) -> list[str]:
    """Return what the server writes: on the page, in what is kept, beside a zone, and as a day."""
    written = times.written(moment)
    day = times.spoken.dates.day(in_zone(moment, times.zone), year=False)
    return [written, times.whole(moment), written.removesuffix(" UTC"), day]


async def test_a_page_that_stays_open_over_new_year_goes_by_the_year_of_its_clock() -> None:
    eve = datetime(2026, 12, 31, 23, 59, 58, tzinfo=UTC)
    times = times_for("UTC", "", "", None).read(language("en"), NOW)
    async with chromium() as browser:
        page, said = await opened(browser, {"now": times})
        await page.goto(f"{HOST}/now")
        await page.wait_for_function("() => window.told")
        seconds = to_ms(eve) / 1000
        assert await page.evaluate(f"() => window.told({seconds})[0]") == "31 Dec, 23:59:58 UTC"
        ahead = (eve + timedelta(seconds=3) - NOW) / timedelta(milliseconds=1)
        await page.evaluate(f"() => {{ const at = performance.now(); performance.now = () => at + {ahead}; }}")
        assert await page.evaluate(f"() => window.told({seconds})[0]") == "31 Dec 2026, 23:59:58 UTC"
        assert said == []
