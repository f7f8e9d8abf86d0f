"""A trend of numbers over time, and when it reaches a limit. Pure.

The slope is Theil and Sen's: the median of the slopes between all pairs of points, which a single odd day doesn't move;
its range holds the true slope in 95 of 100 cases (Sen 1968; Gilbert 1987, section 16.4.2, with Kendall's variance).
Only where the whole range is above nothing do the numbers grow.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import combinations
from math import sqrt
from statistics import median
from typing import Final, Literal

LEAST_POINTS: Final = 8
"""With fewer, chance alone makes trends."""

NORMAL_95: Final = 1.959964
"""Of the normal distribution: 95 in 100 are within so many standard deviations."""

LATEST_MS: Final = 20 * 365 * 86_400_000
"""Nobody can tell what is farther away than twenty years."""

Direction = Literal["too short", "growing", "steady", "falling"]


@dataclass(frozen=True, slots=True)
class Trend:
    """value per millisecond. now: the line's value at the last point. slope_low, slope_high: the range of 95 %."""

    points: int
    direction: Direction
    slope: float
    slope_low: float
    slope_high: float
    now: float
    last_ms: int

    def reaches(self, limit: float) -> Reaching:
        """Return when the line is at a limit."""
        if self.now >= limit:
            return Reaching(self.last_ms, self.last_ms, self.last_ms)
        if self.direction != "growing":
            return Reaching(None, None, None)
        rest = limit - self.now
        slopes = (self.slope, self.slope_high, self.slope_low)
        at, earliest, latest = (_after(self.last_ms, rest / slope) for slope in slopes)
        return Reaching(at, earliest, latest)


@dataclass(frozen=True, slots=True)
class Reaching:
    """When a limit is reached, and the range of that, in milliseconds of the Unix epoch.

    None: not within twenty years, as things go.
    """

    at_ms: int | None
    earliest_ms: int | None
    latest_ms: int | None


def trend_of(times_ms: Sequence[int], values: Sequence[float]) -> Trend | None:
    """Return the trend of numbers in order of time; None without numbers. Quadratic: some hundred at most."""
    if not values:
        return None
    last_ms, middle = times_ms[-1], median(values)
    if len(values) < LEAST_POINTS:
        return Trend(len(values), "too short", 0.0, 0.0, 0.0, middle, last_ms)
    points = list(zip(times_ms, values, strict=True))
    slopes = sorted((late[1] - early[1]) / (late[0] - early[0]) for early, late in combinations(points, 2))
    slope = median(slopes)
    low, high = _range(slopes, len(values))
    # The line goes through the median of what is left of each point when the slope is taken away.
    now = median(value - slope * (time_ms - last_ms) for time_ms, value in points)
    direction: Direction = "growing" if low > 0 else "falling" if high < 0 else "steady"
    return Trend(len(values), direction, slope, low, high, now, last_ms)


def _after(last_ms: int, rest_ms: float) -> int | None:
    return last_ms + round(rest_ms) if rest_ms < LATEST_MS else None


def _range(slopes: Sequence[float], points: int) -> tuple[float, float]:
    width = NORMAL_95 * sqrt(points * (points - 1) * (2 * points + 5) / 18)
    first = max(0, int((len(slopes) - width) / 2) - 1)
    last = min(len(slopes) - 1, int((len(slopes) + width) / 2) + 1)
    return slopes[first], slopes[last]
