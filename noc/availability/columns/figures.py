"""Figures over a period of many entities at once. Pure."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from fractions import Fraction
from typing import NamedTuple, overload

import numpy as np

from noc.availability.columns.spans import SpanColumns, bad_spans, span_columns
from noc.availability.columns.timelines import DOWN, UNREACHABLE, UP, Axis, Columns, Ints, Mask, ranges
from noc.availability.entities import kind_of
from noc.availability.figures import Durations, Figures
from noc.availability.policy import Period, Policy
from noc.availability.replay import Answer, EntityAnswer, summed
from noc.availability.spans import ALWAYS, Spans, complement, contains, intersect, length, subtract, union
from noc.availability.timeline import Interval
from noc.availability.windows import Planned

_COUNTED = (UP, DOWN, UNREACHABLE)


class Counted(NamedTuple):
    """When entities count.

    inside: in the period, in any order. group: of each name, which of `groups` it has, service and planned time; -1 for
    who is always in service and never planned.
    """

    inside: SpanColumns
    group: Ints
    groups: Sequence[tuple[Spans, Spans]]

    def by_name(self, values: Iterable[int], usual: int) -> Ints:
        """Return a value of each name from those of the groups. usual: of names without a group."""
        found: Ints = np.append(np.fromiter(values, np.int64, len(self.groups)), usual)[self.group]
        return found


class Stretches(Sequence[Interval]):
    """The states of one entity inside a period, worked out when somebody looks."""

    def __init__(self, columns: Columns, number: int, period: Period) -> None:
        self._columns, self._number, self._period = columns, number, period

    def _all(self) -> list[Interval]:
        return self._columns.intervals(self._number, self._period.start, self._period.end)

    def __len__(self) -> int:
        """Return how many there are."""
        return len(self._all())

    def __iter__(self) -> Iterator[Interval]:
        """Yield them in order of time."""
        return iter(self._all())

    @overload
    def __getitem__(self, index: int) -> Interval: ...
    @overload
    def __getitem__(self, index: slice) -> Sequence[Interval]: ...
    def __getitem__(self, index: int | slice) -> Interval | Sequence[Interval]:
        """Return one of them, or some."""
        return self._all()[index]

    def __eq__(self, other: object) -> bool:
        """Return whether these are the same intervals."""
        return isinstance(other, Sequence) and self._all() == list(other)

    def __hash__(self) -> int:
        """Return the hash of all of them."""
        return hash(tuple(self._all()))


def figures_of(
    columns: Columns, policy: Policy, period: Period, end: int, axis: Axis, also: Callable[[str], Spans] | None = None
) -> Answer:
    """Return all figures of the entities of derived columns, as `noc.availability.replay.figures_of` does.

    columns: known until `end`, of all that the policy names but regions. also: planned time that no window says.
    """
    counted = counted_time(columns, policy, period, Planned.by(policy, also).of, columns.names)
    return answer_of(entity_answers(columns, counted, period, end, axis), policy, period)


def entity_answers(columns: Columns, counted: Counted, period: Period, end: int, axis: Axis) -> dict[str, EntityAnswer]:
    """Return the figures of each name of derived columns. counted: when it counts; end: as for `figures_of`."""
    states = _durations(columns, counted.inside, axis)
    lengths = (length(intersect(intersect(service, period.spans), spans)) for service, spans in counted.groups)
    planned = counted.by_name(lengths, 0)
    fields = _outages(columns, counted, period, end, axis)
    rows = zip(columns.names, *(column.tolist() for column in (*states, planned, *fields)), strict=True)
    answers: dict[str, EntityAnswer] = {}
    for number, (name, up, down, unreachable, unknown, cut, outages, longest, ended, whole) in enumerate(rows):
        durations = Durations(up, down, unreachable, unknown, cut)
        mttr = Fraction(whole, ended) if ended else None
        mtbf = Fraction(up, outages) if outages else None
        found = Figures(durations, outages, longest, mttr, mtbf)
        answers[name] = EntityAnswer(found, Stretches(columns, number, period))
    return answers


def answer_of(answers: Mapping[str, EntityAnswer], policy: Policy, period: Period) -> Answer:
    """Return figures with the sums of regions and of the network. answers: names sorted."""
    members = [name for name in answers if kind_of(name) == ("site" if policy.sites else "device")]
    named = sorted(name for name in policy.entities() if kind_of(name) == "region")
    regions = {region: summed(policy.regions.get(region, ()), answers, policy) for region in named}
    return Answer(period, answers, regions, summed(members, answers, policy), ())


def counted_time(
    columns: Columns, policy: Policy, period: Period, planned: Callable[[str], Spans], names: Iterable[str]
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
    plain, special = owners[group[owners] < 0], owners[group[owners] >= 0]
    counted = {
        number: subtract(intersect(service, period.spans), spans) for number, (service, spans) in enumerate(groups)
    }
    few = span_columns(counted).of(group[special], special)
    inside = SpanColumns(
        np.append(plain, few.owners),
        np.append(np.full(len(plain), period.start), few.starts),
        np.append(np.full(len(plain), period.end), few.ends),
    )
    return Counted(inside, group, groups)


def _durations(columns: Columns, inside: SpanColumns, axis: Axis) -> tuple[Ints, Ints, Ints, Ints]:
    """Return how long each name was up, down, unreachable, unknown in the time that counts."""
    size = len(columns.names)
    total = np.zeros(size, np.int64)
    np.add.at(total, inside.owners, inside.ends - inside.starts)
    keys = axis.keys(columns.owners, columns.times)
    if not len(keys):
        nothing = np.zeros(size, np.int64)
        return nothing, nothing, nothing, total
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
    return up, down, unreachable, total - up - down - unreachable


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
    bad = _without_cuts(bad.where(_overlaps(bad, period)), counted, axis)
    bad = bad.where(_overlaps(bad, period))
    at_end = (contains(subtract(service, spans), end) for service, spans in counted.groups)
    is_counted_at_end = counted.by_name(at_end, 1) > 0
    count: Ints = np.bincount(bad.owners, minlength=size).astype(np.int64)
    longest = np.zeros(size, np.int64)
    np.maximum.at(longest, bad.owners, np.minimum(bad.ends, period.end) - np.maximum(bad.starts, period.start))
    is_open = (bad.ends >= end) & is_counted_at_end[bad.owners]
    over = bad.where(~is_open & (bad.ends <= period.end))
    whole = np.zeros(size, np.int64)
    np.add.at(whole, over.owners, over.ends - over.starts)
    ended: Ints = np.bincount(over.owners, minlength=size).astype(np.int64)
    return count, longest, ended, whole


def _overlaps(spans: SpanColumns, period: Period) -> Mask:
    found: Mask = (spans.starts < period.end) & (spans.ends > period.start)
    return found


def _without_cuts(bad: SpanColumns, counted: Counted, axis: Axis) -> SpanColumns:
    """Return what is left of spans without time out of service and planned time."""
    cuts = {
        number: spans if service == ALWAYS else union((*complement(service), *spans))
        for number, (service, spans) in enumerate(counted.groups)
    }
    cut = span_columns(cuts)
    group = counted.group[bad.owners]
    known = np.maximum(group, 0)
    low = np.searchsorted(axis.keys(cut.owners, cut.ends), axis.keys(known, bad.starts), "right")
    high = np.searchsorted(axis.keys(cut.owners, cut.starts), axis.keys(known, bad.ends), "left")
    counts = np.where(group >= 0, np.maximum(high - low, 0), 0)
    where = ranges(low, counts)
    of = np.repeat(np.arange(len(group)), counts)
    # One piece in front of each cut, and one behind the last.
    runs = np.arange(len(group))
    starts = np.concatenate([bad.starts, cut.ends[where]])[np.argsort(np.append(runs, of), kind="stable")]
    ends = np.concatenate([cut.starts[where], bad.ends])[np.argsort(np.append(of, runs), kind="stable")]
    owners = np.repeat(bad.owners, counts + 1)
    kept = starts < ends
    return SpanColumns(owners[kept], starts[kept], ends[kept])
