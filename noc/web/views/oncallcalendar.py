"""Shifts for calendar programs, at addresses that are signed: who has one may read it, without a log-in."""

from __future__ import annotations

from typing import Final

from aiohttp import web

from alerts.calendarlinks import PREFIX, WHOSE
from alerts.oncallcalendar import calendar_of
from alerts.oncallnow import known
from alerts.oncalltargets import Directory
from noc.http.login import Failures
from noc.http.problems import ProblemError, not_found
from noc.http.rights import Route
from noc.model.instants import to_ms
from noc.web.pages import WebPages

TOO_MANY: Final = 429
NOTHING: Final = "calendar at this address; the page of who is on call has those that there are"


class CalendarPages:
    """Gives calendars. An address that tries wrong marks again and again waits."""

    def __init__(self, pages: WebPages) -> None:
        self._sources = pages.sources
        self._failures = Failures(pages.sources.clock)

    def routes(self) -> list[Route]:
        """Return their route."""
        return [Route("GET", f"{PREFIX}{{whose}}/{{name}}/{{mark}}.ics", self.show, None)]

    async def show(self, request: web.Request) -> web.StreamResponse:
        """Answer with the shifts of a schedule, or of a person."""
        remote, links = request.remote or "", self._sources.calendar_links
        wait_s = self._failures.wait_s(remote)
        if wait_s:
            raise ProblemError(
                TOO_MANY, "too many wrong addresses", headers={"Retry-After": str(max(1, round(wait_s)))}
            )
        name, mark = request.match_info["name"], request.match_info["mark"]
        whose = next((one for one in WHOSE if one == request.match_info["whose"]), None)
        if links is None or whose is None or not links.is_good(whose, name, mark):
            self._failures.count(remote)
            raise not_found(NOTHING)
        settings, now_ms = self._sources.people(), to_ms(self._sources.clock.now())
        if name not in (settings.people if whose == "person" else settings.schedules):
            raise not_found(NOTHING)
        async with self._sources.database.read() as connection:
            directory = await known(connection, Directory.of(settings), now_ms)
        schedule, person = (name, None) if whose == "schedule" else (None, name)
        return web.Response(text=calendar_of(directory, schedule, person, now_ms), content_type="text/calendar")
