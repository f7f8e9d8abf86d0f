"""A statement about a whole network, from columns. Pure."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence

import numpy as np

from noc.availability.causes import CausesOf
from noc.availability.columns.adjusted import Ground, adjusted
from noc.availability.columns.derived import ballots, derived
from noc.availability.columns.figures import Counted, answer_of, counted_time, entity_answers
from noc.availability.columns.spans import spans_in, sweep
from noc.availability.columns.timelines import DOWN, UNREACHABLE, UP, Axis, Columns
from noc.availability.corrections import Correction, Corrections, Explained, Failing
from noc.availability.degraded import Degraded, paths_of, summed_up
from noc.availability.entities import kind_of
from noc.availability.policy import Period, Policy
from noc.availability.spans import NEVER, Span, Spans, intersect, union
from noc.availability.statement import Statement
from noc.availability.windows import Above, Planned
from noc.model.correction import ADJUSTING


def names_for(raw: Iterable[str], policy: Policy) -> list[str]:
    """Return all that a statement has figures of, sorted, regions not among them: the names that columns must have."""
    return sorted(name for name in {*raw, *policy.entities()} if kind_of(name) != "region")


def statement(
    raw: Columns,
    policy: Policy,
    corrections: Iterable[Correction],
    period: Period,
    end: int,
    above: Above | None = None,
) -> Statement:
    """Return what `noc.availability.statement.statement` does.

    raw: over all time, of the names that `names_for` tells. policy: without circles, which nobody looks for here.
    above: who is above whom by that policy, where somebody knows it already.
    Raises ValueError where the columns are too many for so long a time.
    """
    known = raw.known_until(end)
    times = (period.start, period.end, end, *((known.times.min(), known.times.max()) if len(known.times) else ()))
    axis = Axis(int(min(times)), int(max(times) - min(times)) + 2)
    held, above = list(corrections), Above.by(policy) if above is None else above
    states, planned = derived(known, policy, axis), Planned.by(policy, None, above)
    counted = counted_time(states, policy, period, planned.of, states.names, axis)
    answers = entity_answers(states, counted, period, end, axis)
    measured = without = answer_of(answers, policy, period)
    if any(one.cause in ADJUSTING for one in held):
        some = adjusted(Ground(known, states, policy, axis, above, planned), held, period, end)
        without = answer_of(answers.replaced(some), policy, period)
    causes = CausesOf(measured, _explainer(states, period, held, policy, above), policy, planned)
    causes.get("network")  # what is asked for most, and takes longest, is worked out here and not on the way
    return Statement(measured, without, causes, _degraded(states, counted, policy, axis))


def _explainer(
    states: Columns, period: Period, held: Sequence[Correction], policy: Policy, above: Above
) -> Callable[[str], Explained]:
    near = [one for one in held if one.start < period.end and one.end > period.start]
    spans = intersect(union((one.start, one.end) for one in near), period.spans)
    return Corrections(near, policy, above).explainer(_failing_in(states, spans))


def _failing_in(states: Columns, spans: Spans) -> Callable[[str], Failing]:
    """Return what tells when an entity failed, each such time whole that has a moment inside of spans."""
    bad = np.flatnonzero((states.states == DOWN) | (states.states == UNREACHABLE))
    starts, ends = states.times[bad], states.times[bad + 1]  # the last of a timeline is unknown
    edges = np.array(spans, np.int64).reshape(-1, 2)
    near = np.searchsorted(edges[:, 1], starts, "right") < np.searchsorted(edges[:, 0], ends, "left")
    places, starts, ends = bad[near], starts[near], ends[near]
    is_unreachable = states.states[places] == UNREACHABLE
    first = np.searchsorted(places, states.first, "left")

    def failing(name: str) -> Failing:
        number = states.index.get(name)
        if number is None:
            return Failing(NEVER, NEVER)
        of = slice(first[number], first[number + 1])
        pieces = list(zip(starts[of].tolist(), ends[of].tolist(), is_unreachable[of].tolist(), strict=True))
        return Failing(
            union((start, end) for start, end, _ in pieces),
            [Span(start, end) for start, end, is_elsewhere in pieces if is_elsewhere],
        )

    return failing


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
