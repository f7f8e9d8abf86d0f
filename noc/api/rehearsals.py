"""Rehearsals: who would be called, when, and for what, if this happened. Nothing is sent."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Annotated, Final, Literal

from aiohttp import web
from pydantic import Field

from noc.api import _query as query
from noc.api._body import body
from noc.api._endpoint import PAGING, Endpoint, Parameter
from noc.api._filters import Field as By
from noc.api._filters import Filters
from noc.api._shapes import Listing, Moment, Shape
from noc.http.problems import ProblemError, not_found
from noc.http.rehearsals import REHEARSAL_STATES, SCENARIO_AT_MOST, Rehearsal, Rehearsals, RehearsalState
from noc.http.scope import caller, scope
from noc.http.sources import Sources
from noc.model.errors import ConflictError

ID: Final = Parameter("id", "Number of it.", {"type": "integer", "minimum": 1}, place="path", required=True)
FILTERS: Final = Filters(
    (
        By("state", "the state", "word", REHEARSAL_STATES),
        By("by", "the one who asked for it", "text"),
        By("begun", "the time when it was asked for", "time"),
        By("done", "the share of its time that is played", "number"),
    )
)
_NUMBER: Final = re.compile(r"[0-9]{1,15}\Z")


class NewRehearsal(Shape):
    """A scenario."""

    scenario: Annotated[str, Field(min_length=1, max_length=SCENARIO_AT_MOST)]
    """YAML, as `noc rehearse` takes it (docs/rehearsal.md)."""
    lang: Literal["en", "ar", "es", "fr", "ru", "zh"] = "en"
    """The language of its time line; `notifications` are as they would be sent, in those of their readers."""


class RehearsalItem(Shape):
    """A rehearsal that is being played, or was."""

    id: int
    state: RehearsalState
    """waiting: another one is being played; failed: `warnings` tells why."""
    done: float
    """The share of its time that is played, 0 to 1."""
    begun: Moment
    by: str
    """Who asked for it."""
    met: bool | None
    """Whether all came that the scenario expects; true where it expects nothing; null until it is done."""
    warnings: list[str]
    """What is wrong with the scenario, with line and column."""


class RehearsalDetail(RehearsalItem):
    """It, with what came of it."""

    scenario: str
    lang: str
    answer: dict[str, object] | None
    """incidents, notifications, availability and more: docs/rehearsal.md; null until it is done."""


def endpoints(sources: Sources) -> list[Endpoint]:
    """Return the endpoints of rehearsals."""

    async def begin(request: web.Request) -> RehearsalItem:
        asked, room = await body(request, NewRehearsal), _room(sources, request)
        try:
            return RehearsalItem.model_validate(_item(room.begin(asked.scenario, asked.lang, caller(request).who)))
        except ConflictError as error:
            raise ProblemError(409, str(error)) from error

    async def listed(request: web.Request) -> Listing[RehearsalItem]:
        return _listed(sources, request)

    async def one(request: web.Request) -> RehearsalDetail:
        return _detail(_found(_room(sources, request).get(_number(request)), request))

    async def cancel(request: web.Request) -> RehearsalDetail:
        try:
            return _detail(_found(_room(sources, request).cancel(_number(request), caller(request).who), request))
        except ConflictError as error:
            raise ProblemError(409, str(error)) from error

    summary = "Begin to play a scenario in virtual time: who would be called, when, and for what. Nothing is sent."
    detail = "How far it is, or what came of it."
    begun = Endpoint(
        *("POST", "/rehearsals", summary, begin, RehearsalItem),
        body=NewRehearsal,
        conflict="Too many are being played or wait.",
        right="ask",
        begins=True,
    )
    ended = Endpoint(
        *("POST", "/rehearsals/{id}/cancel", "End one that is being played or waits.", cancel, RehearsalDetail, (ID,)),
        conflict="It is over.",
        right="ask",
    )
    return [
        Endpoint(
            *("GET", "/rehearsals", "Those that are kept, the newest first.", listed, Listing[RehearsalItem]),
            (*FILTERS.parameters, *PAGING),
        ),
        begun,
        Endpoint("GET", "/rehearsals/{id}", detail, one, RehearsalDetail, (ID,)),
        ended,
    ]


def _listed(sources: Sources, request: web.Request) -> Listing[RehearsalItem]:
    limit, before = query.limit(request), query.number_cursor(request)
    fits: Callable[[RehearsalItem], bool] = FILTERS.asked(request, sources.clock, {}, {})
    kept = [RehearsalItem.model_validate(_item(one)) for one in _room(sources, request).all()]
    found = [item for item in kept if (before is None or item.id < before) and fits(item)]
    more = query.next_cursor(found[limit - 1].id) if len(found) > limit else None
    return Listing[RehearsalItem](items=found[:limit], next=more)


def _room(sources: Sources, request: web.Request) -> Rehearsals:
    if sources.rehearsals is None or not scope(request).everything:
        raise not_found("rehearsals; they show the whole network, to those who may see all of it")
    return sources.rehearsals


def _number(request: web.Request) -> int:
    given = request.match_info["id"]
    return int(given) if _NUMBER.match(given) else 0


def _found(one: Rehearsal | None, request: web.Request) -> Rehearsal:
    if one is None:
        number = request.match_info["id"][:20]
        raise not_found(f"rehearsal {number}; the newest are kept, until noc is started again")
    return one


def _item(one: Rehearsal) -> dict[str, object]:
    return {
        "id": one.id,
        "state": one.state,
        "done": one.done,
        "begun": one.begun_ms,
        "by": one.by,
        "met": None if one.found is None else one.found.met,
        "warnings": list(one.said if one.found is None else one.found.said),
    }


def _detail(one: Rehearsal) -> RehearsalDetail:
    answer = None if one.found is None else dict(one.found.answer)
    return RehearsalDetail.model_validate({**_item(one), "scenario": one.scenario, "lang": one.lang, "answer": answer})
