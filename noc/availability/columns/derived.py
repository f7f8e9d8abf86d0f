"""Down split into down and unreachable, and sites, for many entities at once. Pure.

Whether something is down or unreachable, the one or the other, doesn't hang on which of both its upstreams are: so
first all that failed is found, then who failed because of it.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Final

import numpy as np

from noc.availability.columns.spans import SpanColumns, bad_spans, spans_in, stretches, sweep
from noc.availability.columns.spans import spans_where as where_holds
from noc.availability.columns.timelines import (
    CODES,
    DOWN,
    UNKNOWN,
    UNREACHABLE,
    UP,
    Axis,
    Columns,
    Ints,
    joined,
    ranges,
    tidy,
)
from noc.availability.policy import Policy
from noc.availability.spans import ALWAYS, Spans, intersect

_STATES: Final = range(4)


def derived(raw: Columns, policy: Policy, axis: Axis) -> Columns:
    """Return states from raw states, as `noc.availability.replay.derived` does.

    raw: of all that the policy names, sites without any change, known until some end. policy: without circles, which
    nobody looks for here. axis: holds all times.
    """
    index = raw.index
    sites = [site for site in policy.sites if site in index]
    blamed = {name: tuple(dict.fromkeys(names)) for name, names in policy.upstream.items() if names and name in index}
    upstream_sites = {name for names in blamed.values() for name in names if name in policy.sites}
    failed = joined(raw.names, raw, _sites(raw, sorted(upstream_sites), policy, axis)) if upstream_sites else raw
    causes = _Failed(failed, sorted(set(blamed.values())), axis)
    devices = causes.blame(raw, {name: names for name, names in blamed.items() if name not in policy.sites}, policy)
    told = _sites(devices, sites, policy, axis)
    of_sites = {name: names for name, names in blamed.items() if name in policy.sites}
    return joined(raw.names, devices, causes.blame(told, of_sites, policy) if of_sites else told)


class _Failed:
    """When all of some upstreams failed. sets: each combination of upstreams that some entity has."""

    def __init__(self, columns: Columns, sets: Sequence[tuple[str, ...]], axis: Axis) -> None:
        self._number = {names: number for number, names in enumerate(sets)}
        pairs = [(number, name) for names, number in self._number.items() for name in names]
        known = [(number, columns.index[name]) for number, name in pairs if name in columns.index]
        found = np.array(known, np.int64).reshape(-1, 2)
        layer = bad_spans(columns).of(found[:, 1], found[:, 0])
        keys, (count,) = sweep(axis, layer)
        needed = np.array([len(names) for names in sets], np.int64)
        holds = count == needed[axis.owners(keys)] if len(keys) else np.empty(0, np.bool_)
        self._axis = axis
        self._spans = where_holds(axis, keys, holds)

    def blame(self, columns: Columns, upstream: Mapping[str, tuple[str, ...]], policy: Policy) -> Columns:
        """Return timelines with down time turned to unreachable while all upstreams failed."""
        sets = np.full(len(columns.names), -1, np.int64)
        skews = np.zeros(len(columns.names), np.int64)
        for name, names in upstream.items():
            number = columns.index[name]
            sets[number] = self._number[names]
            skews[number] = policy.probe_of(name).skew
        down = spans_in(columns, DOWN)
        down = down.where(sets[down.owners] >= 0)
        pieces, of = self._pieces(down, sets, skews)
        if not len(of):
            return columns
        return _with_pieces(columns, down, pieces, of)

    def _pieces(self, down: SpanColumns, sets: Ints, skews: Ints) -> tuple[SpanColumns, Ints]:
        """Return the unreachable pieces, and of which down interval each is."""
        axis, failed = self._axis, self._spans
        which = sets[down.owners]
        low = np.searchsorted(axis.keys(failed.owners, failed.ends), axis.keys(which, down.starts), "right")
        high = np.searchsorted(axis.keys(failed.owners, failed.starts), axis.keys(which, down.ends), "left")
        counts = np.maximum(high - low, 0)
        of = np.repeat(np.arange(len(which)), counts)
        where = ranges(low, counts)
        starts = np.maximum(failed.starts[where], down.starts[of])
        ends = np.minimum(failed.ends[where], down.ends[of])
        skew = skews[down.owners[of]]
        is_first = np.append(True, of[1:] != of[:-1])[: len(of)]
        is_last = np.append(of[1:] != of[:-1], True)[: len(of)]
        starts = np.where(is_first & (starts - down.starts[of] <= skew), down.starts[of], starts)
        ends = np.where(is_last & (down.ends[of] - ends <= skew), down.ends[of], ends)
        return SpanColumns(down.owners[of], starts, ends), of


def _with_pieces(columns: Columns, down: SpanColumns, pieces: SpanColumns, of: Ints) -> Columns:
    """Return timelines in which pieces of down intervals are unreachable. of: of which interval each piece is."""
    states = columns.states.copy()
    at_start = pieces.starts == down.starts[of]
    axis = Axis(int(columns.times.min()), int(columns.times.max() - columns.times.min()) + 1)
    places = np.searchsorted(axis.keys(columns.owners, columns.times), axis.keys(pieces.owners, pieces.starts))
    states[places[at_start]] = UNREACHABLE
    begins = ~at_start
    goes_on = pieces.ends < down.ends[of]
    owners = np.concatenate([columns.owners, pieces.owners[begins], pieces.owners[goes_on]])
    times = np.concatenate([columns.times, pieces.starts[begins], pieces.ends[goes_on]])
    added = np.repeat(np.array([UNREACHABLE, DOWN], np.int8), [int(begins.sum()), int(goes_on.sum())])
    order = np.argsort(axis.keys(owners, times), kind="stable")
    return tidy(columns.names, owners[order], times[order], np.concatenate([states, added])[order])


def _sites(columns: Columns, sites: Iterable[str], policy: Policy, axis: Axis) -> Columns:
    """Return the states of sites from those of their devices; of all others no change."""
    votes, states = ballots(columns, {site: policy.sites[site] for site in sites}, policy, axis)
    layers = [votes.where(states == state) for state in _STATES]
    keys, (up, down, unreachable, unknown) = sweep(axis, *layers)
    said = np.full(len(keys), UNREACHABLE, np.int8)
    said[down > 0] = DOWN
    said[(unknown > 0) | ((down == 0) & (unreachable == 0))] = UNKNOWN
    said[up > 0] = UP
    return tidy(columns.names, axis.owners(keys), axis.times(keys), said)


def ballots(
    columns: Columns, members: Mapping[str, Sequence[str]], policy: Policy, axis: Axis
) -> tuple[SpanColumns, Ints]:
    """Return the states of the members of some entities while they are in service, as spans of those, and each state.

    members: entity to those whose states are asked for; of those without a name among the columns it is unknown.
    """
    asked = dict.fromkeys(name for names in members.values() for name in names)
    spans, states = stretches(columns, np.array(sorted(columns.index[name] for name in asked), np.int64), axis)
    plain: list[tuple[int, int]] = []
    dated: list[tuple[int, int, int, int]] = []
    for entity, names in members.items():
        number = columns.index[entity]
        for name in dict.fromkeys(names):
            service = policy.service_of(name)
            if service == ALWAYS:
                plain.append((number, columns.index[name]))
            else:
                dated += _dated(columns, number, columns.index[name], intersect(service, axis.spans))
    pairs = np.array(plain, np.int64).reshape(-1, 2)
    low = np.searchsorted(spans.owners, pairs[:, 1], "left")
    counts = np.searchsorted(spans.owners, pairs[:, 1], "right") - low
    where = ranges(low, counts)
    few = np.array(dated, np.int64).reshape(-1, 4)
    votes = SpanColumns(
        np.append(np.repeat(pairs[:, 0], counts), few[:, 0]),
        np.append(spans.starts[where], few[:, 1]),
        np.append(spans.ends[where], few[:, 2]),
    )
    return votes, np.append(states[where], few[:, 3])


def _dated(columns: Columns, entity: int, name: int, service: Spans) -> list[tuple[int, int, int, int]]:
    return [
        (entity, interval.start, interval.end, CODES[interval.state])
        for start, end in service
        for interval in columns.intervals(name, start, end)
    ]
