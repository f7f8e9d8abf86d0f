"""More of one incident than its document holds: all of its symptoms, page by page, and what changed before it."""

from __future__ import annotations

from aiohttp import web

from noc.api import _named as named
from noc.api import _query as query
from noc.api._endpoint import PAGING, Endpoint, Parameter
from noc.api._incidentshapes import SymptomItem
from noc.api._shapes import Listing, Moment, Shape
from noc.api.incidents import ID, ONE, number_of, visible
from noc.http.affected import Wanted, affected_by, listed
from noc.http.changedbefore import ChangeKind, changed_before
from noc.http.scope import scope
from noc.http.sources import Sources
from noc.inventory.layers import DEVICE_CLASSES
from noc.model.incident import Symptom

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


PARAMETERS = (
    Parameter("class", "Only those of this class of devices, or kind of entity."),
    Parameter("site", "Only those of this site, by its id."),
    *PAGING,
)


def endpoints(sources: Sources) -> list[Endpoint]:
    """Return the endpoints."""

    async def symptoms(request: web.Request) -> SymptomPage:
        limit, after = query.limit(request), query.number_cursor(request) or 0
        inventory, seen, number = sources.inventory(), scope(request), number_of(request)
        kind = named.one_named(request, "class", "class of devices or kind", KINDS)
        wanted = Wanted(kind or "", named.site(request, inventory, seen) or "")
        async with sources.database.read() as connection:
            await visible(connection, inventory, seen, number)
            found = await affected_by(connection, inventory, seen, number, wanted)
            ahead = tuple(one for one in found.numbers if one > after)
            items = await listed(connection, ahead[:limit])
        return SymptomPage(
            items=[_item(one) for one in items],
            next=query.next_cursor(ahead[limit - 1]) if len(ahead) > limit else None,
            total=found.total,
            standing=found.standing,
            hidden=found.hidden,
            classes=dict(found.classes),
            sites=dict(found.sites),
        )

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
            "GET", f"{ONE}/symptoms", "What it explains, the oldest first.", symptoms, SymptomPage, (ID, *PARAMETERS)
        ),
        Endpoint("GET", f"{ONE}/changes", before, changes, Changes, (ID,)),
    ]


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
