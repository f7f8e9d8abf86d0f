"""Rehearsals asked for by scripts and on the page."""

from __future__ import annotations

import asyncio
import re
from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path

import pytest

from noc.api._endpoint import ROOT
from noc.api.routes import routes as api
from noc.http.rehearsals import Rehearsal, Rehearsed
from noc.http.sources import Sources
from noc.model.errors import ConflictError
from noc.web.manifest import Manifest
from noc.web.pages import WebPages
from noc.web.routes import routes
from tests.unit.noc.api.answers import ask, get, whole
from tests.unit.noc.http.house import FREE_PORT, House, build

TOLD = {
    "at": "2026-03-01T02:30:00Z",
    "incident": 1,
    "step": 1,
    "person": "achieng <b>",
    "channel": "email",
    "kind": "page",
}
ANSWER: dict[str, object] = {
    "from": "2026-03-01T02:00:00Z",
    "to": "2026-03-01T03:00:00Z",
    "incidents": [
        {
            "id": 1,
            "title": "Nairobi is down",
            "priority": 1,
            "opened_at": "2026-03-01T02:30:00Z",
            "resolved_at": None,
            "suppressed_alerts": 3,
        }
    ],
    "notifications": [TOLD],
    "expected": {"met": False, "differences": [{"message": "a page to desk is expected"}]},
    "time_line": [{"at": "2026-03-01T02:30:00Z", "kind": "page", "who": "achieng", "text": "down"}],
}


class Room:
    """Plays what its name says: `nowhere` is wrong, `long` goes on, `busy` isn't taken, anything else is done."""

    def __init__(self) -> None:
        self.known: dict[int, Rehearsal] = {}

    def begin(self, scenario: str, lang: str, by: str) -> Rehearsal:
        if scenario == "busy":
            raise ConflictError("8 rehearsals are being played or wait for that; ask again when one is done")
        one = Rehearsal(len(self.known) + 1, scenario, lang, by, 1_772_330_400_000, "running", 0.25)
        if "nowhere" in scenario:
            one = replace(one, state="failed", said=("SCENARIO:1:1: error: unknown site 'nowhere'",))
        elif scenario != "long":
            found = Rehearsed(met=False, answer=ANSWER, said=("unknown person 'x'",))
            one = replace(one, state="done", done=1.0, found=found)
        self.known[one.id] = one
        return one

    def get(self, number: int) -> Rehearsal | None:
        return self.known.get(number)

    def all(self) -> tuple[Rehearsal, ...]:
        return tuple(reversed(self.known.values()))

    def cancel(self, number: int, by: str) -> Rehearsal | None:
        if (one := self.known.get(number)) is None:
            return None
        if one.is_over:
            raise ConflictError(f"rehearsal {number} is over")
        self.known[number] = replace(one, state="cancelled", said=(f"cancelled by {by}",))
        return self.known[number]

    async def ended(self, number: int, within_s: float) -> Rehearsal | None:
        await asyncio.sleep(0)
        return self.known.get(number)


class Unbuilt(Manifest):
    """Stands where the scripts and styles were not built."""

    def url(self, name: str) -> str:
        return f"/static/{name}"


@pytest.fixture
async def house(tmp_path: Path) -> AsyncIterator[House]:
    def both(sources: Sources) -> list[object]:
        return [*api(sources), *routes(sources, WebPages(sources, Unbuilt()))]

    change = lambda sources: replace(sources, rehearsals=Room())  # noqa: E731
    house = await build(tmp_path, FREE_PORT, both, change=change)  # type: ignore[arg-type]
    yield house
    await house.stack.aclose()


async def begun(house: House, scenario: str, status: int = 202) -> tuple[str, str]:
    """Ask for a rehearsal; return what is answered, and where it is to be asked for."""
    path = f"{house.url}{ROOT}/rehearsals"
    async with house.http.post(path, json={"scenario": scenario}, headers=house.bearer) as answer:
        assert answer.status == status
        return await answer.text(), answer.headers.get("Location", "")


async def test_a_scenario_is_taken_and_asked_for(house: House) -> None:
    _, where = await begun(house, "start: …")
    assert where == f"{ROOT}/rehearsals/1"
    found = await get(house, "/rehearsals/1")
    assert (found["state"], found["done"], found["met"]) == ("done", 1.0, False)
    assert found["warnings"] == ["unknown person 'x'"]
    assert found["answer"]["notifications"] == [TOLD]
    assert found["scenario"] == "start: …"


