"""Reports as people have them: issued on a page, and PDF in six languages, read back by poppler."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from playwright.async_api import expect

from noc.app.reportdesk import ReportDesk
from noc.i18n.language import LOCALES
from noc.reports.availability import gather
from noc.reports.frame.asked import Asked, Issue
from noc.reports.frame.registry import report, written
from noc.reports.render.files import file_of
from tests.live.browser import barriers, chromium, complaints_of
from tests.live.conftest import find_program
from tests.live.paged import paged_house
from tests.reported import NOW_MS, at, reported

# What stands on page one, and the font that shapes it.
SAID = {
    "en": ("What was not seen", "NotoSans"),
    "ar": ("2026", "NotoSansArabic"),
    "es": ("Lo que no se observó", "NotoSans"),
    "fr": ("Ce qui n’a pas été observé", "NotoSans"),
    "ru": ("Что не наблюдалось", "NotoSans"),
    "zh": ("未观测到的时间", "NotoSansCJK"),
}


def ran(*command: str | Path) -> str:
    program = find_program(str(command[0]), "poppler-utils")
    return subprocess.run([program, *command[1:]], check=True, capture_output=True, text=True, timeout=60).stdout


def made_apart(asked: str, seed: str) -> bytes:
    """Return a file that a process of its own makes: nothing of it may come from chance."""
    environment = {**os.environ, "PYTHONHASHSEED": seed}
    command = [sys.executable, "-m", "noc.reports.render"]
    done = subprocess.run(command, input=asked.encode(), check=True, capture_output=True, env=environment, timeout=120)
    return done.stdout


ALWAYS = ("ar", "zh")
"""The others take as long, and are tried by hand."""


@pytest.mark.parametrize(
    "tag", [tag if tag in ALWAYS else pytest.param(tag, marks=pytest.mark.slow) for tag in LOCALES]
)
async def test_a_pdf_says_method_and_gaps_on_page_one_in_each_language(tag: str, tmp_path: Path) -> None:
    async with reported(tmp_path) as material:
        answer = await gather(material, Asked(report="availability", period="2026-10"))
    issue = Issue(id=1, number=1, issued_ms=NOW_MS, digest="ab" * 32)
    asked = json.dumps({"answer": written(answer), "issue": written(issue), "form": "pdf", "lang": tag})
    content = made_apart(asked, "1")
    assert made_apart(asked, "2") == content
    file = tmp_path / "report.pdf"
    file.write_bytes(content)
    said, font = SAID[tag]
    first = ran("pdftotext", "-f", "1", "-l", "1", "-layout", file, "-")
    assert said in " ".join(first.split())
    assert answer.head.slice.digest[:20] in first
    fonts = [line for line in ran("pdffonts", file).splitlines()[2:] if line.strip()]
    assert any(font in line.replace("-", "") for line in fonts), fonts
    assert all(line.split()[-5] == "yes" for line in fonts), "a font is not in the file"
    # As known at: no clock of the machine that made it.
    assert answer.head.known_at.time_ms == at("11-01 12:00")
    assert "2026-11-01T12:00:00Z" in ran("pdfinfo", "-isodates", file).replace("+00", "Z")
    # Ink on page one, as a picture.
    ran("pdftoppm", "-r", "30", "-gray", "-f", "1", "-l", "1", "-singlefile", file, tmp_path / "page")
    picture = (tmp_path / "page.pgm").read_bytes()
    dark = sum(level < 128 for level in picture[-248 * 351 :])
    assert 500 < dark < 20_000, dark


SCROLLS = """() => [...document.querySelectorAll('.scrolls')].filter(one => one.scrollWidth > one.clientWidth + 1)
  .map(one => `${one.querySelector('th').innerText}: ${one.scrollWidth} of ${one.clientWidth}`)"""


@pytest.mark.parametrize("name", ["availability", "carrier", "incidents", "lifecycle"])
async def test_no_table_scrolls_sideways_on_a_wide_screen_in_any_language(name: str, tmp_path: Path) -> None:
    async with reported(tmp_path) as material:
        answer = await report(name).gather(material, Asked(report=name, period="2026-10"))
    issue = Issue(id=1, number=1, issued_ms=NOW_MS, digest="ab" * 32)
    async with chromium() as browser:
        page = await browser.new_page(viewport={"width": 1440, "height": 900})
        for tag in LOCALES:
            file = tmp_path / f"{tag}.html"
            file.write_bytes(file_of(answer, issue, "html", tag))
            await page.goto(file.as_uri())
            assert await page.locator(".scrolls").count()
            assert await page.evaluate(SCROLLS) == [], tag


async def test_a_report_that_takes_a_while_says_so_until_it_is_there(tmp_path: Path) -> None:
    async with paged_house(tmp_path) as house, chromium() as browser:
        page = await browser.new_page(viewport={"width": 390, "height": 844})
        await page.goto(house.login_url)
        await page.goto(house.server.url + "/reports")
        desk = house.server._sources.reports
        assert isinstance(desk, ReportDesk)
        async with desk._one:  # another one is being made
            await page.get_by_label("Period").fill("7d")
            await page.get_by_role("button", name="Issue it").click()
            await expect(page).to_have_url(house.server.url + "/report-runs/1")
            await expect(page.get_by_role("status").first).to_contain_text("It waits until another one is made.")
            assert await barriers(page) == []
        await expect(page).to_have_url(house.server.url + "/reports/1")
        await expect(page.locator("#report")).to_contain_text("Seal")


async def test_a_report_is_issued_on_a_page_and_its_files_are_had(tmp_path: Path) -> None:
    async with paged_house(tmp_path) as house, chromium() as browser:
        page = await browser.new_page(viewport={"width": 1440, "height": 900})
        said = complaints_of(page)
        await page.goto(house.login_url)
        await page.goto(house.server.url + "/reports")
        await expect(page.locator("#reports")).to_contain_text("None yet.")
        await page.get_by_label("Period").fill("2026-13")
        await page.get_by_role("button", name="Issue it").click()
        await expect(page.get_by_role("alert")).to_contain_text("'2026-13' is no period")
        await page.get_by_label("Period").fill("7d")
        await page.get_by_role("button", name="Issue it").click()
        await expect(page).to_have_url(house.server.url + "/reports/1")
        await expect(page.locator("h1")).to_have_text("Availability · the last 7 days")
        await expect(page.locator("#report")).to_contain_text("Method")
        for form, start in (("PDF", b"%PDF"), ("XLSX", b"PK"), ("HTML", b"<!doctype html>")):
            async with page.expect_download(timeout=120_000) as download:
                await page.get_by_role("link", name=f"{form}, العربية").click()
            kept = await (await download.value).path()
            assert kept.read_bytes().startswith(start), form
        await page.goto(house.server.url + "/reports")
        await expect(page.locator("tbody tr")).to_have_count(1)
        assert [one for one in said if "400" not in one] == []
