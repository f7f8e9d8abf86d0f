"""What a list hangs on, so that whoever has it already is told so at once, without the list being made.

A tag of an answer is what the answer says. Beside it an endpoint remembers what its newest answers hung on: a few
numbers that are others where anything of it is. While these are the same, so is the answer.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Awaitable, Callable, Hashable
from dataclasses import dataclass
from typing import Final, NamedTuple

from aiohttp import web
from pydantic import BaseModel

from noc.clock import Clock
from noc.http.scope import scope
from noc.model.instants import to_ms

AT_MOST: Final = 64
"""Answers that an endpoint remembers."""

Still = Callable[[], bool]


def always() -> bool:
    """Return True: nothing else is to be asked."""
    return True


def nothing_else(_: BaseModel, __: int) -> Still:
    """Return what tells that an answer hangs on nothing else."""
    return always


@dataclass(frozen=True, slots=True)
class HangsOn:
    """What an answer hangs on beside its address and who may see what.

    now: gives what all of it hangs on, cheaply; None where nobody knows. Raises ProblemError as the handler does.
    rest: is given an answer and a moment (ms) before it was made, and gives what tells whether what is on it, and not
    in `now`, is still so: times that went by, when something was seen last.
    """

    clock: Clock
    now: Callable[[web.Request], Awaitable[Hashable]]
    rest: Callable[[BaseModel, int], Still] = nothing_else


class Edition:
    """Numbers what is replaced as a whole: another number for another one."""

    def __init__(self) -> None:
        self._newest: object = None
        self._number = 0

    def of(self, thing: object) -> int:
        """Return the number of what holds now."""
        if thing is not self._newest:
            self._newest, self._number = thing, self._number + 1
        return self._number


class Asked(NamedTuple):
    """A request for what may be remembered. at_ms: before its answer was made."""

    whose: Hashable
    hangs_on: Hashable
    at_ms: int


class _Remembered(NamedTuple):
    hangs_on: Hashable
    tag: str
    still: Still


class Freshness:
    """Remembers the newest answers of an endpoint, by address, reader and form."""

    def __init__(self, hangs_on: HangsOn) -> None:
        self._hangs_on = hangs_on
        self._known: OrderedDict[Hashable, _Remembered] = OrderedDict()

    async def asked(self, request: web.Request, form: str) -> Asked | None:
        """Return what a request asks for; None where its answer is another one each moment, or nobody knows."""
        if any(value.startswith("now") for value in request.query.values()):
            return None
        at_ms = to_ms(self._hangs_on.clock.now())
        hangs_on = await self._hangs_on.now(request)
        if hangs_on is None:
            return None
        return Asked((request.path_qs, scope(request).regions, form), hangs_on, at_ms)

    def tag(self, asked: Asked) -> str | None:
        """Return the tag of the answer, where it is known without making it."""
        known = self._known.get(asked.whose)
        if known is None or known.hangs_on != asked.hangs_on or not known.still():
            return None
        self._known.move_to_end(asked.whose)
        return known.tag

    def keep(self, asked: Asked, answer: BaseModel, tag: str) -> None:
        """Remember an answer that was made after it was asked for."""
        self._known[asked.whose] = _Remembered(asked.hangs_on, tag, self._hangs_on.rest(answer, asked.at_ms))
        self._known.move_to_end(asked.whose)
        while len(self._known) > AT_MOST:
            self._known.popitem(last=False)
