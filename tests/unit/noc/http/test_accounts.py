"""People log in by name and password, are invited, limited to regions, and what they do is written down."""

from __future__ import annotations

from http import HTTPStatus

import pyotp
import pytest

from noc.access.people import Acting
from noc.access.scripts import Scripts, Wanted
from noc.http.entry import welcome_path
from noc.http.login import FAILURES_A_MINUTE
from noc.model.account import Account, Role
from noc.state import auditlog
from noc.state.auditlog import Record
from tests.unit.noc.http.house import House

ROOT = Acting("root")
PASSWORD = "seven tall masts"


async def someone(house: House, name: str = "lucia", role: Role = "operator", *, chosen: bool = True) -> Account:
    people = house.server.gate.access.people
    made = await people.add(name, name.title(), role, frozenset({"africa"}), "", ROOT)
    return await people.accept(await people.invite(made.id, ROOT), PASSWORD, "") if chosen else made


async def logs_in(house: House, password: str = PASSWORD, code: str = "", name: str = "lucia") -> tuple[int, str]:
    form = {"name": name, "password": password, "code": code, "next": "/sites/nairobi"}
    async with house.http.post(f"{house.url}/login", data=form, allow_redirects=False) as response:
        return response.status, response.headers.get("Location", "")


async def audit(house: House) -> list[Record]:
    async with house.database.read() as connection:
        return await auditlog.page(connection)


async def test_somebody_logs_in_and_may_look_until_there_is_a_second_factor(house: House) -> None:
    account = await someone(house)
    assert await logs_in(house) == (303, "/sites/nairobi")
    async with house.http.get(f"{house.url}/") as response:
        assert (response.status, await response.text()) == (200, "Lucia")
    own = {"Origin": house.url}
    async with house.http.post(f"{house.url}/api/v1/take", headers=own) as response:
        assert response.status == HTTPStatus.FORBIDDEN
        assert "you are operator; you have no second factor yet" in (await response.json(content_type=None))["detail"]
    people = house.server.gate.access.people
    secret = people.new_code()
    code = pyotp.TOTP(secret).at(int(house.clock.now().timestamp()))
    await people.take_code(account.id, secret, code, b"", ROOT)
    await house.clock.advance(60)
    assert (await logs_in(house))[0] == HTTPStatus.UNAUTHORIZED
    assert (await logs_in(house, code=pyotp.TOTP(secret).at(int(house.clock.now().timestamp()))))[0] == 303
    async with house.http.post(f"{house.url}/api/v1/take", headers=own) as response:
        assert response.status == HTTPStatus.OK


async def test_an_invitation_lets_its_person_choose_a_password(house: House) -> None:
    made = await someone(house, chosen=False)
    url = house.url + welcome_path(await house.server.gate.access.people.invite(made.id, ROOT))
    async with house.http.get(url) as response:
        assert (response.status, "Welcome, Lucia" in await response.text()) == (200, True)
    for form, said in (
        ({"password": PASSWORD, "again": "other"}, "the two are not the same"),
        ({"password": "short", "again": "short"}, "this password isn&#x27;t taken"),
    ):
        async with house.http.post(url, data=form, headers={"Origin": house.url}) as response:
            assert (response.status, said in await response.text()) == (400, True)
    form = {"password": PASSWORD, "again": PASSWORD}
    async with house.http.post(url, data=form, headers={"Origin": "https://evil.example"}) as response:
        assert response.status == HTTPStatus.FORBIDDEN
    async with house.http.post(url, data=form, headers={"Origin": house.url}, allow_redirects=False) as response:
        assert (response.status, response.headers["Location"]) == (303, "/")
    async with house.http.get(url) as response:
        assert response.status == HTTPStatus.NOT_FOUND
    assert PASSWORD not in str([record.done for record in await audit(house)])


