"""How much of the down time of entities has which cause, worked out for those whom somebody asks for. Pure."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from fractions import Fraction
from threading import RLock
from typing import TypeAlias

from noc.availability.corrections import Explained
from noc.availability.entities import kind_of
from noc.availability.figures import Exact
from noc.availability.policy import Policy
from noc.availability.replay import Answer
from noc.availability.spans import Spans, intersect, length, subtract
from noc.availability.windows import Planned
from noc.model.correction import Cause

Causes: TypeAlias = Mapping[Cause, Exact]
"""How many milliseconds of down and unreachable time have each cause; the sum is all of it."""

NETWORK = "network"


class CausesOf(Mapping[str, Causes]):
    """The causes of each entity of an answer that was down at all, of regions, and of the network.

    answer: as measured. explained: when an entity failed because of what. Of a network of 20,303 devices most are never
    asked for. May be read by several threads.
    """

    def __init__(self, answer: Answer, explained: Callable[[str], Explained], policy: Policy, planned: Planned) -> None:
        self._answer = answer
        self._explained = explained
        self._policy = policy
        self._planned = planned
        self._known: dict[str, Causes] = {}
        self._lock = RLock()  # what explains one entity is kept for the next, half done for a moment

    def __getitem__(self, name: str) -> Causes:
        """Return the causes of one; raises KeyError where it was not down, or isn't known."""
        with self._lock:
            found = self._known.get(name)
            if found is None:
                found = self._known[name] = self._of(name)
        if not found:
            raise KeyError(name)
        return found

    def __iter__(self) -> Iterator[str]:
        """Yield all who have any."""
        answer = self._answer
        names = (*answer.entities, *answer.regions, NETWORK)
        return (name for name in names if name in self)

    def __contains__(self, name: object) -> bool:
        """Return whether one was down at all."""
        if name == NETWORK:
            return self._answer.network.failed > 0
        if name in self._answer.regions:
            return self._answer.regions[str(name)].failed > 0
        return name in self._answer.entities and self._answer.entities[str(name)].figures.durations.failed > 0

    def __len__(self) -> int:
        """Return how many have any."""
        return sum(1 for _ in self)

    def _of(self, name: str) -> Causes:
        if name == NETWORK:
            kind = "site" if self._policy.sites else "device"
            return self._summed([one for one in self._answer.entities if kind_of(one) == kind])
        if name in self._answer.regions:
            return self._summed(self._policy.regions.get(name, ()))
        if name not in self:
            return {}
        failed, pieces = self._answer.entities[name].figures.durations.failed, self._explained(name)
        if not pieces:
            return {"unknown": failed}
        service = intersect(self._policy.service_of(name), self._answer.period.spans)
        return _split(failed, pieces, subtract(service, self._planned.of(name)))

    def _summed(self, members: Sequence[str]) -> Causes:
        totals: dict[Cause, Exact] = {}
        for member in dict.fromkeys(members):
            weight = self._policy.weight_of(member)
            for cause, spent in self.get(member, {}).items():
                totals[cause] = totals.get(cause, Fraction(0)) + spent * weight
        return totals


def _split(failed: Exact, pieces: Explained, counted: Spans) -> Causes:
    totals: dict[Cause, Exact] = {}
    for spans, cause in pieces:
        hit = length(intersect(spans, counted))
        if hit:
            totals[cause] = totals.get(cause, 0) + hit
    rest = failed - sum(totals.values())
    if rest:
        totals["unknown"] = totals.get("unknown", 0) + rest
    return totals
