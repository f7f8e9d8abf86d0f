"""Figures without what people corrected, for those alone to whom that makes a difference. Pure."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from dataclasses import replace
from typing import NamedTuple

import numpy as np

from noc.availability.columns.answers import Answers
from noc.availability.columns.derived import derived
from noc.availability.columns.figures import counted_time, entity_answers
from noc.availability.columns.spans import span_columns, spans_in
from noc.availability.columns.timelines import DOWN, Axis, Columns, joined
from noc.availability.corrections import Correction, Corrections
from noc.availability.policy import Period, Policy
from noc.availability.spans import Spans
from noc.availability.windows import Above, Planned


class Ground(NamedTuple):
    """What figures are worked out from. known: raw states. states: derived ones."""

    known: Columns
    states: Columns
    policy: Policy
    axis: Axis
    above: Above
    planned: Planned


def adjusted(ground: Ground, held: Sequence[Correction], period: Period, end: int) -> Answers:
    """Return the adjusted figures of those for whom they may be other ones. end: until when evidence was gathered."""
    rules = Corrections(held, ground.policy, ground.above)
    names = ground.states.names
    cut = set(rules.concerned(names, {one.entity for one in held if one.cause == "planned"}))
    false = rules.concerned(names, {one.entity for one in held if one.cause == "false_reading"})
    corrected = _corrected(ground, rules, false)
    others = sorted({*cut, *corrected.names})
    unchanged = ground.states.only([name for name in others if name not in corrected.index])
    some = joined(others, corrected.named(others), unchanged.named(others))

    def planned(name: str) -> Spans:
        windows = ground.planned
        return windows.with_also(name, rules.planned_of(name)) if name in cut else windows.of(name)

    counted = counted_time(some, ground.policy, period, planned, others, ground.axis)
    return entity_answers(some, counted, period, end, ground.axis)


def _corrected(ground: Ground, rules: Corrections, false: Sequence[str]) -> Columns:
    """Return the states of those that have other ones because readings of some were false."""
    known, states = ground.known, ground.states
    true = rules.adjusted({name: known.timeline(name) for name in _down_in(known.only(false), rules, ground.axis)})
    if not true:
        return states.only(())
    touched = _Touched.by(ground.policy, true.keys(), states)
    found = derived(known.only(touched.needed).replaced(true), touched.policy, ground.axis).only(touched.names)
    return found.only(found.differing(states.only(touched.names)))


def _down_in(known: Columns, rules: Corrections, axis: Axis) -> list[str]:
    """Return those of the names that were down at a time at which their readings were false."""
    down = spans_in(known, DOWN)
    false = span_columns({number: rules.false_of(name) for number, name in enumerate(known.names)})
    before = np.searchsorted(axis.keys(false.owners, false.ends), axis.keys(down.owners, down.starts), "right")
    begun = np.searchsorted(axis.keys(false.owners, false.starts), axis.keys(down.owners, down.ends), "left")
    return [known.names[number] for number in np.unique(down.owners[begun > before]).tolist()]


class _Touched(NamedTuple):
    """names: who may have other states, sorted. needed: whose raw states give theirs, by which part of the policy."""

    names: Sequence[str]
    needed: Sequence[str]
    policy: Policy

    @classmethod
    def by(cls, policy: Policy, changed: Collection[str], states: Columns) -> _Touched:
        """Return whom other raw states of some touch.

        Whether an upstream failed hangs on its raw states, or those of its devices, alone: nobody needs to go further
        up, or down, than to the next one.
        """
        raw = set(changed)
        sites = {site for site, members in policy.sites.items() if not raw.isdisjoint(members)}
        blamed = set(_naming(policy, raw | sites, states))
        touched = raw | sites | blamed
        touched |= {site for site, members in policy.sites.items() if not touched.isdisjoint(members)}
        derived_too = touched.union(*(policy.sites[site] for site in touched if site in policy.sites))
        upstream = {name: policy.upstream[name] for name in derived_too if name in policy.upstream}
        beside = {name for names in upstream.values() for name in names if name in states.index}
        of_sites = {site: policy.sites[site] for site in derived_too | beside if site in policy.sites}
        needed = derived_too.union(beside, *of_sites.values())
        return cls(sorted(touched), sorted(needed), replace(policy, upstream=upstream, sites=of_sites))


def _naming(policy: Policy, names: set[str], states: Columns) -> Iterator[str]:
    """Yield who has some of these for an upstream."""
    for name, upstreams in policy.upstream.items():
        if not names.isdisjoint(upstreams) and name in states.index:
            yield name
