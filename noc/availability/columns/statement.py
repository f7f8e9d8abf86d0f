"""A statement about a whole network, from columns. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence

import numpy as np

from noc.availability.columns.derived import ballots, derived
from noc.availability.columns.figures import counted_time, figures_of
from noc.availability.columns.spans import spans_in, sweep
from noc.availability.columns.timelines import DOWN, UNREACHABLE, UP, Axis, Columns
from noc.availability.corrections import Correction, Corrections, Explained
from noc.availability.degraded import Degraded, paths_of, summed_up
from noc.availability.entities import kind_of
from noc.availability.policy import Period, Policy
from noc.availability.replay import Answer
from noc.availability.spans import NEVER, Spans
from noc.availability.statement import Statement, causes_of
from noc.availability.timeline import Change, State, Timeline
from noc.availability.windows import Planned
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
    held = list(corrections)
    rules = Corrections(held, policy)
    states = derived(known, policy, axis)
    measured = figures_of(states, policy, period, end, axis)
    adjusted = measured
    adjusting = Corrections([one for one in held if one.cause in ADJUSTING], policy)
    concerned = set(adjusting.concerned(known.names))
    if concerned:
        # As corrections of all causes say: a later one of another cause may hold in the place of one that adjusts.
        true = rules.adjusted({name: known.timeline(name) for name in concerned})
        corrected = derived(known.replaced(true), policy, axis)

        def planned_of(entity: str) -> Spans:
            return rules.planned_of(entity) if entity in concerned else NEVER

        adjusted = figures_of(corrected, policy, period, end, axis, planned_of)
    causes = causes_of(measured, _explained(states, measured, held, policy), policy)
    return Statement(measured, adjusted, causes, _degraded(states, policy, period, axis))


class _Inside(Mapping[str, Timeline]):
    """The timelines of columns inside a period; looked at one by one."""

    def __init__(self, columns: Columns, period: Period) -> None:
        self._columns, self._period = columns, period

    def __getitem__(self, name: str) -> Timeline:
        """Return one. Raises KeyError."""
        inside = self._columns.intervals(self._columns.index[name], self._period.start, self._period.end)
        return [*(Change(one.start, one.state) for one in inside), Change(self._period.end, State.UNKNOWN)]

    def __iter__(self) -> Iterator[str]:
        """Yield the names."""
        return iter(self._columns.names)

    def __len__(self) -> int:
        """Return how many there are."""
        return len(self._columns.names)


def _explained(
    states: Columns, measured: Answer, held: Sequence[Correction], policy: Policy
) -> Mapping[str, Explained]:
    period = measured.period
    rules = Corrections((one for one in held if one.start < period.end and one.end > period.start), policy)
    touched = set(rules.concerned(states.names))
    if not touched:
        return {}
    # Who fails because of somebody else has that one's causes; so has a site, of its devices.
    of: dict[str, list[str]] = {}
    for group in (policy.upstream, policy.sites):
        for name, others in group.items():
            for other in others:
                of.setdefault(other, []).append(name)
    waiting = list(touched)
    while waiting:
        for name in of.get(waiting.pop(), ()):
            if name not in touched:
                touched.add(name)
                waiting.append(name)
    answers = measured.entities
    failed = sorted(name for name in touched & answers.keys() if answers[name].figures.durations.failed)
    return rules.causes(_Inside(states, period), failed)


def _degraded(states: Columns, policy: Policy, period: Period, axis: Axis) -> Degraded:
    sites = [site for site in policy.sites if site in states.index]
    members = {site: [path for path in paths_of(policy, site) if path in states.index] for site in sites}
    votes, codes = ballots(states, members, policy, axis)
    up = spans_in(states, UP)
    is_site = np.zeros(len(states.names), np.bool_)
    is_site[[states.index[site] for site in sites]] = True
    planned = Planned.by(policy)
    counted = counted_time(states, policy, period, planned, sites).inside
    keys, (well, gone, counts) = sweep(
        axis, up.where(is_site[up.owners]), votes.where((codes == DOWN) | (codes == UNREACHABLE)), counted
    )
    if not len(keys):
        return {}
    holds = np.flatnonzero((well > 0) & (gone > 0) & (counts > 0))
    spent = np.zeros(len(states.names), np.int64)
    np.add.at(spent, axis.owners(keys[holds]), keys[holds + 1] - keys[holds])
    return summed_up({site: int(spent[states.index[site]]) for site in sites}, policy)
