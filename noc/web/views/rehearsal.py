"""The rehearsal: who would be called, when, and for what; with a time line. It is played beside everything else."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from aiohttp import web

from alerts.incidentwords import line_word
from noc.availability.times import format_time, parse
from noc.http.problems import not_found
from noc.http.rehearsals import SCENARIO_AT_MOST, Rehearsal, Rehearsals, Rehearsed
from noc.http.scope import caller, scope
from noc.i18n.language import language
from noc.model.errors import ConflictError
from noc.model.instants import to_ms
from noc.web.callednames import CalledNames
from noc.web.pages import WebPages, spoken_of
from noc.web.paging import page_of

WIDTH: Final = 1440
"""Of the drawn time line, in its own units."""

MARK: Final = 8

SHOWN: Final = 200
"""Incidents; all are in the answer of the API."""

FROM: Final = "from"
"""In an address: the number of the rehearsal whose scenario the form begins with."""

_NUMBER: Final = re.compile(r"[0-9]{1,15}\Z")

EXAMPLE: Final = """\
start: {start}
duration: 2h
events:
  - {{at: 5m, fail: site/{site}}}
  - {{at: 60m, restore: site/{site}}}
"""


@dataclass(frozen=True, slots=True)
class Mark:
    """A message on the drawn time line. x: from 0 to WIDTH."""

    x: int
    kind: str
    at: str


@dataclass(frozen=True, slots=True)
class Called:
    """A person, and what they were sent."""

    person: str
    marks: tuple[Mark, ...]


@dataclass(frozen=True, slots=True)
class Difference:
    """What is not as expected. place: line and column of the scenario that says what was."""

    message: str
    place: str


async def show(pages: WebPages, request: web.Request) -> web.Response:
    """Answer with a scenario to begin with, and those that were played."""
    room, wanted = _room(pages, request), request.query.get(FROM, "")
    before = room.get(int(wanted)) if _NUMBER.match(wanted) else None
    return await _begin(pages, request, _example(pages) if before is None else before.scenario)


async def play(pages: WebPages, request: web.Request) -> web.StreamResponse:
    """Begin to play a scenario, and go where it is seen."""
    room, form = _room(pages, request), await request.post()
    scenario = str(form.get("scenario", "")).replace("\r\n", "\n")[:SCENARIO_AT_MOST]
    if not scenario.strip():
        return await _begin(pages, request, _example(pages))
    try:
        begun = room.begin(scenario, spoken_of(request), caller(request).who)
    except ConflictError as error:
        return await _begin(pages, request, scenario, wrong=str(error), status=409)
    raise web.HTTPSeeOther(f"/rehearsal/{begun.id}")


async def played(pages: WebPages, request: web.Request) -> web.Response:
    """Answer with how far one is, or with what came of it."""
    one = _found(_room(pages, request), request)
    return _played(pages, request, one, await pages.called())


async def cancel(pages: WebPages, request: web.Request) -> web.StreamResponse:
    """End one that is being played or waits."""
    room, one = _room(pages, request), _found(_room(pages, request), request)
    if not one.is_over:  # else it was over before the button was pressed: what came of it is shown
        room.cancel(one.id, caller(request).who)
    raise web.HTTPSeeOther(f"/rehearsal/{one.id}")


async def _begin(
    pages: WebPages, request: web.Request, scenario: str, *, wrong: str = "", status: int = 200
) -> web.Response:
    kept = _room(pages, request).all()
    return pages.show(
        request,
        "rehearsal.html",
        scenario=scenario,
        wrong_form=wrong,
        page=page_of(kept, request, per_page=50),
        is_busy=any(not one.is_over for one in kept),
        name_of=await pages.called(),
        http_status=status,
    )


def _played(pages: WebPages, request: web.Request, one: Rehearsal, name_of: CalledNames) -> web.Response:
    answer: Mapping[str, object] = {} if one.found is None else one.found.answer
    differences = _differences(answer)
    incidents = [line for line in _rows(answer, "incidents") if line.get("merged_into") is None]
    return pages.show(
        request,
        "rehearsalplayed.html",
        one=one,
        answer=answer,
        page=page_of([(line, _word(line)) for line in _rows(answer, "time_line")], request),
        incidents=incidents[:SHOWN],
        unshown=max(0, len(incidents) - SHOWN),
        called=() if one.found is None else called(one.found),
        differences=differences,
        remarks=() if one.found is None else remarks(one.found.said, differences),
        name_of=name_of,
        direction=language(one.lang).direction,
        width=WIDTH,
        mark=MARK,
    )


def _example(pages: WebPages) -> str:
    sites = pages.sources.inventory().sites
    # A data centre is where noc may stand itself, and then nothing would be left to see.
    site = next((one.id for one in sites.values() if one.site_class != "hub"), next(iter(sites), "nairobi"))
    hour_ms = to_ms(pages.sources.clock.now()) // 3_600_000 * 3_600_000
    return EXAMPLE.format(start=format_time(hour_ms), site=site)


def _word(line: Mapping[str, object]) -> str:
    return line_word(str(line.get("kind")), to_somebody=bool(line.get("who")))


def called(found: Rehearsed) -> tuple[Called, ...]:
    """Return who was sent what, by name."""
    answer = found.answer
    start_ms, end_ms = parse(answer["from"]), parse(answer["to"])
    people: dict[str, list[Mark]] = {}
    for one in _rows(answer, "notifications"):
        share = (parse(one["at"]) - start_ms) / max(end_ms - start_ms, 1)
        mark = Mark(int(share * (WIDTH - MARK)), str(one["kind"]), str(one["at"]))
        people.setdefault(str(one["person"]), []).append(mark)
    return tuple(Called(person, tuple(marks)) for person, marks in sorted(people.items()))


def _room(pages: WebPages, request: web.Request) -> Rehearsals:
    room = pages.sources.rehearsals
    if room is None or not scope(request).everything:
        raise not_found("rehearsal; it shows the whole network, to those who may see all of it")
    return room


def _found(room: Rehearsals, request: web.Request) -> Rehearsal:
    number = request.match_info["number"]
    found = room.get(int(number)) if _NUMBER.match(number) else None
    if found is None:
        raise not_found(f"rehearsal {number[:20]}; the newest are kept, until noc is started again")
    return found


def _rows(answer: Mapping[str, object], key: str) -> Sequence[Mapping[str, object]]:
    found = answer.get(key)
    return [one for one in found if isinstance(one, dict)] if isinstance(found, list) else []


def _differences(answer: Mapping[str, object]) -> list[Difference]:
    expected = answer.get("expected")
    found = _rows(expected, "differences") if isinstance(expected, dict) else ()
    return [Difference(str(one["message"]), f"{one.get('line')}:{one.get('column')}") for one in found]


def remarks(said: Iterable[str], differences: Sequence[Difference]) -> list[str]:
    """Return what was said beside what differs, which is shown by itself."""
    return [line for line in said if not any(line.endswith(f": error: {one.message}") for one in differences)]
