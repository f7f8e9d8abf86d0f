"""One incident: what is known, what happened, who was told, and what can be done."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Final

from aiohttp import web

from noc.http.problems import ProblemError, not_found
from noc.http.scope import scope
from noc.model.errors import ConflictError
from noc.model.incident import Incident, Notice
from noc.model.present import StatusNow
from noc.state import incidents, outbox
from noc.web import words
from noc.web.pages import WebPages, who_of
from noc.web.places import Place, place_of
from noc.web.views.problems import back, rows_of

_NUMBER: Final = re.compile(r"[0-9]{1,15}\Z")
_NOTE_AT_MOST: Final = 10_000
_OTHERS_AT_MOST: Final = 50


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
    async with pages.sources.database.read() as connection:
        timeline = await incidents.timeline_of(connection, incident.id)
        notices = await outbox.of_incident(connection, incident.id)
        found = []
        if place.site is not None:
            there = [place.site.entity, *(device.entity for device in inventory.devices_of(place.site.id))]
            found = await incidents.page(connection, state="unresolved", entities=there, limit=_OTHERS_AT_MOST)
    told = [Told(notice, words.NOTICE_WORDS[notice.kind], words.DELIVERY_WORDS[notice.state]) for notice in notices]
    return pages.show(
        request,
        "incident.html",
        topics=("incidents", "statuses"),
        incident=incident,
        place=place,
        status=_status(pages, incident),
        timeline=[(entry, words.ENTRY_WORDS[entry.kind]) for entry in timeline],
        told=told,
        others=rows_of((one for one in found if one.id != incident.id), inventory),
    )


async def acknowledge(pages: WebPages, request: web.Request) -> web.StreamResponse:
    """Say that the caller owns it."""
    incident, _ = await _asked_for(pages, request)
    form = await request.post()
    with _shown_as_it_is(request):
        await pages.sources.desk.acknowledge(incident.id, who_of(request), _text(form.get("note")))
    raise web.HTTPSeeOther(back(str(form.get("back", "")), f"/incidents/{incident.id}"))


async def note(pages: WebPages, request: web.Request) -> web.StreamResponse:
    """Add a line to the timeline; an empty one is no line."""
    incident, _ = await _asked_for(pages, request)
    text = _text((await request.post()).get("note"))
    if text:
        await pages.sources.desk.note(incident.id, who_of(request), text)
    raise web.HTTPSeeOther(f"/incidents/{incident.id}")


async def resolve(pages: WebPages, request: web.Request) -> web.StreamResponse:
    """Close it by hand."""
    incident, _ = await _asked_for(pages, request)
    said = _text((await request.post()).get("note"))
    with _shown_as_it_is(request):
        await pages.sources.desk.resolve(incident.id, who_of(request), said)
    raise web.HTTPSeeOther(f"/incidents/{incident.id}")


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


def _status(pages: WebPages, incident: Incident) -> StatusNow | None:
    is_watched = incident.entity.startswith(("device/", "site/"))
    return pages.sources.present.status(incident.entity) if is_watched else None


def _text(value: object) -> str:
    text = value.strip() if isinstance(value, str) else ""
    if len(text) > _NOTE_AT_MOST:
        raise ProblemError(400, f"a note has {_NOTE_AT_MOST} characters at most")
    return text
