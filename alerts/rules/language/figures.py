"""Numbers of many rows, of the same hour before, and of the time ahead. Pure."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Final

from alerts.rules.language.program import Figure
from alerts.rules.language.scene import Question, Row, Scene
from alerts.rules.language.units import PLAIN, TIME, Quantity
from alerts.rules.language.values import Condition, Value

FLAT: Final = 0.05
"""A spread is at least such a share of the baseline, so that a series that never moved isn't far off by a hair."""

FOLDED: Final[Mapping[str, Callable[[list[float]], float]]] = {
    "sum": math.fsum,
    "min": min,
    "max": max,
    "mean": lambda numbers: math.fsum(numbers) / len(numbers),
}


def counted(measurement: str, where: Condition | None) -> Figure:
    """Return how many rows meet a condition; unknown where the measurement was not told of late."""

    def run(scene: Scene) -> float | None:
        rows = scene.tables.get(measurement)
        if rows is None:
            return None
        return float(len(rows) if where is None else sum(1 for _ in _where(rows, where, scene)))

    return run


def folded(measurement: str, where: Condition | None, field: Figure, fold: Callable[[list[float]], float]) -> Figure:
    """Return one number of those that rows have which meet a condition."""

    def run(scene: Scene) -> float | None:
        rows = scene.tables.get(measurement, ())
        numbers = [value for _ in _where(rows, where, scene) if (value := field(scene)) is not None]
        return fold(numbers) if numbers else None

    return run


def _where(rows: Sequence[Row], where: Condition | None, scene: Scene) -> Iterator[Row]:
    """Yield the rows that meet a condition, each while it is the inner one."""
    for row in rows:
        scene.inner = row
        if where is None or where.run(scene):
            yield row


def compared_with_before(function: str, question: Question, value: Value, of: Quantity) -> Value:
    """Return the median or the spread of the same hour of the last weeks, or how many spreads a number is away."""

    def run(scene: Scene) -> float | None:
        now = value.run(scene)
        known = scene.learned.baseline(question, scene.entity, scene.key, scene.now_ms)
        if now is None or known is None:
            return None
        median, spread = known[0] * of.factor, known[1] * of.factor
        if function == "baseline":
            return median
        spread = max(spread, FLAT * abs(median))
        if function == "spread":
            return spread
        return (now - median) / spread if spread else None

    return Value(run, PLAIN if function == "deviation" else value.of)


def foretold(function: str, question: Question, value: Value, second: Figure, of: Quantity) -> Value:
    """Return a number in so many seconds, or in how many seconds it will be at a limit, if it goes on growing so."""

    def run(scene: Scene) -> float | None:
        now, slope = value.run(scene), scene.learned.slope(question, scene.entity, scene.key)
        other = second(scene)
        if now is None or slope is None or other is None:
            return None
        slope *= of.factor
        if function == "forecast":
            return now + slope * other
        away = other - now
        if not slope:
            return math.inf
        return max(0.0, away / slope) if away / slope > 0 else math.inf

    return Value(run, value.of if function == "forecast" else Quantity(TIME))
