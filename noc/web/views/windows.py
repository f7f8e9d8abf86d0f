"""Windows: what waits for approval, what is under way, what is ahead by day; one of them; and the form to ask."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Awaitable, Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final
from urllib.parse import quote

from aiohttp import web

from noc.http.problems import ProblemError, not_found
from noc.http.scope import scope
from noc.inventory.inventory import Inventory
from noc.maintenance import notices
from noc.maintenance.draft import NAME_AT_MOST, TEXT_AT_MOST, Asked, DraftError, draft, moment_of
from noc.maintenance.impact import Impact
from noc.maintenance.imports import Step
from noc.maintenance.occurrences import foreseen, running
from noc.model.errors import UsageError
from noc.model.instants import from_ms, to_ms
from noc.model.window import PlannedWindow, WindowDecision, WindowState
from noc.state import carriernotices, windows
from noc.state.database import Transaction
from noc.state.foreseen import preview
from noc.web.pages import WebPages, who_of
from noc.web.paging import chosen, page_of
from noc.web.places import Place, place_of
from noc.web.tongue import say

DAY_MS: Final = 86_400_000
AHEAD_MS: Final = 35 * DAY_MS
"""So far ahead the calendar shows."""

SHOWN_AT_MOST: Final = 2_000
STATES: Final[tuple[WindowState, ...]] = ("approved", "rejected", "cancelled")
TEXT: Final = {"from": 40, "to": 40, "entity": 200, "zone": 64, "rrule": 500, "why": TEXT_AT_MOST}
NOTHING_ASKED: Final[Mapping[str, str]] = {**dict.fromkeys(TEXT, ""), "zone": "UTC"}
_NUMBER: Final = re.compile(r"[0-9]{1,15}\Z")

WORDS: Final = {
    "request": say("asked for"),
    "cancel": say("taken back"),
    "unchanged": say("known already"),
    "older": say("an older edition"),
    "unmatched": say("names no circuit"),
    "over": say("is over"),
    "wrong": say("not understood"),
}
"""What came of a carrier's notice."""

RULES: Final = (
    ("", say("Once")),
    ("FREQ=DAILY", say("Each day")),
    ("FREQ=WEEKLY", say("Each week")),
    ("FREQ=WEEKLY;INTERVAL=2", say("Each second week")),
    ("FREQ=MONTHLY", say("Each month, on this day")),
    ("FREQ=YEARLY", say("Each year")),
)


@dataclass(frozen=True, slots=True)
class Row:
    """A window, and where it is. is_running: now; is_over: it was approved, and nothing of it is to come."""

    window: PlannedWindow
    where: Place
    is_running: bool
    is_over: bool = False


@dataclass(frozen=True, slots=True)
class Day:
    """One time of a window in the calendar. day: 2026-11-28, the first of its rows alone; empty for the others."""

    day: str
    start_ms: int
    end_ms: int
    row: Row


async def show(pages: WebPages, request: web.Request) -> web.Response:
    """Answer with the list and the calendar."""
    return await _page(pages, request, {**NOTHING_ASKED, "entity": request.query.get("entity", "")[:200]})


async def ask(pages: WebPages, request: web.Request) -> web.StreamResponse:
    """Ask for a window, or say what it would touch; what can't be a window is said beside the form."""
    form = await request.post()
    asked = {name: str(form.get(name, "")).strip()[:at_most] for name, at_most in TEXT.items()}
    is_preview = "preview" in form
    try:
        wanted = await asyncio.to_thread(_wanted, pages, request, asked, is_preview=is_preview)
    except DraftError as error:
        return await _page(pages, request, asked, wrong=str(error), status=400)
    if is_preview:
        inventory = pages.sources.inventory()
        async with pages.sources.database.read() as connection:
            touched = await preview(connection, inventory, wanted.entity, wanted.start_ms, wanted.end_ms)
        return await _page(pages, request, asked, touched=touched)
    async with pages.sources.database.write() as connection:
        number = (await windows.request(connection, wanted)).number
    raise web.HTTPSeeOther(f"/windows/{number}")


