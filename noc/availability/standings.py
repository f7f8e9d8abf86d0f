"""How all objectives stand in one period: from the figures of a few times, and the days before. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from functools import cached_property
from typing import Final, Literal

from noc.availability.entities import kind_of
from noc.availability.figures import Durations, Exact
from noc.availability.forecast import by_day, days_between, times, total
from noc.availability.objectives import NETWORK, Standing, Targets, standing, worst_first
from noc.availability.periods import Named
from noc.availability.policy import Period, Policy
from noc.availability.replay import Answer
from noc.availability.spans import Span, intersect, length, subtract
from noc.availability.statement import Statement
from noc.availability.windows import Planned

REMEMBERED_AT_MOST: Final = 2_000
"""Kinds with more entities are worked out anew for who asks: that of all devices would be a hundred megabytes."""


class PeriodError(ValueError):
    """What is asked for is no period, or no time zone. asked: which of both is wrong."""

    def __init__(self, message: str, asked: Literal["period", "zone"] = "period") -> None:
        super().__init__(message)
        self.asked = asked


class Members:
    """What the figures of an entity are the sum of: of the network, its sites; of a region, its sites; else itself."""

    def __init__(self, policy: Policy, names: Iterable[str]) -> None:
        kind = "site" if policy.sites else "device"
        self._policy = policy
        self._network = [name for name in names if kind_of(name) == kind]

    def of(self, name: str) -> list[tuple[str, Fraction]]:
        """Return names with their weights."""
        if name == NETWORK:
            return [(one, self._policy.weight_of(one)) for one in self._network]
        if kind_of(name) == "region":
            members = dict.fromkeys(self._policy.regions.get(name, ()))
            return [(one, self._policy.weight_of(one)) for one in members]
        return [(name, Fraction(1))]


class History:
    """The days of the past, as far as something was seen, of whatever is asked for."""

    def __init__(self, answer: Answer, policy: Policy, days: Sequence[Period]) -> None:
        """Take the figures of all the days together, and the policy with its windows."""
        self._answer = answer
        self._policy = policy
        self._days = days
        self._planned = Planned.by(policy)
        self._members = Members(policy, answer.entities)
        self._known: dict[str, Sequence[Durations]] = {}
        self._sums: dict[str, Sequence[Durations]] = {}

    def of(self, name: str) -> Sequence[Durations]:
        """Return how long an entity, a region or the network was in each state on each day, the oldest first.

        Where it was first seen later than on the first day, the days up to then are left out: nobody was looking yet.
        """
        if name not in (NETWORK, *self._policy.regions):
            return self._days_of(name)
        found = self._sums.get(name)
        if found is None:
            found = self._sums[name] = self._days_of(name)
        return found

    def _days_of(self, name: str) -> Sequence[Durations]:
        members = self._members.of(name)
        columns = [(self._of_entity(one), weight) for one, weight in members if one in self._answer.entities]
        days = [total(times(column[index], weight) for column, weight in columns) for index in range(len(self._days))]
        first = next((index for index, day in enumerate(days) if day.agreed > day.unknown), len(days))
        return days[first + 1 :] if first else days

    def _of_entity(self, name: str) -> Sequence[Durations]:
        found = self._known.get(name)
        if found is None:
            service, planned = self._policy.service_of(name), self._planned.of(name)
            found = self._known[name] = by_day(self._answer.entities[name].intervals, service, planned, self._days)
        return found


@dataclass(frozen=True)
class Standings:
    """How all objectives stand.

    now: in milliseconds. so_far: of the period up to now. burns: of the times of BURN_MS. policy: with its windows.
    history: None where nothing is to come. What was asked for is remembered; it is the same for all who ask.
    """

    named: Named
    now: int
    targets: Targets
    policy: Policy
    so_far: Statement
    burns: Mapping[str, Answer]
    history: History | None
    _known: dict[tuple[str, bool], Standing] = field(default_factory=dict, init=False, repr=False, compare=False)
    _ordered: dict[str, Sequence[tuple[str, Standing]]] = field(
        default_factory=dict, init=False, repr=False, compare=False
    )

    def names(self, kind: str | None = None) -> Sequence[str]:
        """Return all that has figures: the network, regions, and every other entity, by name; or those of a kind."""
        return self._names if kind is None else self._by_kind.get(kind, ())

    def of(self, name: str, *, foreseen: bool = True) -> Standing | None:
        """Return how an objective stands; None where there are no figures of this name.

        foreseen: with the forecast from history, which takes a millisecond; else with what is possible at all.
        """
        so_far = durations_of(self.so_far.measured, name)
        if so_far is None:
            return None
        if len(self.names(kind_of(name))) > REMEMBERED_AT_MOST:
            return self._worked_out(name, so_far, foreseen=foreseen)
        found = self._known.get((name, foreseen))
        if found is None:
            found = self._known[name, foreseen] = self._worked_out(name, so_far, foreseen=foreseen)
        return found

    def worst_first(self, kind: str) -> Sequence[tuple[str, Standing]]:
        """Return how all of a kind stand, without a forecast, those with the least budget left first."""
        found = self._ordered.get(kind)
        if found is None:
            rows = ((name, self.of(name, foreseen=False)) for name in self.names(kind))
            found = self._ordered[kind] = worst_first((name, one) for name, one in rows if one is not None)
        return found

    def _worked_out(self, name: str, so_far: Durations, *, foreseen: bool) -> Standing:
        burns = {window: durations_of(answer, name) or Durations() for window, answer in self.burns.items()}
        return standing(
            self.targets.of(name),
            self.named.period,
            self.now,
            so_far=so_far,
            adjusted=durations_of(self.so_far.adjusted, name) or so_far,
            agreed=so_far.agreed + self._to_come(name),
            burns=burns,
            days=self.history.of(name) if foreseen and self.history is not None else (),
            days_to_come=days_between(self.now, self.named.period.end),
        )

    @cached_property
    def _names(self) -> Sequence[str]:
        measured = self.so_far.measured
        return [NETWORK, *sorted((*measured.regions, *measured.entities))]

    @cached_property
    def _by_kind(self) -> Mapping[str, Sequence[str]]:
        found: dict[str, list[str]] = {}
        for name in self._names:
            found.setdefault(kind_of(name), []).append(name)
        return found

    def _to_come(self, name: str) -> Exact:
        """Return the agreed time from now to the end of the period, in milliseconds."""
        if self.now >= self.named.period.end:
            return 0
        rest, found = (Span(self.now, self.named.period.end),), Fraction(0)
        for one, weight in self._members.of(name):
            found += length(subtract(intersect(self.policy.service_of(one), rest), self._planned.of(one))) * weight
        return found

    @cached_property
    def _members(self) -> Members:
        return Members(self.policy, self.so_far.measured.entities)

    @cached_property
    def _planned(self) -> Planned:
        return Planned.by(self.policy)


def durations_of(answer: Answer, name: str) -> Durations | None:
    """Return the durations of an entity, a region or the network; None where the answer has none of this name."""
    if name == NETWORK:
        return answer.network
    if name in answer.regions:
        return answer.regions[name]
    entity = answer.entities.get(name)
    return None if entity is None else entity.figures.durations
