"""The ledger: the records that availability comes from, as they are chained."""

from __future__ import annotations

import json
from collections.abc import Callable

from aiohttp import web
from pydantic import JsonValue

from noc.api import _named as named
from noc.api import _places as places
from noc.api import _query as query
from noc.api._endpoint import PAGING, Endpoint, time_parameter
from noc.api._filters import Field as By
from noc.api._filters import Filters
from noc.api._pages import scanned_page
from noc.api._shapes import Listing, Moment, Shape
from noc.http.scope import scope
from noc.http.sources import Sources
from noc.state import ledgerpages
from noc.state.ledger import Record


class LedgerItem(Shape):
    """A record of the ledger."""

    seq: int
    """Its number in the chain, from 1."""
    entity: str
    kind: str
    since: Moment
    """Since when it holds, dated back."""
    record: dict[str, JsonValue]
    """What the hash is made over, as canonical JSON: keys sorted, no blanks."""
    hash: str
    """SHA-256, hexadecimal, over the hash of the record before and the record."""


FILTERS = Filters(
    (
        places.ENTITY,
        *places.PLACES,
        By("kind", "the kind", "text"),
        By("since", "the time since when it holds", "time", of="since_ms"),
    )
)
PARAMETERS = (
    *FILTERS.parameters,
    time_parameter("from", "Only records that hold since then or later."),
    time_parameter("to", "Only records that hold since before then."),
    *PAGING,
)


def endpoints(sources: Sources) -> list[Endpoint]:
    """Return the endpoint of the ledger."""

    async def listed(request: web.Request) -> Listing[LedgerItem]:
        limit, inventory, seen = query.limit(request), sources.inventory(), scope(request)
        from_ms, to_ms = (query.time(request, name, sources.clock) for name in ("from", "to"))
        values = places.values(inventory, _entity_of)
        async with sources.database.read() as connection:
            entities = await named.entities(
                request, inventory, seen, lambda entity: ledgerpages.page(connection, entity=entity, limit=1)
            )
            fits: Callable[[Record], bool] = FILTERS.asked(
                request, sources.clock, values, places.known(inventory, seen)
            )
            one = entities[0] if len(entities) == 1 else None
            # A page of a narrow scope may be short, or empty, and still have a next one.
            found, after = await scanned_page(
                lambda place, at_once: ledgerpages.page(
                    connection, after=place or 0, limit=at_once, entity=one, from_ms=from_ms, to_ms=to_ms
                ),
                _seq_of,
                lambda record: seen.sees(inventory, record.entity) and fits(record),
                query.number_cursor(request),
                limit,
            )
        more = None if after is None else query.next_cursor(after)
        return Listing[LedgerItem](items=[_item(record) for record in found], next=more)

    return [Endpoint("GET", "/ledger", "Records, in the order of the chain.", listed, Listing[LedgerItem], PARAMETERS)]


def _entity_of(record: Record) -> str:
    return record.entity


def _seq_of(record: Record) -> int:
    return record.seq


def _item(record: Record) -> LedgerItem:
    return LedgerItem(
        seq=record.seq,
        entity=record.entity,
        kind=record.kind,
        since=record.since_ms,
        record=json.loads(record.body),
        hash=record.hash.hex(),
    )
