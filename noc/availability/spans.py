"""Sets of time as lists of spans. Pure.

A Span is half open, `[start, end)`, in milliseconds. Spans are sorted, not empty, and neither overlap nor touch, so
that equal sets are equal lists. All functions run in the length of their arguments.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable, Sequence
from typing import Final, NamedTuple, TypeAlias


class Span(NamedTuple):
    """The time from `start` up to, and without, `end`, in milliseconds."""

    start: int
    end: int


Spans: TypeAlias = Sequence[Span]

BEGINNING: Final = -(1 << 62)
FOREVER: Final = 1 << 62
NEVER: Final[Spans] = ()
ALWAYS: Final[Spans] = (Span(BEGINNING, FOREVER),)


def union(spans: Iterable[tuple[int, int]]) -> Spans:
    """Return the union of any spans, in any order; empty and inverted ones are left out."""
    merged: list[Span] = []
    for start, end in sorted(spans):
        if start >= end:
            continue
        if merged and start <= merged[-1].end:
            if end > merged[-1].end:
                merged[-1] = Span(merged[-1].start, end)
        else:
            merged.append(Span(start, end))
    return merged


def intersect(left: Spans, right: Spans) -> Spans:
    """Return the time that is in both."""
    if left == ALWAYS:
        return right
    if right == ALWAYS:
        return left
    found: list[Span] = []
    i = j = 0
    while i < len(left) and j < len(right):
        a, b = left[i], right[j]
        start, end = max(a.start, b.start), min(a.end, b.end)
        if start < end:
            found.append(Span(start, end))
        if a.end <= b.end:
            i += 1
        else:
            j += 1
    return found


def subtract(left: Spans, right: Spans) -> Spans:
    """Return the time that is in `left` and not in `right`."""
    return intersect(left, complement(right)) if right else left


def complement(spans: Spans) -> Spans:
    """Return all other time."""
    edges = [BEGINNING, *(edge for span in spans for edge in span), FOREVER]
    pairs = zip(edges[::2], edges[1::2], strict=True)
    return [Span(start, end) for start, end in pairs if start < end]


def length(spans: Spans) -> int:
    """Return the milliseconds in all spans together."""
    return sum(end - start for start, end in spans)


def contains(spans: Spans, time: int) -> bool:
    """Return whether a moment is inside."""
    index = bisect_right(spans, time, key=lambda span: span.start) - 1
    return index >= 0 and time < spans[index].end
