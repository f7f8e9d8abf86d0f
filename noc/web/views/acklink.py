"""The page behind a link that acknowledges: anybody who has the link may see it, a button does it.

Programs look at the links in mails before people do. They fetch pages and press no button; so fetching changes nothing.
"""

from __future__ import annotations

from typing import Final

from aiohttp import web

from alerts import linkpage
from alerts.answers import Answers, Shown
from noc.http.login import Failures
from noc.http.problems import ProblemError, not_found
from noc.web.pages import WebPages, spoken_of

TOO_MANY: Final = 429


class AckLinkPages:
    """Shows and takes links. An address that tries wrong ones again and again waits."""

    def __init__(self, pages: WebPages) -> None:
        self._pages = pages
        self._failures = Failures(pages.sources.clock)

    async def show(self, request: web.Request) -> web.StreamResponse:
        """Answer with what the link is about, and the button."""
        return self._answer(request, await self._asked(request).look(request.match_info["token"], spoken_of(request)))

    async def own(self, request: web.Request) -> web.StreamResponse:
        """Acknowledge, and say so."""
        return self._answer(request, await self._asked(request).own(request.match_info["token"], spoken_of(request)))

    def _asked(self, request: web.Request) -> Answers:
        answers = self._pages.sources.answers
        if answers is None:
            raise not_found("this page")
        wait_s = self._failures.wait_s(request.remote or "")
        if wait_s:
            said = linkpage.too_often(spoken_of(request)).lines[0]
            raise ProblemError(TOO_MANY, said, headers={"Retry-After": str(max(1, round(wait_s)))})
        return answers

    def _answer(self, request: web.Request, shown: Shown) -> web.Response:
        if shown.incident is None:
            self._failures.count(request.remote or "")
        page = shown.page
        return self._pages.show(
            request,
            "acklink.html",
            http_status=shown.http_status,
            tag=page.tag,
            page=page,
            incident=shown.incident,
        )
