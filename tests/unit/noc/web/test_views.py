"""No page is forgotten: each that has a route stands in the list that tests and pictures go by."""

from __future__ import annotations

import re
from pathlib import Path

from noc.web.navigation import BAR, MAILBOX, MORE
from noc.web.pages import WebPages
from noc.web.routes import routes
from tests.unit.noc.http.house import FREE_PORT, build
from tests.views import LOADED_LATER, NO_PAGES, VIEWS, addresses, lacking

API = "/api/v1/"


def shape(path: str) -> str:
    """Return an address without the names in its braces."""
    return re.sub(r"\{[^{}]+\}", "{}", path)


async def test_every_page_stands_in_the_list(tmp_path: Path) -> None:
    house = await build(tmp_path, FREE_PORT, lambda sources: routes(sources, WebPages(sources)))
    asked = {shape(one.path) for one in house.server.rights if one.method == "GET" and not one.path.startswith(API)}
    await house.stack.aclose()
    known = {shape(path) for path in (*VIEWS.values(), *LOADED_LATER, *NO_PAGES)}
    assert asked - known == set(), "add them to VIEWS of tests/views.py"
    assert known - asked == set(), "they have no route any more"


def test_everything_in_the_navigation_stands_in_the_list() -> None:
    assert {one.address for one in (*BAR, *MORE, MAILBOX)} <= set(VIEWS.values())


def test_a_world_fills_the_addresses_whose_names_it_has() -> None:
    assert lacking("/sites/{site}/{device}", {"site": "goma"}) == {"device"}
    filled = addresses({"site": "goma"})
    assert filled["site"] == "/sites/goma"
    assert "device" not in filled
    assert filled["map"] == "/map"
