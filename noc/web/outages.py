"""The outages of one entity in a period, each with what is said of its causes. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from noc.availability.corrections import Correction, Corrections
from noc.availability.policy import Policy
from noc.availability.replay import Answer
from noc.availability.spans import Span, Spans, intersect, length, subtract, union
from noc.availability.timeline import BAD, Change, Timeline, append
from noc.model.correction import Cause


@dataclass(frozen=True, slots=True)
class Outage:
    """A time that is down or unreachable, without planned time in it. Milliseconds.

    goes_on: it reaches the end of the period. causes: how long each had which, the longest first; the sum is all of it.
    """

    start: int
    end: int
    goes_on: bool
    causes: tuple[tuple[Cause, int], ...]


def outages_of(
    entity: str, answer: Answer, policy: Policy, approved: Iterable[Correction], planned: Spans
) -> list[Outage]:
    """Return the outages of an entity, the newest first; none where no figures are made of it."""
    found = answer.entities.get(entity)
    if found is None:
        return []
    failed = union((one.start, one.end) for one in found.intervals if one.state in BAD)
    timelines = {name: _timeline(name, answer) for name in standing_on(entity, policy)}
    explained = Corrections(approved, policy).causes(timelines).get(entity, [])
    outages = []
    for span in subtract(failed, planned):
        causes: dict[Cause, int] = {}
        for spans, cause in explained:
            hit = length(intersect(spans, (span,)))
            if hit:
                causes[cause] = causes.get(cause, 0) + hit
        rest = length((Span(*span),)) - sum(causes.values())
        if rest:
            causes["unknown"] = causes.get("unknown", 0) + rest
        longest = sorted(causes.items(), key=lambda one: -one[1])
        outages.append(Outage(span.start, span.end, span.end == answer.period.end, tuple(longest)))
    return outages[::-1]


def standing_on(entity: str, policy: Policy) -> list[str]:
    """Return an entity, and all whose causes it may take: its edge devices, and those on its way."""
    return list(_standing_on(entity, policy, set()))


def _standing_on(entity: str, policy: Policy, seen: set[str]) -> Iterator[str]:
    if entity not in seen:
        seen.add(entity)
        yield entity
        for name in (*policy.sites.get(entity, ()), *policy.upstream.get(entity, ())):
            yield from _standing_on(name, policy, seen)


def _timeline(entity: str, answer: Answer) -> Timeline:
    changes: list[Change] = []
    found = answer.entities.get(entity)
    for one in () if found is None else found.intervals:
        append(changes, one.start, one.state)
    return changes
