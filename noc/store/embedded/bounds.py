"""Numbers of steps of five minutes as bounds: mean, greatest and least in a few bytes, never on the wrong side. Pure.

A mean is rounded down to 19 bits of a float, 10 of them its fraction: `floor`, and `above`, the next such number. How
far the greatest stands above that, and the least below, is rounded up to 9 bits. Numbers that are all the same, and
have no more bits than that, are told exactly; others within a thousandth of what they are, or half of how far they
lie apart.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt

Matrix = npt.NDArray[np.float64]
Counts = npt.NDArray[np.int32]
Codes = npt.NDArray[np.int32]
Spreads = npt.NDArray[np.uint16]

_MEAN_BITS: Final = 13
"""Bits of a float that a mean goes without."""

_SPREAD_BITS: Final = 22
_UNBOUNDED: Final = 0x7F800000 >> _SPREAD_BITS
"""Spread: infinite."""

_LARGEST: Final = 0x7FFFFFFF
_SIGN: Final = np.int32(-0x80000000)
_INFINITE: Final = 0x7F800000 >> _MEAN_BITS
ROUNDING: Final = 4.5e-16
"""Of the greatest of some numbers, for each of them: more than two ways to add them can be apart."""

SLACK: Final = 8


@dataclass(frozen=True, slots=True)
class Cells:
    """Steps × series. count: numbers of a step. codes: of means; ups, downs: of spreads. All 0 where there are none.

    ups: 0 for numbers that are all the same, and are `floor`; 1 where none is above `above`; else how far the greatest
    is above it. downs: how far the least is below `floor`.
    """

    count: Counts
    codes: Codes
    ups: Spreads
    downs: Spreads

    def of(self, first: int, after: int) -> Cells:
        """Return the cells of some steps."""
        chosen = slice(first, after)
        return Cells(self.count[chosen], self.codes[chosen], self.ups[chosen], self.downs[chosen])


@dataclass(frozen=True, slots=True)
class Bounds:
    """Steps × series: of mean, greatest and least what they are at least (lo) and at most (hi); NaN for no number."""

    mean_lo: Matrix
    mean_hi: Matrix
    max_lo: Matrix
    max_hi: Matrix
    min_lo: Matrix
    min_hi: Matrix


def cells_of(count: Counts, total: Matrix, greatest: Matrix, least: Matrix) -> Cells:
    """Return the cells of what is known of steps. total: the sums. Where count is 0 the others don't matter."""
    there = count > 0
    with np.errstate(over="ignore", invalid="ignore"):
        means = np.where(there, total / np.maximum(count, 1), 0.0)
        known = np.isfinite(means)
        if not known.all():
            means = np.where(known, means, 0.0)
        codes = _floored(means)
        floor, above = _valued(codes), _valued(codes + 1)
        over = greatest - above
        ups = np.where(over > 0, _spread(over) + np.uint16(1), np.uint16(1))
        ups[greatest == floor] = 0
        downs = _spread(floor - least)
    ups[~known], downs[~known] = _UNBOUNDED + 1, _UNBOUNDED
    ups[~there] = downs[~there] = 0
    return Cells(count, codes, ups, downs)


def bounds_of(cells: Cells) -> Bounds:
    """Return what cells tell."""
    floor, above = _valued(cells.codes), _valued(cells.codes + 1)
    same = cells.ups == 0
    up, down = np.maximum(cells.ups, 1).astype(np.int32) - 1, cells.downs.astype(np.int32)
    with np.errstate(invalid="ignore", over="ignore"):
        floor[cells.downs == _UNBOUNDED] = -np.inf
        above[up == _UNBOUNDED] = np.inf
        max_hi, min_lo = above + _width(up), floor - _width(down)
        max_lo = np.where((up > 0) & (up < _UNBOUNDED), above + _width(up - 1), floor)
        min_hi = np.where((down > 0) & (down < _UNBOUNDED), floor - _width(down - 1), above)
        apart = np.fmax(np.abs(max_hi), np.abs(min_lo)) * (ROUNDING * (cells.count + SLACK))
        apart[same] = 0.0
        for exact in (above, max_hi, min_hi):
            np.copyto(exact, floor, where=same)
        found = [floor - apart, above + apart, max_lo - apart, max_hi + apart, min_lo - apart, min_hi + apart]
    none = cells.count == 0
    for lower, upper in zip(found[::2], found[1::2], strict=True):
        lower[np.isnan(lower)], upper[np.isnan(upper)] = -np.inf, np.inf  # a bound that is infinite, less another
        lower[none] = upper[none] = np.nan
    return Bounds(*found)


def _floored(numbers: Matrix) -> Codes:
    """Return the greatest code whose number isn't above each; codes are in the order of their numbers."""
    with np.errstate(over="ignore"):
        near = numbers.astype(np.float32)
    bits = near.view(np.int32)
    ordered = np.where(bits < 0, -(bits & _LARGEST), bits) - (near > numbers)
    return np.asarray(ordered >> _MEAN_BITS, np.int32)


def _valued(codes: Codes) -> Matrix:
    """Return the number of each code; what lies beyond all floats is infinite."""
    ordered = np.clip(codes, -_INFINITE, _INFINITE) << _MEAN_BITS
    bits = np.where(ordered < 0, -ordered | _SIGN, ordered)
    return np.asarray(bits.view(np.float32), np.float64)


def _spread(widths: Matrix) -> Spreads:
    """Return the least code whose width is not below each; 0 for none."""
    widths = np.where(np.isnan(widths), np.inf, np.maximum(widths, 0.0))
    near = widths.astype(np.float32)
    bits = near.view(np.int32).astype(np.int64) + (near < widths)
    return np.asarray((bits + ((1 << _SPREAD_BITS) - 1)) >> _SPREAD_BITS, np.uint16)


def _width(codes: npt.NDArray[np.int32]) -> Matrix:
    return np.asarray((np.minimum(codes, _UNBOUNDED) << _SPREAD_BITS).view(np.float32).astype(np.float64), np.float64)
