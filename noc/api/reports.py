"""Reports: those that were issued, what to issue, and their files in six languages."""

from __future__ import annotations

from collections.abc import Callable
from operator import attrgetter
from typing import Final

from aiohttp import web
from pydantic import Field

from noc.api import _query as query
from noc.api._body import body
from noc.api._endpoint import PAGING, Download, Endpoint, Parameter
from noc.api._filters import Field as Column
from noc.api._filters import Filters
from noc.api._pages import scanned_page
from noc.api._shapes import Listing, Moment, Shape
from noc.http.problems import ProblemError, bad_request, not_found
from noc.http.scope import Scope, scope
from noc.http.sources import Reports, Sources
from noc.i18n.language import LOCALES
from noc.inventory.inventory import Inventory
from noc.model.errors import NocError, UsageError
from noc.model.finding import did_you_mean
from noc.reports.frame.asked import EVERYTHING, Asked, By
from noc.reports.frame.registry import names, report
from noc.reports.render.files import FORMATS, TYPES
from noc.settings.schema import known_zone
from noc.state import reports
from noc.state.reports import Issued


class ReportItem(Shape):
    """A report that was issued."""

    id: int
    report: str
    """Its name, such as availability."""
    period: str
    zone: str
    """The time zone where its months begin at midnight."""
    by: str
    """What its rows are."""
    of: str
    """Of whom it tells; network: of all."""
    number: int
    """Of the issues of the same thing, from 1."""
    issued: Moment
    record: int
    """It tells what the ledger knew at this record."""
    hash: str
    """Of that record, hexadecimal: of the chain so far."""
    seal: str
    """SHA-256, hexadecimal, of its answer, which is the file of format json."""


class ReportRequest(Shape):
    """What to report. All but the name and the period may be left out."""

    report: str
    period: str
    """2026-10, 2026-Q4, 2026, 2026-2027, 30d, or two times of ISO 8601 with a slash between."""
    zone: str = "UTC"
    by: By | None = None
    """What its rows are; null: what the report has by default."""
    of: str = EVERYTHING
    """Of whom: network, region/…, site/…, device/…."""
    known: int | None = Field(default=None, ge=1, lt=10**15)
    """As known at this record of the ledger; null: the last."""


ID: Final = Parameter("id", "Number of the report.", {"type": "integer", "minimum": 1}, place="path", required=True)
FILTERS: Final = Filters(
    (
        Column("report", "the name", "word", tuple(names())),
        Column("period", "the period", "text"),
        Column("by", "what its rows are", "text"),
        Column("of", "what it tells of", "text"),
        Column("issued", "the time when it was issued", "time"),
    )
)
FORMAT: Final = Parameter("format", "What it is to be.", {"type": "string", "enum": list(FORMATS), "default": "html"})
LANG: Final = Parameter("lang", "Its language.", {"type": "string", "enum": list(LOCALES), "default": "en"})


def endpoints(sources: Sources) -> list[Endpoint]:
    """Return the endpoints of reports."""

    async def listed(request: web.Request) -> Listing[ReportItem]:
        return await _listed(sources, request)

    async def one(request: web.Request) -> ReportItem:
        return _item(await _found(sources, request, _number(request)))

    async def issue(request: web.Request) -> ReportItem:
        asked = asked_for(await body(request, ReportRequest))
        if not may_see(asked, sources.inventory(), scope(request)):
            raise ProblemError(403, "reports of the whole network are for those who may see all regions")
        try:
            made = await desk_of(sources).issue(asked)
        except UsageError as error:
            raise bad_request("/body", str(error)) from error
        return _item(await _found(sources, request, made.id))

    listing, more = Listing[ReportItem], (*FILTERS.parameters, *PAGING)
    return [
        Endpoint("GET", "/reports", "Reports that were issued, the newest first.", listed, listing, more),
        Endpoint(
            "POST",
            "/reports",
            "Make a report, and keep it with its seal.",
            issue,
            ReportItem,
            (),
            ReportRequest,
            right="ask",
        ),
        Endpoint("GET", "/reports/{id}", "One of them.", one, ReportItem, (ID,)),
        _file(sources),
    ]


