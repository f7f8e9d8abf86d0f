"""Rehearsals: who would be called, when, and for what, if this happened. Nothing is sent."""

from __future__ import annotations

from typing import Annotated, Literal

from aiohttp import web
from pydantic import Field

from noc.api._body import body
from noc.api._endpoint import Endpoint
from noc.api._shapes import Shape
from noc.http.problems import ProblemError, bad_request, not_found
from noc.http.rehearsals import SCENARIO_AT_MOST
from noc.http.scope import scope
from noc.http.sources import Sources
from noc.model.errors import ConflictError, UsageError


class NewRehearsal(Shape):
    """A scenario."""

    scenario: Annotated[str, Field(min_length=1, max_length=SCENARIO_AT_MOST)]
    """YAML, as `noc rehearse` takes it (docs/rehearsal.md)."""
    lang: Literal["en", "ar", "es", "fr", "ru", "zh"] = "en"
    """The language of its time line; messages are in those of their readers."""


class RehearsalItem(Shape):
    """What came of it."""

    met: bool
    """Whether all came that the scenario expects; true where it expects nothing."""
    warnings: list[str]
    answer: dict[str, object]
    """incidents, notifications, availability and more: docs/rehearsal.md."""


def endpoints(sources: Sources) -> list[Endpoint]:
    """Return the endpoint of rehearsals."""

    async def rehearse(request: web.Request) -> RehearsalItem:
        asked = await body(request, NewRehearsal)
        if sources.rehearse is None or not scope(request).everything:
            raise not_found("rehearsals; they show the whole network, to those who may see all of it")
        try:
            found = await sources.rehearse(asked.scenario, asked.lang)
        except ConflictError as error:
            raise ProblemError(409, str(error)) from error
        except UsageError as error:
            raise bad_request("/body/scenario", str(error)) from error
        return RehearsalItem(met=found.met, warnings=list(found.said), answer=dict(found.answer))

    summary = "Who would be called, when, and for what: play a scenario in virtual time. Nothing is sent."
    busy = "Another rehearsal is running."
    return [
        Endpoint("POST", "/rehearsals", summary, rehearse, RehearsalItem, body=NewRehearsal, conflict=busy, right="ask")
    ]
