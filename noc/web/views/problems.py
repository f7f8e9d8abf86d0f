"""The problem list: what is open, the gravest that nobody owns first, and what people do with many at once."""

from __future__ import annotations

from collections import Counter
from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from typing import Final
from urllib.parse import urlencode

from aiohttp import web

from alerts import desk
from alerts.due import overdue
from noc.http.problems import ProblemError
from noc.http.scope import scope
from noc.inventory.inventory import Inventory
from noc.model.errors import ConflictError
from noc.model.incident import SEVERITIES, Incident
from noc.model.instants import to_ms
from noc.state import casefile, incidents
from noc.state.database import Transaction
from noc.web.filtering import AS_WRITTEN, Keys, Query, completions, merged, read, shortcut, written
from noc.web.overview import overview
from noc.web.pages import WebPages, who_of
from noc.web.paging import Page, chosen, page_of
from noc.web.problemfilter import (
    OLD_STATES,
    PRIORITY_WORDS,
    SHORTCUTS,
    STATES,
    Known,
    Row,
    keys_of,
    kind_of,
    takes,
    wants_over,
)
from noc.web.problemlist import (
    GROUPS,
    counted,
    grouped,
    heads,
    held_numbers,
    outcome,
    rows_of,
    still,
    told_numbers,
)

RESOLVED_AT_MOST: Final = 1_000
"""Of those that are resolved, the newest are listed."""

PICKED_AT_MOST: Final = 500
COUNTED_AT_MOST: Final = 30_000
"""Incidents whose symptoms are counted for the list."""

HOURS: Final = (1, 4, 8, 24, 72)
HOUR_MS: Final = 3_600_000
EXAMPLE: Final = "severity:critical region:africa -owner:* since:<2h"
HELD: Final = "X-Noc-Held"
"""A header of a page that somebody is in: the numbers of the rows that it shows, which are to stand still."""

DENSITIES: Final = ("roomy", "dense")
DENSITY: Final = "noc_density"
_YEAR_S: Final = 365 * 86_400
_PATH: Final = "/problems"

__all__ = ["acknowledge", "back", "rows_of", "show", "words"]


@dataclass(frozen=True, slots=True)
class Asked:
    """What an address asks for. given: its parameters, without what belongs to one moment."""

    given: Mapping[str, str]
    query: Query
    group: str
    density: str

    def link(self, **changes: str) -> str:
        """Return the address of the list with other parameters; empty ones are left out."""
        return _address({**self.given, "page": "", **changes})


async def show(pages: WebPages, request: web.Request) -> web.Response:
    """Answer with the list."""
    inventory, may_see = pages.sources.inventory(), scope(request)
    async with pages.sources.database.read() as connection:
        unresolved = await incidents.all_open(connection)
    standing = [one for one in unresolved if may_see.sees(inventory, one.entity)]
    keys = _keys(request, inventory, standing)
    asked = _asked(request, keys)
    async with pages.sources.database.read() as connection:
        found = standing + await _over(connection, request, inventory, wants_over(asked.query))
        symptoms = await casefile.symptom_counts(connection, [one.id for one in found[:COUNTED_AT_MOST]])
    called = await pages.called()
    known = Known(inventory, to_ms(pages.sources.clock.now()), who_of(request), symptoms, called)
    rows = [row for row in rows_of(found, inventory) if takes(asked.query, row, known)]
    is_over = bool(wants_over(asked.query))
    rows.sort(key=lambda row: -row.incident.id if is_over else row.order)
    rows = grouped(rows, asked.group) if asked.group else rows
    page, waiting = await _standing_still(pages, request, page_of(rows, request), inventory)
    response = pages.show(
        request,
        "problems.html",
        topics=("incidents", "statuses"),
        page=page,
        waiting=waiting,
        heads=heads(page.items, rows, asked.group) if asked.group else {},
        symptoms=symptoms,
        overdue={row.incident.id for row in page.items if overdue(row.incident, known.now_ms)},
        asked=asked,
        written=written,
        selects=_selects(asked.query, inventory, standing, keys, called),
        name_of=called,
        counts=counted(standing),
        kinds=Counter(kind_of(one) for one in standing),
        severities=SEVERITIES,
        told=await _told(pages, request, inventory),
        hours=HOURS,
        example=EXAMPLE,
        sites=overview(inventory, pages.sources.present, may_see),
    )
    if asked.density != request.cookies.get(DENSITY, DENSITIES[0]):
        response.set_cookie(
            DENSITY, asked.density, max_age=_YEAR_S, httponly=True, samesite="Lax", secure=request.secure
        )
    return response


