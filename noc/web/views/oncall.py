"""Who is on call: the desks over 24 hours with gaps in red, by schedule, who stands in, hand-overs, the phone list."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Final
from urllib.parse import quote

from aiohttp import web

from alerts import oncalldesk as desk
from alerts.calendarlinks import Whose
from alerts.oncall import Duty, Shift, holes, layer_number, on_call, timeline
from alerts.oncallclock import Span
from alerts.oncallnow import known
from alerts.oncalltargets import Directory
from alerts.policies import Person
from noc.http.problems import ProblemError, not_found
from noc.maintenance.draft import DraftError, moment_of
from noc.model.errors import UsageError
from noc.model.instants import from_ms, to_ms
from noc.model.oncall import Handover, Override
from noc.state import handovers, overrides
from noc.state.database import Transaction
from noc.web.pages import WebPages, who_of

MINUTE_MS: Final = 60_000
DAY: Final = timedelta(days=1)
HANDOVERS: Final = 20

Act = Callable[[Transaction, Directory, int], Awaitable[object]]


@dataclass(frozen=True, slots=True)
class Mark:
    """A part of the strip: from a minute of the day, so many minutes."""

    x: int
    width: int


@dataclass(frozen=True, slots=True)
class Row:
    """One line of the strip: a desk with its schedule, or a schedule that is no desk's.

    shifts: of the day, each with its mark; every second one is drawn darker. covered: somebody is there now, or nobody
    has to be.
    """

    name: str
    schedule: str
    local: datetime
    is_desk: bool
    in_daylight: bool
    daylight: list[Mark]
    shifts: list[tuple[Shift, Mark]]
    holes: list[tuple[Span, Mark]]
    now: Shift | None
    following: Shift | None
    covered: bool

    @property
    def reasons(self) -> list[Duty]:
        """Return why they are on call, each reason once."""
        duties = () if self.now is None else self.now.duties
        return list({(duty.why, duty.by): duty for duty in duties}.values())


async def show(pages: WebPages, request: web.Request) -> web.Response:
    """Answer with the page. day: in the zone of its times; today without it."""
    return await _page(pages, request)


async def stand_in(pages: WebPages, request: web.Request) -> web.StreamResponse:
    """Put somebody on call for a while."""
    form = await request.post()
    said = {
        name: str(form.get(name, "")).strip()[:1_000] for name in ("schedule", "person", "from", "to", "instead_of")
    }
    who, why = who_of(request), str(form.get("why", "")).strip()

    async def act(connection: Transaction, directory: Directory, now_ms: int) -> object:
        desk.check_schedule(directory, said["schedule"])
        zone = str(directory.settings.schedules[said["schedule"]].time_zone)
        start_ms, end_ms = (moment_of(name, said[name], zone) for name in ("from", "to"))
        asked = Override(
            0, said["schedule"], start_ms, end_ms, said["person"], said["instead_of"] or None, why=why, who=who
        )
        return await desk.override(connection, directory, asked, now_ms)

    return await _do(pages, request, act)


async def cancel(pages: WebPages, request: web.Request) -> web.StreamResponse:
    """Cancel an override."""
    number, who = _number(request), who_of(request)

    async def act(connection: Transaction, _: Directory, now_ms: int) -> object:
        return await desk.cancel(connection, number, who, now_ms)

    return await _do(pages, request, act)


async def hand_over(pages: WebPages, request: web.Request) -> web.StreamResponse:
    """Write a hand-over, as the person that the form names."""
    form = await request.post()
    schedule, person, text = (str(form.get(name, "")).strip() for name in ("schedule", "person", "text"))
    if not text:
        return await _page(pages, request, wrong="write what is going on, or that it is quiet", status=400)

    async def act(connection: Transaction, directory: Directory, now_ms: int) -> object:
        return await desk.write_handover(connection, directory, schedule, person, text, now_ms)

    return await _do(pages, request, act)


async def accept(pages: WebPages, request: web.Request) -> web.StreamResponse:
    """Accept a hand-over, as the person that the form names."""
    number, person = _number(request), str((await request.post()).get("person", "")).strip()

    async def act(connection: Transaction, directory: Directory, now_ms: int) -> object:
        return await desk.accept_handover(connection, directory, number, person, now_ms)

    return await _do(pages, request, act)


async def _do(pages: WebPages, request: web.Request, act: Act) -> web.StreamResponse:
    now_ms = to_ms(pages.sources.clock.now())
    try:
        async with pages.sources.database.write() as connection:
            await act(connection, Directory.of(pages.sources.people()), now_ms)
    except LookupError as error:
        raise not_found(str(error.args[0])) from error
    except (UsageError, DraftError) as error:
        return await _page(pages, request, wrong=str(error), status=400)
    raise web.HTTPSeeOther("/oncall")


async def _page(pages: WebPages, request: web.Request, wrong: str = "", status: int = 200) -> web.Response:
    now_ms = to_ms(pages.sources.clock.now())
    times = pages.times(request)
    day = _day(request, times.day(from_ms(now_ms)))
    async with pages.sources.database.read() as connection:
        directory = await known(connection, Directory.of(pages.sources.people()), now_ms)
        standing = [one for one in await overrides.near(connection, now_ms) if one.cancelled_ms is None]
        records = await handovers.page(connection, limit=HANDOVERS)
    settings = directory.settings
    strip = (times.midnight_ms(day), times.midnight_ms(day + DAY))
    rows = list(_rows(directory, strip, now_ms))
    return pages.show(
        request,
        "oncall.html",
        http_status=status,
        day=day,
        before=day - DAY,
        after=day + DAY,
        minute=(now_ms - strip[0]) // MINUTE_MS,
        minutes=(strip[1] - strip[0]) // MINUTE_MS,
        rows=rows,
        uncovered=sum(1 for row in rows if not row.covered),
        overrides=standing,
        handovers=records,
        waiting=[one for one in records if one.accepted_ms is None and _is_recent(one, now_ms)],
        people_list=sorted(settings.people.items(), key=lambda item: (item[1].name or item[0]).casefold()),
        locals={key: _local(person, now_ms) for key, person in settings.people.items()},
        schedules=settings.schedules,
        name_of=settings.name_of,
        calendar_of=lambda whose, name: _calendar(pages, whose, name),
        layer_of=layer_number,
        wrong_form=wrong,
    )


def _calendar(pages: WebPages, whose: Whose, name: str) -> str:
    """Return where a calendar program reads shifts; where nothing is signed, the address for who has logged in."""
    links = pages.sources.calendar_links
    kind = "people" if whose == "person" else "schedules"
    return links.path(whose, name) if links else f"/api/v1/oncall/{kind}/{quote(name, safe='')}/calendar"


def _rows(directory: Directory, strip: Span, now_ms: int) -> Iterator[Row]:
    """Yield the lines of a strip, from when to when: a day has 23 or 25 hours where clocks are set."""
    settings = directory.settings
    told = set()
    for name in directory.desks_by_daylight(now_ms):
        one = settings.desks[name]
        if one.schedule in settings.schedules:
            told.add(one.schedule)
            daylight = [_mark(span, strip[0]) for span in directory.daylight(name, *strip)]
            local = from_ms(now_ms).astimezone(one.time_zone)
            in_daylight = directory.in_daylight(name, now_ms)
            yield _row(directory, one.name or name, one.schedule, local, strip, now_ms, daylight, in_daylight)
    for name, schedule in settings.schedules.items():
        if name not in told:
            local = from_ms(now_ms).astimezone(schedule.time_zone)
            yield _row(directory, schedule.name or name, name, local, strip, now_ms)


def _row(
    directory: Directory,
    name: str,
    schedule: str,
    local: datetime,
    strip: Span,
    now_ms: int,
    daylight: list[Mark] | None = None,
    in_daylight: bool = False,
) -> Row:
    rota, start_ms = directory.rota, strip[0]
    now = on_call(rota, schedule, now_ms)
    after_ms = now_ms if now is None else now.end_ms
    return Row(
        name,
        schedule,
        local,
        daylight is not None,
        in_daylight,
        daylight or [],
        [
            (shift, _mark((shift.start_ms, shift.end_ms), start_ms))
            for shift in timeline(rota, schedule, *strip, now_ms)
        ],
        [(span, _mark(span, start_ms)) for span in holes(rota, schedule, *strip, now_ms)],
        now,
        next(iter(timeline(rota, schedule, after_ms, after_ms + 8 * 1440 * MINUTE_MS, now_ms)), None),
        now is not None or not holes(rota, schedule, now_ms, now_ms + 1, now_ms),
    )


def _mark(span: Span, start_ms: int) -> Mark:
    x = (span[0] - start_ms) // MINUTE_MS
    return Mark(x, max((span[1] - start_ms) // MINUTE_MS - x, 1))


def _is_recent(one: Handover, now_ms: int) -> bool:
    return one.at_ms > now_ms - 2 * 1440 * MINUTE_MS


def _local(person: Person, now_ms: int) -> str:
    return "" if person.time_zone is None else f"{from_ms(now_ms).astimezone(person.time_zone):%H:%M}"


def _day(request: web.Request, today: date) -> date:
    text = request.query.get("day", "")
    if not text:
        return today
    try:
        found = date.fromisoformat(text)
    except ValueError as error:
        raise ProblemError(400, f"day: '{text[:40]}' is no day; write 2026-11-28") from error
    if abs((found - today).days) > 3_660:
        raise ProblemError(400, "day: it is more than ten years away")
    return found


def _number(request: web.Request) -> int:
    text = request.match_info["number"]
    if not (text.isascii() and text.isdigit() and len(text) <= 15):
        raise not_found(f"number '{text[:100]}'")
    return int(text)
