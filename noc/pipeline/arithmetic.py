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
_LARGEST_WHOLE: Final = 10**21  # beyond, a whole number is a float: nobody measures it to the unit


def scaled(value: float, scale: float | None, offset: float | None) -> int | float | None:
    """Return value × scale + offset; None where that is no finite number."""
    product = _decimal(value) if scale is None else _EXACT.multiply(_decimal(value), _decimal(scale))
    return _plain(product if offset is None else _EXACT.add(product, _decimal(offset)))


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
