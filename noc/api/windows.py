"""Windows: planned maintenance, asked for by one person and approved by another; and what it touches."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from typing import Final, Literal, get_args

from aiohttp import web

from noc.api import _places as places
from noc.api import _query as query
from noc.api._about import Said, about_entities, number_in_path, speaker
from noc.api._body import body
from noc.api._endpoint import PAGING, Endpoint, Parameter, time_parameter
from noc.api._filters import Field as By
from noc.api._filters import Filters, Value
from noc.api._shapes import Listing
from noc.api._windowshapes import (
    Calendar,
    ImpactItem,
    Imported,
    LeftOut,
    NoticeStep,
    Shorter,
    WindowDetail,
    WindowItem,
    WindowRequest,
)
from noc.http.problems import ProblemError, bad_request, not_found
from noc.http.scope import Scope, scope
from noc.http.sources import Sources
from noc.maintenance import notices
from noc.maintenance.documents import decisions_document, impact_document, window_document
from noc.maintenance.draft import Asked, DraftError, check_known, draft
from noc.model.errors import UsageError
from noc.model.window import PlannedWindow, WindowState
from noc.state import carriernotices, windows
from noc.state.database import Transaction
from noc.state.foreseen import preview

STATES: Final[tuple[WindowState, ...]] = get_args(WindowState)

ID = Parameter("id", "Number of the window.", {"type": "integer", "minimum": 1}, place="path", required=True)
ENTITY = Parameter("entity", "What is worked on: site/nairobi.", required=True)
FILTERS = Filters(
    (
        By("state", "the state", "word", STATES),
        places.ENTITY,
        *places.PLACES,
        By("why", "what is to be done", "text"),
        By("requested_by", "the one who asked", "text"),
        By("requested", "the time of the request", "time"),
        By("from", "the (first) beginning", "time"),
        By("to", "the (first) end", "time"),
    )
)
_VALUES: Final[Mapping[str, Callable[[PlannedWindow], Value]]] = {
    "why": lambda one: one.request.why,
    "requested_by": lambda one: one.request.who,
    "requested": lambda one: one.request.since_ms,
    "from": lambda one: one.now.start_ms,
    "to": lambda one: one.now.end_ms,
}
WHEN = (time_parameter("from", "Beginning."), time_parameter("to", "End."))
ONE: Final = "/windows/{id}"
FULL: Final = "Too many wait for somebody to decide, or windows were changed at the same moment."
NOT_NOW: Final = "It stands otherwise, is over, or you asked for it yourself; `detail` says which."

Step = Callable[[Transaction, int, str, int], Awaitable[PlannedWindow]]


def endpoints(sources: Sources) -> list[Endpoint]:
    """Return the endpoints of windows."""

    async def listed(request: web.Request) -> Listing[WindowItem]:
        return await _listed(sources, request)

    async def one(request: web.Request) -> WindowDetail:
        return await _detail(sources, request)

    async def ask(request: web.Request) -> WindowDetail:
        said = await body(request, WindowRequest)
        inventory, now_ms = sources.inventory(), query.now_ms(sources.clock)
        asked = Asked(said.entity, said.start, said.end, speaker(request, said), said.why, said.rrule, said.zone)
        try:
            wanted = await asyncio.to_thread(draft, asked, inventory, now_ms)
        except DraftError as error:
            raise _wrong("/body", error) from error
        if not scope(request).sees(inventory, said.entity):
            raise not_found(f"entity {said.entity[:100]} that you may plan for")
        async with sources.database.write() as connection:
            number = (await windows.request(connection, wanted)).number
        return await _detail(sources, request, number)

    async def foresee(request: web.Request) -> ImpactItem:
        return await _foreseen(sources, request)

    async def take_notices(request: web.Request) -> Imported:
        return await _imported(sources, request)

    deciding = [_deciding(sources, word) for word in ("approve", "reject", "cancel")]
    listing, detail = Listing[WindowItem], WindowDetail
    asking, taking = "Ask for one; somebody else approves it.", "Take carriers' notices in."
    return [
        Endpoint("GET", "/windows", "Windows, the newest first.", listed, listing, (*FILTERS.parameters, *PAGING)),
        Endpoint("POST", "/windows", asking, ask, detail, (), WindowRequest, FULL).taking("propose"),
        Endpoint("GET", "/windows/preview", "What one would touch.", foresee, ImpactItem, (ENTITY, *WHEN)),
        Endpoint("POST", "/windows/import", taking, take_notices, Imported, (), Calendar, FULL).taking("propose"),
        Endpoint("GET", ONE, "One, with its decisions and what it touches.", one, detail, (ID,)),
        *deciding,
        _shortening(sources),
        _leaving_out(sources),
    ]


def _deciding(sources: Sources, word: Literal["approve", "reject", "cancel"]) -> Endpoint:
    async def decide(request: web.Request) -> WindowDetail:
        said = await body(request, Said)
        steps = {"approve": windows.approve, "reject": windows.reject, "cancel": windows.cancel}

        async def step(connection: Transaction, number: int, who: str, now_ms: int) -> PlannedWindow:
            return await steps[word](connection, number, who=who, why=said.why, now_ms=now_ms)

        return await _do(sources, request, speaker(request, said), step)

    summaries = {
        "approve": "Approve one that somebody else asked for.",
        "reject": "Reject one that somebody else asked for.",
        "cancel": "Take it back; one that is under way ends now.",
    }
    made = Endpoint("POST", f"{ONE}/{word}", summaries[word], decide, WindowDetail, (ID,), Said, NOT_NOW)
    return made.taking("propose" if word == "cancel" else "approve")


def _shortening(sources: Sources) -> Endpoint:
    async def shorten(request: web.Request) -> WindowDetail:
        said = await body(request, Shorter)

        async def step(connection: Transaction, number: int, who: str, now_ms: int) -> PlannedWindow:
            return await windows.shorten(connection, number, said.end, who=who, why=said.why, now_ms=now_ms)

        return await _do(sources, request, speaker(request, said), step)

    made = Endpoint("POST", f"{ONE}/shorten", "Have it end sooner.", shorten, WindowDetail, (ID,), Shorter, NOT_NOW)
    return made.taking("propose")


def _leaving_out(sources: Sources) -> Endpoint:
    async def leave_out(request: web.Request) -> WindowDetail:
        said = await body(request, LeftOut)

        async def step(connection: Transaction, number: int, who: str, now_ms: int) -> PlannedWindow:
            return await windows.leave_out(connection, number, said.start, who=who, why=said.why, now_ms=now_ms)

        return await _do(sources, request, speaker(request, said), step)

    said = "Leave out one time of a window that comes again."
    return Endpoint("POST", f"{ONE}/leave-out", said, leave_out, WindowDetail, (ID,), LeftOut, NOT_NOW, right="propose")


async def _listed(sources: Sources, request: web.Request) -> Listing[WindowItem]:
    now_ms = query.now_ms(sources.clock)
    states = list(query.words(request, "state", STATES)) if "state" in request.query else []
    async with sources.database.read() as connection:
        shown, more = await about_entities(
            *(request, sources, FILTERS, _VALUES),
            lambda one, place, limit: windows.page(connection, states=states, entity=one, before=place, limit=limit),
            lambda entity: windows.page(connection, entity=entity, limit=1),
            "number",
        )
    items = [WindowItem.model_validate(window_document(one, int, now_ms)) for one in shown]
    return Listing[WindowItem](items=items, next=more)


async def _detail(sources: Sources, request: web.Request, number: int | None = None) -> WindowDetail:
    inventory, wanted = sources.inventory(), number or _number(request)
    async with sources.database.read() as connection:
        found = await _visible(connection, sources, scope(request), wanted)
        now = found.now
        touched = await preview(connection, inventory, found.entity, now.start_ms, now.end_ms, found.number)
    document = window_document(found, int, query.now_ms(sources.clock))
    return WindowDetail.model_validate(
        {**document, "decisions": decisions_document(found, int), "impact": impact_document(touched)}
    )


async def _foreseen(sources: Sources, request: web.Request) -> ImpactItem:
    inventory, entity = sources.inventory(), query.required(request, "entity")
    try:
        check_known(entity, inventory)
    except DraftError as error:
        raise _wrong("/query", error) from error
    if not scope(request).sees(inventory, entity):
        raise not_found(f"entity {entity[:100]} that you may plan for")
    now_ms = query.now_ms(sources.clock)
    start_ms, end_ms = (query.time(request, name, sources.clock) for name in ("from", "to"))
    start_ms = now_ms if start_ms is None else start_ms
    end_ms = start_ms + 1 if end_ms is None else end_ms
    if start_ms >= end_ms:
        raise bad_request("/query/to", "is not later than from")
    async with sources.database.read() as connection:
        return ImpactItem.model_validate(
            impact_document(await preview(connection, inventory, entity, start_ms, end_ms))
        )


async def _imported(sources: Sources, request: web.Request) -> Imported:
    said = await body(request, Calendar)
    who = speaker(request, said)
    if not scope(request).everything:
        raise ProblemError(403, "carriers' notices are taken in by those who may see all regions")
    inventory, now_ms = sources.inventory(), query.now_ms(sources.clock)
    try:
        found = await asyncio.to_thread(notices.read, said.calendar.encode(), said.zone)
    except (UsageError, ValueError) as error:
        raise bad_request("/body/calendar", str(error)) from error
    async with sources.database.read() as connection:
        before = await carriernotices.known(connection, found)
    plan = await asyncio.to_thread(carriernotices.planned, found, before, inventory, who, now_ms)
    async with sources.database.write() as connection:
        steps = await carriernotices.write(connection, plan, who, now_ms)
    items = [
        NoticeStep(
            word=step.word,
            uid=step.notice.uid,
            sequence=step.notice.sequence,
            summary=step.notice.summary,
            entity=step.entity or None,
            window=step.window,
            why=step.why or None,
        )
        for step in steps
    ]
    return Imported(items=items)


async def _do(sources: Sources, request: web.Request, who: str, step: Step) -> WindowDetail:
    number = _number(request)
    async with sources.database.write() as connection:
        await _visible(connection, sources, scope(request), number)
        await step(connection, number, who, query.now_ms(sources.clock))
    return await _detail(sources, request)


async def _visible(connection: Transaction, sources: Sources, seen: Scope, number: int) -> PlannedWindow:
    found = await windows.get(connection, number)
    if found is None or not seen.sees(sources.inventory(), found.entity):
        raise not_found(f"window {number}")
    return found


def _wrong(where: str, error: DraftError) -> ProblemError:
    return bad_request(f"{where}/{error.field}", str(error).removeprefix(f"{error.field}: "))


def _number(request: web.Request) -> int:
    return number_in_path(request, "window")
