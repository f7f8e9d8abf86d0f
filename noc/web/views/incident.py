"""One incident: what is known, what happened, who was told, and what can be done."""

from __future__ import annotations

import asyncio
import logging
import re
from collections.abc import Awaitable, Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Final

from aiohttp import web

from alerts import desk
from alerts.due import overdue, target_ms
from alerts.incidentwords import DELIVERY_WORDS, NOTICE_WORDS, entry_word
from alerts.lifesettings import PRIORITIES
from noc.http.changedbefore import Changed, changed_before
from noc.http.problems import ProblemError, not_found
from noc.http.scope import scope
from noc.http.sketches import View
from noc.model.errors import ConflictError, StoreError
from noc.model.incident import Incident, Notice
from noc.model.instants import to_ms
from noc.model.present import StatusNow
from noc.state import casefile, incidents, notes
from noc.state.database import Transaction
from noc.web.charts import Chart
from noc.web.incidentcharts import charts_for, device_of, moment_of
from noc.web.pages import WebPages, who_of
from noc.web.places import Place, place_of
from noc.web.problemfilter import PRIORITY_WORDS
from noc.web.problemlist import rows_of
from noc.web.ranges import shown
from noc.web.runbooks import runbook_of
from noc.web.views.affected import affected_part
from noc.web.views.problems import back
from noc.web.views.topology import drawing_for

log = logging.getLogger(__name__)

NAMES_S: Final = 5.0
_NUMBER: Final = re.compile(r"[0-9]{1,15}\Z")
_NOTE_AT_MOST: Final = 10_000
_OTHERS_AT_MOST: Final = 50
_HOUR_MS: Final = 3_600_000


@dataclass(frozen=True, slots=True)
class Told:
    """A notice in words."""

    notice: Notice
    kind: str
    delivery: str


async def show(pages: WebPages, request: web.Request) -> web.Response:
    """Answer with the page of an incident."""
    incident, place = await _asked_for(pages, request)
    inventory = pages.sources.inventory()
    now_ms = to_ms(pages.sources.clock.now())
    async with pages.sources.database.read() as connection:
        case = await casefile.read(connection, incident.id, now_ms, () if place.site is None else (place.site.entity,))
        found = []
        if place.site is not None:
            there = [place.site.entity, *(device.entity for device in inventory.devices_of(place.site.id))]
            found = await incidents.page(connection, state="unresolved", entities=there, limit=_OTHERS_AT_MOST)
    if case is None:
        raise not_found(f"incident {incident.id}")
    rule = None if pages.sources.rules is None else pages.sources.rules.known(incident.rule)
    told = [Told(notice, NOTICE_WORDS[notice.kind], DELIVERY_WORDS[notice.state]) for notice in case.notices]
    return pages.show(
        request,
        "incident.html",
        topics=("incidents", "statuses"),
        about=place.site,
        incident=incident,
        place=place,
        status=_status(pages, incident),
        case=case,
        overdue=overdue(incident, now_ms),
        priorities=range(1, PRIORITIES + 1),
        respond_ms=target_ms(incident, "respond"),
        restore_ms=target_ms(incident, "restore"),
        affected=await affected_part(pages, request, incident),
        changes=await _changes(pages, request, incident),
        timeline=[(entry, entry_word(entry)) for entry in case.timeline],
        told=told,
        name_of=await pages.called(),
        rule_url=f"/rules/{incident.rule}" if rule is not None and scope(request).everything else "",
        runbook=await asyncio.to_thread(
            runbook_of, incident.facts, pages.handbook, None if rule is None else rule.runbook
        ),
        charts=await _charts(pages, incident),
        moment=moment_of(incident, pages.sources.clock.now()),
        misread=shown(request.query, pages.times(request), now_ms).misread,
        others=rows_of((one for one in found if one.id != incident.id), inventory),
        drawing=await drawing_for(pages, request, View("incident", number=incident.id), with_numbers=False),
    )


async def act(pages: WebPages, request: web.Request) -> web.StreamResponse:
    """Do what the last word of the address says, and show the incident, or the list as it was."""
    incident, _ = await _asked_for(pages, request)
    form = await request.post()
    said, who = _text(form.get("note")), who_of(request)
    choice = str(form.get("hours", form.get("priority", "")))
    word = request.match_info["word"]
    if word in _WITH_TEXT and not said:
        raise web.HTTPSeeOther(f"/incidents/{incident.id}")
    with _shown_as_it_is(request):
        await pages.sources.desk.do(
            incident.id, lambda connection, now_ms: _ACTS[word](connection, incident.id, now_ms, who, said, choice)
        )
    raise web.HTTPSeeOther(back(str(form.get("back", "")), f"/incidents/{incident.id}"))


