"""Discovery: devices that were found and that nobody has decided about, and where inventory and network disagree."""

from __future__ import annotations

import json
from collections.abc import Awaitable, Callable
from operator import attrgetter
from typing import Final

from aiohttp import web
from pydantic import Field

from noc.api import _named as named
from noc.api import _places as places
from noc.api import _query as query
from noc.api._about import number_in_path
from noc.api._body import body
from noc.api._endpoint import PAGING, Endpoint, Parameter
from noc.api._filters import Field as By
from noc.api._filters import Filters
from noc.api._pages import scanned_page
from noc.api._shapes import Listing, Moment, Shape
from noc.api.accounts import Nothing
from noc.discovery.guess import device_class
from noc.http import proposed
from noc.http.problems import bad_request
from noc.http.scope import caller, scope
from noc.http.sources import Sources
from noc.inventory.layers import DEVICE_CLASSES
from noc.model.discovery import DRIFT_KINDS, PROPOSAL_STATES, Drift, DriftKind, Proposal, ProposalState, SiteLook, Way
from noc.state import drifts, proposals
from noc.state.database import Transaction

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


FILTERS: Final = Filters(
    (
        By("state", "the state (`new` where none is given)", "word", PROPOSAL_STATES),
        *places.PLACES,
        By("class", "the class", "word", DEVICE_CLASSES, of="device_class"),
        By("address", "the address", "text", of="addresses"),
        By("sys_name", "the name", "text"),
        By("vendor", "the maker", "text"),
        By("model", "the model", "text"),
        By("serial", "the serial number", "text"),
        By("profile", "the profile", "text"),
        By("decided_by", "the one who decided", "text"),
        By("last_seen", "the last time that it was seen", "time"),
    )
)
OF_DRIFT: Final = Filters(
    (
        By("device", "the device, by its id,", "key"),
        *places.PLACES,
        By("kind", "the kind", "word", DRIFT_KINDS),
        By("since", "the beginning", "time"),
    )
)
OF_LOOKS: Final = Filters(
    (
        By("site", "the site, by its id,", "name"),
        By("region", "the region, by its id,", "name"),
        By("last_seen", "the look", "time"),
    )
)
ID: Final = Parameter("id", "Number of the proposal.", {"type": "integer", "minimum": 1}, place="path", required=True)
ONE: Final = "/discovery/proposals/{id}"
DECIDED: Final = "It stands otherwise, or is in the inventory; `detail` says which."

Step = Callable[[Transaction, Proposal, str, int], Awaitable[None]]


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

    async def listed(request: web.Request) -> Listing[ProposalItem]:
        inventory, seen = sources.inventory(), scope(request)
        states = tuple(query.words(request, "state", PROPOSAL_STATES)) if "state" in request.query else NEW
        values = places.values(inventory, _site_of)
        fits: Callable[[ProposalItem], bool] = FILTERS.asked(
            request, sources.clock, values, places.known(inventory, seen)
        )

        def wanted(one: Proposal) -> bool:
            # What the inventory has got meanwhile is left out.
            return proposed.is_open(one, inventory) and proposed.may_see(one, inventory, seen) and fits(_proposal(one))

        async with sources.database.read() as connection:
            found, after = await scanned_page(
                lambda place, at_once: proposals.page(connection, states=states, after=place or 0, limit=at_once),
                attrgetter("id"),
                wanted,
                query.number_cursor(request),
                query.limit(request),
            )
        more = None if after is None else query.next_cursor(after)
        return Listing[ProposalItem](items=[_proposal(one) for one in found], next=more)

    filters = (*FILTERS.parameters, *PAGING)
    return [
        Endpoint(
            "GET",
            "/discovery/proposals",
            "Devices that were found in the network, by number.",
            listed,
            Listing[ProposalItem],
            filters,
        ),
        _drifts(sources),
        _looks(sources),
        *_of_one(sources),
    ]


