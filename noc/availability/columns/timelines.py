"""Timelines of many entities as columns. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Final, TypeAlias

import numpy as np
import numpy.typing as npt

from noc.availability.spans import Span, Spans
from noc.availability.timeline import Change, Interval, State, Timeline, intervals

Ints: TypeAlias = npt.NDArray[np.int64]
Codes: TypeAlias = npt.NDArray[np.int8]
Mask: TypeAlias = npt.NDArray[np.bool_]

UP, DOWN, UNREACHABLE, UNKNOWN = range(4)
STATES: Final = (State.UP, State.DOWN, State.UNREACHABLE, State.UNKNOWN)
CODES: Final[Mapping[str, int]] = {state.value: code for code, state in enumerate(STATES)}


@dataclass(frozen=True)
class Columns:
    """The timeline of each of `names`: changes `first[n]` up to, and without, `first[n + 1]` are those of name n.

    times: milliseconds, ascending in each timeline. states: codes of STATES, each another than the one before it.
    """

    names: Sequence[str]
    first: Ints
    times: Ints
    states: Codes

    @cached_property
    def index(self) -> Mapping[str, int]:
        """The number of each name."""
        return {name: number for number, name in enumerate(self.names)}

    @cached_property
    def owners(self) -> Ints:
        """The number of the name that each change belongs to."""
        return np.repeat(np.arange(len(self.names)), np.diff(self.first))

    def timeline(self, name: str) -> Timeline:
        """Return the timeline of one entity; an empty one where it has none."""
        number = self.index.get(name)
        return () if number is None else self._changes(self.first[number], self.first[number + 1])

    def intervals(self, number: int, start: int, end: int) -> list[Interval]:
        """Return the states of a name, by its number, inside `[start, end)`, as `noc.availability.timeline` does."""
        low, high = self.first[number], self.first[number + 1]
        times = self.times[low:high]
        since = low + max(0, int(np.searchsorted(times, start, "right")) - 1)
        until = low + int(np.searchsorted(times, end, "left"))
        return intervals(self._changes(since, until), start, end)

    def _changes(self, low: int, high: int) -> list[Change]:
        times, states = self.times[low:high].tolist(), self.states[low:high].tolist()
        return [Change(time, STATES[state]) for time, state in zip(times, states, strict=True)]

    def known_until(self, end: int) -> Columns:
        """Return the timelines with everything from `end` on unknown."""
        before = self.times < end
        owners, times, states = self.owners[before], self.times[before], self.states[before]
        lasts = np.flatnonzero(np.append(owners[1:] != owners[:-1], True)) if len(owners) else np.empty(0, np.int64)
        open_ = lasts[states[lasts] != UNKNOWN]
        owners = np.insert(owners, open_ + 1, owners[open_])
        times = np.insert(times, open_ + 1, end)
        states = np.insert(states, open_ + 1, UNKNOWN)
        return _grouped(self.names, owners, times, states)

    def only(self, names: Sequence[str]) -> Columns:
        """Return the timelines of some of the names, in their order."""
        numbers = np.array([self.index[name] for name in names], np.int64)
        counts = self.first[numbers + 1] - self.first[numbers]
        where = ranges(self.first[numbers], counts)
        first = np.append(0, np.cumsum(counts)).astype(np.int64)
        return Columns(names, first, self.times[where], self.states[where])

    def named(self, names: Sequence[str]) -> Columns:
        """Return the timelines under other names, in their order; who isn't among them is left out."""
        place = {name: number for number, name in enumerate(names)}
        where = np.array([place.get(name, -1) for name in self.names], np.int64)
        owners = where[self.owners] if len(self.times) else np.empty(0, np.int64)
        kept = owners >= 0
        owners, times, states = owners[kept], self.times[kept], self.states[kept]
        order = np.argsort(owners, kind="stable")
        return _grouped(names, owners[order], times[order], states[order])

    def replaced(self, others: Mapping[str, Timeline]) -> Columns:
        """Return the timelines with those of some names, which must be among `names`, replaced."""
        if not others:
            return self
        gone = np.zeros(len(self.names) + 1, np.bool_)
        gone[[self.index[name] for name in others]] = True
        return joined(self.names, self._without(gone), from_timelines(self.names, others))

    def differing(self, other: Columns) -> list[str]:
        """Return the names whose timelines are other ones in other columns of the same names."""
        counts, others = np.diff(self.first), np.diff(other.first)
        same = counts == others
        here, there = ranges(self.first[:-1][same], counts[same]), ranges(other.first[:-1][same], counts[same])
        unequal = (self.times[here] != other.times[there]) | (self.states[here] != other.states[there])
        found = ~same
        found[self.owners[here[unequal]]] = True
        return [self.names[number] for number in np.flatnonzero(found).tolist()]

    def _without(self, gone: Mask) -> Columns:
        kept = ~gone[self.owners] if len(self.times) else np.empty(0, np.bool_)
        return _grouped(self.names, self.owners[kept], self.times[kept], self.states[kept])


