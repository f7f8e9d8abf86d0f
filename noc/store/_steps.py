"""Numbers of a series in steps: one number for each step that has any. Pure.

Stores call `aggregated` with numbers as they were stored, `from_rollup` with roll-ups; both say the same of a step as
far as a roll-up can.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Final

import numpy as np
import numpy.typing as npt

from noc.model.errors import UsageError
from noc.model.instants import length_ms
from noc.model.series import BILLED, WHOLE, Aggregate, SeriesQuery
from noc.store._rows import ceil_ms

Times = npt.NDArray[np.int64]
"""Milliseconds of the Unix epoch, strictly increasing."""

Numbers = npt.NDArray[np.float64]
_Places = npt.NDArray[np.intp]

BILLED_MS: Final = length_ms(BILLED)
SECOND_MS: Final = 1_000


@dataclass(frozen=True, slots=True)
class Steps:
    """Where steps begin. length: milliseconds; None: one step, the whole range from `start`."""

    start: int
    length: int | None

    def begins(self, times: Times) -> Times:
        """Return the beginning of the step that each time lies in."""
        if self.length is None:
            return np.full_like(times, self.start)
        return times // self.length * self.length


def steps_of(query: SeriesQuery) -> Steps | None:
    """Return the steps of a query; None for numbers as they were stored.

    Raises UsageError for a step below a millisecond, one that `p95` can't have, and where no aggregate is asked for.
    """
    if query.step is None:
        return None
    if not query.aggregates:
        raise UsageError("a query in steps needs an aggregate; add mean")
    start = ceil_ms(query.start)
    if query.step == WHOLE:
        return Steps(start, None)
    length = step_ms(query.step)
    if "p95" in query.aggregates and length % BILLED_MS:
        raise UsageError(f"p95 is of 5-minute means: a step of {query.step} is no whole number of them; try 1 h")
    return Steps(start, length)


def step_ms(step: timedelta) -> int:
    """Return a step in whole milliseconds. Raises UsageError when it is shorter than one."""
    milliseconds = length_ms(step)
    if milliseconds < 1:
        raise UsageError(f"a step of {step.total_seconds()} s is too short; a millisecond is the least")
    return milliseconds


def aggregated(times: Times, values: Numbers, steps: Steps, aggregate: Aggregate) -> tuple[Times, Numbers]:
    """Return the beginnings of the steps that have a number, and it, from numbers as they were stored."""
    if aggregate == "rate":
        return _rates(times, values, steps)
    if aggregate == "p95":
        return _percentiles(*_each(times, values, Steps(steps.start, BILLED_MS), _mean), steps)
    return _each(times, values, steps, _OF[aggregate])


@dataclass(frozen=True, slots=True)
class Rollup:
    """Roll-ups of a series, as many of each: times are where their steps begin, strictly increasing; no NaN."""

    width: timedelta
    times: Times
    columns: Mapping[Aggregate, Numbers]
    """min, max, mean, last, count."""


def from_rollup(rollup: Rollup, steps: Steps, aggregate: Aggregate) -> tuple[Times, Numbers]:
    """Return the beginnings of the steps that have a number, and it, from roll-ups.

    A rate is told from the last number of each roll-up, as if it had been read at its beginning. p95 is told from
    means of five minutes alone: from roll-ups of an hour nothing comes.
    """
    times, columns = rollup.times, rollup.columns
    if aggregate == "rate":
        return _rates(times, columns["last"], steps)
    if aggregate == "p95":
        none = times[:0], columns["mean"][:0]
        return _percentiles(times, columns["mean"], steps) if rollup.width == BILLED else none
    if aggregate == "count":
        return _each(times, columns["count"], steps, np.add.reduceat)
    if aggregate != "mean":
        return _each(times, columns[aggregate], steps, _OF[aggregate])
    counts = columns["count"]
    begins, sums = _each(times, columns["mean"] * counts, steps, np.add.reduceat)
    _, totals = _each(times, counts, steps, np.add.reduceat)
    return begins, sums / totals


def _each(
    times: Times, values: Numbers, steps: Steps, reduced: Callable[[Numbers, _Places], Numbers]
) -> tuple[Times, Numbers]:
    if not times.size:
        return times, values
    begins = steps.begins(times)
    firsts = _firsts(begins)
    return begins[firsts], reduced(values, firsts)


def _firsts(begins: Times) -> _Places:
    return np.flatnonzero(np.diff(begins, prepend=begins[0] - 1))


def _counts(values: Numbers, firsts: _Places) -> _Places:
    return np.append(firsts[1:], values.size) - firsts


def _count(values: Numbers, firsts: _Places) -> Numbers:
    return _counts(values, firsts).astype(np.float64)


def _last(values: Numbers, firsts: _Places) -> Numbers:
    return values.take(np.append(firsts[1:], values.size) - 1)


def _mean(values: Numbers, firsts: _Places) -> Numbers:
    counts = _counts(values, firsts)
    with np.errstate(over="ignore"):
        sums = np.add.reduceat(values, firsts)
        if np.isfinite(sums).all():
            return np.asarray(sums / counts, np.float64)
        # Huge numbers are divided before they are added; rounding may still take them past the largest.
        return np.nan_to_num(np.add.reduceat(values / np.repeat(counts, counts), firsts))


_OF: Final[Mapping[Aggregate, Callable[[Numbers, _Places], Numbers]]] = {
    "min": np.minimum.reduceat,
    "max": np.maximum.reduceat,
    "mean": _mean,
    "last": _last,
    "count": _count,
}


def _percentiles(times: Times, means: Numbers, steps: Steps) -> tuple[Times, Numbers]:
    if not times.size:
        return times, means
    begins = steps.begins(times)
    firsts = _firsts(begins)
    counts = _counts(means, firsts)
    in_order = means[np.lexsort((means, begins))]
    ranks = (95 * counts + 99) // 100  # rounded up: of 8640 means of a month 432 are put aside
    return begins[firsts], in_order[firsts + ranks - 1]


def _rates(times: Times, values: Numbers, steps: Steps) -> tuple[Times, Numbers]:
    with np.errstate(over="ignore"):
        grown = np.diff(values)
    good = (grown >= 0) & np.isfinite(grown)
    later, elapsed = times[1:][good], np.diff(times)[good] / SECOND_MS
    with np.errstate(over="ignore"):
        begins, growth = _each(later, grown[good], steps, np.add.reduceat)
    _, seconds = _each(later, elapsed, steps, np.add.reduceat)
    finite = np.isfinite(growth)
    return begins[finite], growth[finite] / seconds[finite]
