"""An endpoint: a route with what it takes and gives, from which both the handler and the OpenAPI document are made."""

from __future__ import annotations

import asyncio
import hashlib
import secrets
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import Final, Literal

from aiohttp import ETag, web
from aiohttp.helpers import content_disposition_header
from aiohttp.typedefs import Handler
from pydantic import BaseModel

from noc.api._csv import FORMATS, Tabular, wants_csv, written
from noc.api._fresh import Freshness, HangsOn
from noc.api._query import LIMIT, LIMIT_AT_MOST
from noc.http.problems import bad_request
from noc.http.rights import Route
from noc.model.account import Right
from noc.model.finding import did_you_mean

ROOT: Final = "/api/v1"
_RUN: Final = secrets.token_hex(8)
"""Another noc may make another answer of the same."""

Schema = Mapping[str, object]


@dataclass(frozen=True, slots=True)
class Parameter:
    """A value of the query, the path or a header. schema: JSON Schema. open_ended: the name is a prefix, `tag.`."""

    name: str
    description: str
    schema: Schema = field(default_factory=lambda: {"type": "string"})
    place: Literal["query", "path", "header"] = "query"
    required: bool = False
    repeated: bool = False
    open_ended: bool = False

    def takes(self, name: str) -> bool:
        """Return whether a name of a query is this parameter's."""
        return name.startswith(self.name) if self.open_ended else name == self.name


def path_id(of: str) -> Parameter:
    """Return the parameter for an id in the path."""
    return Parameter("id", f"Id of the {of}, without `{of}/`.", place="path", required=True)


def one_of(name: str, description: str, words: tuple[str, ...]) -> Parameter:
    """Return a parameter that may be given several times, each time with one of these words."""
    return Parameter(name, description, {"type": "string", "enum": list(words)}, repeated=True)


def paging(by_default: int) -> tuple[Parameter, ...]:
    """Return the parameters of a list. by_default: how many items a page has, where nobody says so."""
    length = {"type": "integer", "minimum": 1, "maximum": LIMIT_AT_MOST, "default": by_default}
    return (Parameter("limit", "How many items the page may have.", length), CURSOR)


CURSOR: Final = Parameter("cursor", "`next` of the page before.")
PAGING: Final = paging(LIMIT)
LONG_PAGING: Final = paging(LIMIT_AT_MOST)
"""Of lists that were whole once: a page has as much as it may."""

FORMAT: Final = Parameter(
    "format", "Without it `Accept` decides.", {"type": "string", "enum": list(FORMATS), "default": "json"}
)

_TIME_FORMS: Final = "ISO 8601 with zone, or `now`, or `now-6h`"


def time_parameter(name: str, description: str) -> Parameter:
    """Return a parameter that is a time."""
    return Parameter(name, f"{description} ({_TIME_FORMS})")


class Download(BaseModel):
    """An answer that is a file. media: its type."""

    name: str
    media: str
    content: bytes


Answering = Callable[[web.Request], Awaitable[BaseModel]]


