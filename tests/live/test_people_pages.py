"""People in a real browser: somebody is added, chooses a password, sets up codes, is shut out; the audit tells it."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator
from pathlib import Path

import pyotp
import pytest
from playwright.async_api import Page, expect

from tests.live.visiting import Visit, visiting

pytestmark = pytest.mark.live

PASSWORD = "seven tall masts"


@pytest.fixture
async def visit(tmp_path: Path) -> AsyncIterator[Visit]:
    async with visiting(tmp_path) as visit:
        yield visit


async def added(visit: Visit) -> str:
    """Add Lucia, and return her invitation."""
    page = visit.page
    await visit.go("/admin")
    await page.locator("main [name=name]").fill("lucia")
    await page.get_by_label("Name, as timelines call them").fill("Lucía Ortega")
    await page.locator("[name=role]").select_option("operator")
    await page.get_by_label("Only these:").check()
    await page.get_by_text("Add, and make an invitation").click()
    await expect(page.locator("#wrong-regions")).to_have_text("Pick a region, or all of them.")
    await expect(page.locator("main [name=name]")).to_have_value("lucia")
    await page.get_by_label("Africa").check()
    await page.get_by_text("Add, and make an invitation").click()
    await expect(page.locator("svg.qr")).to_be_visible()
    return await page.locator("#link").input_value()


async def accepted(visit: Visit, link: str) -> Page:
    """Choose a password by an invitation, in a browser of Lucia's own."""
    page = await visit.browser.new_page(viewport={"width": 390, "height": 844})
    await page.goto(link)
    await page.locator("main [name=password]").fill(PASSWORD)
    await page.locator("main [name=again]").fill(PASSWORD)
    await page.get_by_text("Choose it and log in").click()
    return page


async def test_somebody_is_added_sets_up_codes_and_reads_arabic(visit: Visit) -> None:
    theirs = await accepted(visit, await added(visit))
    await expect(theirs.get_by_text("You may only look until you have a second factor.")).to_be_visible()
    await theirs.get_by_text("Set one up").click()
    await theirs.get_by_text("Set up one-time codes").click()
    secret = await theirs.locator("#secret").input_value()
    form = theirs.locator('form[action="/me/codes"]')
    await form.locator("[name=password]").fill("another password")
    await form.locator("[name=code]").fill(pyotp.TOTP(secret).now())
    await form.get_by_role("button").click()
    await expect(theirs.locator("#wrong-password")).to_have_text("The password is another.")
    await form.locator("[name=password]").fill(PASSWORD)
    await form.locator("[name=code]").fill(pyotp.TOTP(secret).now())
    await form.get_by_role("button").click()
    await expect(theirs.get_by_text("From now on a code of your phone is asked for")).to_be_visible()
    await expect(theirs.get_by_text("You may only look until")).to_have_count(0)
    await theirs.locator("#reading [name=language]").select_option("ar")
    await theirs.locator("#reading").get_by_role("button").click()
    await expect(theirs.locator("html")).to_have_attribute("dir", "rtl")
    assert await theirs.evaluate("document.documentElement.scrollWidth") <= 390


async def test_who_is_shut_out_is_out_at_once_and_the_audit_tells_by_whom(visit: Visit) -> None:
    theirs, page = await accepted(visit, await added(visit)), visit.page
    await visit.go("/admin")
    await page.get_by_role("link", name="Lucía Ortega").click()
    await page.get_by_role("button", name="Shut out").click()
    await expect(page.get_by_text("Shut out: all sessions of this account end")).to_be_visible()
    await theirs.goto(visit.url("/sites"))
    await expect(theirs).to_have_url(re.compile(r"/login\?"))
    await visit.go("/audit?text=lucia")
    await expect(page.locator("tbody tr").first).to_contain_text("account disabled")
    await expect(page.locator("tbody tr").first).to_contain_text("Amina K.")
    await page.get_by_text("Check that nothing was changed").click()
    await expect(page.get_by_text("each fits the one before")).to_be_visible()


async def test_a_session_elsewhere_is_ended(visit: Visit) -> None:
    theirs = await accepted(visit, await added(visit))
    other = await visit.browser.new_page()
    await other.goto(visit.url("/login"))
    await other.locator("main [name=name]").first.fill("lucia")
    await other.locator("main [name=password]").fill(PASSWORD)
    await other.locator("main [name=password]").press("Enter")
    await expect(other).to_have_url(visit.url("/problems"))
    await theirs.goto(visit.url("/me"))
    await theirs.get_by_role("button", name="End all others").click()
    await expect(theirs.get_by_text("this one")).to_be_visible()
    await expect(theirs.locator("#sessions tbody tr")).to_have_count(1)
    await other.goto(visit.url("/sites"))
    await expect(other).to_have_url(re.compile(r"/login\?"))


async def test_a_token_is_shown_once_and_revoked(visit: Visit) -> None:
    page = visit.page
    await visit.go("/admin/tokens")
    await page.locator("main [name=name]").first.fill("grafana")
    await page.get_by_label("All regions").check()
    await page.get_by_text("Add, and show it once").click()
    secret = await page.locator("#secret").input_value()
    assert secret.startswith("noc_")
    await visit.go("/admin/tokens")
    assert secret not in await page.content()
    await page.get_by_role("button", name="Revoke grafana").click()
    await expect(page.locator("tbody tr").first).to_contain_text("revoked")
