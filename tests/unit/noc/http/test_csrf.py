"""Other sites can't make a browser do anything here."""

from __future__ import annotations

import pytest

from noc.http.csrf import HEADER, origin_of
from tests.unit.noc.http.house import House


async def status(house: House, **headers: str) -> int:
    own = {name.replace("_", "-"): value.replace("OWN", house.url) for name, value in headers.items()}
    async with house.http.post(f"{house.url}/take", headers=own, data=b"x") as response:
        return response.status


@pytest.mark.parametrize(
    ("headers", "expected"),
    [
        ({"Origin": "OWN"}, 200),
        ({"Origin": "OWN", "Sec_Fetch_Site": "same-origin"}, 200),
        ({}, 403),
        ({"Sec_Fetch_Site": "same-origin"}, 403),  # says where from, but not by whom: a token is asked for
        ({"Origin": "https://evil.example"}, 403),
        ({"Origin": "null"}, 403),
        ({"Origin": ""}, 403),
        ({"Origin": "OWN.evil.example"}, 403),
        ({"Origin": "http://127.0.0.1:1"}, 403),
        ({"Origin": "OWN", "Sec_Fetch_Site": "cross-site"}, 403),
        ({"Origin": "OWN", "Sec_Fetch_Site": "same-site"}, 403),
        ({"Origin": "ftp://127.0.0.1"}, 403),
    ],
)
async def test_a_session_acts_only_from_our_own_pages(house: House, headers: dict[str, str], expected: int) -> None:
    await house.log_in()
    assert await status(house, **headers) == expected


async def test_the_token_of_the_session_stands_for_the_origin(house: House) -> None:
    await house.log_in()
    (secret,) = house.cookies().values()
    found = await house.server.gate.access.callers.of_session(secret)
    assert found is not None
    caller = found.session
    assert await status(house, **{HEADER: caller.csrf}) == 200
    assert await status(house, **{HEADER: caller.csrf[:-1]}) == 403
    assert await status(house, **{HEADER: caller.csrf, "Origin": "https://evil.example"}) == 403
    for given, expected in ((caller.csrf, 200), ("", 403), ("ÿ", 403)):
        async with house.http.post(f"{house.url}/take", data={"csrf": given}) as response:
            assert response.status == expected


async def test_a_bearer_needs_neither(house: House) -> None:
    assert await status(house, **house.bearer) == 200


async def test_no_other_site_logs_somebody_in(house: House) -> None:
    form = {"token": house.token}
    foreign = {"Origin": "https://evil.example"}
    async with house.http.post(f"{house.url}/login", data=form, headers=foreign) as response:
        assert response.status == 403
    assert not house.cookies()
    async with house.http.post(f"{house.url}/login", data=form, allow_redirects=False) as response:
        assert response.status == 303


@pytest.mark.parametrize(
    ("url", "origin"),
    [
        ("https://noc.example.org", "https://noc.example.org"),
        ("https://NOC.example.org:443", "https://noc.example.org"),
        ("http://noc:80", "http://noc"),
        ("https://noc:8443", "https://noc:8443"),
    ],
)
def test_origins_are_written_as_browsers_write_them(url: str, origin: str) -> None:
    assert origin_of(url) == origin
