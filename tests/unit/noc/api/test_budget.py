"""What is told of byte budgets and of shared engine ids: by the API and on the pages of site and device."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path

import pytest

from noc.api.routes import routes as api_routes
from noc.http.sources import Sources
from noc.model.budget import BudgetNow, LeftOut
from noc.model.reading import PartFailure
from noc.model.snapshot import DeviceIdentity, Snapshot
from noc.web.pages import WebPages
from noc.web.routes import routes as page_routes
from tests.unit.noc.api.answers import get
from tests.unit.noc.http.house import FREE_PORT, NOW_MS, House, build

LEFT = LeftOut("device/nbo-rtr-1", "snmp", "sensors and records", 9, NOW_MS)
BUDGET = BudgetNow("site/nairobi", 65_536, 61_000, (LEFT,))
IDENTITY = DeviceIdentity("192.0.2.1", *(None,) * 10, "generic")  # type: ignore[arg-type]
ERROR = PartFailure("entPhySensorTable", "left out: byte budget of site/nairobi")


def _with_budget(sources: Sources) -> Sources:
    return replace(
        sources,
        budget={"site/nairobi": BUDGET}.get,
        engine_twins=lambda entity: ("device/bds-rtr-1",) if entity == "device/nbo-rtr-1" else (),
    )


@pytest.fixture
async def narrow(tmp_path: Path) -> AsyncIterator[House]:
    """A house in which one site has a budget, and two devices are clones."""
    pages: list[WebPages] = []

    def both(sources: Sources) -> list[object]:
        pages.append(WebPages(sources))
        return [*api_routes(sources), *page_routes(sources, pages[-1])]

    house = await build(tmp_path, FREE_PORT, both, change=_with_budget)  # type: ignore[arg-type]
    yield house
    await house.stack.aclose()


async def test_the_api_tells_the_budget_of_a_site_and_what_it_left_out(narrow: House) -> None:
    site = await get(narrow, "/sites/nairobi")
    assert site["budget"] == {
        "limit_bytes": 65_536,
        "spent_bytes": 61_000,
        "left_out": [
            {
                "entity": "device/nbo-rtr-1",
                "check": "snmp",
                "what": "sensors and records",
                "times": 9,
                "last": "2026-03-01T12:00:00Z",
            }
        ],
    }
    assert (await get(narrow, "/sites/brindisi"))["budget"] is None


async def test_the_page_of_a_site_shows_its_budget(narrow: House) -> None:
    await narrow.log_in()
    async with narrow.http.get(f"{narrow.url}/sites/nairobi") as answer:
        text = await answer.text()
        assert answer.status == 200, text
    assert "Byte budget of" in text
    assert "sensors and records" in text
    async with narrow.http.get(f"{narrow.url}/sites/brindisi") as answer:
        assert "Byte budget of" not in await answer.text()


async def test_the_page_of_a_device_shows_what_was_not_read_and_whose_engine_id_it_has(narrow: House) -> None:
    narrow.read("nbo-rtr-1", Snapshot(IDENTITY, errors=(ERROR,)))
    await narrow.log_in()
    async with narrow.http.get(f"{narrow.url}/devices/nbo-rtr-1") as answer:
        text = await answer.text()
        assert answer.status == 200, text
    assert "left out: byte budget of site/nairobi" in text
    assert "SNMPv3 engine id is also that of" in text
    assert "/devices/bds-rtr-1" in text
