"""The topology by the API: what it answers, what it refuses, what it hides."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from noc.api.routes import routes as api_routes
from noc.http.scope import EVERYTHING, Scope
from tests.unit.noc.api.answers import get
from tests.unit.noc.http.house import FREE_PORT, House, build


@pytest.fixture
async def home(tmp_path: Path) -> AsyncIterator[House]:
    made = await build(tmp_path, FREE_PORT, api_routes)
    yield made
    await made.stack.aclose()


async def test_a_site_is_answered_in_layers(home: House) -> None:
    await home.log_in_as(EVERYTHING)
    found = await get(home, "/topology?site=nairobi")
    ids = {node["id"] for node in found["nodes"]}
    assert "device/nbo-rtr-1" in ids
    assert {one for layer in found["layers"] for one in layer} == ids
    assert all({edge["upper"], edge["lower"]} <= ids for edge in found["edges"])


@pytest.mark.parametrize(
    "query", ["site=nowhere", "device=none", "incident=x", "from=site/nairobi", "site=nairobi&incident=1"]
)
async def test_what_names_nothing_is_refused(home: House, query: str) -> None:
    await home.log_in_as(EVERYTHING)
    async with home.http.get(f"{home.url}/api/v1/topology?{query}") as answer:
        assert answer.status == 400


async def test_what_lies_outside_of_the_regions_of_the_caller_is_not_told(home: House) -> None:
    await home.log_in_as(Scope(frozenset(("africa",))))
    found = await get(home, "/topology?site=nairobi", bearer=False)
    assert {node["site"] for node in found["nodes"]} == {"nairobi", None}
    (hidden,) = [node for node in found["nodes"] if node["kind"] == "hidden"]
    assert (hidden["entity"], hidden["name"], hidden["status"]) == (None, "", "unknown")
    assert "brindisi" not in str(found)
