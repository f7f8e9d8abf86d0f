"""Windows: asked for, decided about by somebody else, foreseen, taken from carriers; and only what the caller sees."""

from __future__ import annotations

from typing import Any

import pytest

from noc.api._endpoint import ROOT
from noc.http.scope import Scope
from tests.unit.noc.api.answers import ask, get, refused, whole
from tests.unit.noc.http.house import House

ASKED = {
    "entity": "device/nbo-rtr-1",
    "from": "2026-03-07T22:00:00Z",
    "to": "2026-03-07T23:00:00Z",
    "rrule": "FREQ=WEEKLY;COUNT=3",
    "zone": "Africa/Nairobi",
    "why": "new line card",
    "by": "achieng",
}


async def asked(house: House, **changes: object) -> dict[str, Any]:
    found: dict[str, Any] = await ask(house, "POST", "/windows", json={**ASKED, **changes})
    return found


async def test_a_window_from_request_to_cancellation(house: House) -> None:
    found = await asked(house)
    assert (found["id"], found["state"], found["requested_by"], found["notice_s"]) == (
        1,
        "requested",
        "achieng",
        554400,
    )
    assert [one["from"] for one in found["next"]] == [f"2026-03-{day}T22:00:00Z" for day in ("07", "14", "21")]
    assert found["impact"]["lose_only_path"] == found["impact"]["not_covered"] == ["site/nairobi"]
    await house.asks(f"{ROOT}/windows/1/approve", method="POST", status=409, json={"by": "Achieng"})
    approved = await ask(house, "POST", "/windows/1/approve", json={"by": "berta", "why": "fine"})
    assert (approved["state"], approved["decided_by"]) == ("approved", "berta")
    left = await ask(house, "POST", "/windows/1/leave-out", json={"by": "berta", "from": "2026-03-14T22:00:00Z"})
    assert [one["from"] for one in left["next"]] == ["2026-03-07T22:00:00Z", "2026-03-21T22:00:00Z"]
    gone = await ask(house, "POST", "/windows/1/cancel", json={"why": "no parts"})
    assert (gone["state"], gone["next"]) == ("cancelled", [])
    steps = [(one["step"], one["who"], one["why"]) for one in gone["decisions"]]
    assert steps[0] == ("requested", "achieng", "new line card")
    assert steps[1] == ("approved", "berta", "fine")
    assert [step for step, *_ in steps[2:]] == ["shortened", "cancelled"]


async def test_one_that_is_once_is_made_shorter_or_rejected(house: House) -> None:
    await asked(house, rrule="")
    await ask(house, "POST", "/windows/1/approve", json={"by": "berta"})
    found = await ask(house, "POST", "/windows/1/shorten", json={"to": "2026-03-07T22:30:00Z"})
    assert found["to"] == "2026-03-07T22:30:00Z"
    await house.asks(f"{ROOT}/windows/1/shorten", method="POST", status=409, json={"to": "2026-03-07T23:30:00Z"})
    await asked(house)
    assert (await ask(house, "POST", "/windows/2/reject", json={"by": "berta"}))["state"] == "rejected"
    assert [one["id"] for one in await whole(house, "/windows?state=approved&state=rejected", 1)] == [2, 1]
    assert [one["id"] for one in await whole(house, "/windows?state=rejected", 100)] == [2]
    assert await whole(house, "/windows?entity=site/nairobi", 100) == []
    await refused(house, "/windows?state=gone", "/query/state")
    await house.asks(f"{ROOT}/windows/3", status=404)


@pytest.mark.parametrize(
    ("changes", "pointer"),
    [
        ({"entity": "device/nbo-rtr-9"}, "/body/entity"),
        ({"to": "2026-03-07T22:00:00Z"}, "/body/to"),
        ({"from": "2026-02-07T22:00:00Z", "to": "2026-02-07T23:00:00Z"}, "/body/to"),
        ({"rrule": "FREQ=HOURLY"}, "/body/rrule"),
        ({"zone": "Nairobi"}, "/body/zone"),
        ({"why": " "}, "/body/why"),
    ],
)
async def test_what_can_not_be_a_window_is_refused(house: House, changes: dict[str, object], pointer: str) -> None:
    answer: Any = await house.asks(f"{ROOT}/windows", method="POST", status=400, json={**ASKED, **changes})
    assert [fault["pointer"] for fault in answer["errors"]] == [pointer]


