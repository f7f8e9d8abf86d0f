"""What is learned of a series: its baseline of an hour of the week, and how it grows. Robust, and pure."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import combinations
from statistics import median
from typing import Final

MAD_TO_DEVIATION: Final = 1.4826
"""The median absolute deviation of normal numbers, times this, is their standard deviation."""

LEAST_POINTS: Final = 6
LEAST_SPAN_S: Final = 3 * 86_400
"""Of fewer or a shorter time nothing is foretold."""


def baseline(values: Sequence[float]) -> tuple[float, float]:
    """Return the median, and the spread: the median absolute deviation as a standard deviation. values: not empty."""
    middle = median(values)
    return middle, MAD_TO_DEVIATION * median(abs(value - middle) for value in values)


def slope(times_s: Sequence[float], values: Sequence[float]) -> float | None:
    """Return how much a series grows a second: the median of the slopes between all pairs (Theil and Sen).

    None where too little is known. One odd number of four changes nothing.
    """
    if len(times_s) < LEAST_POINTS or times_s[-1] - times_s[0] < LEAST_SPAN_S:
        return None
    points = zip(times_s, values, strict=True)
    return median((y2 - y1) / (x2 - x1) for (x1, y1), (x2, y2) in combinations(points, 2))
