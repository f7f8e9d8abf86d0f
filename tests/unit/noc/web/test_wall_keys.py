"""A key for a wall, made on a page: the form says what a key is, and its address opens the wall."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from noc.web.manifest import Manifest
from noc.web.pages import WebPages
from noc.web.routes import routes
from tests.unit.noc.http.house import FREE_PORT, House, build


class Unbuilt(Manifest):
    """Stands where the scripts and styles were not built."""

    def url(self, name: str) -> str:
        return f"/static/{name}"


@pytest.fixture
async def house(tmp_path: Path) -> AsyncIterator[House]:
    made = await build(tmp_path, FREE_PORT, lambda sources: routes(sources, WebPages(sources, Unbuilt())))
    await made.log_in()
    yield made
    await made.stack.aclose()


async def page(house: House, path: str) -> str:
    async with house.http.get(house.url + path) as answer:
        assert answer.status == 200
        return await answer.text()


async def made(house: House, **form: str) -> str:
    csrf = re.search(r'name="csrf" value="([^"]+)"', await page(house, "/admin/tokens?for=wall"))
    assert csrf is not None
    data, headers = {"csrf": csrf[1], "role": "viewer", "reach": "all", **form}, {"Origin": house.url}
    async with house.http.post(f"{house.url}/admin/tokens", data=data, headers=headers) as answer:
        assert answer.status == 200
        return await answer.text()


async def test_the_form_for_a_wall_asks_for_a_token_that_sees_and_does_not_end(house: House) -> None:
    text = await page(house, "/admin/tokens?for=wall")
    assert 'value="wall-"' in text
    assert re.findall(r'name="right" value="(\w+)" checked', text) == ["see"]
    assert '<option value="" selected>' in text
    assert 'value="wall-"' not in await page(house, "/admin/tokens")
    assert "/admin/tokens?for=wall" in await page(house, "/admin")


async def test_what_comes_of_it_is_the_address_that_a_screen_opens(house: House) -> None:
    text = await made(house, name="wall-geneva", right="see", lives="")
    found = re.search(r'value="(http[^"]+/wall\?key=[^"]+)"', text)
    assert found is not None
    async with house.http.get(found[1], allow_redirects=False) as answer:
        assert (answer.status, answer.headers["Location"]) == (303, "/wall")


async def test_another_token_is_shown_as_such(house: House) -> None:
    assert "/wall?key=" not in await made(house, name="grafana", lives="90")