def _wanted(pages: WebPages, request: web.Request, asked: Mapping[str, str], *, is_preview: bool) -> WindowDecision:
    """Return what a form asks for. Raises DraftError. Of what is only to be previewed nobody has to say why."""
    inventory, entity, zone = pages.sources.inventory(), asked["entity"], asked["zone"] or "UTC"
    if not scope(request).sees(inventory, entity):
        raise DraftError("entity", f"entity: the inventory has no '{entity}'")
    start_ms, end_ms = (moment_of(name, asked[name], zone) for name in ("from", "to"))
    why = asked["why"] or ("–" if is_preview else "")
    given = Asked(entity, start_ms, end_ms, who_of(request), why, asked["rrule"], zone)
    return draft(given, inventory, to_ms(pages.sources.clock.now()))


async def take_notices(pages: WebPages, request: web.Request) -> web.StreamResponse:
    """Take a carrier's notices in, and say what came of each."""
    if not scope(request).everything:
        raise ProblemError(403, "carriers' notices are taken in by those who may see all regions")
    file = (await request.post()).get("notice")
    if not isinstance(file, web.FileField):
        raise ProblemError(400, "pick the file of a notice (.ics)")
    inventory, who, now_ms = pages.sources.inventory(), who_of(request), to_ms(pages.sources.clock.now())
    content = await asyncio.to_thread(file.file.read, notices.BYTES_AT_MOST + 1)
    try:
        found = await asyncio.to_thread(notices.read, content)
    except UsageError as error:
        return await _page(pages, request, NOTHING_ASKED, wrong=str(error), status=400)
    async with pages.sources.database.read() as connection:
        before = await carriernotices.known(connection, found)
    plan = await asyncio.to_thread(carriernotices.planned, found, before, inventory, who, now_ms)
    async with pages.sources.database.write() as connection:
        steps = await carriernotices.write(connection, plan, who, now_ms)
    return await _page(pages, request, NOTHING_ASKED, steps=steps)


async def one(pages: WebPages, request: web.Request) -> web.Response:
    """Answer with the page of a window."""
    inventory, now_ms = pages.sources.inventory(), to_ms(pages.sources.clock.now())
    async with pages.sources.database.read() as connection:
        found = await _asked_for(pages, request, connection)
        now = found.now
        touched = await preview(connection, inventory, found.entity, now.start_ms, now.end_ms, found.number)
    is_over = not now.rrule and now.end_ms <= now_ms
    return pages.show(
        request,
        "window.html",
        row=_row(found, inventory, now_ms),
        touched=_touched(touched, inventory),
        ahead=foreseen(found, now_ms, now_ms + 400 * DAY_MS)[:10],
        is_own=who_of(request).casefold() == found.request.who.casefold(),
        is_over=is_over,
        can_end=found.state in ("requested", "approved") and not is_over,
    )


async def decide(pages: WebPages, request: web.Request) -> web.StreamResponse:
    """Approve, reject, cancel, shorten, or leave one time out."""
    form = await request.post()
    why, who = str(form.get("why", "")).strip()[:TEXT_AT_MOST], who_of(request)[:NAME_AT_MOST]
    now_ms = to_ms(pages.sources.clock.now())
    step = request.match_info["step"]
    async with pages.sources.database.write() as connection:
        found = await _asked_for(pages, request, connection)
        number = found.number
        steps: dict[str, Callable[[], Awaitable[PlannedWindow]]] = {
            "approve": lambda: windows.approve(connection, number, who=who, why=why, now_ms=now_ms),
            "reject": lambda: windows.reject(connection, number, who=who, why=why, now_ms=now_ms),
            "cancel": lambda: windows.cancel(connection, number, who=who, why=why, now_ms=now_ms),
            "shorten": lambda: windows.shorten(connection, number, when, who=who, why=why, now_ms=now_ms),
            "leave-out": lambda: windows.leave_out(connection, number, when, who=who, why=why, now_ms=now_ms),
        }
        if step not in steps:
            raise not_found(f"step '{step[:20]}'")
        when = _when(form.get("when"), found.now.zone) if step in ("shorten", "leave-out") else 0
        await steps[step]()
    raise web.HTTPSeeOther(f"/windows/{number}")


