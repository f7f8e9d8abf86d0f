"""Who has a list is told so without the list being made, while nothing of it changed; and never when something did."""

from __future__ import annotations

import asyncio
import tempfile
from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import replace
from pathlib import Path
from typing import Final

import pytest
from aiohttp import web
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import BaseModel

from noc.api._endpoint import ROOT, Answering, Endpoint
from noc.api._fresh import AT_MOST
from noc.api.routes import endpoints
from noc.http.rights import Route
from noc.http.scope import Scope
from noc.http.sources import Sources
from noc.inventory.inventory import Inventory
from noc.model.budget import BudgetNow
from noc.state import incidents, problems
from tests.unit.noc.http.house import FREE_PORT, INVENTORY, NOW_MS, OPENING, House, build, transition

LISTS: Final = (
    "/incidents",
    "/incidents?state=unresolved&limit=1",
    "/problems",
    "/devices",
    "/devices?status=down",
    "/sites",
    "/sites?region=africa&since__gte=2026-03-01T00:00:00Z",
    "/availability/sites",
    "/availability/devices?period=2026-02",
    "/availability/regions?period=2026-03&target=99",
)


class Home:
    """A house whose lists count how often they are made, and whose inventory and budgets are others when asked."""

    def __init__(self, house: House, held: list[Inventory], spent: list[int], made: Counter[str]) -> None:
        self.house = house
        self.held = held
        self.spent = spent
        self.made = made
        self.raised = 0

    async def tag(self, path: str, known: str | None = None) -> tuple[int, str]:
        """Ask for a list; return how it was answered, and its tag."""
        headers = {**self.house.bearer, **({} if known is None else {"If-None-Match": known})}
        async with self.house.http.get(self.house.url + ROOT + path, headers=headers) as answer:
            await answer.read()
            return answer.status, answer.headers.get("ETag", "")


async def home_in(folder: Path) -> Home:
    held, spent, made = [INVENTORY], [0], Counter[str]()

    def counted(one: Endpoint) -> Answering:
        async def handler(request: web.Request) -> BaseModel:
            made[one.path] += 1
            return await one.handler(request)

        return handler

    def routes(sources: Sources) -> list[Route]:
        return [replace(one, handler=counted(one)).route() for one in endpoints(sources)]

    def budget(entity: str) -> BudgetNow | None:
        return BudgetNow(entity, 1_000, spent[0]) if entity == "site/nairobi" else None

    def change(sources: Sources) -> Sources:
        return replace(sources, inventory=lambda: held[0], budget=budget)

    return Home(await build(folder, FREE_PORT, routes, change=change), held, spent, made)


@pytest.fixture
async def home(tmp_path: Path) -> AsyncIterator[Home]:
    made = await home_in(tmp_path)
    yield made
    await made.house.stack.aclose()


async def test_what_somebody_has_is_not_made_again(home: Home) -> None:
    await home.house.raises()
    home.house.saw("nbo-rtr-1", ok=True)
    for path in LISTS:
        _, known = await home.tag(path)
        before = home.made.total()
        assert await home.tag(path, known) == (304, known), path
        assert await home.tag(path, f'"other", {known}') == (304, known), path
        assert home.made.total() == before, path
        assert await home.tag(path, '"other"') == (200, known), path
        assert home.made.total() == before + 1, path


async def test_each_reader_has_lists_of_their_own(home: Home) -> None:
    house = home.house
    await house.raises()
    await home.tag("/incidents")
    await house.log_in_as(Scope(frozenset({"europe"})))
    async with house.http.get(f"{house.url}{ROOT}/incidents") as answer:
        assert (await answer.json())["items"] == []
        known = answer.headers["ETag"]
    before = home.made.total()
    async with house.http.get(f"{house.url}{ROOT}/incidents", headers={"If-None-Match": known}) as answer:
        assert (answer.status, home.made.total()) == (304, before)
    assert (await home.tag("/incidents", known))[0] == 200


async def test_what_is_as_of_now_is_made_each_time(home: Home) -> None:
    for path in ("/incidents?since__gte=now-1h", "/availability/sites?known=1"):
        _, known = await home.tag(path)
        before = home.made.total()
        status, _ = await home.tag(path, known)
        assert (status in (304, 404), home.made.total()) == (True, before + 1), path


async def test_a_bounded_number_is_remembered(home: Home) -> None:
    _, known = await home.tag("/sites?limit=1")
    for limit in range(2, AT_MOST + 2):
        await home.tag(f"/sites?limit={limit}")
    before = home.made.total()
    await home.tag("/sites?limit=1", known)
    assert home.made.total() == before + 1


async def _raise(home: Home) -> None:
    due_ms = int(home.house.clock.now().timestamp() * 1000) + 70_000
    home.raised += 1
    async with home.house.database.write() as connection:
        await incidents.insert(connection, replace(OPENING, rule=f"rule-{home.raised}"), {"respond_by_ms": due_ms})


async def _acknowledge(home: Home) -> None:
    async with home.house.database.write() as connection:
        for one in await incidents.page(connection, limit=1):
            await incidents.acknowledge(connection, one.id, NOW_MS, "berta")


async def _open_problem(home: Home) -> None:
    async with home.house.database.write() as connection:
        made = await problems.put(connection, "sags", "berta", NOW_MS)
        for one in await incidents.page(connection, limit=1):
            await problems.join(connection, made.id, [one.id])


async def _pass(home: Home) -> None:
    await home.house.clock.advance(40)


async def _see(home: Home, ok: bool) -> None:
    offset_ms = int(home.house.clock.now().timestamp() * 1000) - NOW_MS
    home.house.saw("nbo-rtr-1", ok=ok, offset_ms=offset_ms)


async def _down(home: Home) -> None:
    await _see(home, ok=False)


async def _up(home: Home) -> None:
    await _see(home, ok=True)


async def _reload(home: Home) -> None:
    site = INVENTORY.sites["nairobi"].model_copy(update={"name": f"Nairobi {len(home.held)}"})
    home.held.insert(0, replace(INVENTORY, sites={**INVENTORY.sites, "nairobi": site}))


async def _spend(home: Home) -> None:
    home.spent[0] += 100


async def _record(home: Home) -> None:
    await home.house.write(transition(minutes=30, status="down"))


async def test_what_goes_by_alone_is_news_too(home: Home) -> None:
    await _raise(home)
    await _up(home)
    for path in ("/incidents", "/devices"):
        _, known = await home.tag(path)
        await home.house.clock.advance(71)
        await _up(home)
        status, told = await home.tag(path, known)
        assert (status, told == known) == (200, False), path


CHANGES: Final[tuple[Callable[[Home], Awaitable[None]], ...]] = (
    *(_raise, _acknowledge, _open_problem, _pass, _down, _up, _reload, _spend, _record),
)


@settings(max_examples=6, deadline=None)
@given(st.lists(st.sampled_from(CHANGES), min_size=6, max_size=10))
def test_whoever_has_a_list_is_told_of_each_change(changes: list[Callable[[Home], Awaitable[None]]]) -> None:
    async def play() -> None:
        with tempfile.TemporaryDirectory() as folder:
            home = await home_in(Path(folder))
            known: dict[str, str] = {}
            try:
                for change in (*changes, _pass):
                    await change(home)
                    for path in LISTS:
                        status, told = await home.tag(path, known.get(path))
                        _, plain = await home.tag(path)
                        assert (told, status) == (plain, 304 if plain == known.get(path) else 200), (path, change)
                        known[path] = plain
            finally:
                await home.house.stack.aclose()

    asyncio.run(play())
