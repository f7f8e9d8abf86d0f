"""Discovery: devices that were found and that nobody has decided about, and where inventory and network disagree."""

from __future__ import annotations

import json
from typing import Final

from aiohttp import web
from pydantic import Field

from noc.api import _query as query
from noc.api._endpoint import PAGING, Endpoint, one_of
from noc.api._shapes import Listing, Moment, Shape
from noc.discovery.guess import device_class
from noc.http.problems import bad_request
from noc.http.scope import Scope, scope
from noc.http.sources import Sources
from noc.inventory.inventory import Inventory
from noc.model.discovery import PROPOSAL_STATES, Drift, DriftKind, Proposal, ProposalState, SiteLook, Way
from noc.state import drifts, proposals

NEW: Final[tuple[ProposalState, ...]] = ("new",)


class NeighbourItem(Shape):
    """A neighbour that a device hears."""

    protocol: str
    local_port: str | None
    remote_name: str | None
    remote_port: str | None
    address: str | None
    """To manage it by, where it told."""


class ProposalItem(Shape):
    """A device that was found. What it says of itself is without control characters, and not to be trusted."""

    id: int
    state: ProposalState
    address: str
    """The best one to manage it by."""
    addresses: list[str]
    """All on which it answered."""
    answers: list[Way]
    site: str | None
    """Where it may stand."""
    site_why: str | None
    """Why it may stand there."""
    device_class: str = Field(alias="class")
    credentials: str | None
    """The set of credentials that it answered to by SNMP."""
    snmp_port: int
    profile: str | None
    sys_name: str | None
    sys_descr: str | None
    vendor: str | None
    model: str | None
    version: str | None
    serial: str | None
    banner: str | None
    """The version line of SSH."""
    heard_from: str | None
    """The device that told of it as a neighbour."""
    neighbors: list[NeighbourItem]
    first_seen: Moment
    last_seen: Moment
    device: str | None
    """Its id in the inventory, once accepted."""
    decided_by: str | None
    decided: Moment | None


class DriftItem(Shape):
    """One thing in which inventory and network disagree, as of the last look at the device."""

    device: str
    """Entity: device/nbo-rtr-1."""
    kind: DriftKind
    subject: str | None
    """What else it is about: the other device, the neighbour."""
    expected: str | None
    seen: str | None
    since: Moment
    last_seen: Moment


class LookItem(Shape):
    """When all devices of a site were last looked at for drift."""

    site: str
    """Entity: site/nairobi."""
    devices: int
    """That it had then."""
    looked_at: int
    """Of these, so many something could be said of: the others were down, unreachable or unknown."""
    last_seen: Moment | None
    """None where it never was."""


def endpoints(sources: Sources) -> list[Endpoint]:
    """Return the endpoints of discovery."""

    async def proposed(request: web.Request) -> Listing[ProposalItem]:
        limit, inventory, seen = query.limit(request), sources.inventory(), scope(request)
        states = tuple(query.words(request, "state", PROPOSAL_STATES)) if "state" in request.query else NEW
        async with sources.database.read() as connection:
            found = await proposals.page(
                connection, states=states, after=query.number_cursor(request) or 0, limit=limit + 1
            )
        more = query.next_cursor(found[limit - 1].id) if len(found) > limit else None
        # What the inventory has got meanwhile is left out: a page may be short, or empty, and still have a next one.
        shown = [_proposal(one) for one in found[:limit] if may_see(one, inventory, seen)]
        return Listing[ProposalItem](items=shown, next=more)

    async def drifted(request: web.Request) -> Listing[DriftItem]:
        limit, inventory, seen = query.limit(request), sources.inventory(), scope(request)
        async with sources.database.read() as connection:
            found = await drifts.page(connection, after=_after(request), limit=limit + 1)
        last = found[limit - 1] if len(found) > limit else None
        more = None if last is None else query.next_cursor(json.dumps([last.device, last.kind, last.subject]))
        shown = [
            _drift(one)
            for one in found[:limit]
            if one.device in inventory.devices and seen.sees(inventory, f"device/{one.device}")
        ]
        return Listing[DriftItem](items=shown, next=more)

    states = one_of("state", "Only proposals of this state; `new` where none is given.", PROPOSAL_STATES)
    return [
        Endpoint(
            "GET",
            "/discovery/proposals",
            "Devices that were found in the network, by number.",
            proposed,
            Listing[ProposalItem],
            (states, *PAGING),
        ),
        Endpoint(
            "GET",
            "/discovery/drift",
            "Where inventory and network disagree, by device.",
            drifted,
            Listing[DriftItem],
            PAGING,
        ),
        _looks(sources),
    ]


