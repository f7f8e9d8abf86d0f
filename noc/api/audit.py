"""The audit: who did what. To look at it is a record too."""

from __future__ import annotations

from aiohttp import web

from noc.api import _query as query
from noc.api._body import body
from noc.api._csv import Table, Tabular
from noc.api._endpoint import PAGING, Endpoint, Parameter, time_parameter
from noc.api._shapes import Moment, Shape
from noc.api.accounts import Nothing
from noc.availability.times import format_time
from noc.http.acting import acting, for_all_regions
from noc.http.sources import Sources
from noc.state import auditlog
from noc.state.auditlog import Record


class AuditItem(Shape):
    """Something that somebody did."""

    seq: int
    """Its number in the chain, from 1."""
    at: Moment
    who: str
    role: str | None
    way: str
    """session, bearer, source; command: on the machine; link, mail: by an answer to a message."""
    what: str
    came: int | None
    """The HTTP status of what came of it; null where there is none."""
    address: str | None
    detail: dict[str, str | int | None]
    hash: str
    """SHA-256, hexadecimal, over the hash of the record before and the record."""


class AuditListing(Tabular):
    """Records, the newest first."""

    items: list[AuditItem]
    next: str | None
    """Give it as `cursor` for the next page; null: this was the last."""

    def table(self) -> Table:
        """Return a row for each record."""
        rows = [
            (
                one.seq,
                format_time(one.at),
                one.who,
                one.role,
                one.way,
                one.what,
                one.came,
                one.address,
                "; ".join(f"{key}={value}" for key, value in one.detail.items()),
            )
            for one in self.items
        ]
        return Table(("seq", "at", "who", "role", "way", "what", "came", "address", "detail"), rows)

    def more(self) -> str | None:
        """Return the cursor of the next page."""
        return self.next


class AuditVerified(Shape):
    """Whether the chain holds."""

    records: int
    """That hold, from the first."""
    pruned: int = 0
    """That were taken out before them for their age, as a record of the chain says."""
    hash: str
    """Of the last of them."""
    broken: int | None
    """The number of the first that doesn't; null: all do."""
    reason: str | None


FILTERS = (
    Parameter("who", "Only what this person did."),
    Parameter("text", "Only what has this in it."),
    time_parameter("from", "Only since then."),
    time_parameter("to", "Only before."),
    *PAGING,
)


def endpoints(sources: Sources) -> list[Endpoint]:
    """Return the endpoints of the audit."""

    async def listed(request: web.Request) -> AuditListing:
        for_all_regions(request)
        await sources.access.looks.note(acting(request), "the audit")
        limit = query.limit(request)
        async with sources.database.read() as connection:
            found = await auditlog.page(
                connection,
                who=query.text(request, "who"),
                text=query.text(request, "text") or "",
                from_ms=query.time(request, "from", sources.clock),
                to_ms=query.time(request, "to", sources.clock),
                before=query.number_cursor(request),
                limit=limit + 1,
            )
        more = query.next_cursor(found[limit - 1].seq) if len(found) > limit else None
        return AuditListing(items=[_item(one) for one in found[:limit]], next=more)

    async def verify(request: web.Request) -> AuditVerified:
        for_all_regions(request)
        await body(request, Nothing)
        async with sources.database.read() as connection:
            found = await auditlog.verify(connection)
        broken, reason = found.broken or (None, None)
        return AuditVerified(
            records=found.records, hash=found.last_hash.hex(), broken=broken, reason=reason, pruned=found.pruned
        )

    said = "Recompute the chain."
    return [
        Endpoint("GET", "/audit", "Records, the newest first.", listed, AuditListing, FILTERS, right="administer"),
        Endpoint("POST", "/audit/verify", said, verify, AuditVerified, (), Nothing, right="administer"),
    ]


def _item(one: Record) -> AuditItem:
    done = one.done
    return AuditItem(
        seq=one.seq,
        at=done.at_ms,
        who=done.who,
        role=done.role or None,
        way=done.way,
        what=done.what,
        came=done.came or None,
        address=done.address or None,
        detail=dict(done.detail),
        hash=one.hash.hex(),
    )
