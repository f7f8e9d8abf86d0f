"""Incidents: lists, one of them, and what people do with it."""

from __future__ import annotations

import json

import pytest

from noc.api import _pages
from noc.model.incident import Notice
from noc.state import incidents, outbox
from tests.unit.noc.api.answers import ask, get, refused, whole
from tests.unit.noc.http.house import NOW_MS, House


async def test_an_incident_with_its_timeline_and_notices(house: House) -> None:
    number = await house.raises()
    async with house.database.write() as connection:
        await outbox.put(connection, [Notice(0, f"{number}/1", number, 1, "achieng", "email", "page", NOW_MS)])
    incident = await get(house, f"/incidents/{number}")
    assert {key: incident[key] for key in ("entity", "severity", "state", "since", "opened", "facts")} == {
        "entity": "device/nbo-rtr-1",
        "severity": "critical",
        "state": "new",
        "since": "2026-03-01T11:59:00Z",
        "opened": "2026-03-01T11:59:30Z",
        "facts": {"status": "down"},
    }
    assert incident["timeline"] == [
        {"at": "2026-03-01T12:00:00Z", "kind": "opened", "who": None, "facts": {"value": 4.1}}
    ]
    (notice,) = incident["notices"]
    assert (notice["person"], notice["channel"], notice["state"], notice["sent"]) == (
        "achieng",
        "email",
        "queued",
        None,
    )
    (listed,) = (await get(house, "/incidents"))["items"]
    assert listed == {key: incident[key] for key in listed}


async def test_the_newest_come_first_page_by_page(house: House) -> None:
    numbers = [await house.raises(rule=f"rule-{number}") for number in range(7)]
    for limit in (1, 3, 7, 1000):
        assert [item["id"] for item in await whole(house, "/incidents", limit)] == numbers[::-1]


async def test_a_new_incident_moves_no_page(house: House) -> None:
    numbers = [await house.raises(rule=f"rule-{number}") for number in range(4)]
    first = await get(house, "/incidents?limit=2")
    await house.raises(rule="new")
    second = await get(house, f"/incidents?limit=2&cursor={first['next']}")
    assert [item["id"] for item in first["items"] + second["items"]] == numbers[::-1]


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("", [5, 4, 3, 2, 1]),
        ("state=unresolved", [5, 4, 3, 2]),
        ("state=resolved", [1]),
        ("state=open&severity=critical", [5, 2]),
        ("state=acknowledged", [3]),
        ("severity=minor&severity=major", [4, 3]),
        ("severity=warning", []),
        ("site=nairobi", [5, 4, 2]),
        ("site=brindisi", [3, 1]),
        ("entity=site/brindisi", [3]),
        ("entity=device/nbo-ups-1", []),
        ("site=nairobi&entity=site/brindisi", []),
        ("priority=1", [2]),
        ("priority=1&priority=4", [5, 4, 3, 2, 1]),
        ("priority=2", []),
        ("owner=X", [3]),
        ("owner=nobody", []),
        ("region=africa", [5, 4, 2]),
        ("q=BRINDISI", [3, 1]),
        ("q=gi0/0&region=africa", [4]),
        ("q=%235", [5]),
    ],
)
async def test_incidents_are_filtered(house: House, query: str, expected: list[int]) -> None:
    await house.raises(entity="device/bds-rtr-1")
    await house.raises(entity="device/nbo-rtr-1")
    await house.raises(entity="site/brindisi", severity="major")
    await house.raises(entity="interface/nbo-rtr-1/Gi0/0", severity="minor")
    await house.raises(entity="circuit/nbo-sat")
    async with house.database.write() as connection:
        await incidents.resolve(connection, 1, NOW_MS, "x")
        await incidents.acknowledge(connection, 3, NOW_MS, "x")
        await incidents.put(connection, 2, {"priority": 1})
    for limit in (1, 2, 100):
        assert [item["id"] for item in await whole(house, f"/incidents?{query}", limit)] == expected


