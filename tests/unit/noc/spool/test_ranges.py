"""Sets of whole numbers as ranges, held against Python's sets."""

from __future__ import annotations

from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from noc.spool.ranges import Ranges

NUMBERS = st.integers(1, 40)
STEPS = st.lists(st.tuples(st.booleans(), NUMBERS, NUMBERS), max_size=30)


@given(STEPS, NUMBERS, NUMBERS)
def test_they_are_sets(steps: list[tuple[bool, int, int]], first: int, last: int) -> None:
    ranges, numbers = Ranges(), set[int]()
    for adds, begin, end in steps:
        if adds:
            ranges.add(begin, end)
            numbers |= set(range(begin, end + 1))
        else:
            ranges.remove(begin, end)
            numbers -= set(range(begin, end + 1))
    pairs = ranges.pairs()
    assert {number for begin, end in pairs for number in range(begin, end + 1)} == numbers
    assert all(before[1] + 1 < after[0] for before, after in pairwise(pairs))
    assert ranges.count() == len(numbers)
    assert [number in ranges for number in range(42)] == [number in numbers for number in range(42)]
    wanted = set(range(first, last + 1))
    assert ranges.covers(first, last) == (wanted <= numbers)
    missing = [number for begin, end in ranges.missing(first, last) for number in range(begin, end + 1)]
    assert missing == sorted(wanted - numbers)
    assert Ranges(pairs) == ranges
