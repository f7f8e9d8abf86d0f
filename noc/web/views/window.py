"""One window: what it touches, what was decided about it, and the forms to decide."""

from __future__ import annotations

import re
from collections.abc import Awaitable, Callable
from typing import Final
from urllib.parse import quote

from aiohttp import web

from noc.http.plannedwork import Known
from noc.http.problems import ProblemError, not_found
from noc.http.scope import scope
from noc.maintenance.draft import NAME_AT_MOST, TEXT_AT_MOST, DraftError, moment_of
from noc.maintenance.occurrences import foreseen
from noc.maintenance.standing import Standings
from noc.model.instants import to_ms
from noc.model.window import PlannedWindow
from noc.state import windows
from noc.state.database import Transaction
from noc.state.foreseen import preview
from noc.web.pages import WebPages, who_of
from noc.web.views.maintenance import ADDRESS
from noc.web.windowrows import SHAPES, WORDS, row_of, touched

AHEAD_MS: Final = 400 * 86_400_000
_NUMBER: Final = re.compile(r"[0-9]{1,15}\Z")


async def one(pages: WebPages, request: web.Request) -> web.Response:
    """Answer with the page of a window."""
    inventory, now_ms = pages.sources.inventory(), to_ms(pages.sources.clock.now())
    async with pages.sources.database.read() as connection:
        found = await _asked_for(pages, request, connection)
        ahead = foreseen(found, now_ms, now_ms + AHEAD_MS)[:10]
        # What is to come is worked on in another network than what was: its next time counts.
        start_ms, end_ms = (ahead[0].start, ahead[0].end) if ahead else (found.now.start_ms, found.now.end_ms)
        impact = await preview(connection, inventory, found.entity, start_ms, end_ms, found.number)
    standing, down = Standings(inventory, pages.sources.present.status, now_ms).of(found)
    return pages.show(
        request,
        "window.html",
        topics=("statuses",),
        name_of=await pages.called(),
        row=row_of(Known(found, standing, down), inventory),
        touched=touched(impact, inventory),
        ahead=ahead,
        is_own=who_of(request).casefold() == found.request.who.casefold(),
        can_end=standing in ("requested", "approved", "running") or (standing == "overrun" and bool(found.now.rrule)),
        standing_words=WORDS,
        shapes=SHAPES,
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
    raise web.HTTPSeeOther(f"{ADDRESS}/{number}")


async def moved(pages: WebPages, request: web.Request) -> web.StreamResponse:
    """Lead from where windows stood before: links in mails and tickets live for years."""
    path = ADDRESS
    if "number" in request.match_info:
        async with pages.sources.database.read() as connection:
            path = f"{ADDRESS}/{(await _asked_for(pages, request, connection)).number}"
    raise web.HTTPMovedPermanently(request.rel_url.with_path(path).with_query(request.rel_url.query))


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
