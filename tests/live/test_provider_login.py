"""People log in by an identity provider: a real one, over HTTP, and in a real browser."""

from __future__ import annotations

import re
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
from aiohttp import ClientSession, CookieJar
from playwright.async_api import expect

from noc.access.people import Acting
from noc.access.settings import AccountSettings
from noc.state import accounts, auditlog
from tests.live.browser import chromium, complaints_of
from tests.live.paged import House, paged_house
from tests.live.provider import CLIENT, SECRET, Claims, Provider

pytestmark = pytest.mark.live

LUCIA: Claims = {
    "name": "Lucia Rossi",
    "email": "lucia@example.org",
    "preferred_username": "lucia",
    "groups": ["noc-desk", "nairobi"],
}
COOK: Claims = {"name": "Karl Koch", "groups": ["cooks"]}
HOSTILE: Claims = {"name": "<script>document.title='x'</script>", "groups": ["noc-desk", "nairobi"]}


@pytest.fixture
async def provider() -> AsyncIterator[Provider]:
    made = Provider({"u-lucia": dict(LUCIA), "u-cook": dict(COOK), "u-odd": dict(HOSTILE)})
    await made.start()
    yield made
    await made.stop()


@asynccontextmanager
async def house_of(folder: Path, provider: Provider, *, only: bool = False) -> AsyncIterator[House]:
    secret = folder / "client-secret"
    secret.write_text(SECRET + "\n")
    oidc = {
        "issuer": provider.issuer,
        "client_id": CLIENT,
        "client_secret": {"!secret": "file:client-secret"},
        "roles": {"noc-desk": "operator", "noc-lead": "manager"},
        "regions": {"nairobi": ("africa",), "everywhere": "all"},
        "only": only,
    }
    async with paged_house(folder, accounts=AccountSettings.model_validate({"oidc": oidc})) as house:
        yield house


def session() -> ClientSession:
    return ClientSession(cookie_jar=CookieJar(unsafe=True))


async def comes_back(http: ClientSession, house: House, who: str = "u-lucia", goal: str = "/") -> tuple[int, str]:
    """Log in as a browser does; return what came of it, and what the page says, or where it leads."""
    async with http.get(f"{house.server.url}/login/provider", params={"next": goal}, allow_redirects=False) as response:
        if response.status != 303:
            return response.status, await response.text()
        target = response.headers["Location"]
    asked = dict(re.findall(r'name="([^"]+)" value="([^"]*)"', await (await http.get(target)).text()))
    form = {key: value for key, value in asked.items() if key != "who"}
    async with http.post(target.partition("?")[0], data={**form, "who": who}, allow_redirects=False) as response:
        back = response.headers["Location"]
    async with http.get(back, allow_redirects=False) as response:
        return response.status, response.headers.get("Location") or await response.text()


async def records(house: House) -> list[str]:
    async with house.database.read() as connection:
        return [f"{one.done.what} {one.done.came} {one.done.detail}" for one in await auditlog.page(connection)]


async def test_a_person_logs_in_by_the_provider_and_out_of_both(tmp_path: Path, provider: Provider) -> None:
    async with house_of(tmp_path, provider) as house, chromium() as browser:
        page = await browser.new_page()
        said = complaints_of(page)
        # The two are of different sites, as they are outside of tests.
        home = house.server.url.replace("127.0.0.1", "localhost")
        await page.goto(f"{home}/sites?q=goma")
        await page.get_by_role("link", name="Log in by 127.0.0.1").click()
        await page.get_by_role("button", name="u-lucia").click()
        await expect(page).to_have_url(f"{home}/sites?q=goma")
        await expect(page.get_by_text("Goma").first).to_be_visible()
        await page.goto(f"{home}/me")
        await expect(page.get_by_text("asked for by the identity provider")).to_be_visible()
        await expect(page.locator("dl.facts").first).to_contain_text("operator")
        await expect(page.locator("dl.facts").first).to_contain_text("africa")
        answer = await page.goto(f"{home}/sites/geneva")
        assert answer is not None
        assert answer.status == 404
        await page.goto(f"{home}/me")
        await page.get_by_label("You and this page").click()
        await page.get_by_role("button", name="Log out").click()
        await expect(page).to_have_url(f"{home}/login")
        assert provider.ended == [{"client_id": CLIENT, "post_logout_redirect_uri": f"{home}/login"}]
        assert [one for one in said if "404" not in one] == []


async def test_role_and_regions_follow_the_groups_at_each_log_in(tmp_path: Path, provider: Provider) -> None:
    async with house_of(tmp_path, provider) as house, session() as http:
        assert await comes_back(http, house, goal="/problems") == (303, "/problems")
        async with house.database.read() as connection:
            made = await accounts.by_subject(connection, f"{provider.issuer}|u-lucia")
        assert made is not None
        assert (made.name, made.person, made.role, made.regions) == ("lucia", "Lucia Rossi", "operator", {"africa"})
        provider.in_token = False  # now userinfo alone tells groups
        provider.people["u-lucia"] = {**LUCIA, "groups": ["noc-lead", "everywhere"], "name": "Lucia R."}
        assert (await comes_back(http, house))[0] == 303
        async with house.database.read() as connection:
            after = await accounts.by_subject(connection, f"{provider.issuer}|u-lucia")
        assert after is not None
        assert (after.id, after.person, after.role, after.regions) == (made.id, "Lucia R.", "manager", None)
        assert (await http.get(f"{house.server.url}/problems")).status == 200
        provider.people["u-lucia"] = {**LUCIA, "groups": []}
        async with session() as other:
            status, text = await comes_back(other, house)
        assert status == 403
        assert "one of your groups gives a role in noc" in text
        # What was open with the groups of before is over.
        async with http.get(f"{house.server.url}/problems", allow_redirects=False) as response:
            assert response.status == 303
        told = await records(house)
        assert any("account added" in one and "'operator'" in one for one in told)
        assert any("account changed" in one and "role manager" in one for one in told)
        assert any("log-in 401" in one and "none of your groups" in one for one in told)


