"""Corrections: proposed, decided about by somebody else, only of what is over, and only what the caller sees."""

from __future__ import annotations

from typing import Any

import pytest

from noc.api._endpoint import ROOT
from noc.http.scope import Scope
from noc.model.transition import Transition
from noc.state import ledger
from tests.unit.noc.api.answers import ask, get, refused, whole
from tests.unit.noc.http.house import NOW_MS, House

PROPOSED = {
    "entity": "site/nairobi",
    "from": "2026-03-01T10:00:00Z",
    "to": "2026-03-01T11:30:00Z",
    "cause": "carrier",
    "why": "cut fibre\x07",
    "evidence": ["TT 4711"],
    "by": "achieng",
}
HOUR_MS = 3_600_000


async def proposed(house: House, **changes: object) -> dict[str, Any]:
    found: dict[str, Any] = await ask(house, "POST", "/corrections", json={**PROPOSED, **changes})
    return found


async def test_a_correction_from_proposal_to_approval(house: House) -> None:
    down_ms = NOW_MS - HOUR_MS
    async with house.database.write() as connection:
        change = ("device/nbo-rtr-1", "down", "up", down_ms, down_ms, "icmp", "hq", "confirmed", ())
        await ledger.append(connection, [Transition(*change)])  # type: ignore[arg-type]
    found = await proposed(house)
    assert {key: found[key] for key in ("id", "state", "from", "cause", "why", "evidence", "down_s", "record")} == {
        "id": 1,
        "state": "proposed",
        "from": "2026-03-01T10:00:00Z",
        "cause": "carrier",
        "why": "cut fibre",
        "evidence": ["TT 4711"],
        "down_s": 1800.0,
        "record": 2,
    }
    for word, who in (("approve", "Achieng"), ("withdraw", "berta")):
        answer: Any = await house.asks(f"{ROOT}/corrections/1/{word}", method="POST", status=409, json={"by": who})
        assert "achieng" in answer["detail"].lower()
    found = await ask(house, "POST", "/corrections/1/approve", json={"by": "berta", "why": "seen"})
    assert (found["state"], found["decided_by"], found["decided_why"], found["record"]) == (
        *("approved", "berta", "seen", 3),
    )
    assert [(one["record"], one["step"], one["who"], one["why"]) for one in found["steps"]] == [
        (2, "proposed", "achieng", "cut fibre"),
        (3, "approved", "berta", "seen"),
    ]
    await house.asks(f"{ROOT}/corrections/1/reject", method="POST", status=409, json={"by": "berta"})
    assert await get(house, "/corrections/1") == found


async def test_lists_are_filtered_and_the_newest_come_first(house: House) -> None:
    await proposed(house)
    await proposed(house, entity="device/bds-rtr-1")
    await proposed(house, entity="region/africa")
    await ask(house, "POST", "/corrections/2/reject", json={"by": "berta"})
    await ask(house, "POST", "/corrections/3/withdraw", json={"by": "achieng"})
    for limit in (1, 2, 100):
        assert [one["id"] for one in await whole(house, "/corrections", limit)] == [3, 2, 1]
        both = await whole(house, "/corrections?state=rejected&state=withdrawn", limit)
        assert [one["id"] for one in both] == [3, 2]
    assert [one["id"] for one in await whole(house, "/corrections?entity=site/nairobi", 100)] == [1]
    await refused(house, "/corrections?state=gone", "/query/state")
    await refused(house, "/corrections?entity=site/gone", "/query/entity")


@pytest.mark.parametrize(
    ("changes", "pointer"),
    [
        ({"entity": "site/nairobbi"}, "/body/entity"),
        ({"to": "2026-03-01T10:00:00Z"}, "/body/to"),
        ({"to": "2026-03-01T12:00:01Z"}, "/body/to"),
        ({"from": "2024-03-01T10:00:00Z"}, "/body/to"),
        ({"cause": "weather"}, "/body/cause"),
        ({"why": " "}, "/body/why"),
        ({"evidence": ["x" * 501]}, "/body/evidence/0"),
        ({"evidence": ["x"] * 21}, "/body/evidence"),
    ],
)
async def test_what_can_not_be_a_correction_is_refused(house: House, changes: dict[str, object], pointer: str) -> None:
    answer: Any = await house.asks(f"{ROOT}/corrections", method="POST", status=400, json={**PROPOSED, **changes})
    assert [fault["pointer"] for fault in answer["errors"]] == [pointer]
    assert (await get(house, "/corrections"))["items"] == []


async def test_only_a_script_speaks_for_others_and_only_of_what_it_sees(house: House) -> None:
    await proposed(house)
    await house.log_in_as(Scope(frozenset({"europe"})), "berta")
    own = {"Origin": house.url}
    assert await whole(house, "/corrections", 100, bearer=False) == []
    await house.asks(f"{ROOT}/corrections/1", status=404, bearer=False)
    path = f"{ROOT}/corrections/1/approve"
    await house.asks(path, method="POST", status=404, bearer=False, json={}, headers=own)
    await house.asks(f"{ROOT}/corrections", method="POST", status=404, bearer=False, json=PROPOSED, headers=own)
    there = {**PROPOSED, "entity": "site/brindisi"}
    found: Any = await ask(house, "POST", "/corrections", json=there, headers=own, bearer=False)
    assert found["proposed_by"] == "berta"
    for key in ("0", "99", "x", "9" * 40):
        await house.asks(f"{ROOT}/corrections/{key}", status=404)
