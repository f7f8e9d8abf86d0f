"""Keys of walls: one page, its data and its news, for as long as nobody revokes them."""

from __future__ import annotations

import logging
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from aiohttp import ClientSession, WSMsgType, web

from noc.access.callers import REMEMBERED_S
from noc.access.people import Acting
from noc.access.scripts import Wanted
from noc.http.login import FAILURES_A_MINUTE
from noc.http.rights import Route
from noc.http.scope import caller
from noc.http.sources import Sources
from noc.http.streams import HEARTBEAT_S
from noc.http.wallkeys import RIGHTS
from noc.state import auditlog
from tests.unit.noc.http.house import FREE_PORT, House, build, plain_routes

BY = Acting("root")
KEY = Wanted("wall-geneva", "viewer", rights=RIGHTS)


def _wall(_: Sources) -> list[Route]:
    async def show(request: web.Request) -> web.Response:
        regions = caller(request).scope.regions
        return web.Response(text=f"{caller(request).who} {'all' if regions is None else ','.join(regions)}")

    return [Route("GET", "/wall", show, "see")]


@pytest.fixture
async def house(tmp_path: Path) -> AsyncIterator[House]:
    made = await build(tmp_path, FREE_PORT, plain_routes, _wall)
    yield made
    await made.stack.aclose()


async def _said(house: House) -> str:
    async with house.http.get(f"{house.url}/wall") as response:
        assert response.status == 200
        return await response.text()


async def _key(house: House, wanted: Wanted = KEY) -> str:
    return (await house.server.gate.access.scripts.add(wanted, BY))[1]


async def _status(house: House, path: str) -> int:
    async with house.http.get(house.url + path, allow_redirects=False) as response:
        return response.status


async def test_a_key_opens_the_wall_and_leaves_the_address(house: House) -> None:
    url = f"{house.url}/wall?light=1&key={await _key(house)}"
    async with house.http.get(url, allow_redirects=False) as response:
        assert (response.status, response.headers["Location"]) == (303, "/wall?light=1")
        cookie = response.headers["Set-Cookie"]
        assert "HttpOnly" in cookie
        assert "SameSite=Lax" in cookie
        assert "Max-Age=34560000" in cookie
    async with house.http.get(f"{house.url}/wall") as response:
        assert (response.status, await response.text()) == (200, "wall-geneva all")
        assert "Max-Age=34560000" in response.headers["Set-Cookie"]  # for as long again


async def test_no_night_ends_it(house: House) -> None:
    await _status(house, f"/wall?key={await _key(house)}")
    await house.clock.advance(40 * 86_400)
    assert await _status(house, "/wall") == 200


async def test_it_opens_nothing_else(house: House) -> None:
    await _status(house, f"/wall?key={await _key(house)}")
    assert await _status(house, "/") == 303
    assert await _status(house, "/sites/nairobi") == 303
    assert await _status(house, "/api/v1/x") == 401
    assert await _status(house, "/api/v1/stream?topics=statuses") == 401
    async with house.http.post(f"{house.url}/take", data="x", headers={"Origin": house.url}) as response:
        assert response.status == 401


async def test_it_hears_news(house: House) -> None:
    await _status(house, f"/wall?key={await _key(house)}")
    async with house.http.ws_connect(f"{house.url}/live?topics=statuses", headers={"Origin": house.url}) as socket:
        assert (await socket.receive_json(timeout=5))["type"] == "hello"


async def test_a_revoked_one_is_out_within_seconds(house: House) -> None:
    key = await _key(house)
    await _status(house, f"/wall?key={key}")
    async with house.http.ws_connect(f"{house.url}/live?topics=statuses", headers={"Origin": house.url}) as socket:
        await socket.receive_json(timeout=5)
        await house.server.gate.access.scripts.revoke(KEY.name, BY)
        await house.clock.advance(REMEMBERED_S)
        assert await _status(house, "/wall") == 303
        assert await _status(house, f"/wall?key={key}") == 401
        await house.clock.advance(HEARTBEAT_S + 1)
        message = await socket.receive(timeout=5)
        assert (message.type, message.data, message.extra) == (WSMsgType.CLOSE, 1008, "logged out")


@pytest.mark.parametrize("wanted", [Wanted("script", "viewer"), Wanted("chief", "admin")], ids=["script", "chief"])
async def test_a_token_that_may_more_is_no_key(house: House, wanted: Wanted) -> None:
    assert await _status(house, f"/wall?key={await _key(house, wanted)}") == 401


async def test_regions_limit_it(house: House) -> None:
    limited = Wanted("wall-nairobi", "viewer", frozenset({"africa"}), RIGHTS)
    await _status(house, f"/wall?key={await _key(house, limited)}")
    assert await _said(house) == "wall-nairobi africa"


async def test_who_guesses_has_to_wait(house: House) -> None:
    for _ in range(FAILURES_A_MINUTE):
        assert await _status(house, "/wall?key=noc_guess") == 401
    assert await _status(house, f"/wall?key={await _key(house)}") == 429


async def test_neither_log_nor_audit_holds_a_key(house: House, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    key = await _key(house)
    await _status(house, f"/wall?key={key}")
    await _status(house, f"/wall?key={key}wrong")
    await _status(house, "/wall")
    assert key not in caplog.text
    async with house.database.read() as connection:
        records = await auditlog.page(connection, limit=100)
    assert "wall opened" in [one.done.what for one in records]
    assert key not in repr(records)


async def test_somebody_who_is_logged_in_stays_who_they_are(house: House) -> None:
    await house.log_in("achieng")
    await _status(house, f"/wall?key={await _key(house)}")
    assert await _said(house) == "achieng all"


async def test_a_stranger_is_sent_to_log_in(house: House) -> None:
    async with ClientSession() as stranger, stranger.get(f"{house.url}/wall", allow_redirects=False) as response:
        assert (response.status, response.headers["Location"]) == (303, "/login?next=%2Fwall")
