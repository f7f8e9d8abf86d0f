"""Remote pollers, as the API tells them."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path

import pytest

from noc.api.routes import routes
from noc.model.poller import PollerNow, RemotePoller
from tests.unit.noc.api.answers import get, refused
from tests.unit.noc.http.house import FREE_PORT, House, build

AT = 1_780_000_000_000
KNOWN = (
    PollerNow(RemotePoller("gao-1", "west")),
    PollerNow(
        RemotePoller("nbo-1", "east", "here", "ab", "0.1", AT, AT + 1_000, 3, AT - 60_000, 2_500_000, 20_000, "p"),
        devices=34,
    ),
    PollerNow(RemotePoller("nbo-2", "east", "here", since_ms=AT, quarantine="two of it"), blind_ms=AT),
)


@pytest.fixture
async def house(tmp_path: Path) -> AsyncIterator[House]:
    house = await build(tmp_path, FREE_PORT, routes, change=lambda one: replace(one, pollers=lambda: KNOWN))
    yield house
    await house.stack.aclose()


async def test_pollers_by_name(house: House) -> None:
    first, second, third = (await get(house, "/pollers"))["items"]
    assert (first["state"], first["since"], first["seen"], first["offset_s"]) == ("never", None, None, None)
    assert (second["entity"], second["devices"], second["waiting"]) == ("poller/nbo-1", 34, 3)
    assert (second["oldest"], second["offset_s"], second["error_s"]) == ("2026-05-28T20:25:40Z", 2.5, 0.02)
    assert (third["state"], third["quarantine"], third["blind_since"]) == (
        *("quarantined", "two of it"),
        "2026-05-28T20:26:40Z",
    )


async def test_only_some_page_by_page(house: House) -> None:
    page = await get(house, "/pollers?limit=1")
    assert [one["name"] for one in page["items"]] == ["gao-1"]
    rest = await get(house, f"/pollers?cursor={page['next']}")
    assert [one["name"] for one in rest["items"]] == ["nbo-1", "nbo-2"]
    only = await get(house, "/pollers?state=quarantined")
    assert [one["name"] for one in only["items"]] == ["nbo-2"]
    assert "is not one of" in await refused(house, "/pollers?state=lost", "/query/state")
