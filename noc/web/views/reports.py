"""Reports: those that were issued, the form to issue one, and the files of one in six languages."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from aiohttp import web
from aiohttp.helpers import content_disposition_header

from noc.availability.periods import FORMS, before, holding
from noc.http.problems import ProblemError, not_found
from noc.http.scope import Scope, scope
from noc.http.sources import Reports
from noc.i18n.language import NATIVE, language
from noc.inventory.inventory import Inventory
from noc.model.errors import NocError, UsageError
from noc.reports.frame.asked import EVERYTHING, Asked
from noc.reports.frame.document import Document, Section
from noc.reports.frame.registry import names, report
from noc.reports.render.cells import shown
from noc.reports.render.files import FORMATS, TYPES
from noc.settings.schema import known_zone
from noc.state import reports
from noc.state.reports import Issued
from noc.web.pages import WebPages, spoken_of
from noc.web.paging import chosen, page_of

SHOWN_AT_MOST: Final = 2_000
AT_ONCE_S: Final = 1.5
"""So long an answer may wait for a report."""

FIELDS: Final = {"report": 60, "period": 90, "of": 200, "by": 20, "zone": 64}
_NUMBER: Final = re.compile(r"[0-9]{1,15}\Z")


@dataclass(frozen=True, slots=True)
class Row:
    """An issue, and what it was asked for."""

    issued: Issued
    asked: Asked


async def show(pages: WebPages, request: web.Request) -> web.Response:
    """Answer with the list and the form."""
    running = holding("month", pages.sources.clock.now(), "UTC")
    given = {"report": "availability", "period": before(running).text, "of": EVERYTHING, "by": "", "zone": "UTC"}
    return await _page(pages, request, given)


async def issue(pages: WebPages, request: web.Request) -> web.StreamResponse:
    """Make a report; what can't be made is said beside the form."""
    form = await request.post()
    given = {name: str(form.get(name, "")).strip()[:at_most] for name, at_most in FIELDS.items()}
    desk = _desk(pages)
    try:
        asked = _asked(given, pages.sources.inventory(), scope(request))
    except UsageError as error:
        return await _page(pages, request, given, wrong=str(error), status=400)
    begun = desk.begin(asked)
    # Most are made at once, and what can't be made is told at once: nobody needs a page of progress for that.
    found = await desk.ended(begun.id, AT_ONCE_S) or begun
    if found.state == "failed":
        return await _page(pages, request, given, wrong=found.said, status=400)
    raise web.HTTPSeeOther(f"/reports/{found.issue}" if found.issue is not None else f"/report-runs/{found.id}")


async def run(pages: WebPages, request: web.Request) -> web.StreamResponse:
    """Answer with how far a report is; with the report itself, once it is made."""
    number = request.match_info["number"]
    found = _desk(pages).run(int(number)) if _NUMBER.match(number) else None
    if found is None or not _may_see(found.asked, pages.sources.inventory(), scope(request)):
        raise not_found(f"report run {number[:20]}; those of the last hours are kept, until noc is started again")
    if found.issue is not None:
        made = f"/reports/{found.issue}"
        if "HX-Request" in request.headers:  # the page asks by itself: it is to go there, and not to show it in itself
            return web.Response(status=204, headers={"HX-Redirect": made})
        raise web.HTTPSeeOther(made)
    return pages.show(request, "reportrun.html", run=found)


async def one(pages: WebPages, request: web.Request) -> web.Response:
    """Answer with the page of an issue: its first page in words, and its files."""
    row = await _found(pages, request)
    try:
        kept, answer = await _desk(pages).get(row.issued.id)
    except UsageError as error:
        return pages.show(request, "report.html", row=row, broken=str(error), document=None, http_status=500)
    spoken = language(spoken_of(request))
    document = report(row.issued.name).document(answer, kept, spoken)
    return pages.show(
        request,
        "report.html",
        row=row,
        broken="",
        document=_first_page(document),
        written=lambda fact: shown(fact.value, fact.kind, spoken, document.zone),
        formats=FORMATS,
    )


async def file(pages: WebPages, request: web.Request) -> web.Response:
    """Answer with a file of an issue."""
    row = await _found(pages, request)
    form = next(one for one in FORMATS if one == chosen(request, "format", FORMATS, "html"))
    tag = chosen(request, "lang", list(NATIVE), "en")
    try:
        name, content = await _desk(pages).file(row.issued.id, form, tag)
    except NocError as error:
        raise ProblemError(503, str(error)) from error
    # Kept as a file: the content policy of the pages allows no style inside a page, which a report has.
    disposition = content_disposition_header("attachment", filename=name)
    return web.Response(body=content, content_type=TYPES[form], headers={"Content-Disposition": disposition})


async def _page(
    pages: WebPages, request: web.Request, given: Mapping[str, str], *, wrong: str = "", status: int = 200
) -> web.Response:
    inventory, seen = pages.sources.inventory(), scope(request)
    name = chosen(request, "report", names())
    async with pages.sources.database.read() as connection:
        found = await reports.page(connection, name=name or None, limit=SHOWN_AT_MOST)
    rows = [row for row in map(_row, found) if _may_see(row.asked, inventory, seen)]
    return pages.show(
        request,
        "reports.html",
        page=page_of(rows, request, per_page=50),
        name=name,
        kinds=[(one, report(one).PURPOSE, report(one).BY) for one in names()],
        given=given,
        wrong_form=wrong,
        forms=FORMS,
        http_status=status,
    )


def _asked(given: Mapping[str, str], inventory: Inventory, seen: Scope) -> Asked:
    """Return what a form asks for. Raises UsageError."""
    name, zone, of = given["report"], given["zone"] or "UTC", given["of"] or EVERYTHING
    if name not in names():
        raise UsageError(f"there is no report '{name}'")
    if not known_zone(zone):
        raise UsageError(f"'{zone}' is no time zone; write one such as Africa/Nairobi")
    rows = report(name).BY
    by = next((one for one in rows if one == given["by"]), rows[0] if rows else "network")
    asked = Asked(report=name, period=given["period"], zone=zone, by=by, of=of)
    if not _may_see(asked, inventory, seen):
        raise UsageError(f"the inventory has no '{of}' that you may see")
    return asked


def _first_page(document: Document) -> list[Section]:
    """Return the sections that page one of the report holds."""
    first: list[Section] = []
    for section in document.sections:
        if section.begins_page:
            break
        first.append(section)
    return first


async def _found(pages: WebPages, request: web.Request) -> Row:
    number = request.match_info["number"]
    if not _NUMBER.match(number):
        raise not_found(f"report {number[:60]}")
    async with pages.sources.database.read() as connection:
        issued = await reports.get(connection, int(number))
    row = None if issued is None else _row(issued)
    if row is None or not _may_see(row.asked, pages.sources.inventory(), scope(request)):
        raise not_found(f"report {number}")
    return row


def _row(issued: Issued) -> Row:
    return Row(issued, Asked.model_validate_json(issued.asked))


def _may_see(asked: Asked, inventory: Inventory, seen: Scope) -> bool:
    return seen.everything if asked.of == EVERYTHING else seen.sees(inventory, asked.of)


def _desk(pages: WebPages) -> Reports:
    if pages.sources.reports is None:
        raise ProblemError(503, "nobody makes reports here")
    return pages.sources.reports
