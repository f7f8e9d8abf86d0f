"""How a period will end: what is known of it, and the rest as the days before it were (docs/objectives.md). Pure."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Final

from noc.availability.figures import Durations, Exact
from noc.availability.policy import Period
from noc.availability.spans import Span, Spans, intersect, subtract
from noc.availability.timeline import Interval, State

LEAST_DAYS: Final = 14
"""Of history, with agreed time; of fewer nothing is foretold."""

STRETCHES: Final = 4
"""So many stretches, one behind the other, go into the history. They are shorter than what is to come where that is
long, and so differ more: the range is rather too wide. On made-up months it held the end in nine of ten
(tests/unit/noc/availability/test_forecast.py)."""


@dataclass(frozen=True, slots=True)
class Forecast:
    """How a period will end, in percent.

    expected: the availability; None where too little is known. low: what the floor will hardly be below. high: what the
    ceiling will hardly be above. days: of history that it rests on; 0: none, so that low and high are what is possible
    at all, and both are certain where nothing is to come.
    """

    expected_pct: Fraction | None
    low_pct: Fraction | None
    high_pct: Fraction | None
    days: int


def forecast(so_far: Durations, to_come: Exact, days: Sequence[Durations], days_to_come: int) -> Forecast:
    """Return how a period will end.

    so_far: up to now. to_come: agreed time from now to its end, in milliseconds; days_to_come: in how many days. days:
    history, the oldest first; days without agreed time are passed over.
    """
    if not to_come:
        return Forecast(so_far.availability_pct, so_far.floor_pct, so_far.ceiling_pct, 0)
    seen = [day for day in days if day.agreed]
    if len(seen) < LEAST_DAYS:
        open_end = plus(so_far, Durations(unknown=to_come))
        return Forecast(None, open_end.floor_pct, open_end.ceiling_pct, 0)
    stretches = _stretches(seen, max(1, min(days_to_come, len(seen) // STRETCHES)))
    worst = max(stretches, key=lambda one: float(Fraction(one.failed + one.unknown) / one.agreed))
    best = min(stretches, key=lambda one: float(Fraction(one.failed) / one.agreed))
    middle = plus(so_far, scaled(total(seen), to_come))
    low, high = plus(so_far, scaled(worst, to_come)), plus(so_far, scaled(best, to_come))
    return Forecast(
        expected_pct=middle.availability_pct,
        low_pct=_of(min, low.floor_pct, middle.floor_pct),
        high_pct=_of(max, high.ceiling_pct, middle.ceiling_pct),
        days=len(seen),
    )


def by_day(states: Iterable[Interval], service: Spans, planned: Spans, days: Sequence[Period]) -> list[Durations]:
    """Return how long an entity was in each state on each day.

    states: inside the days, in order. service, planned: as for `noc.availability.figures`. days: one behind the other.
    """
    counted, found = subtract(service, planned), dict[State, list[int]]()
    apart: dict[State, list[Span]] = {state: [] for state in State}
    for start, end, state in states:
        apart[state].append(Span(start, end))
    for state, spans in apart.items():
        found[state] = _spread(intersect(spans, counted), days)
    off = _spread(intersect(service, planned), days)
    columns = (*(found[state] for state in (State.UP, State.DOWN, State.UNREACHABLE, State.UNKNOWN)), off)
    return [Durations(*row) for row in zip(*columns, strict=True)]


def plus(first: Durations, second: Durations) -> Durations:
    """Return both together."""
    return Durations(
        first.up + second.up,
        first.down + second.down,
        first.unreachable + second.unreachable,
        first.unknown + second.unknown,
        first.planned + second.planned,
    )


def total(parts: Iterable[Durations]) -> Durations:
    """Return all together."""
    found = Durations()
    for part in parts:
        found = plus(found, part)
    return found


def times(part: Durations, weight: Exact) -> Durations:
    """Return durations so many times."""
    if weight == 1:
        return part
    return Durations(
        part.up * weight, part.down * weight, part.unreachable * weight, part.unknown * weight, part.planned * weight
    )


def scaled(like: Durations, agreed: Exact) -> Durations:
    """Return so much agreed time, in milliseconds, divided among the states as in `like`, which has some."""
    share = Fraction(agreed) / like.agreed
    return Durations(like.up * share, like.down * share, like.unreachable * share, like.unknown * share)


def _stretches(days: Sequence[Durations], length: int) -> list[Durations]:
    """Return each run of so many days as one."""
    sums = [Durations()]
    for day in days:
        sums.append(plus(sums[-1], day))
    return [_less(sums[index + length], sums[index]) for index in range(len(days) - length + 1)]


def _less(whole: Durations, part: Durations) -> Durations:
    return Durations(
        whole.up - part.up, whole.down - part.down, whole.unreachable - part.unreachable, whole.unknown - part.unknown
    )


def _of(
    pick: Callable[[Fraction, Fraction], Fraction], one: Fraction | None, other: Fraction | None
) -> Fraction | None:
    return pick(one, other) if one is not None and other is not None else None


def _spread(spans: Spans, days: Sequence[Period]) -> list[int]:
    """Return how much of some spans lies in each day."""
    found = [0] * len(days)
    index = 0
    for start, end in spans:
        while index < len(days) and days[index].end <= start:
            index += 1
        at = index
        while at < len(days) and days[at].start < end:
            found[at] += min(end, days[at].end) - max(start, days[at].start)
            at += 1
    return found


def days_between(start: int, end: int) -> int:
    """Return how many days there are between two moments in milliseconds, a begun one counted whole."""
    return math.ceil((end - start) / 86_400_000)