async def know(pages: WebPages, request: web.Request) -> web.StreamResponse:
    """Write down, or remove, what is known of the incident's entity."""
    incident, _ = await _asked_for(pages, request)
    form = await request.post()
    said, removed, who = _text(form.get("note")), str(form.get("remove", "")), who_of(request)

    async def write(connection: Transaction, now_ms: int) -> None:
        if _NUMBER.match(removed) is not None:
            known = await notes.get(connection, int(removed))
            if known is not None and scope(request).sees(pages.sources.inventory(), known.entity):
                await notes.remove(connection, known.id, now_ms, who)
        elif said:
            await notes.put(connection, incident.entity, now_ms, who, said)

    await pages.sources.desk.do(incident.id, write)
    raise web.HTTPSeeOther(f"/incidents/{incident.id}")


def _until(now_ms: int, hours: str) -> int | None:
    return (
        now_ms + int(hours) * _HOUR_MS
        if hours.isascii() and hours.isdigit() and len(hours) < 4 and int(hours)
        else None
    )


def _priority(number: str) -> int:
    if number not in PRIORITY_WORDS:
        raise ProblemError(400, f"priority: must be one of {', '.join(PRIORITY_WORDS)}")
    return int(number)


_ACTS: Final[Mapping[str, Callable[[Transaction, int, int, str, str, str], Awaitable[object]]]] = {
    "acknowledge": lambda c, n, now, who, said, hours: desk.acknowledge(c, n, now, who, said, _until(now, hours)),
    "own": lambda c, n, now, who, said, hours: desk.own(c, n, now, who, said, _until(now, hours)),
    "start": lambda c, n, now, who, said, _: desk.start(c, n, now, who, said),
    "resolve": lambda c, n, now, who, said, _: desk.resolve(c, n, now, who, said),
    "reopen": lambda c, n, now, who, said, _: desk.reopen(c, n, now, who, said),
    "close": lambda c, n, now, who, said, _: desk.close(c, n, now, who, said),
    "major": lambda c, n, now, who, said, _: desk.major(c, n, now, who, said),
    "not-major": lambda c, n, now, who, said, _: desk.major(c, n, now, who, said, is_major=False),
    "priority": lambda c, n, now, who, said, number: desk.prioritise(c, n, now, who, _priority(number), said),
    "release-priority": lambda c, n, now, who, said, _: desk.release_priority(c, n, now, who, said),
    "update": lambda c, n, now, who, said, _: desk.status_update(c, n, now, who, said),
    "note": lambda c, n, now, who, said, _: desk.note(c, n, now, who, said),
}
_WITH_TEXT: Final = frozenset(("update", "note", "priority"))
WORDS: Final = "|".join(_ACTS)
"""What can be done with an incident, as a pattern for the address."""


@contextmanager
def _shown_as_it_is(request: web.Request) -> Iterator[None]:
    """Let htmx fetch the page of an incident that was resolved meanwhile; without scripts its error is a page."""
    try:
        yield
    except ConflictError:
        if request.headers.get("HX-Request") != "true":
            raise


async def _asked_for(pages: WebPages, request: web.Request) -> tuple[Incident, Place]:
    number = request.match_info["number"]
    inventory = pages.sources.inventory()
    if _NUMBER.match(number) is not None:
        async with pages.sources.database.read() as connection:
            incident = await incidents.get(connection, int(number))
        if incident is not None and scope(request).sees(inventory, incident.entity):
            return incident, place_of(inventory, incident.entity)
    raise not_found(f"incident {number[:20]}")


async def _changes(pages: WebPages, request: web.Request, incident: Incident) -> list[tuple[Changed, Place]]:
    inventory = pages.sources.inventory()
    found = await changed_before(pages.sources, scope(request), incident)
    return [(one, place_of(inventory, one.entity)) for one in found]


async def _charts(pages: WebPages, incident: Incident) -> list[Chart]:
    """Return the charts around its beginning; none where nothing is measured, or the store can't be asked now."""
    device = device_of(incident, pages.sources.inventory())
    if device is None:
        return []
    try:
        async with asyncio.timeout(NAMES_S):
            return charts_for(incident, device, await pages.sources.series.names({"device": device}))
    except (StoreError, TimeoutError) as error:
        log.warning("incident %s: the store can't tell what is measured: %s", incident.id, error)
        return []


def _status(pages: WebPages, incident: Incident) -> StatusNow | None:
    is_watched = incident.entity.startswith(("device/", "site/"))
    return pages.sources.present.status(incident.entity) if is_watched else None


def _text(value: object) -> str:
    text = value.strip() if isinstance(value, str) else ""
    if len(text) > _NOTE_AT_MOST:
        raise ProblemError(400, f"a note has {_NOTE_AT_MOST} characters at most")
    return text
