"""Reports that are being made: begun here, and asked for until they are done; a report itself is under /reports."""

from __future__ import annotations

import re
from typing import Final

from aiohttp import web

from noc.api._body import body
from noc.api._endpoint import Endpoint
from noc.api._shapes import Moment, Shape
from noc.api.reports import ID, ReportRequest, asked_for, desk_of, may_see
from noc.http.problems import ProblemError, not_found
from noc.http.scope import scope
from noc.http.sources import Sources
from noc.reports.frame.run import ReportRun, RunState

_NUMBER: Final = re.compile(r"[0-9]{1,15}\Z")
BUSY: Final = "Too many are being made; ask again when one is done."


class ReportRunItem(Shape):
    """A report that is being made, or was."""

    id: int
    report: str
    period: str
    of: str
    state: RunState
    """waiting: another one is being made."""
    done: float
    """0 to 1."""
    begun: Moment
    issue: int | None
    """The number of the report, once it is done: /reports/{issue}."""
    said: str | None
    """Why it could not be made."""


def endpoints(sources: Sources) -> list[Endpoint]:
    """Return the endpoints of reports that are being made."""

    async def begin(request: web.Request) -> ReportRunItem:
        asked = asked_for(await body(request, ReportRequest))
        if not may_see(asked, sources.inventory(), scope(request)):
            raise ProblemError(403, "reports of the whole network are for those who may see all regions")
        return _item(desk_of(sources).begin(asked))

    async def one(request: web.Request) -> ReportRunItem:
        number = request.match_info["id"]
        found = desk_of(sources).run(int(number)) if _NUMBER.match(number) else None
        if found is None or not may_see(found.asked, sources.inventory(), scope(request)):
            raise not_found(f"report run {number[:20]}; the newest are kept, until noc is started again")
        return _item(found)

    beginning = "Begin to make a report. Ask for its number until it is done."
    return [
        Endpoint("POST", "/report-runs", beginning, begin, ReportRunItem, (), ReportRequest, BUSY, right="ask"),
        Endpoint("GET", "/report-runs/{id}", "How far one is, or which report it became.", one, ReportRunItem, (ID,)),
    ]


def _item(one: ReportRun) -> ReportRunItem:
    return ReportRunItem(
        id=one.id,
        report=one.asked.report,
        period=one.asked.period,
        of=one.asked.of,
        state=one.state,
        done=one.done,
        begun=one.begun_ms,
        issue=one.issue,
        said=one.said or None,
    )