def _file(sources: Sources) -> Endpoint:
    async def version(request: web.Request) -> str:
        # A file of an issue is the same for ever; making it takes a process and seconds.
        return f"{(await _found(sources, request, _number(request))).digest} {request.query_string}"

    async def file(request: web.Request) -> Download:
        number = (await _found(sources, request, _number(request))).id
        form, tag = query.word(request, "format", FORMATS), query.word(request, "lang", tuple(LOCALES))
        try:
            name, content = await desk_of(sources).file(number, form, tag)
        except NocError as error:
            raise ProblemError(503, str(error)) from error
        return Download(name=name, media=TYPES[form], content=content)

    given, media = (ID, FORMAT, LANG), (*TYPES.values(),)
    return Endpoint("GET", "/reports/{id}/file", "A file of it.", file, Download, given, media=media, version=version)


def desk_of(sources: Sources) -> Reports:
    """Return who makes reports. Raises ProblemError (503) where nobody does."""
    if sources.reports is None:
        raise ProblemError(503, "nobody makes reports here")
    return sources.reports


def asked_for(said: ReportRequest) -> Asked:
    """Return what a body asks for. Raises ProblemError (400)."""
    known = names()
    if said.report not in known:
        raise bad_request(
            "/body/report", f"there is no report '{said.report[:60]}'{did_you_mean(said.report[:60], known)}"
        )
    if not known_zone(said.zone):
        raise bad_request("/body/zone", f"'{said.zone[:60]}' is no time zone; write one such as Africa/Nairobi")
    made = report(said.report)
    by = said.by or (made.BY[0] if made.BY else "network")
    return Asked(report=said.report, period=said.period, zone=said.zone, by=by, of=said.of, known=said.known)


def may_see(asked: Asked, inventory: Inventory, seen: Scope) -> bool:
    """Return whether a caller may see a report: that of the network is for those who see all."""
    return seen.everything if asked.of == EVERYTHING else seen.sees(inventory, asked.of)


def _item(issued: Issued) -> ReportItem:
    asked = Asked.model_validate_json(issued.asked)
    return ReportItem(
        id=issued.id,
        report=issued.name,
        period=asked.period,
        zone=asked.zone,
        by=asked.by,
        of=asked.of,
        number=issued.number,
        issued=issued.issued_ms,
        record=issued.seq,
        hash=issued.hash.hex(),
        seal=issued.digest,
    )


async def _listed(sources: Sources, request: web.Request) -> Listing[ReportItem]:
    inventory, seen = sources.inventory(), scope(request)
    fits: Callable[[ReportItem], bool] = FILTERS.asked(request, sources.clock, {}, {})

    def wanted(row: Issued) -> bool:
        return may_see(Asked.model_validate_json(row.asked), inventory, seen) and fits(_item(row))

    async with sources.database.read() as connection:
        found, after = await scanned_page(
            lambda place, at_once: reports.page(connection, before=place, limit=at_once),
            attrgetter("id"),
            wanted,
            query.number_cursor(request),
            query.limit(request),
        )
    more = None if after is None else query.next_cursor(after)
    return Listing[ReportItem](items=[_item(row) for row in found], next=more)


async def _found(sources: Sources, request: web.Request, number: int) -> Issued:
    async with sources.database.read() as connection:
        issued = await reports.get(connection, number)
    if issued is None or not may_see(Asked.model_validate_json(issued.asked), sources.inventory(), scope(request)):
        raise not_found(f"report {number}")
    return issued


def _number(request: web.Request) -> int:
    given = request.match_info["id"]
    if not given.isascii() or not given.isdigit() or len(given) > 15:
        raise not_found(f"report {given[:60]}")
    return int(given)
