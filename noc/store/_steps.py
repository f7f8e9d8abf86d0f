"""Numbers of a series in steps: one number for each step that has any."""

from __future__ import annotations

from datetime import timedelta

import numpy as np
import numpy.typing as npt

from noc.model.errors import UsageError
from noc.model.instants import length_ms
from noc.model.series import Aggregate

Times = npt.NDArray[np.int64]
"""Milliseconds of the Unix epoch, strictly increasing."""

Numbers = npt.NDArray[np.float64]


def step_ms(step: timedelta) -> int:
    """Return a step in whole milliseconds. Raises UsageError when it is shorter than one."""
    milliseconds = length_ms(step)
    if milliseconds < 1:
        raise UsageError(f"a step of {step.total_seconds()} s is too short; a millisecond is the least")
    return milliseconds


def in_steps(times: Times, values: Numbers, step: int, aggregate: Aggregate) -> tuple[Times, Numbers]:
    """Return the beginnings of the steps that have numbers, and one number for each.

    step: milliseconds; steps begin at multiples of it since the epoch.
    """
    if not times.size:
        return times, values
    begins = times // step * step
    firsts = np.flatnonzero(np.diff(begins, prepend=begins[0] - 1))
    return begins[firsts], _aggregated(values, firsts, aggregate)


def _aggregated(values: Numbers, firsts: npt.NDArray[np.intp], aggregate: Aggregate) -> Numbers:
    ends = np.append(firsts[1:], values.size)
    if aggregate == "min":
        return np.asarray(np.minimum.reduceat(values, firsts), np.float64)
    if aggregate == "max":
        return np.asarray(np.maximum.reduceat(values, firsts), np.float64)
    if aggregate == "last":
        return values.take(ends - 1)
    counts = ends - firsts
    with np.errstate(over="ignore"):
        sums = np.add.reduceat(values, firsts)
        if np.isfinite(sums).all():
            return np.asarray(sums / counts, np.float64)
        # Huge numbers are divided before they are added; rounding may still take them past the largest.
        return np.nan_to_num(np.add.reduceat(values / np.repeat(counts, counts), firsts))
