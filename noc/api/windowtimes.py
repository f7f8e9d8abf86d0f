"""When planned work is: the times of windows in a stretch of time, and how each stands. Calendars are made of it."""

from __future__ import annotations

from typing import Final

from aiohttp import web

from noc.api import _named as named
from noc.api import _query as query
from noc.api._csv import Table, Tabular
from noc.api._endpoint import Endpoint, Parameter, one_of, time_parameter
from noc.api._windowshapes import Times
from noc.availability.times import format_time
from noc.http.plannedwork import Wanted, work
from noc.http.problems import bad_request
from noc.http.scope import scope
from noc.http.sources import Sources
from noc.maintenance.standing import STANDINGS, PlannedTime, Standing

DAY_MS: Final = 86_400_000
BY_DEFAULT_MS: Final = 35 * DAY_MS
LONG_AT_MOST_MS: Final = 400 * DAY_MS

FILTERS: Final = (
    time_parameter("from", "Beginning; default now."),
    time_parameter("to", "End; default 35 days later; at most 400 days later."),
    Parameter("region", "Only those in this region, by its id."),
    Parameter("site", "Only those at this site, by its id; those of its whole region too."),
    Parameter("provider", "Only those of circuits of this provider."),
    one_of("state", "Only those that stand so.", STANDINGS),
)


class WindowTime(Times):
    """One time of a window."""

    window: int
    entity: str
    state: Standing
    """requested; approved: it is to come; running; overrun: it is over, and what went down in it still is; ended;
    lapsed: nobody decided before it was over; cancelled."""
    why: str
    down: list[str]
    """What went down in it and still is."""


class WindowTimes(Tabular):
    """The times in a stretch of time, the first first."""

    items: list[WindowTime]
    is_more: bool
    """There are more than these; ask for less time, or a region."""

    def table(self) -> Table:
        """Return a row for each time."""
        rows = [
            (
                one.window,
                one.entity,
                one.state,
                format_time(one.start),
                format_time(one.end),
                one.why,
                " ".join(one.down),
            )
            for one in self.items
        ]
        return Table(("window", "entity", "state", "from", "to", "why", "down"), rows)


def endpoints(sources: Sources) -> list[Endpoint]:
    """Return the endpoint of times."""

    async def listed(request: web.Request) -> WindowTimes:
        inventory, seen = sources.inventory(), scope(request)
        start_ms = query.time(request, "from", sources.clock)
        end_ms = query.time(request, "to", sources.clock)
        start_ms = query.now_ms(sources.clock) if start_ms is None else start_ms
        end_ms = start_ms + BY_DEFAULT_MS if end_ms is None else end_ms
        if not 0 < end_ms - start_ms <= LONG_AT_MOST_MS:
            raise bad_request("/query/to", "must be later than from, by 400 days at most")
        states = tuple(query.words(request, "state", STANDINGS)) if "state" in request.query else ()
        region, site = named.region(request, inventory, seen), named.site(request, inventory, seen)
        wanted = Wanted(region or "", site or "", query.text(request, "provider") or "", states)
        found = await work(sources, seen, (start_ms, end_ms), wanted)
        return WindowTimes(items=[_item(one) for one in found.times], is_more=found.is_more)

    said = "When planned work is, and how it stands."
    return [Endpoint("GET", "/windows/times", said, listed, WindowTimes, FILTERS)]


def _item(one: PlannedTime) -> WindowTime:
    return WindowTime(
        start=one.start_ms,
        end=one.end_ms,
        window=one.window.number,
        entity=one.window.entity,
        state=one.standing,
        why=one.window.request.why,
        down=list(one.down),
    )