async def test_with_the_first_admin_announced_tokens_end(house: House) -> None:
    bearer = house.bearer
    await someone(house, "achieng", "admin")
    await house.clock.advance(5)
    async with house.http.get(f"{house.announced[-1]}", allow_redirects=False) as response:
        assert response.status == HTTPStatus.UNAUTHORIZED
        assert "or token" not in await response.text()
    async with house.http.get(house.url, headers=bearer) as response:
        assert response.status == HTTPStatus.UNAUTHORIZED
    told = len(house.announced)
    await house.clock.advance(24 * 3600)
    assert len(house.announced) == told


async def test_wrong_tries_make_a_name_wait_from_everywhere(house: House) -> None:
    await someone(house)
    for _ in range(FAILURES_A_MINUTE):
        assert (await logs_in(house, password="wrong"))[0] == HTTPStatus.UNAUTHORIZED
    assert (await logs_in(house))[0] == HTTPStatus.TOO_MANY_REQUESTS
    await house.clock.advance(60)
    assert (await logs_in(house))[0] == HTTPStatus.SEE_OTHER


async def test_a_token_of_a_script_has_its_rights_and_regions(house: House) -> None:
    scripts = Scripts(house.database, house.clock)
    given = Wanted("grafana", "operator", frozenset({"africa"}), frozenset({"see"}), lives_ms=60_000)
    _, secret = await scripts.add(given, ROOT)
    headers = {"Authorization": f"Bearer {secret}"}
    async with house.http.get(f"{house.url}/", headers=headers) as response:
        assert (response.status, await response.text()) == (200, "grafana")
    async with house.http.post(f"{house.url}/api/v1/take", headers=headers) as response:
        assert response.status == HTTPStatus.FORBIDDEN
        assert "the token 'grafana' was given less" in (await response.json(content_type=None))["detail"]
    await house.clock.advance(60)
    async with house.http.get(f"{house.url}/", headers=headers) as response:
        assert response.status == HTTPStatus.SEE_OTHER or response.url.path == "/login" or response.status == 401


@pytest.mark.parametrize("path", ["/take", "/api/v1/take"])
async def test_what_changes_something_is_in_the_audit_refused_or_not(house: House, path: str) -> None:
    await someone(house)
    await logs_in(house)
    async with house.http.post(f"{house.url}{path}?a=secret", headers={"Origin": house.url}) as response:
        assert response.status == HTTPStatus.FORBIDDEN
    async with house.http.post(f"{house.url}{path}", headers=house.bearer) as response:
        assert response.status == HTTPStatus.OK
    done = [(one.done.who, one.done.what, one.done.came, one.done.way) for one in await audit(house)]
    assert done[:2] == [("api", f"POST {path}", 200, "bearer"), ("Lucia", f"POST {path}", 403, "session")]
    assert ("Lucia", "log-in", 0, "session") in done


async def test_the_audit_says_of_a_conflict_what_was_answered(house: House) -> None:
    async with house.http.post(f"{house.url}/api/v1/clash", headers=house.bearer) as response:
        assert response.status == HTTPStatus.CONFLICT
    assert (await audit(house))[0].done.came == HTTPStatus.CONFLICT


async def test_an_invitation_is_in_the_place_of_a_password_and_codes_are_asked_for_after_it(house: House) -> None:
    account, people = await someone(house), house.server.gate.access.people
    secret = people.new_code()
    now = int(house.clock.now().timestamp())
    await people.take_code(account.id, secret, pyotp.TOTP(secret).at(now), b"", ROOT)
    url = house.url + welcome_path(await people.invite(account.id, ROOT))
    form = {"password": "eight tall masts", "again": "eight tall masts"}
    async with house.http.post(url, data=form, headers={"Origin": house.url}, allow_redirects=False) as response:
        assert (response.status, response.headers["Location"]) == (303, "/login")
        assert "Set-Cookie" not in response.headers
    await house.clock.advance(60)
    assert (await logs_in(house, "eight tall masts"))[0] == HTTPStatus.UNAUTHORIZED
    code = pyotp.TOTP(secret).at(int(house.clock.now().timestamp()))
    assert (await logs_in(house, "eight tall masts", code))[0] == HTTPStatus.SEE_OTHER
    told = [record.done.what for record in await audit(house)]
    assert told[:4] == ["log-in", "log-in", "password chosen", "account invited"]
