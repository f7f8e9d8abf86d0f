"""What people do with an incident: one POST each, done once and only on what they saw, where they say so."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Final

from aiohttp import web

from alerts import desk
from noc.api._body import body
from noc.api._endpoint import Endpoint
from noc.api._incidentshapes import IncidentDetail, Major, NewTicket, Note, Owning, Remark
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

OVER: Final = "It is resolved already; `detail` says since when, and by whom."
NOT_SO: Final = "It is in no state for that; `detail` says in which, and since when."


def endpoints(sources: Sources) -> list[Endpoint]:
    """Return the endpoints that change an incident."""

    async def acknowledge(request: web.Request) -> IncidentDetail:
        said = await body(request, Owning)
        return await _do(
            sources, request, lambda c, n, now, who: desk.acknowledge(c, n, now, who, said.note, said.until)
        )

    async def own(request: web.Request) -> IncidentDetail:
        said = await body(request, Owning)
        return await _do(sources, request, lambda c, n, now, who: desk.own(c, n, now, who, said.note, said.until))

    async def start(request: web.Request) -> IncidentDetail:
        said = await body(request, Remark)
        return await _do(sources, request, lambda c, n, now, who: desk.start(c, n, now, who, said.note))

    async def resolve(request: web.Request) -> IncidentDetail:
        said = await body(request, Remark)
        return await _do(sources, request, lambda c, n, now, who: desk.resolve(c, n, now, who, said.note))

    async def reopen(request: web.Request) -> IncidentDetail:
        said = await body(request, Remark)
        return await _do(sources, request, lambda c, n, now, who: desk.reopen(c, n, now, who, said.note))

    async def close(request: web.Request) -> IncidentDetail:
        said = await body(request, Remark)
        return await _do(sources, request, lambda c, n, now, who: desk.close(c, n, now, who, said.note))

    async def major(request: web.Request) -> IncidentDetail:
        said = await body(request, Major)
        return await _do(
            sources, request, lambda c, n, now, who: desk.major(c, n, now, who, said.note, is_major=said.major)
        )

    async def update(request: web.Request) -> IncidentDetail:
        said = await body(request, Note)
        return await _do(sources, request, lambda c, n, now, who: desk.status_update(c, n, now, who, said.note))

    async def note(request: web.Request) -> IncidentDetail:
        said = await body(request, Note)
        return await _do(sources, request, lambda c, n, now, who: desk.note(c, n, now, who, said.note))

    async def ticket(request: web.Request) -> IncidentDetail:
        said = await body(request, NewTicket)
        return await _do(
            sources,
            request,
            lambda c, n, now, who: desk.add_ticket(c, n, now, who, said.channel, said.reference, said.url),
        )

    return [
        _post("acknowledge", "Own it: escalation stops.", acknowledge, Owning, OVER),
        _post("own", "Take it over, from whoever owns it.", own, Owning, OVER),
        _post("start", "Say that work has begun.", start, Remark, NOT_SO),
        _post("resolve", "Say that it is over.", resolve, Remark, OVER),
        _post("reopen", "Say that it isn't over: people are called anew.", reopen, Remark, NOT_SO),
        _post("close", "Close what is resolved, for good.", close, Remark, NOT_SO),
        _post("major", "Declare a major incident, or take that back.", major, Major, OVER),
        _post("updates", "Say how it stands, for all who look.", update, Note),
        _post("notes", "Add a line to its timeline.", note, Note),
        _post("tickets", "Say by which number another system knows it.", ticket, NewTicket),
    ]


def _post(
    word: str,
    summary: str,
    handler: Callable[[web.Request], Awaitable[IncidentDetail]],
    model: type[Shape],
    conflict: str | None = None,
) -> Endpoint:
    return Endpoint(
        "POST", f"{ONE}/{word}", summary, handler, IncidentDetail, (ID, *HEADERS), model, conflict, guarded=True
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