async def _page(
    pages: WebPages,
    request: web.Request,
    asked: Mapping[str, str],
    *,
    wrong: str = "",
    status: int = 200,
    touched: Impact | None = None,
    steps: Sequence[Step] = (),
) -> web.Response:
    inventory, now_ms, seen = pages.sources.inventory(), to_ms(pages.sources.clock.now()), scope(request)
    state = chosen(request, "state", STATES)
    async with pages.sources.database.read() as connection:
        waiting = await windows.page(connection, states=("requested",), limit=SHOWN_AT_MOST)
        ahead = await windows.overlapping(connection, now_ms, now_ms + AHEAD_MS)
        past = await windows.page(connection, states=[one for one in STATES if state in ("", one)], limit=SHOWN_AT_MOST)
    waiting, ahead, past = (
        [one for one in found if seen.sees(inventory, one.entity)] for found in (waiting, ahead, past)
    )
    return pages.show(
        request,
        "windows.html",
        http_status=status,
        waiting=[_row(one, inventory, now_ms) for one in waiting],
        days=list(_calendar(ahead, inventory, now_ms)),
        page=page_of([_row(one, inventory, now_ms) for one in past], request),
        asked=asked,
        wrong_form=wrong,
        touched=None if touched is None else _touched(touched, inventory),
        steps=[(WORDS[step.word], step) for step in steps],
        rules=RULES,
        state=state,
        states=STATES,
        zones=sorted({str(site.time_zone) for site in inventory.sites.values() if site.time_zone} | {"UTC"}),
    )


def _calendar(found: Sequence[PlannedWindow], inventory: Inventory, now_ms: int) -> Iterator[Day]:
    """Yield the times that are under way or ahead, in order; the day stands beside the first of its times."""
    times = [(one.start, one.end, window) for window in found for one in foreseen(window, now_ms, now_ms + AHEAD_MS)]
    before = ""
    for start, end, window in sorted(times, key=lambda each: (each[0], each[2].number))[:SHOWN_AT_MOST]:
        day = f"{from_ms(start):%Y-%m-%d}"
        is_running = start <= now_ms < end and running(window, now_ms) is not None
        yield Day("" if day == before else day, start, end, Row(window, place_of(inventory, window.entity), is_running))
        before = day


def _row(window: PlannedWindow, inventory: Inventory, now_ms: int) -> Row:
    now = window.now
    is_over = window.state == "approved" and not now.rrule and now.end_ms <= now_ms
    return Row(window, place_of(inventory, window.entity), running(window, now_ms) is not None, is_over)


def _touched(impact: Impact, inventory: Inventory) -> dict[str, list[Place]]:
    """Return what a window touches, with names and addresses, by what is said of it."""
    return {
        name: [place_of(inventory, entity) for entity in entities]
        for name, entities in (
            ("also", impact.also),
            ("cut", impact.cut),
            ("uncovered", impact.uncovered),
            ("weaker", impact.weaker),
            ("circuits", impact.circuits),
            ("services", impact.services),
        )
    }


async def _asked_for(pages: WebPages, request: web.Request, connection: Transaction) -> PlannedWindow:
    number = request.match_info["number"]
    if _NUMBER.match(number) is not None:
        found = await windows.get(connection, int(number))
        if found is not None and scope(request).sees(pages.sources.inventory(), found.entity):
            return found
    raise not_found(f"window {quote(number[:20])}")


def _when(written: object, zone: str) -> int:
    try:
        return moment_of("when", str(written or ""), zone)
    except DraftError as error:
        raise ProblemError(400, str(error)) from error