async def test_what_one_would_touch(house: House) -> None:
    found = await get(house, "/windows/preview?entity=site/brindisi")
    assert (found["lose_only_path"], found["not_covered"]) == (["site/nairobi", "site/brindisi"], ["site/nairobi"])
    await refused(house, "/windows/preview?entity=site/nowhere", "/query/entity")
    await refused(house, "/windows/preview?entity=site/nairobi&from=now&to=now-1h", "/query/to")


async def test_notices_of_carriers(house: House) -> None:
    lines = (
        *("BEGIN:VCALENDAR", "VERSION:2.0", "PRODID:-//c//EN", "BEGIN:VEVENT", "UID:1@c", "SUMMARY:nbo-sat is cut"),
        *("DTSTART:20260307T220000Z", "DURATION:PT2H", "END:VEVENT", "END:VCALENDAR", ""),
    )
    found = await ask(house, "POST", "/windows/import", json={"calendar": "\r\n".join(lines)})
    assert [(one["word"], one["entity"], one["window"]) for one in found["items"]] == [
        ("request", "circuit/nbo-sat", 1)
    ]
    assert (await get(house, "/windows/1"))["source"] == "1@c"
    await house.asks(f"{ROOT}/windows/import", method="POST", status=400, json={"calendar": "hello"})


async def test_only_what_the_caller_may_see(house: House) -> None:
    await asked(house)
    await house.log_in_as(Scope(frozenset({"europe"})), "berta")
    assert await whole(house, "/windows", 100, bearer=False) == []
    await house.asks(f"{ROOT}/windows/1", status=404, bearer=False)
    await house.asks(f"{ROOT}/windows/preview?entity=site/nairobi", status=404, bearer=False)


async def test_times_of_windows_stand_for_themselves_and_are_filtered(house: House) -> None:
    await asked(house)
    await ask(house, "POST", "/windows/1/approve", json={"by": "berta"})
    await asked(house, entity="site/brindisi", rrule="")
    found = await get(house, "/windows/times")
    assert [(one["window"], one["from"], one["state"]) for one in found["items"]] == [
        (1, "2026-03-07T22:00:00Z", "approved"),
        (2, "2026-03-07T22:00:00Z", "requested"),
        (1, "2026-03-14T22:00:00Z", "approved"),
        (1, "2026-03-21T22:00:00Z", "approved"),
    ]
    assert [one["window"] for one in (await get(house, "/windows/times?site=brindisi"))["items"]] == [2]
    assert [one["window"] for one in (await get(house, "/windows/times?state=requested"))["items"]] == [2]
    assert (await get(house, "/windows/times?to=2026-03-07T22:00:00Z"))["items"] == []
    assert (await get(house, "/windows/times?provider=nobody"))["items"] == []
    for limit in (1, 3):
        assert await whole(house, "/windows/times", limit) == found["items"]
    for query, windows in (
        ("region=europe", [2]),
        ("region__n=europe&limit=2", [1, 1]),
        ("state__n=requested&site=nairobi", [1, 1, 1]),
        ("entity=site/brindisi", [2]),
        ("entity__n=site/brindisi&why__ic=NOTHING", []),
        ("down__empty=false", []),
        ("provider__empty=true&site__n=nairobi", [2]),
    ):
        page = await get(house, f"/windows/times?{query}")
        assert [one["window"] for one in page["items"]] == windows, query
        assert page["is_more"] == (page["next"] is not None) == ("limit" in query)
    await refused(house, "/windows/times?entity=site/nowhere", "/query/entity")
    await refused(house, "/windows/times?from=now&to=now-1h", "/query/to")
    await refused(house, "/windows/times?region=nowhere", "/query/region")
    await house.log_in_as(Scope(frozenset({"africa"})))
    assert {one["window"] for one in (await get(house, "/windows/times", bearer=False))["items"]} == {1}


async def test_two_windows_that_cut_a_site_only_together_are_named(house: House) -> None:
    await asked(house, entity="region/europe", rrule="")
    found = await get(house, "/windows/preview?entity=site/nairobi&from=2026-03-07T22:00:00Z&to=2026-03-07T23:00:00Z")
    assert found["only_together"] == []
    assert found["devices"] >= 1
