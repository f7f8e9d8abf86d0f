"""Figures over a period of many entities at once. Pure."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import NamedTuple

import numpy as np

from noc.availability.columns.answers import Answers
from noc.availability.columns.spans import SpanColumns, bad_spans, span_columns
from noc.availability.columns.timelines import DOWN, UNREACHABLE, UP, Axis, Columns, Ints, Mask, ranges
from noc.availability.entities import kind_of
from noc.availability.policy import Period, Policy
from noc.availability.replay import Answer
from noc.availability.spans import ALWAYS, Spans, complement, intersect, length, union
from noc.availability.windows import Planned

_COUNTED = (UP, DOWN, UNREACHABLE)


class Counted(NamedTuple):
    """When entities count.

    inside: in the period, in any order. in_service: of each name, how many milliseconds of the period. group: of each
    name, whose time out of service and planned time is its own, a number of the owners of `cuts`; -1 for who is always
    in service and never planned.
    """

    inside: SpanColumns
    in_service: Ints
    group: Ints
    cuts: SpanColumns

    def at(self, moment: int) -> Mask:
        """Return of each name whether it counts at a moment, milliseconds."""
        cut = self.cuts.owners[(self.cuts.starts <= moment) & (moment < self.cuts.ends)]
        found: Mask = ~np.isin(self.group, cut)
        return found


def figures_of(
    columns: Columns, policy: Policy, period: Period, end: int, axis: Axis, also: Callable[[str], Spans] | None = None
) -> Answer:
    """Return all figures of the entities of derived columns, as `noc.availability.replay.figures_of` does.

    columns: known until `end`, of all that the policy names but regions. also: planned time that no window says.
    """
    counted = counted_time(columns, policy, period, Planned.by(policy, also).of, columns.names, axis)
    return answer_of(entity_answers(columns, counted, period, end, axis), policy, period)


def entity_answers(columns: Columns, counted: Counted, period: Period, end: int, axis: Axis) -> Answers:
    """Return the figures of each name of derived columns. counted: when it counts; end: as for `figures_of`."""
    agreed = np.zeros(len(columns.names), np.int64)
    np.add.at(agreed, counted.inside.owners, counted.inside.ends - counted.inside.starts)
    seen = _durations(columns, counted.inside, axis)
    fields = _outages(columns, counted, period, end, axis)
    table = (*seen, agreed - sum(seen), counted.in_service - agreed, *fields)
    return Answers(columns, np.stack(table, axis=1), period)


def answer_of(answers: Answers, policy: Policy, period: Period) -> Answer:
    """Return figures with the sums of regions and of the network. answers: names sorted."""
    members = [name for name in answers if kind_of(name) == ("site" if policy.sites else "device")]
    named = sorted(name for name in policy.entities() if kind_of(name) == "region")
    regions = {region: answers.summed(policy.regions.get(region, ()), policy) for region in named}
    return Answer(period, answers, regions, answers.summed(members, policy), ())


def counted_time(
    columns: Columns,
    policy: Policy,
    period: Period,
    planned: Callable[[str], Spans],
    names: Iterable[str],
    axis: Axis,
) -> Counted:
    """Return when some of the entities count inside the period. planned: whose time is planned when."""
    group = np.full(len(columns.names), -1, np.int64)
    numbers: dict[tuple[int, int], int] = {}
    groups: list[tuple[Spans, Spans]] = []
    owners = np.array([columns.index[name] for name in names], np.int64)
    for owner in owners.tolist():
        name = columns.names[owner]
        service, spans = policy.service_of(name), planned(name)
        if spans or service != ALWAYS:
            key = (id(service), id(spans))  # both are kept in `groups`, so that no other has the same
            number = numbers.setdefault(key, len(groups))
            if number == len(groups):
                groups.append((service, spans))
            group[owner] = number
    dated = {n: length(intersect(service, period.spans)) for n, (service, _) in enumerate(groups) if service != ALWAYS}
    in_service = np.full(len(groups) + 1, period.end - period.start)
    in_service[list(dated)] = list(dated.values())
    cuts = span_columns(
        {
            number: spans if service == ALWAYS else union((*complement(service), *spans))
            for number, (service, spans) in enumerate(groups)
        }
    )
    whole = SpanColumns(owners, np.full(len(owners), period.start), np.full(len(owners), period.end))
    return Counted(_without_cuts(whole, group, cuts, axis), in_service[group], group, cuts)


def _durations(columns: Columns, inside: SpanColumns, axis: Axis) -> tuple[Ints, Ints, Ints]:
    """Return how long each name was up, down, unreachable in the time that counts."""
    size = len(columns.names)
    keys = axis.keys(columns.owners, columns.times)
    if not len(keys):
        nothing = np.zeros(size, np.int64)
        return nothing, nothing, nothing
    owners = columns.owners
    lasting = np.append(np.where(owners[1:] == owners[:-1], np.diff(columns.times), 0), 0)
    places = [
        (np.searchsorted(keys, axis.keys(inside.owners, times), "right") - 1, times)
        for times in (inside.starts, inside.ends)
    ]
    found: list[Ints] = []
    for state in _COUNTED:
        holds = columns.states == state
        sums = np.append(0, np.cumsum(np.where(holds, lasting, 0)))
        before, after = (_until(columns, inside.owners, at, times, holds, sums) for at, times in places)
        each = np.zeros(size, np.int64)
        np.add.at(each, inside.owners, after - before)
        found.append(each)
    up, down, unreachable = found
    return up, down, unreachable


def _until(columns: Columns, owners: Ints, at: Ints, times: Ints, holds: Mask, sums: Ints) -> Ints:
    """Return how long, up to some times, owners were in a state. at: the last change before or at each, of anyone."""
    firsts = columns.first[owners]
    is_before = at < firsts
    place = np.maximum(at, 0)
    inside = sums[place] + np.where(holds[place], times - columns.times[place], 0)
    found: Ints = np.where(is_before, sums[firsts], inside)
    return found


def _outages(columns: Columns, counted: Counted, period: Period, end: int, axis: Axis) -> tuple[Ints, Ints, Ints, Ints]:
    """Return of each name: outages, the longest inside the period, how many ended there, and how long these were."""
    size = len(columns.names)
    bad = bad_spans(columns)
    bad = _without_cuts(bad.where(_overlaps(bad, period)), counted.group, counted.cuts, axis)
    bad = bad.where(_overlaps(bad, period))
    count: Ints = np.bincount(bad.owners, minlength=size).astype(np.int64)
    longest = np.zeros(size, np.int64)
    np.maximum.at(longest, bad.owners, np.minimum(bad.ends, period.end) - np.maximum(bad.starts, period.start))
    is_open = (bad.ends >= end) & counted.at(end)[bad.owners]
    over = bad.where(~is_open & (bad.ends <= period.end))
    whole = np.zeros(size, np.int64)
    np.add.at(whole, over.owners, over.ends - over.starts)
    ended: Ints = np.bincount(over.owners, minlength=size).astype(np.int64)
    return count, longest, ended, whole


def _overlaps(spans: SpanColumns, period: Period) -> Mask:
    found: Mask = (spans.starts < period.end) & (spans.ends > period.start)
    return found


def _without_cuts(spans: SpanColumns, group: Ints, cuts: SpanColumns, axis: Axis) -> SpanColumns:
    """Return what is left of spans without time out of service and planned time. group, cuts: as in `Counted`."""
    if not len(cuts.owners):
        return spans
    group = group[spans.owners]
    known = np.maximum(group, 0)
    low = np.searchsorted(axis.keys(cuts.owners, cuts.ends), axis.keys(known, spans.starts), "right")
    high = np.searchsorted(axis.keys(cuts.owners, cuts.starts), axis.keys(known, spans.ends), "left")
    counts = np.where(group >= 0, np.maximum(high - low, 0), 0)
    where = ranges(low, counts)
    of = np.repeat(np.arange(len(group)), counts)
    # One piece in front of each cut, and one behind the last.
    runs = np.arange(len(group))
    starts = np.concatenate([spans.starts, cuts.ends[where]])[np.argsort(np.append(runs, of), kind="stable")]
    ends = np.concatenate([cuts.starts[where], spans.ends])[np.argsort(np.append(of, runs), kind="stable")]
    owners = np.repeat(spans.owners, counts + 1)
    kept = starts < ends
    return SpanColumns(owners[kept], starts[kept], ends[kept])
