"""Incidents: lists, and one with all that belongs to it."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterator, Mapping
from dataclasses import replace
from typing import Final, Literal, TypeAlias, get_args

from aiohttp import web
from pydantic import BaseModel

from alerts.documents import case_document, incident_document
from alerts.lifesettings import PRIORITIES
from alerts.wanted import Wanted, site_of
from noc.api import _places as places
from noc.api import _query as query
from noc.api._about import about_entities, number_in_path
from noc.api._endpoint import PAGING, Download, Endpoint, Parameter
from noc.api._filters import Field as By
from noc.api._filters import Filters, Value
from noc.api._fresh import Edition, HangsOn, Still, always
from noc.api._incidentshapes import IncidentDetail, IncidentItem
from noc.api._shapes import Listing
from noc.http.problems import bad_request, not_found
from noc.http.scope import Scope, scope
from noc.http.sources import Sources
from noc.i18n.language import LOCALES, language
from noc.inventory.inventory import Inventory
from noc.model.incident import SEVERITIES, Incident
from noc.model.instants import to_ms
from noc.reports.frame.postincident import post_incident
from noc.reports.render.apart import rendered_apart
from noc.reports.render.files import TYPES
from noc.settings.schema import known_zone
from noc.state import casefile, incidents, revisions
from noc.state.casefile import CaseFile
from noc.state.database import Transaction
from noc.state.revisions import Counted

StateWord: TypeAlias = Literal["new", "acknowledged", "in_progress", "resolved", "closed", "unresolved", "open"]
STATES: Final[tuple[StateWord, ...]] = get_args(StateWord)
STATE_HELP: Final = "the state (unresolved: new, acknowledged or in progress; resolved: closed, too; open: as new)"
PRIORITY_WORDS: Final = tuple(str(number) for number in range(1, PRIORITIES + 1))

ID = Parameter("id", "Number of the incident.", {"type": "integer", "minimum": 1}, place="path", required=True)

ONE: Final = "/incidents/{id}"

FILTERS = Filters(
    (
        By("state", STATE_HELP, "word", STATES),
        By("severity", "the severity", "word", SEVERITIES),
        By("priority", "the priority", "word", PRIORITY_WORDS),
        places.ENTITY,
        *places.PLACES,
        By("rule", "the rule", "text"),
        By("owner", "the owner", "text"),
        By("since", "the beginning", "time", of="since_ms"),
        By("opened", "the opening", "time", of="opened_ms"),
    )
)
WORDS = Parameter(
    "q", "Only those that say this: in entity, rule, names of device, circuit and site; `#7` is number 7."
)
_VALUES: Final[Mapping[str, Callable[[Incident], Value]]] = {
    "state": lambda one: _STATES_OF.get(one.state, (one.state, "unresolved")),
    "priority": lambda one: str(one.priority),
}
_STATES_OF: Final[Mapping[str, tuple[StateWord, ...]]] = {
    "new": ("new", "open", "unresolved"),
    "resolved": ("resolved",),
    "closed": ("closed", "resolved"),
}
"""By which words an incident in a state is found; others are unresolved."""

REPORTS: Final[tuple[Literal["html", "pdf"], ...]] = ("html", "pdf")
REPORT_LANG: Final = Parameter("lang", "Its language. Default: en.", {"enum": list(LOCALES)})
REPORT_ZONE: Final = Parameter("zone", "Time zone of its times, IANA. Default: UTC.")
REPORT_FORMAT: Final = Parameter("format", "Of the file. Default: html.", {"enum": list(REPORTS)})


def endpoints(sources: Sources) -> list[Endpoint]:
    """Return the endpoints of incidents."""

    async def listed(request: web.Request) -> Listing[IncidentItem]:
        found, more = await _found(request, sources)
        now_ms = to_ms(sources.clock.now())
        items = [IncidentItem.model_validate(incident_document(incident, int, now_ms)) for incident in found]
        return Listing[IncidentItem](items=items, next=more)

    async def one(request: web.Request) -> IncidentDetail:
        async with sources.database.read() as connection:
            return await detail_of(connection, sources, scope(request), number_of(request))

    async def report(request: web.Request) -> Download:
        number, form = number_of(request), query.text(request, "format") or "html"
        wanted: Literal["html", "pdf"] | None = next((word for word in REPORTS if word == form), None)
        if wanted is None:
            raise bad_request("/query/format", f"'{form[:60]}' is not one of {', '.join(REPORTS)}")
        zone = query.text(request, "zone") or "UTC"
        if not known_zone(zone):
            raise bad_request("/query/zone", f"'{zone[:60]}' is no time zone; write one such as Africa/Nairobi")
        async with sources.database.read() as connection:
            case = await case_of(connection, sources, scope(request), number)
        reader = language(query.word(request, "lang", tuple(LOCALES)))
        made = post_incident(case, sources.inventory(), to_ms(sources.clock.now()), zone, reader)
        return Download(name=f"{made.name}.{wanted}", media=TYPES[wanted], content=await rendered_apart(made, wanted))

    chosen, media = (ID, REPORT_FORMAT, REPORT_LANG, REPORT_ZONE), tuple(TYPES[word] for word in REPORTS)
    filters = (*FILTERS.parameters, WORDS, *PAGING)
    return [
        Endpoint("GET", f"{ONE}/report", "The report on one, as a file.", report, Download, chosen, media=media),
        Endpoint(
            *("GET", "/incidents", "Incidents, the newest first.", listed, Listing[IncidentItem], filters),
            hangs_on=revised(sources, "incident"),
        ),
        Endpoint("GET", ONE, "One, with all that belongs to it.", one, IncidentDetail, (ID,)),
    ]


def revised(sources: Sources, *tables: Counted) -> HangsOn:
    """Return what lists of these tables hang on: their rows, the inventory, and which targets have gone by."""
    edition = Edition()

    async def now(_: web.Request) -> Hashable:
        async with sources.database.read() as connection:
            return edition.of(sources.inventory()), await revisions.of(connection, *tables)

    def rest(answer: BaseModel, began_ms: int) -> Still:
        ends_ms = min(_due_behind(began_ms, answer), default=None)
        return always if ends_ms is None else lambda: to_ms(sources.clock.now()) < ends_ms

    return HangsOn(sources.clock, now, rest)


def _due_behind(began_ms: int, answer: BaseModel) -> Iterator[int]:
    """Yield the moments to come at which something on a list will be overdue."""
    for one in answer.items if isinstance(answer, Listing) else ():
        if isinstance(one, IncidentItem):
            due = (one.respond_by, one.restore_by, one.update_by)
            yield from (at_ms for at_ms in due if at_ms is not None and at_ms > began_ms)


async def _found(request: web.Request, sources: Sources) -> tuple[list[Incident], str | None]:
    """Return a page of incidents, and the cursor of the next."""
    inventory, asked = sources.inventory(), Wanted(text=query.text(request, "q") or "")
    states = list(query.words(request, "state", STATES)) if "state" in request.query else []
    state = states[0] if len(states) == 1 else None
    async with sources.database.read() as connection:
        return await about_entities(
            *(request, sources, FILTERS, _values(request)),
            lambda one, place, limit: incidents.page(connection, state=state, entity=one, before=place, limit=limit),
            lambda entity: incidents.page(connection, entity=entity, limit=1),
            "id",
            lambda incident: asked.takes(incident, inventory),
        )


def _values(request: web.Request) -> dict[str, Callable[[Incident], Value]]:
    owners = request.query.getall("owner", []) + request.query.getall("owner__n", [])
    return {
        **_VALUES,
        # Capitals of names are as small letters, as they always were.
        "owner": lambda one: [name for name in owners if _same(name, one.acknowledged_by)] or one.acknowledged_by,
    }


def _same(asked: str, owner: str | None) -> bool:
    return owner is not None and owner.casefold() == asked.casefold()


async def case_of(connection: Transaction, sources: Sources, seen: Scope, number: int) -> CaseFile:
    """Return all of an incident, without symptoms that its reader may not see. Raises ProblemError as `visible`."""
    inventory = sources.inventory()
    incident = await visible(connection, inventory, seen, number)
    site = site_of(inventory, incident.entity)
    where = () if site is None else (f"site/{site}",)
    case = await casefile.read(connection, number, to_ms(sources.clock.now()), where)
    if case is None:
        raise not_found(f"incident {number}")
    return replace(case, symptoms=[one for one in case.symptoms if seen.sees(inventory, one.entity)])


async def detail_of(connection: Transaction, sources: Sources, seen: Scope, number: int) -> IncidentDetail:
    """Return an incident with all that belongs to it. Raises ProblemError as `visible`."""
    now_ms = to_ms(sources.clock.now())
    case = await case_of(connection, sources, seen, number)
    return IncidentDetail.model_validate(case_document(case, int, now_ms))


async def visible(connection: Transaction, inventory: Inventory, seen: Scope, number: int) -> Incident:
    """Return an incident. Raises ProblemError where there is none, or it may not be seen."""
    incident = await incidents.get(connection, number)
    if incident is None or not seen.sees(inventory, incident.entity):
        raise not_found(f"incident {number}")
    return incident


def number_of(request: web.Request) -> int:
    """Return the number in the path. Raises ProblemError where it is none."""
    return number_in_path(request, "incident")
