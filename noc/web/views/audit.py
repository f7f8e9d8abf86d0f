"""The audit: who did what and when, with filters in the address, as CSV, and whether somebody changed it."""

from __future__ import annotations

import asyncio
import csv
import io
from dataclasses import dataclass
from typing import Final
from urllib.parse import urlencode

from aiohttp import web

from noc.http.acting import acting, for_all_regions
from noc.http.problems import bad_request
from noc.i18n.language import Language, language
from noc.model.instants import from_ms
from noc.state import auditlog
from noc.state.auditlog import Record, Verified
from noc.web.auditwords import meant
from noc.web.pages import WebPages, spoken_of
from noc.web.zones import Times

PER_PAGE: Final = 100
ROWS_AT_MOST: Final = 50_000
"""Of a CSV file; the command line prints more."""

NAMES: Final = ("seq", "at", "who", "role", "way", "what", "came", "address", "detail")
_FORMULA: Final = ("=", "+", "-", "@", "\t", "\r")


@dataclass(frozen=True, slots=True)
class Wanted:
    """What an address asks for. begin, end: as they were written, from_ms and to_ms: what that means, in the zone that
    the address names; fields: both as a form has them, in that zone. before: only smaller numbers.
    """

    who: str
    text: str
    begin: str
    end: str
    before: int | None
    zone: str
    from_ms: int | None
    to_ms: int | None
    fields: tuple[str, str]

    def address(self, path: str = "/audit", before: int | None = None) -> str:
        """Return an address with the same filters. before: where another page begins."""
        given = {
            "who": self.who,
            "text": self.text,
            "from": self.begin,
            "to": self.end,
            "zone": self.zone,
            "before": before,
        }
        query = urlencode({key: value for key, value in given.items() if value})
        return f"{path}?{query}" if query else path

    @property
    def is_filtered(self) -> bool:
        """Return whether not all is asked for."""
        return bool(self.who or self.text or self.begin or self.end)


async def show(pages: WebPages, request: web.Request) -> web.Response:
    """Answer with a page of records, the newest first. To look here is a record too."""
    return await _page(pages, request)


async def verify(pages: WebPages, request: web.Request) -> web.Response:
    """Recompute the chain, and say whether it holds."""
    for_all_regions(request)
    async with pages.sources.database.read() as connection:
        found = await auditlog.verify(connection)
    return await _page(pages, request, found)


async def file(pages: WebPages, request: web.Request) -> web.Response:
    """Answer with what fits the filters, as CSV."""
    for_all_regions(request)
    await pages.sources.access.looks.note(acting(request), "the audit")
    rows = await _rows(pages, _wanted(pages, request), ROWS_AT_MOST, language(spoken_of(request)))
    body = await asyncio.to_thread(written, rows)
    response = web.Response(text=body, content_type="text/csv", charset="utf-8")
    response.headers["Content-Disposition"] = 'attachment; filename="audit.csv"'
    return response


def written(rows: list[Record]) -> str:
    """Return records as CSV (RFC 4180), in which no spreadsheet takes a cell for a formula."""
    out = io.StringIO()
    table = csv.writer(out, lineterminator="\r\n")
    table.writerow(NAMES)
    for row in rows:
        done = row.done
        detail = "; ".join(f"{key}={value}" for key, value in done.detail.items())
        at = from_ms(done.at_ms).isoformat(timespec="milliseconds").replace("+00:00", "Z")
        cells = (row.seq, at, done.who, done.role, done.way, done.what, done.came or "", done.address, detail)
        table.writerow([f"'{cell}" if str(cell).startswith(_FORMULA) else cell for cell in cells])
    return out.getvalue()


async def _page(pages: WebPages, request: web.Request, verified: Verified | None = None) -> web.Response:
    for_all_regions(request)
    await pages.sources.access.looks.note(acting(request), "the audit")
    wanted = _wanted(pages, request)
    rows = await _rows(pages, wanted, PER_PAGE + 1, language(spoken_of(request)))
    shown = rows[:PER_PAGE]
    return pages.show(
        request,
        "audit.html",
        rows=shown,
        wanted=wanted,
        older=wanted.address(before=shown[-1].seq) if len(rows) > PER_PAGE else None,
        newest=wanted.address() if wanted.before is not None else None,
        as_csv=wanted.address("/audit/file"),
        verified=verified,
    )


async def _rows(pages: WebPages, wanted: Wanted, limit: int, spoken: Language) -> list[Record]:
    async with pages.sources.database.read() as connection:
        return await auditlog.page(
            connection,
            who=wanted.who or None,
            text=wanted.text,
            like=meant(wanted.text, spoken),
            from_ms=wanted.from_ms,
            to_ms=wanted.to_ms,
            before=wanted.before,
            limit=limit,
        )


def _wanted(pages: WebPages, request: web.Request) -> Wanted:
    query, times = request.query, pages.times(request)
    who, text, begin, end = (query.get(name, "").strip()[:200] for name in ("who", "text", "from", "to"))
    before = query.get("before", "")
    if before and not (before.isascii() and before.isdigit() and len(before) <= 15):
        raise bad_request("/query/before", "must be a number from 1 on")
    from_ms, to_ms = _time("from", begin, times), _time("to", end, times)
    zone = times.asked or ("" if times.is_utc else times.name)
    fields = ("" if from_ms is None else times.field(from_ms), "" if to_ms is None else times.field(to_ms))
    return Wanted(who, text, begin, end, int(before) if before else None, zone, from_ms, to_ms, fields)


def _time(name: str, text: str, times: Times) -> int | None:
    """Return a time of an address; a field of a form says no offset, and is meant in the zone that the address names.

    Raises ProblemError (400).
    """
    try:
        return times.moment_ms(text) if text else None
    except ValueError as error:
        raise bad_request(f"/query/{name}", "is no time; write it as 2026-11-01T00:00Z") from error
