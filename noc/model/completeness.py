"""How complete an answer of a store is: the steps that ought to have a number, of which it has so many. Pure."""

from __future__ import annotations

from datetime import datetime, timedelta

from noc.model.instants import EPOCH, MILLISECOND
from noc.model.series import WHOLE, SeriesQuery


def expected_steps(query: SeriesQuery, step: timedelta | None, interval: timedelta | None, now: datetime) -> int | None:
    """Return how many numbers a series has where nothing is missing; None where nobody can know.

    step: that of the answer. interval: how often the check brings a number, None where it isn't known. What is to come
    isn't expected. A step at either end of the range counts where the range has enough of it for one number.
    """
    length = min(query.stop, now) - query.start
    if length <= timedelta(0):
        return 0
    if step == WHOLE:
        return 1 if interval is None or length >= interval else 0
    if step is None or (interval is not None and interval > step):
        return None if interval is None else length // interval
    begin, end = (query.start - EPOCH) // MILLISECOND, (query.start + length - EPOCH) // MILLISECOND
    width = step // MILLISECOND
    needed = width if interval is None else interval // MILLISECOND
    first, last = begin // width, (end - 1) // width
    if first == last:
        return int(end - begin >= needed)
    edges = ((first + 1) * width - begin, end - last * width)
    return last - first - 1 + sum(edge >= needed for edge in edges)


def completeness(present: int, expected: int | None) -> float | None:
    """Return the share of the expected steps that have a number, 0 to 1; None where none is expected."""
    return min(1.0, present / expected) if expected else None
