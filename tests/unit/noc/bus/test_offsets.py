"""A poller's clock against the centre's."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from noc.bus.offsets import Exchange, Offset, Offsets

WAY = st.integers(0, 2_000_000)


def exchange(at_us: int, ahead_us: int, there_us: int, back_us: int, thinks_us: int = 100) -> Exchange:
    """Return an exchange that begins at a moment of the centre's clock."""
    answered_us = at_us + there_us + thinks_us
    return Exchange(at_us + ahead_us, at_us + there_us, answered_us, answered_us + back_us + ahead_us)


@given(st.integers(-(10**12), 10**12), st.lists(st.tuples(WAY, WAY), min_size=1, max_size=40))
def test_the_truth_is_within_the_error(ahead_us: int, ways: list[tuple[int, int]]) -> None:
    offsets = Offsets()
    for number, (there_us, back_us) in enumerate(ways):
        offset = offsets.take(exchange(number * 10_000_000, ahead_us, there_us, back_us))
        assert offset is not None
        assert abs(offset.ahead_us - ahead_us) <= offset.error_us + 1


def test_the_quickest_exchange_counts() -> None:
    offsets = Offsets()
    offsets.take(exchange(0, 5_000, 300_000, 310_000))
    assert offsets.take(exchange(10_000_000, 5_000, 2_000, 2_000)) == Offset(5_000, 2_000)
    assert offsets.take(exchange(20_000_000, 5_000, 900_000, 100_000)) == Offset(5_000, 2_000)


def test_a_clock_that_was_set_is_believed_anew() -> None:
    offsets = Offsets()
    offsets.take(exchange(0, 0, 1_000, 1_000))
    assert offsets.take(exchange(10_000_000, 3_600_000_000, 50_000, 50_000)) == Offset(3_600_000_000, 50_000)


def test_a_clock_that_is_set_during_an_exchange_tells_nothing() -> None:
    offsets = Offsets()
    offsets.take(exchange(0, 0, 1_000, 1_000))
    assert offsets.take(Exchange(10_000_000, 10_001_000, 10_002_000, 9_000_000)) is None
    assert offsets.now is None
