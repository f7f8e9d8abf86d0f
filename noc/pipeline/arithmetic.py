"""Arithmetic as people do it on paper: 65 × 0.1 is 6.5, not 6.500000000000001. Pure.

Numbers are worked with as the decimals that they are written as; only the result becomes a float, the nearest one.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from decimal import Context, Decimal
from functools import reduce
from typing import Final

# 50 digits hold the product of any two 64-bit numbers exactly; no trap is set: a device's number must not raise.
_EXACT: Final = Context(prec=50, traps=[])
_DIGITS_OF_PEOPLE: Final = 8
"""Of a scale: one with more digits is the beginning of a fraction that has no end."""
_DECIMALS: Final = 6
_FINER: Final = 3
_LARGEST_WHOLE: Final = 10**21  # beyond, a whole number is a float: nobody measures it to the unit


def scaled(value: float, scale: float | None, offset: float | None) -> int | float | None:
    """Return value × scale + offset; None where that is no finite number.

    A scale or offset that was cut off (5/9 as 0.5555555556) leaves digits that mean nothing: what comes of these has
    six decimals, or three more than a step of the raw number where that is finer.
    """
    factor, summand = _decimal(1 if scale is None else scale), _decimal(0 if offset is None else offset)
    result = _EXACT.add(_EXACT.multiply(_decimal(value), factor), summand)
    if _is_cut_off(factor) or _is_cut_off(summand):
        places = max(_DECIMALS, _FINER - factor.adjusted())
        rounded = _EXACT.quantize(result, Decimal(1).scaleb(-places))
        result = rounded if rounded.is_finite() else result  # it has no decimals worth the name
    return _plain(result)


def _is_cut_off(number: Decimal) -> bool:
    _, digits, exponent = number.as_tuple()
    return isinstance(exponent, int) and exponent < 0 and len(digits) > _DIGITS_OF_PEOPLE


def shifted(value: float, exponent: int) -> int | float | None:
    """Return value × 10^exponent; None where that is no finite number."""
    return _plain(_EXACT.scaleb(_decimal(value), exponent))


def decibels(ratio: float) -> float | None:
    """Return 10 × log10 of a ratio, to a hundredth; None of what isn't above 0."""
    return round(10 * math.log10(ratio), 2) if ratio > 0 else None


def combined(operator: str, operands: Sequence[float]) -> int | float | None:
    """Return the sum, difference, product or quotient; None where a divisor is 0 or there is no finite number."""
    if not operands:
        return None
    return _plain(reduce(_OPERATIONS[operator], map(_decimal, operands)))


def _divide(dividend: Decimal, divisor: Decimal) -> Decimal:
    return Decimal("NaN") if divisor.is_zero() else _EXACT.divide(dividend, divisor)


_OPERATIONS: Final[Mapping[str, Callable[[Decimal, Decimal], Decimal]]] = {
    "sum": _EXACT.add,
    "difference": _EXACT.subtract,
    "product": _EXACT.multiply,
    "quotient": _divide,
}


def _decimal(value: float) -> Decimal:
    return Decimal(value) if isinstance(value, int) else Decimal(repr(value))


def _plain(value: Decimal) -> int | float | None:
    if not value.is_finite():
        return None
    if abs(value) < _LARGEST_WHOLE and value == value.to_integral_value():
        return int(value)
    nearest = float(value)
    return nearest if math.isfinite(nearest) else None