async def words(pages: WebPages, request: web.Request) -> web.Response:
    """Answer with how the filter that somebody is writing may go on, as options of a list."""
    inventory, may_see = pages.sources.inventory(), scope(request)
    async with pages.sources.database.read() as connection:
        unresolved = await incidents.all_open(connection)
    standing = [one for one in unresolved if may_see.sees(inventory, one.entity)]
    found = completions(request.query.get("q", ""), _keys(request, inventory, standing))
    return pages.show(request, "filterwords.html", options=found)


def _keys(request: web.Request, inventory: Inventory, standing: Sequence[Incident]) -> Keys:
    may_see = scope(request)
    return keys_of(
        inventory,
        _owners(standing),
        sorted({one.rule for one in standing}),
        lambda entity: may_see.sees(inventory, entity),
    )


def _asked(request: web.Request, keys: Keys) -> Asked:
    """Return what is asked for. Raises HTTPSeeOther where selects, or older addresses, say it beside the filter."""
    given = request.rel_url.query
    if any(name in given for name in (*SHORTCUTS, "was")):
        chosen_now = {key: OLD_STATES.get(given[key], given[key]) for key in SHORTCUTS if key in given}
        text = merged(given.get("q", ""), given.get("was", ""), chosen_now, keys)
        rest = {name: value for name, value in given.items() if name not in (*SHORTCUTS, "was", "q", "page") and value}
        raise web.HTTPSeeOther(_address({"q": text, **rest}))
    return Asked(
        given={name: value for name, value in given.items() if name != "told"},
        query=read(given.get("q", "").strip(), keys),
        group=chosen(request, "group", GROUPS),
        density=chosen(request, "density", DENSITIES, _kept_density(request)),
    )


def _address(given: Mapping[str, str]) -> str:
    """Return the address of the list with some parameters; empty ones are left out."""
    query = urlencode({name: value for name, value in given.items() if value}, safe=":*,")
    return f"{_PATH}?{query}" if query else _PATH


def _kept_density(request: web.Request) -> str:
    kept = request.cookies.get(DENSITY, "")
    return kept if kept in DENSITIES else DENSITIES[0]


async def _over(connection: Transaction, request: web.Request, inventory: Inventory, state: str) -> list[Incident]:
    """Return the newest incidents that are over, where they are asked for."""
    if not state:
        return []
    wanted = "closed" if state == "closed" else "resolved"
    found = await incidents.page(
        connection, state="closed" if wanted == "closed" else "resolved", limit=RESOLVED_AT_MOST
    )
    return [one for one in found if scope(request).sees(inventory, one.entity)]


async def _standing_still(
    pages: WebPages, request: web.Request, page: Page[Row], inventory: Inventory
) -> tuple[Page[Row], int]:
    """Return the page, with the rows that somebody is in where they stood, and how many wait."""
    held = held_numbers(request.headers.get(HELD, ""))
    if not held:
        return page, 0
    missing = set(held) - {row.incident.id for row in page.items}
    async with pages.sources.database.read() as connection:
        found = await incidents.some(connection, missing)
    seen = [one for one in found.values() if scope(request).sees(inventory, one.entity)]
    others = {row.incident.id: replace(row, gone=True) for row in rows_of(seen, inventory)}
    items, waiting = still(page.items, held, others)
    return page.with_items(items), waiting


async def _told(pages: WebPages, request: web.Request, inventory: Inventory) -> list[tuple[str, Incident]]:
    """Return what became of the incidents that somebody wanted to have: as they are now."""
    numbers = told_numbers(request.query.get("told", ""))
    async with pages.sources.database.read() as connection:
        found = await incidents.some(connection, numbers)
    seen = (one for number in numbers if (one := found.get(number)) and scope(request).sees(inventory, one.entity))
    return [(outcome(one, who_of(request)), one) for one in seen]


