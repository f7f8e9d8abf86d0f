"""The search over everything that has a name, an address or a number."""

from __future__ import annotations

from aiohttp import web

from noc.api import _query as query
from noc.api._endpoint import Endpoint, Parameter
from noc.api._shapes import Shape
from noc.http.problems import bad_request
from noc.http.scope import scope
from noc.http.searchindex import KINDS, TEXT_AT_MOST, Field, Hit, Kind
from noc.http.sources import Sources

AT_MOST = 50
LIMIT = 10


class SearchItem(Shape):
    """One thing, and by what it was found."""

    kind: Kind
    id: str
    """Its id; of an interface `<device>/<name>`, of incidents and reports the number."""
    name: str
    entity: str
    """The entity; of an interface its device's. Empty where it is none."""
    field: Field
    """Which of its values was found."""
    value: str


class SearchAnswer(Shape):
    """What was found: the best of each kind first."""

    items: list[SearchItem]
    more: bool
    """There is more than is listed; write more of what you look for."""


Q = Parameter(
    "q",
    "Any part of a name, id, address, serial number, MAC address, description of an interface, provider or its "
    "reference; a prefix such as 10.1.0.0/16; `#17` is incident 17. Of several words each has to stand in some value, "
    "or to be of the name of a device's site, or of its class, in English: `geneva router`.",
    {"type": "string", "minLength": 1, "maxLength": TEXT_AT_MOST},
    required=True,
)
EACH = Parameter("limit", "How many a kind.", {"type": "integer", "minimum": 1, "maximum": AT_MOST, "default": LIMIT})


def endpoints(sources: Sources) -> list[Endpoint]:
    """Return the endpoint of the search."""

    async def found(request: web.Request) -> SearchAnswer:
        text = query.text(request, "q")
        if text is None or not text.strip() or len(text) > TEXT_AT_MOST:
            raise bad_request("/query/q", f"must have 1 to {TEXT_AT_MOST} characters")
        at_most = request.query.get("limit", str(LIMIT))
        if not (at_most.isascii() and at_most.isdigit() and 1 <= int(at_most[:9]) <= AT_MOST):
            raise bad_request("/query/limit", f"must be a whole number from 1 to {AT_MOST}")
        answer = await sources.search.find(sources, text, scope(request), int(at_most))
        items = [_item(hit) for kind in KINDS for hit in answer.hits.get(kind, ())]
        return SearchAnswer(items=items, more=answer.is_more)

    return [Endpoint("GET", "/search", "Everything that is called so, by kinds.", found, SearchAnswer, (Q, EACH))]


def _item(hit: Hit) -> SearchItem:
    thing = hit.thing
    return SearchItem(
        kind=thing.kind, id=thing.key, name=thing.name, entity=thing.entity, field=hit.field, value=hit.value
    )
