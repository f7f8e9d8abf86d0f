"""Sparklines: the last hours of a number as a drawing of 100 by 24 units, with gaps as gaps. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

WIDTH: Final = 100.0
HEIGHT: Final = 24.0
_ROOM: Final = 2.0


@dataclass(frozen=True, slots=True)
class Numbers:
    """Numbers with their times in milliseconds, in order of time."""

    times_ms: Sequence[int] = ()
    values: Sequence[float] = ()


@dataclass(frozen=True, slots=True)
class Spark:
    """The points of lines, one string each for `polyline`: of traffic in, and of traffic out."""

    into: Sequence[str]
    out: Sequence[str]


def spark(into: Numbers, out: Numbers, start_ms: int, stop_ms: int, step_ms: int) -> Spark | None:
    """Return the drawing of two numbers on one scale, from zero on; None where there is nothing to draw.

    step_ms: the time between two numbers; where more is missing than half of one, the line ends.
    """
    top = max((*into.values, *out.values), default=0.0)
    if not into.values and not out.values:
        return None
    lines = [_lines(one, start_ms, stop_ms, step_ms, top) for one in (into, out)]
    return Spark(*lines)


def _lines(numbers: Numbers, start_ms: int, stop_ms: int, step_ms: int, top: float) -> list[str]:
    found: list[list[str]] = []
    last_ms: int | None = None
    for time_ms, value in zip(numbers.times_ms, numbers.values, strict=True):
        if last_ms is None or time_ms - last_ms > 1.5 * step_ms:
            found.append([])
        x = WIDTH * (time_ms - start_ms) / max(1, stop_ms - start_ms)
        share = max(0.0, value) / top if top > 0 else 0.0
        y = HEIGHT - _ROOM - (HEIGHT - 2 * _ROOM) * share
        found[-1].append(f"{x:.1f},{y:.1f}")
        last_ms = time_ms
    # One number alone is no line: it is drawn as a short stroke.
    return [" ".join(points if len(points) > 1 else [points[0], _beside(points[0])]) for points in found]


def _beside(point: str) -> str:
    x, _, y = point.partition(",")
    return f"{float(x) + 1:.1f},{y}"
