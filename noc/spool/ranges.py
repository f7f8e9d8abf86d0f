"""Sets of whole numbers as ranges: what was acknowledged of a long queue, in a few pairs. Pure."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Iterator


class Ranges:
    """A set of whole numbers. Costs grow with the number of gaps, not of numbers."""

    def __init__(self, pairs: Iterable[tuple[int, int]] = ()) -> None:
        self._firsts: list[int] = []
        self._lasts: list[int] = []
        for first, last in pairs:
            self.add(first, last)

    def __contains__(self, number: int) -> bool:
        at = bisect_right(self._firsts, number) - 1
        return at >= 0 and number <= self._lasts[at]

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Ranges) and self.pairs() == other.pairs()

    __hash__ = None  # type: ignore[assignment] # it changes

    def pairs(self) -> list[tuple[int, int]]:
        """Return the ranges, ascending; both ends belong to them."""
        return list(zip(self._firsts, self._lasts, strict=True))

    def count(self) -> int:
        """Return how many numbers there are."""
        return sum(self._lasts) - sum(self._firsts) + len(self._firsts)

    def add(self, first: int, last: int) -> None:
        """Add all numbers from first to last, both included; none where last is lower."""
        if last < first:
            return
        begin = bisect_left(self._lasts, first - 1)
        end = bisect_right(self._firsts, last + 1)
        if begin < end:
            first, last = min(first, self._firsts[begin]), max(last, self._lasts[end - 1])
        self._firsts[begin:end] = [first]
        self._lasts[begin:end] = [last]

    def remove(self, first: int, last: int) -> None:
        """Remove all numbers from first to last, both included."""
        if last < first:
            return
        begin = bisect_left(self._lasts, first)
        end = bisect_right(self._firsts, last)
        if begin >= end:
            return
        left, right = self._firsts[begin], self._lasts[end - 1]
        kept = [pair for pair in ((left, first - 1), (last + 1, right)) if pair[0] <= pair[1]]
        self._firsts[begin:end] = [pair[0] for pair in kept]
        self._lasts[begin:end] = [pair[1] for pair in kept]

    def covers(self, first: int, last: int) -> bool:
        """Return whether all numbers from first to last are there."""
        at = bisect_right(self._firsts, first) - 1
        return last < first or (at >= 0 and last <= self._lasts[at])

    def missing(self, first: int, last: int) -> Iterator[tuple[int, int]]:
        """Yield the ranges of numbers from first to last that are not there, ascending."""
        at = bisect_left(self._lasts, first)
        while first <= last:
            if at == len(self._firsts) or self._firsts[at] > last:
                yield first, last
                return
            if first < self._firsts[at]:
                yield first, self._firsts[at] - 1
            first = self._lasts[at] + 1
            at += 1
