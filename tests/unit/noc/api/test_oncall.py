"""Who is on call, asked by scripts: now, over a time, as a calendar; overrides and hand-overs."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path

import pytest

from alerts.policies import AlertSettings
from noc.api._endpoint import ROOT
from noc.api.routes import routes
from tests.unit.noc.api.answers import ask, get, refused, whole
from tests.unit.noc.http.house import FREE_PORT, House, build

PEOPLE = AlertSettings.model_validate_json(
    json.dumps(
        {
            "people": {
                "achieng": {"name": "Achieng Otieno", "email": "achieng@example.org", "phone": "+254 20 762 1234"},
                "berta": {"email": "berta@example.org"},
            },
            "notifiers": {"email": {}},
            "schedules": {
                "nairobi": {
                    "time_zone": "Africa/Nairobi",
                    "layers": [{"rotation": "daily", "people": ["achieng", "berta"], "start": "2026-02-28"}],
                },
                "office": {
                    "layers": [{"people": ["berta"], "hours": [{"days": "mon-fri", "from": "08:00", "to": "17:00"}]}]
                },
            },
            "desks": {
                "nairobi": {"time_zone": "Africa/Nairobi", "hours": [{"from": "00:00"}], "schedule": "nairobi"},
                "new-york": {"time_zone": "America/New_York", "hours": [{"from": "23:00"}], "schedule": "office"},
            },
        }
    )
)


@pytest.fixture
async def house(tmp_path: Path) -> AsyncIterator[House]:
    house = await build(tmp_path, FREE_PORT, routes, change=lambda sources: replace(sources, people=lambda: PEOPLE))
    yield house
    await house.stack.aclose()


async def test_who_is_on_call_at_a_moment_and_over_a_time(house: House) -> None:
    found = await get(house, "/oncall?at=2026-03-01T10:00:00Z")
    nairobi, office = found["schedules"]
    assert (nairobi["since"], nairobi["until"]) == ("2026-03-01T05:00:00Z", "2026-03-02T05:00:00Z")
    assert [(one["name"], one["why"], one["by"]) for one in nairobi["on_call"]] == [("berta", "layer", "layer 1")]
    assert nairobi["next"] == {"from": "2026-03-02T05:00:00Z", "people": ["achieng"]}
    assert (office["covered"], office["on_call"]) == (False, [])  # a Sunday
    assert [(one["desk"], one["daylight"]) for one in found["desks"]] == [("nairobi", True), ("new-york", False)]
    assert [one["schedule"] for one in (await get(house, "/oncall?schedule=office"))["schedules"]] == ["office"]
    said = await refused(house, "/oncall?schedule=ofice", "/query/schedule")
    assert "did you mean 'office'" in said
    week = await get(house, "/oncall/schedules/office/shifts?from=2026-03-02T00:00:00Z&to=2026-03-03T00:00:00Z")
    assert [(one["from"], one["to"]) for one in week["items"]] == [("2026-03-02T08:00:00Z", "2026-03-02T17:00:00Z")]
    assert len(week["holes"]) == 2
    days = "/oncall/schedules/nairobi/shifts?from=2026-03-02T00:00:00Z&to=2026-03-06T00:00:00Z"
    assert len((await get(house, days))["items"]) == 5
    for limit in (1, 2):
        assert await whole(house, days, limit) == (await get(house, days))["items"]
    await house.asks(f"{ROOT}/oncall/schedules/lagos/shifts", status=404)


async def test_calendars_of_a_schedule_and_of_a_person(house: House) -> None:
    for path, titles in (("schedules/nairobi", {"Achieng Otieno", "berta"}), ("people/achieng", {"Achieng Otieno"})):
        response = await house.http.get(f"{house.url}{ROOT}/oncall/{path}/calendar", headers=house.bearer)
        text = await response.text()
        assert response.content_type == "text/calendar"
        assert {line.partition(": ")[2] for line in text.splitlines() if line.startswith("SUMMARY")} == titles


async def test_somebody_stands_in_and_no_more(house: House) -> None:
    asked = {"schedule": "nairobi", "person": "achieng", "from": "2026-03-01T00:00:00Z", "to": "2026-03-05T00:00:00Z"}
    made = await ask(house, "POST", "/oncall/overrides", json={**asked, "why": "swap", "by": "berta"})
    assert (made["id"], made["who"], made["instead_of"]) == (1, "berta", None)
    again = {"json": {**asked, "person": "berta"}, "headers": {"Idempotency-Key": "7"}}
    for _ in range(2):  # a script that got no answer asks once more
        answer = await house.http.post(
            f"{house.url}{ROOT}/oncall/overrides", json=again["json"], headers={**house.bearer, **again["headers"]}
        )
        assert (await answer.json())["id"] == 2
    for limit in (1, 100):
        assert [one["id"] for one in await whole(house, "/oncall/overrides", limit)] == [1, 2]
        assert [one["id"] for one in await whole(house, "/oncall/overrides?why__empty=true", limit)] == [2]
        assert [one["id"] for one in await whole(house, "/oncall/overrides?person__n=berta", limit)] == [1]
    await ask(house, "POST", "/oncall/overrides/2/cancel", json={})
    (listed,) = (await get(house, "/oncall/overrides"))["items"]
    assert listed == made
    gone = await ask(house, "POST", "/oncall/overrides/1/cancel", json={"by": "achieng"})
    assert gone["cancelled_by"] == "achieng"
    await house.asks(f"{ROOT}/oncall/overrides/1/cancel", method="POST", status=409, json={})
    await house.asks(f"{ROOT}/oncall/overrides/7/cancel", method="POST", status=404, json={})
    await house.asks(f"{ROOT}/oncall/overrides", method="POST", status=400, json={**asked, "person": "acheng"})
    assert (await get(house, "/oncall/overrides"))["items"] == []


async def test_a_hand_over_is_written_and_accepted_once(house: House) -> None:
    (now,) = (await get(house, "/oncall?schedule=nairobi"))["schedules"]
    outgoing, incoming = now["on_call"][0]["person"], now["next"]["people"][0]
    texts = []
    for who in (outgoing, incoming):
        body = {"schedule": "nairobi", "text": "juba sags in rain", "by": who}
        answer = await house.http.post(f"{house.url}{ROOT}/oncall/handovers", json=body, headers=house.bearer)
        texts.append(answer.status)
    assert sorted(texts) == [200, 400]  # only one of them hands over at the nearest hand-off
    (written,) = await whole(house, "/oncall/handovers?schedule=nairobi", 1)
    assert written["accepted"] is None
    await house.asks(f"{ROOT}/oncall/handovers/1/accept", method="POST", status=400, json={"by": written["outgoing"]})
    accepted = await ask(house, "POST", "/oncall/handovers/1/accept", json={"by": written["incoming"]})
    assert accepted["accepted_by"] == written["incoming"]
    await house.asks(f"{ROOT}/oncall/handovers/1/accept", method="POST", status=409, json={"by": written["incoming"]})


async def test_a_calendar_of_shifts_becomes_overrides(house: House) -> None:
    lines = ["BEGIN:VCALENDAR", "VERSION:2.0", "PRODID:x", "BEGIN:VEVENT", "UID:1", "SUMMARY:berta"]
    lines += ["DTSTART:20270301T080000Z", "DTEND:20270301T200000Z", "END:VEVENT", "END:VCALENDAR", ""]
    body = {"calendar": "\r\n".join(lines), "name": "plan.ics"}
    assert await ask(house, "POST", "/oncall/schedules/nairobi/import", json=body) == {
        "read": 1,
        "new": 1,
        "cancelled": 0,
        "wrong": [],
    }
    wrong = {**body, "calendar": "hello"}
    await house.asks(f"{ROOT}/oncall/schedules/nairobi/import", method="POST", status=400, json=wrong)


async def test_the_phone_list(house: House) -> None:
    found = await whole(house, "/oncall/people", 1)
    assert found[0] == {
        "person": "achieng",
        "name": "Achieng Otieno",
        "phone": "+254 20 762 1234",
        "email": "achieng@example.org",
        "language": "en",
        "time_zone": None,
        "local_time": None,
    }
    assert [one["person"] for one in found] == ["achieng", "berta"]
    assert [one["person"] for one in (await get(house, "/oncall/people?phone__empty=true"))["items"]] == ["berta"]
    assert [one["person"] for one in (await get(house, "/oncall/people?name__ic=otieno"))["items"]] == ["achieng"]
