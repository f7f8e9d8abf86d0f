"""The ledger: the records that availability comes from, as they are chained."""

from __future__ import annotations

import json

from aiohttp import web
from pydantic import JsonValue

from noc.api import _named as named
from noc.api import _query as query
from noc.api._endpoint import PAGING, Endpoint, Parameter, time_parameter
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


PARAMETERS = (
    Parameter("entity", "Only records of this entity: device/nbo-rtr-1."),
    time_parameter("from", "Only records that hold since then or later."),
    time_parameter("to", "Only records that hold since before then."),
    *PAGING,
)


def endpoints(sources: Sources) -> list[Endpoint]:
    """Return the endpoint of the ledger."""

    async def listed(request: web.Request) -> Listing[LedgerItem]:
        limit, inventory, seen = query.limit(request), sources.inventory(), scope(request)
        entity = named.entity(request, inventory, seen)
        async with sources.database.read() as connection:
            if entity is not None and not await named.is_or_was(
                inventory, seen, entity, lambda: ledgerpages.page(connection, entity=entity, limit=1)
            ):
                raise named.no_such_entity(inventory, seen, entity)
            found = await ledgerpages.page(
                connection,
                after=query.number_cursor(request) or 0,
                limit=limit + 1,
                entity=entity,
                from_ms=query.time(request, "from", sources.clock),
                to_ms=query.time(request, "to", sources.clock),
            )
        more = query.next_cursor(found[limit - 1].seq) if len(found) > limit else None
        # A page of a narrow scope may be short, or empty, and still have a next one.
        shown = [_item(record) for record in found[:limit] if seen.sees(inventory, record.entity)]
        return Listing[LedgerItem](items=shown, next=more)

    return [Endpoint("GET", "/ledger", "Records, in the order of the chain.", listed, Listing[LedgerItem], PARAMETERS)]


def _item(record: Record) -> LedgerItem:
    return LedgerItem(
        seq=record.seq,
        entity=record.entity,
        kind=record.kind,
        since=record.since_ms,
        record=json.loads(record.body),
        hash=record.hash.hex(),
    )
