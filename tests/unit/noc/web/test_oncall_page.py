"""The page of who is on call: gaps are told, people stand in, and hand over."""

from __future__ import annotations

import json
import re
from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path

import pytest
from aiohttp import ClientSession

from alerts.calendarlinks import CalendarLinks
from alerts.policies import AlertSettings
from noc.http.scope import EVERYTHING
from noc.http.sources import Sources
from noc.web.manifest import Manifest
from noc.web.pages import WebPages
from noc.web.routes import routes
from tests.unit.noc.http.house import FREE_PORT, House, build

DAILY = {"rotation": "daily", "people": ["achieng", "berta"], "start": "2026-02-28"}
PEOPLE = AlertSettings.model_validate_json(
    json.dumps(
        {
            "people": {
                "achieng": {"name": "Achieng <Otieno>", "email": "achieng@example.org", "phone": "+254 20 762 1234"},
                "berta": {"email": "berta@example.org", "time_zone": "Europe/Rome"},
            },
            "schedules": {
                "nairobi": {"time_zone": "Africa/Nairobi", "layers": [DAILY]},
                "office": {"layers": [{"people": ["berta"], "hours": [{"days": "mon-fri"}]}]},
            },
            "desks": {
                "nbo": {
                    "time_zone": "Africa/Nairobi",
                    "hours": [{"from": "08:00", "to": "17:00"}],
                    "schedule": "nairobi",
                }
            },
        }
    )
)


class Unbuilt(Manifest):
    """Stands where the scripts and styles were not built."""

    def url(self, name: str) -> str:
        return f"/static/{name}"


async def built(folder: Path, people: AlertSettings) -> House:
    def pages(sources: Sources) -> list[object]:
        return list(routes(sources, WebPages(sources, Unbuilt())))

    def change(sources: Sources) -> Sources:
        return replace(sources, people=lambda: people, calendar_links=CalendarLinks(folder))

    return await build(folder, FREE_PORT, pages, change=change)  # type: ignore[arg-type]


@pytest.fixture
async def house(tmp_path: Path) -> AsyncIterator[House]:
    house = await built(tmp_path, PEOPLE)
    await house.log_in("achieng")
    yield house
    await house.stack.aclose()


async def page(house: House, path: str = "/oncall", status: int = 200) -> str:
    async with house.http.get(house.url + path) as response:
        text = await response.text()
        assert response.status == status, text
        return re.sub(r"\s+", " ", re.sub(r"<(?!svg|rect)[^>]*>", " ", text))


async def post(house: House, path: str, status: int = 200, **fields: str) -> str:
    async with house.http.get(house.url + "/oncall") as response:
        csrf = re.search(r'name="csrf" value="([^"]+)"', await response.text())
    assert csrf is not None
    form = {"csrf": csrf[1], **fields}
    async with house.http.post(house.url + path, data=form, headers={"Origin": house.url}) as response:
        text = await response.text()
        assert response.status == status, text
        return re.sub(r"\s+", " ", re.sub(r"<[^>]*>", " ", text))


async def test_who_is_on_call_and_where_nobody_is(house: House) -> None:
    text = await page(house)
    assert "1 schedule without anybody on call" in text  # a Sunday, and the office schedule says no hours of its own
    assert "00:00–05:00 Achieng &lt;Otieno&gt;" in text
    assert "05:00–24:00 berta" in text
    assert "00:00–24:00 nobody" in text
    assert 'class="hole" x="0" y="9" width="1440"' in text
    assert 'class="daylight" x="300" y="0" width="540"' in text
    assert "tel:+254207621234" in await (await house.http.get(house.url + "/oncall")).text()
    weekday = await page(house, "/oncall?day=2026-03-02")
    assert 'class="hole"' not in weekday
    await page(house, "/oncall?day=never", status=400)


async def test_somebody_stands_in_by_the_clock_of_the_schedule(house: House) -> None:
    asked = {"schedule": "nairobi", "person": "achieng", "instead_of": "berta", "why": "dentist"}
    times = {"from": "2026-03-01T14:00", "to": "2026-03-01T18:00"}
    text = await post(house, "/oncall/overrides", **asked, **times)
    assert "11:00–15:00 Achieng" in text
    assert "stands in" in text
    assert "dentist" in text
    gone = await post(house, "/oncall/overrides/1/cancel")
    assert "Nobody stands in for anybody" in gone
    wrong = await post(house, "/oncall/overrides", 400, **asked, **{**times, "to": "2026-03-01T13:00"})
    assert "An override ends after it begins." in wrong
    await post(house, "/oncall/overrides/99/cancel", 404)


async def test_a_hand_over_is_written_and_accepted_on_the_page(house: House) -> None:
    text = await post(house, "/oncall/handovers", schedule="nairobi", person="achieng", text="juba sags in rain")
    assert "hands nairobi over to berta" in text
    assert "juba sags in rain" in text
    refused = await post(house, "/oncall/handovers/1/accept", 400, person="achieng")
    assert "is for berta, not" in refused
    accepted = await post(house, "/oncall/handovers/1/accept", person="berta")
    assert "hands nairobi over" not in accepted


async def test_a_calendar_program_reads_shifts_at_an_address_of_its_own(house: House) -> None:
    async with house.http.get(house.url + "/oncall") as response:
        text = await response.text()
    addresses = dict(re.findall(r'href="(/calendars/(?:person|schedule)/(\w+)/[\w-]{22}\.ics)"', text))
    assert sorted(addresses.values()) == ["achieng", "berta", "nairobi", "office"]
    async with ClientSession() as stranger:  # who never logged in
        for address, name in addresses.items():
            async with stranger.get(house.url + address) as response:
                said = await response.text()
                assert (response.status, response.content_type) == (200, "text/calendar"), name
                assert said.startswith("BEGIN:VCALENDAR")
        mine = next(address for address, name in addresses.items() if name == "achieng")
        others = (mine.replace("achieng", "berta"), mine.replace("person", "schedule"), mine.replace(".ics", "x.ics"))
        for wrong in others:
            async with stranger.get(house.url + wrong) as response:
                assert response.status == 404, wrong
        statuses = set()
        for _ in range(20):
            async with stranger.get(house.url + others[0]) as response:
                statuses.add(response.status)
        assert 429 in statuses


async def test_who_may_only_look_sees_no_forms(house: House) -> None:
    await house.log_in_as(EVERYTHING, "vera", "viewer")
    text = await page(house)
    assert "Phone list" in text
    for words in ("Hand over", "Let them stand in"):
        assert words not in text


async def test_without_schedules_the_page_says_what_to_do(tmp_path: Path) -> None:
    house = await built(tmp_path, AlertSettings())
    await house.log_in("achieng")
    try:
        assert "No schedules yet." in await page(house)
    finally:
        await house.stack.aclose()
