"""Problem records: what several incidents have in common; and what came again so often that it should have one."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from operator import attrgetter
from typing import Annotated, Final

from aiohttp import web
from pydantic import AfterValidator, Field

from alerts import problemdesk
from alerts.documents import incident_document, problem_document, repeat_document
from noc.api import _named as named
from noc.api import _places as places
from noc.api import _query as query
from noc.api._about import number_in_path
from noc.api._body import body
from noc.api._endpoint import PAGING, Endpoint, Parameter
from noc.api._filters import Field as By
from noc.api._filters import Filters
from noc.api._incidentshapes import IncidentItem, Line, clean
from noc.api._once import HEADERS, once
from noc.api._pages import keyed_page, numbered_page
from noc.api._shapes import Listing, Moment, Number, Shape
from noc.api.incidents import revised
from noc.http.problems import not_found
from noc.http.problemsight import visible
from noc.http.scope import Scope, caller, scope
from noc.http.sources import Sources
from noc.model.incident import Incident
from noc.model.instants import to_ms
from noc.state import incidents, problems
from noc.state.database import Transaction
from noc.state.problems import PROBLEM_STATES, ProblemState

Prose = Annotated[str, AfterValidator(clean), Field(max_length=10_000)]


class ProblemItem(Shape):
    """A problem record."""

    id: int
    title: str
    state: ProblemState
    """known_error: its cause is known, and how to work around it."""
    cause: str
    """Why it comes again; empty while nobody knows."""
    workaround: str
    """What helps until it is solved."""
    opened: Moment
    opened_by: str
    changed: Moment
    closed: Moment | None
    incidents: int
    """How many there are."""


class ProblemDetail(ProblemItem):
    """A problem record with the incidents that you may see, the newest 500."""

    of: list[IncidentItem]


class RepeatItem(Shape):
    """What came again three times or more within 30 days, and has no problem record."""

    entity: str
    rule: str
    count: int
    first: Moment
    last: Moment
    newest: int
    """Number of the newest incident."""


class NewProblem(Shape):
    """A problem record to be."""

    title: Line
    incidents: Annotated[list[Number], Field(max_length=500)] = Field(default_factory=list)
    """Incidents that belong to it."""
    alike: bool = False
    """All of the last 30 days that are of the same rules and entities belong to it, too."""


class ChangedProblem(Shape):
    """What a problem record says from now on; what is left out stays."""

    title: Line | None = None
    state: ProblemState | None = None
    cause: Prose | None = None
    workaround: Prose | None = None


class Joining(Shape):
    """Incidents that belong to it."""

    incidents: Annotated[list[Number], Field(min_length=1, max_length=500)]


class Leaving(Shape):
    """An incident that belongs to it no more."""

    incident: Number


ID: Final = Parameter("id", "Number of the problem.", {"type": "integer", "minimum": 1}, place="path", required=True)
FILTERS: Final = Filters(
    (
        By("state", "the state", "word", PROBLEM_STATES),
        By("title", "the title", "text"),
        By("cause", "the cause", "text"),
        By("workaround", "what helps until it is solved", "text"),
        By("opened_by", "the one who opened it", "text"),
        By("opened", "the opening", "time"),
        By("incidents", "the number of incidents", "number"),
    )
)
REPEATING: Final = Filters(
    (
        places.ENTITY,
        *places.PLACES,
        By("rule", "the rule", "text"),
        By("count", "the number of times", "number"),
        By("first", "the first time", "time"),
        By("last", "the last time", "time"),
    )
)
REPEATS_AT_MOST: Final = 1_000
"""Those that came most often."""

MOST: Final = 10**15 - 1
ONE: Final = "/problems/{id}"
BELONGS: Final = "An incident belongs to another record, or this one is closed; `detail` says which."


def endpoints(sources: Sources) -> list[Endpoint]:
    """Return the endpoints of problem records."""
    return [*_reading(sources), *_writing(sources)]


def _reading(sources: Sources) -> list[Endpoint]:
    async def listed(request: web.Request) -> Listing[ProblemItem]:
        states = query.words(request, "state", PROBLEM_STATES)
        fits: Callable[[ProblemItem], bool] = FILTERS.asked(request, sources.clock, {}, {})
        seen = set[int]()
        async with sources.database.read() as connection:

            async def read(place: int | None, at_once: int) -> list[ProblemItem]:
                found = await problems.page(connection, states=states, before=place, limit=at_once)
                numbers = [one.id for one, _ in found]
                seen.update(await visible(connection, sources.inventory(), scope(request), numbers))
                return [ProblemItem.model_validate(problem_document(one, int, count)) for one, count in found]

            shown, more = await numbered_page(
                request, read, attrgetter("id"), lambda item: item.id in seen and fits(item)
            )
        return Listing[ProblemItem](items=shown, next=more)

    async def one(request: web.Request) -> ProblemDetail:
        async with sources.database.read() as connection:
            return await _detail(connection, sources, scope(request), number_in_path(request, "problem"))

    filters = (*FILTERS.parameters, *PAGING)
    listing = Listing[ProblemItem]
    return [
        Endpoint(
            *("GET", "/problems", "Problem records, the newest first.", listed, listing, filters),
            hangs_on=revised(sources, "incident", "problem"),
        ),
        _suggesting(sources),
        Endpoint("GET", ONE, "One, with its incidents.", one, ProblemDetail, (ID,)),
    ]


def _suggesting(sources: Sources) -> Endpoint:
    async def suggested(request: web.Request) -> Listing[RepeatItem]:
        since_ms = to_ms(sources.clock.now()) - problemdesk.REPEATS_WITHIN_MS
        seen, inventory = scope(request), sources.inventory()
        async with sources.database.read() as connection:
            await named.entities(
                request, inventory, seen, lambda entity: incidents.page(connection, entity=entity, limit=1)
            )
            found = await problems.repeats(connection, since_ms, problemdesk.REPEATS_AT_LEAST, REPEATS_AT_MOST)
        values = places.values(inventory, attrgetter("entity"))
        fits: Callable[[RepeatItem], bool] = REPEATING.asked(
            request, sources.clock, values, places.known(inventory, seen)
        )
        items, more = keyed_page(
            {
                f"{MOST - one.count:015} {one.entity} {one.rule}": RepeatItem.model_validate(repeat_document(one, int))
                for one in found
                if seen.sees(inventory, one.entity)
            },
            *(query.cursor(request), query.limit(request), fits),
        )
        return Listing[RepeatItem](items=items, next=more)

    again, repeats = "What came again, and has no problem record, the most often first.", Listing[RepeatItem]
    return Endpoint("GET", "/problems/suggested", again, suggested, repeats, (*REPEATING.parameters, *PAGING))


def _writing(sources: Sources) -> list[Endpoint]:
    async def begin(request: web.Request) -> ProblemDetail:
        said, who = await body(request, NewProblem), caller(request).who

        async def do(connection: Transaction, now_ms: int) -> int:
            await _all_seen(connection, sources, scope(request), said.incidents)
            made = await problemdesk.begin(connection, now_ms, who, said.title, said.incidents, alike=said.alike)
            return made.id

        return await _do(sources, request, do)

    async def change(request: web.Request) -> ProblemDetail:
        said, number = await body(request, ChangedProblem), number_in_path(request, "problem")

        async def do(connection: Transaction, now_ms: int) -> int:
            given = {"title": said.title, "cause": said.cause, "workaround": said.workaround}
            await problemdesk.change(connection, number, now_ms, state=said.state, **given)
            return number

        return await _do(sources, request, do, number)

    async def join(request: web.Request) -> ProblemDetail:
        said, number, who = await body(request, Joining), number_in_path(request, "problem"), caller(request).who

        async def do(connection: Transaction, now_ms: int) -> int:
            await _all_seen(connection, sources, scope(request), said.incidents)
            await problemdesk.join(connection, number, now_ms, who, said.incidents)
            return number

        return await _do(sources, request, do, number)

    async def leave(request: web.Request) -> ProblemDetail:
        said, number, who = await body(request, Leaving), number_in_path(request, "problem"), caller(request).who

        async def do(connection: Transaction, now_ms: int) -> int:
            await _all_seen(connection, sources, scope(request), [said.incident])
            await problemdesk.leave(connection, number, now_ms, who, said.incident)
            return number

        return await _do(sources, request, do, number)

    one = (ID, *HEADERS)
    return [
        _post("/problems", "Open a problem record.", begin, NewProblem, HEADERS, BELONGS),
        _post(ONE, "Change what it says.", change, ChangedProblem, one),
        _post(f"{ONE}/join", "Let incidents belong to it.", join, Joining, one, BELONGS),
        _post(f"{ONE}/leave", "Let one belong to it no more.", leave, Leaving, one),
    ]


def _post(
    path: str,
    summary: str,
    handler: Callable[[web.Request], Awaitable[ProblemDetail]],
    model: type[Shape],
    parameters: tuple[Parameter, ...],
    conflict: str | None = None,
) -> Endpoint:
    return Endpoint(
        "POST", path, summary, handler, ProblemDetail, parameters, model, conflict, guarded=True, right="handle"
    )


async def _do(
    sources: Sources,
    request: web.Request,
    act: Callable[[Transaction, int], Awaitable[int]],
    number: int | None = None,
) -> ProblemDetail:
    asked, seen = await once(request), scope(request)

    async def within(connection: Transaction, now_ms: int) -> ProblemDetail:
        before = await asked.before(connection, now_ms)
        if before is not None:
            return ProblemDetail.model_validate_json(before)
        if asked.tags is not None and number is not None:
            asked.check(await _detail(connection, sources, seen, number))
        found = await _detail(connection, sources, seen, await act(connection, now_ms))
        await asked.keep(connection, now_ms, found)
        return found

    try:
        return await sources.desk.do(None, within)
    except LookupError as error:
        raise not_found(str(error.args[0]).removeprefix("there is no ")) from error


async def _all_seen(connection: Transaction, sources: Sources, seen: Scope, numbers: list[int]) -> None:
    inventory = sources.inventory()
    for number in numbers:
        found = await incidents.get(connection, number)
        if found is None or not seen.sees(inventory, found.entity):
            raise not_found(f"incident {number}")


async def _detail(connection: Transaction, sources: Sources, seen: Scope, number: int) -> ProblemDetail:
    found, inventory = await problems.get(connection, number), sources.inventory()
    if found is None or not await visible(connection, inventory, seen, [number]):
        raise not_found(f"problem {number}")
    now_ms = to_ms(sources.clock.now())
    of = await problems.incidents_of(connection, number)
    theirs: list[Incident] = [one for one in of if seen.sees(inventory, one.entity)]
    document = problem_document(found, int, len(of))
    return ProblemDetail.model_validate({**document, "of": [incident_document(one, int, now_ms) for one in theirs]})
