"""Roll-ups: of each step of 5 minutes or an hour the least, greatest, mean and last number, and how many. Pure.

Steps begin at multiples of their length since the Unix epoch. What is rolled is always the whole step, from the numbers
as they were stored, so that late and repeated numbers are counted once: `Windows` tells which steps must be rolled
(again), and whoever stores roll-ups writes over what was there.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final, Literal, get_args

import numpy as np
import numpy.typing as npt

from noc.model.instants import from_ms, length_ms
from noc.model.samples import Samples
from noc.model.series import WIDTHS, Resolution, Series

STEP_MS: Final[Mapping[Resolution, int]] = MappingProxyType({one: length_ms(width) for one, width in WIDTHS.items()})
"""How long the steps of the roll-ups are."""

Kept = Literal["min", "max", "mean", "last", "count"]
KEPT: Final[tuple[Kept, ...]] = get_args(Kept)
"""What is kept of the numbers of a step; a store that has names only calls them `<field>_<kept>`."""

Times = npt.NDArray[np.int64]
Matrix = npt.NDArray[np.float64]
_Whole = npt.NDArray[np.intp]


@dataclass(frozen=True)
class Rolled:
    """begins: of the steps, milliseconds, strictly increasing. numbers: for each of KEPT columns × steps.

    A column without a number in a step has NaN there, and a count of 0.
    """

    begins: Times
    numbers: Mapping[Kept, Matrix]


def field_of(field: str, kept: Kept) -> str:
    """Return the name of a rolled field: `in_bps_mean`."""
    return f"{field}_{kept}"


def roll(times: Times, matrix: Matrix, step_ms: int) -> Rolled:
    """Return the steps that have any of these times.

    times: strictly increasing milliseconds. matrix: columns × times, NaN for a gap.
    """
    begins, firsts = _steps(times, step_ms)
    if not firsts.size:
        empty = np.empty((len(matrix), 0))
        return Rolled(begins, dict.fromkeys(KEPT, empty))
    there = ~np.isnan(matrix)
    count = np.add.reduceat(there, firsts, axis=1, dtype=np.float64)
    return Rolled(
        begins,
        {
            "min": np.fmin.reduceat(matrix, firsts, axis=1),
            "max": np.fmax.reduceat(matrix, firsts, axis=1),
            "mean": _mean(matrix, there.astype(np.float64), firsts),
            "last": _last(matrix, there, firsts),
            "count": count,
        },
    )


def coarser(rolled: Rolled, step_ms: int) -> Rolled:
    """Return the same in longer steps, a multiple of those it has: hours from 5 minutes."""
    begins, firsts = _steps(rolled.begins, step_ms)
    if not firsts.size:
        return rolled
    count = rolled.numbers["count"]
    return Rolled(
        begins,
        {
            "min": np.fmin.reduceat(rolled.numbers["min"], firsts, axis=1),
            "max": np.fmax.reduceat(rolled.numbers["max"], firsts, axis=1),
            "mean": _mean(rolled.numbers["mean"], count, firsts),
            "last": _last(rolled.numbers["last"], count > 0, firsts),
            "count": np.add.reduceat(count, firsts, axis=1),
        },
    )


def rolled_samples(found: Sequence[Series], step_ms: int) -> list[Samples]:
    """Return what a store read, rolled, as samples: a row for each step and set of tags, fields `<field>_<kept>`."""
    by_tags: dict[tuple[str, tuple[tuple[str, str], ...]], list[Series]] = {}
    for series in found:
        by_tags.setdefault((series.measurement, tuple(sorted(series.tags.items()))), []).append(series)
    samples = []
    for (measurement, tags), fields in by_tags.items():
        steps: dict[int, dict[str, float]] = {}
        for series in fields:
            rolled = roll(np.array(series.times_ms, np.int64), np.array([series.values], np.float64), step_ms)
            for kept, (column,) in rolled.numbers.items():
                name = field_of(series.field, kept)
                for begin, number in zip(rolled.begins.tolist(), column.tolist(), strict=True):
                    steps.setdefault(begin, {})[name] = number
        keys, values = tuple(key for key, _ in tags), tuple(value for _, value in tags)
        for begin, numbers in sorted(steps.items()):
            row = tuple(numbers.values())
            samples.append(Samples(measurement, from_ms(begin), keys, tuple(numbers), (values,), (row,)))
    return samples


def _steps(times: Times, step_ms: int) -> tuple[Times, _Whole]:
    begins = times // step_ms * step_ms
    firsts = np.flatnonzero(np.append(np.ones(min(1, begins.size), np.bool_), begins[1:] != begins[:-1]))
    return begins[firsts], firsts


def _mean(matrix: Matrix, weights: Matrix, firsts: _Whole) -> Matrix:
    """Return weighted means. Huge numbers are divided before they are added, so that no sum is infinite."""
    totals = np.add.reduceat(weights, firsts, axis=1)
    filled = np.where(weights > 0, matrix, 0.0)
    with np.errstate(over="ignore", invalid="ignore", divide="ignore"):
        sums = np.add.reduceat(filled * weights, firsts, axis=1)
        means = sums / totals
        if not np.isfinite(sums).all():
            lengths = np.diff(np.append(firsts, matrix.shape[1]))
            shares = weights / np.repeat(totals, lengths, axis=1)
            careful = np.nan_to_num(np.add.reduceat(filled * np.nan_to_num(shares), firsts, axis=1))
            means = np.where(np.isfinite(sums), means, careful)
    means[totals == 0] = np.nan
    return means


def _last(matrix: Matrix, there: npt.NDArray[np.bool_], firsts: _Whole) -> Matrix:
    numbers = np.where(there, np.arange(matrix.shape[1]), -1)
    latest = np.maximum.reduceat(numbers, firsts, axis=1)
    found = np.take_along_axis(matrix, np.maximum(latest, 0), axis=1)
    return np.where(latest < 0, np.nan, found)


class Windows:
    """Which stretches of time have numbers that are in no roll-up yet; those of late numbers again, device by device.

    window_ms: how long a stretch is, a multiple of the steps that are rolled. wait_ms: how long after its end it is
    rolled, so that most of what is late is in it.
    """

    def __init__(self, window_ms: int, wait_ms: int) -> None:
        self._window_ms = window_ms
        self._wait_ms = wait_ms
        self._devices: dict[int, set[str]] = {}

    def note(self, device: str, time_ms: int) -> None:
        """Learn of a number."""
        self._devices.setdefault(time_ms // self._window_ms * self._window_ms, set()).add(device)

    def due(self, now_ms: int) -> list[tuple[int, frozenset[str]]]:
        """Return what to roll now, oldest first: the beginning of the stretch, and the devices."""
        last = now_ms - self._wait_ms - self._window_ms
        return [(begin, frozenset(self._devices[begin])) for begin in sorted(self._devices) if begin <= last]

    def done(self, begin_ms: int, devices: frozenset[str]) -> None:
        """Forget a stretch that is rolled and stored, for these devices."""
        left = self._devices.get(begin_ms, set()) - devices
        if left:
            self._devices[begin_ms] = left
        else:
            self._devices.pop(begin_ms, None)

    def kept(self) -> dict[int, list[str]]:
        """Return all that is not rolled, to be kept over a restart."""
        return {begin: sorted(devices) for begin, devices in sorted(self._devices.items())}

    def restore(self, kept: Mapping[int, Sequence[str]]) -> None:
        """Take up what `kept` gave."""
        for begin, devices in kept.items():
            self._devices.setdefault(begin, set()).update(devices)
