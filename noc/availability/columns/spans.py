"""Spans of many entities as columns, and what holds where several kinds of them lie over one another. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import NamedTuple

import numpy as np

from noc.availability.columns.timelines import DOWN, UNKNOWN, UNREACHABLE, Axis, Columns, Ints, Mask, ranges
from noc.availability.spans import Spans


class SpanColumns(NamedTuple):
    """`[start, end)` of an owner each, in milliseconds; in order of owner and time."""

    owners: Ints
    starts: Ints
    ends: Ints

    def of(self, owners: Ints, new_owners: Ints) -> SpanColumns:
        """Return the spans of some owners, as those of others: of `owners[n]`, as those of `new_owners[n]`."""
        low = np.searchsorted(self.owners, owners, "left")
        counts = np.searchsorted(self.owners, owners, "right") - low
        where = ranges(low, counts)
        return SpanColumns(np.repeat(new_owners, counts), self.starts[where], self.ends[where])

    def where(self, kept: Mask) -> SpanColumns:
        """Return some of the spans."""
        return SpanColumns(self.owners[kept], self.starts[kept], self.ends[kept])


class Swept(NamedTuple):
    """keys: each place where something begins or ends. counts: of each layer, how many spans hold from there on."""

    keys: Ints
    counts: Sequence[Ints]


def sweep(axis: Axis, *layers: SpanColumns) -> Swept:
    """Lay spans over one another; in each layer an owner may have spans that overlap."""
    edges: list[Ints] = []
    for layer in layers:
        edges += (axis.keys(layer.owners, layer.starts), axis.keys(layer.owners, layer.ends))
    keys = np.concatenate(edges)
    order = np.argsort(keys, kind="stable")
    sorted_keys = keys[order]
    lasts = np.append(sorted_keys[1:] != sorted_keys[:-1], True) if len(keys) else np.empty(0, np.bool_)
    counts: list[Ints] = []
    at = 0
    for layer in layers:
        size = len(layer.owners)
        deltas = np.zeros(len(keys), np.int64)
        deltas[at : at + size] = 1
        deltas[at + size : at + 2 * size] = -1
        counts.append(np.cumsum(deltas[order])[lasts])
        at += 2 * size
    return Swept(sorted_keys[lasts], counts)


def spans_where(axis: Axis, keys: Ints, holds: Mask) -> SpanColumns:
    """Return the longest spans in which something holds. keys, holds: from which place on it does, or doesn't."""
    before = np.append(False, holds[:-1])
    edges = keys[np.flatnonzero(holds != before)] if len(keys) else keys
    starts, ends = edges[::2], edges[1::2]
    return SpanColumns(axis.owners(starts), axis.times(starts), axis.times(ends))


def bad_spans(columns: Columns) -> SpanColumns:
    """Return when entities are down or unreachable. The columns must be known until some end."""
    bad = (columns.states == DOWN) | (columns.states == UNREACHABLE)
    return _runs(columns, bad)


def spans_in(columns: Columns, state: int) -> SpanColumns:
    """Return when entities are in one state, which isn't unknown. The columns must be known until some end."""
    return _runs(columns, columns.states == state)


def stretches(columns: Columns, names: Ints, axis: Axis) -> tuple[SpanColumns, Ints]:
    """Return all intervals of some timelines, from the beginning of the axis on, and the state of each.

    names: whose, by number, ascending.
    """
    top = axis.base + axis.length - 1
    firsts, counts = columns.first[names], columns.first[names + 1] - columns.first[names]
    # Before its first change each is unknown: one more interval than there are changes.
    lengths = counts + 1
    size = int(lengths.sum())
    heads = np.cumsum(lengths) - lengths
    owners = np.repeat(names, lengths)
    is_change = np.ones(size, np.bool_)
    is_change[heads] = False
    where = ranges(firsts, counts)
    starts, states = np.full(size, axis.base), np.full(size, UNKNOWN)
    starts[is_change], states[is_change] = columns.times[where], columns.states[where]
    ends = np.full(size, top)
    ends[:-1] = np.where(owners[1:] == owners[:-1], starts[1:], top)
    return SpanColumns(owners, starts, ends), states


def span_columns(spans: Mapping[int, Spans]) -> SpanColumns:
    """Return spans by owner as columns."""
    rows = [(owner, start, end) for owner, each in sorted(spans.items()) for start, end in each]
    found = np.array(rows, np.int64).reshape(-1, 3)
    return SpanColumns(found[:, 0], found[:, 1], found[:, 2])


def _runs(columns: Columns, holds: Mask) -> SpanColumns:
    if not len(holds):
        return SpanColumns(columns.times, columns.times, columns.times)
    owners = columns.owners
    is_first = np.append(True, owners[1:] != owners[:-1])
    begins = holds & (is_first | ~np.append(False, holds[:-1]))
    goes_on = np.append(holds[1:] & ~is_first[1:], False)
    ends = np.flatnonzero(holds & ~goes_on) + 1  # the last of a timeline is unknown: there is always a next one
    starts = np.flatnonzero(begins)
    return SpanColumns(owners[starts], columns.times[starts], columns.times[ends])
