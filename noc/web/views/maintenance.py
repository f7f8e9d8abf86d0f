"""Maintenance: the calendar of planned work, what waits for approval, the form to ask, carriers' notices."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from aiohttp import web

from noc.http.plannedwork import Wanted, work
from noc.http.problems import ProblemError, bad_request
from noc.http.scope import Scope, scope
from noc.i18n.language import language
from noc.i18n.marking import say
from noc.inventory.entities import Site
from noc.inventory.inventory import Inventory
from noc.maintenance import notices
from noc.maintenance.draft import TEXT_AT_MOST, Asked, DraftError, draft, moment_of
from noc.maintenance.imports import Step
from noc.maintenance.standing import STANDINGS
from noc.model.errors import UsageError
from noc.model.instants import to_ms
from noc.model.window import WindowDecision
from noc.state import carriernotices, windows
from noc.state.foreseen import preview
from noc.web.calendar import VIEWS, WIDTH, Calendar, View, day_in, day_named
from noc.web.pages import WebPages, spoken_of, who_of
from noc.web.paging import chosen, page_of
from noc.web.windowrows import COUNTED, SHAPES, WORDS, Touched, row_of, touched

ADDRESS: Final = "/maintenance"
TEXT: Final = {"from": 40, "to": 40, "entity": 200, "in_zone": 64, "rrule": 500, "why": TEXT_AT_MOST}
NOTHING_ASKED: Final[Mapping[str, str]] = dict.fromkeys(TEXT, "")
WEEK_ROWS: Final = 50

NOTICE_WORDS: Final = {
    "request": say("asked for"),
    "cancel": say("taken back"),
    "unchanged": say("known already"),
    "older": say("an older edition"),
    "unmatched": say("names no circuit"),
    "over": say("is over"),
    "wrong": say("not understood"),
}
"""What came of a carrier's notice."""

RULES: Final = (
    ("", say("Once")),
    ("FREQ=DAILY", say("Each day")),
    ("FREQ=WEEKLY", say("Each week")),
    ("FREQ=WEEKLY;INTERVAL=2", say("Each second week")),
    ("FREQ=MONTHLY", say("Each month, on this day")),
    ("FREQ=YEARLY", say("Each year")),
)


@dataclass(frozen=True, slots=True)
class Foreseen:
    """What was asked about, and what would come of it. notice_ms: how long it is until then."""

    touched: Touched
    notice_ms: int


async def show(pages: WebPages, request: web.Request) -> web.Response:
    """Answer with the page."""
    return await _page(pages, request, _given(request))


async def ask(pages: WebPages, request: web.Request) -> web.StreamResponse:
    """Ask for a window, or say what it would touch; what can't be a window is said beside the form."""
    form = await request.post()
    asked = {name: str(form.get(name, "")).strip()[:at_most] for name, at_most in TEXT.items()}
    is_preview = "preview" in form
    try:
        wanted = await asyncio.to_thread(_wanted, pages, request, asked, is_preview=is_preview)
    except DraftError as error:
        return await _page(pages, request, asked, wrong=str(error), status=400)
    if is_preview:
        return await _page(pages, request, asked, foreseen=await _foreseen(pages, wanted))
    async with pages.sources.database.write() as connection:
        number = (await windows.request(connection, wanted)).number
    raise web.HTTPSeeOther(f"{ADDRESS}/{number}")


async def impact(pages: WebPages, request: web.Request) -> web.Response:
    """Answer with what a window would touch, while somebody still writes: a part of the page."""
    asked = _given(request)
    if not (asked["entity"] and asked["from"] and asked["to"]):
        return pages.show(request, "impact.html", foreseen=None, unfit="")
    try:
        wanted = await asyncio.to_thread(_wanted, pages, request, asked, is_preview=True)
    except DraftError as error:
        return pages.show(request, "impact.html", foreseen=None, unfit=str(error))
    return pages.show(request, "impact.html", foreseen=await _foreseen(pages, wanted), unfit="")


async def take_notices(pages: WebPages, request: web.Request) -> web.StreamResponse:
    """Take a carrier's notices in, and say what came of each."""
    if not scope(request).everything:
        raise ProblemError(403, "carriers' notices are taken in by those who may see all regions")
    file = (await request.post()).get("notice")
    if not isinstance(file, web.FileField):
        raise ProblemError(400, "pick the file of a notice (.ics)")
    inventory, who, now_ms = pages.sources.inventory(), who_of(request), to_ms(pages.sources.clock.now())
    content = await asyncio.to_thread(file.file.read, notices.BYTES_AT_MOST + 1)
    try:
        found = await asyncio.to_thread(notices.read, content)
    except UsageError as error:
        return await _page(pages, request, NOTHING_ASKED, wrong=str(error), status=400)
    async with pages.sources.database.read() as connection:
        before = await carriernotices.known(connection, found)
    plan = await asyncio.to_thread(carriernotices.planned, found, before, inventory, who, now_ms)
    async with pages.sources.database.write() as connection:
        steps = await carriernotices.write(connection, plan, who, now_ms)
    return await _page(pages, request, NOTHING_ASKED, steps=steps)


def _given(request: web.Request) -> dict[str, str]:
    """Return what an address says of the form."""
    return {name: request.query.get(name, NOTHING_ASKED[name])[:at_most].strip() for name, at_most in TEXT.items()}


