"""More of one incident than its document holds: all of its symptoms, page by page, and what changed before it."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Callable
from functools import partial
from operator import attrgetter

from aiohttp import web

from noc.api import _named as named
from noc.api import _places as places
from noc.api import _query as query
from noc.api._endpoint import PAGING, Endpoint
from noc.api._filters import Field as By
from noc.api._filters import Filters, Value
from noc.api._incidentshapes import SymptomItem
from noc.api._pages import scanned_page
from noc.api._shapes import Listing, Moment, Shape
from noc.api.incidents import ID, ONE, number_of, visible
from noc.http.affected import affected_by, class_of, listed, site_of
from noc.http.changedbefore import ChangeKind, changed_before
from noc.http.scope import scope
from noc.http.sources import Sources
from noc.inventory.inventory import Inventory
from noc.inventory.layers import DEVICE_CLASSES
from noc.model.incident import SEVERITIES, Symptom
from noc.state import symptoms

KINDS = (*DEVICE_CLASSES, *named.ENTITY_KINDS)


class SymptomPage(Listing[SymptomItem]):
    """Symptoms, the oldest first, with how many there are in all."""

    total: int
    """That you may see, of all classes and sites."""
    standing: int
    """Of these, so many are not over."""
    hidden: int
    """In regions that you may not see."""
    classes: dict[str, int]
    """How many there are by class of device; of what is none, by its kind."""
    sites: dict[str, int]
    """The same by id of the site; `other`: of what stands at none."""


class ChangeItem(Shape):
    """A change."""

    kind: ChangeKind
    """configuration: a copy that differs from the one before; event: the device says that it was configured; window:
    planned work; start: it began to run; version: another serial number, model or system; routing: a session came or
    went."""
    entity: str
    at: Moment
    end: Moment | None
    """Of a window."""
    who: str
    """Its author; empty where nobody said so."""
    text: str
    upstream: bool
    """It is of something that the incident's entity hangs on."""
    url: str
    """Of its page."""


class Changes(Shape):
    """Changes in the hour before an incident, the newest first."""

    items: list[ChangeItem]


WHOSE = Filters(
    (
        By("class", "the class of its device, or the kind of what is none,", "word", KINDS),
        places.ENTITY,
        *places.PLACES,
    )
)
FILTERS = Filters(
    (
        By("rule", "the rule", "text"),
        By("severity", "the severity", "word", SEVERITIES),
        By("since", "the beginning", "time", of="since_ms"),
        By("joined", "the time when it was explained", "time", of="joined_ms"),
        By("left", "the time when it was over", "time", of="left_ms"),
    )
)
PARAMETERS = (*WHOSE.parameters, *FILTERS.parameters, *PAGING)


def endpoints(sources: Sources) -> list[Endpoint]:
    """Return the endpoints."""

    async def affected(request: web.Request) -> SymptomPage:
        return await _affected(sources, request)

    async def changes(request: web.Request) -> Changes:
        async with sources.database.read() as connection:
            incident = await visible(connection, sources.inventory(), scope(request), number_of(request))
        return Changes(
            items=[
                ChangeItem(
                    kind=one.kind,
                    entity=one.entity,
                    at=one.at_ms,
                    end=one.end_ms,
                    who=one.who,
                    text=one.text,
                    upstream=one.upstream,
                    url=one.url,
                )
                for one in await changed_before(sources, scope(request), incident)
            ]
        )

    before = "What changed in the hour before it, of what it is about and of what that hangs on; 100 at most."
    return [
        Endpoint(
            "GET", f"{ONE}/symptoms", "What it explains, the oldest first.", affected, SymptomPage, (ID, *PARAMETERS)
        ),
        Endpoint("GET", f"{ONE}/changes", before, changes, Changes, (ID,)),
    ]


async def _affected(sources: Sources, request: web.Request) -> SymptomPage:
    limit, after = query.limit(request), query.number_cursor(request)
    inventory, seen, number = sources.inventory(), scope(request), number_of(request)
    whose: Callable[[str], bool] = WHOSE.asked(
        request, sources.clock, _values(inventory), places.known(inventory, seen)
    )
    fits: Callable[[Symptom], bool] = FILTERS.asked(request, sources.clock, {}, {})
    async with sources.database.read() as connection:
        await visible(connection, inventory, seen, number)
        await named.entities(request, inventory, seen, partial(symptoms.of_entity, connection, number))
        found = await affected_by(connection, inventory, seen, number, whose)

        async def read(place: int | None, at_once: int) -> list[Symptom]:
            first = 0 if place is None else bisect_right(found.numbers, place)
            return await listed(connection, found.numbers[first : first + at_once])

        shown, place = await scanned_page(read, attrgetter("id"), fits, after, limit)
    return SymptomPage(
        items=[_item(one) for one in shown],
        next=None if place is None else query.next_cursor(place),
        total=found.total,
        standing=found.standing,
        hidden=found.hidden,
        classes=dict(found.classes),
        sites=dict(found.sites),
    )


def _values(inventory: Inventory) -> dict[str, Callable[[str], Value]]:
    return {
        **places.values(inventory, str),
        "class": lambda entity: class_of(inventory, entity),
        "entity": str,
        "site": lambda entity: site_of(inventory, entity),
    }


def _item(one: Symptom) -> SymptomItem:
    return SymptomItem(
        entity=one.entity,
        rule=one.rule,
        severity=one.severity,
        since=one.since_ms,
        joined=one.joined_ms,
        left=one.left_ms,
        facts=dict(one.facts),
    )
