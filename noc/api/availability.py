"""Availability: figures of a period from the ledger, with floor, ceiling, coverage, and what a target makes of them."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Hashable, Mapping
from fractions import Fraction
from functools import cache
from typing import Final, Literal

from aiohttp import web
from pydantic import Field

from noc.api import _named as named
from noc.api import _places as places
from noc.api import _query as query
from noc.api._endpoint import PAGING, Endpoint, Parameter, path_id
from noc.api._filters import Field as By
from noc.api._filters import Filters, Value
from noc.api._fresh import Edition, HangsOn
from noc.api._pages import filtered_page
from noc.api._period import GRAIN_MS, PARAMETERS, TARGET, period, target
from noc.api._shapes import Listing, Moment, Shape
from noc.availability.document import entity_fields, sum_fields
from noc.availability.entities import kind_of
from noc.availability.figures import Durations
from noc.availability.objectives import Targets
from noc.availability.policy import Period
from noc.availability.replay import EntityAnswer
from noc.availability.statement import Statement
from noc.availability.target import Verdict, error_budget, verdict
from noc.http.problems import ProblemError, bad_request, not_found
from noc.http.scope import scope
from noc.http.sources import Sources
from noc.inventory.inventory import Inventory
from noc.model.correction import Cause

Kind = Literal["region", "site", "device", "endpoint", "circuit", "service", "poller"]
PLURALS: Final[Mapping[Kind, str]] = {
    "region": "regions",
    "site": "sites",
    "device": "devices",
    "endpoint": "endpoints",
    "circuit": "circuits",
    "service": "services",
    "poller": "pollers",
}
KNOWN: Final = Parameter(
    "known",
    "As known at this record of the ledger: what later ones say doesn't count. Default: the last.",
    {"type": "integer", "minimum": 1},
)
ENTITY: Final = Parameter("entity", "Its name: interface/nbo-rtr-1/Gi0/1, or any other.", required=True)


FILTERS: Final = Filters(
    (
        *places.PLACES,
        By("availability_pct", "the availability", "number"),
        By("coverage_pct", "the coverage", "number"),
        By("verdict", "the verdict on its target", "word", ("met", "missed", "not shown")),
    )
)


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


class States(Shape):
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


class Sums(States):
    """As measured; and what people found out later beside it."""

    target: Budget | None
    """null where nothing is promised."""
    adjusted: States
    """With what was corrected: what turned out to be planned is cut out, a false reading was up."""
    causes: dict[Cause, float]
    """Seconds of down and unreachable time by cause, as measured; their sum is all of it."""
    degraded_s: float | None
    """How long sites were up with a redundant path gone, outside planned time; null for what is no site nor sum."""


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


class Known(Shape):
    """Up to which record of the ledger everything counts: the same again for the same number."""

    record: int
    hash: str
    """Its hash, hexadecimal, which stands for all records up to it."""
    time: Moment
    """When it was certain."""


class EntityFigures(FiguresItem):
    """The figures of one entity, with its states."""

    start: Moment = Field(alias="from")
    end: Moment = Field(alias="to")
    intervals: list[Stretch]
    """Its states inside the period, windows not cut out; none for regions."""
    known_at: Known | None
    """null while the ledger is empty."""


class NetworkFigures(Sums):
    """The figures of the whole network."""

    start: Moment = Field(alias="from")
    end: Moment = Field(alias="to")
    regions: list[FiguresItem]
    """By name."""
    known_at: Known | None
    """null while the ledger is empty."""


class _Asked:
    """What a request asks for, answered."""

    def __init__(self, said: Statement, target_pct: Fraction | None, now_ms: int, targets: Targets | None) -> None:
        self.said = said
        self.answer = said.measured
        self._targets = targets
        self._target_pct = target_pct
        self._now_ms = now_ms

    @property
    def period(self) -> Period:
        """Return the period."""
        return self.answer.period

    @property
    def known_at(self) -> Known | None:
        """Return what it was made from."""
        known = self.said.known_at
        return None if known is None else Known(record=known.record, hash=known.hash, time=known.time_ms)

    def network(self) -> dict[str, object]:
        """Return the fields of Sums of the whole network."""
        return self._sums("network", self.answer.network, self.said.adjusted.network)

    def _sums(self, name: str, durations: Durations, adjusted: Durations) -> dict[str, object]:
        causes = self.said.causes.get(name, {})
        has_paths = name == "network" or kind_of(name) in ("site", "region")
        return {
            **sum_fields(durations),
            "target": self._budget(durations, self._promised(name)),
            "adjusted": States(**sum_fields(adjusted)),
            "causes": {cause: float(Fraction(spent) / 1000) for cause, spent in sorted(causes.items())},
            "degraded_s": float(Fraction(self.said.degraded.get(name, 0)) / 1000) if has_paths else None,
        }

    def _promised(self, name: str) -> Fraction | None:
        return self._target_pct if self._targets is None else self._targets.of(name).percent

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
        adjusted = self.said.adjusted
        if name in self.answer.regions:
            sums = self._sums(name, self.answer.regions[name], adjusted.regions[name])
            return {"entity": name, "outages": None, **sums}
        figures = self.answer.entities[name].figures
        fields = entity_fields(figures)
        outages = {key: fields[key] for key in Outages.model_fields}
        sums = self._sums(name, figures.durations, adjusted.entities[name].figures.durations)
        return {"entity": name, "outages": outages, **sums}

    def one(self, name: str) -> EntityFigures:
        """Return all of one entity."""
        start, end = self.period.start, self.period.end
        stretches = _stretches(self.answer.entities.get(name))
        return EntityFigures(**self.item(name), start=start, end=end, intervals=stretches, known_at=self.known_at)


async def _asked(sources: Sources, request: web.Request, entity: str = "network") -> _Asked:
    target_pct, asked, known = target(request, sources.target_pct), period(request, sources.clock), _known(request)
    said = await sources.stated(entity, asked, known)
    if said is None:
        raise not_found(f"figure of {entity[:100]}: it is not in the inventory, nor in the ledger")
    targets = None if "target" in request.query or target_pct is None else sources.objectives.targets
    return _Asked(said, target_pct, _now_ms(sources), targets)


def _known(request: web.Request) -> int | None:
    text = query.text(request, "known")
    if text is None:
        return None
    if not (text.isascii() and text.isdigit() and len(text) <= 18 and int(text)):
        raise bad_request("/query/known", "must be the number of a record of the ledger, 1 or more")
    return int(text)


def endpoints(sources: Sources) -> list[Endpoint]:
    """Return the endpoints of availability."""

    async def network(request: web.Request) -> NetworkFigures:
        if not scope(request).everything:
            raise ProblemError(403, "figures of the whole network are for those who may see all regions")
        found = await _asked(sources, request)
        return NetworkFigures(
            **found.network(),
            start=found.period.start,
            end=found.period.end,
            regions=[FiguresItem(**found.item(name)) for name in found.answer.regions],
            known_at=found.known_at,
        )

    async def any_one(request: web.Request) -> EntityFigures:
        inventory, seen = sources.inventory(), scope(request)
        name = named.entity(request, inventory, seen)
        if name is None:
            raise bad_request("/query/entity", "is missing; write it as interface/nbo-rtr-1/Gi0/1")
        try:
            return await _one(sources, request, name)
        except ProblemError as error:
            if error.status == 404 and not named.is_there(inventory, seen, name):
                # In a query, what names nothing is a wrong value.
                raise named.no_such_entity(inventory, seen, name) from error
            raise

    said = "Of the network and its regions."
    given = (*PARAMETERS, TARGET, KNOWN)
    whole = Endpoint("GET", "/availability", said, network, NetworkFigures, given)
    said = "Of one entity of any kind, parts of devices among them."
    part = Endpoint("GET", "/availability/entity", said, any_one, EntityFigures, (ENTITY, *given))
    return [whole, part, *(endpoint for kind in PLURALS for endpoint in _of_kind(sources, kind))]


def _of_kind(sources: Sources, kind: Kind) -> list[Endpoint]:
    async def listed(request: web.Request) -> Listing[FiguresItem]:
        after, limit = query.cursor(request), query.limit(request)
        found = await _asked(sources, request)
        inventory, seen = sources.inventory(), scope(request)
        names = found.answer.regions if kind == "region" else found.answer.entities
        keys = sorted(name for name in names if name.startswith(f"{kind}/") and seen.sees(inventory, name))
        of: Callable[[str], FiguresItem] = cache(lambda name: FiguresItem(**found.item(name)))
        wanted = FILTERS.asked(request, sources.clock, _values(inventory, of), places.known(inventory, seen))

        def told() -> Listing[FiguresItem]:
            shown, more = filtered_page(keys, after, limit, wanted)
            return Listing[FiguresItem](items=[of(name) for name in shown], next=more)

        return await asyncio.to_thread(told)  # by their figures, of all devices, it takes seconds

    async def one(request: web.Request) -> EntityFigures:
        return await _one(sources, request, f"{kind}/{request.match_info['id']}")

    plural, listing, given = PLURALS[kind], Listing[FiguresItem], (*PARAMETERS, TARGET, KNOWN)
    each, said = (path_id(kind), *given), f"Of all {plural}, by name."
    filters = (*given, *FILTERS.parameters, *PAGING)
    return [
        Endpoint("GET", f"/availability/{plural}", said, listed, listing, filters, hangs_on=_stated(sources)),
        Endpoint("GET", f"/availability/{plural}/{{id}}", f"Of one {kind}.", one, EntityFigures, each),
    ]


def _stated(sources: Sources) -> HangsOn:
    """Return what lists of figures hang on: what they are made from, and how much of a period is over."""
    inventories, targets = Edition(), Edition()

    async def now(request: web.Request) -> Hashable:
        if "known" in request.query:
            return None  # worked out anew each time
        of = period(request, sources.clock)
        said = await sources.stated("network", of)
        if said is None:
            return None
        made_from = said.known_at, said.until_ms
        editions = inventories.of(sources.inventory()), targets.of(sources.objectives.targets)
        return of, made_from, editions, min(_now_ms(sources), of.end)

    return HangsOn(sources.clock, now)


def _now_ms(sources: Sources) -> int:
    """Return the time by which budgets are burnt: the same for a moment, so that what is answered is, too."""
    return query.now_ms(sources.clock) // GRAIN_MS * GRAIN_MS


def _values(inventory: Inventory, of: Callable[[str], FiguresItem]) -> dict[str, Callable[[str], Value]]:
    def verdict_of(name: str) -> str | None:
        target = of(name).target
        return None if target is None else target.verdict

    return {
        **places.values(inventory, str),
        "availability_pct": lambda name: of(name).availability_pct,
        "coverage_pct": lambda name: of(name).coverage_pct,
        "verdict": verdict_of,
    }


async def _one(sources: Sources, request: web.Request, name: str) -> EntityFigures:
    if not scope(request).sees(sources.inventory(), name) or name == "network":
        raise not_found(name[:100])
    return (await _asked(sources, request, name)).one(name)


def _stretches(entity: EntityAnswer | None) -> list[Stretch]:
    found = () if entity is None else entity.intervals
    return [Stretch(start=start, end=end, state=state.value) for start, end, state in found]
