"""Corrections: why something was down, proposed by one person and approved by another."""

from __future__ import annotations

from typing import Annotated, Final, Literal, get_args

from aiohttp import web
from pydantic import AfterValidator, Field

from noc.api import _places as places
from noc.api import _query as query
from noc.api._about import Reason, Said, Speaking, about_entities, clean, number_in_path, speaker
from noc.api._body import body
from noc.api._endpoint import PAGING, Endpoint, Parameter
from noc.api._filters import Field as By
from noc.api._filters import Filters
from noc.api._shapes import Listing, Moment, Shape
from noc.availability.policy import Period
from noc.http.problems import bad_request, not_found
from noc.http.scope import Scope, scope
from noc.http.sources import Sources
from noc.maintenance.draft import DraftError
from noc.model.account import Right
from noc.model.correction import Cause, CorrectionState, CorrectionStep, Proposed
from noc.pipeline.corrections import (
    EVIDENCE_AT_MOST,
    EVIDENCE_LONG_AT_MOST,
    STATES,
    Draft,
    check_draft,
    correction_document,
    steps_document,
)
from noc.state import corrections
from noc.state.database import Transaction


class CorrectionItem(Shape):
    """A correction as it stands."""

    id: int
    entity: str
    """What was down; it holds for all below it too."""
    state: CorrectionState
    """Only an approved one counts."""
    start: Moment = Field(alias="from")
    end: Moment = Field(alias="to")
    cause: Cause
    """planned and false_reading change the adjusted figure; the others say whose fault it was."""
    why: str
    evidence: list[str]
    """What can be looked up: tickets, incidents, messages of carriers."""
    proposed: Moment
    proposed_by: str
    decided: Moment | None
    decided_by: str | None
    decided_why: str | None
    record: int
    """The number of the ledger's record that said so last."""


class StepItem(Shape):
    """One step: also a record of the ledger."""

    record: int
    at: Moment
    step: CorrectionStep
    who: str
    why: str


class CorrectionDetail(CorrectionItem):
    """A correction with all steps."""

    steps: list[StepItem]
    down_s: float | None
    """How long its entity was down or unreachable in its time, as measured; null where no figures are made of it."""


Pointer = Annotated[str, Field(max_length=EVIDENCE_LONG_AT_MOST), AfterValidator(clean)]


class CorrectionProposal(Speaking):
    """What somebody proposes."""

    entity: str
    start: Moment = Field(alias="from")
    end: Moment = Field(alias="to")
    """Not in the future."""
    cause: Cause
    why: Reason
    """How you know."""
    evidence: Annotated[tuple[Pointer, ...], Field(max_length=EVIDENCE_AT_MOST)] = ()


ID = Parameter("id", "Number of the correction.", {"type": "integer", "minimum": 1}, place="path", required=True)
FILTERS = Filters(
    (
        By("state", "the state", "word", STATES),
        By("cause", "the cause", "word", get_args(Cause)),
        places.ENTITY,
        *places.PLACES,
        By("why", "the reason", "text"),
        By("proposed_by", "the one who proposed it", "text"),
        By("proposed", "the time of the proposal", "time", of="proposed_ms"),
        By("decided_by", "the one who decided", "text"),
        By("from", "the beginning", "time", of="start_ms"),
        By("to", "the end", "time", of="end_ms"),
    )
)
ONE: Final = "/corrections/{id}"
FULL: Final = "Too many wait for somebody to decide."
NOT_NOW: Final = "It is decided already, or who proposed it isn't who may do this; `detail` says which."

Word = Literal["approve", "reject", "withdraw"]
RIGHTS: Final[dict[Word, Right]] = {"approve": "correct", "reject": "correct", "withdraw": "propose"}
STEPS: Final[dict[Word, tuple[CorrectionStep, str]]] = {
    "approve": ("approved", "Approve one that somebody else proposed."),
    "reject": ("rejected", "Reject one that somebody else proposed."),
    "withdraw": ("withdrawn", "Take back your own, while nobody has decided about it."),
}


