"""Incidents: list, one with its timeline and notices, and what people do with it."""

from __future__ import annotations

import re
from collections.abc import Awaitable, Callable
from typing import Annotated, Final, Literal, TypeAlias, get_args

from aiohttp import web
from pydantic import AfterValidator, Field, StringConstraints

from alerts.documents import entry_document, incident_document, notice_document
from noc.api import _named as named
from noc.api import _query as query
from noc.api._body import body
from noc.api._endpoint import PAGING, Endpoint, Parameter, one_of
from noc.api._shapes import Listing, Moment, Shape
from noc.http.problems import bad_request, not_found
from noc.http.scope import Scope, caller, scope
from noc.http.sources import Sources
from noc.inventory.entities import Circuit, Device, Site
from noc.inventory.inventory import Inventory
from noc.model.finding import did_you_mean
from noc.model.incident import SEVERITIES, EntryKind, Fact, Incident, IncidentState, NoticeKind, NoticeState, Severity
from noc.state import incidents, outbox

StateWord: TypeAlias = Literal["new", "acknowledged", "in_progress", "resolved", "closed", "unresolved", "open"]
STATES: Final[tuple[StateWord, ...]] = get_args(StateWord)
STATE_HELP: Final = (
    "Only those in this state. unresolved: new, acknowledged or in progress. resolved: closed, too. open: as new."
)
SCANNED_AT_MOST: Final = 5_000
"""Incidents that one request looks at; a page may be short and still have a next one."""

CHUNK: Final = 500


class IncidentItem(Shape):
    """An incident."""

    id: int
    entity: str
    rule: str
    severity: Severity
    state: IncidentState
    policy: str
    """The escalation policy."""
    since: Moment
    """Since when the entity is so, dated back."""
    opened: Moment
    """When noc opened it."""
    facts: dict[str, Fact]
    """What the rule saw."""
    acknowledged: Moment | None
    acknowledged_by: str | None
    resolved: Moment | None
    resolved_by: str | None


class EntryItem(Shape):
    """A line of a timeline."""

    at: Moment
    kind: EntryKind
    who: str | None
    """A person, or null for noc itself."""
    facts: dict[str, Fact]


class NoticeItem(Shape):
    """What was, or will be, told to one person on one channel."""

    id: int
    step: int
    """Of the escalation policy, from 1."""
    person: str
    channel: str
    kind: NoticeKind
    state: NoticeState
    created: Moment
    sent: Moment | None
    attempts: int
    error: str | None


class IncidentDetail(IncidentItem):
    """An incident with all that happened."""

    timeline: list[EntryItem]
    notices: list[NoticeItem]


def _clean(text: str) -> str:
    return "".join(character if character.isprintable() or character == "\n" else " " for character in text).strip()


class Remark(Shape):
    """What a person says while acknowledging or resolving."""

    note: Annotated[str, StringConstraints(max_length=4_000), AfterValidator(_clean)] = ""


class Note(Shape):
    """A line for the timeline."""

    note: Annotated[str, AfterValidator(_clean), Field(min_length=1, max_length=4_000)]


ID = Parameter("id", "Number of the incident.", {"type": "integer", "minimum": 1}, place="path", required=True)

ONE: Final = "/incidents/{id}"
OVER: Final = "It is resolved already; `detail` says since when, and by whom."

FILTERS = (
    Parameter("state", STATE_HELP, {"enum": list(STATES)}),
    one_of("severity", "Only those of this severity.", SEVERITIES),
    Parameter("site", "Only those of this site, its devices, their interfaces, its circuits; by its id."),
    Parameter("entity", "Only those of this entity: device/nbo-rtr-1."),
)


