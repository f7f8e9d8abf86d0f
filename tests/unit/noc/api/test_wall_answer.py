"""What hangs on the wall, as programs are told it."""

from __future__ import annotations

from noc.access.people import Acting
from noc.access.scripts import Wanted
from noc.http.wallkeys import RIGHTS
from tests.unit.noc.http.house import House


async def test_a_site_with_a_grave_incident_is_degraded_and_one_with_a_warning_is_not(house: House) -> None:
    for name in ("nbo-rtr-1", "bgf-rtr-1", "bds-rtr-1"):
        house.saw(name, ok=True)
    await house.raises(entity="device/nbo-ups-1", severity="major")
    await house.raises(entity="device/bgf-rtr-1", severity="warning")
    answer = await house.asks("/api/v1/wall")
    assert answer["wrong"] == [{"id": "nairobi", "status": "degraded"}]
    assert answer["sites"] == {"total": 3, "down": 0, "unreachable": 0, "degraded": 1, "unknown": 0, "up": 2}
    assert answer["unhandled"] == {"critical": 0, "major": 1, "minor": 0, "warning": 1}
    assert [one["id"] for one in answer["regions"]] == ["africa", "europe"]  # type: ignore[attr-defined]


async def test_what_nobody_owns_comes_first_then_what_is_grave(house: House) -> None:
    numbers = [
        await house.raises(entity="device/nbo-rtr-1", severity="minor"),
        await house.raises(entity="device/nbo-ups-1", severity="critical"),
        await house.raises(entity="device/bgf-rtr-1", severity="critical"),
    ]
    await house.asks(f"/api/v1/incidents/{numbers[1]}/acknowledge", method="POST", json={})
    answer = await house.asks("/api/v1/wall")
    told = [(one["id"], one["owner"]) for one in answer["incidents"]]  # type: ignore[attr-defined]
    assert told == [(numbers[2], None), (numbers[0], None), (numbers[1], "api")]
    assert answer["owned"] == 1


async def test_a_region_of_which_nothing_is_known_is_blind(house: House) -> None:
    house.saw("bds-rtr-1", ok=True)
    answer = await house.asks("/api/v1/wall")
    assert {one["id"]: one["blind"] for one in answer["regions"]} == {"africa": True, "europe": False}  # type: ignore[attr-defined]


async def test_data_are_as_old_as_the_last_answer_of_an_edge(house: House) -> None:
    assert (await house.asks("/api/v1/wall"))["last_result"] is None
    house.saw("bds-rtr-1", ok=True, offset_ms=-600_000)
    assert (await house.asks("/api/v1/wall"))["last_result"] == "2026-03-01T11:50:00Z"


async def test_who_sees_one_region_is_told_of_nothing_else(house: House) -> None:
    await house.raises(entity="device/bds-rtr-1")
    scripts = house.server.gate.access.scripts
    wanted = Wanted("wall-nairobi", "viewer", frozenset({"africa"}), RIGHTS)
    key = (await scripts.add(wanted, Acting("test")))[1]
    headers = {"Authorization": f"Bearer {key}"}
    answer = await house.asks("/api/v1/wall", bearer=False, headers=headers)
    assert [one["id"] for one in answer["regions"]] == ["africa"]  # type: ignore[attr-defined]
    assert (answer["incidents"], answer["network"]) == ([], None)
    assert "brindisi" not in str(answer)


async def test_a_picture_that_is_the_same_is_not_sent_again(house: House) -> None:
    house.saw("bds-rtr-1", ok=True)
    async with house.http.get(f"{house.url}/api/v1/wall", headers=house.bearer) as response:
        tag = response.headers["ETag"]
    await house.clock.advance(5)
    async with house.http.get(f"{house.url}/api/v1/wall", headers={**house.bearer, "If-None-Match": tag}) as response:
        assert response.status == 304
