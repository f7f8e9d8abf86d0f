"""Which series of a fleet may be the highest: by the bounds that summaries tell, so that few need be read. Blocking.

Of each series it is worked out between what its number over a range must lie. Who can't be among the first is never
read; who can is read as ever, so that answers are exactly those of reading everything. Steps at the edges of a range,
rows that came twice, and times that overlap make bounds wider, never wrong.
"""

from __future__ import annotations

import heapq
import sqlite3
from collections.abc import Sequence
from dataclasses import dataclass, fields
from typing import Final

import numpy as np

from noc.model.series import Aggregate, Ranked, Series, TopAnswer, TopQuery
from noc.store._answers import ranked
from noc.store._rows import device_of
from noc.store.embedded.bounds import ROUNDING, SLACK, Matrix
from noc.store.embedded.kinds import Places
from noc.store.embedded.known import YES, Column, Flags, Part, UntoldError, in_memory, on_disk
from noc.store.embedded.summary import Keys, SummaryError, key_of, tags_in, text_of
from noc.store.embedded.wanted import Source, Wanted

BY_BOUNDS: Final = frozenset[Aggregate](("mean", "min", "max", "last"))
"""Aggregates that bounds say something of; the others are worked out from all numbers."""

AT_ONCE: Final = 25
"""Devices that are read before it is looked whether more must be."""


@dataclass(frozen=True, slots=True)
class Shortlist:
    """devices: that must be read, those that may be highest first. reach: what a series of each may reach at most.

    sure: keys of series that have a number in the range, sorted. Of the lowest all numbers are turned round.
    """

    devices: Sequence[str]
    reach: Matrix
    sure: Keys

    def after(self, done: int, query: TopQuery, found: Sequence[Series]) -> Sequence[str]:
        """Return the devices to read after the first `done`; none where no other series can be among the first.

        found: the number of each series of those before.
        """
        sign = 1.0 if query.order == "highest" else -1.0
        last = last_place(query.count, sign * np.array([one.values[0] for one in found]))
        return self.devices[done : min(done + AT_ONCE, done + int(np.count_nonzero(~(self.reach[done:] < last))))]

    def answer(self, query: TopQuery, found: Sequence[Series]) -> TopAnswer:
        """Return the answer. found: the number of each series of the devices."""
        texts = [text_of(tuple(sorted(one.tags.items()))) for one in found]
        keys = np.frombuffer(b"".join(map(key_of, texts)), "<u8")
        others = int(np.count_nonzero(~np.isin(keys, self.sure)))
        best = ranked([Ranked(one.tags, one.values[0]) for one in found], query)
        return TopAnswer(best.items, self.sure.size + others)


def shortlist(query: TopQuery, wanted: Wanted, source: Source) -> Shortlist | None:
    """Return what must be read; None where all must be: another aggregate, or files that don't tell enough."""
    if query.aggregate not in BY_BOUNDS or wanted.resolution != "raw":
        return None
    try:
        parts = [*on_disk(query, wanted, source), *in_memory(query, wanted, source.memtables)]
        if wanted.tags:
            parts = [_tagged(part, wanted.tags) for part in parts]
        if not any(part.places.size for part in parts):
            return Shortlist([], np.empty(0), np.empty(0, np.uint64))
        return _short(query, parts)
    except (UntoldError, sqlite3.Error, SummaryError):
        return None


# --- all together -----------------------------------------------------------------------------------------------------


def _tagged(part: Part, tags: frozenset[tuple[str, str]]) -> Part:
    """Return the series that have these tags."""
    texts = part.texts()
    chosen = np.array([tags.issubset(tags_in(texts[place])) for place in part.places.tolist()], np.bool_)
    return Part(part.column.only(chosen), part.texts, part.places[chosen])


def _short(query: TopQuery, parts: Sequence[Part]) -> Shortlist:
    columns = [part.column for part in parts]
    whole = Column(*(np.concatenate([getattr(one, each.name) for one in columns], axis=-1) for each in fields(Column)))
    ordered = np.sort(whole.keys)
    places, overlapping = np.arange(whole.keys.size), np.zeros(whole.keys.size, np.bool_)
    if (ordered[1:] == ordered[:-1]).any():
        order = np.lexsort((whole.begin, whole.keys))
        keys, begin, end = whole.keys[order], whole.begin[order], whole.end[order]
        again = np.append(np.False_, keys[1:] == keys[:-1])
        firsts = np.flatnonzero(~again)
        again[1:] &= begin[1:] <= end[:-1]
        overlapping = np.logical_or.reduceat(again, firsts)
        whole, places = _grouped(whole.only(order), firsts), order[firsts]
    low, high = _between(query.aggregate, whole, overlapping)
    if query.order == "lowest":
        low, high = -high, -low
    sure = whole.is_there == YES
    last = last_place(query.count, low[sure])
    chosen = ~(high < last) | ~sure
    equal = np.flatnonzero(sure & (low == last) & (high == last))
    named = _Names(parts, places)
    series = np.flatnonzero(chosen)
    if equal.size > query.count:  # of those that are surely equal the first by tags are enough
        first = heapq.nsmallest(query.count, equal.tolist(), key=named.text)
        series = np.union1d(np.setdiff1d(series, equal), first)
    reach: dict[str, float] = {}
    for one, highest, is_sure in zip(series.tolist(), high[series].tolist(), sure[series].tolist(), strict=True):
        device = device_of(tags_in(named.text(one)))
        reach[device] = max(reach.get(device, -np.inf), highest if is_sure else np.inf)
    devices = sorted(reach, key=lambda device: (-reach[device], device))
    return Shortlist(devices, np.array([reach[device] for device in devices]), np.sort(whole.keys[sure]))


