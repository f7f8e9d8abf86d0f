"""What changed before an incident, and what it explains, by the pages and by the API."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from noc.api.routes import routes as api_routes
from noc.http.changedbefore import looked_at
from noc.http.scope import Scope
from noc.http.sources import Sources
from noc.model.discovery import Drift
from noc.model.event import Event
from noc.model.incident import Symptom
from noc.model.window import WindowDecision
from noc.state import configurations, drifts, events, symptoms, windows
from noc.state.configurations import Fetched
from noc.topology import Topology
from noc.web.manifest import Manifest
from noc.web.pages import WebPages
from noc.web.routes import routes as page_routes
from tests.unit.noc.http.house import FREE_PORT, INVENTORY, NOW_MS, House, build, transition

MINUTE_MS = 60_000
HOSTILE = "<script>alert(1)</script>"
ROUTER, FAR = "device/nbo-rtr-1", "device/bds-rtr-1"


class Unbuilt(Manifest):
    """Stands where the scripts and styles were not built."""

    def url(self, name: str) -> str:
        return f"/static/{name}"


@pytest.fixture
async def house(tmp_path: Path) -> AsyncIterator[House]:
    def pages(sources: Sources) -> list[Any]:
        return list(page_routes(sources, WebPages(sources, Unbuilt())))

    with_topology = lambda sources: replace(sources, topology=lambda: Topology(INVENTORY))  # noqa: E731 one line
    made = await build(tmp_path, FREE_PORT, api_routes, pages, change=with_topology)
    await made.log_in("achieng")
    yield made
    await made.stack.aclose()


def test_what_it_hangs_on_is_looked_at_the_nearest_first() -> None:
    topology = Topology(INVENTORY)
    assert looked_at(INVENTORY, topology, ROUTER) == (["nbo-rtr-1"], ["bds-rtr-1"])
    assert looked_at(INVENTORY, topology, "interface/nbo-rtr-1/Gi0/0")[0] == ["nbo-rtr-1"]
    assert looked_at(INVENTORY, topology, "site/nairobi") == (["nbo-rtr-1"], ["bds-rtr-1"])
    assert looked_at(INVENTORY, topology, "circuit/nbo-sat")[0] == ["nbo-rtr-1"]
    assert looked_at(INVENTORY, None, "shared/storm/default/major") == ([], [])


def _event(number: int, device: str, name: str, event_class: str, minutes: float, text: str) -> events.Kept:
    at_ms = NOW_MS - int(minutes * MINUTE_MS)
    facts = {"user": "luca"} if name.startswith("%SYS") else {}
    event = Event("192.0.2.1", device, "syslog", name, event_class, "info", at_ms, at_ms, facts, text)  # type: ignore[arg-type]
    return events.Kept(number, event)


async def _lived_through(house: House) -> None:
    """Let there be one change of each kind within the hour before now, and one of each from before that."""
    for minutes, why in ((20, "another power supply"), (200, "long over")):
        at_ms = NOW_MS - minutes * MINUTE_MS
        span = at_ms, at_ms + 5 * MINUTE_MS
        asked = WindowDecision("site/nairobi", at_ms, 0, "requested", *span, "", "UTC", (), "otieno", why)
        async with house.database.write() as connection:
            held = await windows.request(connection, asked)
            await windows.approve(connection, held.number, who="achieng", now_ms=at_ms)
    async with house.database.write() as connection:
        for minutes, text, digest in ((300, "one", b"1"), (90, "two", b"2"), (10, "three", b"3")):
            copy = Fetched(text, digest, None, "luca")
            await configurations.keep(connection, "bds-rtr-1", copy, NOW_MS - minutes * MINUTE_MS, 10)
        right = Fetched("four", b"4", None, "achieng")  # of which nobody may say that it was before
        for minutes, later in ((3, copy), (5, right)):
            await configurations.keep(connection, "bds-rtr-1", later, NOW_MS + minutes * MINUTE_MS, 10)
        told = [
            _event(1, FAR, "%SYS-5-CONFIG_I", "configuration", 12, HOSTILE),
            _event(5, FAR, "CISCO-CONFIG-MAN-MIB::ciscoConfigManEvent", "configuration", 12.1, "the same by trap"),
            _event(2, ROUTER, "SNMPv2-MIB::coldStart", "other", 5, ""),
            _event(3, ROUTER, "%LINK-3-UPDOWN", "link", 5, "no change that anybody made"),
            _event(4, ROUTER, "%SYS-5-CONFIG_I", "configuration", 61, "too early"),
        ]
        await events.insert(connection, told)
        found = [Drift("nbo-rtr-1", "serial", "", "AAA", "BBB", NOW_MS - 3 * MINUTE_MS, NOW_MS)]
        await drifts.write(connection, ["nbo-rtr-1"], found, NOW_MS - 3 * MINUTE_MS)
    await house.write(
        replace(transition("peer/nbo-rtr-1/bgp:10.0.0.1", status="down"), since_ms=NOW_MS - 2 * MINUTE_MS)
    )


async def test_what_changed_in_the_hour_before_is_told_by_the_newest_first(house: House) -> None:
    await _lived_through(house)
    number = await house.raises(entity=ROUTER, since_ms=NOW_MS)
    items: Any = (await house.asks(f"/api/v1/incidents/{number}/changes"))["items"]
    told = [(one["kind"], one["entity"], one["upstream"]) for one in items]
    assert told == [
        ("routing", "peer/nbo-rtr-1/bgp:10.0.0.1", False),
        ("version", ROUTER, False),
        ("start", ROUTER, False),
        ("configuration", FAR, True),
        ("event", FAR, True),
        ("window", "site/nairobi", False),
    ]
    by_kind = {one["kind"]: one for one in items}
    assert by_kind["event"]["who"] == by_kind["configuration"]["who"] == "luca"
    assert by_kind["configuration"]["url"] == "/devices/bds-rtr-1/configuration?version=3"
    assert by_kind["version"]["text"] == "serial: AAA → BBB"
    assert by_kind["window"]["end"] == "2026-03-01T11:45:00Z"
    async with house.http.get(house.url + f"/incidents/{number}") as response:
        page = await response.text()
    assert "What changed before it" in page
    assert HOSTILE not in page
    assert "&lt;script&gt;" in page
    assert 'href="/devices/bds-rtr-1/configuration?version=3"' in page


async def test_a_reader_of_one_region_is_told_nothing_of_others(house: House) -> None:
    await _lived_through(house)
    number = await house.raises(entity=ROUTER, since_ms=NOW_MS)
    await _explains(house, number, [ROUTER, "device/bgf-rtr-1", FAR])
    await house.log_in_as(Scope(frozenset({"africa"})))
    for what in ("/changes", "/symptoms"):
        path = f"/api/v1/incidents/{number}{what}"
        async with house.http.get(house.url + path) as response:
            assert response.status == 200
            text = await response.text()
            assert FAR not in text
    assert '"hidden":1' in text.replace(" ", "")
    async with house.http.get(house.url + f"/incidents/{number}") as response:
        page = await response.text()
    assert 'href="/devices/bds-rtr-1' not in page
    assert "1 more is in a region that you may not see" in page


async def _explains(house: House, number: int, entities: list[str]) -> None:
    async with house.database.write() as connection:
        found = [
            Symptom(0, number, one, f"r{place}", "status", "critical", "default", NOW_MS, NOW_MS, {})
            for place, one in enumerate(entities)
        ]
        await symptoms.put(connection, found)


async def test_five_thousand_symptoms_are_counted_and_shown_a_page_at_a_time(house: House) -> None:
    number = await house.raises(entity=FAR)
    ports = [f"interface/nbo-rtr-1/Gi0/{place}" for place in range(4_998)]
    await _explains(house, number, [*ports, "device/bgf-rtr-1", "circuit/nbo-sat"])
    async with house.http.get(house.url + f"/incidents/{number}?page=2") as response:
        page = await response.text()
    assert len(re.findall(r'<tr id="symptom-', page)) == 20
    assert len(page) < 120_000
    assert "21–40 of 5000" in page
    assert f'href="/incidents/{number}?page=3#symptoms"' in page
    assert "Symptoms: 5,000" in page
    async with house.http.get(house.url + f"/incidents/{number}?at=bangui") as response:
        page = await response.text()
    assert len(re.findall(r'<tr id="symptom-', page)) == 1
    assert f'href="/incidents/{number}#symptoms"' in page
    answer: Any = await house.asks(f"/api/v1/incidents/{number}/symptoms?limit=1000")
    assert (answer["total"], answer["standing"], answer["hidden"]) == (5_000, 5_000, 0)
    assert answer["classes"] == {"router": 4_999, "circuit": 1}
    assert answer["sites"] == {"nairobi": 4_999, "bangui": 1}
    read = len(answer["items"])
    while answer["next"]:
        answer = await house.asks(f"/api/v1/incidents/{number}/symptoms?limit=1000&cursor={answer['next']}")
        read += len(answer["items"])
    assert read == 5_000
    alone: Any = await house.asks(f"/api/v1/incidents/{number}/symptoms?class=circuit")
    assert [one["entity"] for one in alone["items"]] == ["circuit/nbo-sat"]