async def test_names_of_the_provider_open_no_account_of_ours(tmp_path: Path, provider: Provider) -> None:
    async with house_of(tmp_path, provider) as house, session() as http:
        people, root = house.server.gate.access.people, Acting("root")
        ours = await people.add("lucia", "Our Lucia", "admin", None, "lucia@example.org", root)
        assert (await comes_back(http, house))[0] == 303
        async with house.database.read() as connection:
            theirs = await accounts.by_subject(connection, f"{provider.issuer}|u-lucia")
        assert theirs is not None
        assert (theirs.name, theirs.role) == ("lucia.2", "operator")
        assert theirs.id != ours.id
        await people.disable(theirs.id, root, disabled=True)
        assert (await comes_back(http, house))[0] == 403


TWISTS = {
    "nonce": lambda said: {**said, "nonce": "another"},
    "issuer": lambda said: {**said, "iss": "https://evil.example.org"},
    "audience": lambda said: {**said, "aud": "another"},
    "expired": lambda said: {**said, "exp": int(time.time()) - 120},
    "at_hash": lambda said: {**said, "at_hash": "MTIzNDU2Nzg5MDEyMzQ1Ng"},
}


async def test_tokens_that_are_not_to_be_believed_open_nothing(tmp_path: Path, provider: Provider) -> None:
    async with house_of(tmp_path, provider) as house:
        for twist in TWISTS.values():
            provider.twist = twist
            async with session() as http:
                status, text = await comes_back(http, house)
                assert status == 401
                assert "be believed" in text
                assert not [cookie.key for cookie in http.cookie_jar if cookie.key.startswith("noc_session")]
        provider.twist = lambda said: said
        provider.kid = "second"  # the keys have changed since
        async with session() as http:
            assert (await comes_back(http, house))[0] == 401  # asked for a minute ago; noc waits
        house.server.gate.access.federation.provider._keys_s -= 100  # type: ignore[union-attr]
        async with session() as http:
            assert (await comes_back(http, house))[0] == 303


async def test_a_log_in_ends_where_it_was_begun_and_once(tmp_path: Path, provider: Provider) -> None:
    async with house_of(tmp_path, provider) as house, session() as http, session() as other:
        url = f"{house.server.url}/login/provider"
        async with http.get(url, allow_redirects=False) as response:
            target = response.headers["Location"]
        fields = dict(re.findall(r'name="([^"]+)" value="([^"]*)"', await (await http.get(target)).text()))
        form = {**fields, "who": "u-lucia"}
        async with http.post(target.partition("?")[0], data=form, allow_redirects=False) as response:
            back = response.headers["Location"]
        async with other.get(back, allow_redirects=False) as response:  # of somebody who was lured there
            assert response.status == 400
        async with http.get(f"{back}x", allow_redirects=False) as response:
            assert response.status in (400, 401)
        async with http.get(f"{url}/back?state=x&code=y", allow_redirects=False) as response:
            assert response.status == 400


async def test_a_provider_that_is_away_is_told_and_admins_have_a_way_in(tmp_path: Path, provider: Provider) -> None:
    password = "seven tall masts"
    async with house_of(tmp_path, provider, only=True) as house, session() as http:
        people, root = house.server.gate.access.people, Acting("root")
        for name, role in (("root-admin", "admin"), ("desk", "operator")):
            made = await people.add(name, name, role, None, "", root)  # type: ignore[arg-type]
            await people.accept(await people.invite(made.id, root), password, "")
        provider.down = True
        status, text = await comes_back(http, house)
        assert status == 503
        assert "identity provider doesn&#39;t answer" in text
        assert "For admins, when the identity provider is away" in text

        async def logs_in(name: str) -> int:
            form = {"name": name, "password": password}
            async with http.post(f"{house.server.url}/login", data=form, allow_redirects=False) as response:
                return response.status

        assert await logs_in("desk") == 401
        assert await logs_in("root-admin") == 303
        provider.down = False
        async with session() as another:
            assert (await comes_back(another, house))[0] == 303
        await provider.stop()
        url = f"{house.server.url}/login/provider"
        async with session() as another, another.get(url, allow_redirects=False) as response:
            assert response.status == 303  # what it said of itself is still known


async def test_hostile_names_stay_text(tmp_path: Path, provider: Provider) -> None:
    async with house_of(tmp_path, provider) as house, session() as http:
        assert (await comes_back(http, house, "u-odd"))[0] == 303
        text = await (await http.get(f"{house.server.url}/me")).text()
        assert "<script>document.title" not in text
        assert "&lt;script&gt;document.title" in text
