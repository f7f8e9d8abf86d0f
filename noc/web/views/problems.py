"""The problem list: what is open, the gravest that nobody owns first."""

from __future__ import annotations

from collections import Counter
from collections.abc import Awaitable, Callable, Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from typing import Final

from aiohttp import web

from alerts import desk
from alerts.due import overdue
from alerts.lifesettings import PRIORITIES
from noc.http.problems import ProblemError, bad_request
from noc.http.scope import scope
from noc.inventory.inventory import Inventory
from noc.model.errors import ConflictError
from noc.model.incident import INCIDENT_STATES, SEVERITIES, Incident, Severity
from noc.model.instants import to_ms
from noc.state import casefile, incidents
from noc.state.database import Transaction
from noc.web.overview import overview
from noc.web.pages import WebPages, who_of
from noc.web.paging import chosen, page_of
from noc.web.places import Place, place_of

STATES: Final = ("unresolved", *INCIDENT_STATES)
OLD_STATES: Final = {"open": "new"}
"""Words that addresses may still have."""

RESOLVED_AT_MOST: Final = 1_000
"""Of those that are resolved, the newest are listed."""

KINDS: Final = ("down", "degraded", "other")
"""What an incident says of its entity: it doesn't work; it works, but worse than it should; anything else."""

PRIORITY_WORDS: Final = tuple(str(number) for number in range(1, PRIORITIES + 1))
PICKED_AT_MOST: Final = 500
COUNTED_AT_MOST: Final = 30_000
"""Incidents whose symptoms are counted for the list."""


@dataclass(frozen=True, slots=True)
class Counts:
    """Incidents that are not resolved: nobody owns the new ones. severities: how many there are of each."""

    new: int
    acknowledged: int
    severities: Mapping[Severity, int]


@dataclass(frozen=True, slots=True)
class Row:
    """An incident and where it is."""

    incident: Incident
    where: Place

    @property
    def order(self) -> tuple[bool, int, int, int, int]:
        """Return what rows are sorted by: unowned, then of high priority, then grave, then new."""
        one, severity = self.incident, SEVERITIES.index(self.incident.severity)
        return (one.state != "new", one.priority, severity, -one.since_ms, one.id)


@dataclass(frozen=True, slots=True)
class Filter:
    """What the address asks for; what is empty takes all."""

    state: str
    severity: str
    region: str
    text: str
    kind: str = ""
    priority: str = ""
    owner: str = ""
    site: str = ""

    def takes(self, row: Row) -> bool:
        """Return whether a row is asked for."""
        state = row.incident.state
        return (
            (state == self.state or (self.state, state) == ("resolved", "closed") or self._is_unresolved(row))
            and self.severity in ("", row.incident.severity)
            and self.kind in ("", kind_of(row.incident))
            and self.priority in ("", str(row.incident.priority))
            and (not self.owner or self.owner.casefold() == (row.incident.acknowledged_by or "").casefold())
            and (not self.site or (row.where.site is not None and row.where.site.id == self.site))
            and (not self.region or (row.where.region is not None and row.where.region.id == self.region))
            and (
                not self.text
                or self.text.casefold() in row.incident.rule.casefold()
                or self.text == f"#{row.incident.id}"
                or row.where.speaks_of(self.text)
            )
        )

    def _is_unresolved(self, row: Row) -> bool:
        return self.state == "unresolved" and row.incident.resolved_ms is None