def endpoints(sources: Sources) -> list[Endpoint]:
    """Return the endpoints of corrections."""

    async def listed(request: web.Request) -> Listing[CorrectionItem]:
        return await _listed(sources, request)

    async def one(request: web.Request) -> CorrectionDetail:
        return await _detail(sources, request)

    async def propose(request: web.Request) -> CorrectionDetail:
        said = await body(request, CorrectionProposal)
        who, evidence = speaker(request, said), said.evidence
        inventory, now_ms = sources.inventory(), query.now_ms(sources.clock)
        try:
            check_draft(
                Draft(said.entity, said.start, said.end, said.cause, who, said.why, evidence), inventory, now_ms
            )
        except DraftError as error:
            raise bad_request(f"/body/{error.field}", str(error).removeprefix(f"{error.field}: ")) from error
        if not scope(request).sees(inventory, said.entity):
            raise not_found(f"entity {said.entity[:100]} that you may correct")
        async with sources.database.write() as connection:
            made = await corrections.propose(
                connection,
                said.entity,
                said.start,
                said.end,
                said.cause,
                who=who,
                why=said.why,
                evidence=evidence,
                now_ms=now_ms,
            )
        return await _detail(sources, request, made.number)

    listing, detail, asks = Listing[CorrectionItem], CorrectionDetail, CorrectionProposal
    said = "Say why something was down; somebody else approves it."
    return [
        Endpoint(
            "GET", "/corrections", "Corrections, the newest first.", listed, listing, (*FILTERS.parameters, *PAGING)
        ),
        Endpoint("POST", "/corrections", said, propose, detail, (), asks, FULL, right="propose"),
        Endpoint("GET", ONE, "One, with its steps and how much it explains.", one, detail, (ID,)),
        *(_deciding(sources, word) for word in STEPS),
    ]


def _deciding(sources: Sources, word: Word) -> Endpoint:
    step, summary = STEPS[word]

    async def decide(request: web.Request) -> CorrectionDetail:
        said = await body(request, Said)
        who, number, now_ms = speaker(request, said), _number(request), query.now_ms(sources.clock)
        async with sources.database.write() as connection:
            await _visible(connection, sources, scope(request), number)
            await corrections.decide(connection, number, step, who=who, why=said.why, now_ms=now_ms)
        return await _detail(sources, request)

    return Endpoint(
        "POST", f"{ONE}/{word}", summary, decide, CorrectionDetail, (ID,), Said, NOT_NOW, right=RIGHTS[word]
    )


async def _listed(sources: Sources, request: web.Request) -> Listing[CorrectionItem]:
    states = list(query.words(request, "state", STATES)) if "state" in request.query else []
    async with sources.database.read() as connection:
        shown, more = await about_entities(
            *(request, sources, FILTERS, {}),
            lambda one, place, limit: corrections.page(
                connection, states=states, entity=one, before=place, limit=limit
            ),
            lambda entity: corrections.page(connection, entity=entity, limit=1),
            "number",
        )
    items = [CorrectionItem.model_validate(correction_document(one, int)) for one in shown]
    return Listing[CorrectionItem](items=items, next=more)


async def _detail(sources: Sources, request: web.Request, number: int | None = None) -> CorrectionDetail:
    async with sources.database.read() as connection:
        found = await _visible(connection, sources, scope(request), number or _number(request))
        steps = await corrections.steps(connection, found.number)
    down_s = await _down_s(sources, found)
    document = {**correction_document(found, int), "steps": steps_document(steps, int), "down_s": down_s}
    return CorrectionDetail.model_validate(document)


async def _down_s(sources: Sources, found: Proposed) -> float | None:
    answer = await sources.availability(Period(found.start_ms, found.end_ms))
    if found.entity in answer.regions:
        return float(answer.regions[found.entity].failed) / 1000
    entity = answer.entities.get(found.entity)
    return None if entity is None else float(entity.figures.durations.failed) / 1000


async def _visible(connection: Transaction, sources: Sources, seen: Scope, number: int) -> Proposed:
    found = await corrections.get(connection, number)
    if found is None or not seen.sees(sources.inventory(), found.entity):
        raise not_found(f"correction {number}")
    return found


def _number(request: web.Request) -> int:
    return number_in_path(request, "correction")
