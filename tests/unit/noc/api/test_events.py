from __future__ import annotations

from dataclasses import replace

import pytest

from noc.http.scope import Scope
from noc.model.event import Event
from noc.state import events, senders
from noc.state.events import Kept
from noc.state.senders import Changes, Sender
from tests.unit.noc.api.answers import get, refused, whole
from tests.unit.noc.http.house import NOW_MS, House

EVENT = Event(
    "192.0.2.1", "device/nbo-rtr-1", "trap", "IF-MIB::linkDown", "link", "major", NOW_MS - 60_000, NOW_MS,
    {"interface": "Gi0/1", "state": "down", "if_index": 7}, "Gi0/1 is down", NOW_MS - 61_000, 3,
)  # fmt: skip


@pytest.fixture
async def filled(house: House) -> House:
    """A house with events of two devices, and unknown senders."""
    kept = [Kept(1, EVENT)]
    for number in range(2, 8):
        at_ms = NOW_MS - number * 60_000
        other = replace(EVENT, name=f"n{number}", first_ms=at_ms, last_ms=at_ms, device="device/bds-rtr-1", count=1)
        kept.append(Kept(number, replace(other, event_class="power", kind="syslog", severity="critical")))
    async with house.database.write() as connection:
        await events.insert(connection, kept)
        strangers = tuple(Sender(f"198.51.100.{number}", "trap", 0, NOW_MS, number, "?") for number in range(5))
        await senders.write(connection, Changes((*strangers, Sender("::1", "syslog", 0, 1, 1, "")), ()))
    return house


async def test_an_event_with_all_that_is_known(filled: House) -> None:
    (item,) = (await get(filled, "/events?device=nbo-rtr-1"))["items"]
    assert item == {
        "id": 1,
        "source": "192.0.2.1",
        "device": "device/nbo-rtr-1",
        "about": "interface/nbo-rtr-1/Gi0/1",
        "kind": "trap",
        "name": "IF-MIB::linkDown",
        "class": "link",
        "severity": "major",
        "count": 3,
        "first": "2026-03-01T11:59:00Z",
        "last": "2026-03-01T12:00:00Z",
        "device_time": "2026-03-01T11:58:59Z",
        "facts": {"interface": "Gi0/1", "state": "down", "if_index": 7},
        "text": "Gi0/1 is down",
    }
    assert (await get(filled, "/events?device=device/nbo-rtr-1"))["items"] == [item]


async def test_filters_and_pages(filled: House) -> None:
    found = await whole(filled, "/events", 2)
    assert [item["id"] for item in found] == [1, 2, 3, 4, 5, 6, 7]
    for wanted in ("class=power", "kind=syslog", "severity=critical", "until=2026-03-01T12:00:00Z"):
        assert [item["id"] for item in await whole(filled, f"/events?{wanted}", 4)] == [2, 3, 4, 5, 6, 7]
    assert [item["id"] for item in (await get(filled, "/events?since=now-2m"))["items"]] == [1, 2]
    assert (await get(filled, "/events?class=power&class=link&limit=1000"))["next"] is None


async def test_who_sees_a_region_sees_its_events_and_no_strangers(filled: House) -> None:
    await filled.log_in_as(Scope(frozenset({"africa"})))
    found = await get(filled, "/events", bearer=False)
    assert [item["id"] for item in found["items"]] == [1]
    assert (await get(filled, "/unknown-senders", bearer=False))["items"] == []


async def test_unknown_senders_page_by_page(filled: House) -> None:
    found = await whole(filled, "/unknown-senders", 2)
    assert [item["address"] for item in found] == [*(f"198.51.100.{number}" for number in range(5)), "::1"]
    assert found[3] == {
        "address": "198.51.100.3",
        "kind": "trap",
        "count": 3,
        "first": "1970-01-01T00:00:00Z",
        "last": "2026-03-01T12:00:00Z",
        "sample": "?",
    }


async def test_what_is_wrong_in_a_query_is_told(filled: House) -> None:
    assert "did you mean 'link'" in await refused(filled, "/events?class=lnik", "/query/class")
    assert "another list" in await refused(filled, "/events?cursor=ImEi", "/query/cursor")
    assert "another list" in await refused(filled, "/unknown-senders?cursor=ImEi", "/query/cursor")
