"""What people write and devices say is filtered as everything else: events, windows, corrections, the ledger, …"""

from __future__ import annotations

from dataclasses import replace

import pytest

from noc.model.discovery import Drift, Found
from noc.state import drifts, events, incidents, proposals
from noc.state.events import Kept
from tests.unit.noc.api.answers import ask, get, refused, whole
from tests.unit.noc.api.test_corrections import PROPOSED
from tests.unit.noc.api.test_events import EVENT
from tests.unit.noc.api.test_windows import ASKED
from tests.unit.noc.http.house import NOW_MS, House, transition

FAR = "device/bds-rtr-1"

FOUND = {
    "/events?device=nbo-rtr-1&device=device/bds-rtr-1": [1, 2, 3],
    "/events?device__n=bds-rtr-1": [1, 4],
    "/events?site=nairobi": [1],
    "/events?site__n=nairobi": [2, 3, 4],
    "/events?region=africa&region=europe": [1, 2, 3],
    "/events?class__n=link": [2, 3],
    "/events?severity__n=critical&kind=trap": [1, 4],
    "/events?name__ic=LINKdown": [1, 4],
    "/events?text__ic=is%20down&about__isw=interface/": [1, 2, 3],
    "/events?source=192.0.2.1&count__gte=3": [1],
    "/events?last__gte=now-2m&last__lt=now-1m": [2],
    "/events?first__lt=now-3m": [3],
    "/windows?entity=device/nbo-rtr-1&entity=device/bds-rtr-1": [2, 1],
    "/windows?entity__n=device/nbo-rtr-1": [2],
    "/windows?region=europe": [2],
    "/windows?site__n=brindisi": [1],
    "/windows?why__ic=CARD": [1],
    "/windows?state=requested&requested_by=berta": [2],
    "/windows?state__n=requested": [],
    "/windows?from__gte=2026-03-08T00:00:00Z": [],
    "/windows?to__lt=2026-03-08T00:00:00Z&requested__gte=now-1h": [2, 1],
    "/corrections?entity__isw=site/": [1],
    "/corrections?entity=site/nairobi&entity=device/bds-rtr-1": [2, 1],
    "/corrections?region__n=europe": [1],
    "/corrections?cause=power": [2],
    "/corrections?cause__n=power&state=proposed": [1],
    "/corrections?why__ie=CUT%20FIBRE&proposed_by=achieng&from__lt=2026-03-01T10:00:01Z": [1],
    "/corrections?decided_by__empty=false": [],
    "/incidents?state=acknowledged&state=new": [2, 1],
    "/incidents?state__n=unresolved": [],
    "/incidents?severity__n=critical": [2],
    "/incidents?entity=device/nbo-rtr-1&entity=device/bds-rtr-1": [2, 1],
    "/incidents?entity__n=device/nbo-rtr-1": [2],
    "/incidents?owner=BERTA": [2],
    "/incidents?owner__n=berta": [1],
    "/incidents?owner__empty=true": [1],
    "/discovery/proposals?site=nairobi": [2],
    "/discovery/proposals?address=10.9.0.2": [1],
    "/discovery/proposals?vendor__ie=CISCO": [1],
    "/discovery/proposals?class__n=switch": [2],
    "/problems?title__ic=RAIN": [1],
    "/problems?state__n=open": [],
    "/problems?incidents__gte=1&opened__gte=now-1h": [1],
}

WRONG = {
    "/events?device=nbo-rtr-9": ("device", "there is no device 'nbo-rtr-9'"),
    "/events?device=nbo-rtr-1&device=": ("device", "is empty"),
    "/events?severity__n=huge": ("severity__n", "'huge' is not one of"),
    "/events?count__gte=many": ("count__gte", "must be a number"),
    "/events?last__gte=soon": ("last__gte", "'soon'"),
    "/windows?entity=site/nairobi&entity=site/gone": ("entity", "there is no 'site/gone'"),
    "/windows?entity__n=nbo-rtr-1": ("entity__n", "write the kind before the id"),
    "/windows?state__ic=x": ("state__ic", "unknown parameter"),
    "/corrections?cause=moon": ("cause", "'moon' is not one of"),
    "/corrections?site=nairoby": ("site", "there is no site 'nairoby'"),
    "/ledger?kind__isw=": ("kind__isw", "must have 1 to 500 characters"),
    "/discovery/drift?kind=strange": ("kind", "'strange' is not one of"),
    "/objectives?target_pct__gte=x": ("target_pct__gte", "must be a number"),
    "/availability/sites?verdict=fine": ("verdict", "'fine' is not one of"),
    "/pollers?state=lost": ("state", "'lost' is not one of"),
    "/audit?came__gte=x": ("came__gte", "must be a number"),
}


