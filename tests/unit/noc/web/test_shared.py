"""Views that many watch are made once a beat, and nobody gets what is somebody else's."""

from __future__ import annotations

import asyncio
import gzip
from datetime import UTC, datetime

import pytest
from aiohttp import web
from aiohttp.test_utils import make_mocked_request

from noc.clock import ManualClock
from noc.http.beat import Beat
from noc.http.problems import ProblemError, not_found
from noc.http.scope import EVERYTHING, Caller, Scope, caller, remember
from noc.web.shared import CSRF_PLACE, FOR_ALL, SharedViews


class Room:
    """A view that counts how often it is made."""

    def __init__(self) -> None:
        self.clock = ManualClock(datetime(2026, 3, 1, 12, tzinfo=UTC))
        self.newest = 0
        self.beat = Beat(self.clock, lambda: self.newest)
        self.shared = SharedViews(self.beat)
        self.made = 0
        self.holding: asyncio.Event | None = None

    async def view(self, request: web.Request) -> web.StreamResponse:
        self.made += 1
        number = self.made
        if self.holding is not None:
            await self.holding.wait()
        if request.path == "/gone":
            raise not_found("it")
        if request.path == "/elsewhere":
            return web.Response(status=302, headers={"Location": caller(request).who})
        token = CSRF_PLACE if request.get(FOR_ALL) else caller(request).csrf
        return web.Response(text=f"<p>{number} {self.newest}<input value={token}>", content_type="text/html")

    async def ask(self, who: Caller, path: str = "/problems", **headers: str) -> str:
        sent = {"HX-Request": "true", "Accept-Encoding": "gzip"} | {
            name.replace("_", "-"): text for name, text in headers.items()
        }
        request = make_mocked_request("GET", path, headers=sent)
        remember(request, who)
        answer = await self.shared.answer(self.view, request)
        assert isinstance(answer, web.Response)
        body = answer.body
        assert isinstance(body, bytes)
        return gzip.decompress(body).decode() if "Content-Encoding" in answer.headers else body.decode()


@pytest.fixture
def room() -> Room:
    return Room()


ANN, BOB = Caller("ann", csrf="a1"), Caller("bob", csrf="b2")


async def test_many_who_ask_at_once_have_it_made_once_and_get_their_own_token(room: Room) -> None:
    room.holding = asyncio.Event()
    asking = [asyncio.create_task(room.ask(who)) for who in (ANN, BOB, ANN)]
    await asyncio.sleep(0)
    room.holding.set()
    assert [await one for one in asking] == [
        "<p>1 0<input value=a1>",
        "<p>1 0<input value=b2>",
        "<p>1 0<input value=a1>",
    ]
    assert (room.shared.made, room.shared.given) == (1, 3)


async def test_who_was_told_of_a_change_never_gets_what_was_made_before_it(room: Room) -> None:
    assert await room.ask(ANN) == "<p>1 0<input value=a1>"
    room.newest = 1
    seen = room.beat.number
    await room.clock.advance(1)
    assert await room.beat.after(seen) > seen  # told now
    assert await room.ask(ANN) == "<p>2 1<input value=a1>"


async def test_who_changed_something_sees_it_at_once(room: Room) -> None:
    assert await room.ask(ANN) == "<p>1 0<input value=a1>"

    async def act(_: web.Request) -> web.StreamResponse:
        room.newest = 5
        return web.Response()

    await room.shared.changing(act)(make_mocked_request("POST", "/problems/acknowledge"))
    assert await room.ask(ANN) == "<p>2 5<input value=a1>"


@pytest.mark.parametrize(
    ("who", "path", "headers"),
    [
        (Caller("bob", Scope(frozenset({"africa"})), csrf="b2"), "/problems", {}),
        (Caller("bob", csrf="b2", role="admin"), "/problems", {}),
        (Caller("bob", csrf="b2", rights=frozenset({"see"})), "/problems", {}),
        (BOB, "/problems?q=owner%3Dme", {}),
        (BOB, "/sites", {}),
        (BOB, "/problems", {"Accept_Language": "ar"}),
        (BOB, "/problems", {"Cookie": "noc_language=ar"}),
        (BOB, "/problems", {"X_Noc_Held": "4 5"}),
        (BOB, "/problems", {"HX_Request": "false"}),
    ],
)
async def test_what_hangs_on_who_asks_is_made_for_them(
    room: Room, who: Caller, path: str, headers: dict[str, str]
) -> None:
    assert (await room.ask(ANN, path if "?" in path else "/problems")).startswith("<p>1 ")
    assert (await room.ask(who, path, **headers)).startswith("<p>2 ")


async def test_sessions_and_foreign_cookies_make_no_difference(room: Room) -> None:
    assert ANN.scope == EVERYTHING
    first = await room.ask(ANN, Cookie="noc_session_8080=aaa; _ga=1")
    assert first == await room.ask(ANN, Cookie="noc_session_8080=bbb; _ga=2")


async def test_what_fails_fails_for_all_and_is_tried_again(room: Room) -> None:
    for count in (1, 2):
        with pytest.raises(ProblemError):
            await room.ask(ANN, "/gone")
        assert room.made == count


async def test_what_is_no_page_is_nobody_elses(room: Room) -> None:
    request = make_mocked_request("GET", "/elsewhere", headers={"HX-Request": "true"})
    remember(request, BOB)
    answer = await room.shared.answer(room.view, request)
    assert (answer.status, answer.headers["Location"]) == (302, "bob")


async def test_who_goes_away_takes_nothing_from_others(room: Room) -> None:
    room.holding = asyncio.Event()
    first, second = asyncio.create_task(room.ask(ANN)), asyncio.create_task(room.ask(BOB))
    await asyncio.sleep(0)
    first.cancel()
    await asyncio.sleep(0)
    room.holding.set()
    assert await second == "<p>1 0<input value=b2>"
