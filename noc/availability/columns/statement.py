"""A statement about a whole network, from columns. Pure."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import NamedTuple

import numpy as np

from noc.availability.columns.derived import ballots, derived
from noc.availability.columns.figures import Counted, answer_of, counted_time, entity_answers
from noc.availability.columns.spans import spans_in, sweep
from noc.availability.columns.timelines import DOWN, STATES, UNREACHABLE, UP, Axis, Columns
from noc.availability.corrections import Correction, Corrections, Explained
from noc.availability.degraded import Degraded, paths_of, summed_up
from noc.availability.entities import kind_of
from noc.availability.policy import Period, Policy
from noc.availability.replay import Answer, EntityAnswer
from noc.availability.spans import NEVER, Spans, intersect, union
from noc.availability.statement import Statement, causes_of
from noc.availability.timeline import Change, State, Timeline
from noc.availability.windows import Above, Planned
from noc.model.correction import ADJUSTING


def names_for(raw: Iterable[str], policy: Policy) -> list[str]:
    """Return all that a statement has figures of, sorted, regions not among them: the names that columns must have."""
    return sorted(name for name in {*raw, *policy.entities()} if kind_of(name) != "region")


def statement(raw: Columns, policy: Policy, corrections: Iterable[Correction], period: Period, end: int) -> Statement:
    """Return what `noc.availability.statement.statement` does.

    raw: over all time, of the names that `names_for` tells. policy: without circles, which nobody looks for here.
    Raises ValueError where the columns are too many for so long a time.
    """
    known = raw.known_until(end)
    times = (period.start, period.end, end, *((known.times.min(), known.times.max()) if len(known.times) else ()))
    axis = Axis(int(min(times)), int(max(times) - min(times)) + 2)
    held, above = list(corrections), Above.by(policy)
    states, planned = derived(known, policy, axis), Planned.by(policy)
    counted = counted_time(states, policy, period, planned, states.names)
    measured = answer_of(entity_answers(states, counted, period, end, axis), policy, period)
    adjusted = measured
    if any(one.cause in ADJUSTING for one in held):
        of_all = _Ground(known, states, policy, axis, above)
        adjusted = answer_of({**measured.entities, **_adjusted(of_all, held, period, end)}, policy, period)
    causes = causes_of(measured, _explained(states, measured, held, policy, above), policy)
    return Statement(measured, adjusted, causes, _degraded(states, counted, policy, axis))


class _Ground(NamedTuple):
    """known: raw states. states: derived ones."""

    known: Columns
    states: Columns
    policy: Policy
    axis: Axis
    above: Above


def _adjusted(ground: _Ground, held: Sequence[Correction], period: Period, end: int) -> Mapping[str, EntityAnswer]:
    """Return the adjusted figures of those for whom they may be other ones."""
    known, states, policy, axis, above = ground
    rules = Corrections(held, policy, above)
    false = rules.concerned(known.names, {one.entity for one in held if one.cause == "false_reading"})
    cut = set(rules.concerned(known.names, {one.entity for one in held if one.cause == "planned"}))
    corrected = states
    if false:
        true = rules.adjusted({name: known.timeline(name) for name in false})
        corrected = derived(known.replaced(true), policy, axis)
    others = sorted({*cut, *corrected.differing(states)})
    some = corrected.named(others)
    planned = Planned.by(policy, lambda name: rules.planned_of(name) if name in cut else NEVER)
    return entity_answers(some, counted_time(some, policy, period, planned, others), period, end, axis)


def _explained(
    states: Columns, measured: Answer, held: Sequence[Correction], policy: Policy, above: Above
) -> Mapping[str, Explained]:
    period = measured.period
    near = [one for one in held if one.start < period.end and one.end > period.start]
    if not near:
        return {}
    rules = Corrections(near, policy, above)
    # Who fails because of somebody else has that one's causes; so has a site, of its devices.
    of: dict[str, list[str]] = {}
    for group in (policy.upstream, policy.sites):
        for name, others in group.items():
            for other in others:
                of.setdefault(other, []).append(name)
    waiting = rules.concerned(states.names)
    touched = set(waiting)
    while waiting:
        new = [name for name in of.get(waiting.pop(), ()) if name not in touched]
        touched.update(new)
        waiting += new
    spans = intersect(union((one.start, one.end) for one in near), period.spans)
    return rules.causes(_failed_in(states, spans, touched))


def _failed_in(states: Columns, spans: Spans, names: Collection[str]) -> dict[str, Timeline]:
    """Return when some entities were down or unreachable, each such time whole that has a moment inside of spans."""
    bad = np.flatnonzero((states.states == DOWN) | (states.states == UNREACHABLE))
    starts, ends = states.times[bad], states.times[bad + 1]  # the last of a timeline is unknown
    edges = np.array(spans, np.int64).reshape(-1, 2)
    near = np.searchsorted(edges[:, 1], starts, "right") < np.searchsorted(edges[:, 0], ends, "left")
    found: dict[str, list[Change]] = {}
    columns = (states.owners[bad[near]], starts[near], ends[near], states.states[bad[near]])
    for owner, start, end, code in zip(*(column.tolist() for column in columns), strict=True):
        name = states.names[owner]
        if name in names:
            changes = found.setdefault(name, [])
            if changes and changes[-1].time == start:
                changes.pop()
            changes += (Change(start, STATES[code]), Change(end, State.UNKNOWN))
    return dict(found)


def _degraded(states: Columns, counted: Counted, policy: Policy, axis: Axis) -> Degraded:
    sites = [site for site in policy.sites if site in states.index]
    members = {site: [path for path in paths_of(policy, site) if path in states.index] for site in sites}
    votes, codes = ballots(states, members, policy, axis)
    up = spans_in(states, UP)
    is_site = np.zeros(len(states.names), np.bool_)
    is_site[[states.index[site] for site in sites]] = True
    inside = counted.inside.where(is_site[counted.inside.owners])
    keys, (well, gone, counts) = sweep(
        axis, up.where(is_site[up.owners]), votes.where((codes == DOWN) | (codes == UNREACHABLE)), inside
    )
    if not len(keys):
        return {}
    holds = np.flatnonzero((well > 0) & (gone > 0) & (counts > 0))
    spent = np.zeros(len(states.names), np.int64)
    np.add.at(spent, axis.owners(keys[holds]), keys[holds + 1] - keys[holds])
    return summed_up({site: int(spent[states.index[site]]) for site in sites}, policy)