async def show(pages: WebPages, request: web.Request) -> web.Response:
    """Answer with the list."""
    inventory = pages.sources.inventory()
    asked = chosen(request, "state", (*STATES, *OLD_STATES), "unresolved")
    wanted = Filter(
        state=OLD_STATES.get(asked, asked),
        severity=chosen(request, "severity", SEVERITIES),
        region=chosen(request, "region", sorted(inventory.regions)),
        text=request.query.get("q", "").strip()[:100],
        kind=chosen(request, "kind", KINDS),
        priority=chosen(request, "priority", PRIORITY_WORDS),
        owner=request.query.get("owner", "").strip()[:200],
        site=_site(request, inventory),
    )
    async with pages.sources.database.read() as connection:
        unresolved = found = await incidents.all_open(connection)
        if wanted.state in ("resolved", "closed"):
            is_closed = wanted.state == "closed"
            found = await incidents.page(
                connection, state="closed" if is_closed else "resolved", limit=RESOLVED_AT_MOST
            )
        shown = await casefile.symptom_counts(connection, [one.id for one in found[:COUNTED_AT_MOST]])
    now_ms = to_ms(pages.sources.clock.now())
    may_see = scope(request)
    visible = (one for one in found if may_see.sees(inventory, one.entity))
    rows = [row for row in rows_of(visible, inventory) if wanted.takes(row)]
    rows.sort(key=lambda row: -row.incident.id if wanted.state in ("resolved", "closed") else row.order)
    return pages.show(
        request,
        "problems.html",
        topics=("incidents", "statuses"),
        page=page_of(rows, request),
        symptoms=shown,
        overdue={row.incident.id for row in rows if overdue(row.incident, now_ms)},
        wanted=wanted,
        counts=counted(one for one in unresolved if may_see.sees(inventory, one.entity)),
        kinds=Counter(kind_of(one) for one in unresolved if may_see.sees(inventory, one.entity)),
        severities=SEVERITIES,
        regions=sorted(inventory.regions.values(), key=lambda region: region.name.casefold()),
        states=STATES,
        priorities=PRIORITY_WORDS,
        owners=_owners(found, wanted.owner),
        site=inventory.sites.get(wanted.site),
        is_filtered=wanted != Filter("unresolved", "", "", ""),
        sites=overview(inventory, pages.sources.present, may_see),
    )


def _owners(found: Iterable[Incident], asked: str) -> list[str]:
    """Return who owns incidents of the list, and who is asked for."""
    owners = {one.acknowledged_by for one in found if one.acknowledged_by} | ({asked} if asked else set())
    return sorted(owners, key=str.casefold)


def _site(request: web.Request, inventory: Inventory) -> str:
    site = request.query.get("site", "")
    if site and not (site in inventory.sites and scope(request).sees(inventory, f"site/{site}")):
        raise bad_request("/query/site", f"there is no site '{site[:60]}'")
    return site


async def acknowledge(pages: WebPages, request: web.Request) -> web.StreamResponse:
    """Acknowledge the picked incidents, and go back to the list as it was."""
    form = await request.post()
    numbers = form.getall("incident", [])
    if len(numbers) > PICKED_AT_MOST:
        raise ProblemError(400, f"pick {PICKED_AT_MOST} incidents at most")
    note = str(form.get("note", "")).strip()
    inventory = pages.sources.inventory()
    for number in numbers:
        if not (isinstance(number, str) and number.isascii() and number.isdigit() and len(number) < 16):
            raise ProblemError(400, "an incident has a number")
        async with pages.sources.database.read() as connection:
            incident = await incidents.get(connection, int(number))
        if incident is not None and scope(request).sees(inventory, incident.entity):
            with suppress(ConflictError):  # resolved meanwhile: the list shows it no longer
                await pages.sources.desk.do(incident.id, _acknowledging(incident.id, who_of(request), note))
    raise web.HTTPSeeOther(back(str(form.get("back", "")), "/problems"))


def _acknowledging(number: int, who: str, note: str) -> Callable[[Transaction, int], Awaitable[bool]]:
    return lambda connection, now_ms: desk.acknowledge(connection, number, now_ms, who, note)


def counted(unresolved: Iterable[Incident]) -> Counts:
    """Return how many incidents there are by state and severity."""
    found = list(unresolved)
    states, severities = Counter(one.state for one in found), Counter(one.severity for one in found)
    return Counts(states["new"], states["acknowledged"] + states["in_progress"], severities)


def kind_of(incident: Incident) -> str:
    """Return which of KINDS an incident is."""
    status = incident.facts.get("status")
    return status if isinstance(status, str) and status in KINDS else "other"


def rows_of(found: Iterable[Incident], inventory: Inventory) -> list[Row]:
    """Return incidents with their places."""
    return [Row(incident, place_of(inventory, incident.entity)) for incident in found]


def back(wanted: str, otherwise: str) -> str:
    """Return where a form goes back to: to a list of problems as it was filtered, or else to the given page."""
    is_list = wanted == "/problems" or wanted.startswith("/problems?")
    return wanted if is_list and wanted.isprintable() else otherwise
