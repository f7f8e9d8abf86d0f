"""What people found out later: why something was down, and what the figure is without what was no fault. Pure.

A correction gives the down time of one entity, and of all below it, in `[start, end)` a cause. Where two overlap, the
one of the later record holds, so that each moment of down time has exactly one cause; what nobody explained is
`unknown`. A site that has no correction of its own takes the causes of its edge devices; time that is unreachable,
those of its upstreams: the fault was there.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from operator import attrgetter
from typing import Final, NamedTuple

from noc.availability.overlay import turned
from noc.availability.policy import Policy
from noc.availability.spans import NEVER, Span, Spans, intersect, subtract, union
from noc.availability.timeline import BAD, State, Timeline, spans_in
from noc.availability.windows import Above
from noc.model.correction import Cause

Explained = Sequence[tuple[Spans, Cause]]
"""Down time with its causes, in pieces that don't overlap."""


class Failing(NamedTuple):
    """When somebody was down or unreachable, and when unreachable."""

    bad: Spans
    unreachable: Spans


_NOTHING: Final = Failing(NEVER, NEVER)


@dataclass(frozen=True, slots=True)
class Correction:
    """`[start, end)`, milliseconds, has a cause. order: number of the record that approved it; the highest holds."""

    entity: str
    start: int
    end: int
    cause: Cause
    order: int


class Corrections:
    """All approved corrections, for whoever they concern."""

    def __init__(self, corrections: Iterable[Correction], policy: Policy, above: Above | None = None) -> None:
        """Take corrections. above: as the policy says, where somebody knows it already."""
        self._policy = policy
        self._above = Above.by(policy) if above is None else above
        self._of: dict[str, list[Correction]] = {}
        for correction in corrections:
            self._of.setdefault(correction.entity, []).append(correction)
        for each in self._of.values():
            each.sort(key=attrgetter("order"), reverse=True)
        self._known: dict[tuple[str, ...], Sequence[Correction]] = {}
        self._held: dict[tuple[tuple[str, ...], Cause], Spans] = {}
        self._reached: dict[str, bool] = {}

    def of(self, entity: str) -> Sequence[Correction]:
        """Return the corrections that concern an entity, its own and of all above it, the last approved first."""
        return self._of_all(self._corrected(entity))

    def _corrected(self, entity: str) -> tuple[str, ...]:
        """Return an entity and all above it, those of them that have corrections."""
        return tuple([name for name in self._above.self_and_above(entity) if name in self._of])

    def _of_all(self, names: tuple[str, ...]) -> Sequence[Correction]:
        found = self._known.get(names)
        if found is None:  # for most of a site it is the same
            each = [one for name in dict.fromkeys(names) for one in self._of[name]]
            found = self._known[names] = sorted(each, key=attrgetter("order"), reverse=True)
        return found

    def concerned(self, entities: Iterable[str], corrected: Collection[str] | None = None) -> list[str]:
        """Return those entities that some correction concerns: their own, or of one above them.

        corrected: only corrections of these count.
        """
        if not self._of:
            return []
        wanted = frozenset(self._of if corrected is None else corrected)
        return [one for one in entities if not wanted.isdisjoint(self._above.self_and_above(one))]

    def adjusted(self, raw: Mapping[str, Timeline]) -> dict[str, Timeline]:
        """Return raw states with false readings taken for what they were: up."""
        return {entity: self._true(entity, timeline) for entity, timeline in raw.items()} if self._of else dict(raw)

    def planned_of(self, entity: str) -> Spans:
        """Return what turned out to be planned time of an entity."""
        return self._held_by(entity, "planned")

    def false_of(self, entity: str) -> Spans:
        """Return when an entity's failures were false readings."""
        return self._held_by(entity, "false_reading")

    def causes(self, timelines: Mapping[str, Timeline]) -> dict[str, Explained]:
        """Return the explained down time of each entity that has some.

        timelines: derived states, sites too.
        """
        explained = self.explainer(lambda name: failing(timelines.get(name, ())))
        found = {entity: explained(entity) for entity in timelines} if self._of else {}
        return {entity: pieces for entity, pieces in found.items() if pieces}

    def explainer(self, failed: Callable[[str], Failing]) -> Callable[[str], Explained]:
        """Return what gives the explained down time of an entity; it remembers those that it was asked for.

        failed: when an entity failed; times that no correction touches may be left out.
        """
        found: dict[str, list[tuple[Spans, Cause]]] = {}
        return lambda entity: self._explain(entity, failed, found)

    def _true(self, entity: str, timeline: Timeline) -> Timeline:
        return turned(timeline, self.false_of(entity), State.DOWN, State.UP)

    def _held_by(self, entity: str, cause: Cause) -> Spans:
        """Return when the correction that holds for an entity gives this cause."""
        key = (self._corrected(entity), cause)
        held = self._held.get(key)
        if held is None:
            found: list[Span] = []
            taken: Spans = NEVER
            for one in self._of_all(key[0]):
                spans = subtract((Span(one.start, one.end),), taken)
                found += spans if one.cause == cause else ()
                taken = union((*taken, *spans))
            held = self._held[key] = union(found)
        return held

    def _explain(
        self, entity: str, failed: Callable[[str], Failing], found: dict[str, list[tuple[Spans, Cause]]]
    ) -> list[tuple[Spans, Cause]]:
        if entity in found:
            return found[entity]
        pieces: list[tuple[Spans, Cause]] = []
        found[entity] = pieces
        rest, unreachable = failed(entity) if self._reaches(entity) else _NOTHING
        if not rest:
            return pieces
        for one in self.of(entity):
            rest = _take(pieces, rest, (Span(one.start, one.end),), one.cause)
        for device in self._policy.sites.get(entity, ()):
            for spans, cause in self._explain(device, failed, found):
                rest = _take(pieces, rest, spans, cause)
        elsewhere = intersect(rest, unreachable)
        for name in self._policy.upstream.get(entity, ()) if elsewhere else ():
            for spans, cause in self._explain(name, failed, found):
                elsewhere = _take(pieces, elsewhere, spans, cause)
        return pieces

    def _reaches(self, entity: str) -> bool:
        """Return whether some correction may explain why an entity failed: most are reached by none."""
        found = self._reached.get(entity)
        if found is None:
            self._reached[entity] = False  # for itself, where it is asked for again on the way
            beside = (*self._policy.sites.get(entity, ()), *self._policy.upstream.get(entity, ()))
            found = self._reached[entity] = bool(self._corrected(entity)) or any(map(self._reaches, beside))
        return found


def failing(timeline: Timeline) -> Failing:
    """Return when somebody failed. timeline: derived states."""
    return Failing(spans_in(timeline, BAD), spans_in(timeline, (State.UNREACHABLE,)))


def _take(pieces: list[tuple[Spans, Cause]], rest: Spans, spans: Spans, cause: Cause) -> Spans:
    """Give what `spans` holds of the rest a cause; return what is left."""
    hit = intersect(rest, spans) if rest else NEVER
    if not hit:
        return rest
    pieces.append((hit, cause))
    return subtract(rest, hit)
