"""Passkeys in a real browser, with the authenticator that it brings for tests (CDP, WebAuthn)."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest
from playwright.async_api import Browser, CDPSession, Page, expect

from noc.access.people import Acting
from noc.state import auditlog
from tests.live.browser import barriers, chromium, complaints_of
from tests.live.paged import House, paged_house

pytestmark = pytest.mark.live

PASSWORD = "seven tall masts"
ROOT = Acting("root")


@dataclass
class Person:
    """Lucia, at her browser. home: noc by a name, for which there are passkeys."""

    house: House
    browser: Browser
    page: Page
    devtools: CDPSession
    authenticator: str
    home: str
    said: list[str]

    async def types(self) -> None:
        await self.page.goto(f"{self.home}/login")
        await self.page.get_by_label("Name", exact=True).fill("lucia")
        await self.page.get_by_label("Password").fill(PASSWORD)
        await self.page.get_by_role("button", name="Log in", exact=True).click()

    async def sets_up(self, name: str = "her phone") -> None:
        await expect(self.page).to_have_url(f"{self.home}/problems")
        await self.page.goto(f"{self.home}/me")
        await self.page.locator("[data-passkey] [name=passkey_password]").fill(PASSWORD)
        await self.page.locator("[data-passkey] [name=passkey_name]").fill(name)
        await self.page.get_by_role("button", name="Set up a passkey").click()

    async def leaves(self) -> None:
        await self.page.context.clear_cookies()

    async def keys(self) -> list[dict[str, object]]:
        held = await self.devtools.send("WebAuthn.getCredentials", {"authenticatorId": self.authenticator})
        return held["credentials"]  # type: ignore[no-any-return]

    async def audit(self) -> list[str]:
        async with self.house.database.read() as connection:
            return [f"{one.done.what} {one.done.came} {one.done.detail}" for one in await auditlog.page(connection)]


@asynccontextmanager
async def person(folder: Path) -> AsyncIterator[Person]:
    async with paged_house(folder) as house, chromium() as browser:
        people = house.server.gate.access.people
        made = await people.add("lucia", "Lucia", "operator", None, "", ROOT)
        await people.accept(await people.invite(made.id, ROOT), PASSWORD, "")
        page = await browser.new_page()
        said = complaints_of(page)
        devtools = await page.context.new_cdp_session(page)
        await devtools.send("WebAuthn.enable")
        options = {
            "protocol": "ctap2",
            "transport": "internal",
            "hasResidentKey": True,
            "hasUserVerification": True,
            "isUserVerified": True,
            "automaticPresenceSimulation": True,
        }
        added = await devtools.send("WebAuthn.addVirtualAuthenticator", {"options": options})
        home = house.server.url.replace("127.0.0.1", "localhost")
        yield Person(house, browser, page, devtools, added["authenticatorId"], home, said)


@pytest.fixture
async def lucia(tmp_path: Path) -> AsyncIterator[Person]:
    async with person(tmp_path) as made:
        yield made


async def test_a_passkey_is_set_up_and_then_is_enough(lucia: Person) -> None:
    page = lucia.page
    await lucia.types()
    await lucia.sets_up()
    await expect(page.get_by_text("The passkey is set up.")).to_be_visible()
    assert await barriers(page) == []
    (held,) = await lucia.keys()
    assert held["isResidentCredential"]
    assert held["rpId"] == "localhost"
    await lucia.leaves()
    await page.goto(f"{lucia.home}/login?next=/sites")
    assert await barriers(page) == []
    await page.get_by_role("button", name="Log in by passkey").click()
    await expect(page).to_have_url(f"{lucia.home}/sites")
    # Both factors at once: who may change something may do so.
    await page.goto(f"{lucia.home}/me")
    await expect(page.locator("#passkeys")).to_contain_text("last used")
    told = await lucia.audit()
    assert any("passkey set up" in one and "her phone" in one for one in told)
    assert any("log-in 0" in one and "'how': 'passkey'" in one for one in told)
    await page.get_by_label("Name of the passkey").first.fill("old phone")
    await page.get_by_role("button", name="Rename").click()
    await expect(page.locator("#passkeys b")).to_have_text("old phone")
    await page.locator("[name=remove_password]").fill("wrong password")
    await page.get_by_role("button", name="Take away old phone").click()
    await expect(page.get_by_text("Forbidden")).to_be_visible()
    await page.goto(f"{lucia.home}/me")
    await page.locator("[name=remove_password]").fill(PASSWORD)
    await page.get_by_role("button", name="Take away old phone").click()
    await expect(page.get_by_text("The passkey is taken away.")).to_be_visible()
    assert [one for one in lucia.said if "403" not in one] == []


async def test_a_device_that_has_one_is_told_so(lucia: Person) -> None:
    page, known = lucia.page, lucia.page.locator("[data-passkey] [data-known]")
    await lucia.types()
    await lucia.sets_up()
    await expect(page.get_by_text("The passkey is set up.")).to_be_visible()
    await page.goto(f"{lucia.home}/problems")
    await lucia.sets_up("the same phone")
    await expect(known).to_contain_text("This device has a passkey for your account here already")
    await expect(page.locator("[data-passkey] [data-wrong]")).to_be_hidden()
    await page.locator("[data-passkey] [name=passkey_password]").fill("wrong password")
    await page.get_by_role("button", name="Set up a passkey").click()
    await expect(page.locator("[data-passkey] [data-wrong]")).to_be_visible()
    await expect(known).to_be_hidden()
    assert len(await lucia.keys()) == 1


@pytest.mark.slow
async def test_after_a_password_the_passkey_is_asked_for(lucia: Person) -> None:
    page = lucia.page
    await lucia.types()
    await lucia.sets_up()
    await expect(page.get_by_text("The passkey is set up.")).to_be_visible()
    await lucia.leaves()
    await lucia.types()
    await expect(page.get_by_text("The password is right. Now show your passkey.")).to_be_visible()
    assert not [one for one in await page.context.cookies() if one["name"].startswith("noc_session")]
    await page.goto(f"{lucia.home}/me")
    await expect(page.get_by_role("heading", name="Log in")).to_be_visible()  # the password alone opens nothing
    await lucia.types()
    await page.get_by_role("button", name="Log in by passkey").click()
    await expect(page).to_have_url(f"{lucia.home}/problems")


async def test_another_origin_and_a_used_challenge_are_refused(lucia: Person) -> None:
    page = lucia.page
    await lucia.types()
    await lucia.sets_up()
    await expect(page.get_by_text("The passkey is set up.")).to_be_visible()
    await lucia.leaves()
    await page.goto(f"{lucia.home}/login")
    answers: list[str] = []

    async def hold(route: object) -> None:
        answers.append(route.request.post_data)  # type: ignore[attr-defined]
        await route.abort()  # type: ignore[attr-defined]

    await page.route("**/login/passkey", hold)
    await page.get_by_role("button", name="Log in by passkey").click()
    await expect(page.get_by_text("This passkey wasn't taken.")).to_be_visible()
    (answer,) = answers
    headers = {"Content-Type": "application/json", "Origin": lucia.home}
    url = f"{lucia.home}/login/passkey"
    # Bound to the browser that began: another one, or none, has another challenge.
    stranger = await lucia.browser.new_context()
    await stranger.request.post(f"{url}/begin", data="{}", headers=headers)
    sent = await stranger.request.post(url, data=answer, headers=headers)
    assert sent.status == 401
    ok = await page.context.request.post(url, data=answer, headers=headers)
    assert ok.status == 200
    again = await page.context.request.post(url, data=answer, headers=headers)
    assert again.status == 401
    # An answer that was made for another place.
    said = json.loads(answer)
    said["credential"]["response"]["clientDataJSON"] = "e30"
    sent = await stranger.request.post(url, data=json.dumps(said), headers=headers)
    assert sent.status == 401


async def test_by_an_address_that_is_no_name_there_are_no_passkeys(lucia: Person) -> None:
    plain = lucia.house.server.url
    await lucia.page.goto(f"{plain}/login")
    await expect(lucia.page.get_by_role("button", name="Log in by passkey")).to_have_count(0)
    headers = {"Content-Type": "application/json"}
    sent = await lucia.page.context.request.post(f"{plain}/login/passkey/begin", data="{}", headers=headers)
    assert sent.status == 400
    assert "https and a name" in (await sent.json())["wrong"]


async def test_a_copy_of_a_passkey_is_refused_and_told(lucia: Person) -> None:
    page = lucia.page
    await lucia.types()
    await lucia.sets_up()
    await expect(page.get_by_text("The passkey is set up.")).to_be_visible()
    (copied,) = await lucia.keys()
    await lucia.leaves()
    await page.goto(f"{lucia.home}/login")
    await page.get_by_role("button", name="Log in by passkey").click()
    await expect(page).to_have_url(f"{lucia.home}/problems")
    await lucia.leaves()
    which = {"authenticatorId": lucia.authenticator}
    await lucia.devtools.send("WebAuthn.clearCredentials", which)
    await lucia.devtools.send("WebAuthn.addCredential", {**which, "credential": copied})
    await page.goto(f"{lucia.home}/login")
    await page.get_by_role("button", name="Log in by passkey").click()
    await expect(page.get_by_text("This passkey wasn't taken.")).to_be_visible()
    assert any("there is a copy of it" in one for one in await lucia.audit())