async def test_what_is_wrong_with_it_is_told_where_it_is_asked_for(house: House) -> None:
    await begun(house, "nowhere")
    found = await get(house, "/rehearsals/1")
    assert (found["state"], found["met"], found["answer"]) == ("failed", None, None)
    assert found["warnings"] == ["SCENARIO:1:1: error: unknown site 'nowhere'"]


async def test_too_many_are_refused(house: House) -> None:
    text, where = await begun(house, "busy", 409)
    assert "ask again when one is done" in text
    assert where == ""


async def test_the_newest_are_listed_without_their_answers(house: House) -> None:
    for scenario in ("start: …", "long"):
        await begun(house, scenario)
    found = (await get(house, "/rehearsals"))["items"]
    for limit in (1, 100):
        assert await whole(house, "/rehearsals", limit) == found
    assert await whole(house, "/rehearsals?state__n=done&by__empty=true", 1) == []
    assert await whole(house, "/rehearsals?done__gte=0", 1) == found
    assert [(one["id"], one["state"], one["done"]) for one in found] == [(2, "running", 0.25), (1, "done", 1.0)]
    assert "answer" not in found[0]


async def test_one_that_is_played_is_cancelled_once(house: House) -> None:
    await begun(house, "long")
    found = await ask(house, "POST", "/rehearsals/1/cancel")
    assert found["state"] == "cancelled"
    for number, status in ((1, 409), (2, 404)):
        path = f"{house.url}{ROOT}/rehearsals/{number}/cancel"
        async with house.http.post(path, headers=house.bearer) as answer:
            assert answer.status == status


@pytest.mark.parametrize("path", ["/rehearsals/7", "/rehearsals/x", f"/rehearsals/{'9' * 20}"])
async def test_one_that_is_forgotten_is_not_there(house: House, path: str) -> None:
    async with house.http.get(f"{house.url}{ROOT}{path}", headers=house.bearer) as answer:
        assert answer.status == 404
        assert "the newest are kept" in await answer.text()


async def page(house: House, path: str, **form: str) -> tuple[int, str, str]:
    """Ask for a page, or send its form; return status, address, text."""
    if not form:
        async with house.http.get(house.url + path) as answer:
            return answer.status, answer.url.path, await answer.text()
    async with house.http.post(house.url + path, data=form, headers={"Origin": house.url}) as answer:
        return answer.status, answer.url.path, await answer.text()


async def csrf_of(house: House) -> str:
    await house.log_in()
    _, _, text = await page(house, "/rehearsal")
    assert "start: 20" in text
    assert "None yet." in text
    found = re.search(r'name="csrf" value="([^"]+)"', text)
    assert found is not None
    return found[1]


async def test_the_page_draws_who_is_called(house: House) -> None:
    csrf = await csrf_of(house)
    status, path, text = await page(house, "/rehearsal", csrf=csrf, scenario="start: …")
    assert (status, path) == (200, "/rehearsal/1")
    assert "achieng &lt;b&gt;" in text
    assert "<b>&gt;" not in text
    assert "a page to desk is expected" in text
    assert "hx-get" not in text.partition("<main")[2].partition("</main")[0]  # what is over asks no more
    _, _, text = await page(house, "/rehearsal?from=1")
    assert "start: …</textarea>" in text
    assert "Not as expected" in text


async def test_a_mistake_is_told_beside_the_form(house: House) -> None:
    csrf = await csrf_of(house)
    _, path, text = await page(house, "/rehearsal", csrf=csrf, scenario="nowhere")
    assert path == "/rehearsal/1"
    assert "unknown site" in text
    assert "nowhere</textarea>" in text


async def test_how_far_one_is_and_that_it_was_cancelled(house: House) -> None:
    csrf = await csrf_of(house)
    _, path, text = await page(house, "/rehearsal", csrf=csrf, scenario="long")
    assert "It is being played: 25 %" in text
    assert 'hx-get="/rehearsal/1"' in text
    _, path, text = await page(house, "/rehearsal/1/cancel", csrf=csrf)
    assert path == "/rehearsal/1"
    assert "It was cancelled." in text
    assert (await page(house, "/rehearsal/1/cancel", csrf=csrf))[1] == "/rehearsal/1"  # a second press does no harm
    assert (await page(house, "/rehearsal/9"))[0] == 404


async def test_where_too_many_wait_the_page_says_so(house: House) -> None:
    csrf = await csrf_of(house)
    status, path, text = await page(house, "/rehearsal", csrf=csrf, scenario="busy")
    assert (status, path) == (409, "/rehearsal")
    assert "ask again when one is done" in text
    assert "busy</textarea>" in text
