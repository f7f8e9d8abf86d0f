"""Figures over a period of many entities at once. Pure."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from fractions import Fraction
from typing import NamedTuple, overload

import numpy as np

from noc.availability.columns.spans import SpanColumns, bad_spans, span_columns, spans_where, sweep
from noc.availability.columns.timelines import DOWN, UNREACHABLE, UP, Axis, Columns, Ints, Mask
from noc.availability.entities import kind_of
from noc.availability.figures import Durations, Figures
from noc.availability.policy import Period, Policy
from noc.availability.replay import Answer, EntityAnswer, summed
from noc.availability.spans import ALWAYS, Spans, contains, intersect, length, subtract
from noc.availability.timeline import Interval
from noc.availability.windows import Planned

_COUNTED = (UP, DOWN, UNREACHABLE)


class Counted(NamedTuple):
    """When entities count. inside: in the period, in any order. special: service and planned time, by number, of those
    for whom one of both is something else than always, or never.
    """

    inside: SpanColumns
    special: Mapping[int, tuple[Spans, Spans]]


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
    planned_time = Planned(policy.windows, policy.sites, policy.regions, also)
    counted = counted_time(columns, policy, period, planned_time, columns.names)
    states = _durations(columns, counted.inside, axis)
    planned = {
        number: length(intersect(intersect(service, period.spans), spans))
        for number, (service, spans) in counted.special.items()
    }
    fields = _outages(columns, counted, period, end, axis)
    rows = zip(columns.names, *(column.tolist() for column in (*states, *fields)), strict=True)
    answers: dict[str, EntityAnswer] = {}
    for number, (name, up, down, unreachable, unknown, outages, longest, ended, whole) in enumerate(rows):
        durations = Durations(up, down, unreachable, unknown, planned.get(number, 0))
        mttr = Fraction(whole, ended) if ended else None
        mtbf = Fraction(up, outages) if outages else None
        found = Figures(durations, outages, longest, mttr, mtbf)
        answers[name] = EntityAnswer(found, Stretches(columns, number, period))
    members = [name for name in answers if kind_of(name) == ("site" if policy.sites else "device")]
    named = sorted(name for name in policy.entities() if kind_of(name) == "region")
    regions = {region: summed(policy.regions.get(region, ()), answers, policy) for region in named}
    return Answer(period, answers, regions, summed(members, answers, policy), ())


def counted_time(columns: Columns, policy: Policy, period: Period, planned: Planned, names: Iterable[str]) -> Counted:
    """Return when some of the entities count inside the period."""
    special: dict[int, tuple[Spans, Spans]] = {}
    plain: list[int] = []
    for name in names:
        number, service, spans = columns.index[name], policy.service_of(name), planned.of(name)
        if spans or service != ALWAYS:
            special[number] = (service, spans)
        else:
            plain.append(number)
    owners = np.array(plain, np.int64)
    inside = {number: subtract(intersect(service, period.spans), spans) for number, (service, spans) in special.items()}
    few = span_columns(inside)
    return Counted(
        SpanColumns(
            np.append(owners, few.owners),
            np.append(np.full(len(owners), period.start), few.starts),
            np.append(np.full(len(owners), period.end), few.ends),
        ),
        special,
    )


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
    bad = _counted_outages(bad_spans(columns), counted, size, axis)
    is_counted_at_end = np.ones(size, np.bool_)
    for owner, (service, spans) in counted.special.items():
        is_counted_at_end[owner] = contains(subtract(service, spans), end)
    bad = bad.where((bad.starts < period.end) & (bad.ends > period.start))
    count: Ints = np.bincount(bad.owners, minlength=size).astype(np.int64)
    longest = np.zeros(size, np.int64)
    np.maximum.at(longest, bad.owners, np.minimum(bad.ends, period.end) - np.maximum(bad.starts, period.start))
    is_open = (bad.ends >= end) & is_counted_at_end[bad.owners]
    over = bad.where(~is_open & (bad.ends <= period.end))
    whole = np.zeros(size, np.int64)
    np.add.at(whole, over.owners, over.ends - over.starts)
    ended: Ints = np.bincount(over.owners, minlength=size).astype(np.int64)
    return count, longest, ended, whole


def _counted_outages(bad: SpanColumns, counted: Counted, size: int, axis: Axis) -> SpanColumns:
    if not counted.special:
        return bad
    is_special = np.zeros(size, np.bool_)
    is_special[list(counted.special)] = True
    concerned = is_special[bad.owners]
    touched = set(np.unique(bad.owners[concerned]).tolist())
    service = span_columns({number: spans for number, (spans, _) in counted.special.items() if number in touched})
    planned = span_columns({number: spans for number, (_, spans) in counted.special.items() if number in touched})
    keys, (failed, serving, cut) = sweep(axis, bad.where(concerned), service, planned)
    cut_out = spans_where(axis, keys, (failed > 0) & (serving > 0) & (cut == 0))
    rest = bad.where(~concerned)
    return SpanColumns(*(np.append(one, other) for one, other in zip(rest, cut_out, strict=True)))