def _wanted(pages: WebPages, request: web.Request, asked: Mapping[str, str], *, is_preview: bool) -> WindowDecision:
    """Return what a form asks for. Raises DraftError. Of what is only to be previewed nobody has to say why."""
    inventory, entity, zone = pages.sources.inventory(), asked["entity"], asked["in_zone"] or "UTC"
    if not scope(request).sees(inventory, entity):
        raise DraftError("entity", f"entity: the inventory has no '{entity}'")
    start_ms, end_ms = (moment_of(name, asked[name], zone) for name in ("from", "to"))
    why = asked["why"] or ("–" if is_preview else "")
    given = Asked(entity, start_ms, end_ms, who_of(request), why, asked["rrule"], zone)
    return draft(given, inventory, to_ms(pages.sources.clock.now()))


async def _foreseen(pages: WebPages, wanted: WindowDecision) -> Foreseen:
    inventory = pages.sources.inventory()
    async with pages.sources.database.read() as connection:
        found = await preview(connection, inventory, wanted.entity, wanted.start_ms, wanted.end_ms)
    return Foreseen(touched(found, inventory), wanted.start_ms - wanted.since_ms)


async def _page(
    pages: WebPages,
    request: web.Request,
    asked: Mapping[str, str],
    *,
    wrong: str = "",
    status: int = 200,
    foreseen: Foreseen | None = None,
    steps: Sequence[Step] = (),
) -> web.Response:
    inventory, now_ms, seen = pages.sources.inventory(), to_ms(pages.sources.clock.now()), scope(request)
    calendar = _calendar(pages, request, now_ms)
    wanted, no_site = _filter(request, inventory, seen)
    sites = [one for one in inventory.sites.values() if seen.sees_region(one.region)]
    found = await work(pages.sources, seen, calendar.span, wanted)
    lanes = page_of(calendar.lanes(found.times) if calendar.view == "week" else [], request, per_page=WEEK_ROWS)
    rows = [row_of(one, inventory) for one in found.known]
    return pages.show(
        request,
        "maintenance.html",
        topics=("statuses",),
        http_status=status,
        name_of=await pages.called(),
        cal=calendar,
        now_ms=now_ms,
        weeks=calendar.weeks(found.times, now_ms) if calendar.view == "month" else [],
        lanes=lanes,
        is_more=found.is_more,
        planned=len(found.times),
        row_of=lambda one: row_of(one, inventory),
        numbers=[(word, found.numbers[word]) for word in COUNTED],
        waiting=[row for row in rows if row.standing == "requested"],
        overrun=[row for row in rows if row.standing == "overrun"],
        page=page_of([row for row in rows if wanted.stands(row.standing)], request, per_page=50),
        wanted=wanted,
        no_site=no_site,
        is_filtered=wanted != Wanted(),
        regions=sorted({inventory.regions[one.region] for one in sites}, key=lambda one: one.name.casefold()),
        providers=_providers(inventory, seen),
        standings=STANDINGS,
        standing_words=WORDS,
        shapes=SHAPES,
        asked={**asked, "in_zone": asked["in_zone"] or calendar.zone},
        wrong_form=wrong,
        foreseen=foreseen,
        steps=[(NOTICE_WORDS[step.word], step) for step in steps],
        rules=RULES,
        zones=sorted({str(site.time_zone) for site in sites if site.time_zone} | {"UTC"}),
        link=lambda **values: _link(request, values),
        width=WIDTH,
    )


def _link(request: web.Request, values: Mapping[str, object]) -> str:
    """Return the address of this page with something else chosen, at its first row."""
    kept = {name: value for name, value in request.query.items() if name != "page"}
    chosen_now = {name: str(value) for name, value in values.items()}
    return str(request.rel_url.with_path(ADDRESS).with_query(kept | chosen_now))


def _calendar(pages: WebPages, request: web.Request, now_ms: int) -> Calendar:
    """Return which days an address asks for. Raises ProblemError (400)."""
    view: View = next(one for one in VIEWS if one == chosen(request, "view", VIEWS, "month"))
    zone = pages.times(request).name
    try:
        day = day_named(request.query.get("day", ""), day_in(zone, now_ms))
    except ValueError as error:
        raise bad_request("/query/day", str(error)) from error
    return Calendar.of(view, day, zone, language(spoken_of(request)).locale.first_week_day)


def _filter(request: web.Request, inventory: Inventory, seen: Scope) -> tuple[Wanted, str]:
    """Return what an address asks for, and the text that is no site. Raises ProblemError (400)."""
    region = chosen(request, "region", sorted(one for one in inventory.regions if seen.sees_region(one)))
    provider = request.query.get("provider", "")[:200]
    state = chosen(request, "state", STANDINGS)
    standings = tuple(one for one in STANDINGS if one == state)
    text = request.query.get("site", "").strip()[:100]
    site = next(
        (one.id for one in inventory.sites.values() if _is_called(one, text) and seen.sees_region(one.region)), ""
    )
    return Wanted(region, site, provider, standings), "" if site else text


def _is_called(site: Site, text: str) -> bool:
    return text.casefold() in (site.id.casefold(), site.name.casefold())


def _providers(inventory: Inventory, seen: Scope) -> list[str]:
    found = {one.provider for one in inventory.circuits.values() if one.provider and seen.sees(inventory, one.entity)}
    return sorted(found, key=str.casefold)
