"""Accounts, tokens and the audit by the API: what is told once, what is refused, and that looks are written down."""

from __future__ import annotations

from typing import Any

from noc.http.scope import EVERYTHING, Scope
from noc.state import auditlog
from tests.unit.noc.http.house import House

LUCIA = {"name": "Lucia", "person": "Lucía Ortega", "role": "operator", "regions": ["africa"]}


async def add(house: House, **more: object) -> dict[str, Any]:
    return await house.asks("/api/v1/accounts", method="POST", json={**LUCIA, **more})


async def test_somebody_is_added_and_the_invitation_is_told_once(house: House) -> None:
    made = await add(house)
    assert (made["name"], made["person"], made["regions"]) == ("lucia", "Lucía Ortega", ["africa"])
    assert made["invitation"].startswith("/welcome/")
    async with house.http.get(house.url + made["invitation"]) as response:
        assert response.status == 200
    listed: Any = await house.asks("/api/v1/accounts")
    assert [one["name"] for one in listed["items"]] == ["lucia"]
    assert "invitation" not in listed["items"][0]
    assert not listed["items"][0]["has_password"]


async def test_what_can_not_be_is_said_with_its_field(house: House) -> None:
    await add(house)
    await house.asks("/api/v1/accounts", method="POST", json=LUCIA, status=409)
    wrong: Any = await house.asks("/api/v1/accounts", method="POST", json={**LUCIA, "regions": ["mars"]}, status=400)
    assert "there is no region 'mars'" in wrong["detail"]
    await house.asks("/api/v1/accounts", method="POST", json={**LUCIA, "regions": []}, status=400)
    await house.asks("/api/v1/accounts", method="POST", json={**LUCIA, "name": "a b"}, status=400)
    await house.asks("/api/v1/accounts/99", status=404)


async def test_an_account_is_changed_shut_out_and_let_in(house: House) -> None:
    number = (await add(house))["id"]
    path = f"/api/v1/accounts/{number}"
    changed = await house.asks(f"{path}/change", method="POST", json={"role": "engineer", "all_regions": True})
    assert (changed["role"], changed["regions"]) == ("engineer", None)
    assert (await house.asks(f"{path}/disable", method="POST", json={}))["disabled"] is not None
    assert (await house.asks(f"{path}/enable", method="POST", json={}))["disabled"] is None
    again: Any = await house.asks(f"{path}/reset", method="POST", json={})
    assert again["invitation"].startswith("/welcome/")


async def test_a_token_opens_what_it_was_given_and_nothing_once_it_is_revoked(house: House) -> None:
    made: Any = await house.asks("/api/v1/tokens", method="POST", json={"name": "grafana", "role": "viewer"})
    bearer = {"Authorization": f"Bearer {made['secret']}"}
    me: Any = await house.asks("/api/v1/me", bearer=False, headers=bearer)
    assert (me["who"], me["way"], me["rights"], me["sessions"]) == ("grafana", "bearer", ["see", "own"], [])
    await house.asks("/api/v1/accounts", bearer=False, headers=bearer, status=403)
    await house.asks("/api/v1/tokens", method="POST", json={"name": "grafana", "role": "viewer"}, status=409)
    wrong = {"name": "other", "role": "viewer", "rights": ["approve"]}
    await house.asks("/api/v1/tokens", method="POST", json=wrong, status=400)
    await house.asks("/api/v1/tokens/grafana/revoke", method="POST", json={})
    await house.asks("/api/v1/me", bearer=False, headers=bearer, status=401)
    await house.asks("/api/v1/tokens/grafana/revoke", method="POST", json={}, status=404)


async def test_who_may_not_see_all_regions_administers_nothing(house: House) -> None:
    await house.log_in_as(Scope(frozenset({"africa"})))
    for path in ("/api/v1/accounts", "/api/v1/tokens", "/api/v1/audit"):
        async with house.http.get(house.url + path) as response:
            assert response.status == 403, path


async def test_nobody_takes_their_own_role_away(house: House) -> None:
    await house.log_in_as(EVERYTHING)
    async with house.http.get(f"{house.url}/api/v1/accounts") as response:
        number = (await response.json())["items"][0]["id"]
    headers = {"Origin": house.url}
    for word, said in (("change", {"role": "viewer"}), ("disable", {})):
        url = f"{house.url}/api/v1/accounts/{number}/{word}"
        async with house.http.post(url, json=said, headers=headers) as response:
            assert response.status == 409, word


async def looks(house: House) -> list[str]:
    async with house.database.read() as connection:
        return [one.done.what for one in await auditlog.page(connection, text="looked at")]


async def test_to_look_at_the_audit_is_a_record_once_an_hour(house: House) -> None:
    for _ in range(3):
        found: Any = await house.asks("/api/v1/audit")
    assert await looks(house) == ["looked at the audit"]
    assert found["items"][0]["what"] == "looked at the audit"
    await house.clock.advance(3_600)
    await house.asks("/api/v1/audit?text=account")
    assert len(await looks(house)) == 2


async def test_the_audit_is_told_as_csv_and_verified(house: House) -> None:
    await add(house)
    async with house.http.get(f"{house.url}/api/v1/audit?format=csv", headers=house.bearer) as response:
        text = await response.text()
    assert '"account added"' in text
    verified = await house.asks("/api/v1/audit/verify", method="POST", json={})
    assert verified["broken"] is None
    assert isinstance(verified["records"], int)
    assert verified["records"] >= 3
