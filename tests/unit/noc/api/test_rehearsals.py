"""Rehearsals asked for by scripts and on the page."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path

import pytest

from noc.api._endpoint import ROOT
from noc.api.routes import routes as api
from noc.http.rehearsals import Rehearsed
from noc.http.sources import Sources
from noc.model.errors import ConflictError, UsageError
from noc.web.manifest import Manifest
from noc.web.pages import WebPages
from noc.web.routes import routes
from tests.unit.noc.api.answers import ask
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


async def rehearse(scenario: str, lang: str) -> Rehearsed:
    assert lang == "en"
    if scenario == "busy":
        raise ConflictError("another rehearsal is running")
    if "nowhere" in scenario:
        raise UsageError("SCENARIO:1:1: error: unknown site 'nowhere'")
    return Rehearsed(False, ANSWER, ("unknown person 'x'",))


class Unbuilt(Manifest):
    """Stands where the scripts and styles were not built."""

    def url(self, name: str) -> str:
        return f"/static/{name}"


@pytest.fixture
async def house(tmp_path: Path) -> AsyncIterator[House]:
    def both(sources: Sources) -> list[object]:
        return [*api(sources), *routes(sources, WebPages(sources, Unbuilt()))]

    change = lambda sources: replace(sources, rehearse=rehearse)  # noqa: E731
    house = await build(tmp_path, FREE_PORT, both, change=change)  # type: ignore[arg-type]
    yield house
    await house.stack.aclose()


async def test_a_scenario_is_answered(house: House) -> None:
    found = await ask(house, "POST", "/rehearsals", json={"scenario": "start: …"})
    assert (found["met"], found["warnings"]) == (False, ["unknown person 'x'"])
    assert found["answer"]["notifications"] == [TOLD]


@pytest.mark.parametrize(("scenario", "status", "said"), [("nowhere", 400, "unknown site"), ("busy", 409, "running")])
async def test_what_is_wrong_is_said(house: House, scenario: str, status: int, said: str) -> None:
    path = f"{house.url}{ROOT}/rehearsals"
    async with house.http.post(path, json={"scenario": scenario}, headers=house.bearer) as answer:
        assert answer.status == status
        assert said in await answer.text()


async def test_the_page_draws_who_is_called(house: House) -> None:
    await house.log_in()
    async with house.http.get(f"{house.url}/rehearsal") as begun:
        text = await begun.text()
    csrf = re.search(r'name="csrf" value="([^"]+)"', text)
    assert csrf is not None
    assert "start: 20" in text
    for scenario, said in (("start: …", "achieng &lt;b&gt;"), ("nowhere", "unknown site")):
        form = {"csrf": csrf[1], "scenario": scenario}
        async with house.http.post(f"{house.url}/rehearsal", data=form, headers={"Origin": house.url}) as played:
            text = await played.text()
        assert (played.status, said in text, "<b>&gt;" in text) == (200, True, False)
