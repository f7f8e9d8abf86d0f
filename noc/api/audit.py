"""The audit: who did what. To look at it is a record too."""

from __future__ import annotations

from collections.abc import Callable
from operator import attrgetter

from aiohttp import web

from noc.api import _query as query
from noc.api._body import body
from noc.api._csv import Table, Tabular
from noc.api._endpoint import PAGING, Endpoint, Parameter, time_parameter
from noc.api._filters import Field as By
from noc.api._filters import Filters
from noc.api._pages import scanned_page
from noc.api._shapes import Moment, Shape
from noc.api.accounts import Nothing
from noc.availability.times import format_time
from noc.http.acting import acting, for_all_regions
from noc.http.sources import Sources
from noc.model.account import ROLES
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


BY = Filters(
    (
        By("who", "the one who did it", "text"),
        By("role", "the role", "word", ROLES),
        By("way", "the way (session, bearer, source, command, link, mail)", "text"),
        By("what", "the deed", "text"),
        By("came", "the HTTP status of what came of it", "number"),
        By("address", "the address that it came from", "text"),
        By("at", "the time", "time"),
    )
)
FILTERS = (
    *BY.parameters,
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
        text, names = query.text(request, "text") or "", request.query.getall("who", [])
        from_ms, to_ms = (query.time(request, name, sources.clock) for name in ("from", "to"))
        fits: Callable[[AuditItem], bool] = BY.asked(request, sources.clock, {}, {})
        who = names[0] if len(names) == 1 else None
        async with sources.database.read() as connection:

            async def read(place: int | None, at_once: int) -> list[AuditItem]:
                found = await auditlog.page(
                    connection, who=who, text=text, from_ms=from_ms, to_ms=to_ms, before=place, limit=at_once
                )
                return [_item(one) for one in found]

            before, limit = query.number_cursor(request), query.limit(request)
            found, after = await scanned_page(read, attrgetter("seq"), fits, before, limit)
        return AuditListing(items=found, next=None if after is None else query.next_cursor(after))

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
