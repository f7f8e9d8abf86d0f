"""Arithmetic: as exact as on paper, and never an exception."""

from __future__ import annotations

import math
from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from noc.pipeline.arithmetic import combined, decibels, scaled, shifted

INTEGERS = st.integers(-(2**63), 2**64)
NUMBERS = st.integers() | st.floats(allow_nan=True, allow_infinity=True)


@given(INTEGERS)
def test_every_integer_times_a_tenth_is_exact_to_the_decimal(raw: int) -> None:
    value = scaled(raw, 0.1, None)
    assert value == float(Fraction(raw, 10))
    assert value is not None
    if abs(raw) < 10**15:  # as many digits as a float shows faithfully
        assert Decimal(str(value)) == Decimal(raw).scaleb(-1)


@given(st.integers(-(10**14), 10**14), st.sampled_from([-3, -2, -1, 0, 1, 3]))
def test_a_scale_in_decimals_reads_like_a_moved_point(raw: int, places: int) -> None:
    value = scaled(raw, 10.0**places, None)
    assert Decimal(str(value)) == Decimal(raw).scaleb(places)
    assert value == shifted(raw, places)


@pytest.mark.parametrize(
    ("raw", "scale", "value"),
    [(65, 0.1, 6.5), (119, -0.1, -11.9), (4294967295, 0.1, 429496729.5), (3, 0.1, 0.3), (50, 0.1, 5), (0, -0.1, 0)],
)
def test_a_tenth_leaves_no_dust(raw: int, scale: float, value: float) -> None:
    assert repr(scaled(raw, scale, None)) == repr(value)


@pytest.mark.parametrize(
    ("value", "scale", "offset", "result"),
    [(65, None, None, 65), (65, None, -32, 33), (212, 0.1, -32.0, -10.8), (1, 1024, 1, 1025), (2.50, 1, 0, 2.5)],
)
def test_scale_comes_before_offset(value: float, scale: float | None, offset: float | None, result: float) -> None:
    assert repr(scaled(value, scale, offset)) == repr(result)


@pytest.mark.parametrize(
    ("raw", "scale", "offset", "value"),
    [
        (830.4, 0.05555555556, -17.777777778, 28.355556),
        (83, 0.5555555556, -17.777777778, 28.333333),
        (32, 0.5555555556, -17.777777778, 0),
        (3_600_000, 2.7777777778e-7, None, 1),
        (1, 2.7777777778e-7, None, 2.778e-7),
        (1234, 1e-7, None, 0.0001234),
        (9_999_999, 1.0e-7, None, 0.9999999),
        (3, 1e-12, None, 3e-12),
    ],
)
def test_a_third_ends_where_its_scale_was_cut_off(raw: float, scale: float, offset: float | None, value: float) -> None:
    assert repr(scaled(raw, scale, offset)) == repr(value)


@given(INTEGERS, INTEGERS)
def test_whole_numbers_stay_exact_beyond_what_a_float_can_hold(one: int, other: int) -> None:
    assert combined("sum", [one, other]) == one + other
    assert combined("difference", [one, other]) == one - other
    product = combined("product", [one, other])
    assert product == (one * other if abs(one * other) < 10**21 else float(one * other))


@pytest.mark.parametrize(
    ("operator", "operands", "result"),
    [
        ("sum", [0.1, 0.2], 0.3),
        ("sum", [7], 7),
        ("difference", [10, 3, 2], 5),
        ("product", [2, 3, 4], 24),
        ("quotient", [29, 100], 0.29),
        ("quotient", [1, 4, 2], 0.125),
        ("quotient", [6, 3], 2),
        ("quotient", [1, 0], None),
        ("quotient", [0, 0], None),
        ("quotient", [1, 2, 0], None),
        ("product", [1e300, 1e300], None),
        ("sum", [], None),
    ],
)
def test_operators_take_any_number_of_operands(operator: str, operands: list[float], result: float | None) -> None:
    assert repr(combined(operator, operands)) == repr(result)


@given(st.sampled_from(["sum", "difference", "product", "quotient"]), st.lists(NUMBERS))
def test_no_operand_raises_and_every_result_is_finite(operator: str, operands: list[float]) -> None:
    result = combined(operator, operands)
    assert result is None or math.isfinite(result)


@given(NUMBERS, st.none() | st.floats(), st.none() | st.floats())
def test_no_scale_raises_and_every_result_is_finite(value: float, scale: float | None, offset: float | None) -> None:
    result = scaled(value, scale, offset)
    assert result is None or math.isfinite(result)


@given(NUMBERS, st.integers(-40, 40))
def test_no_shift_raises_and_every_result_is_finite(value: float, exponent: int) -> None:
    result = shifted(value, exponent)
    assert result is None or math.isfinite(result)


@pytest.mark.parametrize(("milliwatts", "dbm"), [(1, 0), (0.5, -3.01), (2, 3.01), (100, 20), (0, None), (-1, None)])
def test_milliwatts_become_decibels(milliwatts: float, dbm: float | None) -> None:
    assert decibels(milliwatts) == dbm
