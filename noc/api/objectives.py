"""Objectives: what is promised of everything, how much of it is spent, and what is still possible."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from typing import Final, Literal

from aiohttp import web
from pydantic import Field

from noc.api import _places as places
from noc.api import _query as query
from noc.api._endpoint import PAGING, Endpoint, Parameter, path_id
from noc.api._filters import Field as By
from noc.api._filters import Filters, Value
from noc.api._pages import filtered_page
from noc.api._shapes import Moment, Shape
from noc.availability.objectivedocument import objective_fields, period_fields
from noc.availability.objectives import NETWORK
from noc.availability.standings import PeriodError, Standings
from noc.http.problems import ProblemError, bad_request, not_found
from noc.http.scope import Scope, scope
from noc.http.sources import Sources

Kind = Literal["region", "site", "device", "circuit", "endpoint", "service"]
PLURALS: Final[Mapping[Kind, str]] = {
    "region": "regions",
    "site": "sites",
    "device": "devices",
    "circuit": "circuits",
    "endpoint": "endpoints",
    "service": "services",
}
VERDICTS: Final = ("met", "missed", "not shown")

VerdictWord = Literal["met", "missed", "not shown"]

GIVEN: Final = (
    Parameter(
        "period",
        "2026-10, 2026-Q4, 2026, 2026-2027, 30d; or month, quarter, year, biennium: the running one. Default month.",
    ),
    Parameter("zone", "Time zone in which the period begins at midnight. Default: what the settings say."),
)


FILTERS: Final = Filters(
    (
        By("kind", "the kind", "word", (NETWORK, *PLURALS)),
        *places.PLACES,
        By("target_pct", "the target", "number"),
        By("verdict", "the verdict that is certain", "word", VERDICTS),
    )
)


class BudgetMinutes(Shape):
    """The error budget of the whole period. Minutes; of a region and of the network, minutes of sites by weight."""

    allowed_min: float
    spent_min: float
    left_min: float
    """Negative where the target is broken."""
    left_pct: float | None
    """Of what is allowed; null where nothing is."""
    burn_rate: float | None
    """The spent share of the budget, over the share of the period that is over."""


class Burn(Shape):
    """How fast the budget was spent of late; 1 spends exactly all of it. null: nothing to divide by."""

    last_1h: float | None = Field(alias="1h")
    last_6h: float | None = Field(alias="6h")
    last_3d: float | None = Field(alias="3d")


class ForecastItem(Shape):
    """How the period will end."""

    expected_pct: float | None
    """Availability, if the rest is as the days before on average; null where too little is known."""
    low_pct: float | None
    """What the floor will hardly be below."""
    high_pct: float | None
    """What the ceiling will hardly be above."""
    history_days: int
    """How many days it rests on; 0: low and high are what is possible at all."""


class ObjectiveItem(Shape):
    """How one objective stands. docs/objectives.md defines the numbers."""

    entity: str
    """Or `network`."""
    target_pct: float
    said_of: str
    """Where the target is said: an entity, a class of sites, `network`."""
    verdict: VerdictWord
    """Of the whole period, with what is to come unknown: what is certain."""
    verdict_so_far: VerdictWord
    """If the period ended now."""
    adjusted_verdict: VerdictWord
    """As `verdict`, without what people corrected."""
    possible: list[VerdictWord]
    """What may still be said at the end."""
    availability_pct: float | None
    adjusted_pct: float | None
    """Availability without what people corrected."""
    floor_pct: float | None
    ceiling_pct: float | None
    coverage_pct: float | None
    budget: BudgetMinutes
    burn: Burn
    forecast: ForecastItem


class PeriodItem(Shape):
    """The period that is told of."""

    name: str
    unit: Literal["month", "quarter", "year", "biennium", "rolling"]
    zone: str
    start: Moment = Field(alias="from")
    end: Moment = Field(alias="to")
    up_to: Moment
    """Up to when the figures reach."""


class OneObjective(ObjectiveItem):
    """How one objective stands, with its period."""

    period: PeriodItem


class ObjectiveList(Shape):
    """A page of objectives, by name."""

    period: PeriodItem
    items: list[ObjectiveItem]
    next: str | None
    """Give it as `cursor` for the next page; null: this was the last."""


def endpoints(sources: Sources) -> list[Endpoint]:
    """Return the endpoints of objectives."""

    async def listed(request: web.Request) -> ObjectiveList:
        after, limit = query.cursor(request), query.limit(request)
        inventory, seen = sources.inventory(), scope(request)
        values: dict[str, Callable[[str], Value]] = {
            "kind": lambda name: name.partition("/")[0],
            **places.values(inventory, str),
            "verdict": lambda name: None if (one := found.of(name, foreseen=False)) is None else one.verdict.value,
            "target_pct": lambda name: float(found.targets.of(name).percent),
        }
        wanted = FILTERS.asked(request, sources.clock, values, places.known(inventory, seen))
        found = await _asked(sources, request)
        may_see = seen_by(sources, seen)
        names = sorted(name for name in found.names() if may_see(name))

        def told() -> ObjectiveList:
            shown, more = filtered_page(names, after, limit, wanted)
            return ObjectiveList(period=_period(found), items=[_item(found, name) for name in shown], next=more)

        return await asyncio.to_thread(told)  # of all devices a second and more

    async def network(request: web.Request) -> OneObjective:
        if not scope(request).everything:
            raise ProblemError(403, "figures of the whole network are for those who may see all regions")
        return _one(await _asked(sources, request), NETWORK)

    said = "How all objectives stand, by name."
    return [
        Endpoint("GET", "/objectives", said, listed, ObjectiveList, (*GIVEN, *FILTERS.parameters, *PAGING)),
        Endpoint("GET", "/objectives/network", "That of the network.", network, OneObjective, GIVEN),
        *(_of_kind(sources, kind) for kind in PLURALS),
    ]


def _of_kind(sources: Sources, kind: Kind) -> Endpoint:
    async def one(request: web.Request) -> OneObjective:
        name = f"{kind}/{request.match_info['id']}"
        if not seen_by(sources, scope(request))(name):
            raise not_found(name[:100])
        found = await _asked(sources, request)
        if found.of(name) is None:
            raise not_found(f"figure of {name[:100]}: it is not in the inventory, nor in the ledger")
        return _one(found, name)

    path = f"/objectives/{PLURALS[kind]}/{{id}}"
    return Endpoint("GET", path, f"That of one {kind}.", one, OneObjective, (path_id(kind), *GIVEN))


def seen_by(sources: Sources, may_see: Scope) -> Callable[[str], bool]:
    """Return whether a caller may see the figures of an entity, or of the network."""
    inventory = sources.inventory()
    return lambda name: may_see.everything if name == NETWORK else may_see.sees(inventory, name)


async def _asked(sources: Sources, request: web.Request) -> Standings:
    text, zone = query.text(request, "period") or "month", query.text(request, "zone")
    try:
        return await sources.objectives.standings(text, zone)
    except PeriodError as error:
        raise bad_request(f"/query/{error.asked}", str(error)) from error


def _one(found: Standings, name: str) -> OneObjective:
    return OneObjective.model_validate({**_fields(found, name), "period": _period(found)})


def _item(found: Standings, name: str) -> ObjectiveItem:
    return ObjectiveItem.model_validate(_fields(found, name))


def _fields(found: Standings, name: str) -> dict[str, object]:
    one = found.of(name)
    if one is None:
        raise not_found(f"figure of {name[:100]}")
    return objective_fields(name, one)


def _period(found: Standings) -> PeriodItem:
    return PeriodItem.model_validate(period_fields(found.named, found.now))
