"""Whole numbers in few octets."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from noc.bus import integers
from noc.bus.integers import IntegersError


@given(st.lists(st.integers(-(2**64), 2**64 - 1), max_size=20))
def test_numbers_come_back(numbers: list[int]) -> None:
    assert integers.unpack(integers.pack(numbers), len(numbers)) == numbers


@pytest.mark.parametrize(
    ("number", "octets"), [(0, b"\0"), (-1, b"\1"), (63, b"\x7e"), (-64, b"\x7f"), (64, b"\x80\1")]
)
def test_small_numbers_take_one_octet(number: int, octets: bytes) -> None:
    assert integers.pack([number]) == octets


@pytest.mark.parametrize(
    ("octets", "at_most", "reason"),
    [
        (b"\0\0\0", 2, "there are more than 2 numbers"),
        (b"\x80", 1, "the last number is cut off"),
        (b"\xff" * 40 + b"\1", 9, "a number is longer than 64 bits"),
    ],
)
def test_other_octets_are_refused(octets: bytes, at_most: int, reason: str) -> None:
    with pytest.raises(IntegersError, match=reason):
        integers.unpack(octets, at_most)


@given(st.binary(max_size=200))
def test_any_octets_are_numbers_or_refused(octets: bytes) -> None:
    try:
        numbers = integers.unpack(octets, 200)
    except IntegersError:
        return
    assert integers.unpack(integers.pack(numbers), 200) == numbers