def _grouped(whole: Column, firsts: Places) -> Column:
    """Return what is known of series that stand next to each other, as one each."""

    def reduced(do: np.ufunc, each: Matrix) -> Matrix:
        return np.asarray(do.reduceat(each, firsts, axis=-1), np.float64)

    return Column(
        whole.keys[firsts],
        np.maximum.reduceat(whole.is_there, firsts),
        reduced(np.minimum, whole.begin),
        reduced(np.maximum, whole.end),
        reduced(np.add, whole.count),
        reduced(np.add, whole.total_lo),
        reduced(np.add, whole.total_hi),
        reduced(np.maximum, whole.max_lo),
        reduced(np.maximum, whole.max_hi),
        reduced(np.minimum, whole.min_lo),
        reduced(np.minimum, whole.min_hi),
        reduced(np.add, whole.edge_count),
        reduced(np.minimum, whole.edge_min),
        reduced(np.maximum, whole.edge_max),
    )


def _between(aggregate: Aggregate, whole: Column, overlapping: Flags) -> tuple[Matrix, Matrix]:
    """Return what each series' number is at least, and at most."""
    least = np.minimum(whole.min_lo, whole.edge_min.min(axis=0))
    greatest = np.maximum(whole.max_hi, whole.edge_max.max(axis=0))
    low, high = least.copy(), greatest.copy()
    inside = (whole.count > 0) & ~overlapping
    if aggregate == "max":
        low[inside] = whole.max_lo[inside]
    elif aggregate == "min":
        high[inside] = whole.min_hi[inside]
    elif aggregate == "mean":
        below, above = _means(whole)
        apart = np.fmax(abs(least), abs(greatest)) * ROUNDING * (whole.count + whole.edge_count.sum(axis=0) + SLACK)
        apart[least == greatest] = 0.0
        tighter = ~overlapping & (least < greatest)
        low[tighter] = np.fmax(low, below - apart)[tighter]
        high[tighter] = np.fmin(high, above + apart)[tighter]
    return low, high


def _means(whole: Column) -> tuple[Matrix, Matrix]:
    """Return bounds of means: of a step at an edge all numbers count, or none; what lies between is between."""
    below, above = np.full(whole.count.shape, np.nan), np.full(whole.count.shape, np.nan)
    with np.errstate(invalid="ignore", divide="ignore", over="ignore"):
        lower, upper = (
            np.where(whole.edge_count > 0, whole.edge_count * each, 0.0) for each in (whole.edge_min, whole.edge_max)
        )
        for chosen in ((), (0,), (1,), (0, 1)):
            rows = list(chosen)
            count = whole.count + whole.edge_count[rows].sum(axis=0)
            below = np.fmin(below, (whole.total_lo + lower[rows].sum(axis=0)) / count)
            above = np.fmax(above, (whole.total_hi + upper[rows].sum(axis=0)) / count)
    return below, above


def last_place(count: int, low: Matrix) -> float:
    """Return what a series must reach at least, to be among so many: as many surely do."""
    return float(np.partition(low, low.size - count)[low.size - count]) if low.size >= count else -np.inf


class _Names:
    """Texts of series. places: of each among the series of all parts."""

    def __init__(self, parts: Sequence[Part], places: Places) -> None:
        self._parts = parts
        self._places = places
        self._begins = np.cumsum([0, *(part.places.size for part in parts)])
        self._texts: dict[int, Sequence[bytes]] = {}

    def text(self, series: int) -> bytes:
        """Return the text of a series. Raises sqlite3.Error, SummaryError."""
        place = int(self._places[series])
        number = int(np.searchsorted(self._begins, place, side="right")) - 1
        part = self._parts[number]
        if number not in self._texts:
            self._texts[number] = part.texts()
        return self._texts[number][int(part.places[place - int(self._begins[number])])]
