"""Corrections: what waits for approval, the outages of one entity with their causes, what was decided; and the form."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Final
from urllib.parse import quote, urlencode

from aiohttp import web

from noc.availability.policy import Period
from noc.availability.windows import Planned
from noc.http.problems import not_found
from noc.http.scope import scope
from noc.inventory.inventory import Inventory
from noc.maintenance.draft import NAME_AT_MOST, TEXT_AT_MOST, DraftError, moment_of
from noc.maintenance.occurrences import occurrences
from noc.model.correction import ADJUSTING, CorrectionState, CorrectionStep, Proposed
from noc.model.instants import from_ms, to_ms
from noc.pipeline.corrections import CAUSE_WORDS, EVIDENCE_AT_MOST, Draft, cause_of, check_draft
from noc.pipeline.policy import availability_policy
from noc.state import corrections, windows
from noc.state.database import Transaction
from noc.web.ledgerrows import ROWS_AT_MOST, LedgerRow, ledger_rows
from noc.web.outages import Outage, outages_of, standing_on
from noc.web.pages import WebPages, who_of
from noc.web.paging import chosen, page_of
from noc.web.periods import ROLLING, Asked, asked, offered
from noc.web.places import Place, place_of

SHOWN_AT_MOST: Final = 2_000
OUTAGES_AT_MOST: Final = 500
DECIDED: Final[tuple[CorrectionState, ...]] = ("approved", "rejected", "withdrawn")
STEPS: Final[Mapping[str, CorrectionStep]] = {"approve": "approved", "reject": "rejected", "withdraw": "withdrawn"}
TEXT: Final = {
    "from": 40,
    "to": 40,
    "entity": 200,
    "zone": 64,
    "cause": 40,
    "why": TEXT_AT_MOST,
    "evidence": 10_000,
    "period": 20,
}
FORM_ZONE: Final = "form_zone"
"""In an address: the zone of the times that the form is filled in with; `zone` is that of the page."""

_NUMBER: Final = re.compile(r"[0-9]{1,15}\Z")


@dataclass(frozen=True, slots=True)
class Row:
    """A correction, where it is, and its cause in words."""

    correction: Proposed
    where: Place
    cause: str


@dataclass(frozen=True, slots=True)
class OutageRow:
    """An outage; url: of the form, filled in for it."""

    outage: Outage
    url: str


async def show(pages: WebPages, request: web.Request) -> web.Response:
    """Answer with the lists and the form."""
    given = {name: request.query.get(name, "")[:at_most] for name, at_most in TEXT.items()}
    given["zone"] = request.query.get(FORM_ZONE, "")[: TEXT["zone"]]
    return await _page(pages, request, given)


async def propose(pages: WebPages, request: web.Request) -> web.StreamResponse:
    """Write a proposal; what can't be a correction is said beside the form."""
    form = await request.post()
    given = {name: str(form.get(name, "")).strip()[:at_most] for name, at_most in TEXT.items()}
    now_ms = to_ms(pages.sources.clock.now())
    try:
        draft = _draft(pages, request, given, now_ms)
    except DraftError as error:
        return await _page(pages, request, given, wrong=str(error), status=400)
    async with pages.sources.database.write() as connection:
        made = await corrections.propose(
            connection,
            draft.entity,
            draft.start_ms,
            draft.end_ms,
            draft.cause,
            who=draft.who,
            why=draft.why,
            evidence=draft.evidence,
            now_ms=now_ms,
        )
    raise web.HTTPSeeOther(f"/corrections/{made.number}")


async def one(pages: WebPages, request: web.Request) -> web.Response:
    """Answer with the page of a correction."""
    inventory = pages.sources.inventory()
    async with pages.sources.database.read() as connection:
        found = await _asked_for(pages, request, connection)
        steps = await corrections.steps(connection, found.number)
    answer = await pages.sources.availability(Period(found.start_ms, found.end_ms))
    entity = answer.entities.get(found.entity)
    sums = answer.regions.get(found.entity) if entity is None else entity.figures.durations
    return pages.show(
        request,
        "correction.html",
        name_of=await pages.called(),
        row=_row(found, inventory),
        steps=steps,
        down=None if sums is None else sums.failed,
        is_own=who_of(request).casefold() == found.proposed_by.casefold(),
        is_adjusting=found.cause in ADJUSTING,
    )


async def decide(pages: WebPages, request: web.Request) -> web.StreamResponse:
    """Approve, reject or withdraw."""
    why = str((await request.post()).get("why", "")).strip()[:TEXT_AT_MOST]
    step = STEPS.get(request.match_info["step"])
    if step is None:
        raise not_found(f"step '{request.match_info['step'][:20]}'")
    who, now_ms = who_of(request)[:NAME_AT_MOST], to_ms(pages.sources.clock.now())
    async with pages.sources.database.write() as connection:
        found = await _asked_for(pages, request, connection)
        await corrections.decide(connection, found.number, step, who=who, why=why, now_ms=now_ms)
    raise web.HTTPSeeOther(f"/corrections/{found.number}")


