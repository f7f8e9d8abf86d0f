"""When planned work is: the times of windows in a stretch of time, and how each stands. Calendars are made of it."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache, partial
from operator import attrgetter
from typing import Final

from aiohttp import web

from noc.api import _named as named
from noc.api import _places as places
from noc.api import _query as query
from noc.api._csv import Table, Tabular
from noc.api._endpoint import LONG_PAGING, Endpoint, time_parameter
from noc.api._filters import Field as By
from noc.api._filters import Filters, Value
from noc.api._pages import keyed_page
from noc.api._query import LIMIT_AT_MOST
from noc.api._shapes import Listing
from noc.api._windowshapes import Times
from noc.availability.times import format_time
from noc.http.plannedwork import planned_times, provider_of, sites_of
from noc.http.problems import bad_request
from noc.http.scope import scope
from noc.http.sources import Sources
from noc.inventory.inventory import Inventory
from noc.maintenance.standing import STANDINGS, PlannedTime, Standing
from noc.state import windows

DAY_MS: Final = 86_400_000
BY_DEFAULT_MS: Final = 35 * DAY_MS
LONG_AT_MOST_MS: Final = 400 * DAY_MS

BETWEEN: Final = (
    time_parameter("from", "Beginning; default now."),
    time_parameter("to", "End; default 35 days later; at most 400 days later."),
)
FILTERS: Final = Filters(
    (
        By("state", "the state", "word", STANDINGS),
        places.ENTITY,
        By("site", "the site (or one that its whole region has), by its id,", "name"),
        places.REGION,
        By("provider", "the provider of the circuit", "text"),
        By("why", "what is to be done", "text"),
        By("down", "what went down in it and still is,", "text"),
    )
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


class WindowTimes(Listing[WindowTime], Tabular):
    """The times in a stretch of time, the first first."""

    is_more: bool
    """There are more than these: `next` says where they begin."""

    def more(self) -> str | None:
        """Return where the next page begins."""
        return self.next

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
        inventory, seen, limit = sources.inventory(), scope(request), query.limit(request, LIMIT_AT_MOST)
        after = query.cursor(request)
        start_ms = query.time(request, "from", sources.clock)
        end_ms = query.time(request, "to", sources.clock)
        start_ms = query.now_ms(sources.clock) if start_ms is None else start_ms
        end_ms = start_ms + BY_DEFAULT_MS if end_ms is None else end_ms
        if not 0 < end_ms - start_ms <= LONG_AT_MOST_MS:
            raise bad_request("/query/to", "must be later than from, by 400 days at most")
        async with sources.database.read() as connection:
            await named.entities(
                request, inventory, seen, lambda entity: windows.page(connection, entity=entity, limit=1)
            )
        wanted = FILTERS.asked(request, sources.clock, _values(inventory), places.known(inventory, seen))
        times = await planned_times(sources, seen, (start_ms, end_ms))
        known = {f"{one.start_ms:015} {one.window.number:015}": one for one in times}
        found, more = keyed_page(known, after, limit, wanted)
        return WindowTimes(items=[_item(one) for one in found], next=more, is_more=more is not None)

    said = "When planned work is, and how it stands."
    return [Endpoint("GET", "/windows/times", said, listed, WindowTimes, (*BETWEEN, *FILTERS.parameters, *LONG_PAGING))]


def _values(inventory: Inventory) -> dict[str, Callable[[PlannedTime], Value]]:
    its_sites = cache(partial(sites_of, inventory))
    return {
        **places.values(inventory, attrgetter("window.entity")),
        "state": attrgetter("standing"),
        "entity": attrgetter("window.entity"),
        "site": lambda one: its_sites(one.window.entity),
        "provider": lambda one: provider_of(inventory, one.window.entity),
        "why": lambda one: one.window.request.why,
    }


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