def from_records(names: Sequence[str], owners: Ints, times: Ints, states: Codes) -> Columns:
    """Return columns from changes in the order of the ledger. owners: the number of the name that each belongs to.

    Of changes at one moment the last counts; one dated before an earlier one holds from the earlier one's time on; one
    that changes nothing is none.
    """
    if not len(times):
        return _grouped(names, owners, times, states)
    order = np.argsort(owners, kind="stable")
    owners, times, states = owners[order], times[order], states[order]
    is_first = np.append(True, owners[1:] != owners[:-1])
    if not (is_first[1:] | (times[1:] > times[:-1])).all():
        base, top = int(times.min()), int(times.max())
        axis = Axis(base, top - base + 1)
        times = np.maximum.accumulate(axis.keys(owners, times)) % axis.length + base
        counts = np.append((owners[1:] != owners[:-1]) | (times[1:] != times[:-1]), True)
        owners, times, states = owners[counts], times[counts], states[counts]
    return tidy(names, owners, times, states)


def from_timelines(names: Sequence[str], timelines: Mapping[str, Timeline]) -> Columns:
    """Return columns of timelines. names: all of theirs, and others."""
    lengths = [len(timelines.get(name, ())) for name in names]
    changes = [change for name in names for change in timelines.get(name, ())]
    times = np.fromiter((change.time for change in changes), np.int64, len(changes))
    states = np.fromiter((CODES[change.state] for change in changes), np.int8, len(changes))
    return Columns(names, np.append(0, np.cumsum(np.array(lengths, np.int64))).astype(np.int64), times, states)


def tidy(names: Sequence[str], owners: Ints, times: Ints, states: Codes) -> Columns:
    """Return columns of changes in order, without those that change nothing."""
    if len(times):
        is_first = np.append(True, owners[1:] != owners[:-1])
        before = np.where(is_first, UNKNOWN, np.append(UNKNOWN, states[:-1]))
        kept = states != before
        owners, times, states = owners[kept], times[kept], states[kept]
    return _grouped(names, owners, times, states)


def joined(names: Sequence[str], *parts: Columns) -> Columns:
    """Return columns of the same names, each of which has its changes in one of the parts."""
    owners = np.concatenate([part.owners for part in parts])
    order = np.argsort(owners, kind="stable")
    times, states = (np.concatenate([part.times for part in parts]), np.concatenate([part.states for part in parts]))
    return _grouped(names, owners[order], times[order], states[order])


@dataclass(frozen=True, slots=True)
class Axis:
    """All entities' time on one line: owner after owner, each `length` milliseconds long, from `base` on.

    Raises ValueError where so many entities over such a time are more than 63 bits can number.
    """

    base: int
    length: int

    @property
    def spans(self) -> Spans:
        """The time that the axis holds."""
        return (Span(self.base, self.base + self.length - 1),)

    def keys(self, owners: Ints, times: Ints) -> Ints:
        """Return places on the line; times outside are taken for the nearest inside."""
        if len(owners) and (int(owners.max()) + 1) * self.length >= 1 << 63:
            raise ValueError("so many entities over such a time can't be reckoned at once")
        inside: Ints = owners * self.length + np.clip(times - self.base, 0, self.length - 1)
        return inside

    def owners(self, keys: Ints) -> Ints:
        """Return whose places on the line these are."""
        found: Ints = keys // self.length
        return found

    def times(self, keys: Ints) -> Ints:
        """Return the times that places on the line stand for, milliseconds."""
        found: Ints = keys % self.length + self.base
        return found


def ranges(firsts: Ints, counts: Ints) -> Ints:
    """Return first, first + 1, … of each pair, count numbers of them, one pair after the other."""
    total = int(counts.sum())
    if not total:
        return np.empty(0, np.int64)
    before = np.cumsum(counts) - counts
    found: Ints = np.arange(total) + np.repeat(firsts - before, counts)
    return found


def _grouped(names: Sequence[str], owners: Ints, times: Ints, states: Codes) -> Columns:
    first = np.searchsorted(owners, np.arange(len(names) + 1), "left").astype(np.int64)
    return Columns(names, first, times, states)