def _looks(sources: Sources) -> Endpoint:
    async def looked(request: web.Request) -> Listing[LookItem]:
        limit, inventory, seen = query.limit(request), sources.inventory(), scope(request)
        after = query.cursor(request) or ""
        async with sources.database.read() as connection:
            looks = await drifts.looks(connection)
        names = sorted(
            name
            for name in inventory.sites
            if name > after and inventory.devices_of(name) and seen.sees(inventory, f"site/{name}")
        )
        shown = [_look(name, looks.get(name)) for name in names[:limit]]
        return Listing[LookItem](items=shown, next=query.next_cursor(names[limit - 1]) if len(names) > limit else None)

    what = "When each site was last looked at for drift, by site."
    return Endpoint("GET", "/discovery/looks", what, looked, Listing[LookItem], PAGING)


def may_see(proposal: Proposal, inventory: Inventory, seen: Scope) -> bool:
    """Return whether a proposal is for this caller, and still one: what the inventory has got is none."""
    found = proposal.found
    if proposal.state == "new" and any(inventory.device_at(address) for address in found.addresses):
        return False
    return seen.everything or (found.site is not None and seen.sees(inventory, f"site/{found.site}"))


def _after(request: web.Request) -> tuple[str, str, str] | None:
    place = query.cursor(request)
    if place is None:
        return None
    try:
        device, kind, subject = json.loads(place)
    except (ValueError, TypeError):
        device = kind = subject = None
    if not (isinstance(device, str) and isinstance(kind, str) and isinstance(subject, str)):
        raise bad_request("/query/cursor", "belongs to another list; take `next` of the page before")
    return device, kind, subject


def _proposal(proposal: Proposal) -> ProposalItem:
    found = proposal.found
    return ProposalItem(
        id=proposal.id,
        state=proposal.state,
        address=found.address,
        addresses=list(found.addresses),
        answers=list(found.ways),
        site=found.site,
        site_why=found.site_why,
        device_class=device_class(found),
        credentials=found.credentials,
        snmp_port=found.snmp_port,
        profile=found.profile,
        sys_name=found.sys_name,
        sys_descr=found.sys_descr,
        vendor=found.vendor,
        model=found.model,
        version=found.version,
        serial=found.serial,
        banner=found.banner,
        heard_from=found.heard_from,
        neighbors=[
            NeighbourItem(
                protocol=one.protocol,
                local_port=one.local_port,
                remote_name=one.name,
                remote_port=one.port,
                address=one.address,
            )
            for one in found.neighbours
        ],
        first_seen=proposal.first_ms,
        last_seen=proposal.last_ms,
        device=proposal.device,
        decided_by=proposal.who,
        decided=proposal.decided_ms,
    )


def _drift(drift: Drift) -> DriftItem:
    return DriftItem(
        device=f"device/{drift.device}",
        kind=drift.kind,
        subject=drift.subject or None,
        expected=drift.expected,
        seen=drift.seen,
        since=drift.since_ms,
        last_seen=drift.last_ms,
    )


def _look(site: str, look: SiteLook | None) -> LookItem:
    devices, looked_at, last_ms = (0, 0, None) if look is None else (look.devices, look.looked_at, look.at_ms)
    return LookItem(site=f"site/{site}", devices=devices, looked_at=looked_at, last_seen=last_ms)
