"""Discovery: devices that were found and wait for a decision; and where inventory and network disagree."""

from __future__ import annotations

import re
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from aiohttp import web

from noc.discovery.guess import device_class
from noc.http import proposed
from noc.http.problems import not_found
from noc.http.scope import scope
from noc.i18n.marking import say
from noc.inventory.entities import Site
from noc.inventory.inventory import Inventory
from noc.model.discovery import PROPOSAL_STATES, Drift, DriftKind, Proposal, ProposalState, SiteLook
from noc.model.instants import to_ms
from noc.state import drifts, proposals
from noc.state.database import Transaction
from noc.web.pages import WebPages, who_of
from noc.web.paging import chosen, page_of
from noc.web.places import Place, place_of

SHOWN_AT_MOST: Final = 2_000
"""Rows that a page reads; the command line lists all."""

SAYS: Final[dict[DriftKind, str]] = {
    "silent": say("answers no more"),
    "no-snmp": say("answers, but not by SNMP"),
    "name": say("another name"),
    "serial": say("another serial number"),
    "model": say("another model"),
    "profile": say("another profile fits"),
    "class": say("another class"),
    "other-device": say("another device answers there"),
    "twice": say("is in the inventory twice"),
    "neighbour": say("hears a neighbour that the inventory lacks"),
}
"""What a kind of drift is called."""

STATE_WORDS: Final[dict[ProposalState, str]] = {
    "new": say("not decided"),
    "accepted": say("taken in"),
    "ignored": say("ignored"),
}

_NUMBER: Final = re.compile(r"[0-9]{1,15}\Z")


@dataclass(frozen=True, slots=True)
class Row:
    """A proposal as the list shows it. command: accepts it, on a shell."""

    proposal: Proposal
    site: Site | None
    device_class: str
    command: str


@dataclass(frozen=True, slots=True)
class DriftRow:
    """A disagreement as the list shows it."""

    drift: Drift
    place: Place
    says: str


@dataclass(frozen=True, slots=True)
class Looks:
    """When sites were last looked at. sites: that have devices; never: of these, that were not yet.

    oldest_ms, newest_ms: of those that were.
    """

    sites: int
    never: int
    oldest_ms: int | None
    newest_ms: int | None


async def show(pages: WebPages, request: web.Request) -> web.Response:
    """Answer with the proposals that nobody has decided about, or that somebody has."""
    inventory, may_see = pages.sources.inventory(), scope(request)
    word = chosen(request, "state", PROPOSAL_STATES, "new")
    states = tuple(one for one in PROPOSAL_STATES if one == word)
    async with pages.sources.database.read() as connection:
        found = await proposals.page(connection, states=states, limit=SHOWN_AT_MOST)
        sweep = await proposals.last_sweep(connection)
    rows = [
        _row(one, inventory)
        for one in found
        if proposed.is_open(one, inventory) and proposed.may_see(one, inventory, may_see)
    ]
    return pages.show(
        request,
        "discovery.html",
        name_of=await pages.called(),
        page=page_of(rows, request),
        sweep=sweep,
        cut=len(found) == SHOWN_AT_MOST,
        word=word,
        states=PROPOSAL_STATES,
        state_words=STATE_WORDS,
    )


async def ignore(pages: WebPages, request: web.Request) -> web.StreamResponse:
    """Propose a device no more, also not at another address."""
    await _decide(pages, request, proposed.ignore)
    raise web.HTTPSeeOther("/discovery")


async def propose_again(pages: WebPages, request: web.Request) -> web.StreamResponse:
    """Take back that a device is ignored."""
    await _decide(pages, request, proposed.propose_again)
    raise web.HTTPSeeOther("/discovery?state=ignored")


async def _decide(
    pages: WebPages, request: web.Request, step: Callable[[Transaction, Proposal, str, int], Awaitable[None]]
) -> None:
    number, inventory = request.match_info["number"], pages.sources.inventory()
    if not _NUMBER.match(number):
        raise not_found(f"proposal {number[:20]}")
    async with pages.sources.database.write() as connection:
        found = await proposed.proposal(connection, inventory, scope(request), int(number))
        await step(connection, found, who_of(request), to_ms(pages.sources.clock.now()))


async def drift(pages: WebPages, request: web.Request) -> web.Response:
    """Answer with the disagreements, as of the last look at each device."""
    inventory, may_see = pages.sources.inventory(), scope(request)
    async with pages.sources.database.read() as connection:
        found = await drifts.page(connection, limit=SHOWN_AT_MOST)
        looks = await drifts.looks(connection)
    rows = [
        DriftRow(one, place_of(inventory, f"device/{one.device}"), SAYS[one.kind])
        for one in found
        if one.device in inventory.devices and may_see.sees(inventory, f"device/{one.device}")
    ]
    seen = [site for site in inventory.sites if inventory.devices_of(site) and may_see.sees(inventory, f"site/{site}")]
    return pages.show(
        request,
        "drift.html",
        page=page_of(rows, request),
        cut=len(found) == SHOWN_AT_MOST,
        looks=_looks(seen, looks),
    )


def _looks(sites: Sequence[str], looks: Mapping[str, SiteLook]) -> Looks:
    times_ms = [looks[site].at_ms for site in sites if site in looks]
    oldest_ms, newest_ms = min(times_ms, default=None), max(times_ms, default=None)
    return Looks(len(sites), len(sites) - len(times_ms), oldest_ms, newest_ms)


def _row(proposal: Proposal, inventory: Inventory) -> Row:
    site = inventory.sites.get(proposal.found.site or "")
    where = "" if site is not None else " --site SITE"
    return Row(proposal, site, device_class(proposal.found), f"noc discover accept {proposal.id}{where}")
