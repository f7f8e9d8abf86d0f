"""Every address and every role: who lacks the right is refused, and who has it never is."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator
from itertools import pairwise
from pathlib import Path

import pytest
from aiohttp import web

from noc.api.routes import routes as api_routes
from noc.http.problems import ProblemError
from noc.http.rights import RightsTable, Route, need, refusal
from noc.http.scope import EVERYTHING, Caller
from noc.model.account import RIGHTS, RIGHTS_OF_NOC, ROLES, Right, Role, least_role
from noc.web.pages import WebPages
from noc.web.routes import routes as page_routes
from tests.unit.noc.http.house import FREE_PORT, House, build

STREAMS = ("/live", "/api/v1/stream")


def _path(path: str) -> str:
    """Return an address that fits a route: the first of what it takes, or else a word."""

    def filled(found: re.Match[str]) -> str:
        wanted = found[1].partition(":")[2]
        return wanted.split("|")[0] if wanted else "7"

    return re.sub(r"\{([^{}]+)\}", filled, path)


def test_each_role_has_what_the_one_before_has() -> None:
    for less, more in pairwise(ROLES):
        assert RIGHTS[less] < RIGHTS[more]
    assert RIGHTS["admin"] == frozenset(RIGHTS_OF_NOC)


@pytest.mark.parametrize("right", RIGHTS_OF_NOC)
def test_somebody_has_each_right(right: Right) -> None:
    assert right in RIGHTS[least_role(right)]


@pytest.fixture
async def home(tmp_path: Path) -> AsyncIterator[House]:
    made = await build(tmp_path, FREE_PORT, api_routes, lambda sources: page_routes(sources, WebPages(sources)))
    yield made
    await made.stack.aclose()


async def _asked(home: House, route: Route) -> tuple[int, str, str]:
    url = home.url + _path(route.path)
    async with home.http.request(route.method, url, allow_redirects=False) as answer:
        return answer.status, answer.headers.get("Location", ""), await answer.text()


@pytest.mark.parametrize("role", ROLES)
async def test_every_route_asks_for_its_right(home: House, role: Role) -> None:
    routes = [route for route in home.server.rights if route.path not in (*STREAMS, "/logout")]
    assert len(routes) > 100
    await home.log_in_as(EVERYTHING, role=role)
    for route in routes:
        status, _, text = await _asked(home, route)
        refused = status == 403 and "this takes the right to" in text
        assert refused == (route.right is not None and route.right not in RIGHTS[role]), (route.method, route.path)
        assert status != 401, (route.method, route.path)


async def test_without_a_log_in_only_what_is_open_is_answered(home: House) -> None:
    for route in home.server.rights:
        status, location, _ = await _asked(home, route)
        if route.right is not None:
            assert status == 401 or location.startswith("/login"), (route.method, route.path)


async def _nothing(_: web.Request) -> web.StreamResponse:
    return web.Response()


def test_to_see_is_no_right_to_change() -> None:
    with pytest.raises(ValueError, match="POST /a: to see is no right to change"):
        Route("POST", "/a", _nothing, "see")


def test_one_handler_takes_one_right() -> None:
    with pytest.raises(ValueError, match="takes another right"):
        RightsTable([Route("POST", "/a", _nothing, "handle"), Route("POST", "/b", _nothing, "administer")])


def test_who_lacks_a_right_is_told_who_has_it() -> None:
    who = Caller("ann", role="operator")
    assert refusal(who, "correct") == (
        "this takes the right to correct, which the roles manager or admin have; you are operator"
    )
    with pytest.raises(ProblemError):
        need(who, "administer")
    need(who, "handle")


def test_a_token_has_no_more_than_it_was_given() -> None:
    who = Caller("script", role="admin", rights=frozenset({"see"}), lacking="the token may only see")
    assert who.may("see")
    assert not who.may("handle")
    assert refusal(who, "handle").endswith("; you are admin; the token may only see")