def endpoints(sources: Sources) -> list[Endpoint]:
    """Return the endpoints of incidents."""
    desk = sources.desk

    async def listed(request: web.Request) -> Listing[IncidentItem]:
        found, more = await _found(request, sources)
        return Listing[IncidentItem](
            items=[IncidentItem(**incident_document(incident, int)) for incident in found], next=more
        )

    async def one(request: web.Request) -> IncidentDetail:
        return await _detail(sources, scope(request), _number(request))

    async def acknowledge(request: web.Request) -> IncidentDetail:
        remark = await body(request, Remark)
        return await _do(sources, request, lambda number, who: desk.acknowledge(number, who, remark.note))

    async def note(request: web.Request) -> IncidentDetail:
        said = await body(request, Note)
        return await _do(sources, request, lambda number, who: desk.note(number, who, said.note))

    async def resolve(request: web.Request) -> IncidentDetail:
        remark = await body(request, Remark)
        return await _do(sources, request, lambda number, who: desk.resolve(number, who, remark.note))

    listing, detail = Listing[IncidentItem], IncidentDetail
    return [
        Endpoint("GET", "/incidents", "Incidents, the newest first.", listed, listing, (*FILTERS, *PAGING)),
        Endpoint("GET", ONE, "One, with its timeline and notices.", one, detail, (ID,)),
        Endpoint("POST", f"{ONE}/acknowledge", "Own it: escalation stops.", acknowledge, detail, (ID,), Remark, OVER),
        Endpoint("POST", f"{ONE}/notes", "Add a line to its timeline.", note, detail, (ID,), Note),
        Endpoint("POST", f"{ONE}/resolve", "Close it by hand.", resolve, detail, (ID,), Remark, OVER),
    ]


async def _found(request: web.Request, sources: Sources) -> tuple[list[Incident], str | None]:
    """Return a page of incidents, and the cursor of the next."""
    limit, before = query.limit(request), query.number_cursor(request)
    inventory, seen = sources.inventory(), scope(request)
    state, entity = query.text(request, "state"), named.entity(request, inventory, seen)
    if state is not None and state not in STATES:
        hint = did_you_mean(state[:60], STATES)
        raise bad_request("/query/state", f"'{state[:60]}' is not one of {', '.join(STATES)}{hint}")
    wanted = _wanted(request, inventory, seen)
    found: list[Incident] = []
    scanned = 0
    async with sources.database.read() as connection:
        if entity is not None and not await named.is_or_was(
            inventory, seen, entity, lambda: incidents.page(connection, entity=entity, limit=1)
        ):
            raise named.no_such_entity(inventory, seen, entity)
        while scanned < SCANNED_AT_MOST:
            rows = await incidents.page(connection, state=state, entity=entity, before=before, limit=CHUNK)
            for row in rows:
                if wanted(row):
                    if len(found) == limit:
                        return found, query.next_cursor(found[-1].id)
                    found.append(row)
                before = row.id
            scanned += len(rows)
            if len(rows) < CHUNK:
                return found, None
    return found, query.next_cursor(before or 0)


def _wanted(request: web.Request, inventory: Inventory, seen: Scope) -> Callable[[Incident], bool]:
    """Return the filters that the state database doesn't know."""
    severities, site = query.words(request, "severity", SEVERITIES), named.site(request, inventory, seen)

    def wanted(incident: Incident) -> bool:
        at_site = site is None or site_of(inventory, incident.entity) == site
        return incident.severity in severities and at_site and seen.sees(inventory, incident.entity)

    return wanted


def site_of(inventory: Inventory, entity: str) -> str | None:
    """Return the id of the site where an entity is; None where it is at none."""
    kind, _, key = entity.partition("/")
    found = inventory.entity(f"device/{key.partition('/')[0]}" if kind == "interface" else entity)
    if isinstance(found, Device | Circuit):
        return found.site
    return found.id if isinstance(found, Site) else None


async def _do(sources: Sources, request: web.Request, act: Callable[[int, str], Awaitable[None]]) -> IncidentDetail:
    number = _number(request)
    await _visible(sources, scope(request), number)
    try:
        await act(number, caller(request).who)
    except LookupError as error:
        raise not_found(f"incident {number}") from error
    return await _detail(sources, scope(request), number)


async def _visible(sources: Sources, seen: Scope, number: int) -> Incident:
    async with sources.database.read() as connection:
        incident = await incidents.get(connection, number)
    if incident is None or not seen.sees(sources.inventory(), incident.entity):
        raise not_found(f"incident {number}")
    return incident


async def _detail(sources: Sources, seen: Scope, number: int) -> IncidentDetail:
    incident = await _visible(sources, seen, number)
    async with sources.database.read() as connection:
        entries = await incidents.timeline_of(connection, number)
        notices = await outbox.of_incident(connection, number)
    return IncidentDetail(
        **incident_document(incident, int),
        timeline=[EntryItem(**entry_document(entry, int)) for entry in entries],
        notices=[NoticeItem(**notice_document(notice, int)) for notice in notices],
    )


def _number(request: web.Request) -> int:
    text = request.match_info["id"]
    if not re.fullmatch(r"[0-9]{1,15}", text):
        raise not_found(f"incident '{text[:100]}'")
    return int(text)
