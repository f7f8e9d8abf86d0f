"""What may cross a link, and when."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from noc.bus.pacing import BURST_AT_LEAST, FOR_THE_NEWEST, MESSAGE_COSTS, Pace, on_the_wire

HOUR = 3_600.0
MESSAGES = st.lists(st.tuples(st.integers(0, 200_000), st.booleans()), min_size=1, max_size=40)


def test_without_a_budget_everything_goes_and_is_counted() -> None:
    pace = Pace(None, 0.0)
    pace.spend(1_000_000, 0.0)
    assert pace.wait_s(1_000_000, 0.0, backlog=True) == 0
    assert pace.spent == on_the_wire(1_000_000) > 1_000_000


def test_a_message_costs_its_headers_on_every_segment() -> None:
    assert on_the_wire(0) == MESSAGE_COSTS
    assert on_the_wire(14_000) == 14_000 + MESSAGE_COSTS + 10 * 78


@given(MESSAGES, st.integers(100_000, 100_000_000))
def test_frames_that_wait_as_told_keep_to_the_budget(said: list[tuple[int, bool]], budget: int) -> None:
    pace, now_s, spent = Pace(budget, 0.0), 0.0, 0
    for octets, backlog in said:
        now_s += pace.wait_s(octets, now_s, backlog=backlog)
        assert pace.wait_s(octets, now_s, backlog=backlog) <= 1e-3
        pace.spend(octets, now_s)
        spent += on_the_wire(octets)
    burst, largest = max(budget / 60, BURST_AT_LEAST), max(on_the_wire(octets) for octets, _ in said)
    assert spent <= budget * now_s / HOUR + burst + largest + 1


def test_backlog_leaves_the_newest_room() -> None:
    pace = Pace(3_600_000, 0.0)  # 1,000 octets a second, 60,000 at once
    while pace.wait_s(5_000, 0.0, backlog=True) == 0:
        pace.spend(5_000, 0.0)
    assert pace.wait_s(5_000, 0.0, backlog=False) == 0
    full_s = pace.wait_s(5_000, 0.0, backlog=True)
    assert 0 < full_s < 60 * FOR_THE_NEWEST


def test_what_cannot_wait_is_owed() -> None:
    pace = Pace(3_600_000, 0.0)
    pace.spend(120_000, 0.0)
    owed_s = pace.wait_s(0, 0.0, backlog=False)
    assert 60 < owed_s < 80
    pace.use(7_200_000, 0.0)
    assert pace.wait_s(0, 0.0, backlog=False) >= owed_s / 2 - 1  # twice the rate, and what is owed is still owed


def test_a_frame_larger_than_the_bucket_goes_when_it_is_full() -> None:
    pace = Pace(1_000, 0.0)
    assert pace.wait_s(10 * BURST_AT_LEAST, 0.0, backlog=False) == 0
    pace.spend(10 * BURST_AT_LEAST, 0.0)
    assert pace.wait_s(1, 0.0, backlog=False) > HOUR


def test_what_the_kernel_counted_stands_for_what_was_reckoned() -> None:
    pace = Pace(3_600_000, 0.0)
    pace.connect(0.0)
    pace.weigh(2_000, 0.0)
    assert pace.spent == 2_000
    pace.spend(10_000, 0.0)
    pace.weigh(15_000, 0.0)  # a third was sent twice
    assert pace.spent == 17_000
    assert pace.wait_s(60_000, 0.0, backlog=False) == (17_000) / 1_000
    pace.spend(1_000, 0.0)
    pace.cut()
    pace.weigh(500, 0.0)  # of the next link
    assert pace.spent == 17_000 + on_the_wire(1_000) + 500


@given(st.lists(st.tuples(st.integers(0, 50_000), st.floats(0.8, 1.3)), min_size=1, max_size=60))
def test_a_budget_holds_of_what_the_kernel_counts(said: list[tuple[int, float]]) -> None:
    """Whatever reckoning and truth differ by, the truth keeps to the budget, but for what is under way."""
    budget, now_s, true = 3_600_000, 0.0, 0
    pace = Pace(budget, 0.0)
    for octets, factor in said:
        now_s += pace.wait_s(octets, now_s, backlog=False)
        pace.spend(octets, now_s)
        crossed = round(on_the_wire(octets) * factor)
        true += crossed
        pace.weigh(crossed, now_s)
    assert pace.spent == true
    assert true <= budget * now_s / HOUR + 60_000 + 1.3 * on_the_wire(50_000) + 1