def _of_one(sources: Sources) -> list[Endpoint]:
    """Return the endpoints of one proposal. To take it into the inventory writes a file: that is done on a shell."""

    async def one(request: web.Request) -> ProposalItem:
        async with sources.database.read() as connection:
            number, inventory = number_in_path(request, "proposal"), sources.inventory()
            return _proposal(await proposed.proposal(connection, inventory, scope(request), number))

    async def decide(request: web.Request, step: Step) -> ProposalItem:
        await body(request, Nothing)
        number, inventory, seen = number_in_path(request, "proposal"), sources.inventory(), scope(request)
        async with sources.database.write() as connection:
            found = await proposed.proposal(connection, inventory, seen, number)
            await step(connection, found, caller(request).who, query.now_ms(sources.clock))
            return _proposal(await proposed.proposal(connection, inventory, seen, number))

    async def ignore(request: web.Request) -> ProposalItem:
        return await decide(request, proposed.ignore)

    async def again(request: web.Request) -> ProposalItem:
        return await decide(request, proposed.propose_again)

    item, said = ProposalItem, "Propose a device no more, also not at another address."
    back = "Take back that it is ignored."
    return [
        Endpoint("GET", ONE, "One of them.", one, item, (ID,)),
        Endpoint("POST", f"{ONE}/ignore", said, ignore, item, (ID,), Nothing, DECIDED, right="approve"),
        Endpoint("POST", f"{ONE}/propose", back, again, item, (ID,), Nothing, DECIDED, right="approve"),
    ]


def _drifts(sources: Sources) -> Endpoint:
    async def drifted(request: web.Request) -> Listing[DriftItem]:
        inventory, seen = sources.inventory(), scope(request)
        values = {**places.values(inventory, _device_of), "device": lambda item: _device_of(item).partition("/")[2]}
        known = {**places.known(inventory, seen), "device": lambda: named.devices(inventory, seen)}
        fits: Callable[[DriftItem], bool] = OF_DRIFT.asked(request, sources.clock, values, known)

        def wanted(one: Drift) -> bool:
            is_there = one.device in inventory.devices and seen.sees(inventory, f"device/{one.device}")
            return is_there and fits(_drift(one))

        async with sources.database.read() as connection:
            found, last = await scanned_page(
                lambda place, at_once: drifts.page(connection, after=place, limit=at_once),
                lambda one: (one.device, str(one.kind), one.subject),
                wanted,
                _after(request),
                query.limit(request),
            )
        more = None if last is None else query.next_cursor(json.dumps(last))
        return Listing[DriftItem](items=[_drift(one) for one in found], next=more)

    what = "Where inventory and network disagree, by device."
    return Endpoint("GET", "/discovery/drift", what, drifted, Listing[DriftItem], (*OF_DRIFT.parameters, *PAGING))


def _looks(sources: Sources) -> Endpoint:
    async def looked(request: web.Request) -> Listing[LookItem]:
        limit, inventory, seen = query.limit(request), sources.inventory(), scope(request)
        after = query.cursor(request) or ""
        async with sources.database.read() as connection:
            looks = await drifts.looks(connection)
        values = {**places.values(inventory, _looked_at)}
        fits = OF_LOOKS.asked(request, sources.clock, values, places.known(inventory, seen))
        items = [
            item
            for name in sorted(inventory.sites)
            if name > after and inventory.devices_of(name) and seen.sees(inventory, f"site/{name}")
            if fits(item := _look(name, looks.get(name)))
        ]
        more = query.next_cursor(items[limit - 1].site.removeprefix("site/")) if len(items) > limit else None
        return Listing[LookItem](items=items[:limit], next=more)

    what = "When each site was last looked at for drift, by site."
    return Endpoint("GET", "/discovery/looks", what, looked, Listing[LookItem], (*OF_LOOKS.parameters, *PAGING))


def _looked_at(item: LookItem) -> str:
    return item.site


def _site_of(item: ProposalItem) -> str:
    return f"site/{item.site}"


def _device_of(item: DriftItem) -> str:
    return item.device


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
