"""What people do with an incident: one POST each, done once and only on what they saw, where they say so."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Final

from aiohttp import web

from alerts import desk
from noc.api._body import body
from noc.api._endpoint import Endpoint
from noc.api._incidentshapes import IncidentDetail, Major, NewTicket, Note, Owning, Priority, Remark
from noc.api._once import HEADERS, once
from noc.api._shapes import Shape
from noc.api.incidents import ID, ONE, detail_of, number_of, visible
from noc.http.problems import bad_request, not_found
from noc.http.scope import caller, scope
from noc.http.sources import Sources
from noc.model.errors import ConflictError, UsageError
from noc.state.database import Transaction

Act = Callable[[Transaction, int, int, str], Awaitable[object]]
"""Takes the transaction, the incident, the time, and who does it."""

Saying = Callable[[Transaction, int, int, str, str], Awaitable[object]]
"""The same, and a note."""

Keeping = Callable[[Transaction, int, int, str, str, int | None], Awaitable[object]]
"""The same, and until when."""

OVER: Final = "It is resolved already; `detail` says since when, and by whom."
NOT_SO: Final = "It is in no state for that; `detail` says in which, and since when."

KEPT: Final[tuple[tuple[str, str, Keeping], ...]] = (
    ("acknowledge", "Own it: escalation stops.", desk.acknowledge),
    ("own", "Take it over, from whoever owns it.", desk.own),
)
REMARKED: Final[tuple[tuple[str, str, Saying, str], ...]] = (
    ("start", "Say that work has begun.", desk.start, NOT_SO),
    ("resolve", "Say that it is over.", desk.resolve, OVER),
    ("reopen", "Say that it isn't over: people are called anew.", desk.reopen, NOT_SO),
    ("close", "Close what is resolved, for good.", desk.close, NOT_SO),
)
WRITTEN: Final[tuple[tuple[str, str, Saying], ...]] = (
    ("updates", "Say how it stands, for all who look.", desk.status_update),
    ("notes", "Add a line to its timeline.", desk.note),
)


def endpoints(sources: Sources) -> list[Endpoint]:
    """Return the endpoints that change an incident."""

    async def major(request: web.Request) -> IncidentDetail:
        said = await body(request, Major)
        return await _do(
            sources, request, lambda c, n, now, who: desk.major(c, n, now, who, said.note, is_major=said.major)
        )

    async def priority(request: web.Request) -> IncidentDetail:
        said = await body(request, Priority)
        if said.priority is not None and not said.note.strip():
            raise bad_request("/body/note", "say why the priority is set by hand")
        return await _do(sources, request, lambda c, n, now, who: _prioritise(c, n, now, who, said))

    async def ticket(request: web.Request) -> IncidentDetail:
        said = await body(request, NewTicket)
        return await _do(
            sources,
            request,
            lambda c, n, now, who: desk.add_ticket(c, n, now, who, said.channel, said.reference, said.url),
        )

    return [
        *(_post(word, summary, _keeping(sources, act), Owning, OVER) for word, summary, act in KEPT),
        *(_post(word, summary, _saying(sources, act), Remark, wrong) for word, summary, act, wrong in REMARKED),
        *(_post(word, summary, _writing(sources, act), Note) for word, summary, act in WRITTEN),
        _post("major", "Declare a major incident, or take that back.", major, Major, OVER),
        _post("priority", "Set its priority by hand, or release it.", priority, Priority, OVER),
        _post("tickets", "Say by which number another system knows it.", ticket, NewTicket),
    ]


async def _prioritise(connection: Transaction, number: int, now_ms: int, who: str, said: Priority) -> bool:
    if said.priority is None:
        return await desk.release_priority(connection, number, now_ms, who, said.note)
    return await desk.prioritise(connection, number, now_ms, who, said.priority, said.note)


Handler = Callable[[web.Request], Awaitable[IncidentDetail]]


def _keeping(sources: Sources, act: Keeping) -> Handler:
    async def handle(request: web.Request) -> IncidentDetail:
        said = await body(request, Owning)
        return await _do(sources, request, lambda c, n, now, who: act(c, n, now, who, said.note, said.until))

    return handle


def _saying(sources: Sources, act: Saying) -> Handler:
    async def handle(request: web.Request) -> IncidentDetail:
        said = await body(request, Remark)
        return await _do(sources, request, lambda c, n, now, who: act(c, n, now, who, said.note))

    return handle


def _writing(sources: Sources, act: Saying) -> Handler:
    async def handle(request: web.Request) -> IncidentDetail:
        said = await body(request, Note)
        return await _do(sources, request, lambda c, n, now, who: act(c, n, now, who, said.note))

    return handle


def _post(word: str, summary: str, handler: Handler, model: type[Shape], conflict: str | None = None) -> Endpoint:
    path, headed = f"{ONE}/{word}", (ID, *HEADERS)
    return Endpoint(
        "POST", path, summary, handler, IncidentDetail, headed, model, conflict, guarded=True, right="handle"
    )


async def _do(sources: Sources, request: web.Request, act: Act) -> IncidentDetail:
    number, who, seen, asked = number_of(request), caller(request).who, scope(request), await once(request)

    async def within(connection: Transaction, now_ms: int) -> IncidentDetail:
        before = await asked.before(connection, now_ms)
        await visible(connection, sources.inventory(), seen, number)
        if before is not None:
            return IncidentDetail.model_validate_json(before)
        if asked.tags is not None:
            asked.check(await detail_of(connection, sources, seen, number))
        await act(connection, number, now_ms, who)
        found = await detail_of(connection, sources, seen, number)
        await asked.keep(connection, now_ms, found)
        return found

    try:
        return await sources.desk.do(number, within)
    except LookupError as error:
        raise not_found(f"incident {number}") from error
    except ConflictError:
        raise
    except UsageError as error:
        raise bad_request("/body/until", str(error)) from error
