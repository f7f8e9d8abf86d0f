"""Who is limited to a region sees nothing of others, at any address: what isn't theirs is as what isn't there."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Final

import pytest

from noc.api.routes import routes as api_routes
from noc.app.reportdesk import ReportDesk
from noc.http.rights import Route
from noc.http.scope import Scope
from noc.http.sources import Sources
from noc.inventory.entities import Circuit
from noc.inventory.inventory import Inventory
from noc.model.discovery import Found
from noc.reports.frame.asked import Asked
from noc.state import configurations, proposals
from noc.state.configurations import Fetched
from noc.web.pages import WebPages
from noc.web.routes import routes as page_routes
from tests.unit.noc.http.house import FREE_PORT, INVENTORY, NOW_MS, TARGETS, House, build, transition

AFRICA: Final = Scope(frozenset({"africa"}))
FOREIGN_WORDS: Final = ("bds-rtr-1", "BDS-RTR-1", "bds-sat", "far fans", "far away again")
"""The site itself is what a router of Nairobi hangs on, and so is named there."""

BY_ID: Final = {
    "regions": "europe",
    "region": "europe",
    "sites": "brindisi",
    "site": "brindisi",
    "devices": "bds-rtr-1",
    "device": "bds-rtr-1",
    "circuits": "bds-sat",
    "circuit": "bds-sat",
}
"""What stands in another region, by the noun of its addresses; numbers are made by the test."""

OF_NO_REGION: Final = {
    "admin": "for those who may see all regions",
    "accounts": "for those who may see all regions",
    "a": "a signed link of a message: it says itself whose it is",
    "api": "the description of the API is the same for all",
    "static": "scripts and style",
    "calendars": "signed addresses: they say themselves whose they are",
    "endpoints": "this house has none",
    "help": "the handbook is the same for all",
    "live": "told by scope, tests/unit/noc/http/test_live.py",
    "mailbox": "of the demo",
    "oncall": "people on call are for all who log in",
    "endpoint": "this house has none",
    "pollers": "for those who may see all regions",
    "rehearsal": "for those who may see all regions",
    "rehearsals": "for those who may see all regions",
    "report-runs": "told by scope, tests/unit/noc/api/test_reports.py",
    "rules": "rules hold for all regions",
    "segmentation": "told by scope, tests/unit/noc/api/test_segmentation.py",
    "services": "for those who may see all regions",
    "service": "for those who may see all regions",
    "welcome": "an invitation",
    "what-ifs": "this house tries no rules",
}
"""Nouns of addresses whose last part is no entity with a region, and why."""

NO_FIGURES: Final = tuple(f"/api/v1/{what}/circuits/{{id}}" for what in ("availability", "objectives"))
"""This house makes figures of no circuit of Brindisi."""

STREAMS: Final = ("/live", "/api/v1/stream")


@dataclass
class Foreign:
    """A house with things in another region, by the noun of their addresses."""

    house: House
    ids: dict[str, str]


def with_circuit() -> Inventory:
    far = Circuit.model_validate(
        {
            "id": "bds-sat",
            "name": "Brindisi by satellite",
            "kind": "satellite",
            "site": "brindisi",
            "a": {"device": "bds-rtr-1", "interface": "Gi0/0"},
        }
    )
    return replace(INVENTORY, circuits={**INVENTORY.circuits, "bds-sat": far})


def noun_of(path: str) -> str:
    parts = path.removeprefix("/api/v1").strip("/").split("/")
    return parts[1] if parts[0] in ("availability", "objectives", "map") and len(parts) > 1 else parts[0]


def filled(path: str, key: str) -> str:
    """Return an address with an id; what stands behind it is the first that there is."""
    done = re.sub(r"\{[^{}]+\}", key, path, count=1)
    return re.sub(r"\{[^{}]+\}", "1", done)


async def number_of(house: House, path: str, said: Mapping[str, object]) -> str:
    made: Any = await house.asks(path, method="POST", json=said)
    return str(made["id"])


@pytest.fixture
async def foreign(tmp_path: Path) -> AsyncIterator[Foreign]:
    inventory = with_circuit()

    desk: list[ReportDesk] = []

    def change(sources: Sources) -> Sources:
        desk.append(ReportDesk(sources.database, lambda: inventory, lambda: TARGETS, sources.clock))
        return replace(sources, inventory=lambda: inventory, reports=desk[0])

    makers = (api_routes, lambda sources: page_routes(sources, WebPages(sources)))
    house = await build(tmp_path, FREE_PORT, *makers, change=change)
    await house.write(transition("device/bds-rtr-1", 300, "up"), transition("device/bds-rtr-1", 200, "down"))
    await house.write(transition("device/bds-rtr-1", 100, "up"))
    incident = str(await house.raises(entity="device/bds-rtr-1"))
    async with house.database.write() as connection:
        for text in (b"hostname a\n", b"hostname b\n"):
            copy = Fetched(text.decode(), text, None, "amina")
            await configurations.keep(connection, "bds-rtr-1", copy, NOW_MS, 10)
        await proposals.add(connection, [Found("10.9.0.1", ("10.9.0.1",), site="brindisi", sys_name="bds-sat")], NOW_MS)
    site, why = "site/brindisi", {"why": "swap the far fans"}
    window = {"entity": site, "from": "2026-03-05T00:00:00Z", "to": "2026-03-05T02:00:00Z", **why}
    past = {"entity": site, "from": "2026-03-01T08:00:00Z", "to": "2026-03-01T09:00:00Z", "cause": "power", **why}
    record = {"title": "far away again", "incidents": [int(incident)]}
    numbers = {
        "incidents": incident,
        "discovery": "1",
        "windows": await number_of(house, "/api/v1/windows", window),
        "corrections": await number_of(house, "/api/v1/corrections", past),
        "problems": await number_of(house, "/api/v1/problems", record),
    }
    numbers["reports"] = str((await desk[0].issue(Asked(report="availability", period="7d", of="region/europe"))).id)
    ids = {**BY_ID, **numbers, "problem-records": numbers["problems"], "maintenance": numbers["windows"]}
    yield Foreign(house, ids)
    await house.stack.aclose()


def asked(house: House) -> list[Route]:
    return [route for route in house.server.rights if route.method == "GET" and route.path not in STREAMS]


async def told(house: House, path: str) -> tuple[int, str]:
    async with house.http.get(house.url + path, allow_redirects=False) as answer:
        return answer.status, await answer.text()


def without(text: str, key: str) -> str:
    body = re.search(r"<main.*</main>", text, re.DOTALL)
    return re.sub(rf"(?<![\w-]){re.escape(key)}(?![\w-])", "ID", body[0] if body else text)


async def test_what_is_in_another_region_is_answered_as_what_is_not_there(foreign: Foreign) -> None:
    house = foreign.house
    routes = [route for route in asked(house) if "{" in route.path and noun_of(route.path) not in OF_NO_REGION]
    known = {route.path for route in routes if noun_of(route.path) in foreign.ids}
    assert {route.path for route in routes} - known == set(), "say of these whether they stand in a region"
    assert len(known) > 20
    await house.log_in_as(AFRICA)
    for route in routes:
        key = foreign.ids[noun_of(route.path)]
        missing = "99999" if key.isdigit() else "nowhere"
        status, text = await told(house, filled(route.path, key))
        without_one, other = await told(house, filled(route.path, missing))
        assert (status, without_one) == (404, 404), route.path
        assert without(text, key) == without(other, missing), route.path


async def test_the_same_things_are_there_for_who_may_see_all(foreign: Foreign) -> None:
    house = foreign.house
    await house.log_in_as(Scope())
    for route in asked(house):
        if "{" in route.path and noun_of(route.path) in foreign.ids:
            status, _ = await told(house, filled(route.path, foreign.ids[noun_of(route.path)]))
            assert status != 404 or route.path in NO_FIGURES, route.path


async def test_no_page_and_no_list_names_anything_of_another_region(foreign: Foreign) -> None:
    house = foreign.house
    await house.log_in_as(AFRICA)
    for route in asked(house):
        if "{" in route.path:
            continue
        _, text = await told(house, route.path)
        named = [word for word in FOREIGN_WORDS if word in text]
        assert named == [], route.path
