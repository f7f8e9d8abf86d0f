"""What a change of a rule would have done: the past played again beside the daemon. Nothing is sent."""

from __future__ import annotations

import re
from typing import Annotated, Final

from aiohttp import web
from pydantic import Field

from noc.api._body import body
from noc.api._endpoint import Endpoint, Parameter
from noc.api._shapes import Moment, Shape
from noc.http.problems import ProblemError, bad_request, not_found
from noc.http.rulelook import room_of
from noc.http.ruleroom import DAYS_AT_MOST, TEXT_AT_MOST, Played, PlayedState
from noc.http.sources import Sources
from noc.model.errors import ConflictError, UsageError


class NewWhatIf(Shape):
    """A rule to try on the past."""

    rule: Annotated[str, Field(min_length=1, max_length=200)]
    """Its name: of a rule that holds, which it replaces, or a new one."""
    text: Annotated[str, Field(min_length=1, max_length=TEXT_AT_MOST)]
    """YAML, as a rule's file; `enabled: false` alone switches the rule off."""
    days: Annotated[int, Field(ge=1, le=DAYS_AT_MOST)] = 7
    """The last so many days are played."""


class WhatIfItem(Shape):
    """How far it is, or what came of it."""

    id: int
    rule: str
    days: int
    state: PlayedState
    """failed: `said` tells why."""
    done: float
    """The share that is played, 0 to 1."""
    begun: Moment
    said: list[str]
    """Warnings; what is wrong with the rule, with line and column."""
    answer: dict[str, object] | None
    """As of `noc rules what-if --json` (docs/rules.md); null until it is done."""


ID: Final = Parameter("id", "Number of it.", {"type": "integer", "minimum": 1}, place="path", required=True)
_NUMBER: Final = re.compile(r"[0-9]{1,15}\Z")


def endpoints(sources: Sources) -> list[Endpoint]:
    """Return the endpoints."""

    async def begin(request: web.Request) -> WhatIfItem:
        asked, room = await body(request, NewWhatIf), room_of(sources, request)
        try:
            return _item(room.play(asked.rule, asked.text, asked.days))
        except ConflictError as error:
            raise ProblemError(409, str(error)) from error
        except UsageError as error:
            raise bad_request("/body/rule", str(error)) from error

    async def one(request: web.Request) -> WhatIfItem:
        room, number = room_of(sources, request), request.match_info["id"]
        found = room.played(int(number)) if _NUMBER.match(number) else None
        if found is None:
            raise not_found(f"what-if {number[:20]}; the newest ten are kept, until noc is started again")
        return _item(found)

    summary = "Begin to play the last days again under a new or changed rule. Ask for its number until it is done."
    detail = "How far it is, or which incidents would have appeared, vanished and moved."
    busy = "Another one is being played."
    return [
        Endpoint("POST", "/what-ifs", summary, begin, WhatIfItem, body=NewWhatIf, conflict=busy, right="ask"),
        Endpoint("GET", "/what-ifs/{id}", detail, one, WhatIfItem, (ID,)),
    ]


def _item(one: Played) -> WhatIfItem:
    return WhatIfItem(
        id=one.id,
        rule=one.name,
        days=one.days,
        state=one.state,
        done=one.done,
        begun=one.begun_ms,
        said=list(one.said),
        answer=None if one.answer is None else dict(one.answer),
    )
