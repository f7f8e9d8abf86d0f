"""The rehearsal: who would be called, when, and for what; with a time line."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from aiohttp import web

from alerts.incidentwords import line_word
from noc.availability.times import format_time, parse
from noc.http.problems import not_found
from noc.http.rehearsals import SCENARIO_AT_MOST, Rehearse, Rehearsed
from noc.http.scope import scope
from noc.model.errors import UsageError
from noc.model.instants import to_ms
from noc.web.pages import WebPages, spoken_of

TEMPLATE: Final = "rehearsal.html"

WIDTH: Final = 1440
"""Of the drawn time line, in its own units."""

MARK: Final = 8

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


async def show(pages: WebPages, request: web.Request) -> web.Response:
    """Answer with a scenario to begin with."""
    _allowed(pages, request)
    site = next(iter(pages.sources.inventory().sites), "nairobi")
    hour_ms = to_ms(pages.sources.clock.now()) // 3_600_000 * 3_600_000
    return _page(pages, request, EXAMPLE.format(start=format_time(hour_ms), site=site))


async def play(pages: WebPages, request: web.Request) -> web.Response:
    """Play a scenario and answer with what came of it; it changes nothing, so that there is nowhere to go from here."""
    rehearse = _allowed(pages, request)
    scenario = str((await request.post()).get("scenario", "")).replace("\r\n", "\n")[:SCENARIO_AT_MOST]
    try:
        found = await rehearse(scenario, spoken_of(request))
    except UsageError as error:
        return _page(pages, request, scenario, mistakes=str(error).splitlines())
    return _page(pages, request, scenario, found)


def _page(
    pages: WebPages, request: web.Request, scenario: str, found: Rehearsed | None = None, mistakes: Sequence[str] = ()
) -> web.Response:
    answer: Mapping[str, object] = {} if found is None else found.answer
    return pages.show(
        request,
        TEMPLATE,
        scenario=scenario,
        found=found,
        mistakes=mistakes,
        lines=[(one, _word(one)) for one in _rows(answer, "time_line")],
        incidents=[one for one in _rows(answer, "incidents") if one.get("merged_into") is None],
        called=() if found is None else called(found),
        differences=_differences(answer),
        width=WIDTH,
        mark=MARK,
    )


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


def _allowed(pages: WebPages, request: web.Request) -> Rehearse:
    rehearse = pages.sources.rehearse
    if rehearse is None or not scope(request).everything:
        raise not_found("rehearsal; it shows the whole network, to those who may see all of it")
    return rehearse


def _rows(answer: Mapping[str, object], key: str) -> Sequence[Mapping[str, object]]:
    found = answer.get(key)
    return [one for one in found if isinstance(one, dict)] if isinstance(found, list) else []


def _differences(answer: Mapping[str, object]) -> list[str]:
    expected = answer.get("expected")
    return [str(one["message"]) for one in _rows(expected, "differences")] if isinstance(expected, dict) else []
