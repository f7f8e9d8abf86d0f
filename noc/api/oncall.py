"""Who is on call: now, at a time, over a time; who stands in for whom; hand-overs; calendars."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from operator import attrgetter
from typing import Final, TypeVar

from aiohttp import web

from alerts import oncalldesk as desk
from alerts.oncall import DAY_MS, holes, timeline
from alerts.oncallcalendar import AHEAD, calendar_of, read
from alerts.oncalldocuments import (
    handover_document,
    hole_document,
    oncall_document,
    override_document,
    person_document,
    shift_document,
)
from alerts.oncallnow import known
from alerts.oncalltargets import Directory
from noc.api import _query as query
from noc.api._about import Speaking, number_in_path, speaker
from noc.api._body import body
from noc.api._endpoint import LONG_PAGING, PAGING, Download, Endpoint, Parameter, time_parameter
from noc.api._filters import Field as By
from noc.api._filters import Filters
from noc.api._oncallshapes import (
    HandoverItem,
    NewCalendar,
    NewHandover,
    NewOverride,
    OnCall,
    OverrideItem,
    PersonItem,
    ShiftItem,
    Shifts,
    Span,
    Taken,
)
from noc.api._once import HEADERS, once
from noc.api._pages import keyed_page, numbered_page
from noc.api._query import LIMIT_AT_MOST
from noc.api._shapes import Listing
from noc.http.problems import bad_request, not_found
from noc.http.sources import Sources
from noc.model.errors import ConflictError, UsageError
from noc.model.instants import from_ms
from noc.model.oncall import Override
from noc.state import handovers, overrides

LONG_AT_MOST_MS: Final = 400 * DAY_MS
BY_DEFAULT_MS: Final = 7 * DAY_MS

Found = TypeVar("Found")


SCHEDULE = Parameter("schedule", "Only by this schedule.")
AT = time_parameter("at", "At this time; default now.")
BETWEEN = (time_parameter("from", "Beginning; default now."), time_parameter("to", "End; default 7 days later."))
KEY = Parameter("id", "Key of the schedule or person in the settings.", place="path", required=True)
NUMBER = Parameter("id", "Its number.", {"type": "integer", "minimum": 1}, place="path", required=True)
KEYED: Final = (HEADERS[1],)
OVER: Final = "It is cancelled or over already; `detail` says since when."
ACCEPTED: Final = "It is accepted already."


def endpoints(sources: Sources) -> list[Endpoint]:
    """Return the endpoints of who is on call."""
    room = _Room(sources)
    return [*_told(room), *_done(room)]


STANDING_IN: Final = Filters(
    (
        By("schedule", "the schedule", "text"),
        By("person", "the person who stands in", "text"),
        By("instead_of", "the person who would be on call", "text"),
        By("from", "the beginning", "time", of="start"),
        By("to", "the end", "time", of="end"),
        By("why", "the reason", "text"),
        By("who", "the one who wrote it", "text"),
    )
)
HANDING_OVER: Final = Filters(
    (
        By("schedule", "the schedule", "text"),
        By("text", "the text", "text"),
        By("at", "the hand-off", "time"),
    )
)
PEOPLE: Final = Filters(
    (
        By("person", "the key in the settings", "text"),
        By("name", "the name", "text"),
        By("phone", "the telephone number", "text"),
        By("email", "the mail address", "text"),
        By("language", "the language", "text"),
    )
)
ON_LIST: Final = PEOPLE.parameters
ICAL: Final = ("text/calendar",)
SHIFTS: Final = "/oncall/schedules/{id}"
OVERRIDE: Final = "/oncall/overrides/{id}"


def _told(room: _Room) -> list[Endpoint]:
    of_person, listed = "A person's shifts as iCalendar.", Listing[HandoverItem]
    standing_in, hand = Listing[OverrideItem], (*HANDING_OVER.parameters, *PAGING)
    stand, span = (*STANDING_IN.parameters, *PAGING), (KEY, *BETWEEN, *LONG_PAGING)
    return [
        Endpoint("GET", "/oncall", "Who is on call.", room.now, OnCall, (AT, SCHEDULE)),
        Endpoint("GET", f"{SHIFTS}/shifts", "Shifts and holes of a schedule.", room.shifts, Shifts, span),
        Endpoint(
            "GET", f"{SHIFTS}/calendar", "A schedule as iCalendar.", room.of_schedule, Download, (KEY,), media=ICAL
        ),
        Endpoint("GET", "/oncall/people/{id}/calendar", of_person, room.of_person, Download, (KEY,), media=ICAL),
        Endpoint(
            "GET", "/oncall/people", "The phone list, by key.", room.people, Listing[PersonItem], (*ON_LIST, *PAGING)
        ),
        Endpoint("GET", "/oncall/overrides", "Who stands in, now and later.", room.overrides, standing_in, stand),
        Endpoint("GET", "/oncall/handovers", "The newest first.", room.handovers, listed, hand),
    ]


def _done(room: _Room) -> list[Endpoint]:
    take, item, over = room.take, OverrideItem, "/oncall/overrides"
    write, letter, hand = room.write, HandoverItem, "/oncall/handovers"
    found = [
        Endpoint("POST", f"{SHIFTS}/import", "Overrides of a calendar.", take, Taken, (KEY,), NewCalendar),
        Endpoint("POST", over, "Let somebody stand in.", room.override, item, KEYED, NewOverride),
        Endpoint("POST", f"{OVERRIDE}/cancel", "Cancel it.", room.cancel, item, (NUMBER,), Speaking, OVER),
        Endpoint("POST", hand, "Write one.", write, letter, KEYED, NewHandover, ACCEPTED),
        Endpoint("POST", f"{hand}/{{id}}/accept", "Accept it.", room.accept, letter, (NUMBER,), Speaking, ACCEPTED),
    ]
    return [one.taking("handle") for one in found]


class _Room:
    """The endpoints, over what the daemon knows."""

    def __init__(self, sources: Sources) -> None:
        self._sources = sources

    async def now(self, request: web.Request) -> OnCall:
        directory, wanted = await self._directory(), query.text(request, "schedule")
        if wanted is not None:
            await _right(_checked(directory, wanted), "/query/schedule")
        at_ms = query.time(request, "at", self._sources.clock)
        at_ms = self._now_ms() if at_ms is None else at_ms
        document = oncall_document(directory, at_ms, int, None if wanted is None else [wanted])
        return OnCall.model_validate(document)

    async def shifts(self, request: web.Request) -> Shifts:
        directory, name = await self._directory(), self._schedule(request)
        clock = self._sources.clock
        start_ms, end_ms = query.time(request, "from", clock), query.time(request, "to", clock)
        start_ms = self._now_ms() if start_ms is None else start_ms
        end_ms = start_ms + BY_DEFAULT_MS if end_ms is None else end_ms
        if not 0 < end_ms - start_ms <= LONG_AT_MOST_MS:
            raise bad_request("/query/to", "it must come after `from`, by 400 days at most")
        found = timeline(directory.rota, name, start_ms, end_ms, self._now_ms())
        empty = holes(directory.rota, name, start_ms, end_ms, self._now_ms())
        items = [ShiftItem.model_validate(shift_document(directory, shift, int)) for shift in found]
        shown, more = keyed_page(
            {f"{item.end:015}": item for item in items},
            *(query.cursor(request), query.limit(request, LIMIT_AT_MOST)),
        )
        return Shifts(items=shown, holes=[Span.model_validate(hole_document(span, int)) for span in empty], next=more)

    async def of_schedule(self, request: web.Request) -> Download:
        name = self._schedule(request)
        text = calendar_of(await self._directory(), name, None, self._now_ms())
        return Download(name=f"{name}.ics", media="text/calendar", content=text.encode())

    async def of_person(self, request: web.Request) -> Download:
        person = request.match_info["id"]
        if person not in self._sources.people().people:
            raise not_found(f"person '{person[:100]}'")
        text = calendar_of(await self._directory(), None, person, self._now_ms())
        return Download(name=f"{person}.ics", media="text/calendar", content=text.encode())

    async def take(self, request: web.Request) -> Taken:
        name, said, now_ms = self._schedule(request), await body(request, NewCalendar), self._now_ms()
        settings, now = self._sources.people(), from_ms(now_ms)
        zone = settings.schedules[name].time_zone
        try:
            # What comes again is worked out for years: not beside what else the daemon does.
            content = said.calendar.encode()
            shifts, wrong = await asyncio.to_thread(read, content, settings.people, zone, now, now + AHEAD)
        except UsageError as error:
            raise bad_request("/body/calendar", str(error)) from error
        async with self._sources.database.write() as connection:
            new, gone = await desk.take(connection, name, said.name, shifts, speaker(request, said), now_ms)
        return Taken(read=len(shifts), new=new, cancelled=gone, wrong=wrong[:100])

    async def people(self, request: web.Request) -> Listing[PersonItem]:
        settings, now_ms = self._sources.people(), self._now_ms()
        fits: Callable[[PersonItem], bool] = PEOPLE.asked(request, self._sources.clock, {}, {})
        known = {
            key: PersonItem.model_validate(person_document(key, one, now_ms)) for key, one in settings.people.items()
        }
        items, more = keyed_page(known, query.cursor(request), query.limit(request), fits)
        return Listing[PersonItem](items=items, next=more)

    async def overrides(self, request: web.Request) -> Listing[OverrideItem]:
        fits: Callable[[OverrideItem], bool] = STANDING_IN.asked(request, self._sources.clock, {}, {})
        now_ms = self._now_ms()
        async with self._sources.database.read() as connection:

            async def read(place: int | None, at_once: int) -> list[OverrideItem]:
                found = await overrides.near(connection, now_ms, behind=place or 0, limit=at_once)
                return [OverrideItem.model_validate(override_document(one, int)) for one in found]

            items, more = await numbered_page(
                request, read, attrgetter("id"), lambda item: item.cancelled is None and fits(item)
            )
        return Listing[OverrideItem](items=items, next=more)

    async def override(self, request: web.Request) -> OverrideItem:
        said = await body(request, NewOverride)
        asked = Override(
            *(0, said.schedule, said.start, said.end, said.person, said.instead_of, said.why), speaker(request, said)
        )
        asks, now_ms = await once(request), self._now_ms()
        async with self._sources.database.write() as connection:
            before = await asks.before(connection, now_ms)
            if before is not None:
                return OverrideItem.model_validate_json(before)
            made = await _right(desk.override(connection, self._plain(), asked, now_ms))
            answer = OverrideItem.model_validate(override_document(made, int))
            await asks.keep(connection, now_ms, answer)
        return answer

    async def cancel(self, request: web.Request) -> OverrideItem:
        said, number = await body(request, Speaking), number_in_path(request, "override")
        async with self._sources.database.write() as connection:
            try:
                gone = await desk.cancel(connection, number, speaker(request, said), self._now_ms())
            except LookupError as error:
                raise not_found(f"override {number}") from error
        return OverrideItem.model_validate(override_document(gone, int))

    async def handovers(self, request: web.Request) -> Listing[HandoverItem]:
        fits: Callable[[HandoverItem], bool] = HANDING_OVER.asked(request, self._sources.clock, {}, {})
        names = request.query.getall("schedule", [])
        schedule = names[0] if len(names) == 1 else None
        async with self._sources.database.read() as connection:

            async def read(place: int | None, at_once: int) -> list[HandoverItem]:
                found = await handovers.page(connection, schedule=schedule, before=place, limit=at_once)
                return [HandoverItem.model_validate(handover_document(one, int)) for one in found]

            items, more = await numbered_page(request, read, attrgetter("id"), fits)
        return Listing[HandoverItem](items=items, next=more)

    async def write(self, request: web.Request) -> HandoverItem:
        said = await body(request, NewHandover)
        who, asks, now_ms = speaker(request, said), await once(request), self._now_ms()
        async with self._sources.database.write() as connection:
            before = await asks.before(connection, now_ms)
            if before is not None:
                return HandoverItem.model_validate_json(before)
            made = await _right(desk.write_handover(connection, self._plain(), said.schedule, who, said.text, now_ms))
            answer = HandoverItem.model_validate(handover_document(made, int))
            await asks.keep(connection, now_ms, answer)
        return answer

    async def accept(self, request: web.Request) -> HandoverItem:
        said, number = await body(request, Speaking), number_in_path(request, "hand-over")
        who = speaker(request, said)
        async with self._sources.database.write() as connection:
            try:
                found, _ = await _right(desk.accept_handover(connection, self._plain(), number, who, self._now_ms()))
            except LookupError as error:
                raise not_found(f"hand-over {number}") from error
        return HandoverItem.model_validate(handover_document(found, int))

    def _plain(self) -> Directory:
        return Directory.of(self._sources.people())

    async def _directory(self) -> Directory:
        async with self._sources.database.read() as connection:
            return await known(connection, self._plain(), self._now_ms())

    def _schedule(self, request: web.Request) -> str:
        name = request.match_info["id"]
        if name not in self._sources.people().schedules:
            raise not_found(f"schedule '{name[:100]}'")
        return name

    def _now_ms(self) -> int:
        return query.now_ms(self._sources.clock)


async def _checked(directory: Directory, schedule: str) -> None:
    desk.check_schedule(directory, schedule)


async def _right(doing: Awaitable[Found], where: str = "/body") -> Found:
    """Return what comes of it; what is asked wrong is a problem with a place."""
    try:
        return await doing
    except ConflictError:
        raise
    except UsageError as error:
        raise bad_request(where, str(error)) from error
