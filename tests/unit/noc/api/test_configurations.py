"""Copies of configurations: versions, texts, differences; nobody sees what lies outside their scope."""

from __future__ import annotations

import pytest

from noc.state import configurations
from noc.state.configurations import Fetched
from tests.unit.noc.http.house import House

TEXTS = ("hostname a\nntp server 192.0.2.1\nend", "hostname a\nntp server 192.0.2.2\nend", "hostname b\nend")


@pytest.fixture
async def device(house: House) -> str:
    """Keep three versions of a device and return its id."""
    key = min(house.server._sources.inventory().devices)
    for number, text in enumerate(TEXTS, 1):
        async with house.server._sources.database.write() as connection:
            copy = Fetched(text, bytes([number]) * 32, "09:00 UTC", f"ops{number}")
            await configurations.keep(connection, key, copy, number * 1000, 10)
    return key


async def test_versions_are_listed_the_newest_first_in_pages(house: House, device: str) -> None:
    path = f"/api/v1/devices/{device}/configurations"
    first = await house.asks(f"{path}?limit=2")
    assert [(one["version"], one["author"], one["lines"]) for one in first["items"]] == [(3, "ops3", 2), (2, "ops2", 3)]
    rest = await house.asks(f"{path}?limit=2&cursor={first['next']}")
    assert ([one["version"] for one in rest["items"]], rest["next"]) == ([1], None)
    assert rest["items"][0]["first"] == "1970-01-01T00:00:01Z"


async def test_a_version_has_its_text_and_what_changed(house: House, device: str) -> None:
    path = f"/api/v1/devices/{device}/configurations"
    assert (await house.asks(f"{path}/2"))["text"] == TEXTS[1]
    found = await house.asks(f"{path}/2/diff")
    assert (found["before"]["version"], found["after"]["version"]) == (1, 2)
    assert [line for line in found["diff"] if line[0] in "+-"] == ["-ntp server 192.0.2.1", "+ntp server 192.0.2.2"]
    assert (await house.asks(f"{path}/3/diff?before=1"))["before"]["version"] == 1


@pytest.mark.parametrize(
    ("rest", "status"),
    [("/9", 404), ("/x", 404), ("/99999999999999999999", 404), ("/1/diff", 400), ("/2/diff?before=7", 404)],
)
async def test_what_is_not_there_is_said_so(house: House, device: str, rest: str, status: int) -> None:
    await house.asks(f"/api/v1/devices/{device}/configurations{rest}", status=status)