async def test_a_filter_that_fits_little_looks_at_a_bounded_number(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(_pages, "CHUNK", 3)
    monkeypatch.setattr(_pages, "SCANNED_AT_MOST", 6)
    wanted = await house.raises(severity="minor")
    for number in range(15):
        await house.raises(rule=f"rule-{number}")
    page = await get(house, "/incidents?severity=minor&limit=2")
    assert page["items"] == []
    assert page["next"] is not None
    assert [item["id"] for item in await whole(house, "/incidents?severity=minor", 10)] == [wanted]


async def test_people_act_in_their_own_name(house: House) -> None:
    number = await house.raises()
    await house.log_in("achieng")
    own = {"Origin": house.url}
    path = f"/incidents/{number}"
    await ask(house, "POST", f"{path}/acknowledge", json={"note": "  mine\x07 "}, headers=own, bearer=False)
    await ask(house, "POST", f"{path}/notes", json={"note": "卫星\nلا"}, headers=own, bearer=False)
    answer = await ask(house, "POST", f"{path}/resolve", json={}, headers=own, bearer=False)
    assert (answer["state"], answer["acknowledged_by"], answer["resolved_by"]) == ("resolved", "achieng", "achieng")
    assert [(entry["kind"], entry["who"], entry["facts"].get("text")) for entry in answer["timeline"][1:]] == [
        ("acknowledged", "achieng", "mine"),
        ("note", "achieng", "卫星\nلا"),
        ("resolved", "achieng", None),
    ]


async def test_a_script_acts_by_its_token_and_needs_no_body(house: House) -> None:
    number = await house.raises()
    headers = {"Content-Type": "application/json"}
    answer = await ask(house, "POST", f"/incidents/{number}/acknowledge", headers=headers)
    assert answer["acknowledged_by"] == "api"
    again = await ask(house, "POST", f"/incidents/{number}/acknowledge", json={"note": "again"})
    assert again == answer


async def test_what_is_resolved_can_be_neither_acknowledged_nor_resolved(house: House) -> None:
    number = await house.raises()
    path = f"/api/v1/incidents/{number}"
    before = await ask(house, "POST", f"/incidents/{number}/resolve", json={})
    for verb in ("acknowledge", "resolve"):
        answer = await house.asks(f"{path}/{verb}", method="POST", json={"note": "late"}, status=409)
        assert answer["title"] == "Conflict"
        assert answer["detail"] == (
            f"incident {number} is resolved, since 2026-03-01T12:00:00Z, by api; nothing was changed"
        )
    assert await get(house, f"/incidents/{number}") == before


async def test_what_noc_resolved_by_itself_says_so(house: House) -> None:
    number = await house.raises()
    async with house.database.write() as connection:
        await incidents.resolve(connection, number, NOW_MS, None)
    answer = await house.asks(f"/api/v1/incidents/{number}/acknowledge", method="POST", json={}, status=409)
    assert "since 2026-03-01T12:00:00Z, by itself" in str(answer["detail"])


async def test_a_note_can_still_be_added_when_all_is_over(house: House) -> None:
    number = await house.raises()
    await ask(house, "POST", f"/incidents/{number}/resolve", json={})
    answer = await ask(house, "POST", f"/incidents/{number}/notes", json={"note": "it was a loose cable"})
    assert answer["timeline"][-1]["facts"] == {"text": "it was a loose cable"}


async def test_another_site_can_not_act(house: House) -> None:
    number = await house.raises()
    await house.log_in()
    for headers in ({}, {"Origin": "https://evil.example"}):
        path = f"/api/v1/incidents/{number}/resolve"
        await house.asks(path, method="POST", json={}, headers=headers, bearer=False, status=403)
    assert (await get(house, f"/incidents/{number}"))["state"] == "new"


VALID = "text of 1 to 4000 characters"
OBJECT = 'send an object with note, such as {"note": "…"}'

BODIES = [
    ("", "/body/note", f"is missing; it must be {VALID}"),
    ("{}", "/body/note", f"is missing; it must be {VALID}"),
    ('{"note": ""}', "/body/note", f"is empty; it must be {VALID}"),
    ('{"note": "\\u0000 "}', "/body/note", f"is empty; it must be {VALID}"),
    ('{"note": 1}', "/body/note", f"must be text, not 1; it must be {VALID}"),
    ('{"note": null}', "/body/note", f"must be text, not nothing; it must be {VALID}"),
    ('{"note": ["a"]}', "/body/note", f"must be text, not a list; it must be {VALID}"),
    ('{"note": "x", "who": "somebody else"}', "/body/who", "unknown field; known here: note"),
    ('{"note": "x", "notes": ""}', "/body/notes", "unknown field (did you mean 'note'?); known here: note"),
    (json.dumps({"note": "x" * 4_001}), "/body/note", f"has 4001 characters; it must be {VALID}"),
    ("[]", "/body", f"must be an object, not a list; {OBJECT}"),
    ("null", "/body", f"must be an object, not nothing; {OBJECT}"),
    ("{", "/body", f"is no JSON: EOF while parsing an object at line 1 column 1; {OBJECT}"),
    ('{"note": "\\ud800"}', "/body", f"is no JSON: unexpected end of hex escape at line 1 column 17; {OBJECT}"),
    ("[" * 10_000, "/body", f"is no JSON: recursion limit exceeded at line 1 column 202; {OBJECT}"),
    ("\x00", "/body", f"is no JSON: expected value at line 1 column 1; {OBJECT}"),
]


async def test_a_bad_note_is_refused_with_the_field_what_is_wrong_and_what_is_valid(house: House) -> None:
    number = await house.raises()
    path = f"/api/v1/incidents/{number}/notes"
    headers = {"Content-Type": "application/json"}
    for body, pointer, said in BODIES:
        answer = await house.asks(path, method="POST", data=body.encode(), headers=headers, status=400)
        assert answer["errors"] == [{"pointer": pointer, "detail": said}], body
        assert answer["detail"] == f"{pointer}: {said}"
    assert len((await get(house, f"/incidents/{number}"))["timeline"]) == 1


async def test_several_mistakes_are_told_at_once(house: House) -> None:
    number = await house.raises()
    path = f"/api/v1/incidents/{number}/notes"
    answer = await house.asks(path, method="POST", json={"text": "x", "nota": "y"}, status=400)
    pointers = [fault["pointer"] for fault in answer["errors"]]  # type: ignore[attr-defined]
    assert pointers == ["/body/note", "/body/text", "/body/nota"]


async def test_a_remark_may_be_empty_and_has_a_bound(house: House) -> None:
    number = await house.raises()
    path = f"/api/v1/incidents/{number}/acknowledge"
    answer = await house.asks(path, method="POST", json={"note": "x" * 4_001}, status=400)
    assert answer["errors"] == [
        {"pointer": "/body/note", "detail": "has 4001 characters; it must be text of up to 4000 characters"}
    ]
    await house.asks(path, method="POST", json={"note": ""})


async def test_only_json_is_taken(house: House) -> None:
    number = await house.raises()
    for content_type in ("text/plain", "application/x-www-form-urlencoded", "multipart/form-data", ""):
        headers = {"Content-Type": content_type}
        path = f"/api/v1/incidents/{number}/notes"
        await house.asks(path, method="POST", data=b'{"note": "x"}', headers=headers, status=415)


async def test_an_incident_that_is_not_there_is_not_found(house: House) -> None:
    await house.raises()
    for key in ("0", "99", "x", "-1", "1.0", "9" * 15, "9" * 40, "%00", "١"):
        await house.asks(f"/api/v1/incidents/{key}", status=404)
        await house.asks(f"/api/v1/incidents/{key}/resolve", method="POST", json={}, status=404)


async def test_bad_filters_are_refused(house: House) -> None:
    mistyped = await refused(house, "/incidents?state=resolve", "/query/state")
    assert mistyped.endswith("closed, unresolved, open (did you mean 'resolved'?)")
    assert "not one of new, acknowledged" in await refused(house, "/incidents?state=shut", "/query/state")
    assert "critical, major" in await refused(house, "/incidents?severity=bad", "/query/severity")
    assert "no region 'none'" in await refused(house, "/incidents?region=none", "/query/region")
    assert "1, 2, 3, 4, 5" in await refused(house, "/incidents?priority=9", "/query/priority")
    assert "no site 'none'" in await refused(house, "/incidents?site=none", "/query/site")


async def test_a_body_that_may_be_left_out_may_be_left_out(house: House) -> None:
    number = await house.raises()
    answer = await house.asks(f"/api/v1/incidents/{number}/acknowledge", method="POST")
    assert answer["state"] == "acknowledged"
    said = await house.asks(f"/api/v1/incidents/{number}/notes", method="POST", status=400)
    assert "/body/note" in str(said["detail"])


async def test_numbers_that_no_database_takes_are_refused(house: House) -> None:
    number = (await house.asks("/api/v1/problems", method="POST", json={"title": "rain"}))["id"]
    for path, said in (("join", {"incidents": [2**63]}), ("leave", {"incident": 2**63}), ("join", {"incidents": [-1]})):
        await house.asks(f"/api/v1/problems/{number}/{path}", method="POST", json=said, status=400)
    await house.asks("/api/v1/problems", method="POST", json={"title": "x", "incidents": [2**63]}, status=400)
