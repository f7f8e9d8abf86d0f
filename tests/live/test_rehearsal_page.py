"""A rehearsal on its page, in a browser: begun, watched, cancelled, found again at its address; and as scripts ask."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from playwright.async_api import Page, expect

from noc.app.rehearsing import Rehearsing
from noc.http.sources import Sources
from tests.live.visiting import visiting
from tests.rehearsed import SCENARIO, configured

pytestmark = pytest.mark.live

EVENTS = "  - {at: 0m, fail: site/nairobi}\n  - {at: 60m, restore: site/nairobi}\n"
PATIENCE_MS = 30_000


def playing(folder: Path) -> Callable[[Sources], Sources]:
    """Return what gives a house rehearsals of a small network."""
    return lambda one: replace(one, rehearsals=Rehearsing(folder / "noc.yaml", one.clock))


async def plays(page: Page, scenario: str) -> None:
    """Send a scenario, and be led where it is seen."""
    await page.locator("#scenario").fill(scenario)
    await page.get_by_role("button", name="Play it").click()
    await expect(page).to_have_url(re.compile(r"/rehearsal/\d+$"))


@pytest.mark.timeout(120)
async def test_it_is_played_while_somebody_looks_and_is_found_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COMMUNITY", "public")
    folder = tmp_path / "network"
    folder.mkdir()
    configured(folder)
    async with visiting(tmp_path, playing(folder)) as visit:
        page, base = visit.page, visit.url("")
        await page.goto(f"{base}/rehearsal")
        await expect(page.locator("#rehearsals")).to_contain_text("None yet.")
        await plays(page, SCENARIO + EVENTS)
        await expect(page.locator("#rehearsal progress, #rehearsal #called-title").first).to_be_visible()
        await page.evaluate("window.same = true")
        await expect(page.locator("#called-title")).to_be_visible(timeout=PATIENCE_MS)
        assert await page.evaluate("window.same")  # it came without a reload
        await expect(page.locator("main")).to_contain_text("achieng")
        await expect(page.locator("main")).to_contain_text("site/nairobi")
        done = page.url
        await page.goto(f"{base}/rehearsal")
        await plays(page, SCENARIO + EVENTS + "# once more\n")
        await page.get_by_role("button", name="Cancel").click()
        await expect(page.locator("main")).to_contain_text("It was cancelled.")
        await page.goto(f"{base}/rehearsal")
        await expect(page.locator("#rehearsals tbody tr")).to_have_count(2)
        await page.locator("#rehearsals a[href='/rehearsal/1']").click()
        assert page.url == done
        await expect(page.locator("#called-title")).to_be_visible()
        await plays_a_mistake(page, base)


async def plays_a_mistake(page: Page, base: str) -> None:
    """What is wrong is told with its place, beside the form that it can be put right in."""
    await page.goto(f"{base}/rehearsal?from=1")
    await expect(page.locator("#scenario")).to_have_value(re.compile("site/nairobi"))
    await plays(page, f"{SCENARIO}  - {{at: 0m, fail: site/nowhere}}\n")
    await expect(page.locator(".panel[role=alert]")).to_contain_text("unknown site 'nowhere'", timeout=PATIENCE_MS)
    await expect(page.locator("#scenario")).to_have_value(re.compile("nowhere"))
