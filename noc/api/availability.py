"""Availability: figures of a period from the ledger, with floor, ceiling, coverage, and what a target makes of them."""

from __future__ import annotations

from collections.abc import Mapping
from fractions import Fraction
from typing import Final, Literal

from aiohttp import web
from pydantic import Field

from noc.api import _query as query
from noc.api._endpoint import PAGING, Endpoint, path_id
from noc.api._pages import page
from noc.api._period import PARAMETERS, TARGET, period, target
from noc.api._shapes import Listing, Moment, Shape
from noc.availability.document import entity_fields, sum_fields
from noc.availability.figures import Durations
from noc.availability.policy import Period
from noc.availability.replay import Answer, EntityAnswer
from noc.availability.target import Verdict, error_budget, verdict
from noc.http.problems import ProblemError, not_found
from noc.http.scope import scope
from noc.http.sources import Sources

Kind = Literal["region", "site", "device", "endpoint", "service"]
PLURALS: Final[Mapping[Kind, str]] = {
    "region": "regions",
    "site": "sites",
    "device": "devices",
    "endpoint": "endpoints",
    "service": "services",
}


class Budget(Shape):
    """The error budget of a target. Seconds."""

    target_pct: float
    verdict: Literal["met", "missed", "not shown"]
    """met: by the floor; missed: by the ceiling; not shown: unknown time leaves it open."""
    allowed_s: float
    spent_s: float
    left_s: float
    """Negative where the target is broken."""
    burn_rate: float | None
    """The share of the budget that is spent, over the share of the period that is over; 1 spends it exactly."""


class Sums(Shape):
    """How long in each state, and the percentages; docs/availability.md defines them. null: nothing to divide by."""

    availability_pct: float | None
    floor_pct: float | None
    """Unknown time counted as down."""
    ceiling_pct: float | None
    """Unknown time counted as up."""
    coverage_pct: float | None
    """How much was really seen."""
    up_s: float
    down_s: float
    unreachable_s: float
    unknown_s: float
    planned_s: float
    target: Budget | None
    """null where nothing is promised."""


class Outages(Shape):
    """Outages of one entity."""

    outages: int
    longest_outage_s: float
    mttr_s: float | None
    mtbf_s: float | None


class Stretch(Shape):
    """A state that lasted."""

    start: Moment = Field(alias="from")
    end: Moment = Field(alias="to")
    state: Literal["up", "down", "unreachable", "unknown"]


class FiguresItem(Sums):
    """The figures of one entity."""

    entity: str
    outages: Outages | None
    """null for regions, which have sums alone."""


class EntityFigures(FiguresItem):
    """The figures of one entity, with its states."""

    start: Moment = Field(alias="from")
    end: Moment = Field(alias="to")
    intervals: list[Stretch]
    """Its states inside the period, windows not cut out; none for regions."""


class NetworkFigures(Sums):
    """The figures of the whole network."""

    start: Moment = Field(alias="from")
    end: Moment = Field(alias="to")
    regions: list[FiguresItem]
    """By name."""


class _Asked:
    """What a request asks for, answered."""

    def __init__(
        self, answer: Answer, target_pct: Fraction | None, now_ms: int, own: Mapping[str, Fraction] | None = None
    ) -> None:
        self.answer = answer
        self._own = own or {}
        self._target_pct = target_pct
        self._now_ms = now_ms

    @property
    def period(self) -> Period:
        """Return the period."""
        return self.answer.period

    def sums(self, durations: Durations, name: str = "") -> dict[str, object]:
        """Return the fields of Sums. name: of the entity, which may have a target of its own."""
        return {**sum_fields(durations), "target": self._budget(durations, self._own.get(name, self._target_pct))}

    def _budget(self, durations: Durations, target_pct: Fraction | None) -> Budget | None:
        if target_pct is None:
            return None
        budget = error_budget(durations, target_pct, self.period, self._now_ms)
        word: Verdict = verdict(durations, target_pct)
        return Budget(
            target_pct=float(target_pct),
            verdict=word.value,
            allowed_s=float(budget.allowed / 1000),
            spent_s=float(Fraction(budget.spent) / 1000),
            left_s=float(budget.left / 1000),
            burn_rate=None if budget.burn_rate is None else float(budget.burn_rate),
        )

    def item(self, name: str) -> dict[str, object]:
        """Return the fields of FiguresItem."""
        if name in self.answer.regions:
            return {"entity": name, "outages": None, **self.sums(self.answer.regions[name])}
        figures = self.answer.entities[name].figures
        fields = entity_fields(figures)
        outages = {key: fields[key] for key in Outages.model_fields}
        return {"entity": name, "outages": outages, **self.sums(figures.durations, name)}


async def _asked(sources: Sources, request: web.Request) -> _Asked:
    target_pct = target(request, sources.target_pct)
    answer = await sources.availability(period(request, sources.clock))
    services = sources.inventory().services.values()
    own = {
        service.entity: Fraction(str(service.availability_target))
        for service in services
        if service.availability_target is not None and "target" not in request.query
    }
    return _Asked(answer, target_pct, query.now_ms(sources.clock), own)


def endpoints(sources: Sources) -> list[Endpoint]:
    """Return the endpoints of availability."""

    async def network(request: web.Request) -> NetworkFigures:
        if not scope(request).everything:
            raise ProblemError(403, "figures of the whole network are for those who may see all regions")
        found = await _asked(sources, request)
        return NetworkFigures(
            **found.sums(found.answer.network),
            start=found.period.start,
            end=found.period.end,
            regions=[FiguresItem(**found.item(name)) for name in found.answer.regions],
        )

    said = "Of the network and its regions."
    whole = Endpoint("GET", "/availability", said, network, NetworkFigures, (*PARAMETERS, TARGET))
    return [whole, *(endpoint for kind in PLURALS for endpoint in _of_kind(sources, kind))]


def _of_kind(sources: Sources, kind: Kind) -> list[Endpoint]:
    async def listed(request: web.Request) -> Listing[FiguresItem]:
        after, limit = query.cursor(request), query.limit(request)
        found = await _asked(sources, request)
        inventory, seen = sources.inventory(), scope(request)
        names = found.answer.regions if kind == "region" else found.answer.entities
        keys = sorted(name for name in names if name.startswith(f"{kind}/") and seen.sees(inventory, name))
        shown, more = page(keys, after, limit)
        return Listing[FiguresItem](items=[FiguresItem(**found.item(name)) for name in shown], next=more)

    async def one(request: web.Request) -> EntityFigures:
        name = f"{kind}/{request.match_info['id']}"
        if not scope(request).sees(sources.inventory(), name):
            raise not_found(name[:100])
        found = await _asked(sources, request)
        entity = found.answer.entities.get(name)
        if entity is None and name not in found.answer.regions:
            raise not_found(f"figure of {name[:100]}: it is not in the inventory, nor in the ledger")
        start, end = found.period.start, found.period.end
        return EntityFigures(**found.item(name), start=start, end=end, intervals=_stretches(entity))

    plural, listing, given = PLURALS[kind], Listing[FiguresItem], (*PARAMETERS, TARGET)
    each = (path_id(kind), *given)
    return [
        Endpoint("GET", f"/availability/{plural}", f"Of all {plural}, by name.", listed, listing, (*given, *PAGING)),
        Endpoint("GET", f"/availability/{plural}/{{id}}", f"Of one {kind}.", one, EntityFigures, each),
    ]


def _stretches(entity: EntityAnswer | None) -> list[Stretch]:
    found = () if entity is None else entity.intervals
    return [Stretch(start=start, end=end, state=state.value) for start, end, state in found]