@pytest.fixture
async def filled(house: House) -> House:
    """A house with two of each."""
    far = replace(EVENT, device=FAR, event_class="power", kind="syslog", severity="critical", name="n", count=1)
    times_ms = (NOW_MS - 90_000, NOW_MS - 240_000)
    kept = [Kept(2 + index, replace(far, first_ms=at, last_ms=at)) for index, at in enumerate(times_ms)]
    async with house.database.write() as connection:
        await events.insert(connection, [Kept(1, EVENT), *kept])
        stray = replace(EVENT, device=None, source="192.0.2.9", count=2, last_ms=NOW_MS - 300_000)
        await events.insert(connection, [Kept(4, replace(stray, first_ms=NOW_MS - 100_000))])
        await proposals.add(
            connection,
            [
                Found("10.9.0.1", ("10.9.0.1", "10.9.0.2"), vendor="Cisco", device_class="switch"),
                Found("10.9.0.3", ("10.9.0.3",), site="nairobi"),
            ],
            NOW_MS,
        )
        await drifts.write(connection, ["nbo-rtr-1"], [Drift("nbo-rtr-1", "serial"), Drift("nbo-rtr-1", "name")], 1)
    await ask(house, "POST", "/windows", json=ASKED)
    await ask(house, "POST", "/windows", json={**ASKED, "entity": FAR, "why": "fans", "by": "berta"})
    await ask(house, "POST", "/corrections", json=PROPOSED)
    await ask(house, "POST", "/corrections", json={**PROPOSED, "entity": FAR, "cause": "power", "why": "fuse"})
    first = await house.raises()
    second = await house.raises(entity=FAR, rule="fan-failed", severity="minor")
    async with house.database.write() as connection:
        await incidents.acknowledge(connection, second, NOW_MS, "Berta")
    await ask(house, "POST", "/problems", json={"title": "sags in rain", "incidents": [first]})
    await ask(house, "POST", "/entity-notes", json={"entity": "site/nairobi", "text": "sags in rain"})
    return house


async def test_what_is_asked_for_is_found_page_by_page(filled: House) -> None:
    wrong = {}
    for path, expected in FOUND.items():
        found = [one["id"] for one in await whole(filled, path, 1)]
        if found != expected or [one["id"] for one in await whole(filled, path, 100)] != expected:
            wrong[path] = found
    assert wrong == {}


async def test_what_is_wrong_is_a_problem_that_names_the_field(filled: House) -> None:
    for path, (name, said) in WRONG.items():
        assert said in await refused(filled, path, f"/query/{name}"), path


async def test_lists_without_numbers_are_filtered_alike(filled: House) -> None:
    await filled.write(transition(), transition(FAR, 5, "down"))
    for path, key, expected in (
        (
            "/ledger?entity=device/nbo-rtr-1&entity=device/bds-rtr-1&kind=transition",
            "entity",
            ["device/nbo-rtr-1", FAR],
        ),
        ("/ledger?region=europe&kind__isw=trans&since__lt=now", "entity", [FAR]),
        ("/discovery/drift?kind=serial&region=africa", "kind", ["serial"]),
        ("/discovery/drift?kind__n=serial&device__ic=RTR-1", "kind", ["name"]),
        ("/discovery/looks?region=europe", "site", ["site/brindisi"]),
        ("/discovery/looks?site__n=nairobi&region=africa", "site", ["site/bangui"]),
        ("/availability/sites?region__n=europe&site__n=bangui", "entity", ["site/nairobi"]),
        ("/availability/devices?site=nairobi&coverage_pct__gte=101", "entity", []),
        ("/objectives?kind=site&region=africa&site__n=bangui&target_pct__gt=50", "entity", ["site/nairobi"]),
        ("/objectives?kind__n=site&kind=region&region=europe", "entity", ["region/europe"]),
    ):
        assert [one[key] for one in await whole(filled, path, 1)] == expected, path


async def test_notes_are_filtered_alike(filled: House) -> None:
    await ask(filled, "POST", "/entity-notes", json={"entity": FAR, "text": "no key on Sundays"})
    for query, expected in {
        "": [2, 1],
        "site=nairobi": [1],
        "text__nic=sags": [2],
        "entity=site/nairobi": [1],
        "entity=site/nairobi&entity=device/bds-rtr-1": [2, 1],
        "entity__n=site/nairobi": [2],
        "who__ic=nobody": [],
        "at__gte=now-1h": [2, 1],
        "at__lt=now-1h": [],
    }.items():
        for limit in (1, 100):
            assert [one["id"] for one in await whole(filled, f"/entity-notes?{query}", limit)] == expected, query


async def test_the_audit_is_filtered_alike(filled: House) -> None:
    items = (await get(filled, "/audit?what__ic=WINDOWS&came__lt=300&role=admin"))["items"]
    assert {one["what"] for one in items} == {"POST /api/v1/windows"}
    assert (await get(filled, "/audit?way__n=bearer&what__ic=windows"))["items"] == []