@dataclass(frozen=True, slots=True)
class Endpoint:
    """One method of one path.

    handler: returns an instance of `answer`. body: what a POST takes, as JSON. conflict: when it is answered 409.
    guarded: it takes If-Match and Idempotency-Key. right: what whoever calls has to have. compressed: sent so to those
    who take it: pages ask for it over slow lines. media: what types a Download may be of. begins:
    something that goes on: it is answered 202, and Location is where to ask for it, by the `id` of the answer.
    version: gives all that an answer at an address hangs on, without making it: who knows it already is told so at
    once. Raises as `handler` for what the caller may not see. hangs_on: the same of what changes often: its tag is
    still what it says, and is remembered.
    """

    method: Literal["GET", "POST"]
    path: str
    summary: str
    handler: Answering
    answer: type[BaseModel]
    parameters: tuple[Parameter, ...] = ()
    body: type[BaseModel] | None = None
    conflict: str | None = None
    guarded: bool = False
    right: Right = "see"
    compressed: bool = False
    media: tuple[str, ...] = ()
    begins: bool = False
    version: Callable[[web.Request], Awaitable[str]] | None = None
    hangs_on: HangsOn | None = None

    @property
    def is_tabular(self) -> bool:
        """Return whether the answer may also be had as CSV."""
        return issubclass(self.answer, Tabular)

    @property
    def all_parameters(self) -> tuple[Parameter, ...]:
        """Return the parameters, with `format` where there is a choice."""
        return (*self.parameters, FORMAT) if self.is_tabular else self.parameters

    def taking(self, right: Right) -> Endpoint:
        """Return the same endpoint for those who have a right."""
        return replace(self, right=right)

    @property
    def noun(self) -> str:
        """Return the first word of the path."""
        return self.path.split("/")[1]

    def route(self) -> Route:
        """Return the route. Raises ValueError where it changes something and takes no right for it."""
        return Route(self.method, ROOT + self.path, self._answer(), self.right)

    def _answer(self) -> Handler:
        freshness = None if self.hangs_on is None else Freshness(self.hangs_on)

        async def answer(request: web.Request) -> web.StreamResponse:
            self._check(request)
            as_csv = self.is_tabular and wants_csv(request)
            known_as = (
                None if self.version is None else tag_of(f"{_RUN} {await self.version(request)} {as_csv}".encode())
            )
            asked = None if freshness is None else await freshness.asked(request, str(as_csv))
            before = known_as if freshness is None or asked is None else freshness.tag(asked)
            if before is not None and _is_known(request, before):
                return _unchanged(before)
            found = await self.handler(request)
            response = await _written(request, found, as_csv=as_csv)
            if self.begins:
                response.set_status(202)
                response.headers["Location"] = f"{ROOT}{self.path}/{vars(found)['id']}"
            if self.is_tabular:
                response.headers["Vary"] = "Accept"
            if self.method == "GET":
                told = tag(request, response, known_as)
                if freshness is not None and asked is not None:
                    freshness.keep(asked, found, told)
            if self.compressed and response.status == 200:
                response.headers["Vary"] = "Accept, Accept-Encoding" if self.is_tabular else "Accept-Encoding"
                response.enable_compression()
            return response

        return answer

    def _check(self, request: web.Request) -> None:
        known = [parameter for parameter in self.all_parameters if parameter.place == "query"]
        for name in request.query:
            if not any(parameter.takes(name) for parameter in known):
                names = [parameter.name for parameter in known]
                listed = f"; known here: {', '.join(names)}" if names else "; none is known here"
                raise bad_request(f"/query/{name[:60]}", f"unknown parameter{did_you_mean(name[:60], names)}{listed}")


async def _written(request: web.Request, found: BaseModel, *, as_csv: bool) -> web.Response:
    if as_csv and isinstance(found, Tabular):
        return await _as_csv(request, found)
    if isinstance(found, Download):
        response = web.Response(body=found.content, content_type=found.media)
        response.headers["Content-Disposition"] = content_disposition_header("attachment", filename=found.name)
        return response
    body = found.model_dump_json(by_alias=True).encode()
    return web.Response(body=body, content_type="application/json", charset="utf-8")


async def _as_csv(request: web.Request, found: Tabular) -> web.Response:
    # Up to 100,000 rows: half a second in which the event loop has other things to do.
    body = (await asyncio.to_thread(lambda: written(found.table()))).encode()
    response = web.Response(body=body, content_type="text/csv", charset="utf-8")
    if (more := found.more()) is not None:
        response.headers["Link"] = f'<{request.rel_url.update_query(cursor=more)}>; rel="next"'
    return response


def tag(request: web.Request, response: web.Response, known_as: str | None = None) -> str:
    """Let who asks again be told that nothing changed; return the tag.

    known_as: the tag; of what the answer says where it is None.
    """
    known_as = tag_of(response.body if isinstance(response.body, bytes) else b"") if known_as is None else known_as
    _mark(response, known_as)
    if _is_known(request, known_as):
        response.set_status(304)
        response.body = None
    return known_as


def _is_known(request: web.Request, known_as: str) -> bool:
    return any(known.value in (known_as, "*") for known in request.if_none_match or ())


def _unchanged(known_as: str) -> web.Response:
    response = web.Response(status=304)
    _mark(response, known_as)
    return response


def _mark(response: web.Response, known_as: str) -> None:
    response.headers["Cache-Control"] = "private, no-cache"
    response.etag = ETag(known_as)


def tag_of(body: bytes) -> str:
    """Return the ETag of an answer."""
    return hashlib.sha256(body).hexdigest()[:32]
