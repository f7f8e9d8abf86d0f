"""Requests that change something: only if it still is what the caller saw (If-Match), and once (Idempotency-Key)."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from typing import Final

from aiohttp import web
from pydantic import BaseModel

from noc.api._endpoint import Parameter, tag_of
from noc.http.problems import Fault, ProblemError, bad_request
from noc.http.scope import caller
from noc.state import answered
from noc.state.answered import Answered
from noc.state.database import Transaction

KEY_AT_MOST: Final = 200
"""Characters of an Idempotency-Key."""

HEADERS: Final = (
    Parameter("If-Match", "ETag of what you saw: where it has changed since, nothing is done (412).", place="header"),
    Parameter(
        "Idempotency-Key",
        f"A text of your own of up to {KEY_AT_MOST} characters: the same request with the same key is done once, and "
        "answered alike for a day.",
        place="header",
    ),
)


@dataclass(frozen=True, slots=True)
class Once:
    """What a request says of itself. tags: None where any state will do. key: empty where it has none."""

    tags: frozenset[str] | None
    key: str
    request: str

    async def before(self, connection: Transaction, now_ms: int) -> str | None:
        """Return the answer that this request got before; None where it is new.

        Raises ProblemError (422) where its key was used for another request.
        """
        if not self.key:
            return None
        found = await answered.find(connection, self.key, now_ms)
        if found is not None and found.request != self.request:
            said = "this Idempotency-Key was used for another request within a day; take another one"
            raise ProblemError(422, said, [Fault("/header/Idempotency-Key", said)])
        return None if found is None else found.body

    def check(self, seen: BaseModel) -> None:
        """Raise ProblemError (412) where what is there is not what the caller saw."""
        if self.tags is None or "*" in self.tags or tag_of(written(seen)) in self.tags:
            return
        said = "it has changed since you read it; read it again"
        raise ProblemError(412, said, [Fault("/header/If-Match", said)])

    async def keep(self, connection: Transaction, now_ms: int, answer: BaseModel) -> None:
        """Keep the answer, in the transaction that did what was asked."""
        if self.key:
            await answered.put(connection, self.key, now_ms, Answered(self.request, 200, written(answer).decode()))


async def once(request: web.Request) -> Once:
    """Return what a request says of itself. Raises ProblemError (400) where its key is none."""
    key = request.headers.get("Idempotency-Key", "")
    if len(key) > KEY_AT_MOST or not key.isprintable():
        raise bad_request("/header/Idempotency-Key", f"must be printable text of up to {KEY_AT_MOST} characters")
    content = f"{request.method} {request.path_qs}\n".encode() + await request.read()
    whose = hashlib.sha256(caller(request).who.encode()).hexdigest()[:32]
    tags = None if request.if_match is None else frozenset(tag.value for tag in request.if_match)
    return Once(tags, f"{whose} {key}" if key else "", hashlib.sha256(content).hexdigest())


def written(answer: BaseModel) -> bytes:
    """Return an answer as it is sent."""
    return answer.model_dump_json(by_alias=True).encode()