def _selects(
    query: Query, inventory: Inventory, standing: Sequence[Incident], keys: Keys, called: Callable[[str], str]
) -> Mapping[str, tuple[str, Sequence[tuple[str, str]]]]:
    """Return the selects: what each shows, and what it offers, as values and names."""
    regions = sorted(
        (inventory.regions[key] for key in keys["region"].words), key=lambda region: region.name.casefold()
    )
    offered: dict[str, Sequence[tuple[str, str]]] = {
        "severity": [(word, word) for word in SEVERITIES],
        "priority": [(word, f"P{word}") for word in PRIORITY_WORDS],
        "owner": [(name, called(name)) for name in _owners(standing)],
        "kind": [(word, word) for word in keys["kind"].words],
        "region": [(region.id, region.name) for region in regions],
        "state": [(word, word) for word in STATES if word != "unresolved"],
    }
    shown = {key: shortcut(query, key) for key in offered}
    known = {key: {value for value, _ in offered[key]} for key in offered}
    return {
        key: (value if not value or value in known[key] else AS_WRITTEN, offered[key]) for key, value in shown.items()
    }


def _owners(standing: Iterable[Incident]) -> list[str]:
    return sorted({one.acknowledged_by for one in standing if one.acknowledged_by}, key=str.casefold)


async def acknowledge(pages: WebPages, request: web.Request) -> web.StreamResponse:
    """Acknowledge the picked incidents, and go back to the list as it was, which tells what became of each."""
    form = await request.post()
    numbers = form.getall("incident", [])
    if len(numbers) > PICKED_AT_MOST:
        raise ProblemError(400, f"pick {PICKED_AT_MOST} incidents at most")
    act = _acknowledging(
        who=who_of(request),
        note=str(form.get("note", "")).strip(),
        hours=_hours(str(form.get("hours", ""))),
        takes_over="own" in form,
        tells="tell" in form,
    )
    inventory, picked = pages.sources.inventory(), []
    for number in numbers:
        if not (isinstance(number, str) and number.isascii() and number.isdigit() and len(number) < 16):
            raise ProblemError(400, "an incident has a number")
        async with pages.sources.database.read() as connection:
            incident = await incidents.get(connection, int(number))
        if incident is not None and scope(request).sees(inventory, incident.entity):
            picked.append(incident.id)
            with suppress(ConflictError):  # resolved meanwhile: the list says so
                await pages.sources.desk.do(incident.id, act(incident.id))
    goal = back(str(form.get("back", "")), _PATH)
    told = urlencode({"told": ".".join(map(str, picked))})
    raise web.HTTPSeeOther(f"{goal}{'&' if '?' in goal else '?'}{told}" if picked else goal)


def _hours(text: str) -> int | None:
    if text and text not in map(str, HOURS):
        raise ProblemError(400, f"hours: must be one of {', '.join(map(str, HOURS))}")
    return int(text) if text else None


def _acknowledging(
    *, who: str, note: str, hours: int | None, takes_over: bool, tells: bool
) -> Callable[[int], Callable[[Transaction, int], Awaitable[None]]]:
    """Return what is done with each incident, by its number. tells: the note is a status update, too."""

    def of(number: int) -> Callable[[Transaction, int], Awaitable[None]]:
        async def act(connection: Transaction, now_ms: int) -> None:
            until_ms = None if hours is None else now_ms + hours * HOUR_MS
            if takes_over:
                await desk.own(connection, number, now_ms, who, note, until_ms)
            elif not await desk.acknowledge(connection, number, now_ms, who, note, until_ms):
                return
            if tells and note:
                await desk.status_update(connection, number, now_ms, who, note)

        return act

    return of


def back(wanted: str, otherwise: str) -> str:
    """Return where a form goes back to: to a list of problems as it was filtered, or else to the given page."""
    is_list = wanted == _PATH or wanted.startswith(f"{_PATH}?")
    return wanted if is_list and wanted.isprintable() else otherwise