def _draft(pages: WebPages, request: web.Request, given: Mapping[str, str], now_ms: int) -> Draft:
    """Return what a form proposes. Raises DraftError."""
    inventory, zone = pages.sources.inventory(), given["zone"] or "UTC"
    if not scope(request).sees(inventory, given["entity"]):
        raise DraftError("entity", f"entity: the inventory has no '{given['entity']}'")
    start_ms, end_ms = (moment_of(name, given[name], zone) for name in ("from", "to"))
    evidence = tuple(line.strip() for line in given["evidence"].splitlines() if line.strip())
    draft = Draft(given["entity"], start_ms, end_ms, cause_of(given["cause"]), who_of(request), given["why"], evidence)
    check_draft(draft, inventory, now_ms)
    return draft


async def _page(
    pages: WebPages, request: web.Request, given: Mapping[str, str], *, wrong: str = "", status: int = 200
) -> web.Response:
    inventory, seen, now = pages.sources.inventory(), scope(request), pages.sources.clock.now()
    state, period = chosen(request, "state", DECIDED), asked(given["period"], now)
    entity = given["entity"] if seen.sees(inventory, given["entity"]) else ""
    decided = [each for each in DECIDED if state in ("", each)]
    async with pages.sources.database.read() as connection:
        waiting = await corrections.page(connection, states=("proposed",), limit=SHOWN_AT_MOST)
        past = await corrections.page(connection, states=decided, entity=entity or None, limit=SHOWN_AT_MOST)
    waiting, past = ([each for each in found if seen.sees(inventory, each.entity)] for found in (waiting, past))
    return pages.show(
        request,
        "corrections.html",
        http_status=status,
        name_of=await pages.called(),
        waiting=[_row(each, inventory) for each in waiting],
        page=page_of([_row(each, inventory) for each in past], request),
        place=place_of(inventory, entity) if entity else None,
        outages=await _outages(pages, inventory, entity, period) if entity else [],
        written=await _written(pages, request, entity, period) if entity else [],
        written_at_most=ROWS_AT_MOST,
        period=period,
        months=offered(now),
        rolling=tuple(ROLLING),
        given={**given, "zone": given["zone"] or pages.times(request).name},
        wrong_form=wrong,
        causes=CAUSE_WORDS,
        state=state,
        states=DECIDED,
        evidence_at_most=EVIDENCE_AT_MOST,
        zones=sorted({str(site.time_zone) for site in inventory.sites.values() if site.time_zone} | {"UTC"}),
    )


async def _outages(pages: WebPages, inventory: Inventory, entity: str, period: Asked) -> list[OutageRow]:
    found = await outages_in(pages, inventory, entity, period)
    return [OutageRow(each, _form_url(entity, period, each)) for each in found[:OUTAGES_AT_MOST]]


async def _written(pages: WebPages, request: web.Request, entity: str, period: Asked) -> list[LedgerRow]:
    inventory, span = pages.sources.inventory(), period.so_far
    entities = standing_on(entity, availability_policy(inventory))
    async with pages.sources.database.read() as connection:
        return await ledger_rows(connection, inventory, scope(request), entities, span.start, span.end)


async def outages_in(pages: WebPages, inventory: Inventory, entity: str, period: Asked) -> list[Outage]:
    """Return the outages of an entity in a period so far, the newest first. Raises StateError."""
    answer = await pages.sources.availability(period.so_far)
    async with pages.sources.database.read() as connection:
        approved = await corrections.approved(connection)
        plans = await windows.approved(connection)
    span = period.so_far
    times = [each for plan in plans for each in occurrences(plan, span.start, span.end)]
    policy = replace(availability_policy(inventory), windows=times)
    return outages_of(entity, answer, policy, approved, Planned.by(policy).of(entity))


def _form_url(entity: str, period: Asked, outage: Outage) -> str:
    times = {name: from_ms(time).strftime("%Y-%m-%dT%H:%M:%S.%f")[:-3] for name, time in _edges(outage)}
    return f"/corrections?{urlencode({'entity': entity, 'period': period.name, FORM_ZONE: 'UTC', **times})}#propose"


def _edges(outage: Outage) -> tuple[tuple[str, int], ...]:
    return (("from", outage.start), ("to", outage.end))


def _row(found: Proposed, inventory: Inventory) -> Row:
    return Row(found, place_of(inventory, found.entity), CAUSE_WORDS[found.cause])


async def _asked_for(pages: WebPages, request: web.Request, connection: Transaction) -> Proposed:
    number = request.match_info["number"]
    if _NUMBER.match(number) is not None:
        found = await corrections.get(connection, int(number))
        if found is not None and scope(request).sees(pages.sources.inventory(), found.entity):
            return found
    raise not_found(f"correction {quote(number[:20])}")
