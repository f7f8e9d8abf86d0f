"""The card of the demo: follows the tour, is put away and brought back, and breaks noc for those who may."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator
from dataclasses import dataclass, replace
from pathlib import Path

import pytest

from noc.http.scope import EVERYTHING, Scope
from noc.http.sources import Sources
from noc.http.tour import BREAKS, STEPS, Broken, TourNow
from noc.i18n.language import LOCALES
from noc.web.pages import WebPages
from noc.web.routes import routes
from noc.web.tourwords import SAID, WHERE
from tests.unit.noc.http.house import FREE_PORT, House, build
from tests.unit.noc.web.test_incident_page import Unbuilt, page, post


@dataclass
class Told:
    """A tour that stands where a test wants it."""

    at: TourNow

    def now(self) -> TourNow:
        return self.at

    async def break_it(self, what: Broken) -> None:
        self.at = replace(self.at, broken=what)

    async def mend(self) -> None:
        self.at = replace(self.at, broken=None)


TOUR = Told(TourNow("welcome", "", 1.0))


@pytest.fixture
async def house(tmp_path: Path) -> AsyncIterator[House]:
    def pages(sources: Sources) -> list[object]:
        return list(routes(sources, WebPages(sources, Unbuilt())))

    TOUR.at = TourNow("rain", "device/nbo-rtr-1", 1.0, can_break=BREAKS)
    made = await build(
        tmp_path,
        FREE_PORT,
        pages,  # type: ignore[arg-type]
        change=lambda sources: replace(sources, simulated=True, tour=TOUR),
    )
    await made.log_in("achieng")
    yield made
    await made.stack.aclose()


async def test_it_says_what_each_step_says_in_each_language(house: House) -> None:
    for tag in LOCALES:
        await post(house, "/language", language=tag, next="/problems")
        for _, step in STEPS:
            TOUR.at = TourNow(step, "device/nbo-rtr-1", 1.0, can_break=BREAKS, command="noc incident list")
            text = await page(house, "/tour/card?beside=/sites")
            assert f'href="{WHERE[step]}"' in text or (step == "push" and "/devices/nbo-rtr-1/configuration" in text)
            assert "{" not in re.sub(r"<[^>]*>", "", text)
            said = max(re.split(r"\{[a-z]+\}", SAID[step].text), key=len)
            assert (said in text) == (tag == "en")


async def test_it_is_on_pages_until_it_is_put_away_and_comes_back(house: House) -> None:
    assert 'hx-get="/tour/card?beside=/problems"' in await page(house, "/problems")
    assert 'class="tour' not in await post(house, "/tour/card", away="1", next="/problems")
    text = await page(house, "/problems")
    assert "What to try" in text
    assert "Rain over" not in await page(house, "/tour/card")
    assert 'class="tour' in await post(house, "/tour/card", away="0", next="/problems")
    assert "Rain over" in await page(house, "/tour/card")


async def test_the_demo_begins_with_the_wall_which_leads_on(house: House) -> None:
    async with house.http.get(f"{house.url}/") as first:
        text = await first.text()
    assert first.url.path == "/wall"
    assert '<a class="btn btn-primary" href="/problems">What to try</a>' in text


async def test_it_leads_nowhere_but_here(house: House) -> None:
    assert 'value="/"' in await page(house, "/tour/card?beside=https://elsewhere.example")


async def test_noc_is_broken_and_mended_by_who_may(house: House) -> None:
    TOUR.at = TourNow("break", "", 1.0, can_break=BREAKS)
    assert 'value="collector"' in await page(house, "/tour/card")
    await post(house, "/tour/break", what="collector", next="/problems")
    assert TOUR.at.broken == "collector"
    assert "Broken on purpose" in await page(house, "/tour/card")
    await post(house, "/tour/break", what="", next="/problems")
    assert "Broken on purpose" not in await page(house, "/tour/card")
    await house.log_in_as(EVERYTHING, role="operator")
    assert 'value="collector"' not in await page(house, "/tour/card")


async def test_who_may_not_see_a_device_is_not_told_its_name(house: House) -> None:
    await house.log_in_as(Scope(frozenset({"europe"})), role="viewer")
    text = await page(house, "/tour/card")
    assert "Rain over <bdi>a site</bdi>" in text
    assert "NBO" not in text
    assert "Nairobi" not in text
