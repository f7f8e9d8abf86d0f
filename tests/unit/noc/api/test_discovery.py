"""Discovery: proposals and drift, by number and by device, and only what the caller may see."""

from __future__ import annotations

from typing import Any

import pytest

from noc.http.scope import Scope
from noc.model.discovery import Drift, Found, Neighbour, SiteLook
from noc.state import drifts, proposals
from tests.unit.noc.api.answers import ask, get, refused, whole
from tests.unit.noc.http.house import House

KNOWN = "nbo-rtr-1"
FOUND = [
    Found("10.9.0.1", ("10.9.0.1", "10.9.0.2"), ("icmp", "snmp"), sys_name="<b>x</b>", device_class="switch"),
    Found("10.9.0.3", ("10.9.0.3",), ("ssh",), banner="SSH-2.0-x", site="nairobi", site_why="near"),
    Found("10.9.0.4", ("10.9.0.4",), neighbours=(Neighbour("lldp", "1", "n", "2", "10.9.0.9"),)),
]


@pytest.fixture
async def written(house: House) -> House:
    async with house.database.write() as connection:
        await proposals.add(connection, [*FOUND, Found("10.9.9.9", ("192.0.2.1",))], 1_000)
        await proposals.decide(connection, 3, "ignored", "achieng", 2_000)
        await drifts.write(
            connection,
            [KNOWN, "bds-rtr-1", "gone"],
            [
                Drift(KNOWN, "serial", expected="S1", seen="S2"),
                Drift(KNOWN, "neighbour", "الجار"),
                Drift(KNOWN, "neighbour", "b"),
                Drift("bds-rtr-1", "silent"),
                Drift("gone", "silent"),
            ],
            3_000,
        )
    return house


async def test_new_proposals_that_the_inventory_lacks_still(written: House) -> None:
    for limit in (1, 100):
        found = await whole(written, "/discovery/proposals", limit)
        assert [(one["id"], one["class"], one["site"]) for one in found] == [
            *((1, "switch", None), (2, "other", "nairobi")),
        ]
    assert found[0]["sys_name"] == "<b>x</b>"
    assert found[0]["first_seen"] == "1970-01-01T00:00:01Z"


async def test_proposals_by_state(written: House) -> None:
    found = await whole(written, "/discovery/proposals?state=ignored", 100)
    assert [(one["id"], one["decided_by"]) for one in found] == [(3, "achieng")]
    assert found[0]["neighbors"][0]["address"] == "10.9.0.9"
    both = await whole(written, "/discovery/proposals?state=ignored&state=new", 1)
    assert [one["id"] for one in both] == [1, 2, 3]
    await refused(written, "/discovery/proposals?state=gone", "/query/state")


async def test_drift_of_devices_that_there_are(written: House) -> None:
    for limit in (1, 2, 100):
        found = await whole(written, "/discovery/drift", limit)
        assert [(one["device"], one["kind"], one["subject"]) for one in found] == [
            ("device/bds-rtr-1", "silent", None),
            (f"device/{KNOWN}", "neighbour", "b"),
            (f"device/{KNOWN}", "neighbour", "الجار"),
            (f"device/{KNOWN}", "serial", None),
        ]
    assert (found[3]["expected"], found[3]["seen"]) == ("S1", "S2")


async def test_when_each_site_was_looked_at(written: House) -> None:
    async with written.database.write() as connection:
        await drifts.looked(connection, [SiteLook("bangui", 1_000, 1, 1), SiteLook("gone", 1_000, 1, 1)])
        await drifts.looked(connection, [SiteLook("bangui", 5_000, 0, 1)])
    for limit in (1, 100):
        found = await whole(written, "/discovery/looks", limit)
        assert found == [
            {"site": "site/bangui", "devices": 1, "looked_at": 0, "last_seen": "1970-01-01T00:00:05Z"},
            {"site": "site/brindisi", "devices": 0, "looked_at": 0, "last_seen": None},
            {"site": "site/nairobi", "devices": 0, "looked_at": 0, "last_seen": None},
        ]
    await written.log_in_as(Scope(frozenset({"europe"})))
    assert [one["site"] for one in await whole(written, "/discovery/looks", 100, bearer=False)] == ["site/brindisi"]


async def test_a_cursor_of_another_list_is_refused(written: House) -> None:
    await refused(written, "/discovery/drift?cursor=IjEi", "/query/cursor")


async def test_a_caller_of_one_region_sees_what_is_there(written: House) -> None:
    await written.log_in_as(Scope(frozenset({"africa"})))
    assert [one["id"] for one in await whole(written, "/discovery/proposals", 100, bearer=False)] == [2]
    drifting = await whole(written, "/discovery/drift", 1, bearer=False)
    assert {one["device"] for one in drifting} == {f"device/{KNOWN}"}


async def test_a_proposal_is_ignored_and_proposed_again_and_the_audit_knows(written: House) -> None:
    gone = await ask(written, "POST", "/discovery/proposals/1/ignore")
    assert (gone["state"], gone["decided_by"], gone["decided"] is None) == ("ignored", "api", False)
    assert await get(written, "/discovery/proposals/1") == gone
    again: Any = await written.asks("/api/v1/discovery/proposals/1/ignore", method="POST", status=409)
    assert "is ignored already" in again["detail"]
    back = await ask(written, "POST", "/discovery/proposals/1/propose")
    assert (back["state"], back["decided_by"], back["decided"]) == ("new", None, None)
    again = await written.asks("/api/v1/discovery/proposals/1/propose", method="POST", status=409)
    assert "isn't ignored" in again["detail"]
    done = (await get(written, "/audit?what__ic=/discovery/proposals/1"))["items"]
    assert [one["what"].rpartition("/")[2] for one in done if one["came"] == 200] == ["propose", "ignore"]
    async with written.database.write() as connection:
        await proposals.decide(connection, 2, "accepted", "achieng", 5_000, "nbo-sw-9")
    taken: Any = await written.asks("/api/v1/discovery/proposals/2/ignore", method="POST", status=409)
    assert "as device 'nbo-sw-9'" in taken["detail"]
    for number in ("99", "x"):
        await written.asks(f"/api/v1/discovery/proposals/{number}/ignore", method="POST", status=404)


async def test_proposals_of_other_regions_are_none(written: House) -> None:
    await written.log_in_as(Scope(frozenset({"europe"})))
    await written.asks("/api/v1/discovery/proposals/2", bearer=False, status=404)
