"""Problem records: what comes again, its cause, and how to work around it."""

from __future__ import annotations

import re
from typing import Final

from aiohttp import web

from alerts import problemdesk
from noc.http.problems import ProblemError, not_found
from noc.http.problemsight import visible
from noc.http.scope import scope
from noc.model.instants import to_ms
from noc.state import incidents, problems
from noc.state.database import Transaction
from noc.state.problems import PROBLEM_STATES, Problem, ProblemState
from noc.web.pages import WebPages, who_of
from noc.web.places import place_of
from noc.web.problemlist import rows_of

_NUMBER: Final = re.compile(r"[0-9]{1,15}\Z")
_PROSE_AT_MOST: Final = 10_000
_SHOWN_AT_MOST: Final = 500


async def listed(pages: WebPages, request: web.Request) -> web.Response:
    """Answer with all records, and with what came again and has none."""
    inventory, seen = pages.sources.inventory(), scope(request)
    since_ms = to_ms(pages.sources.clock.now()) - problemdesk.REPEATS_WITHIN_MS
    async with pages.sources.database.read() as connection:
        records = await problems.page(connection, limit=_SHOWN_AT_MOST)
        theirs = await visible(connection, inventory, seen, [one.id for one, _ in records])
        repeats = await problems.repeats(connection, since_ms, problemdesk.REPEATS_AT_LEAST)
    again = [(one, place_of(inventory, one.entity)) for one in repeats if seen.sees(inventory, one.entity)]
    shown = [(one, count) for one, count in records if one.id in theirs]
    return pages.show(request, "problemrecords.html", records=shown, repeats=again)


async def show(pages: WebPages, request: web.Request) -> web.Response:
    """Answer with the page of a record."""
    inventory, seen = pages.sources.inventory(), scope(request)
    record = await _asked_for(pages, request)
    async with pages.sources.database.read() as connection:
        of = await problems.incidents_of(connection, record.id)
    rows = rows_of((one for one in of if seen.sees(inventory, one.entity)), inventory)
    name_of = await pages.called()
    return pages.show(request, "problemrecord.html", record=record, of=rows, states=PROBLEM_STATES, name_of=name_of)


async def begin(pages: WebPages, request: web.Request) -> web.StreamResponse:
    """Open a record of an incident and all that are alike."""
    form = await request.post()
    number, title, who = str(form.get("incident", "")), str(form.get("title", "")).strip(), who_of(request)
    if _NUMBER.match(number) is None or not title:
        raise ProblemError(400, "a problem record has a title, and an incident")
    inventory, seen = pages.sources.inventory(), scope(request)

    async def do(connection: Transaction, now_ms: int) -> Problem:
        found = await incidents.get(connection, int(number))
        if found is None or not seen.sees(inventory, found.entity):
            raise not_found(f"incident {number}")
        return await problemdesk.begin(connection, now_ms, who, title, [found.id], alike=True)

    made = await pages.sources.desk.do(int(number), do)
    raise web.HTTPSeeOther(f"/problem-records/{made.id}")


async def change(pages: WebPages, request: web.Request) -> web.StreamResponse:
    """Keep what the form says."""
    record, form = await _asked_for(pages, request), await request.post()
    said = {name: str(form.get(name, "")).strip()[:_PROSE_AT_MOST] for name in ("title", "cause", "workaround")}
    state: ProblemState | None = next((word for word in PROBLEM_STATES if word == form.get("state")), None)
    title = said["title"] or None
    await pages.sources.desk.do(
        None,
        lambda connection, now_ms: problemdesk.change(
            connection,
            record.id,
            now_ms,
            title=title,
            state=state if state != record.state else None,
            cause=said["cause"],
            workaround=said["workaround"],
        ),
    )
    raise web.HTTPSeeOther(f"/problem-records/{record.id}")


async def _asked_for(pages: WebPages, request: web.Request) -> Problem:
    number = request.match_info["number"]
    if _NUMBER.match(number) is not None:
        async with pages.sources.database.read() as connection:
            found = await problems.get(connection, int(number))
            theirs = await visible(connection, pages.sources.inventory(), scope(request), [int(number)])
        if found is not None and theirs:
            return found
    raise not_found(f"problem {number[:20]}")
