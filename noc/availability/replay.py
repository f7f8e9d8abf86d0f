"""Results and a policy to figures: joins the other modules (docs/availability.md, "Replay"). Pure."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from noc.availability.entities import PROBED, kind_of
from noc.availability.evidence import Result, raw_timeline
from noc.availability.figures import Durations, Figures, add_up, figures
from noc.availability.policy import Period, Policy
from noc.availability.rollup import site_timeline
from noc.availability.spans import Spans
from noc.availability.timeline import NEVER_SEEN, Interval, Timeline, intervals
from noc.availability.unreachable import all_failed, blame, dependencies, in_order
from noc.availability.windows import Planned


@dataclass(frozen=True, slots=True)
class EntityAnswer:
    """The figures of one entity, and its raw states inside the period."""

    figures: Figures
    intervals: Sequence[Interval]


@dataclass(frozen=True, slots=True)
class Answer:
    """All that a replay says. Names are sorted.

    entities: what has results, and sites. regions, network: sums. unseen: what the policy names and has no result.
    """

    period: Period
    entities: Mapping[str, EntityAnswer]
    regions: Mapping[str, Durations]
    network: Durations
    unseen: Sequence[str]


def replay(results: Mapping[str, Sequence[Result]], policy: Policy, period: Period) -> Answer:
    """Work out all figures from nothing but results.

    results: of each entity, in order of time, one a moment. Raises CircleError where entities wait for one another,
    ValueError where results are not in order.
    """
    raw, end = raw_states(results, policy, period.start)
    unseen = sorted(name for name in policy.entities() - raw.keys() if kind_of(name) in PROBED)
    return figures_of(derived(raw, policy), policy, period, end, unseen)


def figures_of(
    timelines: Mapping[str, Timeline],
    policy: Policy,
    period: Period,
    end: int,
    unseen: Sequence[str] = (),
    also_planned: Callable[[str], Spans] | None = None,
) -> Answer:
    """Work out all figures from the states of entities.

    timelines: of each entity, sites too, over all time; who has none is unknown throughout. end: until when evidence
    was gathered, in milliseconds; from there on all are unknown. unseen: passed on to the answer. also_planned: planned
    time of an entity that no window of the policy says.
    """
    named = policy.entities()
    planned = Planned.by(policy, also_planned)
    answers: dict[str, EntityAnswer] = {}
    for entity in sorted(name for name in timelines.keys() | named if kind_of(name) != "region"):
        timeline = timelines.get(entity, NEVER_SEEN)
        entity_figures = figures(timeline, policy.service_of(entity), planned.of(entity), period, end)
        answers[entity] = EntityAnswer(entity_figures, intervals(timeline, period.start, period.end))
    counted = [name for name in answers if kind_of(name) == ("site" if policy.sites else "device")]
    regions = {
        region: summed(policy.regions.get(region, ()), answers, policy)
        for region in sorted(name for name in named if kind_of(name) == "region")
    }
    return Answer(period, answers, regions, summed(counted, answers, policy), unseen)


def raw_states(results: Mapping[str, Sequence[Result]], policy: Policy, start: int) -> tuple[dict[str, Timeline], int]:
    """Return the raw states, over all time, of every entity that has results, and until when evidence was gathered.

    Arguments and errors as for `replay`. start: the end where there is no result and the policy doesn't tell.
    """
    last = max((series[-1][0] for series in results.values() if series), default=start)
    end = last if policy.end is None else policy.end
    seen = {entity: series for entity, series in results.items() if series and series[0][0] <= end}
    return {entity: raw_timeline(series, policy.probe_of(entity), end) for entity, series in seen.items()}, end


def derived(raw: Mapping[str, Timeline], policy: Policy) -> dict[str, Timeline]:
    """Return states from raw states: down split into down and unreachable, and sites added. Raises CircleError."""
    timelines = dict(raw)
    for entity in in_order(dependencies(policy.upstream, policy.sites)):
        if entity in policy.sites:
            devices = policy.sites[entity]
            timelines[entity] = site_timeline(
                (timelines.get(device, NEVER_SEEN), policy.service_of(device)) for device in devices
            )
        upstreams = policy.upstream.get(entity, ())
        if upstreams and entity in timelines:
            failed = all_failed(timelines.get(name, NEVER_SEEN) for name in upstreams)
            timelines[entity] = blame(timelines[entity], failed, policy.probe_of(entity).skew)
    return timelines


def summed(members: Sequence[str], answers: Mapping[str, EntityAnswer], policy: Policy) -> Durations:
    """Return the sum over members, each once and times its weight."""
    unique = dict.fromkeys(members)
    return add_up((answers[name].figures.durations, policy.weight_of(name)) for name in unique)
