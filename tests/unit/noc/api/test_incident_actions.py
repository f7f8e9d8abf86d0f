"""What people do with incidents by the API: each thing once, and only on what they saw; problem records; notes."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from noc.api._endpoint import ROOT
from noc.model.incident import Symptom
from noc.state import diagnostics, symptoms
from noc.state.alerttables import symptom
from tests.unit.noc.api.answers import ask, get, refused, whole
from tests.unit.noc.http.house import NOW_MS, House


async def kinds(house: House, number: int) -> list[str]:
    return [entry["kind"] for entry in (await get(house, f"/incidents/{number}"))["timeline"]]


async def test_the_way_from_new_to_closed_and_back_in_between(house: House) -> None:
    number = await house.raises()
    path = f"/incidents/{number}"
    states = []
    for word, body in (
        ("acknowledge", {"note": "mine", "until": "2026-03-01T13:00:00Z"}),
        ("own", {}),
        ("start", {"note": "at it"}),
        ("resolve", {}),
        ("reopen", {"note": "not yet"}),
        ("major", {}),
        ("updates", {"note": "the carrier digs"}),
        ("tickets", {"channel": "ineed", "reference": "INC0012", "url": "https://ineed.example.org/INC0012"}),
        ("resolve", {}),
        ("close", {}),
    ):
        answer = await ask(house, "POST", f"{path}/{word}", json=body)
        states.append(answer["state"])
    assert states == [
        "acknowledged",
        "acknowledged",
        "in_progress",
        "resolved",
        *["new"] * 4,
        "resolved",
        "closed",
    ]
    assert (answer["reopenings"], answer["major"], answer["tickets"][0]["reference"]) == (1, True, "INC0012")
    for word in ("reopen", "close", "acknowledge"):
        await house.asks(f"{ROOT}{path}/{word}", method="POST", json={}, status=409)


async def test_an_acknowledgement_that_ends_in_the_past_is_refused(house: House) -> None:
    number = await house.raises()
    answer: Any = await house.asks(
        f"{ROOT}/incidents/{number}/acknowledge",
        method="POST",
        json={"until": "2026-03-01T11:00:00Z"},
        status=400,
    )
    assert answer["errors"][0]["pointer"] == "/body/until"


async def test_a_request_that_is_sent_again_is_done_once(house: House) -> None:
    number = await house.raises()
    path, headers = f"/incidents/{number}/notes", {"Idempotency-Key": "a-1"}
    first = await ask(house, "POST", path, json={"note": "seen"}, headers=headers)
    again = await ask(house, "POST", path, json={"note": "seen"}, headers=headers)
    assert again == first
    assert (await kinds(house, number)).count("note") == 1
    await ask(house, "POST", path, json={"note": "seen"}, headers={"Idempotency-Key": "a-2"})
    assert (await kinds(house, number)).count("note") == 2
    other = await house.asks(ROOT + path, method="POST", json={"note": "else"}, headers=headers, status=422)
    assert "Idempotency-Key" in str(other["detail"])
    await house.asks(ROOT + path, method="POST", json={"note": "x"}, headers={"Idempotency-Key": "k" * 201}, status=400)


async def test_what_has_changed_since_it_was_seen_is_left_alone(house: House) -> None:
    number = await house.raises()
    path = f"{ROOT}/incidents/{number}"
    async with house.http.get(house.url + path, headers=house.bearer) as response:
        seen = response.headers["ETag"]
    await house.asks(f"{path}/acknowledge", method="POST", json={}, headers={"If-Match": seen})
    answer = await house.asks(f"{path}/resolve", method="POST", json={}, headers={"If-Match": seen}, status=412)
    assert "has changed" in str(answer["detail"])
    assert await kinds(house, number) == ["opened", "acknowledged"]
    async with house.http.get(house.url + path, headers=house.bearer) as response:
        seen = response.headers["ETag"]
    await house.asks(f"{path}/resolve", method="POST", json={}, headers={"If-Match": seen})


async def test_a_priority_is_set_by_hand_and_released(house: House) -> None:
    number = await house.raises()
    path = f"{ROOT}/incidents/{number}"
    async with house.http.get(house.url + path, headers=house.bearer) as response:
        seen = response.headers["ETag"]
    said: dict[str, object] = {"priority": 1, "note": "the visit begins at noon"}
    done = await house.asks(f"{path}/priority", method="POST", json=said, headers={"If-Match": seen})
    assert done["priority"] == 1
    assert done["priority_by"]
    await house.asks(f"{path}/priority", method="POST", json=said, headers={"If-Match": seen}, status=412)
    released = await ask(house, "POST", f"/incidents/{number}/priority", json={"priority": None})
    assert released["priority_by"] is None
    assert (await kinds(house, number)).count("priority") == 2
    for wrong in ({"priority": 1}, {"priority": 0, "note": "x"}, {"priority": 6, "note": "x"}, {}):
        await house.asks(f"{path}/priority", method="POST", json=wrong, status=400)
    assert (await kinds(house, number)).count("priority") == 2


async def test_an_incident_shows_its_symptoms_and_what_devices_said(house: House) -> None:
    number = await house.raises()
    one = Symptom(0, number, "device/nbo-ups-1", "device-down", "status", "major", "", NOW_MS, NOW_MS, {})
    fields = {name: getattr(one, name) for name in Symptom.__dataclass_fields__ if name not in ("id", "facts")}
    async with house.database.write() as connection:
        await connection.execute(symptom.insert().values(**fields, facts='{"why": "upstream"}'))
        await diagnostics.ask(connection, number, "nbo-rtr-1", ["show version", "show clock"], NOW_MS)
        first, second = await diagnostics.unanswered(connection, 10)
        await diagnostics.answer(connection, first.id, "answered", 12, "IOS XE")
        await diagnostics.answer(connection, second.id, "failed", 5, "timeout")
    shown = await get(house, f"/incidents/{number}")
    assert (shown["symptom_count"], shown["symptoms_standing"]) == (1, 1)
    assert shown["symptoms"][0]["facts"] == {"why": "upstream"}
    assert [(one["question"], one["state"], one["answer"]) for one in shown["diagnostics"]] == [
        ("show version", "answered", "IOS XE"),
        ("show clock", "failed", "timeout"),
    ]


async def test_what_an_incident_explains_is_filtered_as_all_lists_are(house: House) -> None:
    number = await house.raises()
    one = Symptom(0, number, "device/nbo-ups-1", "device-down", "status", "major", "", NOW_MS - 5, NOW_MS, {})
    others = (
        replace(one, entity="device/bgf-rtr-1", severity="critical"),
        replace(one, entity="circuit/gone", rule="circuit-down", left_ms=NOW_MS),
    )
    async with house.database.write() as connection:
        await symptoms.put(connection, [one, *others])
    path = f"/incidents/{number}/symptoms"
    page = await get(house, path)
    assert (page["total"], page["standing"], page["classes"]["circuit"]) == (3, 2, 1)
    for query, expected in (
        ("", ["device/nbo-ups-1", "device/bgf-rtr-1", "circuit/gone"]),
        ("site=nairobi", ["device/nbo-ups-1"]),
        ("site__n=nairobi&class__n=circuit", ["device/bgf-rtr-1"]),
        ("class=circuit&class=site", ["circuit/gone"]),
        ("class__n=circuit", ["device/nbo-ups-1", "device/bgf-rtr-1"]),
        ("entity=circuit/gone", ["circuit/gone"]),
        ("entity__isw=DEVICE&severity=critical", ["device/bgf-rtr-1"]),
        ("rule__ic=circuit", ["circuit/gone"]),
        ("left__gte=now-1h", ["circuit/gone"]),
        ("region=africa&since__lt=now", ["device/nbo-ups-1", "device/bgf-rtr-1"]),
    ):
        for limit in (1, 2, 100):
            found = await whole(house, f"{path}?{query}", limit)
            assert [item["entity"] for item in found] == expected, query
        assert (await get(house, f"{path}?{query}"))["total"] == 3
    await refused(house, f"{path}?entity=device/nowhere", "/query/entity")


async def test_what_is_known_of_an_entity_stands_on_its_incidents(house: House) -> None:
    number = await house.raises()
    note = await ask(house, "POST", "/entity-notes", json={"entity": "device/nbo-rtr-1", "text": "it sags in rain"})
    await ask(house, "POST", "/entity-notes", json={"entity": "site/nairobi", "text": "gate code with the guard"})
    shown = await get(house, f"/incidents/{number}")
    assert [one["text"] for one in shown["entity_notes"]] == ["gate code with the guard", "it sags in rain"]
    await ask(house, "POST", f"/entity-notes/{note['id']}/remove", json={})
    assert len((await get(house, "/entity-notes"))["items"]) == 1
    assert (await get(house, "/entity-notes?entity=device/nbo-rtr-1"))["items"] == []
    wrong: Any = await house.asks(
        f"{ROOT}/entity-notes", method="POST", json={"entity": "device/none", "text": "x"}, status=400
    )
    assert wrong["errors"][0]["pointer"] == "/body/entity"


async def test_what_comes_again_is_suggested_and_becomes_a_problem_record(house: House) -> None:
    numbers = []
    for _ in range(3):
        numbers.append(await house.raises())
        await ask(house, "POST", f"/incidents/{numbers[-1]}/resolve", json={})
    other = await house.raises(entity="device/bgf-rtr-1")
    (suggested,) = await whole(house, "/problems/suggested", 1)
    for query, expected in (
        ("region=africa&count__gte=3", [suggested]),
        ("rule__n=device-down", []),
        ("last__lt=now-1d", []),
    ):
        assert await whole(house, f"/problems/suggested?{query}", 1) == expected, query
    assert (suggested["entity"], suggested["count"], suggested["newest"]) == ("device/nbo-rtr-1", 3, numbers[-1])
    made = await ask(
        house, "POST", "/problems", json={"title": "Modem sags", "incidents": [numbers[-1]], "alike": True}
    )
    assert [one["id"] for one in made["of"]] == numbers[::-1]
    assert (await get(house, "/problems/suggested"))["items"] == []
    path = f"/problems/{made['id']}"
    changed = await ask(house, "POST", path, json={"state": "known_error", "cause": "rain", "workaround": "wait"})
    assert (changed["state"], changed["cause"], changed["title"]) == ("known_error", "rain", "Modem sags")
    await ask(house, "POST", f"{path}/join", json={"incidents": [other]})
    await ask(house, "POST", f"{path}/leave", json={"incident": other})
    assert await kinds(house, other) == ["opened", "problem", "problem"]
    assert (await get(house, "/problems?state=known_error"))["items"][0]["incidents"] == 3
    assert (await get(house, "/problems?state=open"))["items"] == []
    await ask(house, "POST", path, json={"state": "closed"})
    await house.asks(f"{ROOT}{path}/join", method="POST", json={"incidents": [other]}, status=409)


@pytest.mark.parametrize("path", ["/problems/9", "/problems/x"])
async def test_a_problem_that_is_not_there(house: House, path: str) -> None:
    await house.asks(ROOT + path, status=404)


async def test_the_report_on_an_incident_is_one_click_away(house: House) -> None:
    number = await house.raises()
    path = f"/incidents/{number}"
    await ask(house, "POST", f"{path}/acknowledge", json={"note": "mine"})
    await ask(house, "POST", f"{path}/updates", json={"note": "the carrier digs"})
    await ask(house, "POST", f"{path}/notes", json={"note": "a digger was seen"})
    async with house.database.write() as connection:
        await diagnostics.ask(connection, number, "nbo-rtr-1", ["show version"], NOW_MS)
    await ask(house, "POST", f"{path}/resolve", json={})
    url = f"{house.url}{ROOT}{path}/report"
    async with house.http.get(url, headers=house.bearer) as response:
        text = await response.text()
        assert response.content_type == "text/html"
        assert response.headers["Content-Disposition"] == f'attachment; filename="post-incident-{number}.html"'
    for part in ("NBO-RTR-1", "the carrier digs", "a digger was seen", "show version", "Until somebody owned it"):
        assert part in text
    assert "It is not over" not in text
    async with house.http.get(f"{url}?format=pdf", headers=house.bearer) as response:
        assert (await response.read()).startswith(b"%PDF-")
    async with house.http.get(f"{url}?lang=fr", headers=house.bearer) as response:
        assert "Jusqu’à ce que quelqu’un s’en charge" in await response.text()
    await house.asks(f"{ROOT}{path}/report?lang=tlh", status=400)
    await house.asks(f"{ROOT}{path}/report?format=doc", status=400)
    await house.asks(f"{ROOT}/incidents/999/report", status=404)


async def test_the_report_on_an_incident_says_times_in_the_zone_that_is_asked_for(house: House) -> None:
    url = f"{house.url}{ROOT}/incidents/{await house.raises()}/report"
    clocks = {"UTC": "12:00", "Africa/Nairobi": "15:00", "Asia/Kathmandu": "17:45"}
    for zone, clock in clocks.items():
        async with house.http.get(url, params={"zone": zone}, headers=house.bearer) as response:
            text = await response.text()
        assert f"1 Mar 2026, {clock}" in text
        assert zone in text
    async with house.http.get(url, params={"zone": "Mars"}, headers=house.bearer) as response:
        assert response.status == 400
        assert "'Mars' is no time zone" in await response.text()
