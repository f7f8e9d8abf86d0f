"""Log-in by one-use token, sessions, and what stays shut without."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from urllib.parse import quote

import pytest
from aiohttp import ClientSession, CookieJar

from noc.http.entry import local
from noc.http.login import FAILURES_A_MINUTE
from tests.unit.noc.http.house import FREE_PORT, House, build, plain_routes


async def test_a_token_opens_noc_once_and_leaves_the_address(house: House) -> None:
    url = f"{house.url}/sites/nairobi?tab=2&token={house.token}"
    async with house.http.get(url, allow_redirects=False) as response:
        assert (response.status, response.headers["Location"]) == (303, "/sites/nairobi?tab=2")
        cookie = response.headers["Set-Cookie"]
        assert "HttpOnly" in cookie
        assert "SameSite=Lax" in cookie
        assert "Secure" not in cookie  # or a browser would not send it back over http
    async with house.http.get(f"{house.url}/sites/nairobi?tab=2") as response:
        assert (response.status, await response.text()) == (200, "operator")
    async with ClientSession() as stranger, stranger.get(url, allow_redirects=False) as response:
        assert response.status == 401
        assert "used already" in await response.text()
        assert "Set-Cookie" not in response.headers


async def test_a_used_token_is_followed_by_a_new_one(house: House) -> None:
    first = house.announced[0]
    await house.log_in()
    assert len(house.announced) == 2
    assert house.announced[1] != first
    async with ClientSession() as other, other.get(house.announced[1], allow_redirects=False) as response:
        assert response.status == 303


async def test_a_log_in_that_was_given_up_is_followed_by_a_new_token(tmp_path: Path) -> None:
    settings = FREE_PORT.model_copy(update={"request_timeout": timedelta(milliseconds=100)})
    house = await build(tmp_path, settings, plain_routes)
    try:
        # Somebody writes, and goes on writing.
        async with house.database.write(), house.http.get(house.announced[0], allow_redirects=False) as response:
            assert response.status == 503
        assert len(set(house.announced)) == 2
    finally:
        await house.stack.aclose()


async def test_a_token_that_nobody_used_is_followed_by_a_new_one_after_a_day(house: House) -> None:
    old = house.token
    await house.clock.advance(24 * 3600)
    assert house.token != old
    async with house.http.get(f"{house.url}/?token={old}", allow_redirects=False) as response:
        assert response.status == 401
    await house.log_in()


async def test_who_is_logged_in_does_not_use_up_a_token(house: House) -> None:
    await house.log_in("achieng")
    token = house.token
    async with house.http.get(f"{house.url}/?token={token}") as response:
        assert await response.text() == "achieng"
    assert house.token == token


async def test_a_token_is_a_bearer_token_also_after_its_use(house: House) -> None:
    headers = house.bearer
    await house.log_in()
    house.http.cookie_jar.clear()
    async with house.http.get(house.url, headers=headers) as response:
        assert (response.status, await response.text()) == (200, "api")
    await house.clock.advance(24 * 3600)
    async with house.http.get(house.url, headers=headers) as response:
        assert response.status == 401


@pytest.mark.parametrize(
    ("path", "status"),
    [("/", 303), ("/sites/x", 303), ("/none", 303), ("/api/v1/x", 401), ("/live", 401), ("/fail", 303)],
)
async def test_without_log_in_pages_redirect_and_the_api_refuses(house: House, path: str, status: int) -> None:
    async with house.http.get(house.url + path, allow_redirects=False) as response:
        assert response.status == status
        assert response.headers.get("Location", "/login").startswith("/login")


async def test_without_log_in_nothing_is_changed(house: House) -> None:
    async with house.http.post(f"{house.url}/take", data="x") as response:
        assert response.status == 401


async def test_the_form_logs_in_and_goes_where_one_wanted_to(house: House) -> None:
    async with house.http.get(f"{house.url}/sites/nairobi?a=1", allow_redirects=False) as response:
        login = response.headers["Location"]
    assert login == f"/login?next={quote('/sites/nairobi?a=1', safe='')}"
    async with house.http.get(house.url + login) as response:
        assert response.status == 200
        assert 'value="/sites/nairobi?a=1"' in await response.text()
    form = {"token": f" {house.token}\n", "name": "Achieng  O.\x00", "next": "/sites/nairobi?a=1"}
    async with house.http.post(f"{house.url}/login", data=form) as response:
        assert response.url.path == "/sites/nairobi"
        assert await response.text() == "Achieng O."


async def test_a_session_can_be_renamed_and_ended(house: House) -> None:
    await house.log_in()
    own = {"Origin": house.url}
    async with house.http.post(f"{house.url}/login/name", data={"name": "Lúcia"}, headers=own) as response:
        assert await response.text() == "Lúcia"
    cookies = house.cookies()
    async with house.http.post(f"{house.url}/logout", headers=own) as response:
        assert response.url.path == "/login"
    jar = CookieJar(unsafe=True)
    async with ClientSession(cookies=cookies, cookie_jar=jar) as thief, thief.get(house.url) as response:
        assert response.url.path == "/login"


@pytest.mark.parametrize(("unused", "status"), [(timedelta(hours=11), 200), (timedelta(hours=12), 303)])
async def test_a_session_ends_when_it_is_not_used(house: House, unused: timedelta, status: int) -> None:
    await house.log_in()
    await house.clock.advance(unused.total_seconds())
    async with house.http.get(house.url, allow_redirects=False) as response:
        assert response.status == status


async def test_a_session_ends_after_a_week_also_when_it_is_used(house: House) -> None:
    await house.log_in()
    for hour in range(0, 7 * 24, 8):
        async with house.http.get(house.url, allow_redirects=False) as response:
            assert response.status == 200, hour
        await house.clock.advance(8 * 3600)
    async with house.http.get(house.url, allow_redirects=False) as response:
        assert response.status == 303


async def test_many_wrong_tokens_make_an_address_wait(house: House) -> None:
    right = house.announced[-1]
    for _ in range(FAILURES_A_MINUTE):
        async with house.http.get(f"{house.url}/?token=wrong") as response:
            assert response.status == 401
    for url, headers in ((right, {}), (f"{house.url}/api/v1/x", house.bearer)):
        async with house.http.get(url, headers=headers, allow_redirects=False) as response:
            assert response.status == 429
            assert response.headers["Retry-After"] == "60"
    await house.clock.advance(60)
    await house.log_in()


@pytest.mark.parametrize("token", ["", "x" * 5_000, "%00", "%F0%9F%92%A9", "%ff", "' or 1=1"])
async def test_strange_tokens_are_wrong_tokens(house: House, token: str) -> None:
    async with house.http.get(f"{house.url}/?token={token}", allow_redirects=False) as response:
        assert response.status == 401


@pytest.mark.parametrize(
    ("path", "goal"),
    [("//evil.example/", "/"), ("//evil.example/%2e%2e", "/"), ("/%5C%5Cevil.example", "/%5C%5Cevil.example")],
)
async def test_no_redirect_leaves_noc(house: House, path: str, goal: str) -> None:
    answer = await house.raw(f"GET {path}?token={house.token} HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n\r\n")
    assert f"\r\nLocation: {goal}\r\n" in answer


@pytest.mark.parametrize(
    "goal", ["//evil", "/\\evil", "https://evil", "", "javascript:1", "/\t/evil", "/a\nb", "/\x00", "/ /evil"]
)
def test_goals_elsewhere_become_the_first_page(goal: str) -> None:
    assert local(goal) == "/"


@pytest.mark.parametrize("goal", ["/", "/sites/nairobi?a=%20b&c=/d", "/devices/ñ"])
def test_goals_here_stay(goal: str) -> None:
    assert local(goal) == goal


async def test_a_token_goes_nowhere_but_into_a_session(house: House) -> None:
    for method, path in (("HEAD", "/"), ("HEAD", "/sites/nairobi"), ("GET", "/live"), ("GET", "/api/v1/x")):
        url = f"{house.url}{path}?token={house.token}&a=1"
        async with house.http.request(method, url, allow_redirects=False) as response:
            assert response.status in (303, 401)
            assert house.token not in str(response.headers)
            assert not house.cookies()
    await house.log_in()


async def test_who_gives_a_token_and_a_cookie_means_the_token(house: House) -> None:
    await house.log_in("achieng")
    async with house.http.get(house.url, headers=house.bearer) as response:
        assert await response.text() == "api"
    async with house.http.get(house.url, headers={"Authorization": "Bearer x"}) as response:
        assert response.status == 401


async def test_a_fragment_is_not_filled_with_the_log_in_page(house: House) -> None:
    async with house.http.get(house.url, headers={"HX-Request": "true"}) as response:
        assert (response.status, response.headers["HX-Redirect"]) == (401, "/login")


async def test_browsers_of_two_nocs_on_one_machine_keep_both_sessions(house: House) -> None:
    await house.log_in()
    assert house.cookies().keys() == {f"noc_session_{house.server.port}"}
