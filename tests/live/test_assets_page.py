"""The page of assets in a real browser: ranked, filtered by a click on the matrix, kept as a file."""

from __future__ import annotations

import csv
import re
from dataclasses import replace
from pathlib import Path

import pytest
from playwright.async_api import expect

from tests.live.browser import barriers
from tests.live.paged import snapshot_of
from tests.live.visiting import Visit, visiting

pytestmark = pytest.mark.live

HOSTILE = "=HYPERLINK(1)<script>document.title='owned'</script>"


def speak(visit: Visit) -> None:
    """Let the old router of Goma say hostile things of itself."""
    old = visit.house.inventory.devices["goma-rtr-1"]
    said = snapshot_of(old)
    visit.house.present.keep(old.entity, replace(said, device=replace(said.device, serial=HOSTILE, model=HOSTILE)))


async def test_assets_are_ranked_filtered_and_kept_as_a_file(tmp_path: Path) -> None:
    async with visiting(tmp_path) as visit:
        speak(visit)
        page = visit.page
        await visit.go("/assets")
        rows = page.locator("[aria-labelledby=list-title] tbody tr")
        await expect(rows.first).to_contain_text("over for")
        await expect(rows.first).to_contain_text("Goma")
        await expect(rows.first).to_contain_text(HOSTILE[:40])
        assert await page.title() == "Assets · noc"
        found = await barriers(page)
        await page.emulate_media(color_scheme="dark")
        await page.set_viewport_size({"width": 360, "height": 800})
        found += await barriers(page)
        assert found == []
        assert await page.evaluate("document.documentElement.scrollWidth <= innerWidth")
        await page.set_viewport_size({"width": 1440, "height": 900})
        await page.get_by_role("link", name=re.compile("^All classes, over for 3 years or more: 1$")).click()
        await expect(page).to_have_url(re.compile("state=long-past"))
        await expect(rows).to_have_count(1)
        await page.get_by_label("Useful life", exact=True).select_option("unknown")
        await expect(page).to_have_url(re.compile("state=unknown"))
        await expect(rows.first).not_to_contain_text("goma-rtr-1")
        await page.get_by_label("Maker", exact=True).select_option("Cisco")
        await expect(rows).to_have_count(1)
        await expect(rows).to_contain_text("nairobi-rtr-1")
        await page.get_by_role("link", name="Show all").click()
        await page.get_by_label("Useful life", exact=True).select_option("long-past")
        await expect(rows).to_have_count(1)
        async with page.expect_download() as download:
            await page.get_by_role("link", name="CSV").click()
        path = tmp_path / "assets.csv"
        await (await download.value).save_as(path)
        with path.open(newline="") as file:
            (row,) = csv.DictReader(file)
        assert (row["device"], row["state"], row["serial"]) == ("goma-rtr-1", "long-past", f"'{HOSTILE}")
        await page.keyboard.press("j")
        await page.keyboard.press("Enter")
        await expect(page).to_have_url(re.compile("/devices/goma-rtr-1"))
        await visit.go("/assets?q=nothing-is-called-so")
        await expect(page.locator("main")).to_contain_text("No device fits this filter.")
        assert visit.said == []
